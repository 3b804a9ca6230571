"""Mail servers that refuse, hang, hang up and put off: how each letter ends and after how many
tries, and that good letters behind a bad one go out.

`./escale test tests/faults/test_mail_servers.py -s` shows the counts.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tasks import outbox as sending
from tests.factories import utc
from tests.faults import letters
from tests.mail.servers import Keeper, behaved, certificate
from tests.mail.sinks import Moment, Rule, Sink
from webapp import clock
from webapp.db import db
from webapp.mail import lanes, smtp
from webapp.models.mail import Bounce, Mail, MailAttempt, MailLane, MailState, Outcome

pytestmark = pytest.mark.faults

NOON = utc(2027, 9, 1, 12, 0)
DAY = timedelta(days=1)
WAITING, SENT, FAILED = MailState.WAITING, MailState.SENT, MailState.FAILED
ACCEPTED, LATER, REFUSED = Outcome.ACCEPTED, Outcome.LATER, Outcome.REFUSED
GOOD = (SENT, [ACCEPTED])


@pytest.fixture(autouse=True)
def small(app, monkeypatch, hold_clock):
    """A clock that a test moves, and servers that are given up soon."""
    hold_clock(NOON)
    monkeypatch.setattr(smtp, "TIMEOUT", 0.2)


@pytest.fixture
def go_by(app, monkeypatch, hold_clock):
    """`go_by(url, DAY)` sends by that server for so long, and does nothing while nothing is due."""

    def until(url: str, long: timedelta = DAY) -> None:
        monkeypatch.setitem(app.config, "MAIL_URL", url)
        end = clock.now() + long
        while clock.now() < end:
            sending.rescue()
            sending.send()
            hold_clock(min(_next(), end))

    return until


def _next() -> datetime:
    """When something is due next: a letter, or a try whether the server is back."""
    now = clock.now()
    db.session.commit()
    due = db.session.scalars(select(Mail.due_at).where(Mail.state == WAITING))
    closed = db.session.scalars(select(MailLane.closed_until).where(MailLane.name == lanes.SERVER))
    after = max((at for at in closed if at), default=now)
    return max(min(due, default=now + DAY), after, now + timedelta(seconds=1))


def ends() -> dict[str, tuple[MailState, list[Outcome]]]:
    """How each letter ended and what its tries were, by who reads it: "p1" to "p6"."""
    db.session.commit()
    found = {}
    for mail in db.session.scalars(select(Mail).order_by(Mail.id)):
        tries = db.session.scalars(
            select(MailAttempt.outcome)
            .where(MailAttempt.mail_id == mail.id)
            .order_by(MailAttempt.id)
        ).all()
        assert mail.attempts == len(tries), mail.to_email
        found[mail.to_email.partition("@")[0]] = (mail.state, list(tries))
    return found


def told(what: str, sink: Sink | None = None) -> None:
    """Print how it ended."""
    counts = Counter(f"{state} after {len(tries)}" for state, tries in ends().values())
    said = ", ".join(f"{number} {how}" for how, number in sorted(counts.items()))
    taken = f"; taken {len(sink.taken)}" if sink else ""
    print(f"{what}: {said}{taken}")


@contextmanager
def listening(rule: Rule | None) -> Iterator[tuple[str, Sink]]:
    sink = Sink(rule)
    with sink.listening() as url:
        yield url, sink


def is_of(moment: Moment, who: str) -> bool:
    return moment.recipient.startswith(f"{who}@")


AWAY: dict[str, Rule] = {
    "it hangs before it greets": lambda moment: "hang" if moment.word == "HELLO" else None,
    "421 when one connects": lambda moment: "421 too busy" if moment.word == "HELLO" else None,
    "554 when one connects": lambda moment: "554 go away" if moment.word == "HELLO" else None,
    "it hangs up when one connects": lambda moment: "close" if moment.word == "HELLO" else None,
}


@pytest.mark.parametrize("what", AWAY)
def test_without_a_server_no_try_is_counted_and_all_go_out_when_it_is_back(go_by, what):
    letters.put(6)
    with listening(AWAY[what]) as (url, sink):
        go_by(url, timedelta(minutes=30))
        told(f"{what}, half an hour", sink)
        assert set(map(str, ends().values())) == {str((WAITING, []))}
        sink.obey(None)
        go_by(url, timedelta(minutes=15))
        told("when it is back", sink)

    assert list(ends().values()) == [GOOD] * 6
    assert sorted(sink.message_ids.values()) == [1] * 6


def test_a_server_that_refuses_connections_is_asked_again_and_again(go_by):
    letters.put(6)
    go_by("smtp://127.0.0.1:1", timedelta(hours=2))
    told("connection refused, two hours")
    assert list(ends().values()) == [(WAITING, [])] * 6

    with listening(None) as (url, sink):
        go_by(url, timedelta(minutes=15))
        told("when it is back", sink)

    assert list(ends().values()) == [GOOD] * 6


BROKEN: dict[str, Rule] = {
    "it hangs after the message": lambda moment: "hang" if moment.word == "." else None,
    "it hangs up after the message": lambda moment: "close" if moment.word == "." else None,
    "it hangs at the recipient": lambda moment: "hang" if moment.word == "RCPT" else None,
    "421 at the message": lambda moment: "421 closing" if moment.word == "." else None,
    "450 for ever": lambda moment: "450 busy" if moment.word == "RCPT" else None,
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_letter_that_breaks_the_connection_fails_after_six_tries_and_stops_no_other(go_by, what):
    letters.put(6)
    broken = BROKEN[what]
    with listening(lambda moment: broken(moment) if is_of(moment, "p1") else None) as (url, sink):
        go_by(url, timedelta(seconds=30))
        first = ends()
        go_by(url, DAY)
        told(f"{what} of one reader", sink)

    assert first == {"p1": (WAITING, [LATER])} | {f"p{n}": GOOD for n in range(2, 7)}
    assert ends() == first | {"p1": (FAILED, [LATER] * 6)}
    assert sorted(sink.message_ids.values()) == [1] * 5


def test_a_server_that_closes_in_the_middle_costs_one_letter_one_try(go_by):
    letters.put(6)

    def rule(moment: Moment) -> str | None:
        return "421 restarting" if (moment.word, moment.number) == ("RCPT", 3) else None

    with listening(rule) as (url, sink):
        go_by(url, timedelta(minutes=5))
        told("421 in the middle", sink)

    assert ends() == {f"p{n}": GOOD for n in range(1, 7)} | {"p3": (SENT, [LATER, ACCEPTED])}
    assert sorted(sink.message_ids.values()) == [1] * 6


def test_greylisting_costs_each_reader_one_try(go_by):
    letters.put(6)
    known: set[str] = set()

    def rule(moment: Moment) -> str | None:
        if moment.word != "RCPT" or moment.recipient in known:
            return None
        known.add(moment.recipient)
        return "450 4.2.0 greylisted, come back later"

    with listening(rule) as (url, sink):
        go_by(url, timedelta(minutes=5))
        told("greylisting", sink)

    assert list(ends().values()) == [(SENT, [LATER, ACCEPTED])] * 6
    assert sorted(sink.message_ids.values()) == [1] * 6


def test_readers_whom_nobody_knows_fail_at_once_and_their_addresses_are_marked(go_by):
    letters.put(6)

    def rule(moment: Moment) -> str | None:
        bad = moment.word == "RCPT" and (is_of(moment, "p1") or is_of(moment, "p4"))
        return "550 5.1.1 no such mailbox" if bad else None

    with listening(rule) as (url, sink):
        go_by(url, DAY)
        told("550 for two readers", sink)

    bad = {"p1": (FAILED, [REFUSED]), "p4": (FAILED, [REFUSED])}
    assert ends() == {f"p{n}": GOOD for n in range(1, 7)} | bad
    marked = db.session.scalars(select(Bounce.email).order_by(Bounce.email)).all()
    assert marked == ["p1@d1.example", "p4@d4.example"]


def test_a_message_that_is_refused_fails_at_once_and_its_address_is_not_to_blame(go_by):
    letters.put(6)

    def rule(moment: Moment) -> str | None:
        bad = moment.word == "." and is_of(moment, "p1")
        return "554 5.6.0 it looks like spam" if bad else None

    with listening(rule) as (url, sink):
        go_by(url, DAY)
        told("554 for one message", sink)

    assert ends() == {f"p{n}": GOOD for n in range(1, 7)} | {"p1": (FAILED, [REFUSED])}
    assert db.session.scalars(select(Bounce.email)).all() == []


def test_where_tls_is_refused_nothing_is_said_in_the_clear_and_nothing_is_lost(go_by):
    letters.put(6)
    answers = {"EHLO": "250-mail.example.org\r\n250 STARTTLS", "STARTTLS": "454 not now"}
    with listening(lambda moment: answers.get(moment.word)) as (url, sink):
        go_by(f"{url}?starttls=1", timedelta(minutes=30))
        told("STARTTLS refused, half an hour", sink)
        assert {line.split(" ")[0].upper() for line in sink.heard} <= {"EHLO", "STARTTLS", "QUIT"}
        assert list(ends().values()) == [(WAITING, [])] * 6
        go_by(url, timedelta(minutes=15))
        told("when it is mended", sink)

    assert list(ends().values()) == [GOOD] * 6


def test_a_certificate_that_nobody_knows_gets_nothing_and_nothing_is_lost(
    go_by, tmp_path, monkeypatch
):
    letters.put(6)
    context, trusted = certificate(tmp_path)
    keeper = Keeper()
    with behaved(keeper, tls_context=context, require_starttls=True) as port:
        go_by(f"smtp://localhost:{port}?starttls=1", timedelta(minutes=30))
        told("certificate unknown, half an hour")
        assert (list(ends().values()), keeper.mails) == ([(WAITING, [])] * 6, [])
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        go_by(f"smtp://localhost:{port}?starttls=1", timedelta(minutes=15))
        told("when it is mended")

    assert list(ends().values()) == [GOOD] * 6
    assert len(keeper.mails) == 6

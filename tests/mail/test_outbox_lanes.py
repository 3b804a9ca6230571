"""The ways of letters: a server that is away is left alone for a while, and all keep the rates."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import make_registration, make_trip, utc
from tests.mail import posting
from tests.together import at_once
from webapp.db import db, transaction
from webapp.domain import correspondence
from webapp.mail import lanes, outbox
from webapp.models.mail import Mail, MailLane

NOON = utc(2027, 9, 1, 12, 0)
SECOND = timedelta(seconds=1)


def put(*addresses: str) -> list[int]:
    """A written letter to each of these addresses; their ids."""
    trip = make_trip()
    mails = [
        posting.put("registration_received", make_registration(trip, 1, coordinator_email=address))
        for address in addresses
    ]
    correspondence.write_due(len(mails))
    return [mail.id for mail in mails]


def some(count: int, domain: str = "example.com") -> list[int]:
    return put(*(f"reader{number}@{domain}" for number in range(count)))


def claim(limit: int = 10) -> list[int]:
    with transaction():
        return [claimed.id for claimed in outbox.claim("worker", limit)]


def fail(*, is_away: bool, is_probe: bool = False) -> bool:
    with transaction():
        return lanes.fail("nobody\r\nthere", is_away=is_away, is_probe=is_probe)


def succeed() -> None:
    with transaction():
        lanes.succeed()


@pytest.fixture
def rates(app, monkeypatch):
    """`rates(server, domain=...)` limits how many letters go in a minute."""

    def limit(server=None, **domains):
        monkeypatch.setitem(app.config, "MAIL_RATE", server)
        named = {name.replace("_", "."): rate for name, rate in domains.items()}
        monkeypatch.setitem(app.config, "MAIL_DOMAIN_RATE", named)

    return limit


def test_a_server_that_is_away_is_left_alone_for_15_seconds_then_one_letter_probes(
    session, hold_clock
):
    hold_clock(NOON)
    ids = some(3)

    assert fail(is_away=True)
    assert claim() == []
    hold_clock(NOON + 14 * SECOND)
    assert claim() == []
    hold_clock(NOON + 15 * SECOND)
    with transaction():
        [probe] = outbox.claim("worker", 10)
    assert (probe.id, probe.is_probe) == (ids[0], True)
    assert claim() == []  # the others stay away while it is under way

    succeed()
    assert claim() == ids[1:]
    [lane] = outbox.lanes()
    assert (lane.name, lane.failures, lane.closed_until, lane.words) == ("server", 0, None, None)


def test_each_probe_that_fails_doubles_the_time_up_to_ten_minutes(session, hold_clock):
    hold_clock(NOON)
    at, pauses = NOON, []
    fail(is_away=True)
    for _probe in range(8):
        lane = session.get_one(MailLane, "server")
        pauses.append((lane.closed_until - at) / SECOND)
        at = lane.closed_until
        hold_clock(at)
        fail(is_away=True, is_probe=True)

    assert pauses == [15, 30, 60, 120, 240, 480, 600, 600]
    assert session.get_one(MailLane, "server").words == "nobody there"


def test_what_another_process_found_out_already_does_not_double_the_time(session, hold_clock):
    hold_clock(NOON)

    assert fail(is_away=True)
    assert fail(is_away=True)

    assert session.get_one(MailLane, "server").closed_until == NOON + 15 * SECOND


def test_three_letters_in_a_row_that_break_the_connection_close_the_way(session, hold_clock):
    hold_clock(NOON)
    ids = some(1)

    assert [fail(is_away=False) for _letter in range(2)] == [False, False]
    succeed()
    assert [fail(is_away=False) for _letter in range(2)] == [False, False]
    assert claim(0) == []
    assert fail(is_away=False)

    assert claim() == []
    hold_clock(NOON + 15 * SECOND)
    assert claim() == ids


def test_a_probe_that_dies_is_made_up_for_by_another(session, hold_clock):
    hold_clock(NOON)
    ids = some(2)
    fail(is_away=True)
    hold_clock(NOON + 15 * SECOND)
    assert claim() == ids[:1]

    hold_clock(NOON + 15 * SECOND + lanes.PROBING)

    assert claim() == ids[1:]


def test_without_a_letter_to_try_nobody_probes(session, hold_clock):
    hold_clock(NOON)
    fail(is_away=True)
    hold_clock(NOON + 15 * SECOND)

    assert claim() == []

    ids = some(1)
    assert claim() == ids


def test_of_processes_at_once_one_probes(committed):
    with transaction():
        some(4)
        lanes.fail("away", is_away=True)
        db.session.get_one(MailLane, "server").closed_until -= 20 * SECOND
    db.session.remove()

    claims = at_once(committed, *[claim] * 4)

    assert sorted(map(len, claims)) == [0, 0, 0, 1]


def test_a_clock_that_was_set_back_closes_no_way(session, hold_clock):
    hold_clock(NOON + timedelta(days=2))
    fail(is_away=True)
    hold_clock(NOON)
    ids = some(1)

    assert claim() == ids


def test_a_rate_of_the_server_lets_so_many_go_in_a_minute(session, hold_clock, rates):
    rates(120)  # one each half second, so two at once
    hold_clock(NOON)
    ids = some(45)
    went, times = [], []

    for half in range(41):
        hold_clock(NOON + half * SECOND / 2)
        claimed = claim(100)
        went += claimed
        times += [half / 2] * len(claimed)

    assert went == ids[: len(went)]  # in their order
    assert times[:4] == [0, 0, 0.5, 1]
    for start in (0, 3, 9.5):
        assert sum(start <= each < start + 10 for each in times) in (20, 21)


def test_a_server_s_rate_is_not_saved_up(session, hold_clock, rates):
    rates(60)
    hold_clock(NOON)
    some(5)
    claim()
    hold_clock(NOON + timedelta(hours=1))

    assert len(claim()) == 1


def test_a_domain_that_had_its_share_holds_up_no_other(session, hold_clock, rates):
    rates(None, orange_fr=60)
    hold_clock(NOON)
    orange = some(20, "ORANGE.fr")
    other = some(12)

    assert claim(10) == orange[:1]
    assert claim(20) == other
    hold_clock(NOON + SECOND)
    assert claim(10) == orange[1:2]
    assert claim(10) == []


def test_every_other_domain_has_the_share_of_the_star(session, hold_clock, rates):
    rates(None, **{"orange_fr": 120, "*": 60})
    hold_clock(NOON)
    first, _second = put("a@one.example", "b@one.example")
    [third] = put("c@two.example")
    orange = put("d@orange.fr", "e@orange.fr", "f@orange.fr")

    assert claim(10) == [first, third, *orange[:2]]


def test_a_domain_s_rate_of_before_the_clock_was_set_back_holds_up_nobody(
    session, hold_clock, rates
):
    rates(60, **{"*": 60})
    hold_clock(NOON + timedelta(days=1))
    some(1)
    claim()
    hold_clock(NOON)
    ids = some(1)

    assert claim() == ids


def test_processes_at_once_share_a_rate(committed, monkeypatch):
    monkeypatch.setitem(committed.config, "MAIL_RATE", 60)
    monkeypatch.setitem(committed.config, "MAIL_DOMAIN_RATE", {"*": 60})
    with transaction():
        some(8)
    db.session.remove()

    claims = at_once(committed, *[claim] * 4)

    assert sum(map(len, claims)) == 1


@pytest.mark.parametrize("settings", [(None, {}), (6000, {"*": 6000})])
def test_claiming_takes_as_many_statements_for_40_letters_as_for_4(
    session, app, monkeypatch, statements, settings
):
    monkeypatch.setitem(app.config, "MAIL_RATE", settings[0])
    monkeypatch.setitem(app.config, "MAIL_DOMAIN_RATE", settings[1])
    some(50)
    claim(2)  # the rows of the ways are there
    counts = []
    for size in (4, 40):
        with statements() as sent:
            assert len(claim(size)) == size
        counts.append(len(sent))

    assert counts[0] == counts[1]
    waiting = select(Mail.id).where(Mail.claimed_at.is_(None))
    assert len(session.scalars(waiting).all()) == 4

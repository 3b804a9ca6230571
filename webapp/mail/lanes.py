"""The ways that letters take: whether there is a server at their end, and how fast they may go.

One row a way (models.mail.MailLane), shared by all processes: "server" is the way to the mail
server, which is closed for a while when nobody answers there; a domain of readers has a row while
its letters are rationed. Instants in a row that lie further ahead than any rule could put them are
of a clock that was set back since, and count for nothing.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp import clock
from webapp.db import db
from webapp.mail.message import one_line
from webapp.models.mail import Mail, MailLane

SERVER = "server"
STRIKES = 3  # letters in a row at which the connection broke
PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=10)
PROBING = timedelta(minutes=2)  # longer than one letter takes: then another process probes
AT_ONCE = timedelta(seconds=1)  # what a rate allows in this time may go in one go
MINUTE = timedelta(minutes=1)
LONGEST_WAIT = 2 * MINUTE  # no rate is below one a minute, so no turn is further ahead
LONGEST_NAME = 200  # of a row; what a domain has more does not tell it from others
LONGEST_WORDS = 500


@dataclass(frozen=True, slots=True)
class Gate:
    """How many letters may be tried now (0 while the way is closed), whether they are a probe of a
    way that was closed, and how many failures in a row there were."""

    letters: int
    is_probe: bool = False
    failures: int = 0


def listing() -> Sequence[MailLane]:
    """All ways there is something to tell of, the server's first."""
    return db.session.scalars(
        select(MailLane).order_by(MailLane.name != SERVER, MailLane.name)
    ).all()


def gate(wanted: int) -> Gate:
    """Whether there is a server to send to, as far as the processes know together.

    While the way is closed nobody sends. When that time is over one process may try one letter:
    it holds the row until its transaction ends, and `probe` keeps the others away until it has
    said how it went.
    """
    at = clock.now()
    lane = db.session.get(MailLane, SERVER, populate_existing=True)
    if lane is None or lane.closed_until is None:
        return Gate(wanted, failures=lane.failures if lane else 0)
    if _is_closed(lane, at):
        return Gate(0, failures=lane.failures)
    lane = db.session.get(
        MailLane, SERVER, populate_existing=True, with_for_update={"skip_locked": True}
    )
    if lane is None or _is_closed(lane, at):  # somebody else was faster
        return Gate(0)
    if lane.closed_until is None:
        return Gate(wanted)
    return Gate(min(wanted, 1), is_probe=True, failures=lane.failures)


def _is_closed(lane: MailLane, at: datetime) -> bool:
    return lane.closed_until is not None and at < lane.closed_until <= at + LONGEST_PAUSE


def probe() -> None:
    """Keep the others away while this process tries its one letter."""
    at = clock.now()
    db.session.execute(
        update(MailLane)
        .where(MailLane.name == SERVER)
        .values(closed_until=at + PROBING, changed_at=at)
    )


def fail(words: str, *, is_away: bool, is_probe: bool = False) -> bool:
    """Note that the server was not there (`is_away`), or that the connection broke at a letter;
    whether the way is closed now. Each probe that fails doubles the time."""
    at = clock.now()
    _see_that_there_is([SERVER], at)
    lane = db.session.get_one(MailLane, SERVER, populate_existing=True, with_for_update=True)
    if _is_closed(lane, at) and not is_probe:  # by another process, for the same failure
        return True
    lane.failures = max(lane.failures, STRIKES - 1) + 1 if is_away else lane.failures + 1
    lane.words, lane.changed_at = one_line(words)[:LONGEST_WORDS], at
    if lane.failures >= STRIKES:
        doublings = min(lane.failures - STRIKES, 10)
        lane.closed_until = at + min(PAUSE * 2**doublings, LONGEST_PAUSE)
    db.session.flush()
    return lane.closed_until is not None


def succeed() -> None:
    """Note that a letter went through: the way is open to all."""
    db.session.execute(
        update(MailLane)
        .where(
            MailLane.name == SERVER,
            or_(MailLane.failures > 0, MailLane.closed_until.is_not(None)),
        )
        .values(failures=0, closed_until=None, words=None, changed_at=clock.now())
    )


# Rates: `free_at` of a row is when the next letter may go. Whoever takes letters moves it ahead by
# a gap for each, holding the row, so the processes share one rate.


def is_rationed() -> bool:
    """Whether letters may have to wait for their turn."""
    return bool(current_app.config["MAIL_RATE"] or current_app.config["MAIL_DOMAIN_RATE"])


def server_turns(wanted: int) -> int:
    """How many letters may go through the server now; holds its row if there is a rate."""
    rate = current_app.config["MAIL_RATE"]
    if not rate:
        return wanted
    [turns] = _turns({SERVER: rate}).values()
    return min(wanted, turns)


def take_server_turns(number: int) -> None:
    """So many letters go through the server now."""
    rate = current_app.config["MAIL_RATE"]
    if rate and number:
        _take({SERVER: rate}, Counter({SERVER: number}))


def domain_of(email: str) -> str:
    """The name of the row for a reader's domain."""
    return email.lower().rpartition("@")[2][:LONGEST_NAME]


def has_turn() -> ColumnElement[bool]:
    """Of which letters the domain is not known to be exhausted now."""
    if not current_app.config["MAIL_DOMAIN_RATE"]:
        return Mail.id.is_not(None)
    at = clock.now()
    domain = func.left(func.split_part(func.lower(Mail.to_email), "@", -1), LONGEST_NAME)
    spent = and_(MailLane.free_at > at, MailLane.free_at <= at + LONGEST_WAIT)
    return ~exists().where(MailLane.name == domain, MailLane.name != SERVER, spent)


def take_domain_turns(emails: Sequence[str]) -> list[bool]:
    """Which of the letters to these addresses may go now, in their order; those take a turn."""
    domains = [domain_of(email) for email in emails]
    rates = _domain_rates(set(domains))
    if not rates:
        return [True] * len(emails)
    turns = _turns(rates)
    taken: Counter[str] = Counter()
    answers = []
    for domain in domains:
        may = domain not in rates or taken[domain] < turns[domain]
        taken[domain] += may and domain in rates
        answers.append(may)
    _take(rates, taken)
    return answers


def _domain_rates(domains: Collection[str]) -> dict[str, int]:
    """Letters a minute to each of these domains; one that is not rationed is not among them."""
    rates: dict[str, int] = current_app.config["MAIL_DOMAIN_RATE"]
    found = {domain: rates.get(domain, rates.get("*", 0)) for domain in domains}
    return {domain: rate for domain, rate in found.items() if rate}


def _turns(rates: dict[str, int]) -> dict[str, int]:
    """How many letters may go each way now, the rows of all held, in one order for everybody."""
    at = clock.now()
    _see_that_there_is(rates, at)
    lanes = db.session.scalars(
        select(MailLane)
        .where(MailLane.name.in_(list(rates)))
        .order_by(MailLane.name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {}
    for lane in lanes:
        gap = MINUTE / rates[lane.name]
        found[lane.name] = max((at - _start(lane, at, gap)) // gap + 1, 0)
    return found


def _take(rates: dict[str, int], taken: Counter[str]) -> None:
    at = clock.now()
    for name, number in taken.items():
        if number:
            lane, gap = db.session.get_one(MailLane, name), MINUTE / rates[name]
            lane.free_at = _start(lane, at, gap) + number * gap
            lane.changed_at = at
    db.session.flush()


def _start(lane: MailLane, at: datetime, gap: timedelta) -> datetime:
    """From when on the turns of a way are counted."""
    earliest = at - max(AT_ONCE - gap, timedelta())
    if lane.free_at is None or lane.free_at > at + LONGEST_WAIT:
        return earliest
    return max(lane.free_at, earliest)


def _see_that_there_is(names: Collection[str], at: datetime) -> None:
    known = set(db.session.scalars(select(MailLane.name).where(MailLane.name.in_(list(names)))))
    rows = [{"name": n, "failures": 0, "changed_at": at} for n in sorted(set(names) - known)]
    if rows:
        db.session.execute(insert(MailLane).values(rows).on_conflict_do_nothing())

"""Any sequence of registering, deciding, leaving and changing limits: never above a limit, nobody
passed over against the rule, and every change told and written down.

What the rules say is said here a second time, in another way: `free_for` counts rows, and a claim
that is passed over is tried again with what the one after it got.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.factories import application, delegate_data, make_trip, utc
from webapp import clock
from webapp.db import db
from webapp.domain import audits, delegates, held_places, queues, registrations, seats
from webapp.domain.held_places import Hold
from webapp.errors import DomainError
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.held import HeldPlaces
from webapp.models.mail import Mail
from webapp.models.registration import HOLDS_SEATS, Party, Registration, RegistrationState
from webapp.models.trip import Promotion, Trip

BY = audits.SYSTEM
WAITING = RegistrationState.WAITLISTED
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("register", "register", "register", "cancel", "decline", "accept", "waitlist", "turn",
             "take", "pass", "again", "add", "replace", "withdraw", "places", "companies", "each",
             "block", "release")
        ),
        st.integers(0, 11),
    ),
    min_size=4,
    max_size=18,
)  # fmt: skip
# Parties of 3, 2 and 1 fill the six places; 2 (all or nobody), 1, 3 (as many as can) and 1 wait.
FULL_HOUSE = (2, 1, 10, 6, 5, 7, 10)
RULES = st.tuples(st.sampled_from(Promotion), st.booleans(), st.booleans())


class Story:
    """A trip of few places on which steps are taken; what a step cannot do, it leaves."""

    def __init__(self, rules: tuple[Promotion, bool, bool], now: list[datetime]) -> None:
        promotion, skips, at_once = rules
        self.now = now
        self.number = 0
        self.trip: Trip = make_trip(
            max_delegates=6,
            max_organizations=4,
            max_per_organization=3,
            promotion=promotion,
            skips_parties=skips,
            accepts_at_once=at_once,
            registration_opens_at=now[0] - timedelta(days=1),
            registration_closes_at=now[0] + timedelta(days=300),
        )
        for number in FULL_HOUSE:
            self.take("register", number)

    def take(self, step: str, number: int) -> None:
        self.now[0] += timedelta(minutes=7)
        verb = getattr(self, f"_{step}")
        if step in ("register", "pass", "places", "companies", "each", "block", "release"):
            verb(number)
            return
        everybody = db.session.scalars(select(Registration).order_by(Registration.id)).all()
        if everybody:
            verb(everybody[number % len(everybody)], number)

    def _register(self, number: int) -> None:
        self.number += 1
        domain = "held.example" if number % 4 == 3 else f"firm{self.number}.example"
        registrations.submit(
            self.trip.id,
            application(
                number % 5 + 1,
                coordinator_email=f"lead{self.number}@{domain}",
                waits_if_full=number != 0,
                party=Party.ANY if number % 2 else Party.ALL,
            ),
        )

    def _cancel(self, registration: Registration, number: int) -> None:
        registrations.cancel(registration, "", BY)

    def _decline(self, registration: Registration, number: int) -> None:
        registrations.decide(registration, RegistrationState.DECLINED, "No", BY)

    def _accept(self, registration: Registration, number: int) -> None:
        registrations.decide(
            registration, RegistrationState.ACCEPTED, "Yes", BY, out_of_turn=number % 2 == 0
        )

    def _waitlist(self, registration: Registration, number: int) -> None:
        registrations.decide(registration, WAITING, "Later", BY)

    def _turn(self, registration: Registration, number: int) -> None:
        registrations.let_take_turn(registration, BY)

    def _take(self, registration: Registration, number: int) -> None:
        registrations.accept_offer(registration, BY)

    def _pass(self, number: int) -> None:
        """Time passes: offers and blocks end."""
        self.now[0] += timedelta(hours=20 * number)
        registrations.lapse_due(self.trip.id)
        held_places.expire_due(self.trip.id)

    def _again(self, registration: Registration, number: int) -> None:
        registrations.wait_again(registration, BY)

    def _add(self, registration: Registration, number: int) -> None:
        delegates.add(registration, delegate_data(number), BY, invited=number % 2 == 0)

    def _replace(self, registration: Registration, number: int) -> None:
        one = registration.delegates[number % len(registration.delegates)]
        delegates.replace(one, delegate_data(number), BY)

    def _withdraw(self, registration: Registration, number: int) -> None:
        delegates.withdraw(registration.delegates[number % len(registration.delegates)], "", BY)

    def _places(self, number: int) -> None:
        self._limit("max_delegates", max(number, taken()[0], 1))

    def _companies(self, number: int) -> None:
        self._limit("max_organizations", max(number % 6, taken()[1], 1))

    def _each(self, number: int) -> None:
        most = max([own(each) for each in in_it()], default=1)
        self._limit("max_per_organization", max(number % 5, most, 1))

    def _limit(self, name: str, value: int) -> None:
        trip = seats.hold(self.trip.id)
        setattr(trip, name, value)
        queues.settle(trip)

    def _block(self, number: int) -> None:
        until = clock.wall(clock.now() + timedelta(hours=30), "Europe/Paris")
        wanted = Hold(number % 3 + 1, until, "Europe/Paris", 0, mail_domain="held.example")
        held_places.hold(self.trip, wanted, BY)

    def _release(self, number: int) -> None:
        block = db.session.scalars(
            select(HeldPlaces).where(HeldPlaces.released_at.is_(None)).limit(1)
        ).first()
        if block:
            held_places.release(block, BY)


def in_it() -> list[Registration]:
    everybody = db.session.scalars(select(Registration)).all()
    return [each for each in everybody if each.state in HOLDS_SEATS]


def own(registration: Registration) -> int:
    return sum(d.state == DelegateState.COMING for d in registration.everybody)


def taken() -> tuple[int, int]:
    """How many delegates and how many companies hold places, by counting rows one by one."""
    there = in_it()
    return sum(own(each) for each in there), len(there)


@dataclass(frozen=True)
class Waits:
    """Somebody in the line, as rows say."""

    registration: Registration
    delegate: Delegate | None

    @property
    def key(self) -> tuple[int, int]:
        return self.registration.id, self.delegate.id if self.delegate else 0

    @property
    def turn(self) -> tuple:
        since = self.delegate.queued_at if self.delegate else self.registration.queued_at
        return since, self.registration.id, self.delegate.id if self.delegate else 0

    @property
    def size(self) -> int:
        if self.delegate:
            return 1
        return own(self.registration)

    @property
    def least(self) -> int:
        """The fewest places that it comes up with."""
        return 1 if self.delegate or self.registration.party == Party.ANY else self.size


def line() -> list[Waits]:
    found = []
    for each in db.session.scalars(select(Registration)):
        if each.state == WAITING and not each.in_reserve:
            found.append(Waits(each, None))
        if each.state in HOLDS_SEATS:
            found += [Waits(each, d) for d in each.everybody if d.state == DelegateState.WAITING]
    return sorted(found, key=lambda waits: waits.turn)


def free_for(trip: Trip, waits: Waits, back: int = 0, companies_back: int = 0) -> tuple[int, bool]:
    """How many places a claim could have, if `back` were given back, and whether its company may
    come in."""
    delegates_in, companies_in = taken()
    held = held_companies = 0
    for block in db.session.scalars(select(HeldPlaces)):
        if block.released_at or block.until_at <= clock.now():
            continue
        drawing = [each for each in in_it() if each.held_id == block.id]
        left = max(0, block.places - sum(own(each) for each in drawing))
        if block.id != waits.registration.held_id:
            held += left
            held_companies += bool(left and not drawing)
    seats_left = trip.max_delegates - (delegates_in - back) - held
    companies_left = trip.max_organizations - (companies_in - companies_back) - held_companies
    limit = trip.max_per_organization + waits.registration.extra_places
    limit -= own(waits.registration) if waits.delegate else 0
    may_come = waits.delegate is not None or companies_left > 0
    return min(seats_left, limit), may_come


def check(trip: Trip, before: dict, last: tuple[int, int]) -> None:
    db.session.flush()
    db.session.expire_all()
    delegates_in, companies_in = taken()
    assert delegates_in <= trip.max_delegates
    assert companies_in <= trip.max_organizations
    for each in in_it():
        assert 0 < own(each) <= trip.max_per_organization + each.extra_places
    check_line(trip, before)
    check_told(before, last)


def check_line(trip: Trip, before: dict) -> None:
    """Nobody waits who could come in; and who came up did not pass anybody against the rule."""
    waiting = line()
    short_of_seats = False
    for waits in waiting:
        places, may_come = free_for(trip, waits)
        could = may_come and places >= waits.least
        if trip.skips_parties or (not short_of_seats and not blocks_are_about()):
            assert not could, (waits.key, places)
        short_of_seats |= may_come and not could
    for waits in before["line"]:
        if waits.key not in {w.key for w in waiting}:
            for passed in waiting:
                if passed.turn < waits.turn and passed.key in before["keys"]:
                    check_not_passed(trip, passed, waits)


def check_not_passed(trip: Trip, passed: Waits, by: Waits) -> None:
    """With what the later one got, the earlier one could not have come in."""
    if by.registration.state not in HOLDS_SEATS or by.registration.held_id:
        return  # it left the line otherwise, or drew on places held for it
    if by.delegate and by.delegate.state != DelegateState.COMING:
        return
    got = 1 if by.delegate else own(by.registration)
    places, may_come = free_for(trip, passed, got, companies_back=0 if by.delegate else 1)
    assert not (may_come and places >= passed.least), (passed.key, by.key)


def blocks_are_about() -> bool:
    return bool(db.session.scalar(select(func.count()).select_from(HeldPlaces)))


def seen() -> dict:
    waiting = line()
    return {
        "line": waiting,
        "keys": {waits.key for waits in waiting},
        "registrations": {each.id: each.state for each in db.session.scalars(select(Registration))},
        "delegates": {each.id: each.state for each in db.session.scalars(select(Delegate))},
    }


def check_told(before: dict, last: tuple[int, int]) -> None:
    """Each registration and delegate whose state changed has a new audit row that says so, and its
    company a new letter."""
    audited = {
        (row.object_kind, row.object_id, (row.after or {}).get("state"))
        for row in db.session.scalars(select(AuditEntry).where(AuditEntry.id > last[0]))
    }
    written = set(db.session.scalars(select(Mail.registration_id).where(Mail.id > last[1])))
    for each in db.session.scalars(select(Registration)):
        if before["registrations"].get(each.id) != each.state:
            assert ("registrations", each.id, each.state.value) in audited
            assert each.id in written
    for one in db.session.scalars(select(Delegate)):
        if before["delegates"].get(one.id, one.state) != one.state:
            assert ("delegates", one.id, one.state.value) in audited
            assert one.registration_id in written


def newest() -> tuple[int, int]:
    audit, mail = select(func.max(AuditEntry.id)), select(func.max(Mail.id))
    return db.session.scalar(audit) or 0, db.session.scalar(mail) or 0


@given(rules=RULES, steps=STEPS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_never_above_a_limit_nobody_passed_over_everything_told(session, rules, steps):
    session.rollback()  # to where the test began: each example has empty tables
    now = [utc(2027, 3, 1, 12, 0)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: now[0])
        story = Story(rules, now)
        for step, number in steps:
            before, last = seen(), newest()
            try:
                with db.session.begin_nested():
                    story.take(step, number)
            except DomainError:
                db.session.expire_all()
            check(story.trip, before, last)

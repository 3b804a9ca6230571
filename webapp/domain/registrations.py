"""Registering: a company applies once, with its delegates; an organizer decides."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock, tokens
from webapp.db import db
from webapp.domain import audits, feeds, organizations, people, picks, seats
from webapp.domain.audits import By
from webapp.domain.organizations import name_key
from webapp.errors import DomainError
from webapp.mail import letters, outbox
from webapp.models.audit import Actor
from webapp.models.basis import Basis
from webapp.models.delegate import Delegate
from webapp.models.organization import OrganizationKind
from webapp.models.person import Person
from webapp.models.registration import HOLDS_SEATS, Registration, RegistrationState
from webapp.models.trip import Trip, Window

# What one address gets of the letters that a form without an account causes.
FIRST_LETTERS = ("registration_received", "delegate_welcome")
MOST_LETTERS = 6
A_DAY = timedelta(days=1)
# No 0, O, 1, I or L: references are read aloud and typed by hand.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class RegistrationClosed(DomainError):
    """The trip takes no applications now; `window` says whether not yet, no more or never."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window


class DelegateTwice(DomainError):
    """Two delegates of one application have the same mail address; `position` is the later's."""

    def __init__(self, position: int) -> None:
        super().__init__(f"delegate {position}")
        self.position = position


class WrittenTooOften(DomainError):
    """These addresses (lower case) have had MOST_LETTERS letters of this kind within a day: the
    form needs no account, so it must not become a way to flood somebody's mailbox."""

    def __init__(self, addresses: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(addresses)))
        self.addresses = addresses


class ReasonMissing(DomainError):
    """A refusal needs a reason, which the company will read."""


class DecidedMeanwhile(DomainError):
    """Somebody else decided since the page was opened."""


# What keeps a decision from being made.
REFUSALS = (ReasonMissing, DecidedMeanwhile, seats.NoSeatLeft, seats.NoCompanyPlaceLeft)


@dataclass(frozen=True, slots=True)
class DelegateData:
    """A delegate as the company gives it. Language is "en" or "fr"; phone is E.164 or None."""

    given_name: str
    family_name: str
    email: str
    phone: str | None = None
    job_title: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Application:
    """What a company sends. `form_key` is the form's own, so that one form makes one row."""

    organization_name: str
    organization_kind: OrganizationKind
    country: str | None
    website: str | None
    coordinator_name: str
    coordinator_email: str
    coordinator_phone: str | None
    language: str
    objectives: str | None
    delegates: tuple[DelegateData, ...]
    form_key: UUID
    waits_if_full: bool = False


def submit(trip_id: int, application: Application) -> Registration:
    """Register a company, and put the letters that tell of it, in the open transaction.

    A form that was sent before finds its registration and writes nothing. Raises
    RegistrationClosed, DelegateTwice, WrittenTooOften, seats.TooManyDelegates; when the trip is
    full and the company does not wait, seats.NoSeatLeft or seats.NoCompanyPlaceLeft.
    """
    trip = seats.hold(trip_id)
    before = by_form_key(trip, sealed_key(application))
    if before:
        return before
    window = trip.window(clock.now())
    if window != Window.OPEN:
        raise RegistrationClosed(window)
    asked = len(application.delegates)
    if asked > trip.max_per_organization:
        raise seats.TooManyDelegates(asked, trip.max_per_organization)
    _refuse_floods(application)
    state = RegistrationState.SUBMITTED
    try:
        seats.take(trip, asked)
    except (seats.NoSeatLeft, seats.NoCompanyPlaceLeft):
        if not application.waits_if_full:
            raise
        state = RegistrationState.WAITLISTED
    registration = record(trip, application, state)
    letters.registration_received(registration)
    addresses = feeds.of_delegates(registration)
    # Nobody follows a track yet, so one file serves all who read the same language.
    files: dict[str, bytes] = {}
    for delegate in registration.delegates:
        if delegate.language not in files:
            files[delegate.language] = feeds.delegate_file(delegate)
        letters.delegate_welcome(delegate, addresses[delegate.id], files[delegate.language])
    return registration


def record(
    trip: Trip,
    application: Application,
    state: RegistrationState = RegistrationState.SUBMITTED,
    basis: Basis = Basis.REAL,
    reason: str | None = None,
) -> Registration:
    """Write a registration with its delegates, links, feeds and audit row, and no letter.

    For `submit`, and for loading data: it does not look at windows or limits. Raises DelegateTwice.
    """
    _refuse_doubles(application.delegates)
    organization = organizations.find_or_add(
        application.organization_name,
        application.organization_kind,
        application.country,
        application.website,
    )
    at = clock.now()
    token = tokens.new_token()
    registration = Registration(
        reference=_new_reference(),
        trip=trip,
        organization=organization,
        state=state,
        coordinator_name=application.coordinator_name,
        coordinator_email=application.coordinator_email,
        coordinator_phone=application.coordinator_phone,
        language=application.language,
        objectives=application.objectives,
        authority_declared_at=at,
        submitted_at=at,
        queued_at=at,
        reason=reason,
        form_key=sealed_key(application),
        token_digest=tokens.digest(token),
        token_sealed=token.encode(),
        basis=basis,
    )
    registration.delegates = _delegates(application.delegates)
    db.session.add(registration)
    db.session.flush()
    feeds.open_company(registration)
    for delegate in registration.delegates:
        feeds.open_delegate(delegate)
    audits.write(
        By(Actor.COMPANY, application.coordinator_name),
        registration,
        "register",
        trip_id=trip.id,
        after={"state": state, "delegates": len(registration.delegates)},
    )
    return registration


def decide(
    registration: Registration,
    state: RegistrationState,
    reason: str,
    by: By,
    seen: int | None = None,
) -> Registration:
    """An organizer accepts, waitlists or declines; the company and its delegates are told.

    `seen` is the number of decisions that the organizer saw. Raises DecidedMeanwhile when there
    are more by now; MoveRefused; ReasonMissing for a waitlisting or refusal without one;
    seats.NoSeatLeft or seats.NoCompanyPlaceLeft when places have to be taken and there are none.
    """
    if state != RegistrationState.ACCEPTED and not reason.strip():
        raise ReasonMissing
    seats.hold(registration.trip_id)
    if seen is not None and registration.decisions != seen:
        raise DecidedMeanwhile
    return _move(registration, state, reason, by, "decide")


def cancel(registration: Registration, reason: str, by: By) -> Registration:
    """The company (or an organizer for it) withdraws: seats are freed and its feeds end."""
    return _move(registration, RegistrationState.CANCELLED, reason, by, "cancel")


def by_token(token: str) -> Registration | None:
    """The registration whose company holds this secret, or None."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.token_digest == tokens.digest(token))
        .options(
            joinedload(Registration.trip),
            joinedload(Registration.organization),
            selectinload(Registration.delegates).selectinload(Delegate.tracks),
        )
    ).one_or_none()


def sealed_key(application: Application) -> UUID:
    """What is stored of a form's key: made from it, the company and the coordinator, so that the
    row cannot be used to find the form again, and another company on the same form is another."""
    who = name_key(application.organization_name), application.coordinator_email.lower()
    return uuid5(application.form_key, "\n".join(who))


def says_the_same(registration: Registration, application: Application) -> bool:
    """Whether the registration names the delegates of the application: False when a form that had
    been sent was changed and sent again."""
    return [(d.given_name, d.family_name, d.email) for d in registration.delegates] == [
        (d.given_name, d.family_name, d.email) for d in application.delegates
    ]


def by_form_key(trip: Trip, form_key: UUID) -> Registration | None:
    """The registration that the form with this sealed key made, or None."""
    return db.session.scalars(
        select(Registration).where(
            Registration.form_key == form_key, Registration.trip_id == trip.id
        )
    ).one_or_none()


def find(trip: Trip, registration_id: int) -> Registration | None:
    """The registration of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.id == registration_id, Registration.trip_id == trip.id)
        .options(selectinload(Registration.delegates).selectinload(Delegate.tracks))
    ).one_or_none()


def of_trip(
    trip: Trip, state: RegistrationState | None = None, page: int = 1, size: int = 50
) -> Sequence[Registration]:
    """One page of a trip's registrations, in order of arrival."""
    query = (
        select(Registration)
        .where(Registration.trip_id == trip.id)
        .options(joinedload(Registration.organization), selectinload(Registration.delegates))
        .order_by(Registration.queued_at, Registration.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    if state:
        query = query.where(Registration.state == state)
    return db.session.scalars(query).all()


def counts(trip: Trip) -> dict[RegistrationState, int]:
    """How many registrations of the trip stand in each state; every state is a key."""
    return counts_of([trip])[trip.id]


def counts_of(trips: Sequence[Trip]) -> dict[int, dict[RegistrationState, int]]:
    """The same for several trips, by their ids, in one statement."""
    found = {trip.id: dict.fromkeys(RegistrationState, 0) for trip in trips}
    rows = db.session.execute(
        select(Registration.trip_id, Registration.state, func.count())
        .where(Registration.trip_id.in_(found))
        .group_by(Registration.trip_id, Registration.state)
    )
    for trip_id, state, count in rows:
        found[trip_id][state] = count
    return found


def _move(
    registration: Registration, state: RegistrationState, reason: str, by: By, action: str
) -> Registration:
    trip = seats.hold(registration.trip_id)
    old = registration.state
    if state in HOLDS_SEATS and old not in HOLDS_SEATS and registration.may_become(state):
        seats.take(trip, len(registration.delegates))
    registration.become(state)
    registration.reason = reason.strip() or None
    registration.decisions += 1
    registration.decided_at = clock.now()
    registration.decided_by_id = by.staff_id
    db.session.flush()
    audits.write(
        by,
        registration,
        action,
        trip_id=trip.id,
        before={"state": old},
        after={"state": state},
        reason=registration.reason,
    )
    feeds.outdate_registration(registration)
    picks.settle(trip)
    letters.registration_decided(registration)
    addresses = feeds.of_delegates(registration)
    for delegate in registration.delegates:
        letters.delegate_status(delegate, addresses[delegate.id])
    return registration


def _refuse_floods(application: Application) -> None:
    people_ = (application.coordinator_email, *(d.email for d in application.delegates))
    flooded = outbox.written_lately(people_, FIRST_LETTERS, A_DAY, MOST_LETTERS)
    if flooded:
        raise WrittenTooOften(flooded)


def _refuse_doubles(delegates: tuple[DelegateData, ...]) -> None:
    seen: set[str] = set()
    for position, data in enumerate(delegates):
        if data.email.lower() in seen:
            raise DelegateTwice(position)
        seen.add(data.email.lower())


def _delegates(everybody: tuple[DelegateData, ...]) -> list[Delegate]:
    # Looked up in one order, whatever the form's: two trips with the same people would deadlock.
    known = {
        data.email: people.find_or_add(data.given_name, data.family_name, data.email)
        for data in sorted(everybody, key=lambda data: data.email.lower())
    }
    return [
        _delegate(position, data, known[data.email])
        for position, data in enumerate(everybody, start=1)
    ]


def _delegate(position: int, data: DelegateData, person: Person) -> Delegate:
    token = tokens.new_token()
    return Delegate(
        position=position,
        person=person,
        given_name=data.given_name,
        family_name=data.family_name,
        email=data.email,
        phone=data.phone,
        job_title=data.job_title,
        language=data.language,
        token_digest=tokens.digest(token),
        token_sealed=token.encode(),
    )


def _new_reference() -> str:
    text = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"{text[:4]}-{text[4:]}"

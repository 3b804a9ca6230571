"""Applying: what a company sends, when it is taken, and the rows that come of it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, select

from webapp import clock
from webapp.db import db
from webapp.domain import (
    audits,
    correspondence,
    held_places,
    known,
    organizations,
    queues,
    seats,
    standings,
)
from webapp.domain.organizations import name_key
from webapp.domain.registrations.finding import refuse_second
from webapp.domain.registrations.writing import (
    Application,
    refuse_doubles,
    sealed_key,
    welcome,
    write,
)
from webapp.errors import DomainError
from webapp.mail import outbox
from webapp.models.organization import Organization
from webapp.models.prospect import Prospect, ProspectState
from webapp.models.registration import Party, Registration, RegistrationState
from webapp.models.trip import Trip, Window

# What one address gets of the letters that a form without an account causes.
FIRST_LETTERS = (
    "registration_received",
    "delegate_welcome",
    "delegate_invited",
    "coordination_handed",
)
MOST_LETTERS = 6
A_DAY = timedelta(days=1)


class RegistrationClosed(DomainError):
    """The trip takes no applications now; `window` says whether not yet, no more or never."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window


class WrittenTooOften(DomainError):
    """These addresses (lower case) have had MOST_LETTERS letters of this kind within a day: the
    form needs no account, so it must not become a way to flood somebody's mailbox."""

    def __init__(self, addresses: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(addresses)))
        self.addresses = addresses


def submit(trip_id: int, application: Application) -> Registration:
    """Register a company, and put the letters that tell of it, in the open transaction.

    A form that was sent before finds its registration and writes nothing. Raises
    RegistrationClosed, AlreadyRegistered, DelegateTwice, WrittenTooOften, seats.TooManyDelegates;
    when the trip is full and the company does not wait, seats.NoSeatLeft or
    seats.NoCompanyPlaceLeft.
    """
    # Asked before the lock, which decides places and not this: whoever sends at the same moment,
    # to another tour or to this one, is not counted.
    flooded = _flooded(_emails(application))
    trip = seats.hold(trip_id)
    before = by_form_key(trip, sealed_key(application))
    if before:
        return before
    prospect = _prospect(trip, application)
    _refuse_closed(trip, prospect)
    refuse_doubles(application.delegates)
    if flooded:
        raise WrittenTooOften(flooded)
    organization = _organization(application)
    refuse_second(trip, organization.id)
    held_id, places = _places(trip, organization, prospect, application)
    registration = write(trip, application, organization, _first_state(trip, places), held_id)
    if prospect:
        _answered(prospect, registration)
    if 0 < places < len(application.delegates):
        standings.seat(registration, places)
    _welcome(registration)
    if registration.state == RegistrationState.ACCEPTED:
        standings.owe(registration)
    return registration


def by_form_key(trip: Trip, form_key: UUID) -> Registration | None:
    """The registration that the form with this sealed key made, or None."""
    return db.session.scalars(_BY_KEY, {"key": form_key, "trip": trip.id}).one_or_none()


_BY_KEY = select(Registration).where(
    Registration.form_key == bindparam("key"), Registration.trip_id == bindparam("trip")
)  # made once: every registration asks it


def refuse_floods(emails: tuple[str, ...]) -> None:
    """Raise WrittenTooOften when one of these mailboxes has had its fill of first letters."""
    flooded = _flooded(emails)
    if flooded:
        raise WrittenTooOften(flooded)


def _flooded(emails: tuple[str, ...]) -> frozenset[str]:
    return outbox.written_lately(emails, FIRST_LETTERS, A_DAY, MOST_LETTERS)


def _emails(application: Application) -> tuple[str, ...]:
    return (application.coordinator_email, *(each.email for each in application.delegates))


def _prospect(trip: Trip, application: Application) -> Prospect | None:
    """The invitation to apply that the form came from, while it stands."""
    if application.prospect_id is None:
        return None
    found = db.session.get(Prospect, application.prospect_id)
    if found is None or found.trip_id != trip.id or not found.may_become(ProspectState.APPLIED):
        return None
    return found


def _answered(prospect: Prospect, registration: Registration) -> None:
    before = prospect.state
    prospect.become(ProspectState.APPLIED)
    registration.prospect_id = prospect.id
    db.session.flush()
    audits.write(
        audits.by_company(registration),
        prospect,
        "register",
        trip_id=prospect.trip_id,
        before={"state": before},
        after={"state": prospect.state},
    )


def _refuse_closed(trip: Trip, prospect: Prospect | None) -> None:
    """Whoever was invited may apply before the others, but no longer than they."""
    window = trip.window(clock.now())
    if window != Window.OPEN and not (prospect and window == Window.BEFORE):
        raise RegistrationClosed(window)


def _organization(application: Application) -> Organization:
    """The organization that the applicant chose among known ones, when the mail address vouches for
    it; else the one of that very name, else a new one."""
    if application.says_to_be_id is not None:
        chosen = db.session.get(Organization, application.says_to_be_id)
        if chosen and known.vouched(chosen, application.coordinator_email):
            return chosen
    return organizations.find_or_add(
        application.organization_name,
        application.organization_kind,
        application.country,
        application.website,
    )


def _places(
    trip: Trip, organization: Organization, prospect: Prospect | None, application: Application
) -> tuple[int | None, int]:
    """The block of held places that the company draws on, and how many of its delegates come in
    now; 0: the company waits. Nobody new takes what is kept for those before. Raises what keeps a
    company out that does not wait."""
    asked, limit = len(application.delegates), trip.max_per_organization
    most = min(limit, trip.max_delegates or limit)  # nobody waits for more than the tour takes
    if asked > most and not (application.waits_if_full and application.party == Party.ANY):
        raise seats.TooManyDelegates(asked, most)
    if queues.anybody(trip):
        queues.settle(trip)  # a block may have ended a moment ago: they come first
        kept = queues.keeps_places(trip)
    else:
        kept = False
    standing = seats.standing(trip, [organization.id])
    held_id = _held(trip, organization, prospect, application) if standing.blocks else None
    room = standing.room(organization.id, held_id, 0, is_in=False)
    if kept:
        room = room.of_own_block()
    places = room.for_party(asked, application.party if application.waits_if_full else Party.ALL)
    if not places and not application.waits_if_full:
        raise seats.refusal(room, asked, limit)
    return held_id, places


def _held(
    trip: Trip, organization: Organization, prospect: Prospect | None, application: Application
) -> int | None:
    return held_places.for_application(
        trip,
        organization,
        application.coordinator_email,
        invited=prospect is not None
        and name_key(prospect.organization_name) == organization.name_key,
    )


def _first_state(trip: Trip, places: int) -> RegistrationState:
    if not places:
        return RegistrationState.WAITLISTED
    return RegistrationState.ACCEPTED if trip.accepts_at_once else RegistrationState.SUBMITTED


def _welcome(registration: Registration) -> None:
    state = registration.state.value
    received = correspondence.for_coordinator("registration_received", registration, 0, state=state)
    correspondence.put([received, *map(welcome, registration.everybody)])

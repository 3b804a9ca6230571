"""The rows of a registration: written whole, with delegates, links, feeds and audit, and without a
look at windows or limits."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from webapp import clock, tokens
from webapp.db import db
from webapp.domain import audits, correspondence, feeds, organizations, people, standings
from webapp.domain.audits import By
from webapp.domain.organizations import name_key
from webapp.errors import DomainError
from webapp.models.audit import Actor
from webapp.models.basis import Basis
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.organization import Organization, OrganizationKind
from webapp.models.person import Person
from webapp.models.registration import Party, Registration, RegistrationState
from webapp.models.trip import Trip

# No 0, O, 1, I or L: references are read aloud and typed by hand.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class DelegateTwice(DomainError):
    """Two delegates of one application have the same mail address; `position` is the later's."""

    def __init__(self, position: int) -> None:
        super().__init__(f"delegate {position}")
        self.position = position


@dataclass(frozen=True, slots=True)
class DelegateData:
    """A delegate as the company gives it. Language is "en" or "fr"; phone is E.164 or None. Of a
    colleague who is invited to fill in their own data, the names may be empty."""

    given_name: str
    family_name: str
    email: str
    phone: str | None = None
    job_title: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Application:
    """What a company sends. `form_key` is the form's own, so that one form makes one row; `invited`
    are the positions (from 0) of the delegates who fill in their own data."""

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
    party: Party = Party.ALL
    invited: frozenset[int] = frozenset()
    says_to_be_id: int | None = None
    prospect_id: int | None = None


def record(
    trip: Trip,
    application: Application,
    state: RegistrationState = RegistrationState.SUBMITTED,
    basis: Basis = Basis.REAL,
    reason: str | None = None,
) -> Registration:
    """Write a registration with its delegates, links, feeds and audit row, and no letter.

    For loading data: it does not look at windows or limits. Raises DelegateTwice.
    """
    refuse_doubles(application.delegates)
    organization = organizations.find_or_add(
        application.organization_name,
        application.organization_kind,
        application.country,
        application.website,
    )
    registration = write(trip, application, organization, state, None, basis, reason)
    if state == RegistrationState.ACCEPTED:
        standings.owe(registration)
    return registration


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


def refuse_doubles(delegates: tuple[DelegateData, ...]) -> None:
    """Raise DelegateTwice when two of them have one mail address."""
    seen: set[str] = set()
    for position, data in enumerate(delegates):
        if data.email.lower() in seen:
            raise DelegateTwice(position)
        seen.add(data.email.lower())


def write(
    trip: Trip,
    application: Application,
    organization: Organization,
    state: RegistrationState,
    held_id: int | None,
    basis: Basis = Basis.REAL,
    reason: str | None = None,
) -> Registration:
    """Write a registration of `organization`, in `state`."""
    at = clock.now()
    token = tokens.new_token()
    chosen = application.says_to_be_id
    registration = Registration(
        reference=new_reference(),
        trip=trip,
        organization=organization,
        state=state,
        coordinator_name=application.coordinator_name,
        coordinator_email=application.coordinator_email,
        coordinator_phone=application.coordinator_phone,
        language=application.language,
        objectives=application.objectives,
        authority_declared_at=at,
        party=application.party,
        says_to_be_id=chosen if chosen != organization.id else None,
        held_id=held_id,
        submitted_at=at,
        queued_at=at,
        reason=reason,
        form_key=sealed_key(application),
        token_digest=tokens.digest(token),
        token_sealed=token.encode(),
        basis=basis,
    )
    registration.everybody = _delegates(application, at)
    db.session.add(registration)
    db.session.flush()
    audits.write(
        By(Actor.COMPANY, application.coordinator_name),
        registration,
        "register",
        trip_id=trip.id,
        after={"state": state, "delegates": len(registration.everybody)},
    )
    feeds.open_registration(registration)  # which flushes
    return registration


def welcome(delegate: Delegate, version: int = 0) -> correspondence.Told:
    """The first letter to a delegate: to fill in their own data, or the page and the calendar."""
    registration = delegate.registration
    if delegate.awaits_data:
        return correspondence.for_delegate(
            "delegate_invited",
            delegate,
            version,
            coordinator=registration.coordinator_name,
            again=version != 0,
        )
    return correspondence.for_delegate(
        "delegate_welcome",
        delegate,
        version,
        state=registration.state.value,
        delegate_state=delegate.state.value,
        again=version != 0,
    )


def _delegates(application: Application, at: datetime) -> list[Delegate]:
    known_people = people.find_or_add_many(
        [(d.given_name, d.family_name, d.email) for d in application.delegates]
    )
    return [
        new_delegate(
            position,
            data,
            known_people[data.email],
            at,
            invited=position - 1 in application.invited,
        )
        for position, data in enumerate(application.delegates, start=1)
    ]


def new_delegate(
    position: int, data: DelegateData, person: Person, at: datetime, *, invited: bool
) -> Delegate:
    """A delegate who is coming, with a link of its own; not in any registration yet."""
    token = tokens.new_token()
    return Delegate(
        position=position,
        state=DelegateState.COMING,
        person=person,
        given_name=data.given_name,
        family_name=data.family_name,
        email=data.email,
        phone=data.phone,
        job_title=data.job_title,
        language=data.language,
        invited_at=at if invited else None,
        filled_at=None if invited else at,
        token_digest=tokens.digest(token),
        token_sealed=token.encode(),
    )


def new_reference() -> str:
    """A reference that is said on the telephone: no secret."""
    text = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"{text[:4]}-{text[4:]}"

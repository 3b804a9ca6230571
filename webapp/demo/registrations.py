"""Sample registrations for the demonstration tours. No letter is written for them."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from webapp import clock
from webapp.demo.files import facts
from webapp.domain import audits, delegates, picks, published, registrations
from webapp.domain.registrations import Application, DelegateData
from webapp.models.agenda import Audience
from webapp.models.basis import Basis
from webapp.models.organization import OrganizationKind
from webapp.models.registration import Party, Registration, RegistrationState
from webapp.models.trip import Trip


def load_registrations(trip: Trip, name: str) -> None:
    """Record the samples that the data file has for the tour `name`."""
    for said in facts("registrations")[name]:
        registration = registrations.record(
            trip,
            _application(said),
            state=_first_state(said),
            basis=Basis.ILLUSTRATIVE,
            reason=said.get("reason"),
        )
        registration.in_reserve = registration.state == RegistrationState.WAITLISTED
        _date(registration, said)
        _label(registration)
        by_key = {track.key: track.id for track in trip.tracks}
        for delegate, wanted in zip(registration.delegates, said["delegates"], strict=True):
            follows = [by_key[key] for key in wanted["tracks"]]
            delegates.follow(delegate, trip, follows, audits.SYSTEM)


def load_picks(trip: Trip, name: str) -> None:
    """Let the sample delegates choose optional sessions of the published agenda, company by company
    in order of arrival: whoever finds all places taken waits."""
    uids = {item.title["en"]: item.uid for item in published.items(trip, Audience.STAFF)}
    wanted = {
        delegate["email"]: delegate.get("picks", [])
        for said in facts("registrations")[name]
        for delegate in said["delegates"]
    }
    for registration in registrations.of_trip(trip):
        for delegate in registration.delegates:
            for title in wanted[delegate.email]:
                picks.choose(delegate, uids[title], audits.by_delegate(delegate))


def _first_state(said: dict[str, Any]) -> RegistrationState:
    """Whoever is offered a place waited for it."""
    state = RegistrationState(said["state"])
    return RegistrationState.WAITLISTED if state == RegistrationState.OFFERED else state


def _application(said: dict[str, Any]) -> Application:
    organization, coordinator = said["organization"], said["coordinator"]
    return Application(
        organization_name=organization["name"],
        organization_kind=OrganizationKind(organization["kind"]),
        country=organization["country"],
        website=organization["website"],
        coordinator_name=coordinator["name"],
        coordinator_email=coordinator["email"],
        coordinator_phone=coordinator["phone"],
        language=said["language"],
        objectives=said["objectives"],
        delegates=tuple(delegate_data(each) for each in said["delegates"]),
        form_key=uuid.uuid4(),
        party=Party(said.get("party", Party.ALL)),
    )


def delegate_data(said: dict[str, Any]) -> DelegateData:
    """A delegate as the data file has one."""
    return DelegateData(
        given_name=said["given_name"],
        family_name=said["family_name"],
        email=said["email"],
        phone=said["phone"],
        job_title=said["job_title"],
        language=said["language"],
    )


def _date(registration: Registration, said: dict[str, Any]) -> None:
    """Let the sample have come when the data says, and be decided two days later."""
    if "days_ago" in said:
        at = clock.now() - timedelta(days=said["days_ago"])
    else:
        at = datetime.fromisoformat(said["submitted_at"])
    registration.submitted_at = registration.queued_at = registration.authority_declared_at = at
    if registration.state != RegistrationState.SUBMITTED:
        registration.decided_at = at + timedelta(days=2)


def _label(registration: Registration) -> None:
    registration.organization.basis = Basis.ILLUSTRATIVE
    for delegate in registration.delegates:
        delegate.person.basis = Basis.ILLUSTRATIVE

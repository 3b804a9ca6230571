"""The coordinator: own data, handing over to a colleague, a new link."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from webapp import tokens
from webapp.db import db
from webapp.domain import audits, correspondence, seats
from webapp.domain.audits import By
from webapp.mail import outbox
from webapp.models.audit import Actor
from webapp.models.mail import Mail
from webapp.models.registration import Registration

MOST_CHANGES = 20  # letters a day that tell one mailbox of changes
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CompanyData:
    """What a company says of its coordinator and its hopes. Phone is E.164 or None."""

    coordinator_name: str
    coordinator_phone: str | None
    language: str
    objectives: str | None


def company_data(registration: Registration) -> CompanyData:
    """What the registration says now."""
    return CompanyData(
        registration.coordinator_name,
        registration.coordinator_phone,
        registration.language,
        registration.objectives,
    )


def change_company(registration: Registration, data: CompanyData, by: By) -> None:
    """Change the coordinator's name, phone and language, and the hopes; the mail address changes by
    handing over, since it is what the link is sent to."""
    trip = seats.hold(registration.trip_id)
    before, after = asdict(company_data(registration)), asdict(data)
    if before == after:
        return
    for name, value in after.items():
        setattr(registration, name, value)
    db.session.flush()
    changed = [name for name in after if before[name] != after[name]]
    entry = audits.write(
        by,
        registration,
        "change",
        trip_id=trip.id,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    db.session.flush()
    told = [{"what": "company", "who": registration.coordinator_name}]
    tell_changes(registration, entry.id, told, by)


def tell_changes(
    registration: Registration, version: int, changes: list[dict[str, str]], by: By
) -> None:
    """Write to the coordinator what was changed. Of what is done by a link, MOST_CHANGES letters a
    day at most: whoever types a stranger's address must not be able to flood that mailbox."""
    if by.actor != Actor.STAFF and outbox.written_lately(
        [registration.coordinator_email], ["registration_changed"], A_DAY, MOST_CHANGES
    ):
        return
    correspondence.to_coordinator("registration_changed", registration, version, changes=changes)


def hand_over(registration: Registration, name: str, email: str, language: str, by: By) -> None:
    """Another colleague coordinates from now on: the link is a new one, which goes to them alone,
    and the old one ends. Both are told."""
    trip = seats.hold(registration.trip_id)
    old = registration.coordinator_name, registration.coordinator_email
    entry = audits.write(
        by,
        registration,
        "hand over",
        trip_id=trip.id,
        before={"coordinator": old[0], "email": old[1]},
        after={"coordinator": name, "email": email},
    )
    db.session.flush()
    correspondence.to_address(
        "coordination_ended", trip, old[1], old[0], registration.language, entry.id, to=name,
        registration_id=registration.id,
    )  # fmt: skip
    registration.coordinator_name = name
    registration.coordinator_email = email
    registration.coordinator_phone = None
    registration.language = language
    _new_token(registration)
    correspondence.to_coordinator("coordination_handed", registration, entry.id, by=old[0])


def new_link(registration: Registration, by: By) -> None:
    """Give the company a new link, which goes to the coordinator by mail; the old one ends."""
    trip = seats.hold(registration.trip_id)
    _new_token(registration)
    entry = audits.write(by, registration, "new link", trip_id=trip.id)
    db.session.flush()
    correspondence.to_coordinator("coordination_handed", registration, entry.id, by=None)


def _new_token(registration: Registration) -> None:
    """Letters that are not sent yet hold the old link, and may be another's to read."""
    correspondence.write_anew(Mail.registration_id == registration.id, Mail.delegate_id.is_(None))
    token = tokens.new_token()
    registration.token_digest = tokens.digest(token)
    registration.token_sealed = token.encode()
    registration.opened_at = None  # nobody has the new one yet
    db.session.flush()

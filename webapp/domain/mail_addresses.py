"""The addresses of a tour that mail comes back from, and who wants no more of which letters."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp.db import db
from webapp.domain import bounces
from webapp.models.delegate import GONE, Delegate
from webapp.models.mail import Bounce, Hold, Mail, MailState, OptOut
from webapp.models.registration import Registration
from webapp.models.trip import Trip

MOST = 200  # readers who want no more letters, of one page


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody of a tour who has an address: a delegate, or who speaks for the company
    (delegate_id None)."""

    name: str
    organization: str
    registration_id: int
    delegate_id: int | None


@dataclass(frozen=True, slots=True)
class Marked:
    """An address that mail comes back from, whose it is in this tour, and how many letters of the
    tour are held for it."""

    bounce: Bounce
    holders: list[Holder]
    held: int


def marked(trip: Trip) -> list[Marked]:
    """The addresses of a tour that mail comes back from, the latest first. Four statements."""
    found = bounces.of(trip)
    emails = {bounce.email for bounce in found}
    holders, held = _holders(trip, emails), _held(trip, emails)
    return [Marked(each, holders[each.email], held.get(each.email, 0)) for each in found]


def known_bad(emails: Iterable[str]) -> dict[str, Bounce]:
    """Which of these addresses mail comes back from, by the address in lower case."""
    wanted = {email.strip().lower() for email in emails}
    found = db.session.scalars(
        select(Bounce).where(Bounce.email.in_(wanted), Bounce.cleared_at.is_(None))
    )
    return {bounce.email: bounce for bounce in found}


def opted_out(trip: Trip) -> tuple[Sequence[OptOut], int]:
    """Who wants no more letters of which topic, the latest first, MOST of them; and how many there
    are."""
    mine = OptOut.trip_id == trip.id
    total = db.session.scalar(select(func.count()).select_from(OptOut).where(mine)) or 0
    latest = select(OptOut).where(mine).order_by(OptOut.at.desc(), OptOut.id.desc()).limit(MOST)
    return db.session.scalars(latest).all(), total


def _holders(trip: Trip, emails: set[str]) -> defaultdict[str, list[Holder]]:
    found: defaultdict[str, list[Holder]] = defaultdict(list)
    if not emails:
        return found
    companies = db.session.scalars(
        select(Registration)
        .options(joinedload(Registration.organization))
        .where(
            Registration.trip_id == trip.id,
            func.lower(Registration.coordinator_email).in_(emails),
        )
        .order_by(Registration.id)
    )
    for company in companies:
        holder = Holder(company.coordinator_name, company.organization.name, company.id, None)
        found[company.coordinator_email.lower()].append(holder)
    people = db.session.scalars(
        select(Delegate)
        .join(Delegate.registration)
        .options(joinedload(Delegate.registration).joinedload(Registration.organization))
        .where(
            Registration.trip_id == trip.id,
            func.lower(Delegate.email).in_(emails),
            Delegate.state.not_in(GONE),
        )
        .order_by(Delegate.id)
    )
    for person in people:
        company = person.registration
        holder = Holder(person.name, company.organization.name, company.id, person.id)
        found[person.email.lower()].append(holder)
    return found


def _held(trip: Trip, emails: set[str]) -> dict[str, int]:
    """How many letters of the tour are held for each of the addresses."""
    if not emails:
        return {}
    address = func.lower(Mail.to_email)
    rows = db.session.execute(
        select(address, func.count())
        .where(
            Mail.trip_id == trip.id,
            Mail.state == MailState.HELD,
            Mail.hold == Hold.ADDRESS,
            address.in_(emails),
        )
        .group_by(address)
    )
    return {email: number for email, number in rows}

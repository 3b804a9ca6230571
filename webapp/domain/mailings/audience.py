"""Whom a message goes to: the people of a tour who fit an Audience, and who is left out and why.

A constant number of statements, whatever the number of people: the rows are read as plain columns,
and what is not asked for is not read. (peers.md gaps 12 and 25)
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, any_, bindparam, select

from webapp.db import db
from webapp.domain.mailings import lacking, sessions
from webapp.domain.mailings.registered import (
    Company,
    Person,
    asked_companies,
    asked_people,
    companies,
)
from webapp.domain.mailings.terms import Audience, AudienceRefused, ToWhom, from_plain
from webapp.domain.missing import Missing
from webapp.mail.letters import To
from webapp.models.delegate import DelegateState
from webapp.models.mail import Bounce, OptOut, Topic
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip


class Why(StrEnum):
    """Why somebody who would fit is not written to."""

    BOUNCED = "bounced"  # mail to the address came back
    OPTED_OUT = "opted_out"  # asked for no more news of this tour
    GONE = "gone"  # withdrew or was replaced
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is written to: who speaks for a company (`delegate_id` None), or a delegate,
    whose name may be empty yet."""

    to: To
    registration_id: int
    delegate_id: int | None
    email: str
    name: str
    company: str
    language: str
    state: RegistrationState
    delegate_state: DelegateState | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who gets a letter, by company, and who does not, and why."""

    people: list[Recipient] = field(default_factory=list)
    left_out: list[tuple[Recipient, Why]] = field(default_factory=list)

    @property
    def languages(self) -> Counter[str]:
        """How many read each language."""
        return Counter(each.language for each in self.people)

    @property
    def reasons(self) -> Counter[Why]:
        """How many are left out for each reason."""
        return Counter(why for _who, why in self.left_out)


def people(trip: Trip, audience: Audience, *, per_company: bool = False) -> list[Recipient]:
    """Who gets a letter, by company: one letter an address, or with `per_company` one for each of
    the companies that somebody at the address has to do with."""
    return choose(trip, audience, per_company=per_company).people


def choose(
    trip: Trip, audience: Audience, *, is_news: bool = False, per_company: bool = False
) -> Chosen:
    """Who gets a letter and who does not: with `is_news`, also who asked for no more of these."""
    registered = asked_companies(trip, audience)
    rows = asked_people(trip, audience) if audience.has_delegates or audience.asks_delegates else []
    of_company: dict[int, list[Person]] = {}
    for row in rows:
        of_company.setdefault(row.registration_id, []).append(row)
    fitting = _fitting(trip, audience, registered, rows)
    lacks = _lacks(trip, audience, registered)
    found: list[Recipient] = []
    gone: list[tuple[Recipient, Why]] = []
    for company in registered:
        theirs = of_company.get(company.id, [])
        fit = [each for each in theirs if each.id in fitting]
        if audience.has_coordinators and _asks_coordinator(audience, company, fit, lacks):
            found.append(_coordinator(company))
        if audience.has_delegates:
            found += [
                _delegate(company, each) for each in fit if _asks(audience, company, each, lacks)
            ]
            gone += _left(audience, company, theirs)
    return _sorted_out(trip, _once(found, per_company), gone, is_news)


def _fitting(
    trip: Trip, audience: Audience, companies: Iterable[Company], rows: Iterable[Person]
) -> Collection[int]:
    """The ids of the delegates who are there and fit what is asked of a delegate."""
    found = {
        row.id
        for row in rows
        if row.is_there and (not audience.delegate_states or row.state in audience.delegate_states)
    }
    if audience.track_id:
        found &= sessions.followers(audience.track_id)
    if audience.item_uid and audience.waits:
        found &= sessions.waiting(trip, audience.item_uid)
    if audience.asks_sessions:
        of = {company.id: company for company in companies}
        stands = [
            sessions.Stands(
                row.id,
                of[row.registration_id].state,
                of[row.registration_id].organization_id,
                row.state,
            )
            for row in rows
            if row.id in found
        ]
        found &= sessions.attending(trip, audience, stands)
    return found


def _lacks(trip: Trip, audience: Audience, companies: Iterable[Company]) -> dict[int, Missing]:
    if not audience.missing:
        return {}
    return lacking.of(trip, [company.id for company in companies])


def _asks_coordinator(
    audience: Audience, company: Company, fit: Sequence[Person], lacks: dict[int, Missing]
) -> bool:
    """Whether who speaks for the company is asked for: one of its delegates fits, where that is
    asked."""
    if audience.asks_delegates and not fit:
        return False
    if audience.missing and not lacks[company.id]:
        return False
    return _reads(audience, company)


def _asks(audience: Audience, company: Company, person: Person, lacks: dict[int, Missing]) -> bool:
    if audience.missing and person.id not in lacks[company.id].delegates:
        return False
    return _reads(audience, person)


def _reads(audience: Audience, reader: Company | Person) -> bool:
    if audience.language and reader.language != audience.language:
        return False
    return not (audience.unopened and reader.opened_at is not None)


def _coordinator(company: Company) -> Recipient:
    return Recipient(
        To.COORDINATOR,
        company.id,
        None,
        company.coordinator_email,
        company.coordinator_name,
        company.name,
        company.language,
        company.state,
        None,
    )


def _delegate(company: Company, person: Person) -> Recipient:
    name = f"{person.given_name} {person.family_name}".strip()
    return Recipient(
        To.DELEGATE,
        company.id,
        person.id,
        person.email,
        name,
        company.name,
        person.language,
        company.state,
        person.state,
    )


def _left(
    audience: Audience, company: Company, people: Iterable[Person]
) -> list[tuple[Recipient, Why]]:
    """Those who would fit if they had not left; of sessions and states nothing is known of them."""
    if audience.asks_delegates or audience.missing:
        return []
    return [
        (_delegate(company, each), Why.ERASED if each.erased_at else Why.GONE)
        for each in people
        if not each.is_there and _reads(audience, each)
    ]


def _once(found: Iterable[Recipient], per_company: bool) -> list[Recipient]:
    """The first of each address."""
    first: dict[tuple[str, int], Recipient] = {}
    for each in found:
        company = each.registration_id if per_company else 0
        first.setdefault((each.email.lower(), company), each)
    return list(first.values())


def _sorted_out(
    trip: Trip,
    found: Iterable[Recipient],
    gone: Iterable[tuple[Recipient, Why]],
    is_news: bool,
) -> Chosen:
    found = list(found)
    emails = sorted({each.email.lower() for each in found})
    bounced = _among(Bounce.email, emails, Bounce.cleared_at.is_(None))
    unwanted: set[str] = set()
    if is_news:
        of_trip = (OptOut.trip_id == trip.id, OptOut.topic == Topic.NEWS)
        unwanted = _among(OptOut.email, emails, *of_trip)
    chosen = Chosen()
    for each in found:
        email = each.email.lower()
        if email in unwanted:
            chosen.left_out.append((each, Why.OPTED_OUT))
        elif email in bounced:
            chosen.left_out.append((each, Why.BOUNCED))
        else:
            chosen.people.append(each)
    chosen.left_out.extend(gone)
    return chosen


def _among(column: Any, emails: list[str], *conditions: ColumnElement[bool]) -> set[str]:
    """Which of the addresses stand in the column. One parameter, however many they are."""
    wanted = bindparam("emails", emails, type_=ARRAY(Text))
    return set(db.session.scalars(select(column).where(column == any_(wanted), *conditions)))


__all__ = [
    "Audience",
    "AudienceRefused",
    "Chosen",
    "Recipient",
    "ToWhom",
    "Why",
    "choose",
    "companies",
    "from_plain",
    "people",
]

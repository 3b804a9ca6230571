"""What the placeholders of a message are for one reader.

Of links a reader has the own one alone: who speaks for a company that of the company, a delegate
the delegate's. (DESIGN rule 10.) Speaks the language of the letter, so ask inside of `speaking`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from webapp import addresses
from webapp.domain.mailings.wording import EVERY, Placeholder
from webapp.i18n import date_range, datetime_in, words
from webapp.mail.message import one_line
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration
from webapp.models.trip import Trip

# What stands for a key where somebody else than its owner looks: no row has it.
NOBODYS = "the-link-of-each-reader"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose message it is: `delegate` None is who speaks for the company. With `is_hidden`, links
    are shown without their keys."""

    registration: Registration
    delegate: Delegate | None
    is_hidden: bool = False


def of(trip: Trip, reader: Reader) -> Mapping[str, str]:
    """The values of every placeholder that the reader has, each in one line."""
    registration, delegate = reader.registration, reader.delegate
    found = {
        Placeholder.NAME: _name(reader),
        Placeholder.COMPANY: registration.organization.name,
        Placeholder.TOUR: words(trip.title),
        Placeholder.DATES: date_range(trip.starts_on, trip.ends_on),
        Placeholder.COORDINATOR: registration.coordinator_name,
        Placeholder.AGENDA_LINK: addresses.agenda(trip.slug),
    }
    if delegate is None:
        token = NOBODYS if reader.is_hidden else registration.token
        found[Placeholder.COMPANY_LINK] = addresses.company(token)
    else:
        token = NOBODYS if reader.is_hidden else delegate.token
        found[Placeholder.DELEGATE_LINK] = addresses.delegate(token)
    due_at = deadline(trip)
    if due_at is not None:
        found[Placeholder.DEADLINE] = datetime_in(due_at, trip.says_deadlines_in)
    return {str(name): one_line(value) for name, value in found.items()}


def deadline(trip: Trip) -> datetime | None:
    """The instant that {deadline} is about: until when travel details are asked for, else until
    when a company changes things without asking; None where the tour has neither."""
    return trip.details_due_at or trip.freezes_at


def had(trip: Trip, *, delegates: bool, coordinators: bool) -> frozenset[Placeholder]:
    """The placeholders that all of such readers of this tour have."""
    without = set()
    if delegates:
        without.add(Placeholder.COMPANY_LINK)
    if coordinators:
        without.add(Placeholder.DELEGATE_LINK)
    if deadline(trip) is None:
        without.add(Placeholder.DEADLINE)
    if not trip.is_public:
        without.add(Placeholder.AGENDA_LINK)
    return EVERY - without


def _name(reader: Reader) -> str:
    """What the reader is called; who was invited and has given no name yet, by the company."""
    delegate = reader.delegate
    if delegate is None:
        return reader.registration.coordinator_name
    name = f"{delegate.given_name} {delegate.family_name}".strip()
    return name or _("delegate of %(company)s", company=reader.registration.organization.name)

"""A message as some of its readers would read it, before any letter is put."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp import addresses, clock
from webapp.db import db
from webapp.domain.correspondence import contexts, messages
from webapp.domain.mailings.audience import Recipient
from webapp.domain.mailings.values import NOBODYS, Reader
from webapp.mail import message
from webapp.mail.message import Letter
from webapp.models.delegate import Delegate
from webapp.models.mail import Topic
from webapp.models.mailing import Mailing
from webapp.models.registration import Registration
from webapp.models.trip import Trip

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """What one reader would read: both twins. Keys are replaced, so that nobody sees another's."""

    who: Recipient
    subject: str
    text: str
    page: str


def one_a_language(people: Sequence[Recipient]) -> list[Recipient]:
    """One reader of each language that they read."""
    return list({each.language: each for each in reversed(samples(people))}.values())


def samples(people: Sequence[Recipient], most: int = SHOWN) -> list[Recipient]:
    """Some of the readers who differ from each other: in language, in who they are to the company,
    in company."""
    found: list[Recipient] = []
    for alike in (
        lambda one, other: one.language == other.language,
        lambda one, other: one.to == other.to,
        lambda one, other: one.company == other.company,
        lambda one, other: one is other,
    ):
        for each in people:
            if len(found) >= most:
                return found
            if not any(alike(each, other) for other in found):
                found.append(each)
    return found


def of(trip: Trip, mailing: Mailing, people: Iterable[Recipient]) -> list[Preview]:
    """What these people would read. Two statements, however many they are."""
    who = list(people)
    registrations = _registrations({each.registration_id for each in who})
    delegates = _delegates({each.delegate_id for each in who if each.delegate_id})
    return [
        _preview(
            trip, mailing, each,
            Reader(registrations[each.registration_id],
                   delegates[each.delegate_id] if each.delegate_id else None, is_hidden=True),
        )
        for each in who
    ]  # fmt: skip


def _preview(trip: Trip, mailing: Mailing, who: Recipient, reader: Reader) -> Preview:
    said = messages.said(mailing.subject, mailing.body, trip, reader, who.language)
    context = {
        **contexts.NOTHING,
        **said,
        "told": {},
        "trip": trip,
        "zone": trip.says_deadlines_in,
        "registration": reader.registration,
        "delegate": reader.delegate,
        "stop_link": addresses.stop(NOBODYS, Topic.NEWS) if mailing.is_news else None,
    }
    letter = Letter("message", "preview", who.email, who.name, who.language, context)
    return Preview(who, *message.render(letter, clock.now()))


def _registrations(ids: set[int]) -> dict[int, Registration]:
    query = select(Registration).where(Registration.id.in_(ids))
    rows = db.session.scalars(query.options(joinedload(Registration.organization)))
    return {each.id: each for each in rows}


def _delegates(ids: set[int]) -> dict[int, Delegate]:
    return {
        each.id: each for each in db.session.scalars(select(Delegate).where(Delegate.id.in_(ids)))
    }

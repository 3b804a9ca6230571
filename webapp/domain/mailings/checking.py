"""What keeps a message from going out, told before it does: texts, languages, files, people."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import exists, select

from webapp.db import db
from webapp.domain.mailings import audience as audiences
from webapp.domain.mailings import files, values, wording
from webapp.domain.mailings.audience import Audience, AudienceRefused, Chosen, Recipient, from_plain
from webapp.i18n import LANGUAGES
from webapp.models.mailing import Mailing
from webapp.models.place import Stop
from webapp.models.registration import Registration
from webapp.models.release import ReleaseItem
from webapp.models.track import Track
from webapp.models.trip import Trip

MOST_OCTETS = (
    2 * 1024 * 1024 * 1024
)  # of all letters of one message together: its files are in each


class What(StrEnum):
    """What is wrong with a message as a whole, or with one of its texts."""

    NO_SUBJECT = "no_subject"
    NO_BODY = "no_body"
    NO_TEXT = "no_text"  # in no language at all
    LANGUAGE_MISSING = "language_missing"
    TEXT = "text"  # `problem` says what
    NOBODY = "nobody"
    STALE = "stale"  # what it asks for is not there any more
    TOO_HEAVY = "too_heavy"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that has to be mended: in which language and part ("subject", "body", or a field of
    the audience), how many people or octets it is about."""

    what: What
    language: str | None = None
    part: str | None = None
    number: int = 0
    problem: wording.Problem | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What sending a message would do now."""

    audience: Audience
    chosen: Chosen
    faults: list[Fault]
    fingerprint: str

    @property
    def number(self) -> int:
        return len(self.chosen.people)


def check(trip: Trip, mailing: Mailing) -> Checked:
    """Who gets the message if it went out now, and all that keeps it from doing so. A constant
    number of statements."""
    asked, stale = _audience(trip, mailing)
    per_company = bool(_used(mailing) & wording.OF_COMPANY)
    chosen = Chosen()
    if not stale:
        chosen = audiences.choose(trip, asked, is_news=mailing.is_news, per_company=per_company)
    chosen = replace(chosen, people=[_spoken(mailing, asked, each) for each in chosen.people])
    faults = [*stale, *_texts(trip, mailing, asked), *_languages(mailing, chosen)]
    if not stale:
        faults += _people(mailing, chosen)
    return Checked(asked, chosen, faults, _fingerprint(mailing, chosen))


def texts(trip: Trip, mailing: Mailing) -> list[Fault]:
    """What is wrong with the texts, whoever reads them."""
    asked, _stale = _audience(trip, mailing)
    return list(_texts(trip, mailing, asked))


def written(mailing: Mailing) -> list[str]:
    """The languages in which it says anything."""
    return [each for each in LANGUAGES if mailing.subject.get(each) or mailing.body.get(each)]


def _audience(trip: Trip, mailing: Mailing) -> tuple[Audience, list[Fault]]:
    try:
        asked = from_plain(mailing.audience)
    except AudienceRefused as refused:
        return Audience(), [Fault(What.STALE, part=refused.field)]
    return asked, [Fault(What.STALE, part=field) for field in stale(trip, asked)]


def stale(trip: Trip, asked: Audience) -> list[str]:
    """The fields of an audience that name what this tour does not have, or not any more."""
    found = []
    if asked.organization_ids:
        known = select(Registration.organization_id).where(
            Registration.trip_id == trip.id,
            Registration.organization_id.in_(asked.organization_ids),
        )
        if set(db.session.scalars(known)) != asked.organization_ids:
            found.append("organization_ids")
    for field, model, number in (
        ("stop_id", Stop, asked.stop_id),
        ("track_id", Track, asked.track_id),
    ):
        if number and not _there(model, trip, number):
            found.append(field)
    if asked.item_uid and not _published(trip, asked.item_uid):
        found.append("item_uid")
    return found


def _there(model: type[Stop] | type[Track], trip: Trip, number: int) -> bool:
    query = exists().where(model.id == number, model.trip_id == trip.id)
    return bool(db.session.scalar(select(query)))


def _published(trip: Trip, uid: UUID) -> bool:
    query = exists().where(ReleaseItem.release_id == trip.release_id, ReleaseItem.uid == uid)
    return bool(db.session.scalar(select(query)))


def _used(mailing: Mailing) -> frozenset[wording.Placeholder]:
    said = [*mailing.subject.values(), *mailing.body.values()]
    return frozenset().union(*(wording.used(text) for text in said))


def spoken(mailing: Mailing, who: Recipient) -> Recipient:
    """The reader with the language in which they would get the message now."""
    there = written(mailing)
    return who if who.language in there or not there else replace(who, language=_other(there))


def _other(there: list[str]) -> str:
    return "en" if "en" in there else there[0]


def _spoken(mailing: Mailing, asked: Audience, who: Recipient) -> Recipient:
    """The reader with the language that they get: their own, or that which there is, where the
    organizers say so."""
    return spoken(mailing, who) if asked.any_language else who


def _texts(trip: Trip, mailing: Mailing, asked: Audience) -> Iterator[Fault]:
    may = values.had(trip, delegates=asked.has_delegates, coordinators=asked.has_coordinators)
    there = written(mailing)
    if not there:
        yield Fault(What.NO_TEXT)
    for language in there:
        subject, body = mailing.subject.get(language, ""), mailing.body.get(language, "")
        if not subject.strip():
            yield Fault(What.NO_SUBJECT, language, "subject")
        if not body.strip():
            yield Fault(What.NO_BODY, language, "body")
        parts = (("subject", subject, wording.IN_SUBJECT), ("body", body, wording.EVERY))
        for part, text, known in parts:
            for problem in wording.check(text, may, known):
                yield Fault(What.TEXT, language, part, problem=problem)


def _languages(mailing: Mailing, chosen: Chosen) -> Iterator[Fault]:
    there = written(mailing)
    for language, number in sorted(chosen.languages.items()):
        if there and language not in there:
            yield Fault(What.LANGUAGE_MISSING, language, number=number)


def _people(mailing: Mailing, chosen: Chosen) -> Iterator[Fault]:
    if not chosen.people:
        yield Fault(What.NOBODY)
    octets = files.total(mailing) * len(chosen.people)
    if octets > MOST_OCTETS:
        yield Fault(What.TOO_HEAVY, number=octets)


def _fingerprint(mailing: Mailing, chosen: Chosen) -> str:
    """Tells this message to these people from any other."""
    said = [
        mailing.version,
        mailing.subject,
        mailing.body,
        mailing.is_news,
        [file.id for file in mailing.files],
        _listed(chosen.people),
    ]
    plain = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _listed(people: Iterable[Recipient]) -> list[list[object]]:
    return sorted(
        [each.email.lower(), each.registration_id, each.delegate_id or 0, each.language]
        for each in people
    )

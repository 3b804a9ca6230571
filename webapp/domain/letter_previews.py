"""How a letter of a tour would read now, with real data of the tour and without anybody's key.

Nothing is put or kept: the row of the letter is never added. Of letters that were put, the facts
they told of are taken; else a letter is shown that some company or delegate might be written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from webapp import clock, keys
from webapp.db import db
from webapp.domain import correspondence, registrations
from webapp.domain.correspondence import Pointless
from webapp.mail import message
from webapp.mail.letters import LETTERS, To
from webapp.models.delegate import Delegate
from webapp.models.draft import Draft
from webapp.models.mail import Mail
from webapp.models.prospect import Prospect, ProspectState
from webapp.models.registration import Registration
from webapp.models.trip import Trip

MOST_PUT = 10  # letters that were put, to choose among
MOST_READERS = 40
TO_ANSWER = timedelta(days=3)
FEE = "500.00"


class NoPreview(Exception):
    """With these data the letter would not be written."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose data a letter can be shown with: its key, who reads it, and when it was put, if it was
    a letter already."""

    key: str
    name: str
    company: str = ""
    put_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter as its reader would read it, without keys."""

    subject: str
    text: str
    page: str


def choices(trip: Trip, letter: str) -> list[Choice]:
    """Whose data a letter of this tour can be shown with: the latest letters of the kind, then
    companies or delegates."""
    return [
        *(
            Choice(f"mail-{row.id}", row.to_name or row.to_email, put_at=row.created_at)
            for row in _put(trip, letter)
        ),
        *_readers(trip, letter),
    ]


def first(trip: Trip, letter: str, language: str) -> str:
    """The key of the first choice with which the letter can be shown; empty when there is none."""
    for choice in choices(trip, letter)[:MOST_PUT]:
        try:
            show(trip, letter, language, choice.key)
        except NoPreview:
            continue
        return choice.key
    return ""


def show(trip: Trip, letter: str, language: str, key: str) -> Shown:
    """The letter with these data, in a language, with the tour's words for it. Raises NoPreview,
    also for a key that is no choice of this tour."""
    row = _row(trip, letter, key)
    if row is None:
        raise NoPreview
    row.language = language
    try:
        with db.session.begin_nested(), db.session.no_autoflush:
            parts = message.render(correspondence.letter_of(row), row.created_at)
    except Pointless as why:
        raise NoPreview(str(why)) from why
    except Exception as error:
        # Made-up facts may lack what a template asks of real ones.
        current_app.logger.warning("no preview of %s with %s", letter, key, exc_info=error)
        raise NoPreview from error
    return Shown(*(keys.left_out(part) for part in parts))


def _put(trip: Trip, letter: str) -> Sequence[Mail]:
    return db.session.scalars(
        select(Mail)
        .where(Mail.trip_id == trip.id, Mail.letter == letter, Mail.facts.is_not(None))
        .order_by(Mail.id.desc())
        .limit(MOST_PUT)
    ).all()


def _readers(trip: Trip, letter: str) -> list[Choice]:
    companies = registrations.of_trip(trip, size=MOST_READERS)
    if not companies or not _can_be_told(letter, _facts(trip, companies[0], None)):
        return []
    if To.DELEGATE not in LETTERS[letter].to:
        return [
            Choice(f"registration-{one.id}", one.coordinator_name, one.organization.name)
            for one in companies
        ]
    return [
        Choice(f"delegate-{one.id}", one.name, company.organization.name)
        for company in companies
        for one in company.delegates
    ][:MOST_READERS]


def _row(trip: Trip, letter: str, key: str) -> Mail | None:
    kind, _dash, digits = key.partition("-")
    number = int(digits) if digits.isdecimal() and len(digits) < 18 else 0
    if kind == "mail":
        return next((_like(row) for row in _put(trip, letter) if row.id == number), None)
    companies = registrations.of_trip(trip, size=MOST_READERS)
    if kind == "registration":
        found = next((one for one in companies if one.id == number), None)
        return _made(trip, letter, found, None) if found else None
    for company in companies:
        for delegate in company.delegates:
            if kind == "delegate" and delegate.id == number:
                return _made(trip, letter, company, delegate)
    return None


_COLUMNS = (
    "key", "letter", "urgency", "topic", "trip_id", "registration_id", "delegate_id", "release_id",
    "mailing_id", "reminder_id", "facts", "to_email", "to_name", "message_id", "created_at",
)  # fmt: skip


def _like(row: Mail) -> Mail:
    return Mail(**{name: getattr(row, name) for name in _COLUMNS})


def _made(trip: Trip, letter: str, company: Registration, delegate: Delegate | None) -> Mail | None:
    kind = LETTERS[letter]
    known = _facts(trip, company, delegate)
    if not _can_be_told(letter, known):
        return None
    email, full_name = _reader(trip, letter, company, delegate)
    to_address = To.COORDINATOR not in kind.to and delegate is None
    return Mail(
        key=f"preview:{letter}",
        letter=letter,
        topic=kind.topic,
        trip_id=trip.id,
        registration_id=None if to_address else company.id,
        delegate_id=delegate.id if delegate else None,
        facts={name: known[name] for name in kind.facts | kind.also if name in known},
        to_email=email,
        to_name=full_name,
        message_id="<preview>",
        created_at=clock.now(),
    )


def _reader(
    trip: Trip, letter: str, company: Registration, delegate: Delegate | None
) -> tuple[str, str]:
    """Address and name of whoever reads it."""
    told = LETTERS[letter].facts
    asked = (_draft(trip) if "draft_id" in told else None) or (
        _prospect(trip) if "prospect_id" in told else None
    )
    if asked is not None:
        return asked.email, asked.name or ""
    if delegate is not None:
        return delegate.email, f"{delegate.given_name} {delegate.family_name}".strip()
    return company.coordinator_email, company.coordinator_name


def _can_be_told(letter: str, known: Mapping[str, Any]) -> bool:
    """Whether facts are enough for a letter; one about a draft or an invitation needs one."""
    told = LETTERS[letter].facts
    subjects = told & {"draft_id", "prospect_id"}
    return told <= known.keys() and all(known[name] for name in subjects)


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _facts(trip: Trip, company: Registration, delegate: Delegate | None) -> dict[str, Any]:
    """What a letter may be told of, by name, as a row of the outbox keeps it."""
    return {
        "state": company.state,
        "delegate_state": delegate.state if delegate else None,
        "reason": None,
        "changes": [{"what": "edit", "who": company.coordinator_name}],
        "places": 1,
        "asked": 1,
        "ends_at": (clock.now() + TO_ANSWER).isoformat(),
        "why": "offer",
        "amount": FEE,
        "currency": trip.currency,
        "kind": "add",
        "accepted": True,
        "registration_id": company.id,
        "by": company.coordinator_name,
        "to": company.coordinator_name,
        "coordinator": company.coordinator_name,
        "stage": "travel",
        "due_at": _instant(trip.details_due_at),
        "day_on": trip.starts_on.isoformat(),
        "number": trip.release.number if trip.release else 0,
        "since": 0,
        "draft_id": getattr(_draft(trip), "id", None),
        "prospect_id": getattr(_prospect(trip), "id", None),
    }


def _draft(trip: Trip) -> Draft | None:
    latest = select(Draft).where(Draft.trip_id == trip.id).order_by(Draft.id.desc())
    return db.session.scalars(latest.limit(1)).first()


def _prospect(trip: Trip) -> Prospect | None:
    asked = select(Prospect).where(
        Prospect.trip_id == trip.id, Prospect.state == ProspectState.ASKED
    )
    return db.session.scalars(asked.order_by(Prospect.id.desc()).limit(1)).first()

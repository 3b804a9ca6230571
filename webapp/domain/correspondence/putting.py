"""Putting letters into the outbox of the open transaction, unwritten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import (
    Table,
    Text,
    bindparam,
    case,
    column,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.dml import ReturningInsert

from webapp import clock
from webapp.db import db, hint
from webapp.mail import message, outbox
from webapp.mail.letters import LETTERS, UNWANTED, To
from webapp.models.delegate import Delegate
from webapp.models.mail import Bounce, Hold, Mail, MailState, OptOut, Topic
from webapp.models.registration import Registration
from webapp.models.trip import Trip

# What a letter to an address is about, the first of these that it is told; else its trip.
OBJECTS = ("amendment", "draft", "prospect", "registration", "person", "mailing", "reminder")


class FactsWrong(ValueError):
    """A letter is not known, or is not told what its kind needs: a mistake in the code."""


@dataclass(frozen=True, slots=True)
class Told:
    """A letter to be put: what it tells of, whom it tells, and what is true now.

    `about` and `version` make its key together with the letter and the recipient: the same change
    told twice makes one letter (DESIGN rule 8).
    """

    letter: str
    about: str
    version: int | str
    to_email: str
    to_name: str
    language: str
    trip_id: int | None
    registration_id: int | None
    delegate_id: int | None
    facts: Mapping[str, Any]
    topic: Topic | None = None  # of its kind, unless `replace` says another
    due_at: datetime | None = None  # None: at once
    held: bool = False  # until `due_at`: it can be stopped before
    release_id: int | None = None
    mailing_id: int | None = None
    reminder_id: int | None = None

    @property
    def key(self) -> str:
        return f"{self.letter}:{self.about}:{self.version}:{self.to_email}"


def for_coordinator(
    letter: str, registration: Registration, version: int | str, **facts: Any
) -> Told:
    """A letter to who speaks for the company now, without writing it down.

    `version` tells it from others of its kind about the same registration. Raises FactsWrong.
    """
    facts.setdefault("state", registration.state)
    _check(letter, To.COORDINATOR, facts)
    return Told(
        letter=letter,
        about=f"registration-{registration.id}",
        version=version,
        to_email=registration.coordinator_email,
        to_name=registration.coordinator_name,
        language=registration.language,
        trip_id=registration.trip_id,
        registration_id=registration.id,
        delegate_id=None,
        facts=facts,
        topic=LETTERS[letter].topic,
    )


def for_delegate(letter: str, delegate: Delegate, version: int | str, **facts: Any) -> Told:
    """A letter to one delegate, who is called nothing until a name is given. Raises FactsWrong."""
    facts.setdefault("state", delegate.registration.state)
    facts.setdefault("delegate_state", delegate.state)
    _check(letter, To.DELEGATE, facts)
    return Told(
        letter=letter,
        about=f"delegate-{delegate.id}",
        version=version,
        to_email=delegate.email,
        to_name=f"{delegate.given_name} {delegate.family_name}".strip(),
        language=delegate.language,
        trip_id=delegate.registration.trip_id,
        registration_id=delegate.registration_id,
        delegate_id=delegate.id,
        facts=facts,
        topic=LETTERS[letter].topic,
    )


def for_address(
    letter: str,
    trip: Trip | None,
    email: str,
    name: str,
    language: str,
    version: int | str,
    **facts: Any,
) -> Told:
    """A letter to somebody at an address; `name` may be empty, `trip` None when it is about
    several. It is about the amendment, draft, prospect or registration whose id is among the
    facts, else about the trip. Raises FactsWrong."""
    _check(letter, To.ADDRESS, facts)
    about = [f"{name_}-{facts[f'{name_}_id']}" for name_ in OBJECTS if facts.get(f"{name_}_id")]
    return Told(
        letter=letter,
        about=about[0] if about else f"trip-{trip.id}" if trip else "tours",
        version=version,
        to_email=email,
        to_name=name,
        language=language,
        trip_id=trip.id if trip else None,
        registration_id=facts.get("registration_id"),
        delegate_id=None,
        facts=facts,
        topic=LETTERS[letter].topic,
    )


def to_coordinator(
    letter: str, registration: Registration, version: int | str, **facts: Any
) -> bool:
    """Put a letter to who speaks for the company; False if that very letter is there already."""
    return bool(put([for_coordinator(letter, registration, version, **facts)]))


def to_delegate(letter: str, delegate: Delegate, version: int | str, **facts: Any) -> bool:
    """Put a letter to one delegate; False if that very letter is there already."""
    return bool(put([for_delegate(letter, delegate, version, **facts)]))


def to_address(
    letter: str,
    trip: Trip | None,
    email: str,
    name: str,
    language: str,
    version: int | str,
    **facts: Any,
) -> bool:
    """Put a letter to an address; False if that very letter is there already."""
    return bool(put([for_address(letter, trip, email, name, language, version, **facts)]))


def put(letters: Sequence[Told]) -> int:
    """Write letters into the outbox of the open transaction, in one statement however many they
    are, and wake the worker after the commit; how many were not there already.

    What they tell of has to be flushed. Nothing is rendered. A letter to an address that mail has
    come back from is held, and one of a topic that its reader asked for no more of is cancelled:
    both stand in the list, so that organizers see whom they do not reach.
    """
    if not letters:
        return 0
    at, sender = clock.now(), message.sender()
    rows = [_row(told, sender) for told in letters]
    made = db.session.execute(_INSERT, {"rows": rows, "at": at}).all()
    hint(outbox.SEND)
    return len(made)


def as_row(told: Told) -> Mail:
    """The row that a letter would have, added nowhere: to show how it would read."""
    given = _row(told, message.sender()) | {"due_at": None, "hold": None}
    return Mail(**given, created_at=clock.now())


def _row(told: Told, sender: str) -> dict[str, Any]:
    return {
        "key": told.key,
        "letter": told.letter,
        "trip_id": told.trip_id,
        "registration_id": told.registration_id,
        "delegate_id": told.delegate_id,
        "facts": {name: _plain(value) for name, value in told.facts.items()},
        "to_email": told.to_email,
        "to_name": told.to_name[: outbox.LONGEST_NAME],
        "language": told.language,
        "message_id": message.message_id(told.key, sender),
        "urgency": LETTERS[told.letter].urgency,
        "topic": told.topic,
        "due_at": told.due_at.astimezone(UTC).isoformat() if told.due_at else None,
        "hold": Hold.WINDOW if told.held else None,
        "release_id": told.release_id,
        "mailing_id": told.mailing_id,
        "reminder_id": told.reminder_id,
    }


def _insert() -> ReturningInsert[tuple[int]]:
    """One INSERT for rows that come as one JSON array: as fast for thousands as for one."""
    mails = cast(Table, Mail.__table__)
    names = (
        "key", "letter", "trip_id", "registration_id", "delegate_id", "facts", "to_email",
        "to_name", "language", "message_id", "urgency", "topic", "release_id", "mailing_id",
        "reminder_id",
    )  # fmt: skip
    also = ("due_at", "hold")
    given = (
        func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
        .table_valued(*(column(name, mails.c[name].type) for name in (*names, *also)))
        .render_derived(name="given", with_types=True)
    )
    at = bindparam("at", type_=mails.c.due_at.type)
    came_back = exists().where(
        Bounce.email == func.lower(given.c.to_email), Bounce.cleared_at.is_(None)
    )
    unwanted = exists().where(
        OptOut.email == func.lower(given.c.to_email),
        OptOut.trip_id == given.c.trip_id,
        OptOut.topic == given.c.topic,
    )
    state = case(
        (unwanted, literal(MailState.CANCELLED, Text)),
        (or_(came_back, given.c.hold.is_not(None)), literal(MailState.HELD, Text)),
        else_=literal(MailState.WAITING, Text),
    )
    hold = case(
        (unwanted, null()),
        (came_back, literal(Hold.ADDRESS, Text)),
        else_=cast_to(given.c.hold, Text),
    )
    rows = select(
        *(given.c[name] for name in names),
        literal("", Text),
        state,
        hold,
        case((unwanted, literal(UNWANTED, Text))),
        literal(0),
        func.coalesce(given.c.due_at, at),
        at,
    )
    told = (*names, "subject", "state", "hold", "last_error", "attempts", "due_at", "created_at")
    return (
        insert(mails)
        .from_select(told, rows, include_defaults=False)
        .on_conflict_do_nothing()  # of any unique column: the Message-ID follows from the key
        .returning(mails.c.id)
    )


_INSERT = _insert()


def _check(letter: str, to: To, facts: Mapping[str, Any]) -> None:
    kind = LETTERS.get(letter)
    if kind is None or to not in kind.to:
        raise FactsWrong(f"no letter {letter!r} to {to}")
    missing = kind.facts - facts.keys()
    unknown = facts.keys() - kind.facts - kind.also
    if missing or unknown:
        raise FactsWrong(f"{letter}: missing {sorted(missing)}, unknown {sorted(unknown)}")


def _plain(value: Any) -> Any:
    """`value` as JSON has it. Raises FactsWrong for what JSON cannot hold."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case str():
            return str(value)
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {str(name): _plain(part) for name, part in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(part) for part in value]
    raise FactsWrong(f"a letter cannot be told a {type(value).__name__}")

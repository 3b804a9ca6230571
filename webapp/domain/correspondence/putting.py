"""Putting letters into the outbox of the open transaction, unwritten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, Text, bindparam, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.dml import ReturningInsert

from webapp import clock
from webapp.db import db, hint
from webapp.mail import message, outbox
from webapp.mail.letters import LETTERS, To
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.registration import Registration
from webapp.models.trip import Trip

# What a letter to an address is about, the first of these that it is told; else its trip.
OBJECTS = ("amendment", "draft", "prospect", "registration")


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

    What they tell of has to be flushed. Nothing is rendered.
    """
    if not letters:
        return 0
    at, sender = clock.now(), message.sender()
    rows = [_row(told, sender) for told in letters]
    made = db.session.execute(_INSERT, {"rows": rows, "at": at}).all()
    hint(outbox.SEND)
    return len(made)


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
    }


def _insert() -> ReturningInsert[tuple[int]]:
    """One INSERT for rows that come as one JSON array: as fast for thousands as for one."""
    mails = cast(Table, Mail.__table__)
    names = (
        "key", "letter", "trip_id", "registration_id", "delegate_id", "facts", "to_email",
        "to_name", "language", "message_id",
    )  # fmt: skip
    given = (
        func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
        .table_valued(*(column(name, mails.c[name].type) for name in names))
        .render_derived(name="given", with_types=True)
    )
    at = bindparam("at", type_=mails.c.due_at.type)
    rows = select(*(given.c[name] for name in names), literal("", Text), at, at)
    return (
        insert(mails)
        .from_select([*names, "subject", "due_at", "created_at"], rows)
        .on_conflict_do_nothing(index_elements=[mails.c.key])
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

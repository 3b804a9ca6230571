"""Whom a message is for, as it is kept: a plain dict that may be old, and its meaning."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from webapp.errors import DomainError
from webapp.i18n import LANGUAGES
from webapp.models.delegate import GONE, DelegateState
from webapp.models.registration import RegistrationState

MOST_COMPANIES = 5_000
LARGEST_ID = 2**63 - 1


class ToWhom(StrEnum):
    """Who of a company is written to; with both, whoever is both gets one letter."""

    DELEGATES = "delegates"
    COORDINATORS = "coordinators"
    BOTH = "both"


class AudienceRefused(DomainError):
    """A value of the plain dict is none that its field takes; `field` says of which."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class Audience:
    """The people of a tour who fit all that is asked for; what is empty asks for nothing.

    Without `states`, companies that have a part in the tour. `day` is a local date: who has a
    session that day; `stop_id`: who has one there; `track_id`: who follows it; `item_uid`: who is
    in that session, or with `waits` who waits for a place in it. Who speaks for a company fits when
    one of its delegates does. `missing`, `language` and `unopened` are of each reader; `unpaid` of
    the company. With `any_language`, who reads a language that the text does not have gets another.
    """

    to_whom: ToWhom = ToWhom.DELEGATES
    organization_ids: frozenset[int] = frozenset()
    day: date | None = None
    stop_id: int | None = None
    track_id: int | None = None
    item_uid: UUID | None = None
    waits: bool = False
    states: frozenset[RegistrationState] = frozenset()
    delegate_states: frozenset[DelegateState] = frozenset()
    missing: bool = False
    unpaid: bool = False
    language: str | None = None
    unopened: bool = False
    any_language: bool = False

    @property
    def has_delegates(self) -> bool:
        return self.to_whom != ToWhom.COORDINATORS

    @property
    def has_coordinators(self) -> bool:
        return self.to_whom != ToWhom.DELEGATES

    @property
    def asks_sessions(self) -> bool:
        """Whether it asks what delegates have in their agenda."""
        return bool(self.day or self.stop_id or (self.item_uid and not self.waits))

    @property
    def asks_delegates(self) -> bool:
        """Whether it asks anything of a delegate that a company has only by its delegates."""
        return bool(self.asks_sessions or self.track_id or self.item_uid or self.delegate_states)

    def plain(self) -> dict[str, Any]:
        """As JSON holds it, without what asks for nothing: `from_plain` reads the same."""
        said: dict[str, Any] = {"to_whom": self.to_whom.value}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "to_whom" or not value:
                continue
            said[field.name] = _plain(value)
        return said


def from_plain(said: Mapping[str, Any]) -> Audience:
    """What was kept; what is not known is no part of it. Raises AudienceRefused."""
    given: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in said and said[name] is not None:
            try:
                given[name] = read(said[name])
            except (TypeError, ValueError, AttributeError) as error:
                raise AudienceRefused(name) from error
    return Audience(**given)


Member = TypeVar("Member", bound=StrEnum)


def _plain(value: Any) -> Any:
    match value:
        case frozenset():
            return sorted(value)
        case date() | UUID():
            return str(value)
        case StrEnum():
            return value.value
    return value


def _id(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_ID:
        raise ValueError(value)
    return value


def _ids(value: Any) -> frozenset[int]:
    return frozenset(_id(each) for each in _some(value))


def _some(value: Any) -> Iterable[Any]:
    if not isinstance(value, list | tuple) or len(value) > MOST_COMPANIES:
        raise ValueError(type(value))
    return value


def _yes(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(type(value))
    return value


def _language(value: Any) -> str | None:
    if value not in ("", *LANGUAGES):
        raise ValueError(value)
    return value or None


def _still_there(value: Any) -> frozenset[DelegateState]:
    states = frozenset(DelegateState(each) for each in _some(value))
    if states & GONE:
        raise ValueError(states)
    return states


_READERS: dict[str, Any] = {
    "to_whom": ToWhom,
    "organization_ids": _ids,
    "day": date.fromisoformat,
    "stop_id": _id,
    "track_id": _id,
    "item_uid": UUID,
    "waits": _yes,
    "states": lambda value: frozenset(RegistrationState(each) for each in _some(value)),
    "delegate_states": _still_there,
    "missing": _yes,
    "unpaid": _yes,
    "language": _language,
    "unopened": _yes,
    "any_language": _yes,
}

"""One row of a table: what it says of an item, and everything that is wrong with it."""

import re
import uuid
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from webapp.db import Words
from webapp.domain.item_values import ItemValues
from webapp.domain.sheets import cells, vocabulary
from webapp.domain.sheets.fields import Field
from webapp.domain.sheets.names import Names
from webapp.domain.sheets.tables import Cell, Fault, Problem, Row
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemState, Mode
from webapp.models.trip import Trip

LONG_TEXT = 5_000  # characters of a description or a note


@dataclass(frozen=True, slots=True)
class Options:
    """What whoever brings in a file may ask for."""

    kind: ItemKind = ItemKind.VISIT  # of new items where the file says none
    month_first: bool = False  # how to read 03/04/2027
    all_day: bool = False  # take all-day events of a calendar, from 00:00 to 23:59
    add_venues: bool = False
    add_people: bool = False
    call_off: bool = False  # items with a key that the file does not list


@dataclass(slots=True)
class Said:
    """A row as it is being read. `same` are the columns whose cell says what the item says."""

    row: Row
    places: dict[Field, int]
    trip: Trip
    names: Names
    options: Options
    near: set[int]  # organizations that have to do with the trip
    base: ItemValues | None = None
    same: frozenset[Field] = frozenset()
    problems: list[Problem] = field(default_factory=list)
    lacks: set[Field] = field(default_factory=set)  # what no column says: told once, not by row

    def has(self, column: Field) -> bool:
        """Whether the file has the column and it may say something new."""
        return column in self.places and column not in self.same

    def cell(self, column: Field) -> Cell:
        number = self.places.get(column)
        return None if number is None else self.row.cells[number]

    def text(self, column: Field) -> str:
        return cells.text(self.cell(column))

    def tell(self, column: Field, fault: Fault, **facts: Any) -> None:
        """Note a problem in the cell of a column."""
        place = self.places.get(column)
        if place is None and fault == Fault.MISSING:
            self.lacks.add(column)
        else:
            self.problems.append(Problem(self.row.number, place, fault, facts))


# Plain texts, and how long they may be.
TEXTS: dict[Field, tuple[str, int]] = {
    Field.PLACE: ("place", 200),
    Field.TO_PLACE: ("to_place", 200),
    Field.SERVICE: ("service", 200),
    Field.VEHICLE: ("vehicle", 64),
    Field.NOTE: ("internal_note", LONG_TEXT),
}
WORDS: dict[str, tuple[Field, Field, int]] = {
    "title": (Field.TITLE_EN, Field.TITLE_FR, 200),
    "description": (Field.DESCRIPTION_EN, Field.DESCRIPTION_FR, LONG_TEXT),
    "meeting_point": (Field.MEETING_POINT_EN, Field.MEETING_POINT_FR, 200),
}
NUMBERS: dict[Field, tuple[str, int]] = {
    Field.CAPACITY: ("capacity", 100_000),
    Field.CALL: ("call_minutes", 1_440),
}
ENUMS: dict[Field, tuple[str, type[StrEnum], StrEnum | None]] = {
    Field.KIND: ("kind", ItemKind, None),
    Field.AUDIENCE: ("audience", Audience, Audience.EVERYBODY),
    Field.STATE: ("state", ItemState, ItemState.CONFIRMED),
    Field.ATTENDANCE: ("attendance", Attendance, Attendance.MANDATORY),
    Field.MODE: ("mode", Mode, None),
}
ONE_LINE = frozenset(
    {*TEXTS, Field.TITLE_EN, Field.TITLE_FR, Field.MEETING_POINT_EN, Field.MEETING_POINT_FR}
) - {Field.NOTE}


def plain(said: Said) -> dict[str, Any]:
    """What the row says of an item apart from times and names, on top of what it said before."""
    values = _before(said)
    for column, (attribute, longest) in TEXTS.items():
        if said.has(column):
            values[attribute] = text(said, column, longest) or None
    for name, (english, french, longest) in WORDS.items():
        values[name] = _words(said, values.get(name), english, french, longest)
    for column, (attribute, most) in NUMBERS.items():
        if said.has(column):
            values[attribute] = _number(said, column, most)
    for column, (attribute, kind, default) in ENUMS.items():
        if said.has(column):
            values[attribute] = _member(said, column, kind, default or values.get(attribute))
    if said.has(Field.LANGUAGES):
        values["languages"] = _languages(said)
    if not values["title"]:
        there = [column for column in (Field.TITLE_EN, Field.TITLE_FR) if column in said.places]
        said.tell(there[0] if there else Field.TITLE_EN, Fault.MISSING)
    values["description"] = values["description"] or None
    values["meeting_point"] = values["meeting_point"] or None
    return values


def text(said: Said, column: Field, longest: int) -> str:
    """A text without signs that are not seen; of one line where only one is shown."""
    found = said.text(column)
    if cells.UNSEEN.search(found):
        # Written by programs without being meant: taken out, unless nothing is left.
        found = cells.UNSEEN.sub("", found).strip()
    if column in ONE_LINE:
        found = re.sub(r"[ \t\n\f\v]+", " ", found)
    if len(found) > longest:
        said.tell(column, Fault.TOO_LONG, length=len(found), most=longest)
    return found


def uid(said: Said) -> uuid.UUID | None:
    """The UID that the row gives, or None where it gives none or a wrong one."""
    found = said.text(Field.UID)
    if not found:
        return None
    try:
        return uuid.UUID(found)
    except ValueError:
        said.tell(Field.UID, Fault.NO_UID, value=found)
        return None


def is_sample(said: Said) -> bool:
    """Whether the row is marked as an illustrative sample (DESIGN rule 14)."""
    return vocabulary.means_sample(said.text(Field.BASIS))


def _before(said: Said) -> dict[str, Any]:
    if said.base is not None:
        return {each.name: getattr(said.base, each.name) for each in fields(ItemValues)}
    return {"kind": said.options.kind, "title": Words(), "description": None, "meeting_point": None}


def _words(said: Said, before: Words | None, english: Field, french: Field, longest: int) -> Words:
    words = dict(before or {})
    for language, column in (("en", english), ("fr", french)):
        if said.has(column):
            words[language] = text(said, column, longest)
    return Words({language: each for language, each in words.items() if each})


def _number(said: Said, column: Field, most: int) -> int | None:
    if not said.text(column):
        return None
    found = cells.number(said.cell(column))
    if found is None or not 1 <= found <= most:
        said.tell(column, Fault.NO_NUMBER, value=said.text(column), least=1, most=most)
        return None
    return found


def _member(
    said: Said, column: Field, kind: type[StrEnum], default: StrEnum | None
) -> StrEnum | None:
    found = said.text(column)
    if not found:
        return None if kind is Mode else default
    member = vocabulary.read(kind, found)
    if member is None:
        said.tell(column, Fault.UNKNOWN_WORD, value=found, known=kind)
    return member or default


def _languages(said: Said) -> tuple[str, ...]:
    codes = []
    for each in re.split(r"[,;/\n]+", said.text(Field.LANGUAGES)):
        code = vocabulary.language_code(each)
        if code:
            codes.append(code)
        elif each.strip():
            said.tell(Field.LANGUAGES, Fault.NO_LANGUAGE, value=each.strip())
    return tuple(dict.fromkeys(codes))

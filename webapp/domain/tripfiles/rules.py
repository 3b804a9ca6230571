"""What a value of a trip file may be: one small rule for each kind of value.

A rule takes the value, its path in the file and the list that it adds its faults to.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from webapp import clock
from webapp.domain.clashes.settings import FASTEST, SLOWEST
from webapp.domain.tripfiles.faults import Faults, kind_of, said, shown
from webapp.domain.tripfiles.values import as_day, as_instant

LONG_TEXT = 5_000  # characters of a description; the columns behind it know no limit
TITLE = 200


Rule = Callable[[Any, str, Faults], None]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object: its rule, and whether it has to be there."""

    rule: Rule
    needed: bool = False


def needed(rule: Rule) -> Field:
    """A field that has to be there."""
    return Field(rule, needed=True)


def optional(rule: Rule) -> Field:
    """A field that may be left out."""
    return Field(rule)


def limit(column: Any) -> int:
    """How many characters the column of a model takes."""
    return getattr(sa.inspect(column).type, "length", None) or LONG_TEXT


def fits(column: Any) -> Rule:
    """Text that is not empty and that the column of a model takes."""
    return text(limit(column))


def text(longest: int) -> Rule:
    """Text that is not empty, has at most `longest` characters and no control characters."""

    def rule(value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, str):
            faults.say(path, f"give a text, not {kind_of(value)}")
        elif not value.strip():
            faults.say(path, "give a text that is not empty, or leave the field out")
        elif len(value) > longest:
            faults.say(path, f"{len(value)} characters are too long: shorten to {longest}")
        elif unwritable(value):
            faults.say(path, "take out the control characters")

    return rule


def unwritable(value: str) -> bool:
    """Whether it holds what neither the database nor a calendar takes: controls, half pairs."""
    return any(
        (c < " " and c not in "\n\t") or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in value
    )


def words(longest: int = LONG_TEXT) -> Rule:
    """A text in English, French or both: {"en": ..., "fr": ...}."""
    one = text(longest)

    def rule(value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, dict) or not value:
            faults.say(path, 'give the text by language: {"en": ..., "fr": ...}')
            return
        for language, one_text in value.items():
            if language in ("en", "fr"):
                one(one_text, f"{path}.{language}", faults)
            else:
                faults.say(path, f'"{shown(language)}" is no language of Escale: use "en" and "fr"')

    return rule


def matching(pattern: str, longest: int, mend: str) -> Rule:
    """Text of at most `longest` characters, all of it in the shape of `pattern`."""
    shape = re.compile(pattern)

    def rule(value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, str) or len(value) > longest or not shape.fullmatch(value):
            faults.say(path, mend)

    return rule


slug = matching(
    r"[a-z0-9]+(-[a-z0-9]+)*", 64, "give lower-case letters, digits and single hyphens, at most 64"
)
key = matching(
    r"[A-Za-z0-9._-]+", 64, "give a key of letters, digits, dots and hyphens, at most 64"
)
country = matching(r"[A-Z]{2}", 2, 'give the two capital letters of ISO 3166, such as "FR"')
language = matching(r"[a-z]{2}", 2, 'give the two small letters of ISO 639-1, such as "fr"')
url = matching(r"https?://[^\s\"'<>]+", 200, "give an address that begins with https:// or http://")


def choice(kind: type[StrEnum] | tuple[str, ...]) -> Rule:
    """One of the values of an enumeration."""
    values = [str(member) for member in kind]

    def rule(value: Any, path: str, faults: Faults) -> None:
        if value not in values or not isinstance(value, str):
            faults.say(path, f"{said(value)} is not known here: use one of {', '.join(values)}")

    return rule


def whole(least: int, most: int) -> Rule:
    """A whole number between two others, both included."""

    def rule(value: Any, path: str, faults: Faults) -> None:
        if type(value) is not int or not least <= value <= most:
            faults.say(path, f"give a whole number from {least} to {most}")

    return rule


def speed(value: Any, path: str, faults: Faults) -> None:
    """A speed in km/h."""
    if type(value) not in (int, float) or not SLOWEST <= value <= FASTEST:
        faults.say(path, f"give km/h from {SLOWEST:.0f} to {FASTEST:.0f}")


def truth(value: Any, path: str, faults: Faults) -> None:
    """Yes or no."""
    if not isinstance(value, bool):
        faults.say(path, f"give true or false, not {kind_of(value)}")


def degrees(most: int) -> Rule:
    """A coordinate in decimal degrees."""

    def rule(value: Any, path: str, faults: Faults) -> None:
        if type(value) not in (int, float) or not -most <= value <= most:
            faults.say(path, f"give decimal degrees from -{most} to {most}")

    return rule


def zone(value: Any, path: str, faults: Faults) -> None:
    """The name of a zone of the IANA database."""
    try:
        clock.zone_info(value if isinstance(value, str) else "")
    except clock.UnknownZone:
        faults.say(path, f'{said(value)} is no IANA zone: give one such as "Europe/Paris"')


def email(value: Any, path: str, faults: Faults) -> None:
    """A mail address, by its form alone."""
    try:
        validate_email(value if isinstance(value, str) else "", check_deliverability=False)
    except EmailNotValidError:
        faults.say(path, f"{said(value)} is no mail address")


def day(value: Any, path: str, faults: Faults) -> None:
    """A date, as 2017-10-30."""
    if as_day(value) is None:
        faults.say(path, f"{said(value)} is no date: write it as 2017-10-30")


def instant(value: Any, path: str, faults: Faults) -> None:
    """A date and time with its distance to UTC, as 2017-10-13T18:00:00+02:00."""
    if as_instant(value) is None:
        faults.say(path, f"{said(value)} is no instant: write it as 2017-10-13T18:00:00+02:00")


def unique_id(value: Any, path: str, faults: Faults) -> None:
    """A UUID in its usual lower-case form."""
    try:
        fine = str(uuid.UUID(value)) == value
    except (ValueError, TypeError, AttributeError):
        fine = False
    if not fine:
        faults.say(
            path, f"{said(value)} is no UUID in lower case: leave the field out to be given one"
        )


def each(rule: Rule, most: int = 5_000, *, once: bool = False) -> Rule:
    """A list whose entries all follow `rule`; with `once`, texts of which none stands twice."""

    def all_of(value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, list):
            faults.say(path, f"give a list, not {kind_of(value)}")
        elif len(value) > most:
            faults.say(path, f"{len(value)} entries are too many: at most {most}")
        else:
            for number, entry in zip(count(), value, strict=False):
                rule(entry, f"{path}[{number}]", faults)
                if once and entry in value[:number]:
                    faults.say(f"{path}[{number}]", f"{said(entry)} stands twice: keep one")

    return all_of


def fields(known: Mapping[str, Field]) -> Rule:
    """An object with the fields `known` and no others; null stands for a field left out."""

    def rule(value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, dict):
            faults.say(path, f"give an object, not {kind_of(value)}")
            return
        for name in value:
            if name not in known:
                faults.say(path, f'"{shown(name)}" is no field here: use {", ".join(known)}')
        for name, field in known.items():
            if value.get(name) is not None:
                field.rule(value[name], f"{path}.{name}", faults)
            elif field.needed:
                faults.say(path, f'"{name}" is missing')

    return rule

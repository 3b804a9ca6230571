"""The text of a message: placeholders in braces, what is wrong with them, and filling them in.

`{{` stands for a brace that is meant as one. What is filled in is never looked at again: a company
that is called "{delegate_link}" stays that. Pure: nothing is read here.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from urllib.parse import unquote

from flask import current_app, has_app_context


class Placeholder(StrEnum):
    """What can stand in braces."""

    NAME = "name"
    COMPANY = "company"
    TOUR = "tour"
    DATES = "dates"
    COORDINATOR = "coordinator"
    COMPANY_LINK = "company_link"
    DELEGATE_LINK = "delegate_link"
    AGENDA_LINK = "agenda_link"
    DEADLINE = "deadline"


EVERY = frozenset(Placeholder)
KEYS = frozenset({Placeholder.COMPANY_LINK, Placeholder.DELEGATE_LINK})  # open the reader's page
LINKS = KEYS | {Placeholder.AGENDA_LINK}
# A subject stands in lists of letters, where others read it than its reader: it holds no key.
IN_SUBJECT = EVERY - KEYS
# Two companies of one coordinator read something else where one of these stands.
OF_COMPANY = frozenset(
    {Placeholder.COMPANY, Placeholder.COMPANY_LINK, Placeholder.DELEGATE_LINK,
     Placeholder.COORDINATOR}
)  # fmt: skip
LONGEST_SAID = 40  # characters of a mistake that is shown again
# What people write instead, in either language.
MEANT = {
    "nom": "name", "prenom": "name", "prénom": "name", "first_name": "name", "firstname": "name",
    "full_name": "name", "delegate": "name", "délégué": "name", "organization": "company",
    "organisation": "company", "entreprise": "company", "société": "company", "trip": "tour",
    "mission": "tour", "tournée": "tour", "title": "tour", "date": "dates",
    "coordinateur": "coordinator", "coordinatrice": "coordinator", "link": "delegate_link",
    "lien": "delegate_link", "agenda": "agenda_link", "program": "agenda_link",
    "programme": "agenda_link", "échéance": "deadline", "date_limite": "deadline",
}  # fmt: skip
# One brace that is doubled, or all between a brace and the next one, or the end of its line.
_PART = re.compile(r"\{\{|\}\}|\{([^{}\n]*)(\}?)")
_LEFT = re.compile(r"\[\[([^\[\]\n]{1,200})\]\]")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]*", re.IGNORECASE)
_KEY = r"(?:/r/|/d/|/calendars/|/register/draft/|/register/invited/|/mail/stop/)"
_SECRET = re.compile(rf"{_KEY}[A-Za-z0-9_-]{{22,}}(?![A-Za-z0-9_-])")
_OURS = re.compile(rf"^/?(?:trips/[^/\s]+)?{_KEY}\S")


class Trouble(StrEnum):
    """What is wrong with a text."""

    UNKNOWN = "unknown"  # no such placeholder
    UNCLOSED = "unclosed"
    EMPTY = "empty"  # nothing between the braces
    CANNOT = "cannot"  # these readers, or this tour, have none
    IN_LINK = "in_link"  # inside of a web address, which it would break
    KEY = "key"  # somebody's own address
    LEFT = "left"  # something in [[double brackets]] that a ready-made text leaves to be said


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what was typed, and what may have been meant."""

    trouble: Trouble
    said: str = ""
    meant: Placeholder | None = None


def check(
    text: str, may: Collection[Placeholder] = EVERY, known: Collection[Placeholder] = EVERY
) -> list[Problem]:
    """What is wrong with a text, in its order, each thing once; `may` are the placeholders that all
    its readers have, `known` those that such a text takes at all: `IN_SUBJECT` for a subject."""
    found = [_fault(match, may, known) for match in _PART.finditer(text)]
    found += [
        Problem(Trouble.IN_LINK, _short(address[0]))
        for address in _ADDRESS.finditer(text)
        if used(address[0])
    ]
    found += [Problem(Trouble.KEY, _short(key)) for key in _keys(text)]
    found += [Problem(Trouble.LEFT, match[1]) for match in _LEFT.finditer(text)]
    return list(dict.fromkeys(problem for problem in found if problem))


def used(text: str) -> frozenset[Placeholder]:
    """The placeholders that stand in a text."""
    names = {match[1] for match in _PART.finditer(text) if match[2]}
    return frozenset(Placeholder(name) for name in names & set(Placeholder))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in, in one go; what is no placeholder, or has no value,
    stays as it is typed."""

    def one(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        return values.get(match[1], match[0]) if match[2] else match[0]

    return _PART.sub(one, text)


def plain(text: str) -> str:
    """The text as it has to be typed, so that it says just that: braces are doubled."""
    return text.replace("{", "{{").replace("}", "}}")


def split(text: str) -> list[str | Placeholder]:
    """The text as pieces: what is said as it is, and placeholders."""
    pieces: list[str | Placeholder] = []
    end = 0
    for match in _PART.finditer(text):
        pieces.append(text[end : match.start()])
        end = match.end()
        if match[0] in ("{{", "}}"):
            pieces.append(match[0][0])
        elif match[2] and match[1] in EVERY:
            pieces.append(Placeholder(match[1]))
        else:
            pieces.append(match[0])
    pieces.append(text[end:])
    return [piece for piece in pieces if piece]


def _fault(
    match: re.Match[str], may: Collection[Placeholder], known: Collection[Placeholder]
) -> Problem | None:
    name, closes = match[1], match[2]
    if match[0] in ("{{", "}}"):
        return None
    if not closes:
        return Problem(Trouble.UNCLOSED, _short(match[0]))
    if not name.strip():
        return Problem(Trouble.EMPTY, _short(match[0]))
    if name not in known:
        meant = None if name in EVERY else _meant(name)
        return Problem(Trouble.UNKNOWN, _short(name), meant if meant in known else None)
    if name not in may:
        return Problem(Trouble.CANNOT, name)
    return None


def _meant(name: str) -> Placeholder | None:
    """What somebody who typed this may have meant."""
    typed = re.sub(r"[\s-]+", "_", name.strip().casefold())[:LONGEST_SAID]
    if typed in MEANT:
        return Placeholder(MEANT[typed])
    alike = get_close_matches(typed, [*EVERY], n=1, cutoff=0.6)
    return Placeholder(alike[0]) if alike else None


def _keys(text: str) -> list[str]:
    """The addresses in the text that are somebody's key: any path of ours that holds one, on
    whatever host and however it is written."""
    read = unquote(text)
    found = [match[0] for match in _SECRET.finditer(read)]
    home = str(current_app.config["PUBLIC_URL"]).partition("://")[2] if has_app_context() else ""
    if home:
        for piece in read.split(home)[1:]:
            match = _OURS.match(piece)
            if match and not any(key in piece for key in found):
                found.append(piece.split()[0])
    return found


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SAID else f"{text[: LONGEST_SAID - 1]}…"

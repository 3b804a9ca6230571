"""Words as they are looked for in names: whatever the case and the accents."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, case, collate, func

MOST_WORDS = 6
LONGEST_WORD = 60
# A letter with any accent, also one that is written as a sign of its own behind it.
ACCENTS = "[\u0300-\u036f]*"


@dataclass(frozen=True, slots=True)
class Word:
    """A word to look for: in small letters without accents, and as a regular expression of
    PostgreSQL that finds its letters with accents and in capitals."""

    plain: str
    pattern: str

    def is_in(self, text: Any) -> ColumnElement[bool]:
        """That the text holds the word. What has no accents needs no regular expression, which is
        the slower one by far."""
        plain = func.lower(collate(text, "C")).contains(self.plain, autoescape=True)
        return case((func.octet_length(text) == func.length(text), plain), else_=self.matches(text))

    def matches(self, text: Any) -> ColumnElement[bool]:
        """The same by the regular expression alone: for a text that takes time to put together."""
        found: ColumnElement[bool] = text.op("~", is_comparison=True)(self.pattern)
        return found


def words(text: str) -> list[Word]:
    """The words of a text, MOST_WORDS at most."""
    found = (_word(each) for each in text.replace("\0", "").split()[:MOST_WORDS])
    return [word for word in found if word.pattern]


def _word(text: str) -> Word:
    apart = unicodedata.normalize("NFKD", text)[:LONGEST_WORD]
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    # The classes are written out: what lower() does depends on the locale of the database, and
    # unaccent is an extension that is not everywhere.
    return Word(plain.lower(), "".join(_class(letter) for letter in plain))


def _class(letter: str) -> str:
    if not letter.isalnum():
        return rf"\{letter}" if letter.isascii() and letter.isprintable() else letter
    cases = dict.fromkeys((letter, letter.lower(), letter.upper()))
    letters = _variants().get(letter.casefold()) or "".join(c for c in cases if len(c) == 1)
    return f"[{letters}]{ACCENTS}"


@cache
def _variants() -> dict[str, str]:
    """For each letter from a to z, all the signs that are that letter with an accent."""
    found: dict[str, list[str]] = {}
    for code in (*range(0x41, 0x7B), *range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFKD", chr(code))[0].casefold()
        if len(base) == 1 and base.isascii() and base.isalpha():
            found.setdefault(base, []).append(chr(code))
    return {base: "".join(signs) for base, signs in found.items()}

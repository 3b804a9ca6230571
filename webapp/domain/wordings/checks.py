"""What organizers may write instead of a text of the product."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from webapp import keys, own_words
from webapp.domain.answer_values import UNPRINTABLE
from webapp.domain.wordings.texts import Part, Text
from webapp.errors import DomainError
from webapp.mail.message import MAX_SUBJECT

LONGEST = {  # characters, as typed
    Part.SUBJECT: MAX_SUBJECT,
    Part.GREETING: 200,
    Part.LABEL: 300,
    Part.BUTTON: 80,
    Part.TEXT: 2000,
    Part.OWN: 2000,
}


class Fault(StrEnum):
    """Why words are not taken."""

    EMPTY = "empty"
    LONG = "long"
    UNPRINTABLE = "unprintable"
    UNKNOWN = "unknown"  # a placeholder that this text does not have
    LEFT_OUT = "left_out"  # one that it has, and nobody said that it is left out on purpose
    KEY = "key"  # the address of somebody's own page
    FORMS = "forms"  # not one for each plural form of the language
    MEANWHILE = "meanwhile"  # somebody else has changed it


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the words for one text are not taken: in which of its forms, which placeholder, and which
    one may have been meant; the most characters."""

    key: str
    fault: Fault
    form: int = 0
    name: str = ""
    meant: str = ""
    most: int = 0


class WordsRefused(DomainError):
    """Words cannot stand in a letter; `problems` says all of it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(f"{each.key}: {each.fault}" for each in problems))
        self.problems = tuple(problems)


def tidy(text: Text, typed: str) -> str:
    """What was typed without blanks at its ends: paragraphs are a blank line apart, and a text of
    one line is one. No-break spaces, as French has before a colon, stay."""
    if text.may_have_lines:
        lines = re.sub(r"\r\n?", "\n", typed)
        lines = re.sub(r"(?<![ \t])[ \t]+\n", "\n", lines)
        return re.sub(r"\n{3,}", "\n\n", lines).strip(" \t\n")
    return re.sub(r"[ \t\r\n\f\v\x85\u2028\u2029]+", " ", typed).strip(" ")


def problems(text: Text, typed: Sequence[str], *, on_purpose: bool = False) -> list[Problem]:
    """What is wrong with words for a text, tidied; `on_purpose`: placeholders may be left out."""
    if len(typed) != len(text.product["en"]) and len(typed) not in _counts(text):
        return [Problem(text.key, Fault.FORMS)]
    found = [each for form, words in enumerate(typed) for each in _of_form(text, form, words)]
    if found or on_purpose or text.part == Part.OWN:
        return found
    named = {name for words in typed for name in own_words.named(words)}
    left = [name for name in text.placeholders if name not in named]
    last = len(typed) - 1  # the form that every number but one takes
    return [Problem(text.key, Fault.LEFT_OUT, last, own_words.shown_name(name)) for name in left]


def fits(text: Text, language: str, forms: Sequence[str]) -> bool:
    """Whether words that were kept can still stand for a text: a form for each of the language, no
    placeholder that nobody fills, no percent sign by itself."""
    known = text.placeholders
    try:
        for form in forms:
            _ = form % dict.fromkeys(known, 0)
    except (KeyError, ValueError, TypeError):
        return False
    return len(forms) == len(text.product[language])


def _counts(text: Text) -> set[int]:
    return {len(forms) for forms in text.product.values()}


def _of_form(text: Text, form: int, words: str) -> list[Problem]:
    most = LONGEST[text.part]
    if not words:
        return [Problem(text.key, Fault.EMPTY, form)]
    if len(words) > most:
        return [Problem(text.key, Fault.LONG, form, most=most)]
    if UNPRINTABLE.search(words):
        return [Problem(text.key, Fault.UNPRINTABLE, form)]
    if keys.found_in(words):
        return [Problem(text.key, Fault.KEY, form)]
    unknown = [name for name in own_words.named(words) if name not in text.placeholders]
    return [
        Problem(text.key, Fault.UNKNOWN, form, name, _meant(text, name))
        for name in dict.fromkeys(unknown)
    ]


def _meant(text: Text, name: str) -> str:
    """The placeholder that may have been meant, or nothing."""
    known = {each: own_words.shown_name(each) for each in text.placeholders}
    alike = difflib.get_close_matches(name.lower(), [*known, *known.values()], 1, 0.5)
    return known.get(alike[0], alike[0]) if alike else ""

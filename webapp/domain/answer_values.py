"""What an answer may be, by the kind of its question, and which questions are asked now.

Pure: nothing is read or written here. `Asking` is a question as values, so that no lock and no
rollback makes anybody read it again; whoever checks a form and whoever saves it ask the same.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from webapp.db import Facts, Words
from webapp.domain import countries
from webapp.errors import DomainError
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity, Stage

LONGEST_LINE = 200  # characters
LONGEST_TEXT = 4000
LARGEST_NUMBER = 10**12
DECIMALS = 4
YEARS = (1900, 2199)  # birth dates lie before anything that a tour agrees on
# What JSON cannot keep, or turns and hides what stands beside it. Line ends and tabs may stand.
UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
    r"\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


class Why(StrEnum):
    """Why an answer is not taken."""

    MISSING = "missing"
    TEXT = "text"
    LENGTH = "length"
    YES_NO = "yes_no"
    OPTION = "option"
    NUMBER = "number"
    DATE = "date"
    YEAR = "year"
    COUNTRY = "country"
    DOCUMENT = "document"
    UNKNOWN = "unknown"  # no such question is asked of whoever answers


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer that is not taken: of which question (its label in all languages) and why. What
    was answered is not in it. `delegate_id` None: the company's."""

    key: str
    label: Words
    why: Why
    most: int | None = None
    delegate_id: int | None = None


class AnswersRefused(DomainError):
    """Some answers are not taken, and none of those that came with them was kept."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(", ".join(f"{fault.key}: {fault.why}" for fault in self.faults))


class _Refused(Exception):
    """Of one answer, inside of this module."""

    def __init__(self, why: Why, most: int | None = None) -> None:
        self.why, self.most = why, most


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as values. `options` as in Question; `parent` is what it depends on."""

    id: int
    key: str
    stage: Stage
    asked: Asked
    kind: AnswerKind
    label: Words
    help: Words | None = None
    options: Sequence[Facts] = ()
    required: bool = False
    sensitivity: Sensitivity = Sensitivity.PLAIN
    parent: "Asking | None" = None
    when: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_sealed(self) -> bool:
        """Whether its answers are kept apart, sealed."""
        return self.sensitivity != Sensitivity.PLAIN

    @property
    def values(self) -> list[str]:
        """The values that its options stand for, in their order."""
        return [option["value"] for option in self.options]


def asking(question: Question) -> Asking:
    """One question, and what it depends on, as values."""
    parent = question.depends_on
    return Asking(
        id=question.id,
        key=question.key,
        stage=question.stage,
        asked=question.asked,
        kind=question.kind,
        label=question.label,
        help=question.help,
        options=tuple(question.options),
        required=question.required,
        sensitivity=question.sensitivity,
        parent=asking(parent) if parent else None,
        when=frozenset(question.depends_values),
    )


def normal(question: Asking, value: Any) -> Any:
    """The answer as it is kept: text, bool, number, list of texts, ISO date, ISO 3166 country; None
    for no answer (None, blanks, an empty list). Raises AnswersRefused, with one fault."""
    try:
        return _kept(question, value)
    except _Refused as error:
        fault = Fault(question.key, question.label, error.why, error.most)
        raise AnswersRefused([fault]) from error


def check(
    questions: Iterable[Asking], given: Mapping[str, Any]
) -> tuple[dict[int, Any], list[Fault]]:
    """What was given, by key, as it would be kept, by the question's id; and what is not taken. A
    document is no value: it is sent as a file. (domain/documents.py)"""
    known = {question.key: question for question in questions}
    values: dict[int, Any] = {}
    faults = []
    for key, value in given.items():
        question = known.get(key)
        if question is None:
            faults.append(Fault(key, Words(en=key), Why.UNKNOWN))
            continue
        if question.kind == AnswerKind.DOCUMENT and value is None:
            continue
        try:
            values[question.id] = normal(question, value)
        except AnswersRefused as error:
            faults.extend(error.faults)
    return values, faults


def judge(
    questions: Sequence[Asking],
    given: Mapping[str, Any],
    known: Mapping[int, Any],
    *,
    complete: bool,
) -> tuple[dict[int, Any], list[Fault]]:
    """What was given as `check` has it, with `known` answers beside it: what is not asked now
    counts for nothing, however wrong it is; with `complete`, what is required is looked for."""
    values, faults = check(questions, given)
    told = {**known, **values}
    asked = [question for question in questions if is_asked(question, told)]
    keys = {question.key for question in asked} | {f.key for f in faults if f.why == Why.UNKNOWN}
    ids = {question.id for question in asked}
    faults = [fault for fault in faults if fault.key in keys]
    if complete:
        wrong = {fault.key for fault in faults}
        faults += [
            Fault(each.key, each.label, Why.MISSING)
            for each in unanswered(asked, told)
            if each.key not in wrong
        ]
    return {each: value for each, value in values.items() if each in ids}, faults


def is_asked(question: Asking, values: Mapping[int, Any]) -> bool:
    """Whether it is asked, given these answers by question id: always, or because the question that
    it depends on is asked and was answered so."""
    parent = question.parent
    if parent is None:
        return True
    return is_asked(parent, values) and bool(chosen(parent, values.get(parent.id)) & question.when)


def unanswered(questions: Iterable[Asking], values: Mapping[int, Any]) -> list[Asking]:
    """The required ones that are asked, given these answers, and have none."""
    return [
        question
        for question in questions
        if question.required and values.get(question.id) is None and is_asked(question, values)
    ]


def chosen(question: Asking, value: Any) -> frozenset[str]:
    """What an answer says to a condition: option values, or "yes" and "no"."""
    if value is None:
        return frozenset()
    if question.kind == AnswerKind.YES_NO:
        return frozenset({"yes" if value else "no"})
    return frozenset(value if isinstance(value, list) else [str(value)])


def _kept(question: Asking, value: Any) -> Any:
    if isinstance(value, str):
        value = _text(question, value)
    if value is None or value in ("", [], ()):
        return None
    return _KINDS[question.kind](question, value)


def _text(question: Asking, value: str) -> str:
    if UNPRINTABLE.search(value):
        raise _Refused(Why.TEXT)
    return value.strip()


def _line(question: Asking, value: Any) -> str:
    if not isinstance(value, str):
        raise _Refused(Why.TEXT)
    value = re.sub(r"[ \t\r\n]+", " ", value)
    return _short(value, LONGEST_LINE)


def _long_text(question: Asking, value: Any) -> str:
    if not isinstance(value, str):
        raise _Refused(Why.TEXT)
    return _short(value.replace("\r\n", "\n").replace("\r", "\n"), LONGEST_TEXT)


def _short(value: str, most: int) -> str:
    if len(value) > most:
        raise _Refused(Why.LENGTH, most)
    return value


def _yes_no(question: Asking, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Refused(Why.YES_NO)
    return value


def _choice(question: Asking, value: Any) -> str:
    if not isinstance(value, str) or value not in question.values:
        raise _Refused(Why.OPTION)
    return value


def _choices(question: Asking, value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise _Refused(Why.OPTION)
    if not set(value) <= set(question.values):
        raise _Refused(Why.OPTION)
    return [each for each in question.values if each in value]


def _number(question: Asking, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Refused(Why.NUMBER)
    if not math.isfinite(value) or abs(value) >= LARGEST_NUMBER or round(value, DECIMALS) != value:
        raise _Refused(Why.NUMBER)
    return int(value) if value == int(value) else value


def _date(question: Asking, value: Any) -> str:
    try:
        found = (
            date.fromisoformat(value)
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)
            else None
        )
    except (TypeError, ValueError):
        found = None
    if found is None:
        raise _Refused(Why.DATE)
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise _Refused(Why.YEAR)
    return found.isoformat()


def _country(question: Asking, value: Any) -> str:
    if not isinstance(value, str) or value not in countries.codes():
        raise _Refused(Why.COUNTRY)
    return value


def _document(question: Asking, value: Any) -> None:
    raise _Refused(Why.DOCUMENT)


_KINDS: dict[AnswerKind, Callable[[Asking, Any], Any]] = {
    AnswerKind.TEXT: _line,
    AnswerKind.LONG_TEXT: _long_text,
    AnswerKind.YES_NO: _yes_no,
    AnswerKind.CHOICE: _choice,
    AnswerKind.CHOICES: _choices,
    AnswerKind.NUMBER: _number,
    AnswerKind.DATE: _date,
    AnswerKind.COUNTRY: _country,
    AnswerKind.DOCUMENT: _document,
}

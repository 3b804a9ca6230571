"""The answers of one registration as the organizers read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from webapp.blueprints import guards
from webapp.blueprints.registrations.answer_words import answer_text
from webapp.domain import answer_values, answered, questions
from webapp.domain.answer_values import Asking, asking
from webapp.i18n import words
from webapp.models.question import AnswerKind, Asked, Stage
from webapp.models.registration import Registration


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer in words; `retired`: the question is asked no more."""

    label: str
    text: str
    is_sealed: bool
    stage: Stage
    is_long: bool
    retired: bool


@dataclass(frozen=True, slots=True)
class AnswersOf:
    """What one answered: a delegate by name, or "" for the company."""

    name: str
    rows: list[AnswerRow]


def answers_context(registration: Registration, private: bool = False) -> dict[str, Any]:
    """What organizer/_registration_answers.html wants. Without `private` only how many answers
    are sealed; with it what they say: only behind guards.sees_private, after answers.looked_at."""
    every = questions.every(registration.trip)
    retired = {question.id for question in every if question.retired_at}
    asked = [asking(question) for question in every]
    deciding = {each.parent.id for each in asked if each.parent}
    unseal = None if private else deciding
    kept = answered.load([registration.id], unseal=unseal)[registration.id]
    company = kept.of(None)
    groups = [AnswersOf("", _rows(asked, Asked.COMPANY, company, company, retired, private))]
    for delegate in registration.delegates:
        own = kept.of(delegate.id)
        known = {**company, **own}
        rows = _rows(asked, Asked.DELEGATE, own, known, retired, private)
        groups.append(AnswersOf(delegate.name, rows))
    sealed = sum(row.is_sealed for group in groups for row in group.rows)
    return {
        "answer_groups": [
            AnswersOf(group.name, [row for row in group.rows if row.is_sealed == private])
            for group in groups
        ],
        "sealed_answers": sealed,
        "may_look": guards.me().sees_private_on(registration.trip_id),
        "asks_something": bool(asked),
    }


def _rows(
    every: Iterable[Asking],
    scope: Asked,
    own: Mapping[int, Any],
    known: Mapping[int, Any],
    retired: set[int],
    private: bool,
) -> list[AnswerRow]:
    return [
        AnswerRow(
            label=words(question.label),
            text=_text(question, own[question.id], private),
            is_sealed=question.is_sealed,
            stage=question.stage,
            is_long=question.kind == AnswerKind.LONG_TEXT,
            retired=question.id in retired,
        )
        for question in every
        if question.asked == scope
        and own.get(question.id) is not None
        and (question.id in retired or answer_values.is_asked(question, known))
    ]


def _text(question: Asking, value: Any, private: bool) -> str:
    if question.is_sealed and not private:
        return ""  # most of these were not unsealed, and the mark in their place is no answer
    if question.kind == AnswerKind.DOCUMENT:
        return _("Sent as a document")
    return answer_text(question, value)

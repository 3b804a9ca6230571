"""Answers: saved and read.

A plain answer is a row of `answers`; one to a sensitive question is sealed in `private_answers`,
and its value stands nowhere else: in no audit row, log, letter or request (DESIGN rule 11). The
audit says of plain answers which questions were answered, never how, since a question may become
sensitive later; of sensitive ones it says only how many.

What is not asked now (questions.py: a condition) has no answer: what is given to it is dropped, and
what stood there before goes when the answer that decides is changed.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, insert, tuple_

from webapp import clock
from webapp.db import db
from webapp.domain import answer_values, answered, audits, questions, seats
from webapp.domain.answer_values import AnswersRefused, Asking, Fault, Why, asking
from webapp.domain.answered import Kept, Whose
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.delegate import Delegate
from webapp.models.question import Answer, AnswerKind, Asked, PrivateAnswer, Stage
from webapp.models.registration import Registration

__all__ = [
    "AnswersRefused",
    "Fault",
    "NobodyThere",
    "Why",
    "looked_at",
    "of_delegate",
    "of_registration",
    "save",
    "save_all",
]


class NobodyThere(DomainError):
    """The delegate has no part in the registration any more."""


@dataclass(frozen=True, slots=True)
class _Change:
    """One answer that is another now: of whom, to what, and the new one (None: taken away)."""

    whose: Whose
    question: Asking
    value: Any


def of_registration(registration: Registration) -> dict[int, Any]:
    """The company's answers by question id: text, bool, number, list of texts, ISO date, country;
    of a document its id."""
    return answered.load([registration.id])[registration.id].of(None)


def of_delegate(delegate: Delegate, private: bool) -> dict[int, Any]:
    """A delegate's answers by question id; the sensitive ones only with `private`."""
    kept = answered.load([delegate.registration_id], unseal=None if private else ())
    mine = kept[delegate.registration_id]
    return {
        question_id: value
        for question_id, value in mine.of(delegate.id).items()
        if private or (delegate.id, question_id) not in mine.sealed
    }


def looked_at(registration: Registration, by: By) -> None:
    """Audit that a member of staff looked at the sealed answers of a company's delegates."""
    whom = [delegate.id for delegate in registration.everybody]
    audits.write(
        by, registration, "look", trip_id=registration.trip_id, after={"delegate_ids": whom}
    )


def save(
    registration: Registration,
    delegate: Delegate | None,
    values: Mapping[str, Any],
    by: By,
    *,
    complete: bool = False,
    stage: Stage = Stage.APPLY,
) -> list[str]:
    """Save what the company (None) or one delegate answered, by key; None takes an answer back, a
    key that is not there leaves its answer alone. Returns the keys whose answer is another now.

    With `complete`, no required question of `stage` may stay without an answer. Raises
    AnswersRefused with all faults, and then nothing is saved.
    """
    whose = delegate.id if delegate else None
    return save_all(registration, {whose: values}, by, complete=complete, stage=stage)[whose]


def save_all(
    registration: Registration,
    given: Mapping[Whose, Mapping[str, Any]],
    by: By,
    *,
    complete: bool = False,
    stage: Stage = Stage.APPLY,
) -> dict[Whose, list[str]]:
    """The same for a company and several of its delegates at once; a key of `given` is the
    delegate's id, None is the company. A fault says whose it is. A constant number of statements,
    plus one row of the audit for each whose answers changed. Raises NobodyThere too."""
    trip = seats.hold(registration.trip_id)
    every = questions.every(trip)
    retired = {question.key for question in every if question.retired_at}
    asked = [asking(question) for question in every if question.retired_at is None]
    kept = answered.load([registration.id])[registration.id]
    people = {delegate.id: delegate for delegate in registration.delegates}
    if not given.keys() <= {None, *people}:
        raise NobodyThere
    told: dict[Whose, dict[int, Any]] = {each: dict(kept.of(each)) for each in (None, *people)}
    faults: list[Fault] = []
    for whose in sorted(given, key=lambda each: each or 0):  # the company's decide over the others'
        values = {key: value for key, value in given[whose].items() if key not in retired}
        faults += _take(_scope(asked, whose), told, whose, values, stage if complete else None)
    if faults:
        raise AnswersRefused(faults)
    touched = told if None in given else given
    changes = [each for whose in touched for each in _changes(asked, kept, told, whose)]
    _write(registration, changes)
    _audit(registration, people, changes, by)
    return {whose: [c.question.key for c in changes if c.whose == whose] for whose in given}


def _scope(questions_: Iterable[Asking], whose: Whose) -> list[Asking]:
    wanted = Asked.COMPANY if whose is None else Asked.DELEGATE
    return [question for question in questions_ if question.asked == wanted]


def _take(
    mine: list[Asking],
    told: dict[Whose, dict[int, Any]],
    whose: Whose,
    given: Mapping[str, Any],
    complete: Stage | None,
) -> list[Fault]:
    """Put what one gave beside what was there before, in `told`; what is wrong with it."""
    known = {**told[None], **told[whose]}
    values, faults = answer_values.judge(mine, given, known, complete=False)
    told[whose].update(values)
    if complete:
        wrong = {fault.key for fault in faults}
        due = [each for each in mine if each.stage == complete and each.key not in wrong]
        faults += [
            Fault(each.key, each.label, Why.MISSING)
            for each in answer_values.unanswered(due, {**told[None], **told[whose]})
        ]
    return [replace(fault, delegate_id=whose) for fault in faults]


def _changes(
    asked: Iterable[Asking], kept: Kept, told: dict[Whose, dict[int, Any]], whose: Whose
) -> list[_Change]:
    """What of one is another now; without the answers to what is not asked now."""
    values = {**told[None], **told[whose]}
    before = kept.of(whose)
    found = []
    for question in _scope(asked, whose):
        if question.kind == AnswerKind.DOCUMENT:
            continue
        is_asked = answer_values.is_asked(question, values)
        value = told[whose].get(question.id) if is_asked else None
        if value != before.get(question.id):
            found.append(_Change(whose, question, value))
    return found


def _write(registration: Registration, changes: list[_Change]) -> None:
    """Take the old rows away and put the new ones."""
    mine = [each.question.id for each in changes if each.whose is None]
    theirs = [each for each in changes if each.whose is not None]
    if mine:
        db.session.execute(
            delete(Answer).where(
                Answer.registration_id == registration.id,
                Answer.delegate_id.is_(None),
                Answer.question_id.in_(mine),
            )
        )
    for model, is_sealed in ((Answer, False), (PrivateAnswer, True)):
        pairs = [(c.question.id, c.whose) for c in theirs if c.question.is_sealed == is_sealed]
        if pairs:
            key = tuple_(model.question_id, model.delegate_id)
            db.session.execute(delete(model).where(key.in_(pairs)))
    plain, sealed = _rows(registration, changes)
    if plain:
        db.session.execute(insert(Answer), plain)
    if sealed:
        db.session.execute(insert(PrivateAnswer), sealed)


def _rows(
    registration: Registration, changes: list[_Change]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of both tables."""
    now = clock.now()
    plain: list[dict[str, Any]] = []
    sealed: list[dict[str, Any]] = []
    for each in changes:
        if each.value is None:
            continue
        row = {"question_id": each.question.id, "delegate_id": each.whose, "answered_at": now}
        if each.question.is_sealed:
            sealed.append({**row, "value": json.dumps(each.value).encode()})
        else:
            plain.append({**row, "registration_id": registration.id, "value": each.value})
    return plain, sealed


def _audit(
    registration: Registration, people: Mapping[int, Delegate], changes: list[_Change], by: By
) -> None:
    """One row for each whose answers are others now: which plain ones, how many sealed ones."""
    for whose in sorted({each.whose for each in changes}, key=lambda each: each or 0):
        own = [each.question for each in changes if each.whose == whose]
        after: dict[str, Any] = {"answers": [each.key for each in own if not each.is_sealed]}
        sealed = sum(each.is_sealed for each in own)
        if sealed:
            after["sealed_answers"] = sealed
        thing = registration if whose is None else people[whose]
        audits.write(by, thing, "answer", trip_id=registration.trip_id, after=after)

"""Answers as they are kept: plain ones, sealed ones, and documents. Read, counted, sealed.

The answer to a question for a document is the latest Document that names the question: the rows of
documents are the only place that knows. (domain/documents.py)
"""

import json
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import case, delete, func, literal, select

from webapp.db import db
from webapp.models.amendment import Amendment, AmendmentKind
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.question import Answer, PrivateAnswer, Question, Sensitivity
from webapp.models.trip import Trip

SEALED: Final = "sealed"  # stands for a sensitive answer that was not unsealed
Whose = int | None  # the id of a delegate; None is the company


@dataclass(slots=True)
class Kept:
    """The answers of one registration: {question id: answer} of the company (None) and of each
    delegate by id. `sealed` says which of them are kept sealed, as (delegate id, question id)."""

    answers: dict[Whose, dict[int, Any]] = field(default_factory=lambda: defaultdict(dict))
    sealed: set[tuple[int, int]] = field(default_factory=set)

    def of(self, whose: Whose) -> dict[int, Any]:
        """The answers of one, which may be none."""
        return self.answers.get(whose, {})


def load(registration_ids: Iterable[int], unseal: Container[int] | None = None) -> dict[int, Kept]:
    """What these registrations answered, by their id, each a key; three statements however many.

    Of the sensitive questions only those in `unseal` (ids; None: all of them) have their answers,
    the others have SEALED.
    """
    ids = list(registration_ids)
    found: dict[int, Kept] = {each: Kept() for each in ids}
    plain = select(Answer.registration_id, Answer.delegate_id, Answer.question_id, Answer.value)
    for registration_id, whose, question_id, value in db.session.execute(
        plain.where(Answer.registration_id.in_(ids))
    ):
        found[registration_id].answers[whose][question_id] = value
    for registration_id, whose, question_id, sealed in db.session.execute(_private(ids, unseal)):
        value = SEALED if sealed is None else json.loads(sealed)
        found[registration_id].answers[whose][question_id] = value
        found[registration_id].sealed.add((whose, question_id))
    for registration_id, whose, question_id, document_id, kind in db.session.execute(_sent(ids)):
        found[registration_id].answers[whose][question_id] = document_id
        if kind != Sensitivity.PLAIN and whose is not None:
            found[registration_id].sealed.add((whose, question_id))
    return found


def counts(trip: Trip) -> dict[int, int]:
    """How many answers and documents each question of the trip has, by its id; each is a key."""
    ids = select(Question.id).where(Question.trip_id == trip.id)
    numbers: dict[int | None, int] = dict.fromkeys(db.session.scalars(ids), 0)
    for model in (Answer, PrivateAnswer, Document):
        rows = select(model.question_id, func.count()).where(model.question_id.in_(numbers))
        for question_id, number in db.session.execute(rows.group_by(model.question_id)):
            numbers[question_id] += number
    return {each: number for each, number in numbers.items() if each is not None}


def chosen(question: Question) -> set[str]:
    """The option values that somebody chose."""
    plain = db.session.scalars(select(Answer.value).where(Answer.question_id == question.id))
    private = db.session.scalars(
        select(PrivateAnswer.value).where(PrivateAnswer.question_id == question.id)
    )
    values = [*plain, *(json.loads(sealed) for sealed in private)]
    return {each for value in values for each in (value if isinstance(value, list) else [value])}


def seal(question: Question) -> None:
    """Seal the plain answers to a delegates' question that became sensitive, and strike them out of
    the requests for other answers."""
    rows = db.session.scalars(select(Answer).where(Answer.question_id == question.id)).all()
    db.session.add_all(
        PrivateAnswer(
            question_id=question.id,
            delegate_id=row.delegate_id,
            value=json.dumps(row.value).encode(),
            answered_at=row.answered_at,
        )
        for row in rows
        if row.delegate_id is not None
    )
    db.session.execute(delete(Answer).where(Answer.question_id == question.id))
    asked = db.session.scalars(
        select(Amendment).where(
            Amendment.trip_id == question.trip_id, Amendment.kind == AmendmentKind.ANSWERS
        )
    )
    for amendment in asked:
        amendment.before = _without(amendment.before, question.key)
        amendment.wanted = _without(amendment.wanted, question.key)
    db.session.flush()


def _private(ids: list[int], unseal: Container[int] | None) -> Any:
    """The sensitive answers of these registrations; of those not to be unsealed without value."""
    value: Any = PrivateAnswer.value
    if unseal is not None:
        wanted = PrivateAnswer.question_id.in_(list(unseal))  # type: ignore[call-overload]
        value = case((wanted, PrivateAnswer.value), else_=literal(None))
    return (
        select(
            Delegate.registration_id, PrivateAnswer.delegate_id, PrivateAnswer.question_id, value
        )
        .join(Delegate, Delegate.id == PrivateAnswer.delegate_id)
        .where(Delegate.registration_id.in_(ids))
    )


def _sent(ids: list[int]) -> Any:
    """The latest document of each question, and how sensitive the question is."""
    key = (Document.registration_id, Document.delegate_id, Document.question_id)
    return (
        select(*key, func.max(Document.id), Question.sensitivity)
        .join(Question, Question.id == Document.question_id)
        .where(Document.registration_id.in_(ids))
        .group_by(*key, Question.sensitivity)
    )


def _without(facts: dict[str, Any], key: str) -> dict[str, Any]:
    """The facts without that key, at whatever depth it stands."""
    return {
        name: _without(value, key) if isinstance(value, dict) else value
        for name, value in facts.items()
        if name != key
    }

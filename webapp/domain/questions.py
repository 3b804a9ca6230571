"""The questions of a tour's form: written, put in order, asked no more.

They stand in the order of `of`: by stage, the company's before the delegates', then by position. A
question may depend on one that stands before it, so no two ever depend on each other.
(domain/question_rules.py)
"""

from sqlalchemy import bindparam, select
from sqlalchemy.orm.attributes import set_committed_value

from webapp import clock
from webapp.db import Words, db
from webapp.domain import answered, audits, seats
from webapp.domain.audits import By
from webapp.domain.question_rules import (
    MOST_QUESTIONS,
    DependencyRefused,
    Option,
    QuestionGone,
    QuestionValues,
    StandsBefore,
    StillNeeded,
    TooMany,
    columns,
    facts_of,
    good,
    keep_what_is_needed,
    keep_what_was_answered,
    key_of,
    place,
)
from webapp.models.question import Asked, Question, Sensitivity, Stage
from webapp.models.trip import Trip


def every(trip: Trip) -> list[Question]:
    """All questions of a trip in their order, the retired ones last. One statement; what each
    depends on is there without another."""
    found = db.session.scalars(_OF_TRIP, {"trip": trip.id}).all()
    by_id = {question.id: question for question in found}
    for question in found:
        parent = by_id.get(question.depends_on_id or 0)
        set_committed_value(question, "depends_on", parent)
    return sorted(found, key=lambda each: (each.retired_at is not None, *place(each)))


_OF_TRIP = select(Question).where(Question.trip_id == bindparam("trip"))  # made once


def of(trip: Trip, stage: Stage | None = None, asked: Asked | None = None) -> list[Question]:
    """The questions in force, in their order: all, or of one stage, or to one scope."""
    return [
        question
        for question in every(trip)
        if question.retired_at is None
        and stage in (None, question.stage)
        and asked in (None, question.asked)
    ]


def find(trip: Trip, question_id: int) -> Question | None:
    """The question of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Question).where(Question.trip_id == trip.id, Question.id == question_id)
    ).one_or_none()


def counts(trip: Trip) -> dict[int, int]:
    """How many answers and documents each question has, by its id; each is a key."""
    return answered.counts(trip)


def add(trip: Trip, values: QuestionValues, by: By, key: str | None = None) -> Question:
    """Add a question after the others of its stage and scope. `key` is for the ready-made ones.

    Raises LabelMissing, OptionsMissing, OptionsTwice, SensitiveOfCompany, DependencyRefused,
    TooMany.
    """
    trip = seats.hold(trip.id)
    there = every(trip)
    if len(there) >= MOST_QUESTIONS:
        raise TooMany
    values = good(there, values, None)
    question = Question(
        trip_id=trip.id,
        key=key_of(values.label, {each.key for each in there}, key),
        position=max((each.position for each in there), default=0) + 1,
        **columns(values),
    )
    db.session.add(question)
    db.session.flush()
    audits.write(by, question, "add", trip_id=trip.id, after=facts_of(values))
    return question


def change(trip: Trip, question: Question, values: QuestionValues, by: By) -> Question:
    """Say anew what a question asks. Its key, and the values of its options, stay.

    Raises as `add` does; Answered, once there are answers, for another kind or scope, less
    secrecy, or an option taken away that somebody chose; StillNeeded for an option, a stage or a
    scope on which others depend. Answers that become sensitive are sealed, and struck out of
    requests. Raises QuestionGone too.
    """
    trip = seats.hold(trip.id)
    there = every(trip)
    if question not in there:
        raise QuestionGone
    before = values_of(question)
    values = good(there, values, question)
    if values == before:
        return question
    if answered.counts(trip)[question.id]:
        keep_what_was_answered(before, values, lambda: answered.chosen(question))
    dependents = [each for each in there if each.depends_on_id == question.id]
    keep_what_is_needed(dependents, before, values)
    moved = (before.stage, before.asked) != (values.stage, values.asked)
    for name, value in columns(values).items():
        setattr(question, name, value)
    if moved:
        question.position = max(each.position for each in there) + 1
    db.session.flush()
    if before.sensitivity == Sensitivity.PLAIN != values.sensitivity:
        answered.seal(question)
    old, new = facts_of(before), facts_of(values)
    changed = [name for name in new if old.get(name) != new[name]]
    audits.write(
        by,
        question,
        "change",
        trip_id=trip.id,
        before={name: old.get(name) for name in changed},
        after={name: new[name] for name in changed},
    )
    return question


def move(trip: Trip, question: Question, by: By, *, earlier: bool) -> None:
    """Let a question and its neighbor of the same stage and scope change places; at either end
    nothing happens. Raises StandsBefore where one depends on the other."""
    trip = seats.hold(trip.id)
    in_force = of(trip)
    if question not in in_force:
        return  # somebody retired or deleted it since
    order = [q for q in in_force if place(q)[:2] == place(question)[:2]]
    here = order.index(question)
    there = here - 1 if earlier else here + 1
    if not 0 <= there < len(order):
        return
    first, second = order[min(here, there)], order[max(here, there)]
    if second.depends_on_id == first.id:
        raise StandsBefore
    before = [each.key for each in order]
    whole = every(trip)
    one, other = whole.index(first), whole.index(second)
    whole[one], whole[other] = second, first
    for position, each in enumerate(whole, start=1):  # several may have shared a place
        each.position = position
    db.session.flush()
    after = [each.key for each in of(trip) if place(each)[:2] == place(question)[:2]]
    audits.write(
        by,
        question,
        "order",
        trip_id=trip.id,
        before={"questions": before},
        after={"questions": after},
    )


def retire(trip: Trip, question: Question, by: By) -> bool:
    """Ask it no more. What was answered stays and can be asked for again; a question without any
    answer is deleted: whether it was. Raises StillNeeded while others depend on it."""
    trip = seats.hold(trip.id)
    there = every(trip)
    if question not in there:
        return True  # by somebody else
    needed = [each for each in there if each.depends_on_id == question.id]
    in_force = [each.label for each in needed if each.retired_at is None]
    if in_force:
        raise StillNeeded(in_force)
    if not answered.counts(trip)[question.id] and not needed:
        audits.write(by, question, "delete", trip_id=trip.id, before=facts_of(values_of(question)))
        db.session.delete(question)
        db.session.flush()
        return True
    if question.retired_at is None:
        question.retired_at = clock.now()
        db.session.flush()
        audits.write(by, question, "retire", trip_id=trip.id, before={"label": question.label})
    return False


def bring_back(trip: Trip, question: Question, by: By) -> None:
    """Ask a retired question again, after the others. Raises DependencyRefused while the one that
    it depends on is retired; QuestionGone."""
    trip = seats.hold(trip.id)
    there = every(trip)
    if question not in there:
        raise QuestionGone
    if question.retired_at is None:
        return
    if question.depends_on and question.depends_on.retired_at:
        raise DependencyRefused
    question.retired_at = None
    question.position = max(each.position for each in there) + 1
    db.session.flush()
    audits.write(by, question, "restore", trip_id=trip.id, after={"label": question.label})


def values_of(question: Question) -> QuestionValues:
    """What is said of a question now."""
    return QuestionValues(
        stage=question.stage,
        asked=question.asked,
        kind=question.kind,
        label=question.label,
        help=question.help,
        options=tuple(Option(Words(each["label"]), each["value"]) for each in question.options),
        required=question.required,
        sensitivity=question.sensitivity,
        depends_on_id=question.depends_on_id,
        depends_values=tuple(question.depends_values),
    )

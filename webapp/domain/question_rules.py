"""What may be said of a question, and what of it stays once it was answered or others need it.

Pure but for what is asked of the questions that are given.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from webapp.db import Facts, Words
from webapp.errors import DomainError
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity, Stage

MOST_QUESTIONS = 100
MOST_OPTIONS = 50
VALUE = re.compile(r"[a-z0-9_]{1,50}")
WITH_OPTIONS = (AnswerKind.CHOICE, AnswerKind.CHOICES)
DECIDES = (*WITH_OPTIONS, AnswerKind.YES_NO)  # kinds whose answers a condition can name
STAGES = (Stage.APPLY, Stage.TRAVEL)
SCOPES = (Asked.COMPANY, Asked.DELEGATE)
SEALED = (Sensitivity.PLAIN, Sensitivity.TRAVEL, Sensitivity.HEALTH)  # the later the stricter


class LabelMissing(DomainError):
    """A question, or one of its options, has no words."""


class OptionsMissing(DomainError):
    """A choice needs at least two options."""


class TooMany(DomainError):
    """More questions, or options, than a form can hold."""


class OptionsTwice(DomainError):
    """Two options have the same words."""


class SensitiveOfCompany(DomainError):
    """Only what a delegate answers can be sealed."""


class Answered(DomainError):
    """It has been answered, so this of it stays: "kind", "asked", "sensitivity" or "options"."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class DependencyRefused(DomainError):
    """It cannot depend on that question: not one that stands before it, of the company or of the
    same people, with answers to choose from; or none of its answers is named."""


class QuestionGone(DomainError):
    """Somebody deleted the question meanwhile."""


class StandsBefore(DomainError):
    """Of two questions that would change places, one depends on the other."""


class StillNeeded(DomainError):
    """Other questions depend on it, or on one of its options; `labels` are theirs."""

    def __init__(self, labels: Iterable[Words]) -> None:
        self.labels = tuple(labels)
        super().__init__(f"{len(self.labels)} questions")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose. `value` is what is kept, for ever; "" for an option that is new."""

    label: Words
    value: str = ""


@dataclass(frozen=True, slots=True)
class QuestionValues:
    """What an organizer says of a question. `depends_on_id` and `depends_values` together."""

    stage: Stage
    asked: Asked
    kind: AnswerKind
    label: Words
    help: Words | None = None
    options: tuple[Option, ...] = ()
    required: bool = False
    sensitivity: Sensitivity = Sensitivity.PLAIN
    depends_on_id: int | None = None
    depends_values: tuple[str, ...] = ()


def place(question: Question) -> tuple[int, int, int, int]:
    """Where it stands: by stage, scope, position; then by its id."""
    stage, asked = STAGES.index(question.stage), SCOPES.index(question.asked)
    return stage, asked, question.position, question.id


def _may_follow(stage: Stage, asked: Asked, other: Question) -> bool:
    """Whether the answer to `other` is known to whoever is asked in that stage and scope."""
    return STAGES.index(other.stage) <= STAGES.index(stage) and other.asked in (
        asked,
        Asked.COMPANY,
    )


def may_decide(
    there: Iterable[Question], stage: Stage, asked: Asked, but: Question | None = None
) -> list[Question]:
    """Those of the questions `there` on which one of that stage and scope may depend: those that
    stand before `but`. What is new, or comes from another stage or scope, stands after all."""
    stays = but is not None and (but.stage, but.asked) == (stage, asked)
    return [
        other
        for other in there
        if other.kind in DECIDES
        and other.retired_at is None
        and _may_follow(stage, asked, other)
        and other is not but
        and not (but and stays and place(other) > place(but))
    ]


def good(
    there: Iterable[Question], values: QuestionValues, question: Question | None
) -> QuestionValues:
    """The values with nothing in them that their kind does not have. Raises what `questions.add`
    does; `there` are the questions of the trip, `question` the one that is changed."""
    if not values.label.pick("en"):
        raise LabelMissing
    if values.sensitivity != Sensitivity.PLAIN and values.asked != Asked.DELEGATE:
        raise SensitiveOfCompany
    options = _options(values.options) if values.kind in WITH_OPTIONS else ()
    if values.kind in WITH_OPTIONS and len(options) < 2:
        raise OptionsMissing
    values = replace(values, options=options)
    if values.depends_on_id is None:
        return replace(values, depends_values=())
    parent = next(
        (
            other
            for other in may_decide(there, values.stage, values.asked, question)
            if other.id == values.depends_on_id
        ),
        None,
    )
    named = set(values.depends_values)
    if parent is None or not named or not named <= set(decisions(parent)):
        raise DependencyRefused
    kept = tuple(value for value in decisions(parent) if value in named)
    return replace(values, depends_values=kept)


def _options(options: Sequence[Option]) -> tuple[Option, ...]:
    """Each with a value of its own: the one that it has, else one made of its words."""
    if len(options) > MOST_OPTIONS:
        raise TooMany
    labels = [option.label.pick("en").casefold() for option in options]
    if not all(labels):
        raise LabelMissing
    if len(set(labels)) < len(labels):
        raise OptionsTwice
    given = [option.value for option in options if VALUE.fullmatch(option.value)]
    if len(set(given)) < len(given):
        raise OptionsTwice
    taken = set(given)
    made = []
    for option in options:
        value = option.value if option.value in given else key_of(option.label, taken)
        taken.add(value)
        made.append(replace(option, value=value))
    return tuple(made)


def decisions(question: Question) -> list[str]:
    """The answers that a condition can name."""
    if question.kind == AnswerKind.YES_NO:
        return ["yes", "no"]
    return [option["value"] for option in question.options]


def keep_what_was_answered(
    before: QuestionValues, values: QuestionValues, chosen: Callable[[], set[str]]
) -> None:
    """Raises Answered for another kind or scope, for less secrecy, or where an option has gone that
    is among those that were `chosen`, which is asked only then."""
    if values.kind != before.kind:
        raise Answered("kind")
    if values.asked != before.asked:
        raise Answered("asked")
    if SEALED.index(values.sensitivity) < SEALED.index(before.sensitivity):
        raise Answered("sensitivity")
    gone = {o.value for o in before.options} - {o.value for o in values.options}
    if gone and gone & chosen():
        raise Answered("options")


def keep_what_is_needed(
    dependents: Iterable[Question], before: QuestionValues, values: QuestionValues
) -> None:
    """Raises StillNeeded where those that depend on it could not go on to do so."""
    gone = {o.value for o in before.options} - {o.value for o in values.options}
    moved = (values.stage, values.asked) != (before.stage, before.asked)
    needed = [
        each.label
        for each in dependents
        if set(each.depends_values) & gone
        or values.kind != before.kind
        or STAGES.index(each.stage) < STAGES.index(values.stage)
        or values.asked not in (each.asked, Asked.COMPANY)
        or (moved and (each.stage, each.asked) == (values.stage, values.asked))
    ]
    if needed:
        raise StillNeeded(needed)


def columns(values: QuestionValues) -> Facts:
    """The values as the columns have them."""
    options: list[Facts] = [{"value": o.value, "label": dict(o.label)} for o in values.options]
    return {
        **{name: getattr(values, name) for name in values.__slots__},
        "options": options,
        "depends_values": list(values.depends_values),
    }


def facts_of(values: QuestionValues) -> dict[str, Any]:
    """What the audit says of a question: what was set, and options by their words."""
    facts = {
        name: value
        for name, value in asdict(values).items()
        if name not in ("options", "depends_values")
    }
    facts["options"] = [option.label.pick("en") for option in values.options]
    facts["depends_values"] = list(values.depends_values)
    return facts


def key_of(label: Words, taken: set[str], wanted: str | None = None) -> str:
    """A key for sheets and fields, from the English words: "flight_2" where "flight" is taken."""
    text = wanted or label.pick("en")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:40].strip("_") or "question"
    number, key = 1, stem
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key

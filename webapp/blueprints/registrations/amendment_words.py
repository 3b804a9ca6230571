"""What a request says, in the reader's language: of whom, and each value before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp import i18n
from webapp.blueprints.labels import AMENDMENT_KINDS, DELEGATE_STATES
from webapp.blueprints.registrations.answer_words import answer_text
from webapp.domain import changing
from webapp.domain.answer_values import asking
from webapp.models.amendment import Amendment, AmendmentKind
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.question import Question

LABELS: dict[str, Any] = {
    "given_name": _l("First name"),
    "family_name": _l("Last name"),
    "email": _l("Email"),
    "phone": _l("Phone"),
    "job_title": _l("Job title"),
    "language": _l("Language"),
    "invited": _l("Fills in their own data"),
    "state": _l("State"),
    "coordinator_name": _l("Coordinator"),
    "coordinator_phone": _l("Coordinator's phone"),
    "objectives": _l("Hopes for the tour"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One value that changes; "" for nothing."""

    label: str
    before: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Told:
    """A request as a page shows it."""

    amendment: Amendment
    title: str
    rows: list[Row]


def told(amendments: Sequence[Amendment], questions: Sequence[Question]) -> list[Told]:
    """Requests as pages show them; `questions` are those of their tour, retired ones too."""
    by_key = {question.key: question for question in questions}
    return [Told(each, title(each), rows(each, by_key)) for each in amendments]


def title(amendment: Amendment) -> str:
    """What is asked for, and of whom."""
    kind, who = amendment.kind, amendment.delegate.name if amendment.delegate else ""
    if kind == AmendmentKind.ADD:
        who = _name(amendment.wanted)
    match kind:
        case AmendmentKind.REPLACE:
            return _("%(new)s instead of %(old)s", new=_name(amendment.wanted), old=who)
        case AmendmentKind.WITHDRAW:
            return _("%(name)s does not come", name=who)
        case AmendmentKind.ADD:
            return _("%(name)s comes too", name=who)
    what = str(AMENDMENT_KINDS[kind])
    return _("%(what)s: %(name)s", what=what, name=who) if who else what


def rows(amendment: Amendment, questions: Mapping[str, Question]) -> list[Row]:
    """Each value that changes, before and after; none where the title says it all."""
    if amendment.kind == AmendmentKind.WITHDRAW:
        return []
    found = []
    order = [*LABELS, *questions]  # the database keeps none
    for key, wanted in sorted(
        amendment.wanted.items(),
        key=lambda each: order.index(each[0]) if each[0] in order else len(order),
    ):
        before = amendment.before.get(key)
        if key in questions and amendment.kind == AmendmentKind.ANSWERS:
            question = asking(questions[key])
            label = i18n.words(question.label)
            row = Row(label, answer_text(question, before), answer_text(question, wanted))
        else:
            row = Row(str(LABELS.get(key, key)), value_text(key, before), value_text(key, wanted))
        if row.before != row.wanted:
            found.append(row)
    return found


def value_text(key: str, value: Any) -> str:
    """One value of a delegate or of a company; "" for nothing."""
    if value is None or value == "" or value is False:
        return ""
    if key == "language":
        return i18n.language_name(value)
    if key == "state" and value in set(DelegateState):
        return str(DELEGATE_STATES[DelegateState(value)])
    return _("Yes") if value is True else str(value)


def _name(wanted: Mapping[str, Any]) -> str:
    names = (wanted.get(name) or "" for name in ("given_name", "family_name"))
    return " ".join(names).strip() or str(wanted.get("email") or "")


def current(delegate: Delegate) -> dict[str, Any]:
    """The values of a delegate's form, by name."""
    return {name: getattr(delegate, name) for name in changing.OF_DELEGATE}

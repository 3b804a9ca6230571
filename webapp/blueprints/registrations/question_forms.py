"""The organizer's forms: one question; the standard fields and the words above the form."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import Optional, ValidationError

from webapp.blueprints.fields import line, paragraph
from webapp.blueprints.labels import ANSWER_KINDS, ASKED, SENSITIVITIES, STAGES, choices
from webapp.blueprints.registrations.answer_words import option_text
from webapp.blueprints.trips.setup_forms import texts_of, words
from webapp.db import Words
from webapp.domain.answer_values import Asking, asking
from webapp.domain.form_fields import FIELDS, Rule, rule
from webapp.domain.question_rules import (
    DECIDES,
    MOST_OPTIONS,
    Answered,
    DependencyRefused,
    LabelMissing,
    Option,
    OptionsMissing,
    OptionsTwice,
    QuestionGone,
    QuestionValues,
    SensitiveOfCompany,
    StillNeeded,
    TooMany,
)
from webapp.errors import DomainError
from webapp.i18n import listed
from webapp.i18n import words as said
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity, Stage
from webapp.models.trip import Trip

ROWS = 4  # of options, at least; and so many more at a time
RULES: dict[StrEnum, Any] = {
    Rule.REQUIRED: _l("Must be filled in"),
    Rule.OPTIONAL: _l("May be left empty"),
    Rule.HIDDEN: _l("Is not asked"),
}
GROUP_NAMES = {
    (Stage.APPLY, Asked.COMPANY): _l("Asked of the company with the application"),
    (Stage.APPLY, Asked.DELEGATE): _l("Asked of each delegate with the application"),
    (Stage.TRAVEL, Asked.COMPANY): _l("Asked of the company once accepted"),
    (Stage.TRAVEL, Asked.DELEGATE): _l("Asked of each delegate once accepted"),
}
FIELD_NAMES = {
    "website": _l("Website of the organization"),
    "coordinator_phone": _l("Phone of the coordinator"),
    "objectives": _l("Hopes for the tour"),
    "phone": _l("Mobile phone of each delegate"),
    "job_title": _l("Job title of each delegate"),
}


class OptionForm(Form):
    """One answer to choose; `value` is of one that is there already."""

    value = HiddenField()
    label_en = line(_l("In English"), optional=True)
    label_fr = line(_l("In French"), optional=True)

    def validate_label_fr(self, field: Any) -> None:
        if field.data and not self.label_en.data:
            raise ValidationError(_("Please give the English words too."))


class QuestionForm(FlaskForm):
    """One question. `when` holds the answers, as "question id:value", of which one must be given
    to the question chosen in `after`."""

    label_en = line(_l("Question in English"))
    label_fr = line(_l("Question in French"), optional=True)
    help_en = line(_l("Explanation in English"), most=400, optional=True)
    help_fr = line(_l("Explanation in French"), most=400, optional=True)
    stage = SelectField(_l("When it is asked"), choices=lambda: choices(STAGES))
    asked = SelectField(_l("Who answers"), choices=lambda: choices(ASKED))
    kind = SelectField(_l("What the answer is"), choices=lambda: choices(ANSWER_KINDS))
    sensitivity = SelectField(
        _l("How the answer is kept"),
        choices=lambda: choices(SENSITIVITIES),
        description=_l("Sealed answers are read by few, and deleted soon after the tour."),
    )
    required = BooleanField(_l("It must be answered"), [Optional()])
    options = FieldList(FormField(OptionForm), max_entries=MOST_OPTIONS)
    after = SelectField(_l("It depends on"))
    when = SelectMultipleField(_l("after one of these answers"), validate_choice=False)

    candidates: Sequence[Asking] = ()

    @classmethod
    def of(cls, there: Sequence[Question], question: Question | None) -> "QuestionForm":
        """The form of a question, or of a new one; `there` are those of the trip."""
        form = cls(data=_data(question) if question else None)
        form.candidates = [
            asking(each)
            for each in there
            if each.kind in DECIDES and each.retired_at is None and each is not question
        ]
        form.after.choices = [
            SelectChoice("", _("Nothing: it is always asked")),
            *(SelectChoice(str(each.id), said(each.label)) for each in form.candidates),
        ]
        form.when.choices = [
            SelectChoice(name, text)
            for each in form.candidates
            for name, text in form.answers_of(each)
        ]
        form.more_rows(ROWS if "more_options" in request.form else 0)
        return form

    def answers_of(self, question: Asking) -> list[tuple[str, str]]:
        """The answers to one of the candidates that can be ticked: (name, text)."""
        values = ["yes", "no"] if question.kind == AnswerKind.YES_NO else question.values
        return [(f"{question.id}:{value}", option_text(question, value)) for value in values]

    def more_rows(self, number: int) -> None:
        """So many empty rows for options more; at least ROWS of them altogether."""
        wanted = max(ROWS, len(self.options) + number)
        while len(self.options) < min(wanted, MOST_OPTIONS):
            self.options.append_entry()

    def values(self) -> QuestionValues:
        """What was typed, as the domain wants it. Only after `validate`."""
        after = self.after.data or ""
        parent = int(after) if re.fullmatch(r"[0-9]{1,18}", after) else None
        return QuestionValues(
            stage=Stage(self.stage.data),
            asked=Asked(self.asked.data),
            kind=AnswerKind(self.kind.data),
            label=words(self, "label") or Words(),
            help=words(self, "help"),
            options=tuple(
                Option(words(row.form, "label") or Words(), row.form.value.data or "")
                for row in self.options
                if row.form.label_en.data
            ),
            required=bool(self.required.data),
            sensitivity=Sensitivity(self.sensitivity.data),
            depends_on_id=parent,
            depends_values=tuple(
                name.partition(":")[2]
                for name in self.when.data or ()
                if name.partition(":")[0] == after
            ),
        )

    def tell(self, error: DomainError) -> None:
        """Say beside the field what the domain refused."""
        field, text = _refusal(error)
        self[field].errors = [text]


def _refusal(error: DomainError) -> tuple[str, str]:
    match error:
        case Answered(what=what):
            return what, {
                "kind": _("It has been answered: another kind needs a new question."),
                "asked": _("It has been answered: who answers stays as it is."),
                "sensitivity": _("It has been answered in confidence: that stays as it is."),
                "options": _("Somebody has chosen an answer that is missing here."),
            }[what]
        case StillNeeded(labels=labels):
            return "label_en", needed_words(labels)
        case DependencyRefused():
            return "after", _(
                "Please choose a question that stands before this one and tick at least one of "
                "its answers. What the company is asked cannot depend on a delegate, nor the "
                "application on a later answer."
            )
    return _PLAIN[type(error)][0], str(_PLAIN[type(error)][1])


_PLAIN: dict[type, tuple[str, Any]] = {
    LabelMissing: ("label_en", _l("Please give the English words too.")),
    OptionsMissing: ("options", _l("Please give at least two answers to choose from.")),
    OptionsTwice: ("options", _l("Two answers have the same words.")),
    TooMany: ("label_en", _l("This form is full: retire a question first.")),
    SensitiveOfCompany: ("sensitivity", _l("Only what a delegate answers can be sealed.")),
    QuestionGone: ("label_en", _l("Somebody has deleted this question meanwhile.")),
}


def needed_words(labels: Sequence[Words]) -> str:
    """Which other questions depend on this one, so that it must stay as it is."""
    return _(
        "Other questions depend on this one: %(questions)s. Please change them first.",
        questions=listed(said(label) for label in labels),
    )


def _data(question: Question) -> dict[str, Any]:
    parent = question.depends_on_id
    return {
        **texts_of(question, "label", "help"),
        "stage": question.stage.value,
        "asked": question.asked.value,
        "kind": question.kind.value,
        "sensitivity": question.sensitivity.value,
        "required": question.required,
        "options": [
            {
                "value": option["value"],
                "label_en": option["label"].get("en", ""),
                "label_fr": option["label"].get("fr", ""),
            }
            for option in question.options
        ],
        "after": str(parent or ""),
        "when": [f"{parent}:{value}" for value in question.depends_values],
    }


def _rule_field(name: str) -> SelectField:
    return SelectField(FIELD_NAMES[name], choices=lambda: choices(RULES))


class FieldsForm(FlaskForm):
    """Which standard fields the form has, and the words above it."""

    note_en = paragraph(
        _l("Words above the form, in English"),
        most=2000,
        description=_l("Who may apply, what it costs, who to call."),
    )
    note_fr = paragraph(_l("Words above the form, in French"), most=2000)
    website = _rule_field("website")
    coordinator_phone = _rule_field("coordinator_phone")
    objectives = _rule_field("objectives")
    phone = _rule_field("phone")
    job_title = _rule_field("job_title")

    @classmethod
    def of(cls, trip: Trip) -> "FieldsForm":
        """As it is now, or as sent."""
        note = trip.form_note or Words()
        rules = {name: rule(trip, name).value for name in FIELDS}
        return cls(data={**rules, "note_en": note.get("en", ""), "note_fr": note.get("fr", "")})

    def rules(self) -> dict[str, str]:
        """The rule of each field."""
        return {name: self[name].data for name in FIELDS}

    def note(self) -> Words | None:
        """The words above the form, or None."""
        return words(self, "note")

"""Form fields for a tour's own questions: how the application form, the company's page and the
delegate's own page ask them. What an answer may be, domain/answer_values.py decides.

How to put them on a page (all in the reader's language; works without JavaScript):

    those = questions.of(trip, Stage.APPLY, Asked.COMPANY)   what to ask, in order
    AnswersForm = form_for(those)                a WTForms class; of none, a form without fields
    AnswersForm(sent(), prefix="company-")       as sent, with the files
    AnswersForm(data=stored(those, values))      as stored: values = answers.of_registration(...)
    AnswersForm(sent(), data=stored(...))        what was sent, where something was
    FormField(form_for(those))                   nested: a row of a FieldList has its own prefix

    form.known = {question id: answer}    before validate() and shown(): what is not on this form
                                          but counts for it: the company's answers, for what a
                                          delegate is asked (stored, or `company_form.by_id()`
                                          when both are on one page); documents sent before
    form.complete = False                 before validate(): what is required may be left out
    form.validate()                       puts words beside the fields; a nested form is validated
                                          with the outer one
    form.answers()                        {key: answer} for answers.save and answers.save_all
    form.uploads()                        {question id: FileStorage}, for documents.take
    form.tell(error)                      the words of answers.AnswersRefused, from the domain
    form.shown()                          what registrations/_answers.html wants:

    {% with fields = form.shown(), whose = "company" %}
      {% include "registrations/_answers.html" %}
    {% endwith %}

`whose` is "company" or "delegate". The page's head loads the script that shows a question only
while it is asked: <script type="module" src="{{ static_url('js/answers.js') }}"></script>. It finds
the question that decides in the same block of answers, else in the company's, never by name: a row
that is copied needs nothing for it. Empty the fields of a copied row by `selectedIndex` and
`checked`, not by `value`, which would take the options' values away. A form with a question for a
document is sent as multipart/form-data: `has_documents(those)`.

Saving, in one transaction, once the registration is there:

    answer_keeping.keep(registration, {None: company_form, delegate.id: its_form, ...}, by)

takes the documents and saves all answers (answers.save_all). After the freeze a company's plain
answers are a request instead: `plain_and_sealed(form)` gives the two halves.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf.file import FileField
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from wtforms import (
    Field,
    Form,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from webapp.blueprints.fields import clean, clean_line, countries
from webapp.blueprints.registrations.answer_words import (
    condition_text,
    fault_words,
    number_text,
    option_text,
)
from webapp.domain import answer_values
from webapp.domain.answer_values import AnswersRefused, Asking, Fault, asking
from webapp.i18n import words
from webapp.models.question import AnswerKind, Question

NAME = "q_%s"  # so that no key is an attribute of the form


class Marked:
    """Lets a label say that the field is required, or optional; the rules are looked at later."""

    def __init__(self, flag: str) -> None:
        self.field_flags = {flag: True}

    def __call__(self, form: Form, field: Field) -> None:
        """Every text is good here."""


@dataclass(frozen=True, slots=True)
class ShownField:
    """One question on a page: its field, and when it is asked, in words."""

    question: Asking
    field: Field
    condition: str

    @property
    def key(self) -> str:
        return self.question.key

    @property
    def parent(self) -> str:
        """The key of the question that decides whether this one is asked; "" for none."""
        return self.question.parent.key if self.question.parent else ""

    @property
    def when(self) -> list[str]:
        """The answers to it for which this one is asked."""
        return sorted(self.question.when)


class AnswersForm(Form):
    """The base of what `form_for` makes; see the module."""

    questions: Sequence[Asking] = ()
    own_prefix = ""
    complete = True
    known: Mapping[int, Any] | None = None

    def __init__(self, formdata: Any = None, obj: Any = None, prefix: str = "", **kwargs: Any):
        super().__init__(formdata, obj, prefix=prefix or self.own_prefix, **kwargs)

    def field_of(self, question: Asking) -> Field:
        """The field of a question of this form."""
        return self[NAME % question.key]

    def answers(self) -> dict[str, Any]:
        """What was answered, by key; None where nothing was. What makes no sense stays a text,
        for the rules to refuse. Documents are not among them."""
        return {
            question.key: _answer(question, self.field_of(question).data)
            for question in self.questions
            if question.kind != AnswerKind.DOCUMENT
        }

    def by_id(self) -> dict[int, Any]:
        """The same by question id, and only what is good."""
        return answer_values.check(self.questions, self.answers())[0]

    def uploads(self) -> dict[int, FileStorage]:
        """The files that were sent, by question id."""
        files = {
            question.id: self.field_of(question).data
            for question in self.questions
            if question.kind == AnswerKind.DOCUMENT
        }
        return {each: file for each, file in files.items() if file}

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Every answer by its kind; and, where `complete`, that what is required is there."""
        good = bool(super().validate(*args, **kwargs))
        known = {**(self.known or {}), **self.uploads()}
        _values, faults = answer_values.judge(
            self.questions, self.answers(), known, complete=self.complete
        )
        self.say(faults)
        return good and not faults

    def say(self, faults: Iterable[Fault]) -> None:
        """Put the words of each fault beside its field, where there is one."""
        for fault in faults:
            field = self._fields.get(NAME % fault.key)
            if field is not None:
                field.errors = [*field.errors, fault_words(fault)]

    def tell(self, error: AnswersRefused, delegate_id: int | None = None) -> None:
        """Say what the domain refused of the company's answers, or of this delegate's."""
        self.say(fault for fault in error.faults if fault.delegate_id == delegate_id)

    def shown(self) -> list[ShownField]:
        """The questions as a page shows them. One that depends on an answer elsewhere is left out
        when `known` says that it is not asked."""
        here = {question.id for question in self.questions}
        return [
            ShownField(question, self.field_of(question), condition_text(question))
            for question in self.questions
            if self.known is None or not _is_ruled_out(question, here, self.known)
        ]


def form_for(questions: Sequence[Question], prefix: str = "") -> type[AnswersForm]:
    """A form that asks these questions, in their order; `prefix` stands before each field's name
    unless the form is given one. What the questions say is copied: a lock makes nobody read them
    again."""
    asked = [asking(question) for question in questions]
    members = {"questions": asked, "own_prefix": prefix}
    fields = {NAME % question.key: _field(question) for question in asked}
    return type("AnswersOf", (AnswersForm,), members | fields)


def sent() -> Any:
    """The fields and the files of the request; None for a request that sends nothing."""
    return CombinedMultiDict([request.files, request.form]) if request.method == "POST" else None


def stored(questions: Sequence[Question], values: Mapping[int, Any]) -> dict[str, Any]:
    """What the fields show of stored answers (by question id): the `data` of the form."""
    return {
        NAME % question.key: _typed(question.kind, values[question.id])
        for question in questions
        if values.get(question.id) is not None
    }


def has_documents(questions: Iterable[Question]) -> bool:
    """Whether a form with these must be sent as multipart/form-data."""
    return any(question.kind == AnswerKind.DOCUMENT for question in questions)


def plain_and_sealed(form: AnswersForm) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers of a form, {key: answer}: those that anybody of the tour's staff may read, which
    may become a request; and the sensitive ones, saved at once, which stand in no request."""
    sealed = {question.key for question in form.questions if question.is_sealed}
    every = form.answers()
    return (
        {key: value for key, value in every.items() if key not in sealed},
        {key: value for key, value in every.items() if key in sealed},
    )


def _field(question: Asking) -> Field:
    label, told = words(question.label), words(question.help)
    mark = Marked("required" if question.required else "optional")
    extra: dict[str, Any] = {"description": told, "render_kw": {}, "validators": [mark]}
    if question.is_sealed:
        extra["render_kw"]["autocomplete"] = "off"
    match question.kind:
        case AnswerKind.LONG_TEXT:
            made = TextAreaField(label, filters=[clean], **extra)
        case AnswerKind.YES_NO:
            options = [SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))]
            made = _select(label, options, extra)
        case AnswerKind.CHOICE:
            made = _select(label, _options(question), extra)
        case AnswerKind.CHOICES:
            made = SelectMultipleField(
                label, choices=_options(question), validate_choice=False, **extra
            )
        case AnswerKind.COUNTRY:
            made = SelectField(label, choices=countries, validate_choice=False, **extra)
        case AnswerKind.DOCUMENT:
            made = FileField(label, **extra)
        case AnswerKind.DATE:
            extra["render_kw"]["type"] = "date"
            made = StringField(label, filters=[clean_line], **extra)
        case AnswerKind.NUMBER:
            extra["render_kw"]["inputmode"] = "decimal"
            made = StringField(label, filters=[clean_line], **extra)
        case _:
            made = StringField(label, filters=[clean_line], **extra)
    return made


def _options(question: Asking) -> list[SelectChoice]:
    return [SelectChoice(value, option_text(question, value)) for value in question.values]


def _select(label: str, options: list[SelectChoice], extra: dict[str, Any]) -> SelectField:
    first = SelectChoice("", _("Please choose"))
    return SelectField(label, choices=[first, *options], validate_choice=False, **extra)


def _answer(question: Asking, typed: Any) -> Any:
    """What was typed as an answer of the question's kind; what makes none stays as it is."""
    if typed in (None, "", []):
        return None
    if question.kind == AnswerKind.YES_NO:
        return {"yes": True, "no": False}.get(typed, typed)
    if question.kind == AnswerKind.NUMBER:
        return _number(typed)
    return typed


def _number(typed: str) -> Any:
    """A number with a point or a comma, and blanks between its thousands."""
    text = re.sub(r"[\s\u00a0\u202f]", "", typed).replace(",", ".").replace("\N{MINUS SIGN}", "-")
    if re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,9}", text) else typed


def _typed(kind: AnswerKind, value: Any) -> Any:
    """What a field shows of a kept answer."""
    if kind == AnswerKind.YES_NO:
        return "yes" if value else "no"
    return number_text(value) if kind == AnswerKind.NUMBER else value


def _is_ruled_out(question: Asking, here: set[int], known: Mapping[int, Any]) -> bool:
    """Whether an answer that stands elsewhere says that it is not asked."""
    parent = question.parent
    if parent is None:
        return False
    if parent.id in here:
        return _is_ruled_out(parent, here, known)
    return not answer_values.is_asked(question, known)

"""The application form of one tour: its standard fields by its rules, and its own questions."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import uuid4

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FieldList, FormField, TextAreaField

from webapp.blueprints.fields import NoAddress, NotBlank, WebAddress, at_most, clean, line
from webapp.blueprints.registrations.answer_fields import form_for, has_documents
from webapp.blueprints.registrations.forms import (
    MOST_ROWS,
    DelegateForm,
    RegistrationForm,
    bounded,
    needed_of_others,
)
from webapp.domain import form_fields, questions
from webapp.domain.form_fields import OF_COMPANY, OF_DELEGATE, Rule
from webapp.models.question import Asked, Question, Stage
from webapp.models.trip import Trip

# The standard fields, where the tour's form requires them.
NEEDED: dict[str, Any] = {
    "website": line(_l("Website"), most=190, also=(WebAddress(),)),
    "coordinator_phone": line(_l("Your phone"), most=40, render_kw={"type": "tel"}),
    "objectives": TextAreaField(
        _l("What do you hope for from this tour?"),
        [NotBlank(), at_most(2000)],
        filters=[clean],
        description=_l("Partners you look for, places you want to see, questions you have."),
    ),
    "phone": needed_of_others(_l("Mobile phone"), most=40, render_kw={"type": "tel"}),
    "job_title": needed_of_others(_l("Job title"), also=(NoAddress(),)),
}
Rules = tuple[Rule, ...]  # of the company's standard fields, or of a delegate's, in their order


def for_trip(
    trip: Trip,
    saved: MultiDict[str, str] | None = None,
    given: Mapping[str, str] | None = None,
) -> RegistrationForm:
    """The form as sent, cut to MOST_ROWS rows; else as `saved`; else a new one with a key of its
    own, in which `given` stands already. One statement, for the questions."""
    asked = questions.of(trip, Stage.APPLY)
    made = _class(trip, asked)
    if request.method != "POST":
        form: RegistrationForm = (
            made(formdata=bounded(saved)[0])
            if saved
            else made(formdata=None, data={"form_key": str(uuid4()), **(given or {})})
        )
    else:
        data, rows = bounded(request.form)
        form = made(formdata=CombinedMultiDict([bounded(request.files)[0], data]))
        form.rows_sent = rows
    form.sends_files = has_documents(asked)
    form.most = min(trip.max_per_organization, MOST_ROWS)
    _know(form)
    return form


def _know(form: RegistrationForm) -> None:
    """Telephone numbers without a code are of the company's country."""
    said = form.country.data or ""
    country = said if re.fullmatch(r"[A-Z]{2}", said) else None
    form.phone_country = country
    for row in form.rows():
        row.phone_country = country


def _class(trip: Trip, asked: Sequence[Question]) -> type[RegistrationForm]:
    company, delegate = (
        tuple(form_fields.rule(trip, name) for name in names) for names in (OF_COMPANY, OF_DELEGATE)
    )
    plain = _plain(company, delegate)
    if not asked:
        return plain
    of_company = [question for question in asked if question.asked == Asked.COMPANY]
    of_delegate = [question for question in asked if question.asked == Asked.DELEGATE]
    members: dict[str, Any] = {}
    if of_company:
        members["own"] = FormField(form_for(of_company))
    if of_delegate:
        row = type("Row", (_row(delegate),), {"own": FormField(form_for(of_delegate))})
        members["delegates"] = _rows_of(row)
    return type("Form", (plain,), members)


@lru_cache(maxsize=256)
def _plain(company: Rules, delegate: Rules) -> type[RegistrationForm]:
    """The form of a tour without questions of its own."""
    members = _members(OF_COMPANY, company)
    members["delegates"] = _rows_of(_row(delegate))
    return type("Form", (RegistrationForm,), members)


def _rows_of(row: type[DelegateForm]) -> Any:
    """The list of delegates, which keeps its place among the fields of the form."""
    made = FieldList(FormField(row), min_entries=1)
    made.creation_counter = RegistrationForm.delegates.creation_counter
    return made


@lru_cache(maxsize=64)
def _row(rules: Rules) -> type[DelegateForm]:
    return type("Row", (DelegateForm,), _members(OF_DELEGATE, rules))


def _members(names: Sequence[str], rules: Rules) -> dict[str, Any]:
    """What a rule makes of each field: None hides it, a required one takes its place."""
    made: dict[str, Any] = {}
    for name, rule in zip(names, rules, strict=True):
        if rule == Rule.HIDDEN:
            made[name] = None
        elif rule == Rule.REQUIRED:
            made[name] = NEEDED[name]
    return made

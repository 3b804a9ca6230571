"""What a company, or a delegate, fills in on its own pages."""

from dataclasses import fields
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField

from webapp.blueprints.fields import (
    MailAddress,
    NoAddress,
    NotBlank,
    PhoneNumber,
    at_most,
    clean,
    language,
    line,
    paragraph,
)
from webapp.blueprints.labels import PARTIES, choices
from webapp.blueprints.registrations.amendment_words import LABELS, value_text
from webapp.domain import amendments, form_fields
from webapp.domain.form_fields import Rule
from webapp.domain.registrations import CompanyData, DelegateData
from webapp.models.delegate import Delegate
from webapp.models.registration import Party, Registration
from webapp.models.trip import Trip

MOST_PASTED = 200_000  # characters of a pasted sheet
F = TypeVar("F", bound="PersonForm")


class CompanyForm(FlaskForm):
    """What the forms of these pages share: `note` is asked once the tour is frozen, `seen` is the
    fingerprint of what the page showed."""

    note = paragraph(
        _l("Why do you ask for this?"),
        most=1000,
        description=_l("The organizers read this before they answer."),
    )
    seen = HiddenField()

    phone_country: str | None = None
    # The names of the form's fields that make the change.
    DATA: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """What was typed, by the names of the change; None for what was left empty."""
        return {name: self[name].data or None for name in self.DATA if name in self}

    def said(self, key: str, value: Any) -> tuple[str, str]:
        """What a value is called, and how it is said."""
        return str(LABELS.get(key, key)), value_text(key, value)

    def take(self, now: dict[str, Any]) -> None:
        """Show these values where nothing else was typed."""
        for name, value in now.items():
            if name in self:
                self[name].data = value


class PersonForm(CompanyForm):
    """One delegate, as the company or the delegate gives the data."""

    given_name = line(_l("First name"), also=(NoAddress(),))
    family_name = line(_l("Last name"), also=(NoAddress(),))
    email = line(_l("Email"), most=254, also=(MailAddress(),), render_kw={"type": "email"})
    phone = line(_l("Mobile phone"), most=40, optional=True, render_kw={"type": "tel"})
    job_title = line(_l("Job title"), optional=True, also=(NoAddress(),))
    language = language(_l("Language"))

    DATA = tuple(field.name for field in fields(DelegateData))

    def validate_phone(self, field: Any) -> None:
        PhoneNumber()(self, field)

    def data_given(self) -> DelegateData:
        """What was typed, as the domain wants it. Only after `validate`."""
        return DelegateData(**self.values())

    def asked_as(self, trip: Trip) -> None:
        """Ask what this tour asks: some fields are needed, some not wanted."""
        for name in form_fields.OF_DELEGATE:
            match form_fields.rule(trip, name):
                case Rule.HIDDEN:
                    del self[name]
                case Rule.REQUIRED:
                    self[name].validators = [NotBlank(), *self[name].validators[1:]]
                    self[name].flags.required, self[name].flags.optional = True, False


class OwnDataForm(PersonForm):
    """The same by the delegate: the mail address is the key of the company's list, and changed by
    the coordinator alone."""

    email = None
    DATA = tuple(name for name in PersonForm.DATA if name != "email")


class InviteForm(CompanyForm):
    """A colleague who is written to and fills in their own data; the names help to know who."""

    email = line(_l("Email"), most=254, also=(MailAddress(),), render_kw={"type": "email"})
    given_name = line(_l("First name"), optional=True, also=(NoAddress(),))
    family_name = line(_l("Last name"), optional=True, also=(NoAddress(),))
    language = language(_l("Language"))

    DATA = ("given_name", "family_name", "email", "language")

    def data_given(self) -> DelegateData:
        """What was typed, as the domain wants it. Only after `validate`."""
        return DelegateData(
            self.given_name.data or "",
            self.family_name.data or "",
            self.email.data,
            language=self.language.data,
        )


class WithdrawForm(FlaskForm):
    """Why a delegate does not come, or why the company asks."""

    note = paragraph(_l("Reason"), most=1000, description=_l("The organizers read it."))


class CoordinatorForm(CompanyForm):
    """The coordinator's own data and what the company hopes for. The mail address changes by
    handing over: it is where the link goes."""

    coordinator_name = line(_l("Your name"), also=(NoAddress(),))
    coordinator_phone = line(_l("Your phone"), most=40, optional=True, render_kw={"type": "tel"})
    language = language(_l("Language of our mails to you"))
    objectives = paragraph(_l("What do you hope for from this tour?"), most=2000)

    DATA = tuple(field.name for field in fields(CompanyData))

    def validate_coordinator_phone(self, field: Any) -> None:
        PhoneNumber()(self, field)


class HandOverForm(FlaskForm):
    """Who coordinates from now on. Sent twice: the second time by the button that says so."""

    name = line(_l("Their name"), also=(NoAddress(),))
    email = line(_l("Their email"), most=254, also=(MailAddress(),), render_kw={"type": "email"})
    language = language(_l("Language of our mails to them"))


class SureForm(FlaskForm):
    """A step that cannot be taken back: the box says so."""

    sure = BooleanField(_l("I have read this and want it."), [NotBlank(_l("Please tick this."))])


class AnswerForm(FlaskForm):
    """What an organizer says to a request; which way is the name of the button."""

    reason = paragraph(
        _l("Your answer"),
        most=1000,
        description=_l("The company reads this. Needed to decline."),
    )


class PartyForm(FlaskForm):
    """How the company waits."""

    party = RadioField(_l("How you wait"), choices=lambda: choices(PARTIES))

    def chosen(self) -> Party:
        return Party(self.party.data)


class SheetForm(FlaskForm):
    """Several people at once: cells copied from a spreadsheet, or a file."""

    people = TextAreaField(
        _l("Paste them here"),
        [at_most(MOST_PASTED)],
        filters=[clean],
        description=_l("One person a line, the cells apart by tabs, commas or semicolons."),
    )
    sheet = FileField(
        _l("Or choose a file"), description=_l("An Excel workbook (XLSX) or a CSV file.")
    )
    note = paragraph(
        _l("Why do you ask for this?"),
        most=1000,
        description=_l("The organizers read this before they answer."),
    )


def person_form(
    kind: type[F],
    registration: Registration,
    delegate: Delegate | None = None,
    *,
    fresh: bool = False,
) -> F:
    """The form of one delegate: empty, or with what is known; `fresh`: as known, whatever was sent.
    A telephone number without a code is read in the company's country."""
    form = kind(formdata=None, obj=delegate) if fresh else kind(obj=delegate)
    form.asked_as(registration.trip)
    form.phone_country = registration.organization.country
    if fresh or not form.is_submitted():
        known = {name: getattr(delegate, name, None) for name in form.DATA if name in form}
        form.seen.data = amendments.fingerprint(known)
    return form


def coordinator_form(registration: Registration) -> CoordinatorForm:
    """The coordinator's form with what is known."""
    form = CoordinatorForm(obj=registration)
    form.phone_country = registration.organization.country
    if not form.is_submitted():
        known = {name: getattr(registration, name) for name in form.DATA}
        form.seen.data = amendments.fingerprint(known)
    return form

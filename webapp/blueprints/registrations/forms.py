"""The application form of a company, and the organizer's decision."""

import re
from typing import Any
from uuid import UUID, uuid4

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    TextAreaField,
)
from wtforms.validators import Optional, ValidationError

from webapp.blueprints.fields import (
    MailAddress,
    NoAddress,
    NotBlank,
    PhoneNumber,
    WebAddress,
    at_most,
    clean,
    countries,
    language,
    line,
    paragraph,
)
from webapp.blueprints.labels import ORGANIZATION_KINDS, choices
from webapp.domain.registrations import (
    Application,
    DelegateData,
    DelegateTwice,
    RegistrationClosed,
    WrittenTooOften,
)
from webapp.domain.seats import NoCompanyPlaceLeft, NoSeatLeft, TooManyDelegates
from webapp.errors import DomainError
from webapp.models.organization import OrganizationKind
from webapp.models.trip import Trip, Window

# What one form shows again; a trip's own limit is lower. More rows than that are a mistake or an
# attack, and building a field for each of 10,000 would be work for nothing.
MOST_ROWS = 100
ROW = re.compile(r"delegates-([0-9]{1,9})-(given_name|family_name|email|phone|job_title|language)")


class DelegateForm(Form):
    """One delegate: a row of the application form."""

    given_name = line(_l("First name"), also=(NoAddress(),))
    family_name = line(_l("Last name"), also=(NoAddress(),))
    email = line(_l("Email"), most=254, also=(MailAddress(),), render_kw={"type": "email"})
    phone = line(
        _l("Mobile phone"),
        most=40,
        optional=True,
        render_kw={"type": "tel"},
    )
    job_title = line(_l("Job title"), optional=True, also=(NoAddress(),))
    language = language(_l("Language"))

    phone_country: str | None = None

    def validate_phone(self, field: Any) -> None:
        PhoneNumber()(self, field)


class RegistrationForm(FlaskForm):
    """A company's application, with a row for each delegate. `form_key` tells one form from
    another, so that the same one sent twice makes one registration."""

    organization_name = line(_l("Name of your organization"), also=(NoAddress(),))
    organization_kind = SelectField(
        _l("Kind of organization"),
        choices=lambda: choices(ORGANIZATION_KINDS),
        default=OrganizationKind.COMPANY.value,
    )
    country = SelectField(
        _l("Country"), [NotBlank(_l("Please choose a country."))], choices=countries
    )
    website = line(_l("Website"), most=190, optional=True, also=(WebAddress(),))
    coordinator_name = line(
        _l("Your name"),
        also=(NoAddress(),),
        description=_l("You coordinate for your company. You need not travel."),
    )
    coordinator_email = line(
        _l("Your email"),
        most=254,
        also=(MailAddress(),),
        description=_l("Your company's link comes to this address."),
        render_kw={"type": "email"},
    )
    coordinator_phone = line(_l("Your phone"), most=40, optional=True, render_kw={"type": "tel"})
    language = language(_l("Language of our mails to you"))
    objectives = paragraph(
        _l("What do you hope for from this tour?"),
        most=2000,
        description=_l("Partners you look for, places you want to see, questions you have."),
    )
    delegates = FieldList(FormField(DelegateForm), min_entries=1)
    waits_if_full = BooleanField(
        _l("If there are not enough places left, put us on the waiting list."), [Optional()]
    )
    authority = BooleanField(
        _l("I may register these people, and they know that their data is sent here."),
        [NotBlank(_l("Please confirm this: you enter other people's data."))],
    )
    form_key = HiddenField()

    phone_country: str | None = None

    @classmethod
    def sent(cls, trip: Trip) -> "RegistrationForm":
        """The form as sent, cut to MOST_ROWS rows, or a new one with a key of its own."""
        if request.method != "POST":
            return cls(form_key=str(uuid4()))
        data, rows = bounded(request.form)
        form = cls(formdata=data)
        form.rows_sent, form.most = rows, min(trip.max_per_organization, MOST_ROWS)
        country = form.country.data if re.fullmatch(r"[A-Z]{2}", form.country.data or "") else None
        form.phone_country = country
        for entry in form.delegates:
            entry.form.phone_country = country
        return form

    rows_sent = 1
    most = MOST_ROWS

    def validate_coordinator_phone(self, field: Any) -> None:
        PhoneNumber()(self, field)

    def validate_form_key(self, field: Any) -> None:
        try:
            UUID(field.data or "")
        except ValueError as error:
            # Nothing the reader did wrong: give the form a key and let it be sent again.
            field.data = str(uuid4())
            self.form_errors = [_("Please send the form once more.")]
            raise ValidationError(self.form_errors[0]) from error

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """All fields, then the number of rows."""
        good = bool(super().validate(*args, **kwargs))
        if self.rows_sent > MOST_ROWS:
            self.tell(TooManyDelegates(self.rows_sent, self.most))
            good = False
        return good

    def _mail_fields(self) -> list[Any]:
        return [self.coordinator_email, *(entry.form.email for entry in self.delegates)]

    def add_row(self) -> None:
        """One more empty delegate, up to the most that a form shows."""
        if len(self.delegates) < MOST_ROWS:
            self.delegates.append_entry()

    def remove_row(self, index: int) -> None:
        """Take the delegate at `index` (from 0) away, unless it is the last one."""
        rows = [entry.data for position, entry in enumerate(self.delegates) if position != index]
        if rows and len(rows) < len(self.delegates):
            while len(self.delegates):
                self.delegates.pop_entry()
            for row in rows:
                self.delegates.append_entry(row)

    def application(self) -> Application:
        """What was typed, as the domain wants it. Only after `validate`."""
        return Application(
            organization_name=self.organization_name.data,
            organization_kind=OrganizationKind(self.organization_kind.data),
            country=self.country.data or None,
            website=self.website.data or None,
            coordinator_name=self.coordinator_name.data,
            coordinator_email=self.coordinator_email.data,
            coordinator_phone=self.coordinator_phone.data or None,
            language=self.language.data,
            objectives=self.objectives.data or None,
            delegates=tuple(_delegate(entry.form) for entry in self.delegates),
            form_key=UUID(self.form_key.data),
            waits_if_full=bool(self.waits_if_full.data),
        )

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        match error:
            case DelegateTwice(position=position):
                field = self.delegates[position].form.email
                field.errors = [_("Another delegate on this form has the same email.")]
            case WrittenTooOften(addresses=addresses):
                for field in self._mail_fields():
                    if field.data and field.data.lower() in addresses:
                        field.errors = [
                            _(
                                "We have written to this address several times today. Please try "
                                "again tomorrow."
                            )
                        ]
            case RegistrationClosed(window=window):
                self.form_errors = [_window_words(window)]
            case _:
                self.delegates.errors = [_places_words(error)]


class DecisionForm(FlaskForm):
    """What an organizer decides; which way is the name of the button. `seen` is the number of
    decisions that the page showed, so that nobody decides over a colleague's head."""

    seen = HiddenField()

    reason = TextAreaField(
        _l("Reason"),
        [Optional(), at_most(1000)],
        filters=[clean],
        description=_l("The company reads this. Needed to decline or to put on the waiting list."),
    )


class ReasonForm(FlaskForm):
    """Why a company withdraws."""

    reason = paragraph(_l("Reason"), most=1000)


def bounded(sent: MultiDict[str, str]) -> tuple[MultiDict[str, str], int]:
    """What was sent without the rows past MOST_ROWS, and how many rows there were. Rows are
    numbered by the browser; they are kept in the order of their numbers."""
    numbers = sorted({int(found[1]) for name in sent if (found := ROW.fullmatch(name))})
    kept = set(numbers[:MOST_ROWS])
    data: MultiDict[str, str] = MultiDict(
        (name, value)
        for name, value in sent.items(multi=True)
        if not name.startswith("delegates")
        or ((found := ROW.fullmatch(name)) and int(found[1]) in kept)
    )
    return data, len(numbers)


def _delegate(form: DelegateForm) -> DelegateData:
    return DelegateData(
        given_name=form.given_name.data,
        family_name=form.family_name.data,
        email=form.email.data,
        phone=form.phone.data or None,
        job_title=form.job_title.data or None,
        language=form.language.data,
    )


def _places_words(error: DomainError) -> str:
    match error:
        case TooManyDelegates(asked=asked, limit=limit):
            return _(
                "You entered %(asked)d delegates; one organization may send %(limit)d.",
                asked=asked,
                limit=limit,
            )
        case NoSeatLeft(asked=asked, left=left) if left:
            return ngettext(
                "Only %(num)d place is left and you ask for %(asked)d. Send fewer people, or tick "
                "the waiting list below.",
                "Only %(num)d places are left and you ask for %(asked)d. Send fewer people, or "
                "tick the waiting list below.",
                left,
                asked=asked,
            )
        case NoSeatLeft() | NoCompanyPlaceLeft():
            return _("No place is left. Tick the waiting list below and we keep your place in it.")
    raise error


def _window_words(window: Window) -> str:
    match window:
        case Window.BEFORE:
            return _("Registration has not opened yet.")
        case Window.CLOSED:
            return _("Registration is closed.")
    return _("This tour takes no registrations.")

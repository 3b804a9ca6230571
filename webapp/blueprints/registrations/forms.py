"""The application form of a company, and the organizer's decision."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
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
    clean_line,
    countries,
    language,
    line,
    paragraph,
)
from webapp.blueprints.labels import ORGANIZATION_KINDS, PARTIES, choices
from webapp.blueprints.registrations import application_words
from webapp.blueprints.registrations.answer_fields import AnswersForm
from webapp.domain.known import Match
from webapp.domain.registrations import Application, DelegateData
from webapp.domain.seats import TooManyDelegates
from webapp.errors import DomainError
from webapp.models.organization import OrganizationKind
from webapp.models.prospect import Prospect
from webapp.models.registration import Party

# What one form shows again; a trip's own limit is lower. More rows than that are a mistake or an
# attack, and building a field for each of 10,000 would be work for nothing.
MOST_ROWS = 100
ROW = re.compile(
    r"delegates-([0-9]{1,9})-"
    r"(given_name|family_name|email|phone|job_title|language|invited|own-q_[A-Za-z0-9_]{1,64})"
)


class NeededOfOthers(NotBlank):
    """The field must hold more than blanks, but for a colleague who is invited to fill it in."""

    def __call__(self, form: Form, field: Field) -> None:
        if not form.invited.data:
            super().__call__(form, field)


def needed_of_others(
    label: Any, *, most: int = 200, also: tuple[Any, ...] = (), **kwargs: Any
) -> StringField:
    """One line of text about a delegate, who may be invited to fill it in."""
    validators = [NeededOfOthers(), at_most(most), *also]
    return StringField(label, validators, filters=[clean_line], **kwargs)


class DelegateForm(Form):
    """One delegate: a row of the application form."""

    given_name = needed_of_others(_l("First name"), also=(NoAddress(),))
    family_name = needed_of_others(_l("Last name"), also=(NoAddress(),))
    email = line(_l("Email"), most=254, also=(MailAddress(),), render_kw={"type": "email"})
    phone = line(_l("Mobile phone"), most=40, optional=True, render_kw={"type": "tel"})
    job_title = line(_l("Job title"), optional=True, also=(NoAddress(),))
    language = language(_l("Language"))
    invited = BooleanField(
        _l("Invite by email: this colleague fills in their own data."), [Optional()]
    )

    phone_country: str | None = None

    def validate_phone(self, field: Any) -> None:
        PhoneNumber()(self, field)

    def data_given(self) -> DelegateData:
        """What was typed, as the domain wants it. Only after `validate`."""
        return DelegateData(
            given_name=self.given_name.data or "",
            family_name=self.family_name.data or "",
            email=self.email.data,
            phone=typed(self, "phone"),
            job_title=typed(self, "job_title"),
            language=self.language.data,
        )


class RegistrationForm(FlaskForm):
    """A company's application, with a row for each delegate. `form_key` tells one form from
    another, so that the same one sent twice makes one registration. `says_to_be` is what the
    applicant chose among known names like the one typed, `names_seen` the name that they were
    offered for. (application_forms.py makes the form of one tour.)"""

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
    party = RadioField(
        _l("If we wait for several places, we come with"),
        [Optional()],
        choices=lambda: choices(PARTIES),
        default=Party.ALL.value,
    )
    authority = BooleanField(
        _l("I may register these people, and they know that their data is sent here."),
        [NotBlank(_l("Please confirm this: you enter other people's data."))],
    )
    form_key = HiddenField()
    says_to_be = HiddenField()
    names_seen = HiddenField()

    phone_country: str | None = None
    rows_sent = 1
    most = MOST_ROWS
    sends_files = False

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
        """All fields, then the number of rows. Answers that decide what is asked of delegates are
        the company's own."""
        own = answers_of(self)
        known = own.by_id() if own else {}
        for row in self.rows():
            answers = answers_of(row)
            if answers:
                answers.known = known
                answers.complete = not row.invited.data
        good = bool(super().validate(*args, **kwargs))
        if self.rows_sent > MOST_ROWS:
            self.tell(TooManyDelegates(self.rows_sent, self.most))
            good = False
        return good

    def validate_only(self, *names: str) -> bool:
        """Only these fields, and that the form is ours: for what may be done with half a form."""
        found = [self[name].validate(self) for name in ("csrf_token", *names)]
        return all(found)

    def rows(self) -> list[DelegateForm]:
        """The rows of the delegates, in order."""
        return [entry.form for entry in self.delegates]

    def mail_fields(self) -> list[Field]:
        """Every field for an address that we shall write to."""
        return [self.coordinator_email, *(row.email for row in self.rows())]

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

    def application(
        self, says_to_be: Match | None = None, prospect: Prospect | None = None
    ) -> Application:
        """What was typed, as the domain wants it, under the name of the known company that was
        chosen. Only after `validate`."""
        rows = self.rows()
        return Application(
            organization_name=says_to_be.name if says_to_be else self.organization_name.data,
            organization_kind=OrganizationKind(self.organization_kind.data),
            country=self.country.data or None,
            website=typed(self, "website"),
            coordinator_name=self.coordinator_name.data,
            coordinator_email=self.coordinator_email.data,
            coordinator_phone=typed(self, "coordinator_phone"),
            language=self.language.data,
            objectives=typed(self, "objectives"),
            delegates=tuple(row.data_given() for row in rows),
            form_key=UUID(self.form_key.data),
            waits_if_full=bool(self.waits_if_full.data),
            party=Party(self.party.data or Party.ALL),
            invited=frozenset(n for n, row in enumerate(rows) if row.invited.data),
            says_to_be_id=says_to_be.organization_id if says_to_be else None,
            prospect_id=prospect.id if prospect else None,
        )

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        application_words.tell(self, error)


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


def typed(form: Form, name: str) -> Any:
    """What stands in a field that the tour's form may leave out; None for nothing."""
    return (form[name].data or None) if name in form else None


def answers_of(form: Form) -> AnswersForm | None:
    """The tour's own questions in a form or in a row of it, if it asks any."""
    return form["own"].form if "own" in form else None


def bounded(sent: MultiDict[str, Any]) -> tuple[MultiDict[str, Any], int]:
    """What was sent without the rows past MOST_ROWS, and how many rows there were. Rows are
    numbered by the browser; they are kept in the order of their numbers."""
    numbers = sorted(_numbers(sent))
    kept = set(numbers[:MOST_ROWS])
    data: MultiDict[str, Any] = MultiDict(
        (name, value)
        for name, value in sent.items(multi=True)
        if not name.startswith("delegates")
        or ((found := ROW.fullmatch(name)) and int(found[1]) in kept)
    )
    return data, len(numbers)


def _numbers(names: Iterable[str]) -> set[int]:
    return {int(found[1]) for name in names if (found := ROW.fullmatch(name))}

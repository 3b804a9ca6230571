"""The forms in which an organizer acts for a company."""

from dataclasses import asdict
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from webapp.blueprints.fields import MailAddress, NoAddress, PhoneNumber, language, line, paragraph
from webapp.domain import delegates
from webapp.domain.registrations import DelegateData
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration


class DelegateForm(FlaskForm):
    """A delegate; `invite` says that the colleague is written to and fills in the rest."""

    seen = HiddenField()
    given_name = line(_l("First name"), optional=True, also=(NoAddress(),))
    family_name = line(_l("Last name"), optional=True, also=(NoAddress(),))
    email = line(_l("Email"), most=254, also=(MailAddress(),), render_kw={"type": "email"})
    phone = line(_l("Mobile phone"), most=40, optional=True, render_kw={"type": "tel"})
    job_title = line(_l("Job title"), optional=True, also=(NoAddress(),))
    language = language(_l("Language"))
    invite = BooleanField(_l("Write to this colleague, who fills in the rest"))
    note = paragraph(
        _l("Why you do it for the company"), most=1000, description=_l("Kept in the history.")
    )

    phone_country: str | None = None

    @classmethod
    def of(cls, registration: Registration, delegate: Delegate | None = None) -> "DelegateForm":
        """The form of a delegate, or an empty one in the language of the coordinator."""
        data = asdict(delegates.data_of(delegate)) if delegate else {}
        form = cls(data={"language": registration.language} | data)
        form.phone_country = registration.organization.country
        if delegate:
            del form.invite
        return form

    @property
    def is_invited(self) -> bool:
        return "invite" in self and bool(self.invite.data)

    def validate_phone(self, field: Any) -> None:
        PhoneNumber()(self, field)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """All fields; the names may be left out by who invites."""
        good = bool(super().validate(*args, **kwargs))
        for field in (self.given_name, self.family_name):
            if not field.data and not self.is_invited and not field.errors:
                field.errors = [_("Please fill in this field.")]
                good = False
        return good

    def data_given(self) -> DelegateData:
        """What was typed, as the domain wants it. Only after `validate`."""
        return DelegateData(
            given_name=self.given_name.data or "",
            family_name=self.family_name.data or "",
            email=self.email.data,
            phone=self.phone.data or None,
            job_title=self.job_title.data or None,
            language=self.language.data,
        )


class LeaveForm(FlaskForm):
    """Why a delegate does not come."""

    note = paragraph(
        _l("Reason"), most=1000, description=_l("The delegate and the coordinator read it.")
    )

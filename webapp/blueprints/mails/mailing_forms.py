"""The forms of messages that organizers write: text, audience, files, and when it goes out."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    Field,
    Form,
    MultipleFileField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, Optional, StopValidation

from webapp import i18n
from webapp.blueprints.fields import (
    WholeNumberField,
    at_most,
    clean,
    clean_line,
)
from webapp.blueprints.labels import DELEGATE_STATES, REGISTRATION_STATES, choices
from webapp.db import Words
from webapp.domain import published
from webapp.domain.mailings import audience
from webapp.domain.mailings.drafts import LONGEST_BODY, LONGEST_HOLD, LONGEST_SUBJECT, Content
from webapp.domain.mailings.terms import Audience, ToWhom
from webapp.models.agenda import Audience as SeenBy
from webapp.models.delegate import DelegateState
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip

TO_WHOM = {
    ToWhom.DELEGATES: _l("Delegates"),
    ToWhom.COORDINATORS: _l("Coordinators"),
    ToWhom.BOTH: _l("Both; who is both gets one letter"),
}
LONGEST_TOUR = 60  # days that are offered


def _number(value: Any) -> int | None:
    return int(value) if str(value).isdecimal() and len(str(value)) < 19 else None


def _subject(label: Any) -> StringField:
    return StringField(label, [Optional(), at_most(LONGEST_SUBJECT)], filters=[clean_line])


def _body(label: Any) -> TextAreaField:
    return TextAreaField(label, [Optional(), at_most(LONGEST_BODY)], filters=[clean])


class Given:
    """A number was given; 0 is one."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if field.errors:  # of what was typed, which is no number
            raise StopValidation
        if field.data is None:
            raise StopValidation(_("Please fill in this field."))


class MessageForm(FlaskForm):
    """A draft: it may be unfinished, and is kept all the same."""

    subject_en = _subject(_l("Subject in English"))
    body_en = _body(_l("Text in English"))
    subject_fr = _subject(_l("Subject in French"))
    body_fr = _body(_l("Text in French"))
    to_whom = RadioField(
        _l("To whom"),
        choices=[SelectChoice(each.value, name) for each, name in TO_WHOM.items()],
        default=ToWhom.DELEGATES.value,
    )
    # Not `Optional`, which forgets that a value is no choice when an empty one stands before it.
    organization_ids = SelectMultipleField(_l("Companies"), coerce=_number)
    states = SelectMultipleField(
        _l("Registrations"),
        description=_l("None ticked: all that have a part in the tour."),
    )
    delegate_states = SelectMultipleField(_l("Delegates who are"))
    day = SelectField(_l("With a session on"), [Optional()], default="")
    stop_id = SelectField(_l("With a session in"), [Optional()], default="")
    track_id = SelectField(_l("Who follow the track"), [Optional()], default="")
    item_uid = SelectField(_l("Who are in the session"), [Optional()], default="")
    waits = BooleanField(_l("Not who is in the session, but who waits for a place in it"))
    missing = BooleanField(_l("Data are missing"))
    unpaid = BooleanField(_l("The company has not paid"))
    unopened = BooleanField(_l("Has not opened their own link yet"))
    language = SelectField(_l("Who read"), [Optional()], default="")
    any_language = BooleanField(
        _l("Who reads a language that I have not written gets the text that there is")
    )
    is_news = BooleanField(_l("This is news: readers may ask for no more of these"))
    hold_minutes = WholeNumberField(
        _l("Minutes in which it can be undone"),
        [
            Given(),
            NumberRange(0, LONGEST_HOLD, _l("Please give a number from %(min)d to %(max)d.")),
        ],
        default=10,
        description=_l("After you send it, it waits that long before it leaves. 0: it leaves now."),
    )
    files = MultipleFileField(
        _l("Attach files"),
        [Optional()],
        description=_l(
            "PDF, PNG, JPEG, DOCX, XLSX or ODT; 5 MB each, 8 MB together; no macros. They are in "
            "each letter."
        ),
    )

    @classmethod
    def of(cls, trip: Trip, content: Content | None = None) -> "MessageForm":
        """The form for a tour, filled in with what a draft says."""
        form = cls(data=_data(content) if content else None)
        form.organization_ids.choices = [SelectChoice(*pair) for pair in audience.companies(trip)]
        form.states.choices = choices(REGISTRATION_STATES)
        form.delegate_states.choices = choices(
            DELEGATE_STATES, DelegateState.COMING, DelegateState.WAITING
        )
        form.day.choices = [SelectChoice("", _("Any day")), *_days(trip)]
        form.stop_id.choices = [
            SelectChoice("", _("Any stop")),
            *(SelectChoice(str(each.id), each.city) for each in trip.stops),
        ]
        form.track_id.choices = [
            SelectChoice("", _("Any track, or none")),
            *(SelectChoice(str(each.id), i18n.words(each.name)) for each in trip.tracks),
        ]
        form.item_uid.choices = [SelectChoice("", _("Any session, or none")), *_sessions(trip)]
        form.language.choices = [
            SelectChoice("", _("Any language")),
            *(SelectChoice(*pair) for pair in i18n.LANGUAGES.items()),
        ]
        return form

    def content(self) -> Content:
        """What was typed. Only after `validate`."""
        return Content(
            subject=_words(en=self.subject_en.data, fr=self.subject_fr.data),
            body=_words(en=self.body_en.data, fr=self.body_fr.data),
            audience=self._audience(),
            is_news=self.is_news.data,
            hold_minutes=self.hold_minutes.data or 0,
        )

    def sent(self) -> list[FileStorage]:
        """The files that came with the form."""
        return [each for each in self.files.data or () if getattr(each, "filename", "")]

    def _audience(self) -> Audience:
        item_uid = self.item_uid.data
        return Audience(
            to_whom=ToWhom(self.to_whom.data),
            organization_ids=frozenset(self.organization_ids.data or ()),
            day=date.fromisoformat(self.day.data) if self.day.data else None,
            stop_id=_number(self.stop_id.data),
            track_id=_number(self.track_id.data),
            item_uid=UUID(item_uid) if item_uid else None,
            waits=bool(item_uid and self.waits.data),
            states=frozenset(RegistrationState(each) for each in self.states.data or ()),
            delegate_states=frozenset(
                DelegateState(each) for each in self.delegate_states.data or ()
            ),
            missing=self.missing.data,
            unpaid=self.unpaid.data,
            language=self.language.data or None,
            unopened=self.unopened.data,
            any_language=self.any_language.data,
        )


def _words(**texts: str | None) -> Words:
    return Words({language: text for language, text in texts.items() if text})


def _data(content: Content) -> dict[str, Any]:
    """The draft as the fields of the form have it."""
    asked = content.audience
    return {
        "subject_en": content.subject.get("en", ""),
        "subject_fr": content.subject.get("fr", ""),
        "body_en": content.body.get("en", ""),
        "body_fr": content.body.get("fr", ""),
        "to_whom": asked.to_whom.value,
        "organization_ids": sorted(asked.organization_ids),
        "states": sorted(asked.states),
        "delegate_states": sorted(asked.delegate_states),
        "day": str(asked.day or ""),
        "stop_id": str(asked.stop_id or ""),
        "track_id": str(asked.track_id or ""),
        "item_uid": str(asked.item_uid or ""),
        "waits": asked.waits,
        "missing": asked.missing,
        "unpaid": asked.unpaid,
        "unopened": asked.unopened,
        "language": asked.language or "",
        "any_language": asked.any_language,
        "is_news": content.is_news,
        "hold_minutes": content.hold_minutes,
    }


def _days(trip: Trip) -> Iterable[SelectChoice]:
    """The days of the tour, and those before and after on which a published session begins."""
    number = min((trip.ends_on - trip.starts_on).days + 1, LONGEST_TOUR)
    days = {trip.starts_on + timedelta(days=each) for each in range(number)}
    days |= {item.starts_local.date() for item in published.items(trip, SeenBy.STAFF)}
    return [SelectChoice(str(each), i18n.date_long(each)) for each in sorted(days)]


def _sessions(trip: Trip) -> Iterable[SelectChoice]:
    """The published sessions that delegates may be in, day by day."""
    return [
        SelectChoice(
            str(item.uid),
            f"{i18n.clock_time(item.starts_local)} {i18n.words(item.title)}",
            optgroup=i18n.date_long(item.starts_local.date()),
        )
        for item in published.items(trip, SeenBy.STAFF)
        if item.audience != SeenBy.STAFF
    ]

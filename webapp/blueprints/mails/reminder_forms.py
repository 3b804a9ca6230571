"""The form of a reminder: when, and for one in the organizers' own words what, to whom."""

import re
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, Form, SelectChoice, SelectField, StringField
from wtforms.validators import NumberRange, StopValidation, ValidationError

from webapp.blueprints.fields import NotBlank, WholeNumberField, clean_line, line, paragraph
from webapp.blueprints.mails.reminder_words import fault_words
from webapp.blueprints.trips.setup_forms import texts_of, words
from webapp.db import Facts
from webapp.domain import reminders
from webapp.domain.mailings.terms import ToWhom
from webapp.domain.reminders import MessageRefused, ReminderValues, TimeRefused, TooManyReminders
from webapp.domain.reminders.setting import MOST, MOST_AFTER, MOST_BEFORE, MOST_OF_A_DAY
from webapp.errors import DomainError
from webapp.models.delegate import DelegateState
from webapp.models.mailing import Anchor, Reminder, ReminderKind
from webapp.models.registration import RegistrationState

OF_MESSAGE = ("subject_en", "subject_fr", "body_en", "body_fr", "to_whom", "standing", "is_news")
BEFORE, AFTER = "before", "after"
# What of an audience the choice of a standing says.
STANDINGS: dict[str, Facts] = {
    "coming": {
        "states": [RegistrationState.ACCEPTED.value],
        "delegate_states": [DelegateState.COMING.value],
    },
    "part": {},
    "waiting": {"states": [RegistrationState.WAITLISTED.value]},
}


def _anchors() -> dict[Anchor, Any]:
    """What days are counted from, as the end of a line "so many days before or after"."""
    return {
        Anchor.START: _l("the first day of the tour"),
        Anchor.END: _l("the last day of the tour"),
        Anchor.REGISTRATION_CLOSES: _l("the close of registration"),
        Anchor.FREEZE: _l("the end of free changes"),
        Anchor.DETAILS_DUE: _l("the deadline for travel details"),
        Anchor.EACH_DAY: _l("each day of the tour"),
    }


class Given:
    """There is a number; what is none has been said so already, and that stays said."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if field.data is None:
            raise StopValidation("" if field.errors else _("Please fill in this field."))


class TimeOfDay(StringField):
    """A local time, as "18:30"; kept as typed until it is read."""

    def minutes(self) -> int | None:
        """The minute of the day, None for what is no time."""
        found = re.fullmatch(r"(\d{1,2})[:.hH](\d{2})(?::\d{2})?", self.data or "")
        if found is None:
            return None
        hour, minute = int(found[1]), int(found[2])
        return hour * 60 + minute if hour < 24 and minute < 60 else None


class ReminderForm(FlaskForm):
    """When a reminder goes out; and of one in own words the words and the readers."""

    number = WholeNumberField(
        _l("Days"),
        [
            Given(),
            NumberRange(0, MOST_AFTER, _l("Please give a number from %(min)d to %(max)d.")),
        ],
    )
    side = SelectField(
        _l("Before or after"),
        choices=[SelectChoice(BEFORE, _l("before")), SelectChoice(AFTER, _l("after"))],
    )
    anchor = SelectField(_l("Counted from"))
    time = TimeOfDay(
        _l("Local time"),
        [NotBlank(_l("Please give a time of day."))],
        filters=[clean_line],
        render_kw={"type": "time"},
    )
    to_whom = SelectField(
        _l("To whom"),
        choices=[
            SelectChoice(ToWhom.DELEGATES.value, _l("Delegates")),
            SelectChoice(ToWhom.COORDINATORS.value, _l("Coordinators")),
            SelectChoice(ToWhom.BOTH.value, _l("Both")),
        ],
    )
    standing = SelectField(
        _l("Of which companies"),
        choices=[
            SelectChoice("coming", _l("Accepted ones, for people who come")),
            SelectChoice("part", _l("All that have a part in the tour")),
            SelectChoice("waiting", _l("Those on the waiting list")),
        ],
    )
    subject_en = line(_l("Subject in English"), optional=True)
    subject_fr = line(_l("Subject in French"), optional=True)
    body_en = paragraph(_l("Text in English"), most=20_000)
    body_fr = paragraph(_l("Text in French"), most=20_000)
    is_news = BooleanField(_l("News: readers may ask for no more of these"))

    kind: ReminderKind = ReminderKind.MESSAGE

    @classmethod
    def of(cls, kind: ReminderKind, reminder: Reminder | None = None) -> "ReminderForm":
        """The form of a reminder, or of a new one of that kind."""
        form = cls(**_start(kind) if reminder is None else _shown(reminder))
        form.kind = kind
        labels = _anchors()
        form.anchor.choices = [
            SelectChoice(anchor.value, labels[anchor]) for anchor in reminders.ANCHORS[kind]
        ]
        if kind != ReminderKind.MESSAGE:
            for name in OF_MESSAGE:
                delattr(form, name)
        return form

    def validate_time(self, field: TimeOfDay) -> None:
        if field.minutes() is None:
            raise ValidationError(_("Please write the time like 18:30."))

    def values(self) -> ReminderValues:
        """What was typed, as the domain wants it. Only after `validate`."""
        days = int(self.number.data or 0) * (-1 if self.side.data == BEFORE else 1)
        at = (Anchor(self.anchor.data), days, self.time.minutes() or 0)
        if self.kind != ReminderKind.MESSAGE:
            return ReminderValues(self.kind, *at)
        return ReminderValues(
            self.kind,
            *at,
            subject=words(self, "subject") or None,
            body=words(self, "body") or None,
            audience={"to_whom": self.to_whom.data, **STANDINGS[self.standing.data]},
            is_news=self.is_news.data,
        )

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        match error:
            case TimeRefused():
                self.number.errors = [self._too_far()]
            case TooManyReminders():
                self.form_errors = [_("A tour has %(most)d reminders at most.", most=MOST)]
            case MessageRefused(faults=faults):
                for fault in faults:
                    field = getattr(self, f"{fault.part}_{fault.language}", None)
                    if field is None:
                        self.form_errors.append(fault_words(fault))
                    else:
                        field.errors = [*field.errors, fault_words(fault)]
            case _:
                raise error

    def _too_far(self) -> str:
        if self.anchor.data == Anchor.EACH_DAY:
            return ngettext(
                "Please give at most %(num)d day before.",
                "Please give at most %(num)d days before.",
                MOST_OF_A_DAY,
            )
        return _(
            "Please give at most %(before)d days before or %(after)d after.",
            before=MOST_BEFORE,
            after=MOST_AFTER,
        )


def _start(kind: ReminderKind) -> dict[str, Any]:
    """What a new one begins with."""
    if kind == ReminderKind.DAY_SHEET:
        return {"number": 1, "side": BEFORE, "time": "18:00"}
    if kind == ReminderKind.MESSAGE:
        return {"number": 1, "side": AFTER, "time": "09:00", "anchor": Anchor.END.value}
    return {"number": 3, "side": BEFORE, "time": "09:00"}


def _shown(reminder: Reminder) -> dict[str, Any]:
    audience = reminder.audience
    rest = {name: value for name, value in audience.items() if name != "to_whom"}
    return {
        "number": abs(reminder.days),
        "side": AFTER if reminder.days > 0 else BEFORE,
        "anchor": reminder.anchor.value,
        "time": f"{reminder.minute // 60:02}:{reminder.minute % 60:02}",
        "to_whom": audience.get("to_whom", ToWhom.DELEGATES.value),
        "standing": next((n for n, said in STANDINGS.items() if said == rest), "coming"),
        "is_news": reminder.is_news,
        **texts_of(reminder, "subject", "body"),
    }

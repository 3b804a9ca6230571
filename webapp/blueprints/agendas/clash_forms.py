"""The forms about clashes: why one may pass, how they are judged, how long a way takes."""

import re
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, FloatField, Form, SelectChoice, SelectField
from wtforms.validators import NumberRange, StopValidation

from webapp.blueprints.fields import NotBlank, WholeNumberField, clean_line, paragraph
from webapp.blueprints.labels import CLASH_LEVELS, CLASH_RULES, choices
from webapp.domain.clashes import Level, Rule
from webapp.domain.clashes.overrides import LONGEST_REASON
from webapp.domain.clashes.settings import (
    FASTEST,
    LONGEST_MARGIN,
    LONGEST_WAY,
    SLOWEST,
    Settings,
)
from webapp.domain.item_words import MODES
from webapp.models.agenda import Mode
from webapp.models.place import Venue

RANGE = _l("Please give a number from %(min)s to %(max)s.")


class Given:
    """Something was typed; 0 is something. What could not be read has been told already."""

    field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if field.process_errors:
            raise StopValidation
        if field.data is None:
            raise StopValidation(_("Please fill in this field."))


class SpeedField(FloatField):
    """km/h, with a point or a comma; what is none stays in the field as it was typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = clean_line(valuelist[0]).replace(",", ".") if valuelist else ""
        if text and not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text):
            raise ValueError(_("Please give a number, like 60 or 4.5."))
        self.data = float(text) if text else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:g}"


class OverrideForm(FlaskForm):
    """Why a clash may stand. Several can be on a page: each field has the id of its clash."""

    reason = paragraph(
        _l("Reason"),
        most=LONGEST_REASON,
        description=_l(
            "Why it may stand: kept with your name, for staff. It counts until one of them moves."
        ),
    )

    def __init__(self, key: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason.validators = [NotBlank(_l("Please give a reason.")), *self.reason.validators]
        self.reason.flags.optional = False
        self.reason.id = f"reason-{key[:16]}"


class SettingsForm(FlaskForm):
    """How serious each rule is, how fast people get along, and what comes on top."""

    margin_minutes = WholeNumberField(
        _l("Minutes on top of every way"),
        [Given(), NumberRange(0, LONGEST_MARGIN, RANGE)],
        description=_l("To get in and out, and to find the door. Not within one venue."),
    )
    arrival_minutes = WholeNumberField(
        _l("Minutes after a flight from abroad"),
        [Given(), NumberRange(0, LONGEST_MARGIN, RANGE)],
        description=_l("For the border and the luggage: 30 to 60 are usual."),
    )

    def levels(self) -> dict[Rule, Level]:
        """What was chosen for each rule. Only after `validate`."""
        return {rule: Level(self[_level(rule)].data) for rule in Rule}

    def speeds(self) -> dict[Mode, float]:
        """What was typed for each mode, km/h. Only after `validate`."""
        return {mode: self[_speed(mode)].data for mode in Mode}

    def minutes(self) -> tuple[int, int]:
        """On top of every way, and after a flight from abroad. Only after `validate`."""
        return self.margin_minutes.data or 0, self.arrival_minutes.data or 0

    def level_fields(self) -> Iterator[Field]:
        """One for each rule."""
        return (self[_level(rule)] for rule in Rule)

    def speed_fields(self) -> Iterator[Field]:
        """One for each mode."""
        return (self[_speed(mode)] for mode in Mode)

    @classmethod
    def of(cls, said: Settings) -> "SettingsForm":
        """The form of a trip; what was sent stands above what is stored."""
        stored: dict[str, Any] = {_level(rule): level.value for rule, level in said.levels.items()}
        stored |= {_speed(mode): speed for mode, speed in said.speeds.items()}
        return cls(margin_minutes=said.margin, arrival_minutes=said.arrival, **stored)


def _level(rule: Rule) -> str:
    return f"level_{rule.value}"


def _speed(mode: Mode) -> str:
    return f"speed_{mode.value}"


for _rule in Rule:
    setattr(
        SettingsForm,
        _level(_rule),
        SelectField(CLASH_RULES[_rule], choices=lambda: choices(CLASH_LEVELS)),
    )
for _mode in Mode:
    setattr(
        SettingsForm,
        _speed(_mode),
        SpeedField(MODES[_mode], [Given(), NumberRange(SLOWEST, FASTEST, RANGE)]),
    )


class TravelForm(FlaskForm):
    """How long the way between two venues takes, as an organizer knows it."""

    from_venue_id = SelectField(_l("From"), [NotBlank(_l("Please choose a venue."))])
    to_venue_id = SelectField(_l("To"), [NotBlank(_l("Please choose a venue."))])
    minutes = WholeNumberField(
        _l("Minutes from door to door"),
        [Given(), NumberRange(0, LONGEST_WAY, RANGE)],
        description=_l("It counts for the way back too, unless you give that its own."),
    )

    def offer(self, venues: list[Venue]) -> None:
        """Fill the choices with the venues of this trip's agenda."""
        named = [SelectChoice(str(v.id), f"{v.name}, {v.city}") for v in venues]
        self.from_venue_id.choices = self.to_venue_id.choices = [
            SelectChoice("", _("Choose a venue")),
            *named,
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """A way leads somewhere else."""
        if not super().validate(extra_validators=extra_validators):
            return False
        if self.from_venue_id.data == self.to_venue_id.data:
            self.to_venue_id.errors = [_("Please choose two different venues.")]
            return False
        return True

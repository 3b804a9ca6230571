"""The forms around publishing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import Optional

from webapp import clock
from webapp.blueprints.agendas import item_refusals
from webapp.blueprints.fields import line, paragraph, whole
from webapp.domain import releases
from webapp.domain.item_values import TimeRefused, moment
from webapp.errors import DomainError
from webapp.models.release import Release
from webapp.models.trip import Trip

NOW, LATER = "now", "later"
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


def _fold(value: Any) -> int | None:
    return int(value) if value in ("0", "1", 0, 1) else None


class PublishForm(FlaskForm):
    """A name, a word on what changed, and when. `seen` is what the page showed, so that nobody
    publishes unread. `ask_at_fold` is set when the time occurs twice."""

    seen = HiddenField()
    name = line(
        _l("Name"), optional=True, description=_l("For example: Final program. The number is ours.")
    )
    note = paragraph(
        _l("Note for this version"),
        most=500,
        description=_l("Kept with it. Whoever is written to reads it."),
    )
    tells = BooleanField(_l("Write to those whom it concerns"))
    hold_minutes = whole(
        _l("Can be undone for so many minutes"),
        0,
        releases.LONGEST_HOLD,
        default=releases.HOLD_MINUTES,
        description=_l("The letters wait that long before they go out."),
    )
    when = RadioField(
        _l("When"),
        choices=[SelectChoice(NOW, _l("Now")), SelectChoice(LATER, _l("At a time that I give"))],
        default=NOW,
    )
    at_local = DateTimeLocalField(_l("Date and time"), [Optional()], format=FORMATS)
    at_zone = line(_l("Time zone"), most=64, optional=True)
    at_fold = RadioField(_l("Which of the two?"), [Optional()], coerce=_fold)

    ask_at_fold = False

    @classmethod
    def of(cls, trip: Trip) -> "PublishForm":
        """The form for a trip: times are meant on its clocks unless another zone is typed."""
        form = cls(at_zone=trip.zone)
        passes = [SelectChoice("0", _("The first pass")), SelectChoice("1", _("The second pass"))]
        form.at_fold.choices = passes
        form.hold_minutes.flags.optional = False  # it is filled in already
        if form.is_submitted() and "at_fold" not in request.form:
            form.at_fold.data = None  # silence is no answer (DESIGN rule 2)
        return form

    @property
    def is_later(self) -> bool:
        return bool(self.when.data == LATER)

    def validate(self, extra_validators: Any = None) -> bool:
        """A time is asked for only where one is meant; what else was typed there is left alone."""
        if not self.is_later:
            self.at_local.process_errors = []
        if not self.tells.data:
            self.hold_minutes.process_errors = []
            self.hold_minutes.data = releases.HOLD_MINUTES
        is_good = bool(super().validate(extra_validators))
        if self.hold_minutes.data is None and not self.hold_minutes.errors:
            self.hold_minutes.errors = [_("Please fill in this field.")]
            is_good = False
        if not self.is_later:
            return is_good
        if self.at_local.data is None and not self.at_local.errors:
            self.at_local.errors = [_("Please give a date and a time.")]
        if not self.at_zone.data:
            self.at_zone.errors = [_("Please fill in this field.")]
        return is_good and not self.errors

    def at(self) -> datetime:
        """The instant that was typed, aware UTC. Raises TimeRefused. Only after `validate`."""
        local = self.at_local.data
        assert local is not None
        return moment("at", local, self.at_zone.data or "", self.at_fold.data)

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        match error:
            case TimeRefused(cause=clock.UnknownZone()):
                self.at_zone.errors = [
                    _("We do not know this time zone. Write it like Europe/Paris.")
                ]
            case TimeRefused():
                self.ask_at_fold = isinstance(error.cause, clock.WallTimeTwice)
                self.at_local.errors = [item_refusals.refusal(error)]
            case releases.PlannedInThePast():
                self.at_local.errors = [_("This time is over. Give one that is still to come.")]
            case releases.AlreadyPlanned():
                self.when.errors = [
                    _("Another version is planned already. Drop it first, or publish now.")
                ]


class CompareForm(FlaskForm):
    """Two versions of one tour to set side by side; read from the address, so that it can be
    sent on."""

    class Meta:
        csrf = False

    older = SelectField(_l("From"), name="from", coerce=str)
    newer = SelectField(_l("To"), name="to", coerce=str)

    @classmethod
    def of(cls, history: Iterable[Release]) -> "CompareForm":
        """The form as the address fills it in; else the latest two."""
        listed = [(str(release.number), title(release)) for release in history]
        given = {"older": listed[1:2] or listed[:1], "newer": listed[:1]}
        asked = {name: values[0][0] for name, values in given.items() if values}
        form = cls(request.args, data=asked)
        for field, name in ((form.older, "older"), (form.newer, "newer")):
            field.choices = [SelectChoice(*pair) for pair in listed]
            if field.name not in request.args:
                field.data = asked.get(name)
        return form

    def chosen(self) -> tuple[int, int] | None:
        """The numbers of both, the older first; None, and the field says so, for anything else."""
        known = [choice.value for choice in self.older.choices]
        for field in (self.older, self.newer):
            if field.data not in known:
                field.errors = [_("There is no such version.")]
        if self.older.errors or self.newer.errors:
            return None
        first, second = sorted((int(self.older.data), int(self.newer.data)))
        return first, second


def title(release: Release) -> str:
    """What a version is called: "Version 3: Final program"; a planned one has no number yet."""
    if release.number is None:
        return release.name or _("The next version")
    if release.name:
        return _("Version %(number)d: %(name)s", number=release.number, name=release.name)
    return _("Version %(number)d", number=release.number)

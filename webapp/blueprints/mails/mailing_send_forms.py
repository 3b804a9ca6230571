"""The forms around sending a message: what was shown, when it goes, and keeping it."""

from datetime import datetime

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice
from wtforms.validators import Optional

from webapp import clock
from webapp.blueprints.agendas import item_refusals
from webapp.blueprints.fields import line, time_zone, wall_time
from webapp.domain.item_values import TimeRefused, moment
from webapp.errors import DomainError
from webapp.models.trip import Trip


class SendForm(FlaskForm):
    """Sending what the page showed, and nothing else: how many people, and which."""

    number = HiddenField()
    fingerprint = HiddenField()

    @property
    def shown(self) -> tuple[int, str]:
        """What the page showed; what is no number is none that is."""
        typed = str(self.number.data or "")
        number = int(typed) if typed.isdecimal() and len(typed) < 10 else -1
        return number, str(self.fingerprint.data or "")


class PlanForm(FlaskForm):
    """When a message goes out by itself. `ask_at_fold` is set when the time occurs twice."""

    at_local = wall_time(_l("Date and time"), _l("Please give a date and a time."))
    at_zone = time_zone(_l("Time zone"))
    at_fold = RadioField(
        _l("Which of the two?"), [Optional()], coerce=lambda v: int(v) if v in ("0", "1") else None
    )
    ask_at_fold = False

    @classmethod
    def of(cls, trip: Trip) -> "PlanForm":
        """The form for a tour: times are meant on its clocks unless another zone is typed."""
        form = cls(at_zone=trip.zone)
        passes = [SelectChoice("0", _("The first pass")), SelectChoice("1", _("The second pass"))]
        form.at_fold.choices = passes
        if form.is_submitted() and "at_fold" not in request.form:
            form.at_fold.data = None  # silence is no answer (DESIGN rule 2)
        return form

    def at(self) -> datetime:
        """The instant that was typed, aware UTC. Raises TimeRefused. Only after `validate`."""
        assert self.at_local.data is not None
        return moment("at", self.at_local.data, self.at_zone.data or "", self.at_fold.data)

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        if isinstance(error, TimeRefused):
            self.ask_at_fold = isinstance(error.cause, clock.WallTimeTwice)
            if isinstance(error.cause, clock.UnknownZone):
                self.at_zone.errors = [
                    _("We do not know this time zone. Write it like Europe/Paris.")
                ]
            else:
                self.at_local.errors = [item_refusals.refusal(error)]
        else:
            self.at_local.errors = [_("This time is over. Give one that is still to come.")]


class TemplateForm(FlaskForm):
    """Keeping a message to be written again."""

    name = line(_l("Name of the template"), most=120)
    for_all = BooleanField(_l("For all tours"))

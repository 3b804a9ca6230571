"""The forms of a tour at other dates: moved there, or made from another."""

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectChoice, SelectMultipleField
from wtforms.validators import ValidationError

from webapp import i18n
from webapp.blueprints.fields import day, line, paragraph, time_zone
from webapp.blueprints.trips.setup_forms import texts_of, words
from webapp.db import Words
from webapp.domain import copies, tours
from webapp.domain.shifts import Surprise, Why
from webapp.models.trip import Trip

PARTS = {
    "stops": _l("Stops, with their local hosts"),
    "tracks": _l("Tracks, without their members"),
    "items": _l("Sessions that are not cancelled"),
    "people": _l("Hosts, speakers and named companies of the sessions"),
    "notes": _l("Internal notes of the sessions"),
    "clashes": _l("Settings for clashes, and travel times"),
    "partners": _l("Partners of the tour"),
    "form": _l("Questions of the application form, and criteria"),
    "prices": _l("Price list"),
    "wordings": _l("Your own words for the letters"),
    "reminders": _l("Reminders, turned off"),
}


class ShiftForm(FlaskForm):
    """To which first day a tour moves, and whether its registration does too."""

    starts_on = day(_l("New first day"))
    window = BooleanField(_l("Move the registration window by as many days"))

    asked = False

    @classmethod
    def sent(cls) -> "ShiftForm":
        """The form as a button or an address sent it; empty at first."""
        sent = request.form if request.method == "POST" else request.args
        form = cls(
            formdata=sent if "starts_on" in sent else None, window=True, meta={"csrf": False}
        )
        form.asked = "starts_on" in sent
        return form


class NewTourForm(FlaskForm):
    """An empty tour."""

    title_en = line(_l("Title in English"))
    title_fr = line(_l("Title in French"), optional=True)
    slug = line(
        _l("Address"),
        most=tours.LONGEST_SLUG,
        description=_l(
            "The last part of its address, for good: lower-case letters, digits and hyphens, for "
            "example provence-2028."
        ),
    )
    starts_on = day(_l("First day"))
    ends_on = day(_l("Last day"))
    zone = time_zone(_l("Time zone of the tour"), description=_l("For example Europe/Paris."))
    home_zone = time_zone(_l("Time zone where most delegates live"), optional=True)
    summary_en = paragraph(_l("Summary in English"))
    summary_fr = paragraph(_l("Summary in French"))

    def validate_slug(self, field: object) -> None:
        check_slug(self.slug.data or "")

    def values(self) -> tours.TourValues:
        """What was typed, as the domain wants it. Only after `validate`."""
        return tours.TourValues(
            title=words(self, "title") or Words(),
            summary=words(self, "summary") or Words(),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            zone=self.zone.data,
            home_zone=self.home_zone.data or None,
        )


class CopyForm(FlaskForm):
    """A tour like another, at other dates."""

    title_en = line(_l("Title in English"))
    title_fr = line(_l("Title in French"), optional=True)
    slug = line(
        _l("Address"),
        most=tours.LONGEST_SLUG,
        description=_l(
            "The last part of its address, for good: lower-case letters, digits and hyphens, for "
            "example provence-2028."
        ),
    )
    starts_on = day(
        _l("First day"),
        description=_l("Everything moves by as many days; each session keeps its local time."),
    )
    parts = SelectMultipleField(_l("What comes along"), default=list(copies.PARTS))
    as_template = BooleanField(_l("Keep it as a template, to start tours from"))

    @classmethod
    def of(cls, trip: Trip) -> "CopyForm":
        """The form of a copy of this tour."""
        form = cls(**texts_of(trip, "title"), starts_on=trip.starts_on)
        form.parts.choices = [SelectChoice(name, str(text)) for name, text in PARTS.items()]
        return form

    def validate_slug(self, field: object) -> None:
        check_slug(self.slug.data or "")

    def title(self) -> Words:
        """The title in the languages given."""
        return words(self, "title") or Words()


def check_slug(slug: str) -> None:
    """Raises ValidationError for what cannot be part of an address."""
    if not tours.SLUG.fullmatch(slug):
        raise ValidationError(_("Only lower-case letters, digits and single hyphens."))


def surprise_words(surprise: Surprise) -> str:
    """What was done to a wall time that could not be kept."""
    title = i18n.words(surprise.title)
    zone = i18n.zone_city(surprise.zone)
    wanted, taken = (
        f"{i18n.date_short(at)}, {i18n.clock_time(at)}" for at in (surprise.wanted, surprise.taken)
    )
    match surprise.why:
        case Why.MISSING:
            return _(
                "“%(title)s”: the clocks of %(zone)s skip %(wanted)s, so it becomes %(taken)s.",
                title=title, zone=zone, wanted=wanted, taken=taken,
            )  # fmt: skip
        case Why.TWICE:
            return _(
                "“%(title)s”: the clocks of %(zone)s show %(wanted)s twice; the first is taken.",
                title=title, zone=zone, wanted=wanted,
            )  # fmt: skip
    return _(
        "“%(title)s”: it would end before it starts, so it stays as long as it was and ends at "
        "%(taken)s.",
        title=title, taken=taken,
    )  # fmt: skip

"""The forms that lay out a tour: what it is, its stops and tracks."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, SelectField

from webapp.blueprints.fields import (
    MailAddress,
    NotBlank,
    countries,
    day,
    line,
    paragraph,
    time_zone,
)
from webapp.blueprints.labels import ORGANIZATION_KINDS, choices
from webapp.db import Words
from webapp.domain import organizations, trips
from webapp.domain.stops import StopValues
from webapp.domain.tours import TourValues
from webapp.domain.tracks import COLORS
from webapp.errors import DomainError
from webapp.models.organization import OrganizationKind
from webapp.models.place import Stop
from webapp.models.track import Track
from webapp.models.trip import Trip

COLOR_NAMES = {
    "navy": _l("Navy"),
    "teal": _l("Teal"),
    "coral": _l("Coral"),
    "ochre": _l("Ochre"),
    "plum": _l("Plum"),
    "olive": _l("Olive"),
    "sky": _l("Sky"),
    "slate": _l("Slate"),
}


def words(form: FlaskForm, name: str) -> Words | None:
    """The text of two fields, in English and French, or None."""
    texts = {"en": form[f"{name}_en"].data, "fr": form[f"{name}_fr"].data}
    return Words({language: text for language, text in texts.items() if text}) or None


def texts_of(thing: Any, *names: str) -> dict[str, str]:
    """What the fields of each language show of a thing."""
    return {
        f"{name}_{language}": (getattr(thing, name) or {}).get(language, "")
        for name in names
        for language in ("en", "fr")
    }


class TourForm(FlaskForm):
    """What a tour is. How it takes companies stands in registrations/rules.py."""

    title_en = line(_l("Title in English"))
    title_fr = line(_l("Title in French"), optional=True)
    kind_en = line(
        _l("Kind of tour in English"), optional=True, description=_l("For example: Inward mission")
    )
    kind_fr = line(_l("Kind of tour in French"), optional=True)
    summary_en = paragraph(_l("Summary in English"))
    summary_fr = paragraph(_l("Summary in French"))
    starts_on = day(_l("First day"))
    ends_on = day(_l("Last day"))
    zone = time_zone(_l("Time zone of the tour"))
    home_zone = time_zone(
        _l("Time zone where most delegates live"),
        optional=True,
        description=_l("Shown beside local times, never instead of them."),
    )
    contact_email = line(
        _l("Address for questions"), most=254, optional=True, also=(MailAddress(),)
    )

    @classmethod
    def of(cls, trip: Trip, *, fresh: bool = False) -> "TourForm":
        """The form of an existing tour; what was sent stands above what is stored. `fresh` for a
        request that sends another form."""
        more: dict[str, Any] = {"formdata": None} if fresh else {}
        return cls(obj=trip, **texts_of(trip, "title", "kind", "summary"), **more)

    def values(self) -> TourValues:
        """What was typed, as the domain wants it. Only after `validate`."""
        return TourValues(
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            zone=self.zone.data,
            title=words(self, "title") or Words(),
            summary=words(self, "summary") or Words(),
            kind=words(self, "kind"),
            home_zone=self.home_zone.data or None,
            contact_email=self.contact_email.data or None,
        )

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        match error:
            case trips.DatesOutOfOrder():
                self.ends_on.errors = [
                    _("The last day cannot be before the first, nor more than a year after it.")
                ]
            case _:
                raise error


class ReasonForm(FlaskForm):
    """Why a tour is called off or withdrawn."""

    reason = paragraph(_l("Reason"), most=500, description=_l("Kept in the history, for staff."))


class StopForm(FlaskForm):
    """A stop: a place, its zone, the days there."""

    city = line(_l("City"))
    country = SelectField(
        _l("Country"), [NotBlank(_l("Please choose a country."))], choices=countries
    )
    zone = time_zone(_l("Time zone"))
    starts_on = day(_l("First day"))
    ends_on = day(_l("Last day"))
    host = line(
        _l("Local host"),
        optional=True,
        description=_l("An organization. Choose one of the tour, or write another name."),
    )
    host_kind = SelectField(
        _l("What it is, if it is new here"),
        choices=lambda: choices(ORGANIZATION_KINDS),
        default=OrganizationKind.AGENCY.value,
    )
    note_en = paragraph(
        _l("Note in English"), most=1000, description=_l("Published with the tour.")
    )
    note_fr = paragraph(_l("Note in French"), most=1000)

    stop: Stop | None = None

    @classmethod
    def of(cls, stop: Stop, *, fresh: bool = False) -> "StopForm":
        """The form of an existing stop; `fresh` for a request that sends another form."""
        more: dict[str, Any] = {"formdata": None} if fresh else {}
        host = stop.local_host.name if stop.local_host else ""
        form = cls(obj=stop, host=host, **texts_of(stop, "note"), **more)
        form.stop = stop
        return form

    def values(self) -> StopValues:
        """What was typed; a host that nobody knows is made. Only after `validate`."""
        return StopValues(
            city=self.city.data,
            country=self.country.data,
            zone=self.zone.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            note=words(self, "note"),
            local_host_id=self._host_id(),
        )

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        self.ends_on.errors = [
            _("The last day cannot be before the first, nor more than a year after it.")
        ]

    def _host_id(self) -> int | None:
        if not self.host.data:
            return None
        known = self.stop.local_host if self.stop else None
        if known and known.name == self.host.data:
            return known.id
        return organizations.named(self.host.data, OrganizationKind(self.host_kind.data)).id


class TrackForm(FlaskForm):
    """A track: its name and color."""

    name_en = line(_l("Name in English"))
    name_fr = line(_l("Name in French"), optional=True)
    color = RadioField(
        _l("Color"),
        choices=lambda: [SelectChoice(color, str(COLOR_NAMES[color])) for color in COLORS],
        default=COLORS[0],
    )

    @classmethod
    def of(cls, track: Track) -> "TrackForm":
        """The form of an existing track."""
        return cls(obj=track, **texts_of(track, "name"))

    def words(self) -> Words:
        """The name in the languages given."""
        return words(self, "name") or Words()

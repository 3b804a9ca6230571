"""The form of an agenda item."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import Optional

from webapp import clock, i18n
from webapp.blueprints.fields import NotBlank, line, paragraph
from webapp.blueprints.labels import AUDIENCES, ITEM_KINDS, ITEM_STATES, choices
from webapp.db import Words
from webapp.domain.agendas import EndsBeforeStart, ItemValues, TimeRefused
from webapp.domain.places import venues
from webapp.models.agenda import AgendaItem, Audience, ItemKind, ItemState
from webapp.models.trip import Trip

OPEN_STATES = (ItemState.CONFIRMED, ItemState.TENTATIVE)


def _id(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


def _fold(value: Any) -> int | None:
    return int(value) if value in ("0", "1", 0, 1) else None


def moment(label: Any) -> DateTimeLocalField:
    """A wall time: a date and a time of day, without a zone."""
    return DateTimeLocalField(
        label,
        [NotBlank(_l("Please give a date and a time."))],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )


class ItemForm(FlaskForm):
    """What an organizer says of an item. `ask_starts_fold` and `ask_ends_fold` are set when a
    time occurs twice, and the template then shows the question."""

    kind = SelectField(_l("Kind"), choices=lambda: choices(ITEM_KINDS))
    title_en = line(_l("Title in English"))
    title_fr = line(_l("Title in French"), optional=True)
    starts_local = moment(_l("Starts (local time)"))
    starts_zone = line(_l("Time zone of the start"), most=64)
    starts_fold = RadioField(_l("Which of the two?"), [Optional()], coerce=_fold)
    ends_local = moment(_l("Ends (local time)"))
    ends_zone = line(_l("Time zone of the end"), most=64)
    ends_fold = RadioField(_l("Which of the two?"), [Optional()], coerce=_fold)
    stop_id = SelectField(_l("Stop"), [Optional()], coerce=_id)
    venue_id = SelectField(_l("Venue"), [Optional()], coerce=_id)
    place = line(
        _l("Place, where no venue is listed"),
        optional=True,
        description=_l("For example a meeting point or a door. A venue from the list goes first."),
    )
    track_id = SelectField(_l("Track"), [Optional()], coerce=_id)
    audience = SelectField(_l("Who may see it"), choices=lambda: choices(AUDIENCES))
    state = SelectField(_l("State"), choices=lambda: choices(ITEM_STATES, *OPEN_STATES))
    description_en = paragraph(_l("Description in English"))
    description_fr = paragraph(_l("Description in French"))
    internal_note = paragraph(_l("Internal note"), description=_l("Only staff read this."))
    version = HiddenField(default="0")

    ask_starts_fold = False
    ask_ends_fold = False

    def offer(self, trip: Trip) -> None:
        """Fill the choices with what this trip has."""
        self.stop_id.choices = _options((stop.id, stop.city) for stop in trip.stops)
        self.track_id.choices = _options((t.id, i18n.words(t.name)) for t in trip.tracks)
        self.venue_id.choices = _options((v.id, f"{v.name}, {v.city}") for v in venues())
        passes = [SelectChoice("0", _("The first pass")), SelectChoice("1", _("The second pass"))]
        self.starts_fold.choices = self.ends_fold.choices = passes

    def seen_version(self) -> int:
        """The version that the form was opened on; 0, which no item has, for anything else."""
        seen = self.version.data or ""
        return int(seen) if re.fullmatch(r"[0-9]{1,18}", seen) else 0

    def names(self) -> dict[str, dict[int | None, str]]:
        """What the numbers of stops, venues and tracks stand for, for the history."""
        return {
            field.name: {field.coerce(choice.value): choice.label for choice in field.choices}
            for field in (self.stop_id, self.venue_id, self.track_id)
        }

    def values(self) -> ItemValues:
        """What was typed, as the domain wants it. Only after `validate`."""
        return ItemValues(
            kind=ItemKind(self.kind.data),
            title=_words(self.title_en.data, self.title_fr.data),
            description=_words(self.description_en.data, self.description_fr.data) or None,
            starts_local=self.starts_local.data,
            starts_zone=self.starts_zone.data,
            starts_fold=self.starts_fold.data,
            ends_local=self.ends_local.data,
            ends_zone=self.ends_zone.data,
            ends_fold=self.ends_fold.data,
            audience=Audience(self.audience.data),
            state=ItemState(self.state.data),
            stop_id=self.stop_id.data,
            venue_id=self.venue_id.data,
            track_id=self.track_id.data,
            place=self.place.data or None,
            internal_note=self.internal_note.data or None,
        )

    def tell(self, error: TimeRefused | EndsBeforeStart) -> None:
        """Say next to the field what the domain refused."""
        if isinstance(error, EndsBeforeStart):
            self.ends_local.errors = [_("The end must come after the start.")]
            return
        local, zone = self[f"{error.end}_local"], self[f"{error.end}_zone"]
        match error.cause:
            case clock.UnknownZone():
                zone.errors = [_("We do not know this time zone. Write it like Europe/Paris.")]
            case clock.YearRefused():
                local.errors = [_("Please check the year.")]
            case clock.WallTimeMissing(before=before, after=after):
                local.errors = [
                    _(
                        "The clocks skip this time. The nearest that exist are %(before)s "
                        "and %(after)s.",
                        before=_spoken(before),
                        after=_spoken(after),
                    )
                ]
            case _:
                setattr(self, f"ask_{error.end}_fold", True)
                local.errors = [
                    _("This time occurs twice, as the clocks go back. Say which one you mean.")
                ]

    @classmethod
    def of(cls, item: AgendaItem) -> "ItemForm":
        """The form of an existing item; what was sent stands above what is stored."""
        description = item.description or Words()
        form = cls(
            obj=item,
            title_en=item.title.get("en", ""),
            title_fr=item.title.get("fr", ""),
            description_en=description.get("en", ""),
            description_fr=description.get("fr", ""),
            version=str(item.version),
        )
        if form.is_submitted():
            # Asked about only when the time occurs twice: silence is no answer (DESIGN rule 2).
            for field in (form.starts_fold, form.ends_fold):
                if field.name not in request.form:
                    field.data = None
        form.ask_starts_fold = clock.is_doubled(item.starts_local, item.starts_zone)
        form.ask_ends_fold = clock.is_doubled(item.ends_local, item.ends_zone)
        return form


def _options(pairs: Iterable[tuple[int, str]]) -> list[SelectChoice]:
    named = [SelectChoice(str(number), name) for number, name in pairs]
    return [SelectChoice("", _("None")), *named]


def _words(english: str | None, french: str | None) -> Words:
    return Words({k: v for k, v in (("en", english), ("fr", french)) if v})


def _spoken(local: datetime) -> str:
    return f"{i18n.date_short(local)}, {i18n.clock_time(local)}"

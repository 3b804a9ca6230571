"""The form of a session."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import Optional

from webapp import clock, i18n
from webapp.blueprints.agendas import item_choices
from webapp.blueprints.agendas.item_choices import Shown, VenueList
from webapp.blueprints.agendas.person_rows import BLANK, MOST_ROWS, Cast, PersonRow, rows_of
from webapp.blueprints.fields import line, paragraph, wall_time, whole
from webapp.blueprints.labels import AUDIENCES, ORGANIZATION_KINDS, choices
from webapp.db import Words
from webapp.domain import organizations
from webapp.domain.agendas import ItemValues
from webapp.domain.item_words import ATTENDANCES, ITEM_KINDS, ITEM_STATES, MODES
from webapp.models.agenda import (
    AgendaItem,
    Attendance,
    Audience,
    ItemKind,
    ItemRole,
    ItemState,
    Mode,
)
from webapp.models.organization import OrganizationKind
from webapp.models.trip import Trip

OPEN_STATES = (ItemState.CONFIRMED, ItemState.TENTATIVE)
WORDS = ("title", "description", "meeting_point")  # fields in English and in French
TEXTS = ("place", "service", "vehicle", "to_place", "internal_note")
PLAIN = (
    "starts_local",
    "starts_zone",
    "starts_fold",
    "ends_local",
    "ends_zone",
    "ends_fold",
    "stop_id",
    "track_id",
    "call_minutes",
    "capacity",
    "invites",
    "to_venue_id",
)
LEG_FIELDS = ("mode", "service", "vehicle", "to_venue_id", "to_place")


def _id(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


def _fold(value: Any) -> int | None:
    return int(value) if value in ("0", "1", 0, 1) else None


class ItemForm(FlaskForm):
    """What an organizer says of an item. `ask_starts_fold` and `ask_ends_fold` are set when a
    time occurs twice, and the template then shows the question."""

    kind = SelectField(_l("Kind"), choices=lambda: choices(ITEM_KINDS))
    title_en = line(_l("Title in English"))
    title_fr = line(_l("Title in French"), optional=True)
    description_en = paragraph(_l("Description in English"))
    description_fr = paragraph(_l("Description in French"))
    state = SelectField(_l("State"), choices=lambda: choices(ITEM_STATES, *OPEN_STATES))
    starts_local = wall_time(_l("Starts (local time)"), _l("Please say when it starts."))
    starts_zone = line(_l("Time zone of the start"), most=64)
    starts_fold = RadioField(_l("Which of the two?"), [Optional()], coerce=_fold)
    ends_local = wall_time(
        _l("Ends (local time)"), _l("Please say when it ends: a session needs an end.")
    )
    ends_zone = line(_l("Time zone of the end"), most=64)
    ends_fold = RadioField(_l("Which of the two?"), [Optional()], coerce=_fold)
    stop_id = SelectField(_l("Stop"), [Optional()], coerce=_id)
    venue_id = SelectField(_l("Venue"), [Optional()], coerce=_id)
    room_id = SelectField(_l("Room"), [Optional()], coerce=_id)
    place = line(
        _l("Place, where no venue is listed"),
        optional=True,
        description=_l("For example a quay or a door. A venue from the list goes first."),
    )
    meeting_point_en = line(_l("Meeting point in English"), optional=True)
    meeting_point_fr = line(_l("Meeting point in French"), optional=True)
    call_minutes = whole(
        _l("Be there so many minutes before the start"),
        1,
        1440,
        description=_l("Pages and calendars show the time that comes of it."),
    )
    mode = SelectField(_l("Means of transport"), [Optional()])
    service = line(
        _l("Carrier and number"), optional=True, description=_l("For example AF 69, or TGV 6110.")
    )
    vehicle = line(
        _l("Vehicle of the tour"),
        most=64,
        optional=True,
        description=_l("Which coach or car, if the tour has several: it can be in one place only."),
    )
    to_venue_id = SelectField(_l("Arrives at the venue"), [Optional()], coerce=_id)
    to_place = line(_l("Arrives at, where no venue is listed"), optional=True)
    host = line(
        _l("Who receives"),
        optional=True,
        description=_l("An organization. Choose one of the tour, or write another name."),
    )
    host_kind = SelectField(
        _l("What it is, if it is new here"),
        choices=lambda: choices(ORGANIZATION_KINDS),
        default=OrganizationKind.COMPANY.value,
    )
    people = FieldList(FormField(PersonRow), max_entries=MOST_ROWS)
    known_person = SelectField(_l("Who"), [Optional()], validate_choice=False)
    # Not `Optional`, which forgets that a value is no choice when an empty one stands before it.
    languages = SelectMultipleField(_l("Spoken there"))
    attendance = SelectField(_l("Attendance"), choices=lambda: choices(ATTENDANCES))
    capacity = whole(
        _l("Places for delegates"),
        1,
        100_000,
        description=_l("Leave it empty if everybody fits in."),
    )
    invites = SelectField(
        _l("By mail"), choices=item_choices.by_mail, coerce=item_choices.truth, default=True
    )
    audience = SelectField(_l("Who may see it"), choices=lambda: choices(AUDIENCES))
    company_ids = SelectMultipleField(_l("Named companies"), coerce=int)
    track_id = SelectField(_l("Track"), [Optional()], coerce=_id)
    internal_note = paragraph(_l("Internal note"), description=_l("Only staff read this."))
    version = HiddenField(default="0")

    ask_starts_fold = False
    ask_ends_fold = False
    item: AgendaItem | None = None

    def offer(self, trip: Trip, item: AgendaItem | None = None) -> None:
        """Fill the choices with what this trip has, and with what the item names already."""
        self.item = item
        self.cast = Cast.of(trip)
        self.hosts = organizations.of_trip(trip)
        named = [item.venue_id, item.to_venue_id] if item else []
        self.venues = VenueList(trip, [*named, self.venue_id.data, self.to_venue_id.data])
        self.stop_id.choices = item_choices.options((stop.id, stop.city) for stop in trip.stops)
        self.track_id.choices = item_choices.options(
            (t.id, i18n.words(t.name)) for t in trip.tracks
        )
        self.venue_id.choices = self.to_venue_id.choices = self.venues.options()
        self.room_id.choices = self.venues.room_options()
        self.mode.choices = [SelectChoice("", _("Not said")), *choices(MODES)]
        self.languages.choices = item_choices.languages(item.languages if item else ())
        self.known_person.choices = self.cast.options()
        companies = {each.id: each.name for each in organizations.registered(trip)}
        if item:
            companies |= {each.organization_id: each.organization.name for each in item.companies}
        self.company_ids.choices = [SelectChoice(str(i), name) for i, name in companies.items()]
        passes = [SelectChoice("0", _("The first pass")), SelectChoice("1", _("The second pass"))]
        self.starts_fold.choices = self.ends_fold.choices = passes

    @property
    def blank_row(self) -> PersonRow:
        """An empty row of a person, for the script to number."""
        return PersonRow(prefix=BLANK)

    @property
    def is_leg(self) -> bool:
        """Whether the fields of a journey stand open: it is one, or they say or lack something."""
        fields = [self[name] for name in LEG_FIELDS]
        journey = self.kind.data in (ItemKind.TRAVEL, ItemKind.TRANSFER)
        return journey or any(field.data or field.errors for field in fields)

    def seen_version(self) -> int:
        """The version that the form was opened on; 0, which no item has, for anything else."""
        seen = self.version.data or ""
        return int(seen) if re.fullmatch(r"[0-9]{1,18}", seen) else 0

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """The fields, and what has to agree between them."""
        good = bool(super().validate(*args, **kwargs))
        room = self.room_id.data
        venue = self.venues.venue_of(room) if room else None
        if venue and self.venue_id.data not in (None, venue.id):
            said = _("This room is at %(venue)s. Choose that venue, or no room.", venue=venue.name)
            self.room_id.errors = [said]
            good = False
        if self.audience.data == Audience.COMPANIES and not self.company_ids.data:
            self.company_ids.errors = [_("Please tick the companies that may see it.")]
            good = False
        return good

    def said(self) -> ItemValues:
        """What was typed, as the domain wants it, but for the host and the people: those may have
        to be made first. Only after `validate`."""
        audience, room = Audience(self.audience.data), self.room_id.data
        venue = self.venues.venue_of(room) if room else None
        return ItemValues(
            **{name: self[name].data for name in PLAIN},
            **self._texts(),
            kind=ItemKind(self.kind.data),
            title=self._words("title") or Words(),
            description=self._words("description"),
            meeting_point=self._words("meeting_point"),
            audience=audience,
            state=self._state(),
            attendance=Attendance(self.attendance.data),
            mode=Mode(self.mode.data) if self.mode.data else None,
            languages=tuple(self.languages.data or ()),
            venue_id=venue.id if venue else self.venue_id.data,
            room_id=room,
            company_ids=tuple(
                sorted(self.company_ids.data) if audience == Audience.COMPANIES else ()
            ),
        )

    def values(self) -> ItemValues:
        """`said` with its host and people, found or made."""
        return replace(self.said(), host_id=self._host_id(), people=self._people())

    def people_said(self) -> list[tuple[str, ItemRole]]:
        """The people as typed: names, and what they do."""
        return [(" ".join(filter(None, row.said)), ItemRole(row.role.data)) for row in self._rows()]

    @classmethod
    def of(cls, item: AgendaItem) -> "ItemForm":
        """The form of an existing item; what was sent stands above what is stored."""
        texts = {
            f"{name}_{language}": (getattr(item, name) or {}).get(language, "")
            for name in WORDS
            for language in i18n.LANGUAGES
        }
        form = cls(
            obj=Shown(item),
            host=item.host_name or "",
            people=rows_of(item),
            company_ids=item.organization_ids,
            version=str(item.version),
            **texts,
        )
        if form.is_submitted():
            # Asked about only when the time occurs twice: silence is no answer (DESIGN rule 2).
            for field in (form.starts_fold, form.ends_fold):
                if field.name not in request.form:
                    field.data = None
        form.ask_starts_fold = clock.is_doubled(item.starts_local, item.starts_zone)
        form.ask_ends_fold = clock.is_doubled(item.ends_local, item.ends_zone)
        return form

    @classmethod
    def empty(cls, trip: Trip, asked: Mapping[str, str]) -> "ItemForm":
        """The form of a new item, with what a link asked for filled in."""
        return cls(**item_choices.asked_for(trip, asked))

    def _state(self) -> ItemState:
        if self.item and self.item.is_cancelled:
            return ItemState.CANCELLED  # until it is brought back: new words do not revive it
        return ItemState(self.state.data)

    def _texts(self) -> dict[str, Any]:
        return {name: self[name].data or None for name in TEXTS}

    def _words(self, name: str) -> Words | None:
        texts = {language: self[f"{name}_{language}"].data for language in i18n.LANGUAGES}
        return Words({language: text for language, text in texts.items() if text}) or None

    def _rows(self) -> list[PersonRow]:
        return [entry.form for entry in self.people if not entry.form.is_empty]

    def _people(self) -> tuple[tuple[int, ItemRole], ...]:
        found = [(self.cast.person_id(row), ItemRole(row.role.data)) for row in self._rows()]
        return tuple(dict.fromkeys(found))

    def _host_id(self) -> int | None:
        name = self.host.data
        if not name:
            return None
        if self.item and self.item.host_name == name:
            return self.item.host_id
        offered = next((o for o in self.hosts if o.name.casefold() == name.casefold()), None)
        return (offered or organizations.named(name, OrganizationKind(self.host_kind.data))).id

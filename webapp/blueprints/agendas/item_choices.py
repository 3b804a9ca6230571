"""What the form of a session offers: places, companies, languages, and what was asked for."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from wtforms import SelectChoice

from webapp import i18n
from webapp.domain import places
from webapp.models.agenda import AgendaItem
from webapp.models.place import Venue
from webapp.models.trip import Trip

# The languages that delegations meet most; an item may have others, from a file.
LANGUAGES = ("en", "fr", "es", "de", "it", "pt", "nl", "ar", "zh", "ja", "ko")
MOST_VENUES = 400  # of other tours; the page of places searches in all of them


class VenueList:
    """The venues that a form of one tour offers: those of the tour first, then others, and in any
    case those with the ids `also`."""

    def __init__(self, trip: Trip, also: Iterable[int | None]) -> None:
        self.near = list(places.near(trip))
        known = {venue.id for venue in self.near}
        self.others = [v for v in places.venues() if v.id not in known]
        wanted = set(also)
        kept = {venue.id for venue in self.others[:MOST_VENUES]}
        self.others = [v for v in self.others if v.id in kept or v.id in wanted]
        self.chosen = [v for v in self.others if v.id in wanted]

    def options(self) -> list[SelectChoice]:
        """The choices of a venue, in two groups."""
        groups = ((_("On this tour"), self.near), (_("Elsewhere"), self.others))
        return [
            SelectChoice("", _("None")),
            *(
                SelectChoice(str(v.id), f"{v.name}, {v.city}", optgroup=name)
                for name, group in groups
                for v in group
            ),
        ]

    def room_options(self) -> list[SelectChoice]:
        """The choices of a room, by venue: of the venues of this tour, and of those chosen."""
        return [
            SelectChoice("", _("None")),
            *(
                SelectChoice(str(room.id), room.name, optgroup=f"{venue.name}, {venue.city}")
                for venue in self._with_rooms()
                for room in venue.rooms
            ),
        ]

    def venue_of(self, room_id: int) -> Venue | None:
        """The venue that has this room, of those whose rooms are offered."""
        return next((v for v in self._with_rooms() if any(r.id == room_id for r in v.rooms)), None)

    def _with_rooms(self) -> list[Venue]:
        return [*self.near, *self.chosen]


def options(pairs: Iterable[tuple[int, str]]) -> list[SelectChoice]:
    """The choices of a field that may be left open."""
    named = [SelectChoice(str(number), name) for number, name in pairs]
    return [SelectChoice("", _("None")), *named]


def languages(also: Iterable[str]) -> list[SelectChoice]:
    """The languages to tick, by name in the reader's language; `also` those ticked already."""
    codes = [*LANGUAGES, *(code for code in also if code not in LANGUAGES)]
    return [SelectChoice(code, i18n.language_name(code).capitalize()) for code in codes]


def asked_for(trip: Trip, said: Mapping[str, str]) -> dict[str, Any]:
    """What a link to an empty form asks to be filled in: `starts` and `ends` as local times,
    `stop`, `venue`, `room`, `track` by id. What cannot be read is left out."""
    given: dict[str, Any] = {}
    for name in ("stop", "venue", "room", "track"):
        if said.get(name, "").isdecimal():
            given[f"{name}_id"] = int(said[name][:18])
    stop = next((s for s in trip.stops if s.id == given.get("stop_id")), None)
    given["starts_zone"] = given["ends_zone"] = stop.zone if stop else trip.zone
    starts = _local(said.get("starts"))
    if starts is None and stop is not None:
        starts = datetime.combine(stop.starts_on, datetime.min.time()).replace(hour=9)
    if starts is not None:
        given["starts_local"] = starts
        given["ends_local"] = _local(said.get("ends")) or starts + timedelta(hours=1)
    return given


def _local(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at.replace(tzinfo=None) if 1970 <= at.year < 2200 else None


def by_mail() -> list[SelectChoice]:
    """Whether those who are in a session may be invited by mail."""
    return [
        SelectChoice("1", _("As an invitation, if the tour mails them")),
        SelectChoice("0", _("Not as an invitation")),
    ]


def truth(value: Any) -> bool:
    """What a choice of `by_mail` or the stored value says."""
    return value in (True, "1")


class Shown:
    """An item as the form reads it: its columns, without its rows."""

    def __init__(self, item: AgendaItem) -> None:
        for name in AgendaItem.__table__.columns.keys():  # noqa: SIM118
            setattr(self, name, getattr(item, name))

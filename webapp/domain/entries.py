"""What a calendar needs to know of a published item."""

from enum import Enum, auto

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp import addresses, i18n
from webapp.calendars.event import Entry, Moment
from webapp.domain import item_words
from webapp.models.agenda import Audience, ItemState
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip, TripState


class Face(Enum):
    """What an item is to the holder of a calendar: something they are in, something that goes on
    without taking their time, something that they may still be in, or their work."""

    ATTENDED = auto()
    SEEN = auto()
    OPTION = auto()
    STAFF = auto()


FOR_WHOM = {
    Audience.DELEGATES: _l("For accepted delegates"),
    Audience.COMPANIES: _l("For named companies only"),
    Audience.STAFF: _l("For the team only"),
}


def entry(trip: Trip, item: ReleaseItem, language: str, face: Face = Face.ATTENDED) -> Entry:
    """What a calendar needs of a published item, in `language`. Speak it around the call.

    Of a trip that was called off, no item takes place. What is only seen, or may still be chosen,
    takes no time (icalendar.md E7); the latter is not certain either. The team reads whom an item
    is for.
    """
    cancelled = item.is_cancelled or trip.state == TripState.CANCELLED
    place = item.place_name or ""
    parts = [place, item.room_name or "", item.place_address or item.city or ""]
    return Entry(
        uid=str(item.uid),
        sequence=item.sequence,
        created_at=item.first_published_at,
        changed_at=item.changed_at,
        starts=Moment(item.starts_local, item.starts_zone, item.starts_fold),
        ends=Moment(item.ends_local, item.ends_zone, item.ends_fold),
        title=item.title.pick(language),
        description="\n".join(_lines(item, language, face)),
        location=", ".join(part for part in parts if part),
        latitude=item.latitude,
        longitude=item.longitude,
        place_title=place,
        url=addresses.item(trip.slug, item.uid),
        categories=(item.track_name.pick(language),) if item.track_name else (),
        cancelled=cancelled,
        cancelled_label=_("CANCELLED"),
        tentative=item.state == ItemState.TENTATIVE or face == Face.OPTION,
        transparent=cancelled or face in (Face.SEEN, Face.OPTION),
    )


def _lines(item: ReleaseItem, language: str, face: Face) -> list[str]:
    """All that has no property of its own, in plain lines: what one must know first comes first."""
    lines = [
        str(FOR_WHOM.get(item.audience, "")) if face == Face.STAFF else "",
        item_words.meeting(item),
        item.description.pick(language) if item.description else "",
        _leg(item) if item.is_leg else "",
        _arrival(item),
        item_words.transport(item),
        item.place_access.pick(language) if item.place_access else "",
        item_words.host(item),
        *item_words.people(item),
        item_words.languages(item),
        item.basis_note.pick(language) if item.basis_note else "",
        _("Illustrative sample") if item.is_sample else "",
    ]
    return [line for line in lines if line]


def _leg(item: ReleaseItem) -> str:
    # Legs of before modes were known say it by their dates alone: their octets stay as they were.
    later = i18n.days_apart(item.days_later) if item.mode else ""
    return _(
        "Leaves at %(start)s (%(start_zone)s), arrives at %(end)s (%(end_zone)s).",
        start=i18n.clock_time(item.starts_local),
        start_zone=i18n.zone_name(item.starts_zone, item.starts_local, item.starts_fold),
        end=f"{i18n.clock_time(item.ends_local)} {later}".strip(),
        end_zone=i18n.zone_name(item.ends_zone, item.ends_local, item.ends_fold),
    )


def _arrival(item: ReleaseItem) -> str:
    place = item_words.destination(item)
    return _("Place of arrival: %(place)s", place=place) if place else ""

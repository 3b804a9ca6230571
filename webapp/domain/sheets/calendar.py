"""The draft of a trip as a calendar file, for staff: to look at, and to bring in again."""

from flask_babel import gettext as _

from webapp import i18n
from webapp.calendars import feed
from webapp.calendars.event import Entry, Moment
from webapp.domain import agendas
from webapp.models.agenda import AgendaItem, ItemState
from webapp.models.trip import Trip


def ics(trip: Trip, language: str) -> bytes:
    """The draft as iCalendar, in one language.

    It says what the draft says and no more, so that it can be brought in again: no words are added
    to titles and descriptions, and an illustrative sample is marked by its category.
    """
    with i18n.speaking(language):
        name = _("%(title)s (draft)", title=trip.title.pick(language))
        entries = [_entry(item, language) for item in agendas.draft(trip)]
        return feed.feed(name, entries, language=language)


def _entry(item: AgendaItem, language: str) -> Entry:
    place = item.place_name or ""
    track = (item.track_name.pick(language),) if item.track_name else ()
    return Entry(
        uid=str(item.uid),
        sequence=item.version - 1,
        created_at=item.created_at,
        changed_at=item.created_at,
        starts=Moment(item.starts_local, item.starts_zone, item.starts_fold),
        ends=Moment(item.ends_local, item.ends_zone, item.ends_fold),
        title=item.title.pick(language),
        description=item.description.pick(language) if item.description else "",
        location=", ".join(part for part in (place, item.place_address) if part),
        latitude=item.latitude,
        longitude=item.longitude,
        place_title=place,
        categories=(*track, *([_("Illustrative sample")] if item.is_sample else [])),
        cancelled=item.is_cancelled,
        cancelled_label="",
        tentative=item.state == ItemState.TENTATIVE,
        transparent=item.is_cancelled,
    )

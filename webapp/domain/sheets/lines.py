"""From an item to the cells of its line in a sheet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from webapp import clock
from webapp.db import Words
from webapp.domain import item_values
from webapp.domain.item_values import ItemValues
from webapp.domain.sheets import cells, vocabulary
from webapp.domain.sheets.fields import Field
from webapp.domain.sheets.names import Names
from webapp.domain.sheets.tables import Cell
from webapp.models.agenda import AgendaItem, ItemRole

Line = dict[Field, Cell]


def of_item(item: AgendaItem, names: Names, language: str) -> Line:
    """What the sheet says of an item of the draft, words of our own in `language`."""
    return of_values(item_values.of(item), names, language) | {
        Field.KEY: item.import_key or "",
        Field.UID: str(item.uid),
        Field.BASIS: vocabulary.sample(language) if item.is_sample else "",
    }


def of_values(values: ItemValues, names: Names, language: str) -> Line:
    """The same for what is said of an item, without what it is called."""
    starts = _end(values.starts_local, values.starts_zone, values.starts_fold)
    ends = _end(values.ends_local, values.ends_zone, values.ends_fold)
    return {
        Field.KIND: vocabulary.word(values.kind, language),
        **_words(Field.TITLE_EN, Field.TITLE_FR, values.title),
        **_words(Field.DESCRIPTION_EN, Field.DESCRIPTION_FR, values.description),
        Field.DATE: values.starts_local.date(),
        Field.STARTS: starts,
        Field.ENDS: ends,
        Field.END_DATE: values.ends_local.date(),
        Field.ZONE: values.starts_zone,
        Field.END_ZONE: values.ends_zone,
        Field.STOP: names.stops.name(values.stop_id),
        Field.VENUE: names.venues.name(values.venue_id),
        Field.ROOM: names.room_name(values.room_id),
        Field.PLACE: values.place or "",
        Field.TO_VENUE: names.venues.name(values.to_venue_id),
        Field.TO_PLACE: values.to_place or "",
        Field.TRACK: names.tracks.name(values.track_id),
        Field.AUDIENCE: vocabulary.word(values.audience, language),
        Field.COMPANIES: "; ".join(map(names.organizations.name, sorted(values.company_ids))),
        Field.STATE: vocabulary.word(values.state, language),
        Field.ATTENDANCE: vocabulary.word(values.attendance, language),
        Field.CAPACITY: values.capacity,
        Field.LANGUAGES: ", ".join(values.languages),
        **_words(Field.MEETING_POINT_EN, Field.MEETING_POINT_FR, values.meeting_point),
        Field.CALL: values.call_minutes,
        Field.MODE: vocabulary.word(values.mode, language) if values.mode else "",
        Field.SERVICE: values.service or "",
        Field.VEHICLE: values.vehicle or "",
        Field.HOST: names.organizations.name(values.host_id),
        Field.PEOPLE: _people(values.people, names, language),
        Field.NOTE: values.internal_note or "",
    }


def in_calendar(item: AgendaItem) -> dict[Field, str]:
    """What a calendar of ours, which has one language, says in a column of that language: a text
    that is missing there is said in the other."""
    about = item.description or Words()
    return {
        Field.TITLE_EN: " ".join(item.title.pick("en").split()),
        Field.TITLE_FR: " ".join(item.title.pick("fr").split()),
        Field.DESCRIPTION_EN: cells.text(about.pick("en")),
        Field.DESCRIPTION_FR: cells.text(about.pick("fr")),
    }


def as_texts(line: Line) -> dict[Field, str]:
    """The same line, each cell as text that says the same."""
    return {field: cells.text(cell) for field, cell in line.items()}


def offset_of(local: datetime, zone: str, fold: int | None) -> timedelta:
    """How far the clocks of `zone` are from UTC at a wall time."""
    aware = local.replace(tzinfo=ZoneInfo(zone), fold=fold or 0)
    return aware.utcoffset() or timedelta()


def with_offset(local: datetime, zone: str, fold: int | None) -> str:
    """The time of day with its distance to UTC: 02:30+02:00."""
    minutes = int(offset_of(local, zone, fold).total_seconds()) // 60
    sign, size = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{cells.written(local.time())}{sign}{size // 60:02}:{size % 60:02}"


def _end(local: datetime, zone: str, fold: int | None) -> Cell:
    """The time of day; as a text that says which pass is meant where the clocks show it twice."""
    return with_offset(local, zone, fold) if clock.is_doubled(local, zone) else local.time()


def _words(english: Field, french: Field, words: Words | None) -> Line:
    said = words or Words()
    return {english: said.get("en", ""), french: said.get("fr", "")}


def _people(people: Sequence[tuple[int, ItemRole]], names: Names, language: str) -> str:
    """ "Name (speaker); Name (interpreter)"."""
    return "; ".join(
        f"{names.people.name(person)} ({vocabulary.word(role, language).lower()})"
        for person, role in people
    )

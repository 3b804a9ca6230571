"""The cells of a row that say when: date, start, end, and the zone of each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from webapp import clock
from webapp.domain import item_values
from webapp.domain.item_values import TimeRefused
from webapp.domain.sheets import cells
from webapp.domain.sheets.cells import Clock
from webapp.domain.sheets.fields import Field
from webapp.domain.sheets.lines import offset_of, with_offset
from webapp.domain.sheets.rows import Said
from webapp.domain.sheets.tables import Cell, Fault

STARTS = (Field.DATE, Field.STARTS, Field.ZONE)
ENDS = (Field.END_DATE, Field.ENDS, Field.END_ZONE)


@dataclass(frozen=True, slots=True)
class End:
    """One end of an item as the row has it, with the columns that say so."""

    name: str
    on: date
    clock: Clock
    zone: str
    columns: tuple[Field, Field, Field]

    @property
    def local(self) -> datetime:
        return datetime.combine(self.on, self.clock.time)


def starts_on(said: Said) -> date | None:
    """The date on which the row starts, as far as it can be read; problems are told later."""
    found = _day(said, Field.DATE)
    if found is None and (both := _both(said, Field.STARTS)):
        return both[0]
    if found is None and said.base is not None:
        return said.base.starts_local.date()
    return found


def fill(said: Said, values: dict[str, Any]) -> None:
    """Both ends of the item into `values`, or problems. A missing zone is that of the venue or the
    stop, else the trip's; a missing date of the end is that of the start."""
    starts = _starts(said, values)
    begins = None if starts is None else _put(said, values, starts)
    ends = _ends(said, values, starts)
    finishes = None if ends is None else _put(said, values, ends)
    if begins is not None and finishes is not None and finishes <= begins:
        said.tell(Field.ENDS, Fault.ENDS_FIRST)


def _starts(said: Said, values: dict[str, Any]) -> End | None:
    base = said.base
    if base is not None and not any(said.has(column) for column in STARTS):
        return _kept(said, "starts", STARTS)
    on, at = _read(said, Field.DATE, Field.STARTS, None if base is None else base.starts_local)
    # Without a column of its own, the date may stand in a cell that was told of.
    there = (Field.DATE,) if Field.DATE in said.places else (Field.STARTS,)
    if on is None and not _told(said, there):
        said.tell(Field.DATE, Fault.MISSING)
    if at is None and not _told(said, (Field.STARTS,)):
        said.tell(Field.STARTS, Fault.MISSING)
    if Field.ZONE in said.places or base is None:
        zone = _zone(said, Field.ZONE, _zone_there(said, values))
    else:
        zone = base.starts_zone
    return None if on is None or at is None else End("starts", on, at, zone, STARTS)


def _ends(said: Said, values: dict[str, Any], starts: End | None) -> End | None:
    base = said.base
    moved = base is not None and starts is not None and starts.on != base.starts_local.date()
    follows = moved and Field.END_DATE not in said.places
    rezoned = base is not None and starts is not None and starts.zone != base.starts_zone
    apart = Field.END_ZONE not in said.places and rezoned
    if base is not None and not follows and not apart and not any(map(said.has, ENDS)):
        return _kept(said, "ends", ENDS)
    on, at = _read(said, Field.END_DATE, Field.ENDS, None if base is None else base.ends_local)
    if starts is not None and (
        on is None or follows or (Field.END_DATE in said.places and not said.text(Field.END_DATE))
    ):
        both = _both(said, Field.ENDS)
        on = both[0] if both else starts.on + timedelta(days=_days_later(said))
    if at is None and not _told(said, (Field.ENDS,)):
        said.tell(Field.ENDS, Fault.MISSING)
    zone = _zone(said, Field.END_ZONE, _end_zone(said, values, starts))
    return None if on is None or at is None else End("ends", on, at, zone, ENDS)


def _kept(said: Said, end: str, columns: tuple[Field, Field, Field]) -> End:
    base = said.base
    assert base is not None
    local, zone = getattr(base, f"{end}_local"), getattr(base, f"{end}_zone")
    fold = getattr(base, f"{end}_fold")
    offset = offset_of(local, zone, fold) if clock.is_doubled(local, zone) else None
    return End(end, local.date(), Clock(local.time(), offset), zone, columns)


def _read(
    said: Said, day: Field, time: Field, before: datetime | None
) -> tuple[date | None, Clock | None]:
    """Date and time of day from their two cells, of which the second may hold both."""
    on, at = _day(said, day, tell=True), None
    cell = said.cell(time)
    if both := _both(said, time):
        if on is not None and on != both[0] and said.text(day):
            said.tell(time, Fault.DATES_DIFFER, value=said.text(time), other=said.text(day))
        on, at = on or both[0], both[1]
    elif said.text(time):
        at = cells.clock(cell)
        if at is None:
            said.tell(time, Fault.NO_TIME, value=said.text(time))
    elif before is not None and time not in said.places:
        at = Clock(before.time())
    if on is None and before is not None and day not in said.places:
        on = before.date()
    return on, at


def _day(said: Said, column: Field, *, tell: bool = False) -> date | None:
    if not said.text(column):
        return None
    found = cells.day(said.cell(column), month_first=said.options.month_first)
    if found is None and tell:
        said.tell(column, Fault.NO_DATE, value=said.text(column))
    return found


def _both(said: Said, column: Field) -> tuple[date, Clock] | None:
    cell: Cell = said.cell(column)
    if cells.clock(cell) is not None:
        return None
    return cells.moment(cell, month_first=said.options.month_first)


def _days_later(said: Said) -> int:
    """An item that went past midnight still does where the file has no column for it."""
    if said.base is None or Field.END_DATE in said.places:
        return 0
    return (said.base.ends_local.date() - said.base.starts_local.date()).days


def _zone(said: Said, column: Field, other: str) -> str:
    found = said.text(column)
    return _spelled().get(found.lower(), found) or other


@cache
def _spelled() -> dict[str, str]:
    """The names of zones by what somebody types who does not mind capital letters."""
    return {zone.lower(): zone for zone in clock.zone_names()}


def _zone_there(said: Said, values: dict[str, Any]) -> str:
    """The zone of the venue, else of the stop, else the trip's."""
    venue = said.names.venue_rows.get(values.get("venue_id") or 0)
    stop = said.names.stop_rows.get(values.get("stop_id") or 0)
    return (venue and venue.zone) or (stop and stop.zone) or said.trip.zone


def _end_zone(said: Said, values: dict[str, Any], starts: End | None) -> str:
    base = said.base
    if base is not None and Field.END_ZONE not in said.places:
        if base.ends_zone != base.starts_zone:
            return base.ends_zone
    elif arrival := said.names.venue_rows.get(values.get("to_venue_id") or 0):
        return arrival.zone
    return starts.zone if starts is not None else said.trip.zone


def _put(said: Said, values: dict[str, Any], end: End) -> datetime | None:
    """Wall time, zone and pass into `values`, and the instant, aware UTC; a time that cannot stand
    is told, and None returned."""
    _day_column, time_column, zone_column = end.columns
    fold = None
    try:
        info = clock.zone_info(end.zone)
    except clock.UnknownZone:
        if said.text(zone_column) or not _told(said, (Field.ZONE,)):
            said.tell(zone_column, Fault.NO_ZONE, value=end.zone)
        return None
    if end.clock.offset is not None:
        passes = [end.local.replace(tzinfo=info, fold=n).utcoffset() for n in (0, 1)]
        if end.clock.offset not in passes:
            said.tell(time_column, Fault.OFFSET, value=said.text(time_column), zone=end.zone)
            return None
        fold = passes.index(end.clock.offset)
    try:
        at = item_values.moment(end.name, end.local, end.zone, fold)
    except TimeRefused as error:
        _tell_time(said, end, error)
        return None
    values[f"{end.name}_local"] = end.local
    values[f"{end.name}_zone"] = end.zone
    doubled = clock.is_doubled(end.local, end.zone)
    values[f"{end.name}_fold"] = fold if doubled else 0
    return at


def _tell_time(said: Said, end: End, error: TimeRefused) -> None:
    day_column, time_column, _zone_column = end.columns
    match error.cause:
        case clock.YearRefused():
            if not _told(said, (Field.DATE, Field.STARTS)) or said.text(day_column):
                there = day_column if day_column in said.places else time_column
                said.tell(there, Fault.YEAR, value=end.on.isoformat())
        case clock.WallTimeMissing(before=before, after=after):
            said.tell(time_column, Fault.SKIPPED, value=end.local, before=before, after=after)
        case _:
            first, second = (with_offset(end.local, end.zone, n) for n in (0, 1))
            said.tell(time_column, Fault.TWICE, value=end.local, first=first, second=second)


def _told(said: Said, columns: tuple[Field, ...]) -> bool:
    places = {said.places.get(column) for column in columns} - {None}
    return any(problem.column in places for problem in said.problems)

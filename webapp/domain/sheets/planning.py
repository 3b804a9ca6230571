"""The dry run: what bringing in a table would do to the draft of a trip, row by row."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from webapp import i18n
from webapp.db import db
from webapp.domain import agendas, item_values, organizations
from webapp.domain.item_values import ItemValues
from webapp.domain.sheets import cells, lines, lookups, names, rows, times
from webapp.domain.sheets.fields import Field, folded
from webapp.domain.sheets.lookups import New
from webapp.domain.sheets.names import Names
from webapp.domain.sheets.rows import Options, Said
from webapp.domain.sheets.steps import Deed, Difference, Plan, Step
from webapp.domain.sheets.tables import Fault, Format, Problem, Row, Table
from webapp.models.agenda import AgendaItem
from webapp.models.trip import Trip

LONGEST_KEY = 200
MOST_TRIES = 20_000  # of rows without a key at items of the same title and start


@dataclass(slots=True)
class _Work:
    """What is known while the rows of a table go by."""

    trip: Trip
    table: Table
    places: dict[Field, int]
    options: Options
    names: Names
    near: set[int]
    by_uid: dict[uuid.UUID, AgendaItem]
    by_key: dict[str, AgendaItem]
    elsewhere: set[uuid.UUID]  # UIDs of the table that belong to other trips
    new: New
    claimed: dict[int, int]  # the row that an item belongs to
    given: dict[str, int]  # the row that first gives a new item its UID or key
    written: dict[int, list[dict[Field, str]]]  # what our own files say of an item
    tries: int
    problems: list[Problem]
    lacks: set[Field]


def plan(
    trip: Trip, table: Table, places: Mapping[Field, int], options: Options | None = None
) -> Plan:
    """What bringing in `table` would do, with every problem of every row. Writes nothing.

    `places` says which column, counted from 0, holds what. A row is about the item with its UID,
    else with its key; a row with neither about an item of the same title and start that no other
    row is about. So a file that was brought in changes nothing the second time.
    """
    work = _prepare(trip, table, dict(places), options or Options())
    steps: list[Step] = []
    unnamed: list[tuple[Said, Step]] = []
    for row in table.rows:
        said = _said(work, row, None)
        item, uid, key = _named(work, said)
        if item is not None:
            said = replace(said, base=item_values.of(item), same=_same(work, row, item))
        step = _step(work, said, item, uid, key)
        work.problems += said.problems
        work.lacks |= said.lacks
        if step is not None and item is None and uid is None and key is None:
            unnamed.append((said, step))
        elif step is not None:
            steps.append(step)
    steps += _matched(work, unnamed)
    lacking = [Problem(None, None, Fault.NO_COLUMN, {"field": each}) for each in sorted(work.lacks)]
    return Plan(
        steps=tuple(sorted(steps, key=lambda step: step.row)),
        problems=(*lacking, *sorted(work.problems, key=_place)),
        called_off=_left_out(work),
        venues=work.new.venues,
        people=work.new.people,
    )


def _place(problem: Problem) -> tuple[int, int]:
    return problem.row or 0, -1 if problem.column is None else problem.column


def _prepare(trip: Trip, table: Table, places: dict[Field, int], options: Options) -> _Work:
    items = agendas.draft(trip)
    return _Work(
        trip=trip,
        table=table,
        places={field: n for field, n in places.items() if 0 <= n < len(table.header)},
        options=options,
        names=names.of(trip),
        near={each.id for each in organizations.of_trip(trip)},
        by_uid={item.uid: item for item in items},
        by_key={item.import_key: item for item in items if item.import_key},
        elsewhere=_elsewhere(trip, table, places.get(Field.UID)),
        new=New(),
        claimed={},
        given={},
        written={},
        tries=0,
        problems=[],
        lacks=set(),
    )


def _elsewhere(trip: Trip, table: Table, place: int | None) -> set[uuid.UUID]:
    if place is None or place >= len(table.header):
        return set()
    wanted = set()
    for row in table.rows:
        try:
            wanted.add(uuid.UUID(str(row.cells[place]).strip()))
        except ValueError:
            continue
    return set(
        db.session.scalars(
            select(AgendaItem.uid).where(AgendaItem.uid.in_(wanted), AgendaItem.trip_id != trip.id)
        )
    )


def _said(work: _Work, row: Row, base: ItemValues | None) -> Said:
    said = Said(row, work.places, work.trip, work.names, work.options, work.near, base)
    for column, fault in row.faults:
        if fault != Fault.ALL_DAY or not work.options.all_day:
            said.problems.append(Problem(row.number, column, fault))
    return said


def _named(work: _Work, said: Said) -> tuple[AgendaItem | None, uuid.UUID | None, str | None]:
    """The item that the row names by UID or key, and both."""
    uid, key = rows.uid(said), cells.name(said.text(Field.KEY))[: LONGEST_KEY + 1] or None
    if key is not None and len(key) > LONGEST_KEY:
        said.tell(Field.KEY, Fault.TOO_LONG, length=len(said.text(Field.KEY)), most=LONGEST_KEY)
    if uid in work.elsewhere:
        said.tell(Field.UID, Fault.OTHER_TOUR, value=str(uid))
    item = work.by_uid.get(uid) if uid else None
    if item is not None and key is not None and work.by_key.get(key, item) is not item:
        said.tell(Field.KEY, Fault.KEY_TAKEN, value=key)
    if item is None and uid is None and key is not None:
        item = work.by_key.get(key) or _by_own_uid(work, key)
    _claim(work, said, item, uid, key)
    return item, uid, key


def _claim(
    work: _Work, said: Said, item: AgendaItem | None, uid: uuid.UUID | None, key: str | None
) -> None:
    """See that no two rows are about one item."""
    firsts = []
    if item is not None:
        firsts.append(work.claimed.setdefault(item.id, said.row.number))
    firsts += [
        work.given.setdefault(name, said.row.number) for name in (uid and str(uid), key) if name
    ]
    if other := [first for first in firsts if first != said.row.number]:
        column = Field.UID if uid is not None else Field.KEY
        said.tell(column, Fault.SAME_ITEM, other=other[0])


def _by_own_uid(work: _Work, key: str) -> AgendaItem | None:
    """A calendar that we wrote calls its events by our UIDs."""
    try:
        return work.by_uid.get(uuid.UUID(key))
    except ValueError:
        return None


def _same(work: _Work, row: Row, item: AgendaItem) -> frozenset[Field]:
    """The columns whose cell says what we would write of the item ourselves, in either language."""
    said = _said(work, row, None)
    if item.id not in work.written:
        work.written[item.id] = [
            lines.as_texts(lines.of_item(item, work.names, language))
            | (lines.in_calendar(item) if work.table.format == Format.ICS else {})
            for language in i18n.LANGUAGES
        ]
    texts = {field: said.text(field).strip() for field in work.places}
    return frozenset(
        field
        for written in work.written[item.id]
        for field, text in texts.items()
        if field in written and text == written[field].strip()
    )


def _step(
    work: _Work, said: Said, item: AgendaItem | None, uid: uuid.UUID | None, key: str | None
) -> Step | None:
    """What the row does, or None where something is wrong with it."""
    values = rows.plain(said)
    values["stop_id"] = lookups.stop(said, times.starts_on(said), values.get("stop_id"))
    lookups.where(said, values, work.new)
    lookups.others(said, values, work.new)
    times.fill(said, values)
    if said.problems or said.lacks:
        return None
    made = ItemValues(**values)
    if item is None:
        sample = rows.is_sample(said)
        return Step(said.row.number, Deed.ADD, made, None, uid, key, is_sample=sample)
    # A row without a key takes none away.
    key = key if key is not None and key != str(item.uid) else item.import_key
    differences = _differences(work, item, made, key)
    deed = Deed.CHANGE if differences else Deed.SAME
    return Step(said.row.number, deed, made, item, uid, key, differences=differences)


def _differences(
    work: _Work, item: AgendaItem, made: ItemValues, key: str | None
) -> tuple[Difference, ...]:
    language = i18n.current_language()
    before = lines.as_texts(lines.of_item(item, work.names, language))
    after = before | lines.as_texts(lines.of_values(made, work.names, language))
    after[Field.KEY] = key or ""
    return tuple(
        Difference(field, before[field], after[field])
        for field in before
        if before[field] != after[field]
    )


def _matched(work: _Work, unnamed: Sequence[tuple[Said, Step]]) -> list[Step]:
    """Rows without UID and key, each with the item that is as it says, else the one of the same
    title and start that differs least, else as a new one."""
    free: dict[tuple[str, Any, str], list[AgendaItem]] = {}
    for item in work.by_uid.values():
        if item.id not in work.claimed:
            for mark in _marks(item_values.of(item)):
                free.setdefault(mark, []).append(item)
    found: dict[int, Step] = {}
    fitting: list[tuple[int, int, Step]] = []
    for number, (said, step) in enumerate(unnamed):
        alike = {item.id: item for mark in _marks(step.values) for item in free.get(mark, [])}
        for again in _tried(work, said, alike.values()):
            if again.deed == Deed.SAME and again.item is not None:
                work.claimed[again.item.id] = said.row.number
                found[number] = again
                break
            fitting.append((len(again.differences), number, again))
    for _size, number, again in sorted(fitting, key=lambda each: each[:2]):
        if number not in found and again.item is not None and again.item.id not in work.claimed:
            work.claimed[again.item.id] = again.row
            found[number] = again
    return [found.get(number, step) for number, (_said, step) in enumerate(unnamed)]


def _tried(work: _Work, said: Said, items: Iterable[AgendaItem]) -> Iterator[Step]:
    """What the row would do, about each of the items that no row is about yet."""
    for item in items:
        if item.id not in work.claimed and work.tries < MOST_TRIES:
            work.tries += 1
            if again := _again(work, said, item):
                yield again


def _again(work: _Work, said: Said, item: AgendaItem) -> Step | None:
    """What the same row does if it is about `item`."""
    again = replace(_said(work, said.row, item_values.of(item)), same=_same(work, said.row, item))
    return _step(work, again, item, None, None)


def _marks(values: ItemValues) -> set[tuple[str, Any, str]]:
    """What two of the same title and start have in common."""
    titles = {folded(title) for title in values.title.values()}
    return {(title, values.starts_local, values.starts_zone) for title in titles}


def _left_out(work: _Work) -> tuple[AgendaItem, ...]:
    if not work.options.call_off:
        return ()
    place = work.places.get(Field.KEY)
    listed = (
        set() if place is None else {str(row.cells[place] or "").strip() for row in work.table.rows}
    )
    return tuple(
        item
        for key, item in work.by_key.items()
        if key not in listed and item.id not in work.claimed and not item.is_cancelled
    )

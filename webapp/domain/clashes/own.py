"""One person's own agenda, of published items, as a plan."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from webapp.db import db
from webapp.domain.clashes.loading import CARRIERS
from webapp.domain.clashes.plans import End, Party, Place, Plan, Travel, Visit, Who
from webapp.domain.clashes.rules import Rule
from webapp.models.agenda import ItemKind, Mode
from webapp.models.place import Venue
from webapp.models.release import ReleaseItem

RULES = frozenset({Rule.PERSON, Rule.TRAVEL})


def plan(items: Sequence[ReleaseItem], travel: Travel, rules: frozenset[Rule]) -> Plan:
    """The plan of somebody who is in all of these items; cancelled ones take no part."""
    countries = _countries(items)
    visits = tuple(_visit(item, countries) for item in items if not item.is_cancelled)
    reader = Party(Who.SELF, 0, "", frozenset(visit.number for visit in visits))
    return Plan(visits, (reader,), travel, rules=rules & RULES)


def _countries(items: Sequence[ReleaseItem]) -> Mapping[int, str]:
    """The countries of the venues between which flights go, as a release keeps none: one statement,
    where somebody flies."""
    said = [item.values or {} for item in items if item.mode == Mode.FLIGHT]
    venues = {each.get(name) for each in said for name in ("venue_id", "to_venue_id")} - {None}
    if not venues:
        return {}
    rows = db.session.execute(select(Venue.id, Venue.country).where(Venue.id.in_(venues)))
    return {number: country for number, country in rows}


def _visit(item: ReleaseItem, countries: Mapping[int, str]) -> Visit:
    carries = item.is_leg or item.kind in CARRIERS
    said = item.values or {}
    start, end = said.get("venue_id"), said.get("to_venue_id")
    here = _place(
        *(start, item.place_name, item.city, item.latitude, item.longitude),
        country=countries.get(start or 0),
    )
    there = _place(
        *(end, item.to_place_name, item.to_city, item.to_latitude, item.to_longitude),
        country=countries.get(end or 0),
    )
    if there is None and not carries and not item.to_place_name:
        there = here
    return Visit(
        uid=item.uid,
        number=item.id,
        starts=End(item.starts_local, item.starts_zone, item.starts_fold, item.starts_at, here),
        ends=End(item.ends_local, item.ends_zone, item.ends_fold, item.ends_at, there),
        carries=carries,
        is_free=item.kind == ItemKind.FREE,
        mode=item.mode,
        call_minutes=None if item.meeting_point else item.call_minutes,
    )


def _place(
    number: int | None,
    name: str | None,
    city: str | None,
    latitude: float | None,
    longitude: float | None,
    *,
    country: str | None,
) -> Place | None:
    """A place as it was published. Without coordinates or the number of a venue, nothing is known
    of the way to it."""
    if name is None or (number is None and latitude is None):
        return None
    key = f"venue {number}" if number else f"{name}, {latitude}, {longitude}"
    return Place(key, name, city or "", country, None, latitude, longitude, number=number)

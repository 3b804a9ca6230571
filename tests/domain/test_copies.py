"""A tour made from another."""

from datetime import date, datetime

import pytest

from tests.factories import (
    make_item,
    make_registration,
    make_stop,
    make_track,
    make_trip,
    make_venue,
    publish,
)
from webapp.db import Words, db
from webapp.domain import (
    agendas,
    audits,
    copies,
    feeds,
    organizations,
    people,
    shifts,
    tours,
    trips,
)
from webapp.models.agenda import Audience, ItemRole
from webapp.models.basis import Basis
from webapp.models.clash import TravelTime
from webapp.models.organization import OrganizationKind
from webapp.models.trip import TripPartner

BY = audits.SYSTEM
ALL = frozenset(copies.PARTS)
TITLE = Words(en="Provence 2028")


@pytest.fixture
def trip(session):
    """A published tour with a bit of everything."""
    trip = make_trip(margin_minutes=25, clash_levels={"room": "warn"})
    stop, track = make_stop(trip), make_track(trip)
    venue, other = make_venue(), make_venue()
    host = organizations.named("Cap Digital Sud", OrganizationKind.CLUSTER)
    speaker = people.named(trip, "Ada", "Exemple")
    registration = make_registration(trip, 2)
    item = make_item(
        trip,
        stop_id=stop.id,
        track_id=track.id,
        venue_id=venue.id,
        host_id=host.id,
        people=((speaker.id, ItemRole.SPEAKER),),
        audience=Audience.COMPANIES,
        company_ids=(registration.organization_id,),
        internal_note="Bring the flags.",
    )
    item.basis, item.import_key, item.held_back = Basis.ILLUSTRATIVE, "row-7", True
    db.session.add(TripPartner(trip_id=trip.id, organization_id=host.id, role=Words(en="Host")))
    db.session.add(
        TravelTime(trip_id=trip.id, from_venue_id=venue.id, to_venue_id=other.id, minutes=35)
    )
    gone = make_item(trip)
    publish(trip)
    agendas.call_off(gone, BY)
    db.session.expire(trip)
    return trip


def copy(trip, parts=ALL, starts_on=date(2028, 10, 23), **said):
    made = copies.copy(trip, "provence-2028", starts_on, TITLE, parts, BY, **said)
    db.session.expire(made)
    return made


def test_a_copy_brings_all_along_but_nobody_registered_and_nothing_published(trip):
    made = copy(trip)

    assert (made.state, made.release_id, made.title) == ("draft", None, TITLE)
    assert (made.starts_on, made.ends_on) == (date(2028, 10, 23), date(2028, 10, 27))
    assert [(s.city, s.starts_on) for s in made.stops] == [("Marseille", date(2028, 10, 23))]
    assert [(p.organization.name, p.role) for p in made.partners] == [
        ("Cap Digital Sud", {"en": "Host"})
    ]
    assert (made.margin_minutes, made.clash_levels) == (25, {"room": "warn"})
    (item,) = agendas.draft(made)
    old = next(each for each in agendas.draft(trip) if not each.is_cancelled)
    assert item.uid != old.uid
    assert (item.starts_local, item.starts_zone) == (datetime(2028, 10, 24, 9), "Europe/Paris")
    assert (item.import_key, item.held_back, item.basis) == (None, False, Basis.ILLUSTRATIVE)
    assert (item.stop_id, item.track_id) == (made.stops[0].id, made.tracks[0].id)
    assert (item.venue_id, item.host_name) == (old.venue_id, "Cap Digital Sud")
    assert item.people_named == [{"name": "Ada Exemple", "role": "speaker"}]
    assert item.organization_ids == old.organization_ids
    assert item.internal_note == "Bring the flags."
    minutes = db.select(TravelTime.minutes).where(TravelTime.trip_id == made.id)
    assert db.session.scalars(minutes).all() == [35]


def test_what_was_not_asked_for_stays_behind(trip):
    made = copy(trip, frozenset({"items"}))

    assert (made.stops, made.tracks, made.partners) == ([], [], [])
    assert (made.margin_minutes, made.clash_levels) == (10, {})
    (item,) = agendas.draft(made)
    assert (item.stop_id, item.track_id, item.host_id, item.internal_note) == (None,) * 4
    assert (item.people, item.companies) == ([], [])


def test_without_sessions_there_are_none(trip):
    assert agendas.draft(copy(trip, ALL - {"items"})) == []


def test_the_source_stays_as_it_was(trip):
    before = [(i.uid, i.starts_local, i.version) for i in agendas.draft(trip)]

    copy(trip)
    db.session.expire_all()

    assert [(i.uid, i.starts_local, i.version) for i in agendas.draft(trip)] == before


def test_a_template_has_no_feed_and_starts_tours(trip):
    template = copy(trip, as_template=True)

    made = copies.copy(template, "provence-2029", date(2029, 10, 22), TITLE, ALL, BY)

    assert (template.is_template, feeds.public(template, "en")) == (True, None)
    assert (made.is_template, len(agendas.draft(made))) == (False, 1)
    assert feeds.public(made, "en") is not None


def test_a_copy_says_where_it_comes_from(trip):
    entry = audits.of(copy(trip, frozenset({"stops", "items"})))[0]

    assert (entry.action, entry.after) == (
        "copy",
        {"of": trip.slug, "days": 364, "parts": ["items", "stops"], "sessions": 1},
    )


def test_a_copy_that_cannot_be_leaves_nothing_behind(trip):
    with pytest.raises(tours.SlugTaken):
        copies.copy(trip, trip.slug, date(2028, 10, 23), TITLE, ALL, BY)
    with pytest.raises(shifts.DatesRefused):
        copies.copy(trip, "in-the-future", date(2250, 1, 1), TITLE, ALL, BY)
    assert [each.id for each in trips.every()] == [trip.id]

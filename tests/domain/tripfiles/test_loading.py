"""Loading: a trip file becomes rows, once and again."""

import copy
import uuid
from datetime import datetime

import pytest
from sqlalchemy import func, select

from tests.domain.tripfiles.example import UID, everything, example, read, spoiled, there
from tests.factories import make_item, make_stop, make_track, make_trip
from webapp.db import db
from webapp.domain import agendas, audits, releases, tripfiles, trips
from webapp.domain.organizations import name_key
from webapp.domain.tripfiles import FileFaults
from webapp.models.agenda import AgendaItem, ItemState
from webapp.models.audit import AuditEntry
from webapp.models.basis import Basis
from webapp.models.feed import Feed
from webapp.models.organization import Organization, OrganizationKind
from webapp.models.place import Venue
from webapp.models.release import Change
from webapp.models.trip import Trip, TripState


def test_load_writes_every_row(session):
    trip = tripfiles.load(read(example()))

    assert (trip.slug, trip.state, trip.max_per_organization) == (
        "shipyards-2027",
        TripState.DRAFT,
        10,
    )
    assert there(trip.registration_closes_at).isoformat() == "2027-10-01T16:00:00+00:00"
    assert [row.organization.name for row in trip.partners] == ["Chantier Exemple"]
    assert [row.organization.name for row in trip.members] == ["Chantier Exemple"]
    (stop,) = trip.stops
    assert (stop.city, there(stop.local_host).name, stop.position) == (
        "Toulon",
        "Chantier Exemple",
        1,
    )
    (item,) = agendas.draft(trip)
    assert (str(item.uid), there(item.venue).name, item.stop, item.track) == (
        UID,
        "Dock 4",
        stop,
        trip.tracks[0],
    )
    assert item.starts_at.isoformat() == "2027-10-29T07:00:00+00:00"
    assert trip.release is None, "an import never publishes"
    assert {feed.language for feed in session.scalars(select(Feed))} == {"en", "fr"}
    written = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert written == ["add", "add"]


def test_loading_again_changes_nothing(session):
    trip = tripfiles.load(read(example()))
    releases.publish(trip, audits.SYSTEM)
    before = everything()

    tripfiles.load(read(example()))

    assert everything() == before


def test_loading_again_without_uids_changes_nothing(session):
    data = example()
    del data["items"][0]["uid"]
    data["items"].append(copy.deepcopy(data["items"][0]))
    data["items"][1]["starts"]["local"] = "2027-10-30T09:00"
    data["items"][1]["ends"]["local"] = "2027-10-30T10:00"
    tripfiles.load(read(data))
    before = everything()

    data["items"].reverse()
    tripfiles.load(read(data))

    assert everything() == before
    assert len(before["agenda_items"]) == 2


def test_a_changed_file_changes_the_draft_and_not_what_is_published(session):
    trip = tripfiles.load(read(example()))
    releases.publish(trip, audits.SYSTEM)
    data = example()
    data["items"][0]["starts"]["local"] = "2027-10-29T09:15"

    tripfiles.load(read(data))

    (published,) = there(trip.release).items
    assert published.starts_local == datetime(2027, 10, 29, 9, 0)
    (difference,) = releases.differences(trip)
    assert difference.change == Change.MOVED
    entry = audits.of(difference.item)[0]
    assert (entry.action, entry.before, entry.after) == (
        "change",
        {"starts_local": "2027-10-29T09:00:00"},
        {"starts_local": "2027-10-29T09:15:00"},
    )


def test_a_changed_trip_is_told_to_the_calendars(session):
    trip = tripfiles.load(read(example()))
    stamp, sequence = trip.changed_at, trip.sequence
    public = session.scalars(select(Feed)).first()
    public.body = b"prepared"
    session.flush()

    tripfiles.load(read(spoiled(("trip", "ends_on"), "2027-11-02")))

    assert trip.sequence == sequence + 1
    assert trip.changed_at > stamp
    assert session.scalar(select(func.count()).where(Feed.body.is_not(None))) == 0
    entry = audits.of(trip)[0]
    assert (entry.before, entry.after) == ({"ends_on": "2027-11-01"}, {"ends_on": "2027-11-02"})


def test_what_a_file_does_not_list_stays(session):
    trip = tripfiles.load(read(example()))
    other = make_item(trip)
    make_stop(trip, city="Nice", position=7)
    make_track(trip, "press")
    less = example()
    for name in ("items", "partners", "members", "tracks"):
        del less[name]

    tripfiles.load(read(less))

    assert {str(item.uid) for item in agendas.draft(trip)} == {UID, str(other.uid)}
    assert [(stop.city, stop.position) for stop in trip.stops] == [("Toulon", 1), ("Nice", 7)]
    assert len(trip.partners) == len(trip.members) == 1
    assert {track.key for track in trip.tracks} == {"vip", "press"}


def test_a_uid_of_another_trip_is_refused(session):
    taken = make_item(make_trip())
    data = example()
    data["items"][0]["uid"] = str(taken.uid)

    with pytest.raises(FileFaults) as caught:
        tripfiles.load(read(data))

    assert [str(fault) for fault in caught.value.faults] == [
        f"$.items[0].uid: {taken.uid} belongs to another trip: take another UID"
    ]


def test_a_state_that_cannot_be_reached_is_refused(session):
    trip = tripfiles.load(read(spoiled(("trip", "state"), "announced")))
    trip.become(TripState.WITHDRAWN)

    with pytest.raises(FileFaults) as caught:
        tripfiles.load(read(spoiled(("trip", "state"), "announced")))

    assert [str(fault) for fault in caught.value.faults] == [
        "$.trip.state: a trip that is withdrawn cannot become announced"
    ]


def test_an_item_follows_its_own_transition_table(session):
    trip = tripfiles.load(read(spoiled(("items", 0, "state"), "cancelled")))

    tripfiles.load(read(spoiled(("items", 0, "state"), "tentative")))

    assert [item.state for item in agendas.draft(trip)] == [ItemState.TENTATIVE]


def organization(name, country):
    row = Organization(
        name=name,
        name_key=name_key(name),
        kind=OrganizationKind.CLUSTER,
        country=country,
        website="https://example.org",
        basis=Basis.REAL,
        sources=[],
    )
    db.session.add(row)
    db.session.flush()
    return row


def test_an_organization_is_found_by_another_spelling_and_keeps_its_name(session):
    known = organization("CHANTIER-EXEMPLE S.A.S.", "FR")

    trip = tripfiles.load(read(example()))

    assert trip.members[0].organization is known
    assert known.name == "CHANTIER-EXEMPLE S.A.S."
    assert known.kind == OrganizationKind.COMPANY  # what the file says
    assert known.website == "https://example.org"  # what it leaves out stays


def test_the_same_name_in_another_country_is_another_organization(session):
    known = organization("Chantier Exemple", "US")

    trip = tripfiles.load(read(example()))

    assert trip.members[0].organization is not known


def test_two_spellings_in_one_file_stay_two_organizations(session):
    data = example()
    data["organizations"].append(
        {**data["organizations"][0], "key": "sas", "name": "Chantier Exemple SAS"}
    )
    data["members"].append({"organization": "sas"})
    trip = tripfiles.load(read(data))
    before = everything()

    tripfiles.load(read(data))

    assert [row.organization.name for row in trip.members] == [
        "Chantier Exemple",
        "Chantier Exemple SAS",
    ]
    assert everything() == before


def test_a_venue_is_shared_by_name_and_city(session):
    tripfiles.load(read(example()))
    data = example()
    data["trip"]["slug"] = "another"
    data["items"][0]["uid"] = str(uuid.uuid4())
    data["venues"][0] |= {"name": "dock 4", "city": "TOULON", "access": {"en": "By the east gate."}}

    tripfiles.load(read(data))

    (venue,) = session.scalars(select(Venue)).all()
    assert (venue.name, venue.access) == ("Dock 4", {"en": "By the east gate."})


def test_names_with_signs_of_patterns_are_told_apart(session):
    data = spoiled(("venues", 0, "name"), "Dock _%")
    tripfiles.load(read(spoiled(("venues", 0, "name"), "Dock 44")))
    data["trip"]["slug"] = "another"
    data["items"][0]["uid"] = str(uuid.uuid4())

    tripfiles.load(read(data))

    assert set(session.scalars(select(Venue.name))) == {"Dock 44", "Dock _%"}


def test_the_right_trip_is_touched(session):
    other = make_trip()
    before = tripfiles.dump(other)

    tripfiles.load(read(example()))

    assert tripfiles.dump(there(trips.by_slug(other.slug))) == before
    assert session.scalar(select(func.count()).select_from(AgendaItem)) == 1
    assert session.scalar(select(func.count()).select_from(Trip)) == 2

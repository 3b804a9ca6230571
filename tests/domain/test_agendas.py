"""The draft of an agenda: what may stand in it, who changed what, and edits that cross."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import item_values, make_item, make_stop, make_track, make_trip, publish, utc
from tests.together import at_once, meanwhile, wait_until_one_waits
from webapp import clock
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, people, releases
from webapp.domain.audits import By
from webapp.models.agenda import AgendaItem, Audience, ItemKind, ItemRole, ItemState
from webapp.models.audit import Actor, AuditEntry
from webapp.models.release import Change
from webapp.models.states import MoveRefused

ANA = By(Actor.STAFF, "Ana Organizer")
PARIS, LOS_ANGELES = "Europe/Paris", "America/Los_Angeles"


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def count_of_items() -> int:
    return db.session.scalar(select(func.count()).select_from(AgendaItem)) or 0


def test_an_item_is_stored_as_agreed_with_its_instants_derived_and_audited(session):
    trip = make_trip()
    values = item_values(place="Gate 2", internal_note="Bring badges")

    with transaction():
        item = agendas.add(trip, values, ANA)
    session.expire_all()

    assert (item.starts_local, item.starts_zone) == (datetime(2027, 10, 26, 9, 0), PARIS)
    assert (item.starts_at, item.ends_at) == (utc(2027, 10, 26, 7, 0), utc(2027, 10, 26, 8, 30))
    [entry] = audits.of(item)
    assert (entry.actor, entry.actor_name, entry.action) == (Actor.STAFF, "Ana Organizer", "add")
    assert (entry.trip_id, entry.before) == (trip.id, None)
    assert entry.after == {
        "kind": "visit",
        "title": {"en": "Visit of the shipyard", "fr": "Visite du chantier naval"},
        "starts_local": "2027-10-26T09:00:00",
        "starts_zone": PARIS,
        "ends_local": "2027-10-26T10:30:00",
        "ends_zone": PARIS,
        "starts_fold": 0,
        "ends_fold": 0,
        "description": None,
        "audience": "everybody",
        "state": "confirmed",
        "stop_id": None,
        "venue_id": None,
        "track_id": None,
        "place": "Gate 2",
        "internal_note": "Bring badges",
        "attendance": "mandatory",
        "languages": [],
        "people": [],
        "company_ids": [],
        "capacity": None,
        "room_id": None,
        "host_id": None,
        "meeting_point": None,
        "call_minutes": None,
        "mode": None,
        "service": None,
        "vehicle": None,
        "to_venue_id": None,
        "to_place": None,
        "invites": True,
    }


def test_a_change_is_audited_by_what_it_changed_before_and_after(session):
    trip = make_trip()
    item = make_item(trip)
    values = item_values(
        starts_local=datetime(2027, 10, 26, 9, 30),
        place="Gate 3",
        audience=Audience.DELEGATES,
        state=ItemState.TENTATIVE,
    )

    with transaction():
        agendas.change(item, values, ANA, item.version)

    assert (item.starts_at, item.place, item.state) == (
        utc(2027, 10, 26, 7, 30),
        "Gate 3",
        ItemState.TENTATIVE,
    )
    entry = audits.of(item)[0]
    assert entry.action == "change"
    assert entry.before == {
        "title": item.title,
        "starts_local": "2027-10-26T09:00:00",
        "place": None,
        "audience": "everybody",
        "state": "confirmed",
    }
    assert entry.after == {
        "title": item.title,
        "starts_local": "2027-10-26T09:30:00",
        "place": "Gate 3",
        "audience": "delegates",
        "state": "tentative",
    }


def test_saving_without_a_change_leaves_no_trace(session):
    item = make_item(make_trip())
    version = item.version

    with transaction():
        agendas.change(item, item_values(), ANA, version)

    assert item.version == version
    assert [entry.action for entry in audits.of(item)] == ["add"]


@pytest.mark.parametrize("end", ["starts", "ends"])
@pytest.mark.parametrize(
    ("local", "zone", "cause"),
    [
        (datetime(2027, 3, 28, 2, 30), PARIS, clock.WallTimeMissing),
        (datetime(2027, 10, 31, 2, 30), PARIS, clock.WallTimeTwice),
        (datetime(2027, 10, 26, 9, 0), "Mars/Olympus", clock.UnknownZone),
        (datetime(2027, 10, 26, 9, 0), "", clock.UnknownZone),
        (datetime(1, 1, 1), PARIS, clock.WallTimeMissing),
        (datetime(9999, 12, 31, 23, 59), LOS_ANGELES, clock.WallTimeMissing),
    ],
)
def test_a_time_that_cannot_stand_is_refused_at_its_end_with_the_cause(
    session, end, local, zone, cause
):
    """icalendar.md T7."""
    with transaction():
        trip = make_trip()
        item = make_item(trip)
    values = replace(item_values(), **{f"{end}_local": local, f"{end}_zone": zone})

    for verb in (
        lambda: agendas.add(trip, values, ANA),
        lambda: agendas.change(item, values, ANA, item.version),
    ):
        with pytest.raises(agendas.TimeRefused) as refused, transaction():
            verb()
        assert refused.value.end == end
        assert isinstance(refused.value.cause, cause)

    assert item.starts_local == datetime(2027, 10, 26, 9, 0)
    assert entries("change") == []
    assert count_of_items() == 1


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ((datetime(2027, 10, 26, 9, 0), PARIS), (datetime(2027, 10, 26, 9, 0), PARIS)),
        ((datetime(2027, 10, 26, 9, 0), PARIS), (datetime(2027, 10, 26, 8, 59), PARIS)),
        # Later by the clock, earlier as an instant: 9:00 in Paris is 0:00 in California.
        ((datetime(2027, 10, 26, 9, 0), LOS_ANGELES), (datetime(2027, 10, 26, 17, 0), PARIS)),
    ],
)
def test_an_end_that_is_not_later_as_an_instant_is_refused(session, starts, ends):
    """icalendar.md T5, T9."""
    trip = make_trip()
    values = item_values(
        starts_local=starts[0], starts_zone=starts[1], ends_local=ends[0], ends_zone=ends[1]
    )

    with pytest.raises(agendas.EndsBeforeStart), transaction():
        agendas.add(trip, values, ANA)

    assert count_of_items() == 0


@pytest.mark.parametrize(
    ("leaves", "lands", "hours"),
    [
        (
            (datetime(2017, 10, 27, 18, 5), LOS_ANGELES),
            (datetime(2017, 10, 28, 17, 40), PARIS),
            timedelta(hours=14, minutes=35),
        ),
        # Lands an hour before it left, by the clocks.
        (
            (datetime(2027, 10, 30, 11, 0), "Pacific/Kiritimati"),
            (datetime(2027, 10, 29, 14, 0), "Pacific/Honolulu"),
            timedelta(hours=3),
        ),
        # Across the night in which the clocks go back.
        (
            (datetime(2017, 10, 29, 0, 30), PARIS),
            (datetime(2017, 10, 29, 4, 0), PARIS),
            timedelta(hours=4, minutes=30),
        ),
    ],
)
def test_a_leg_lasts_from_instant_to_instant_whatever_the_clocks_say(session, leaves, lands, hours):
    """icalendar.md T4."""
    item = make_item(
        make_trip(),
        kind=ItemKind.TRAVEL,
        starts_local=leaves[0],
        starts_zone=leaves[1],
        ends_local=lands[0],
        ends_zone=lands[1],
    )

    assert item.ends_at - item.starts_at == hours
    assert item.is_leg is (leaves[1] != lands[1])


def test_the_passes_of_a_doubled_hour_make_an_item_of_one_hour(session):
    """icalendar.md T6."""
    twice = datetime(2017, 10, 29, 2, 30)
    item = make_item(make_trip(), starts_local=twice, ends_local=twice, starts_fold=0, ends_fold=1)

    assert (item.starts_at, item.ends_at) == (utc(2017, 10, 29, 0, 30), utc(2017, 10, 29, 1, 30))
    assert (item.starts_fold, item.ends_fold) == (0, 1)


def test_a_time_that_moved_out_of_the_doubled_hour_forgets_which_pass_was_meant(session):
    item = make_item(
        make_trip(),
        starts_local=datetime(2017, 10, 29, 2, 30),
        starts_fold=1,
        ends_local=datetime(2017, 10, 29, 4, 0),
        ends_fold=1,
    )
    assert (item.starts_fold, item.ends_fold) == (1, 0)

    later = item_values(
        starts_local=datetime(2017, 10, 29, 3, 30),
        starts_fold=1,
        ends_local=datetime(2017, 10, 29, 4, 0),
    )
    agendas.change(item, later, ANA, item.version)

    assert item.starts_fold == 0


def test_an_edit_of_an_older_version_is_refused_and_changes_nothing(session):
    with transaction():
        item = make_item(make_trip())
    seen = item.version
    with transaction():
        agendas.change(item, item_values(place="First"), ANA, seen)

    with pytest.raises(agendas.ChangedMeanwhile), transaction():
        agendas.change(item, item_values(place="Second"), ANA, seen)

    assert item.place == "First"
    assert len(entries("change")) == 1


def test_of_edits_at_the_same_time_one_is_kept_and_the_others_are_told(committed):
    with transaction():
        item_id = make_item(make_trip()).id
    seen = db.session.get_one(AgendaItem, item_id).version
    db.session.remove()

    def edit(place):
        def action():
            with transaction():
                item = db.session.get_one(AgendaItem, item_id)
                return agendas.change(item, item_values(place=place), ANA, seen).place

        return action

    results = at_once(committed, *(edit(f"Gate {n}") for n in range(4)))

    kept = [result for result in results if isinstance(result, str)]
    assert len(kept) == 1
    assert [type(r) for r in results if not isinstance(r, str)] == [agendas.ChangedMeanwhile] * 3
    assert db.session.get_one(AgendaItem, item_id).place == kept[0]
    assert len(entries("change")) == 1


def test_an_edit_that_had_read_the_item_before_another_was_stored_is_refused(committed):
    with transaction():
        item = make_item(make_trip())
    item_id, seen = item.id, item.version  # read here, and changed there before we write

    def change_there():
        with transaction():
            there = db.session.get_one(AgendaItem, item_id)
            agendas.change(there, item_values(place="There"), ANA, seen)

    assert at_once(committed, change_there) == [None]
    with pytest.raises(agendas.ChangedMeanwhile), transaction():
        agendas.change(item, item_values(place="Here"), ANA, seen)

    assert item.place == "There"


def test_what_was_never_published_is_deleted(session):
    trip = make_trip()
    item = make_item(trip)
    item_id = item.id

    with transaction():
        left = agendas.call_off(item, ANA)

    assert left is None
    assert agendas.find(trip, item_id) is None
    [entry] = entries("delete")
    assert (entry.object_id, entry.before["place"], entry.after) == (item_id, None, None)


def test_what_was_published_is_cancelled_and_stays_and_can_come_back(session):
    trip = make_trip()
    item = make_item(trip)
    publish(trip)

    with transaction():
        left = agendas.call_off(item, ANA)
    assert (left, item.state) == (item, ItemState.CANCELLED)
    with transaction():
        agendas.bring_back(item, ANA)

    assert item.state == ItemState.CONFIRMED
    title = {"title": item.title}  # so that a history can name what it tells of
    assert [(e.action, e.before, e.after) for e in audits.of(item)[:2]] == [
        ("restore", {"state": "cancelled"} | title, {"state": "confirmed"} | title),
        ("cancel", {"state": "confirmed"} | title, {"state": "cancelled"} | title),
    ]


def test_a_published_item_is_never_deleted_not_even_once_cancelled(session):
    """icalendar.md U5."""
    with transaction():
        trip = make_trip()
        item = make_item(trip)
        publish(trip)
        agendas.call_off(item, ANA)
        publish(trip)

    with pytest.raises(MoveRefused), transaction():
        agendas.call_off(item, ANA)

    assert agendas.find(trip, item.id) is item


@pytest.mark.parametrize("state", [ItemState.CONFIRMED, ItemState.TENTATIVE])
def test_only_what_is_cancelled_can_be_brought_back(session, state):
    with transaction():
        item = make_item(make_trip(), state=state)

    with pytest.raises(MoveRefused), transaction():
        agendas.bring_back(item, ANA)

    assert item.state == state
    assert entries("restore") == []


def test_an_item_that_is_being_published_is_cancelled_and_not_deleted(committed):
    """Calling off asks whether the item was published: not before the publication is through."""
    with transaction():
        trip = make_trip()
        item_id = make_item(trip).id
        trip_id = trip.id

    def call_off():
        with transaction():
            return agendas.call_off(db.session.get_one(AgendaItem, item_id), ANA) is not None

    with transaction():
        publish(trip)
        with meanwhile(committed, call_off) as kept:
            wait_until_one_waits()
            db.session.commit()  # what transaction() does; here, so that the other one can go on

    assert kept.result() is True
    db.session.expire_all()
    assert db.session.get_one(AgendaItem, item_id).state == ItemState.CANCELLED
    assert [d.change for d in releases.differences(db.session.get_one(type(trip), trip_id))] == [
        Change.CANCELLED
    ]


def test_an_item_that_is_called_off_twice_at_once_is_called_off_once(committed):
    with transaction():
        trip = make_trip()
        published = make_item(trip).id
        publish(trip)
        fresh = make_item(trip).id

    def call_off(item_id):
        def action():
            with transaction():
                item = db.session.get(AgendaItem, item_id)
                return "cancelled" if item and agendas.call_off(item, ANA) else "gone"

        return action

    results = at_once(committed, *[call_off(published)] * 3, *[call_off(fresh)] * 3)

    assert sorted(r if isinstance(r, str) else type(r).__name__ for r in results) == [
        "MoveRefused", "MoveRefused", "cancelled", "gone", "gone", "gone",
    ]  # fmt: skip
    assert (len(entries("cancel")), len(entries("delete"))) == (1, 1)


def test_an_edit_and_a_deletion_that_cross_end_as_one_of_the_two(committed):
    with transaction():
        item = make_item(make_trip())
    item_id, seen = item.id, item.version

    def delete_there():
        with transaction():
            agendas.call_off(db.session.get_one(AgendaItem, item_id), ANA)

    assert at_once(committed, delete_there) == [None]
    with pytest.raises(agendas.ChangedMeanwhile), transaction():
        agendas.change(item, item_values(place="Here"), ANA, seen)

    assert count_of_items() == 0


def test_another_trip_s_item_is_never_found(session):
    mine, theirs = make_trip(), make_trip()
    item = make_item(theirs)

    assert agendas.find(theirs, item.id) is item
    assert agendas.find(mine, item.id) is None
    assert agendas.find(mine, 0) is None


def test_the_draft_is_in_order_of_start_as_instants(session):
    trip = make_trip()
    make_item(make_trip())
    evening = make_item(trip, starts_local=datetime(2027, 10, 26, 9, 30))
    # Half past one in the night in California is half past ten in Paris.
    night = make_item(
        trip,
        starts_local=datetime(2027, 10, 26, 0, 15),
        starts_zone=LOS_ANGELES,
        ends_local=datetime(2027, 10, 26, 1, 30),
        ends_zone=LOS_ANGELES,
    )
    morning = make_item(trip)

    assert list(agendas.draft(trip)) == [morning, night, evening]


def test_an_item_says_where_it_is_by_venue_else_by_stop_and_what_was_typed(session):
    trip = make_trip()
    stop, track = make_stop(trip, city="Toulon"), make_track(trip)
    item = make_item(trip, stop_id=stop.id, track_id=track.id, place="Quay 3")

    assert (item.place_name, item.place_address, item.city) == ("Quay 3", None, "Toulon")
    assert (item.latitude, item.longitude) == (None, None)
    assert (item.track_name, item.track_color) == (Words(en="VIP"), "plum")


def test_a_change_of_people_alone_is_a_new_version_too(session):
    trip = make_trip()
    item = make_item(trip)
    person = people.find_or_add("Ana", "Sample", "ana@example.com")
    values = item_values(people=((person.id, ItemRole.INTERPRETER),))

    agendas.change(item, values, ANA, seen_version=item.version)

    assert item.version == 2
    with pytest.raises(agendas.ChangedMeanwhile):
        agendas.change(item, item_values(), ANA, seen_version=1)
    assert [each.person for each in item.people] == [person]

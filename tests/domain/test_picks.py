"""Optional items: chosen, waited for, left, and never more people in one than it takes."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.factories import (
    item_values,
    make_item,
    make_registration,
    make_track,
    make_trip,
    publish,
    utc,
)
from tests.together import at_once
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, delegates, feeds, picks, published, registrations, seats
from webapp.models.agenda import AgendaItem, Attendance, Audience
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed
from webapp.models.pick import Pick, PickState
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip

ACCEPTED = RegistrationState.ACCEPTED
CHOSEN, WAITING, LEFT = PickState.CHOSEN, PickState.WAITING, PickState.LEFT


def option(trip: Trip, title: str = "Harbor tour", **values) -> AgendaItem:
    """An optional item of the draft."""
    return make_item(trip, title=Words(en=title), attendance=Attendance.OPTIONAL, **values)


def crowd_of(trip: Trip, size: int) -> list[Delegate]:
    """So many delegates of one accepted company."""
    return list(make_registration(trip, size, ACCEPTED).delegates)


def edit(item: AgendaItem, **values) -> None:
    """Change the draft of an optional item and publish it."""
    given = {"title": item.title, "attendance": Attendance.OPTIONAL, "capacity": item.capacity}
    agendas.change(item, item_values(**given | values), audits.SYSTEM, item.version)
    publish(db.session.get_one(Trip, item.trip_id))


def pick(delegate: Delegate, item: AgendaItem) -> PickState:
    return picks.choose(delegate, item.uid, audits.by_delegate(delegate)).state


def leave(delegate: Delegate, item: AgendaItem) -> None:
    picks.leave(delegate, item.uid, audits.by_delegate(delegate))


def states(item: AgendaItem) -> list[PickState]:
    """The states of all picks of an item, in order of the delegates."""
    query = select(Pick.state).where(Pick.item_id == item.id).order_by(Pick.delegate_id)
    return list(db.session.scalars(query))


def history() -> list[tuple]:
    query = select(AuditEntry).where(AuditEntry.object_kind == "picks").order_by(AuditEntry.id)
    return [
        (e.action, e.actor_name, (e.before or {}).get("state"), e.after["state"])
        for e in db.session.scalars(query)
    ]


def test_of_twenty_at_once_five_get_the_five_places_and_the_others_wait_in_order(committed):
    with transaction():
        trip = make_trip()
        item = option(trip, capacity=5)
        publish(trip)
        ids = [d.id for _ in range(4) for d in crowd_of(trip, 5)]
        uid, item_id = item.uid, item.id
    db.session.remove()

    def choose(delegate_id):
        def action():
            with transaction():
                delegate = db.session.get_one(Delegate, delegate_id)
                return picks.choose(delegate, uid, audits.by_delegate(delegate)).state

        return action

    results = at_once(committed, *(choose(delegate_id) for delegate_id in ids))

    assert sorted(results) == [CHOSEN] * 5 + [WAITING] * 15
    queue = db.session.scalars(select(Pick).order_by(Pick.queued_at, Pick.id)).all()
    assert [p.state for p in queue] == [CHOSEN] * 5 + [WAITING] * 15
    assert seats.item_places([item_id]) == {item_id: seats.ItemPlaces(chosen=5, waiting=15)}
    ranks = [picks.ranks(p.delegate) for p in queue]
    assert ranks == [{}] * 5 + [{item_id: n} for n in range(1, 16)]


def test_of_five_who_leave_and_five_who_choose_at_once_none_gets_a_place_too_many(committed):
    with transaction():
        trip = make_trip()
        item = option(trip, capacity=3)
        publish(trip)
        first, second = crowd_of(trip, 5), crowd_of(trip, 5)
        for delegate in first:
            pick(delegate, item)
        leaving, coming, uid, item_id = (
            [d.id for d in first], [d.id for d in second], item.uid, item.id,
        )  # fmt: skip
    db.session.remove()

    def act(verb, delegate_id):
        def action():
            with transaction():
                verb(db.session.get_one(Delegate, delegate_id), uid, audits.SYSTEM)

        return action

    results = at_once(
        committed,
        *(act(picks.leave, each) for each in leaving),
        *(act(picks.choose, each) for each in coming),
    )

    assert results == [None] * 10
    assert seats.item_places([item_id]) == {item_id: seats.ItemPlaces(chosen=3, waiting=2)}


def test_who_leaves_makes_room_for_the_first_who_waits(session):
    trip = make_trip()
    item = option(trip, capacity=1)
    publish(trip)
    ana, ben, cleo = crowd_of(trip, 3)

    assert [pick(d, item) for d in (ana, cleo, ben)] == [CHOSEN, WAITING, WAITING]
    leave(ana, item)

    assert states(item) == [LEFT, WAITING, CHOSEN]
    assert [picks.ranks(d) for d in (ana, ben, cleo)] == [{}, {item.id: 1}, {}]
    assert history() == [
        ("choose", ana.name, None, "chosen"),
        ("choose", cleo.name, None, "waiting"),
        ("choose", ben.name, None, "waiting"),
        ("leave", ana.name, "chosen", "left"),
        ("promote", "Escale", "waiting", "chosen"),
    ]


def test_who_comes_back_stands_at_the_end_of_the_queue(session, hold_clock):
    trip = make_trip()
    item = option(trip, capacity=1)
    publish(trip)
    ana, ben, cleo = crowd_of(trip, 3)
    for minute, delegate in enumerate((ana, ben, cleo)):
        hold_clock(utc(2027, 1, 1, 9, minute))
        pick(delegate, item)
    hold_clock(utc(2027, 1, 1, 10))
    leave(ben, item)
    pick(ben, item)

    leave(ana, item)

    assert states(item) == [LEFT, WAITING, CHOSEN]


def test_choosing_and_leaving_twice_changes_nothing_the_second_time(session):
    trip = make_trip()
    item = option(trip, capacity=1)
    publish(trip)
    ana, ben = crowd_of(trip, 2)

    assert [pick(d, item) for d in (ana, ana, ben, ben)] == [CHOSEN, CHOSEN, WAITING, WAITING]
    for _ in range(2):
        leave(ben, item)
    never = crowd_of(trip, 1)[0]
    assert picks.leave(never, item.uid, audits.SYSTEM) is None

    assert [row[0] for row in history()] == ["choose", "choose", "leave"]


def test_an_item_without_a_limit_takes_whoever_comes(session):
    trip = make_trip()
    item = option(trip)
    publish(trip)

    assert [pick(d, item) for d in crowd_of(trip, 4)] == [CHOSEN] * 4


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"attendance": Attendance.MANDATORY}, picks.MandatoryItem),
        ({"audience": Audience.STAFF}, picks.NoSuchItem),
        ({"audience": Audience.COMPANIES}, picks.NoSuchItem),
    ],
)
def test_what_is_not_open_to_a_delegate_is_neither_chosen_nor_left(session, values, refused):
    trip = make_trip()
    item = make_item(trip, **{"attendance": Attendance.OPTIONAL} | values)
    publish(trip)
    [ana] = crowd_of(trip, 1)

    for verb in (picks.choose, picks.leave):
        with pytest.raises(refused):
            verb(ana, item.uid, audits.SYSTEM)
    assert states(item) == []


def test_drafts_other_trips_and_nothing_are_not_chosen(session):
    trip, other = make_trip(), make_trip()
    theirs, draft = option(other), None
    publish(other)
    make_item(trip)
    publish(trip)
    draft = option(trip)
    [ana] = crowd_of(trip, 1)

    for uid in (theirs.uid, draft.uid, uuid4()):
        with pytest.raises(picks.NoSuchItem):
            picks.choose(ana, uid, audits.SYSTEM)


def test_an_item_of_a_track_is_open_to_those_who_follow_it(session):
    trip = make_trip()
    track = make_track(trip)
    item = option(trip, track_id=track.id, capacity=1)
    publish(trip)
    ana, ben = crowd_of(trip, 2)
    with pytest.raises(picks.NoSuchItem):
        pick(ana, item)

    delegates.follow(ana, trip, [track.id], audits.SYSTEM)
    delegates.follow(ben, trip, [track.id], audits.SYSTEM)
    assert [pick(ana, item), pick(ben, item)] == [CHOSEN, WAITING]
    delegates.follow(ana, trip, [], audits.SYSTEM)

    assert states(item) == [LEFT, CHOSEN]


@pytest.mark.parametrize("state", [RegistrationState.SUBMITTED, RegistrationState.WAITLISTED])
def test_only_delegates_of_an_accepted_company_choose(session, state):
    trip = make_trip()
    item = option(trip)
    publish(trip)
    [ana] = make_registration(trip, 1, state).delegates

    with pytest.raises(picks.NotAccepted):
        pick(ana, item)


def test_a_company_that_withdraws_gives_its_places_back(session):
    trip = make_trip()
    item = option(trip, capacity=1)
    publish(trip)
    [ana], [ben] = crowd_of(trip, 1), crowd_of(trip, 1)
    pick(ana, item)
    pick(ben, item)

    registrations.cancel(ana.registration, "", audits.SYSTEM)

    assert states(item) == [LEFT, CHOSEN]


def test_a_cancelled_item_is_not_chosen_nobody_waits_for_it_and_those_in_it_are_told(session):
    trip = make_trip()
    item = option(trip, capacity=1)
    publish(trip)
    ana, ben, cleo = crowd_of(trip, 3)
    pick(ana, item)
    pick(ben, item)

    agendas.call_off(item, audits.SYSTEM)
    publish(trip)
    picks.settle(seats.hold(trip.id))

    assert states(item) == [CHOSEN, LEFT]
    with pytest.raises(picks.ItemCancelled):
        pick(cleo, item)
    assert b"SUMMARY:CANCELLED: Harbor tour" in feeds.render(feeds.of_delegate(ana))
    for other in (ben, cleo):
        assert b"Harbor tour" not in feeds.render(feeds.of_delegate(other))


@pytest.mark.parametrize(
    ("capacity", "wanted"),
    [(2, [CHOSEN, CHOSEN, WAITING]), (None, [CHOSEN] * 3), (1, [CHOSEN, WAITING, WAITING])],
)
def test_a_release_that_raises_the_capacity_lets_those_who_wait_in(session, capacity, wanted):
    trip = make_trip()
    item = option(trip, capacity=1)
    publish(trip)
    for delegate in crowd_of(trip, 3):
        pick(delegate, item)

    edit(item, capacity=capacity, title=Words(en="Harbor tour by boat"))
    picks.settle(seats.hold(trip.id))

    assert states(item) == wanted


def test_a_capacity_lowered_under_those_who_are_in_sends_nobody_away_and_lets_nobody_in(session):
    trip = make_trip()
    item = option(trip, capacity=3)
    publish(trip)
    ana, ben, cleo = crowd_of(trip, 3)
    for delegate in (ana, ben, cleo):
        pick(delegate, item)
    [dan] = crowd_of(trip, 1)

    edit(item, capacity=1)
    picks.settle(seats.hold(trip.id))

    assert pick(dan, item) == WAITING
    leave(ana, item)
    assert states(item) == [LEFT, CHOSEN, CHOSEN, WAITING]
    leave(ben, item)
    leave(cleo, item)
    assert states(item) == [LEFT, LEFT, LEFT, CHOSEN]


@pytest.mark.parametrize(
    "values", [{"audience": Audience.STAFF}, {"attendance": Attendance.MANDATORY}]
)
def test_a_pick_ends_with_the_choice(session, values):
    trip = make_trip()
    item = option(trip)
    publish(trip)
    [ana] = crowd_of(trip, 1)
    pick(ana, item)

    edit(item, **values)
    picks.settle(seats.hold(trip.id))

    assert states(item) == [LEFT]
    assert history()[-1] == ("end", "Escale", "chosen", "left")
    assert picks.of(ana) == {}


def test_only_what_is_chosen_stands_in_the_calendar_of_a_delegate_and_of_the_company(session):
    trip = make_trip()
    make_item(trip, title=Words(en="Opening"))
    tour, dinner = option(trip, capacity=1), option(trip, "Dinner")
    publish(trip)
    [other] = crowd_of(trip, 1)
    ana, ben = crowd_of(trip, 2)

    def seen(items):
        return sorted(item.title["en"] for item in items)

    assert seen(published.for_delegate(ana)) == ["Opening"]
    pick(other, tour)
    pick(ana, tour)  # waits
    pick(ben, dinner)

    assert seen(published.for_delegate(ana)) == ["Opening"]
    assert seen(published.for_delegate(ben)) == ["Dinner", "Opening"]
    assert seen(published.for_company(ana.registration)) == ["Dinner", "Opening"]
    leave(other, tour)
    assert seen(published.for_delegate(ana)) == ["Harbor tour", "Opening"]
    assert seen(published.for_company(ana.registration)) == ["Dinner", "Harbor tour", "Opening"]
    assert seen(published.items(trip)) == ["Dinner", "Harbor tour", "Opening"]
    assert {p.item.title["en"]: p.state for p in picks.of(ana).values()} == {"Harbor tour": CHOSEN}


def test_choosing_and_moving_up_put_just_those_calendars_out_of_date(session, hold_clock):
    hold_clock(utc(2027, 1, 1, 9))
    trip = make_trip()
    item = option(trip, capacity=1)
    publish(trip)
    ana, ben, cleo = (crowd_of(trip, 1)[0] for _ in range(3))

    def stale() -> list[str]:
        """Whose calendars are out of date; they are made right again."""
        with transaction():
            query = select(Feed).where(Feed.body.is_(None)).order_by(Feed.id)
            found = [
                (f.delegate or f.registration.delegates[0]).name if f.token_digest else "public"
                for f in session.scalars(query)
            ]
            feeds.prepare()
        session.expire_all()
        return found

    stale()
    pick(ana, item)
    assert stale() == [ana.name] * 2  # the company's and the delegate's
    pick(ben, item)
    stale()
    leave(ana, item)
    assert stale() == [ana.name, ana.name, ben.name, ben.name]
    pick(cleo, item)
    pick(cleo, item)
    assert len(stale()) == 2


def test_settling_takes_as_many_statements_for_30_picks_as_for_3(session, statements):
    counts = {}
    for size in (3, 30):
        trip = make_trip()
        track = make_track(trip)
        items = [option(trip, f"Option {number}") for number in range(3)]
        option(trip, "Of a track", track_id=track.id)
        publish(trip)
        for delegate in crowd_of(trip, size):
            for item in items:
                pick(delegate, item)
        held = seats.hold(trip.id)
        with statements() as sent:
            picks.settle(held)
        counts[size] = len(sent)

    assert counts[3] == counts[30] <= 6


def test_nobody_overtakes_those_who_wait_already(session, hold_clock):
    """Should a place be free while somebody waits, it is theirs."""
    at = utc(2027, 1, 1, 9)
    hold_clock(at)
    trip = make_trip()
    item = option(trip, capacity=2)
    publish(trip)
    ana, ben = crowd_of(trip, 2)
    session.add(Pick(item_id=item.id, delegate_id=ana.id, state=WAITING, queued_at=at))
    session.flush()

    assert pick(ben, item) == WAITING
    picks.settle(seats.hold(trip.id))
    assert states(item) == [CHOSEN, CHOSEN]

"""Making a tour, saying what it is, and calling it off."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.factories import (
    application,
    make_item,
    make_stop,
    make_trip,
    publish,
)
from webapp import clock
from webapp.db import Words
from webapp.domain import (
    agendas,
    audits,
    feeds,
    item_values,
    published,
    registrations,
    tours,
    trips,
)
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip, TripState

BY = audits.SYSTEM


def values(**said) -> tours.TourValues:
    given = {
        "title": Words(en="Provence 2028"),
        "summary": Words(en="Five days."),
        "starts_on": date(2028, 3, 20),
        "ends_on": date(2028, 3, 24),
        "zone": "Europe/Paris",
        "home_zone": "America/Los_Angeles",
    } | said
    return tours.TourValues(**given)


def body(trip: Trip) -> str:
    return feeds.render(feeds.public(trip, "en")).decode().replace("\r\n ", "")


def parts(text: str) -> dict[str, str]:
    """Each VEVENT of a calendar, by its UID."""
    events = text.split("BEGIN:VEVENT")[1:]
    return {event.split("UID:")[1].split("\r\n")[0]: event for event in events}


def test_a_new_tour_is_a_draft_with_its_feeds_and_an_audit_row(session):
    trip = tours.create("provence-2028", values(), BY)

    assert (trip.state, trip.is_template, trip.slug) == ("draft", False, "provence-2028")
    assert feeds.public(trip, "fr") is not None
    assert [(e.action, e.after["slug"]) for e in audits.of(trip)] == [("add", "provence-2028")]


@pytest.mark.parametrize("slug", ["", "Provence", "a b", "-a", "a--b", "é", "x" * 65, "a/b"])
def test_a_slug_that_is_no_address_is_refused(session, slug):
    with pytest.raises(tours.SlugRefused):
        tours.create(slug, values(), BY)


def test_a_slug_is_taken_once(session):
    tours.create("provence-2028", values(), BY)

    with pytest.raises(tours.SlugTaken):
        tours.create("provence-2028", values(), BY)
    assert len(trips.every()) == 1


def test_a_slug_that_somebody_took_since_is_refused_too(session, monkeypatch):
    tours.create("provence-2028", values(), BY)
    monkeypatch.setattr(trips, "by_slug", lambda _slug: None)  # as seen a moment before

    with pytest.raises(tours.SlugTaken):
        tours.create("provence-2028", values(), BY)
    assert len(trips.every()) == 1  # and the session still works


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"ends_on": date(2028, 3, 19)}, trips.DatesOutOfOrder),
        ({"ends_on": date(2029, 3, 22)}, trips.DatesOutOfOrder),
        ({"zone": "Paris"}, clock.UnknownZone),
        ({"home_zone": "California"}, clock.UnknownZone),
    ],
)
def test_what_cannot_be_of_a_tour_is_refused(session, said, refusal):
    with pytest.raises(refusal):
        tours.create("provence-2028", values(**said), BY)


def test_a_change_is_audited_and_reaches_the_bar_in_calendars(session):
    trip = make_trip()
    before = trip.sequence
    said = tours.values_of(trip)

    tours.change(trip, replace(said, ends_on=said.ends_on + timedelta(days=1)), BY)

    entry = audits.of(trip)[0]
    assert (entry.action, entry.before, entry.after) == (
        "change",
        {"ends_on": "2027-10-29"},
        {"ends_on": "2027-10-30"},
    )
    assert trip.sequence == before + 1
    assert "DTEND;VALUE=DATE:20271031" in body(trip)


def test_saving_a_tour_as_it_stands_changes_nothing(session):
    trip = make_trip()
    changed_at = trip.changed_at

    tours.change(trip, tours.values_of(trip), BY)

    assert (trip.changed_at, audits.of(trip)) == (changed_at, [])


def test_announcing_shows_a_draft(session):
    trip = tours.create("provence-2028", values(), BY)

    tours.announce(trip, BY)

    assert trip.is_public
    with pytest.raises(MoveRefused):
        tours.announce(trip, BY)


def test_a_tour_that_is_called_off_is_cancelled_in_every_calendar(session):
    trip = make_trip()
    item, gone = make_item(trip), make_item(trip)
    publish(trip)
    agendas.call_off(gone, BY)
    publish(trip)
    sequences = {each.uid: each.sequence for each in published.items(trip)}

    tours.call_off(trip, BY, "The minister is ill.")

    found = parts(body(trip))
    for uid in (trip.uid, item.uid, gone.uid):
        assert "STATUS:CANCELLED" in found[str(uid)]
    now = {each.uid: each for each in published.items(trip)}
    assert now[item.uid].sequence == sequences[item.uid] + 1
    assert now[gone.uid].sequence == sequences[gone.uid]  # it was cancelled by itself
    entry = audits.of(trip)[0]
    assert (entry.action, entry.reason, entry.after) == (
        "cancel",
        "The minister is ill.",
        {"state": "cancelled"},
    )


def test_a_tour_that_was_called_off_takes_no_registrations(session):
    trip = make_trip()
    tours.call_off(trip, BY, "No coach.")

    with pytest.raises(registrations.RegistrationClosed):
        registrations.submit(trip.id, application(1))


def test_bringing_a_tour_back_brings_back_what_was_not_cancelled_by_itself(session):
    trip = make_trip()
    item, gone = make_item(trip), make_item(trip)
    publish(trip)
    agendas.call_off(gone, BY)
    publish(trip)
    tours.call_off(trip, BY, "No coach.")
    before = {each.uid: (each.sequence, each.changed_at) for each in published.items(trip)}

    tours.bring_back(trip, BY)

    found = parts(body(trip))
    cancelled = {uid for uid, event in found.items() if "STATUS:CANCELLED" in event}
    assert cancelled == {str(gone.uid)}
    now = {each.uid: (each.sequence, each.changed_at) for each in published.items(trip)}
    assert now[item.uid][0] == before[item.uid][0] + 1
    assert now[item.uid][1] >= before[item.uid][1] + timedelta(seconds=1)
    assert now[gone.uid] == before[gone.uid]


def test_publishing_after_a_calling_off_counts_on(session):
    trip = make_trip()
    item = make_item(trip)
    publish(trip)
    tours.call_off(trip, BY, "No coach.")
    tours.bring_back(trip, BY)
    agendas.change(
        item,
        replace(item_values.of(item), ends_local=datetime(2027, 10, 26, 11)),
        BY,
        item.version,
    )
    publish(trip)

    assert [each.sequence for each in published.items(trip)] == [3]


@pytest.mark.parametrize("verb", [tours.call_off, tours.withdraw])
def test_ending_a_tour_needs_a_reason(session, verb):
    trip = make_trip()

    with pytest.raises(tours.ReasonMissing):
        verb(trip, BY, "  ")
    assert trip.state == TripState.ANNOUNCED


def test_a_withdrawn_tour_has_no_way_back(session):
    trip = make_trip()
    tours.withdraw(trip, BY, "Announced by mistake.")

    assert feeds.is_gone(feeds.public(trip, "en"))
    for verb in (tours.announce, tours.bring_back):
        with pytest.raises(MoveRefused):
            verb(trip, BY)


def test_a_template_is_never_public(session):
    trip = make_trip(state=TripState.DRAFT, is_template=True)

    with pytest.raises(tours.OnlyTemplate):
        tours.announce(trip, BY)
    with pytest.raises(tours.OnlyTemplate):
        tours.withdraw(trip, BY, "No more.")


def test_only_templates_are_deleted_and_with_all_that_is_in_them(session):
    trip, template = make_trip(), make_trip(state=TripState.DRAFT, is_template=True)
    make_stop(template)
    make_item(template)

    with pytest.raises(tours.NoTemplate):
        tours.delete_template(trip, BY)
    tours.delete_template(template, BY)

    assert [each.id for each in trips.every()] == [trip.id]

"""Undoing and redoing: whatever was done comes back, and nobody else's work is overwritten."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.factories import (
    item_values,
    make_item,
    make_staff,
    make_track,
    make_trip,
    make_venue,
    publish,
)
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, edits
from webapp.domain import item_values as values_of
from webapp.models.agenda import AgendaEdit, Audience, ItemState
from webapp.models.basis import Basis
from webapp.models.states import MoveRefused

NINE = datetime(2027, 10, 26, 9, 0)


def draft(trip):
    """The draft as facts, by UID."""
    db.session.expire_all()
    return {item.uid: values_of.facts(values_of.of(item)) for item in agendas.draft(trip)}


def kept(trip):
    return db.session.scalar(
        select(func.count()).select_from(AgendaEdit).where(AgendaEdit.trip_id == trip.id)
    )


def later(item, minutes):
    """What the item says, so much later."""
    said, by = values_of.of(item), timedelta(minutes=minutes)
    return replace(said, starts_local=said.starts_local + by, ends_local=said.ends_local + by)


@pytest.fixture
def trip(session):
    return make_trip()


@pytest.fixture
def ana(session):
    return make_staff()


@pytest.fixture
def ben(session):
    return make_staff()


def test_a_change_goes_back_and_forth_and_is_audited_each_time(trip, ana):
    item = make_item(trip)
    edits.change(item, later(item, 45), ana, item.version)

    undone = edits.undo(trip, ana)
    assert (undone.item_uid, item.starts_local) == (item.uid, NINE)
    redone = edits.redo(trip, ana)
    assert (redone.id, item.starts_local) == (undone.id, NINE + timedelta(minutes=45))

    told = [(e.actor_name, e.action, e.after.get("starts_local")) for e in audits.of(item)[:3]]
    assert told == [
        (ana.name, "change", "2027-10-26T09:45:00"),
        (ana.name, "change", "2027-10-26T09:00:00"),
        (ana.name, "change", "2027-10-26T09:45:00"),
    ]


def test_there_is_nothing_to_undo_or_redo_at_the_start_and_at_the_end(trip, ana):
    assert (edits.undo(trip, ana), edits.redo(trip, ana)) == (None, None)
    edits.add(trip, item_values(), ana)
    assert edits.redo(trip, ana) is None
    edits.undo(trip, ana)
    assert edits.undo(trip, ana) is None


def test_saving_an_item_as_it_stands_is_no_edit(trip, ana):
    item = make_item(trip)
    edits.change(item, values_of.of(item), ana, item.version)

    assert edits.next_undo(trip, ana) is None


def test_undoing_an_add_deletes_and_redoing_it_gives_the_same_uid(trip, ana):
    uid = edits.add(trip, item_values(place="Gate 2"), ana).uid
    said = draft(trip)

    edits.undo(trip, ana)
    assert draft(trip) == {}
    edits.redo(trip, ana)

    assert draft(trip) == said
    assert list(said) == [uid]


def test_a_deleted_item_comes_back_whole(trip, ana):
    venue, track = make_venue(), make_track(trip)
    item = make_item(trip, venue_id=venue.id, track_id=track.id, internal_note="Badges")
    item.import_key, item.basis, item.basis_note = "row-7", Basis.ILLUSTRATIVE, Words(en="Made up")
    db.session.flush()
    said, uid = draft(trip), item.uid

    assert edits.call_off(item, ana) is None
    assert draft(trip) == {}
    edits.undo(trip, ana)

    assert draft(trip) == said
    [back] = agendas.draft(trip)
    assert (back.uid, back.import_key, back.basis) == (uid, "row-7", Basis.ILLUSTRATIVE)
    assert back.basis_note == {"en": "Made up"}


def test_an_add_that_was_published_meanwhile_is_cancelled_and_not_deleted(trip, ana):
    item = edits.add(trip, item_values(state=ItemState.TENTATIVE), ana)
    publish(trip)

    edits.undo(trip, ana)
    assert item.state == ItemState.CANCELLED
    edits.redo(trip, ana)
    assert item.state == ItemState.TENTATIVE


def test_a_cancellation_is_taken_back_and_done_again(trip, ana):
    item = make_item(trip)
    publish(trip)
    assert edits.call_off(item, ana) is item

    edits.undo(trip, ana)
    assert item.state == ItemState.CONFIRMED
    edits.redo(trip, ana)
    assert item.state == ItemState.CANCELLED
    edits.bring_back(item, ana)
    assert item.state == ItemState.CONFIRMED
    edits.undo(trip, ana)
    assert item.state == ItemState.CANCELLED


def test_a_refused_verb_leaves_no_edit(trip, ana):
    with transaction():
        item = make_item(trip)
        publish(trip)
    for refused, verb in (
        (MoveRefused, lambda: edits.bring_back(item, ana)),
        (agendas.ChangedMeanwhile, lambda: edits.change(item, later(item, 5), ana, 99)),
        (
            agendas.EndsBeforeStart,
            lambda: edits.add(trip, item_values(ends_local=NINE), ana),
        ),
    ):
        with pytest.raises(refused), transaction():
            verb()

    assert kept(trip) == 0


def test_a_new_edit_ends_what_could_be_redone(trip, ana):
    item = make_item(trip)
    edits.change(item, later(item, 15), ana, item.version)
    edits.undo(trip, ana)
    assert edits.next_redo(trip, ana) is not None

    edits.change(item, later(item, 60), ana, item.version)

    assert edits.redo(trip, ana) is None
    edits.undo(trip, ana)
    assert item.starts_local == NINE


def test_each_undoes_their_own_edits_of_this_trip_alone(trip, ana, ben):
    mine, theirs, elsewhere = make_item(trip), make_item(trip), make_item(make_trip())
    for item, staff in ((mine, ana), (theirs, ben), (elsewhere, ana)):
        edits.change(item, later(item, 30), staff, item.version)

    assert edits.undo(trip, ana).item_uid == mine.uid
    assert edits.undo(trip, ana) is None

    assert [item.starts_local.minute for item in (mine, theirs, elsewhere)] == [0, 30, 30]


def test_what_somebody_else_changed_since_is_left_alone_and_can_be_passed_over(trip, ana, ben):
    with transaction():
        first, second = make_item(trip), make_item(trip)
        edits.change(first, later(first, 30), ana, first.version)
        edits.change(second, later(second, 30), ana, second.version)
        edits.change(second, replace(values_of.of(second), place="Gate 9"), ben, second.version)

    with pytest.raises(edits.ChangedSince) as refused, transaction():
        edits.undo(trip, ana)
    assert refused.value.item_uid == second.uid
    assert refused.value.item_title == {
        "en": "Visit of the shipyard",
        "fr": "Visite du chantier naval",
    }
    assert (second.place, second.starts_local.minute) == ("Gate 9", 30)

    with transaction():
        edits.forget(trip, ana, refused.value.edit_id)
        assert edits.undo(trip, ana).item_uid == first.uid
    assert first.starts_local == NINE


@pytest.mark.parametrize("deleted", [True, False])
def test_an_item_that_somebody_else_took_away_or_brought_back_is_left_alone(
    trip, ana, ben, deleted
):
    with transaction():
        item = make_item(trip)
        if deleted:
            edits.change(item, later(item, 30), ana, item.version)
            edits.call_off(item, ben)
        else:
            edits.call_off(item, ana)
            agendas.add(trip, item_values(place="Anew"), audits.SYSTEM, item.uid)
    said = draft(trip)

    with pytest.raises(agendas.ChangedMeanwhile), transaction():
        edits.undo(trip, ana)

    assert draft(trip) == said


def test_an_edit_that_names_a_venue_which_is_gone_is_not_undone(trip, ana):
    with transaction():
        old, new = make_venue(), make_venue()
        item = make_item(trip, venue_id=old.id)
        edits.change(item, replace(values_of.of(item), venue_id=new.id), ana, item.version)
        db.session.delete(old)

    with pytest.raises(edits.ChangedSince), transaction():
        edits.undo(trip, ana)

    assert item.venue_id == new.id
    assert edits.next_undo(trip, ana) is not None


def test_holding_an_item_back_does_not_stand_in_the_way(trip, ana):
    item = make_item(trip)
    edits.change(item, later(item, 30), ana, item.version)
    item.held_back = True
    db.session.flush()

    edits.undo(trip, ana)

    assert (item.starts_local, item.held_back) == (NINE, True)


def test_only_so_many_edits_are_kept_the_latest(trip, ana, monkeypatch):
    monkeypatch.setattr(edits, "KEPT", 3)
    item = make_item(trip)
    for _each in range(5):
        edits.change(item, later(item, 15), ana, item.version)

    assert kept(trip) == 3
    while edits.undo(trip, ana):
        pass
    assert item.starts_local == NINE + timedelta(minutes=30)


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 40)),
        st.tuples(st.just("move"), st.integers(0, 9), st.integers(1, 30)),
        st.tuples(st.just("words"), st.integers(0, 9), st.sampled_from(["Gate 1", "Gate 2", None])),
        st.tuples(st.just("off"), st.integers(0, 9)),
        st.tuples(st.just("back"), st.integers(0, 9)),
        st.just(("undo",)),
        st.just(("redo",)),
    ),
    max_size=10,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(moves=MOVES)
def test_undoing_all_is_the_start_and_redoing_all_is_the_end(ana, moves):
    trip, staff = make_trip(), ana
    make_item(trip)
    make_item(trip, audience=Audience.STAFF, starts_local=NINE - timedelta(hours=1))
    publish(trip)
    start = draft(trip)

    for move in moves:
        _do(trip, staff, *move)
    while edits.redo(trip, staff):
        pass
    end = draft(trip)

    while edits.undo(trip, staff):
        pass
    assert draft(trip) == start
    while edits.redo(trip, staff):
        pass
    assert draft(trip) == end


def _do(trip, staff, move, *given):
    if move in ("undo", "redo"):
        getattr(edits, move)(trip, staff)
        return
    if move == "add":
        starts = NINE + timedelta(minutes=15 * given[0])
        values = item_values(starts_local=starts, ends_local=starts + timedelta(hours=1))
        edits.add(trip, values, staff)
        return
    items = sorted(agendas.draft(trip), key=lambda item: item.id)
    if not items:
        return
    item = items[given[0] % len(items)]
    match move:
        case "move":
            edits.change(item, later(item, 15 * given[1]), staff, item.version)
        case "words":
            edits.change(item, replace(values_of.of(item), place=given[1]), staff, item.version)
        case "off" if not item.is_cancelled:
            edits.call_off(item, staff)
        case "back" if item.is_cancelled:
            edits.bring_back(item, staff)

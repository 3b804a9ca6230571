"""Any sequence of edits and publications: each diff turns one release into the next, exactly."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_item, make_track, make_trip, utc
from webapp import clock
from webapp.db import Words
from webapp.domain import agendas, audits, item_values, releases
from webapp.models.agenda import AgendaItem, Audience
from webapp.models.release import Change, Release
from webapp.models.trip import Trip

BY = audits.SYSTEM
MOVES = {*releases.WHEN, *releases.WHERE, "starts_at", "ends_at", "state"}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("add", "time", "place", "words", "whom", "off", "back", "hold", "go", "publish",
             "publish", "plan", "due")
        ),
        st.integers(0, 7),
    ),
    min_size=4,
    max_size=22,
)  # fmt: skip


def edit(item: AgendaItem, **values) -> None:
    agendas.change(item, replace(item_values.of(item), **values), BY, item.version)


class Story:
    """A trip on which steps are taken, one after the other; what a step cannot do, it leaves."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = utc(2027, 9, 1, 12, 0)
        patch.setattr(clock, "now", lambda: self.now)
        self.trip: Trip = make_trip()
        self.track = make_track(self.trip)
        make_item(self.trip)
        self.reviewed: dict = {}  # what a planned release is to say of what it changes

    def take(self, step: str, number: int) -> None:
        self.now += timedelta(milliseconds=700)
        verb = getattr(self, f"_{step}")
        if step in ("add", "publish", "plan", "due"):
            verb(number)
            return
        draft = agendas.draft(self.trip)
        if draft:
            verb(draft[number % len(draft)], number)

    def _add(self, number: int) -> None:
        at = datetime(2027, 10, 26, 8 + number, 0)
        make_item(self.trip, starts_local=at, ends_local=at + timedelta(minutes=45))

    def _time(self, item: AgendaItem, number: int) -> None:
        edit(item, starts_local=item.starts_local.replace(minute=number))

    def _place(self, item: AgendaItem, number: int) -> None:
        edit(item, place=f"Gate {number}")

    def _words(self, item: AgendaItem, number: int) -> None:
        edit(item, title=Words(en=f"Title {number}"), languages=("fr",), capacity=number + 1)

    def _whom(self, item: AgendaItem, number: int) -> None:
        audience = list(Audience)[number % 4]
        edit(item, audience=audience, track_id=self.track.id if number > 3 else None)

    def _off(self, item: AgendaItem, number: int) -> None:
        if not item.is_cancelled:
            agendas.call_off(item, BY)

    def _back(self, item: AgendaItem, number: int) -> None:
        if item.is_cancelled:
            agendas.bring_back(item, BY)

    def _hold(self, item: AgendaItem, number: int) -> None:
        releases.hold_back(item, BY)

    def _go(self, item: AgendaItem, number: int) -> None:
        releases.let_go(item, BY)

    def _publish(self, number: int) -> None:
        before = state(self.trip.release)
        try:
            release = releases.publish(self.trip, BY)
        except releases.NothingToPublish:
            return
        for item in agendas.draft(self.trip):
            said = state(release).get(item.uid)
            if item.held_back:
                assert said == before.get(item.uid)
            elif said or not item.is_cancelled:
                assert said == content(item)

    def _plan(self, number: int) -> None:
        if releases.planned(self.trip):
            return
        try:
            release = releases.plan(self.trip, BY, self.now + timedelta(hours=1))
        except releases.NothingToPublish:
            return
        self.reviewed = {i.uid: content(i) for i in release.items if i.change != Change.SAME}

    def _due(self, number: int) -> None:
        self.now += timedelta(hours=2)
        before = state(self.trip.release)
        for release_id in releases.due():
            release = releases.come_out(release_id)
            assert state(release) == before | self.reviewed


def content(item) -> dict:
    return {name: getattr(item, name) for name in releases.COPIED}


def state(release: Release | None) -> dict:
    """What a release says of each item."""
    return {item.uid: content(item) for item in release.items} if release else {}


def apply(found: list[releases.Difference], said: dict) -> dict:
    """What `said` becomes by the diff: only what the diff holds is looked at."""
    after = {uid: dict(fields) for uid, fields in said.items()}
    for difference in found:
        if difference.after is None:
            del after[difference.before.uid]
        elif difference.before is None:
            after[difference.after.uid] = content(difference.after)
        else:
            for name in difference.fields:
                after[difference.after.uid][name] = getattr(difference.after, name)
    return after


@given(steps=STEPS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_each_diff_turns_one_release_into_the_next_and_stamps_move_with_it(session, steps):
    """icalendar.md R5, R7."""
    session.rollback()  # to where the test began: each example has empty tables
    with pytest.MonkeyPatch.context() as patch:
        story = Story(patch)
        for step, number in steps:
            story.take(step, number)
        history = list(reversed(releases.history(story.trip)))
        for older, newer in pairwise([None, *history]):
            assert apply(releases.between(older, newer), state(older)) == state(newer)
        for older, newer in pairwise(history):
            check_stamps(older, newer)
        if history:  # over several releases too
            assert apply(releases.between(history[0], history[-1]), state(history[0])) == state(
                history[-1]
            )
        assert [release.number for release in history] == list(range(1, len(history) + 1))


def check_stamps(older: Release, newer: Release) -> None:
    before = {item.uid: item for item in older.items}
    now = {item.uid: item for item in newer.items}
    assert before.keys() <= now.keys()  # what was published once is never silently gone
    for uid, item in now.items():
        if uid not in before:
            assert (item.sequence, item.change) == (0, Change.ADDED)
            assert item.first_published_at == item.changed_at == newer.published_at
            continue
        was = before[uid]
        changed = {name for name, value in content(item).items() if value != getattr(was, name)}
        assert item.sequence == was.sequence + bool(changed & MOVES)
        assert item.first_published_at == was.first_published_at
        second = timedelta(seconds=1)
        assert (item.changed_at >= was.changed_at + second) == bool(changed)
        assert (item.changed_at == was.changed_at) == (not changed)
        assert (item.change == Change.SAME) == (not changed)


def test_the_fields_of_a_diff_are_enough_for_each_kind_of_change(session):
    """The same by hand, so that it is clear what the property says."""
    trip = make_trip()
    moved, called_off = make_item(trip), make_item(trip)
    releases.publish(trip, BY)
    first = state(trip.release)
    edit(moved, place="Gate 9", capacity=4)
    agendas.call_off(called_off, BY)
    added = make_item(trip, starts_local=datetime(2027, 10, 26, 7, 0))
    newer = releases.publish(trip, BY)
    older = releases.find(trip, 1)

    found = releases.between(older, newer)

    told = {each.item.uid: (each.change, each.fields) for each in found}
    assert told == {
        added.uid: (Change.ADDED, ()),
        moved.uid: (Change.MOVED, ("place_name", "capacity")),
        called_off.uid: (Change.CANCELLED, ("state",)),
    }
    assert found[0].item.uid == added.uid  # in order of time
    assert apply(found, first) == state(newer)
    # Backwards, what came is gone.
    assert apply(releases.between(newer, older), state(newer)) == first

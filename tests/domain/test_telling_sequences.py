"""Any sequence of edits, versions, letters sent and stopped: whoever is told has something to read
on their own page too, each is told once of a version, and who is told nothing has nothing to read.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories import make_item, make_registration, make_track, make_trip, utc
from webapp import clock
from webapp.db import db
from webapp.domain import (
    agendas,
    audits,
    bulletins,
    change_words,
    delegates,
    item_values,
    picks,
    releases,
    telling,
)
from webapp.models.agenda import Attendance, Audience
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail, MailState
from webapp.models.registration import RegistrationState

BY = audits.SYSTEM
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("add", "place", "whom", "optional", "off", "back", "choose", "leave", "loud", "loud",
             "quiet", "send", "undo", "join")
        ),
        st.integers(0, 7),
    ),
    min_size=4,
    max_size=20,
)  # fmt: skip


class Story:
    """A tour on which steps are taken; what a step cannot do, it leaves."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = utc(2027, 9, 1, 12, 0)
        patch.setattr(clock, "now", lambda: self.now)
        self.trip = make_trip()
        self.track = make_track(self.trip)
        self.people: list[Delegate] = []
        for state in (RegistrationState.ACCEPTED, RegistrationState.SUBMITTED):
            self.people += make_registration(self.trip, 2, state).delegates
        delegates.follow(self.people[0], self.trip, [self.track.id], BY)
        make_item(self.trip)
        self.now += timedelta(minutes=1)
        releases.publish(self.trip, BY)

    def take(self, step: str, number: int) -> None:
        self.now += timedelta(seconds=20)
        draft = agendas.draft(self.trip)
        item = draft[number % len(draft)]
        match step:
            case "loud" | "quiet":
                self.publish(tells=step == "loud")
            case "send":
                for mail in held(self.trip.id):
                    mail.state, mail.hold = MailState.SENT, None
            case "undo" if self.trip.release.tells:
                self.undo()
            case "join":
                came = make_registration(self.trip, 1, RegistrationState.ACCEPTED)
                self.people += came.delegates
            case "choose" | "leave":
                self.pick(step, self.people[number % len(self.people)], item)
            case _:
                self.draft(step, number, item)
        db.session.flush()

    def draft(self, step: str, number: int, item) -> None:
        match step:
            case "add":
                make_item(self.trip, track_id=self.track.id if number > 5 else None)
            case "place":
                self.edit(item, place=f"Gate {number % 3}")
            case "whom":
                company = self.people[0].registration.organization_id
                self.edit(item, audience=list(Audience)[number % 4], company_ids=(company,))
            case "optional":
                self.edit(item, attendance=list(Attendance)[number % 2])
            case "off" if not item.is_cancelled:
                agendas.call_off(item, BY)
            case "back" if item.is_cancelled:
                agendas.bring_back(item, BY)

    def edit(self, item, **values) -> None:
        said = replace(item_values.of(item), **values)
        if said.audience != Audience.COMPANIES:
            said = replace(said, company_ids=())
        agendas.change(item, said, BY, item.version)

    def pick(self, step, delegate, item) -> None:
        try:
            (picks.choose if step == "choose" else picks.leave)(delegate, item.uid, BY)
        except picks.REFUSALS:
            return

    def undo(self) -> None:
        try:
            telling.undo(self.trip.release, BY)
        except telling.NothingHeld:
            return

    def publish(self, *, tells: bool) -> None:
        before = {mail.delegate_id for mail in held(self.trip.id)}
        try:
            release = releases.publish(self.trip, BY, tells=tells)
        except releases.NothingToPublish:
            return
        telling.tell(release.id)
        self.check(release, before, tells=tells)

    def check(self, release, before, *, tells: bool) -> None:
        letters = held(self.trip.id)
        assert {mail.release_id for mail in letters} <= {release.id}
        told = {mail.delegate_id: mail for mail in letters}
        assert len(told) == len(letters)
        for each in self.people:
            mail = told.get(each.id)
            if mail is not None:  # who is told has something to read, on their own page too
                assert page(each, mail.facts["since"])
                assert tells or each.id in before
            elif tells and each.filled_at < release.published_at:
                # Who is not told: the version brought them nothing, or all is as they know it.
                sinces = range(release.number)
                assert not page(each, release.number - 1) or any(not page(each, n) for n in sinces)


def held(trip_id: int) -> list[Mail]:
    query = select(Mail).where(
        Mail.trip_id == trip_id, Mail.letter == "bulletin", Mail.state == MailState.HELD
    )
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def page(delegate: Delegate, since: int) -> list:
    return change_words.told(bulletins.for_delegate(delegate, since))


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_who_is_told_has_something_to_read_and_nobody_else(app, steps):
    with pytest.MonkeyPatch.context() as patch:
        story = Story(patch)
        for step, number in steps:
            story.take(step, number)
        story.take("loud", 0)
    db.session.rollback()

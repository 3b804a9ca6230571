"""Who may see what of a published agenda: everything else in these tests could leak, and does not.

One trip holds items for everybody, for delegates and for staff, items of two tracks, internal
notes, a draft that goes further than the release, and two companies with secrets of their own.
"""

import re
from datetime import datetime
from uuid import uuid4

import pytest

from tests.factories import (
    item_values,
    make_item,
    make_registration,
    make_stop,
    make_track,
    make_trip,
    publish,
)
from webapp.db import Words, db
from webapp.domain import agendas, audits, delegates, feeds, published, registrations
from webapp.models.agenda import Audience, ItemState
from webapp.models.registration import RegistrationState

ACCEPTED, DECLINED = RegistrationState.ACCEPTED, RegistrationState.DECLINED
OPEN = ["Breakfast", "Visit"]
TRACKS = ["Press call", "VIP dinner"]


class Tour:
    """The trip of these tests, and who takes part in it."""

    def __init__(self) -> None:
        self.trip = trip = make_trip()
        make_stop(trip)
        self.vip, self.press = make_track(trip, "vip"), make_track(trip, "press")
        hours = iter(range(7, 20))

        def add(title, **values):
            start = datetime(2027, 10, 26, next(hours))
            return make_item(
                trip,
                title=Words(en=title, fr=f"{title} (fr)"),
                starts_local=start,
                ends_local=start.replace(minute=45),
                internal_note=f"Note of staff on {title}",
                **values,
            )

        self.breakfast = add("Breakfast")
        self.visit = add("Visit", place="Shipyard")
        self.briefing = add("Briefing", audience=Audience.DELEGATES)
        self.crisis = add("Crisis meeting", audience=Audience.STAFF)
        add("VIP dinner", track_id=self.vip.id)
        add("VIP secrets", track_id=self.vip.id, audience=Audience.DELEGATES)
        add("Press call", track_id=self.press.id)
        publish(trip)
        agendas.change(
            self.breakfast,
            item_values(title=Words(en="Draft breakfast")),
            audits.SYSTEM,
            self.breakfast.version,
        )
        add("Draft session")
        self.company = make_registration(trip, 2, organization_name="Blue Wave")
        self.other = make_registration(trip, 1, organization_name="Rival Boats", state=ACCEPTED)
        self.delegate = self.company.delegates[0]
        db.session.flush()

    def secrets(self) -> list[str]:
        """What no calendar may ever hold."""
        people = [d for r in (self.company, self.other) for d in r.delegates]
        tokens = [self.company.token, self.other.token, *(d.token for d in people)]
        tokens += [feeds.of_company(r).token for r in (self.company, self.other)]
        tokens += [feeds.of_delegate(d).token for d in people]
        contacts = [
            text
            for r in (self.company, self.other)
            for text in (r.coordinator_email, r.coordinator_name, r.reference)
        ]
        return [
            *tokens, *contacts, *(d.email for d in people), *(d.phone for d in people),
            "Crisis", "Note of staff", "Draft", "METHOD", "ATTENDEE", "ORGANIZER", "mailto",
        ]  # fmt: skip


@pytest.fixture
def tour(session):
    return Tour()


def titles(body: bytes) -> list[str]:
    """The titles of the sessions in a calendar, but for the bar of the trip."""
    text = body.decode().replace("\r\n ", "")
    found = re.findall(r"^DTSTART;TZID[^\r]*\r\n(?:[^\r]*\r\n)*?SUMMARY:([^\r]*)", text, re.M)
    return sorted(found)


def leaks(tour: Tour, body: bytes) -> list[str]:
    text = body.decode().replace("\r\n ", "")
    return [secret for secret in tour.secrets() if secret in text]


def company_feed(tour: Tour) -> bytes:
    return feeds.render(feeds.of_company(tour.company))


def delegate_feed(tour: Tour) -> bytes:
    return feeds.render(feeds.of_delegate(tour.delegate))


def accept(tour: Tour) -> None:
    registrations.decide(tour.company, ACCEPTED, "", audits.SYSTEM)


def test_the_tour_of_these_tests_holds_what_could_leak(tour):
    assert all(secret for secret in tour.secrets())
    assert len(set(tour.secrets())) == 26
    assert set(Audience) == {i.audience for i in agendas.draft(tour.trip)}


def test_the_public_calendar_holds_what_is_for_everybody_of_every_track(tour):
    body = feeds.render(feeds.public(tour.trip, "en"))

    assert titles(body) == sorted(OPEN + TRACKS)
    assert leaks(tour, body) == []
    assert [n for n in ("Blue Wave", "Rival Boats", "Zoé", "O'Brien") if n in body.decode()] == []


def test_before_a_decision_companies_and_delegates_see_what_everybody_sees(tour):
    for body in (company_feed(tour), delegate_feed(tour)):
        assert titles(body) == OPEN
        assert leaks(tour, body) == []
        assert "Rival Boats" not in body.decode()


def test_once_accepted_they_see_what_is_for_delegates_too(tour):
    accept(tour)

    for body in (company_feed(tour), delegate_feed(tour)):
        assert titles(body) == ["Breakfast", "Briefing", "Visit"]
        assert leaks(tour, body) == []


@pytest.mark.parametrize("state", [RegistrationState.WAITLISTED, DECLINED])
def test_whoever_waits_or_is_out_loses_what_is_for_delegates_at_once(tour, state):
    accept(tour)

    registrations.decide(tour.company, state, "Full.", audits.SYSTEM)

    seen = [] if state == DECLINED else OPEN
    assert titles(company_feed(tour)) == titles(delegate_feed(tour)) == seen
    assert feeds.is_gone(feeds.of_delegate(tour.delegate)) is (state == DECLINED)


def test_a_track_stands_only_in_the_calendars_of_those_who_follow_it(tour):
    accept(tour)

    delegates.follow(tour.delegate, tour.trip, [tour.vip.id], audits.SYSTEM)

    everybody = ["Breakfast", "Briefing", "Visit"]
    assert titles(delegate_feed(tour)) == sorted([*everybody, "VIP dinner", "VIP secrets"])
    assert titles(company_feed(tour)) == titles(delegate_feed(tour))  # one of its people follows
    second = feeds.of_delegate(tour.company.delegates[1])
    assert titles(feeds.render(second)) == everybody
    assert "VIP" not in feeds.render(feeds.of_company(tour.other)).decode()


def test_a_company_s_calendar_joins_the_tracks_of_its_people_and_holds_no_session_twice(tour):
    accept(tour)
    first, second = tour.company.delegates
    delegates.follow(first, tour.trip, [tour.vip.id, tour.press.id], audits.SYSTEM)
    delegates.follow(second, tour.trip, [tour.vip.id], audits.SYSTEM)

    assert titles(company_feed(tour)) == sorted(
        [*OPEN, "Briefing", "Press call", "VIP dinner", "VIP secrets"]
    )


def test_following_a_track_before_acceptance_opens_only_what_is_for_everybody(tour):
    delegates.follow(tour.delegate, tour.trip, [tour.vip.id], audits.SYSTEM)

    assert titles(delegate_feed(tour)) == sorted([*OPEN, "VIP dinner"])


def test_the_file_of_the_welcome_letter_is_the_delegate_s_calendar_by_another_name(tour):
    body = feeds.delegate_file(tour.delegate)

    assert titles(body) == OPEN
    assert leaks(tour, body) == []
    assert tour.delegate.name not in body.decode()


def test_one_session_is_found_only_if_it_is_published_and_for_everybody(tour):
    found = {
        name: published.public_item(tour.trip, item.uid)
        for name, item in [
            ("visit", tour.visit), ("briefing", tour.briefing), ("crisis", tour.crisis),
        ]
    }  # fmt: skip
    draft = next(i for i in agendas.draft(tour.trip) if i.title.pick("en") == "Draft session")

    assert {name: item is not None for name, item in found.items()} == {
        "visit": True,
        "briefing": False,
        "crisis": False,
    }
    assert published.public_item(tour.trip, draft.uid) is None
    assert published.public_item(make_trip(), tour.visit.uid) is None
    assert published.public_item(tour.trip, uuid4()) is None


def test_a_session_that_becomes_staff_s_own_leaves_every_calendar(tour):
    accept(tour)
    agendas.change(
        tour.visit,
        item_values(title=tour.visit.title, audience=Audience.STAFF),
        audits.SYSTEM,
        tour.visit.version,
    )

    publish(tour.trip)

    bodies = [feeds.render(feeds.public(tour.trip, "en")), company_feed(tour), delegate_feed(tour)]
    assert [body for body in bodies if b"SUMMARY:Visit" in body] == []


def test_a_cancelled_session_stays_and_says_so(tour):
    agendas.call_off(tour.visit, audits.SYSTEM)
    publish(tour.trip)

    body = feeds.render(feeds.public(tour.trip, "en")).decode()

    assert "SUMMARY:CANCELLED: Visit" in body
    assert "STATUS:CANCELLED" in body
    [item] = [i for i in published.items(tour.trip) if i.uid == tour.visit.uid]
    assert item.state == ItemState.CANCELLED


def test_items_are_in_order_of_start_and_none_before_a_release(session, tour):
    starts = [item.starts_at for item in published.items(tour.trip, Audience.STAFF)]

    assert starts == sorted(starts)
    assert len(starts) == 7
    assert published.items(make_trip(), Audience.STAFF) == []

"""Who may see what of a published agenda: everything else in these tests could leak, and does not.

One trip holds items for everybody, for delegates and for staff, items of two tracks, internal
notes, a draft that goes further than the release, and two companies with secrets of their own.
"""

import re
import time
from datetime import datetime
from itertools import pairwise
from uuid import uuid4

import pytest
from sqlalchemy import delete

from tests.factories import (
    item_values,
    make_item,
    make_registration,
    make_stop,
    make_track,
    make_trip,
    publish,
)
from webapp.db import PEEK_SECONDS, Words, db, transaction
from webapp.domain import agendas, audits, delegates, feeds, published, registrations
from webapp.models.agenda import Audience, ItemState
from webapp.models.registration import RegistrationState
from webapp.models.track import Track
from webapp.models.trip import Trip

ACCEPTED, DECLINED = RegistrationState.ACCEPTED, RegistrationState.DECLINED
OPEN = ["Breakfast", "Visit"]
TRACKS = ["Press call", "VIP dinner"]
ACCEPTED_SEE = sorted([*OPEN, "Briefing", "Meeting of Blue Wave"])


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
        self.company = make_registration(trip, 2, organization_name="Blue Wave")
        self.other = make_registration(trip, 1, organization_name="Rival Boats", state=ACCEPTED)
        for title, company in (("Meeting of Blue Wave", self.company), ("Rivalry", self.other)):
            ids = (company.organization_id,)
            add(title, audience=Audience.COMPANIES, company_ids=ids)
        publish(trip)
        agendas.change(
            self.breakfast,
            item_values(title=Words(en="Draft breakfast")),
            audits.SYSTEM,
            self.breakfast.version,
        )
        add("Draft session")
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
            "Crisis", "Rivalry", "Note of staff", "Draft", "METHOD", "ATTENDEE", "ORGANIZER",
            "mailto",
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
    assert len(set(tour.secrets())) == 27
    assert set(Audience) == {i.audience for i in agendas.draft(tour.trip)}


def test_the_public_calendar_holds_what_is_for_everybody_of_every_track(tour):
    """icalendar.md E8, M4."""
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
        assert titles(body) == ACCEPTED_SEE
        assert leaks(tour, body) == []


@pytest.mark.parametrize("state", [RegistrationState.WAITLISTED, DECLINED])
def test_whoever_waits_or_is_out_loses_what_is_for_delegates_at_once(tour, state):
    """icalendar.md E10, S6."""
    accept(tour)

    registrations.decide(tour.company, state, "Full.", audits.SYSTEM)

    seen = [] if state == DECLINED else OPEN
    assert titles(company_feed(tour)) == titles(delegate_feed(tour)) == seen
    assert feeds.is_gone(feeds.of_delegate(tour.delegate)) is (state == DECLINED)


def test_a_track_stands_only_in_the_calendars_of_those_who_follow_it(tour):
    accept(tour)

    delegates.follow(tour.delegate, tour.trip, [tour.vip.id], audits.SYSTEM)

    assert titles(delegate_feed(tour)) == sorted([*ACCEPTED_SEE, "VIP dinner", "VIP secrets"])
    assert titles(company_feed(tour)) == titles(delegate_feed(tour))  # one of its people follows
    second = feeds.of_delegate(tour.company.delegates[1])
    assert titles(feeds.render(second)) == ACCEPTED_SEE
    assert "VIP" not in feeds.render(feeds.of_company(tour.other)).decode()


def test_a_company_s_calendar_joins_the_tracks_of_its_people_and_holds_no_session_twice(tour):
    accept(tour)
    first, second = tour.company.delegates
    delegates.follow(first, tour.trip, [tour.vip.id, tour.press.id], audits.SYSTEM)
    delegates.follow(second, tour.trip, [tour.vip.id], audits.SYSTEM)

    assert titles(company_feed(tour)) == sorted(
        [*ACCEPTED_SEE, "Press call", "VIP dinner", "VIP secrets"]
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
    """icalendar.md E8, E10."""
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
    """icalendar.md E9."""
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
    assert len(starts) == 9
    assert published.items(make_trip(), Audience.STAFF) == []


@pytest.mark.parametrize("state", list(RegistrationState))
@pytest.mark.parametrize("tracks", [(), ("vip",), ("vip", "press")])
def test_the_two_ways_of_asking_who_sees_what_agree(tour, state, tracks):
    """One asks the database for a list, the other looks at one item at hand."""
    ids = frozenset(track.id for track in (tour.vip, tour.press) if track.key in tracks)
    every = published.items(tour.trip, Audience.STAFF)

    for company in (tour.company, tour.other):
        who = published.Viewer(state, company.organization_id, ids)
        listed = [item.uid for item in published.seen_by(tour.trip, who)]
        assert listed == [item.uid for item in every if who.sees(item)]


def test_the_stamp_of_a_trip_moves_with_all_that_its_pages_show(session):
    trip = make_trip()
    stamps = [published.stamp(trip.slug)]

    def noted(change):
        with transaction():
            change()
        stamps.append(published.stamp(trip.slug))

    noted(lambda: make_item(trip))
    noted(lambda: publish(trip))
    noted(lambda: setattr(trip, "title", Words(en="Another name")))
    noted(lambda: setattr(trip, "home_zone", None))

    # A draft moves nothing.
    assert [one == other for one, other in pairwise(stamps)] == [True, False, False, False]
    assert published.stamp("nowhere") is None


def test_the_stamp_is_read_outside_of_any_transaction_and_not_again_at_once(committed, statements):
    with transaction():
        trip = make_trip()
        slug = trip.slug
    db.session.remove()

    with statements() as sent:
        found = [published.stamp(slug) for _ in range(3)]

    assert len(sent) == 1
    assert (found[0].state, found[0].release_id) == ("announced", None)
    assert found == found[:1] * 3
    assert not db.session().in_transaction()


def test_what_this_process_committed_moves_the_stamp_at_once(committed):
    with transaction():
        trip = make_trip()
        trip_id, slug = trip.id, trip.slug
    db.session.remove()
    before = published.stamp(slug)

    with transaction():
        db.session.get_one(Trip, trip_id).title = Words(en="Another name")
    db.session.remove()

    assert published.stamp(slug) != before


def test_what_another_process_committed_moves_the_stamp_in_a_moment(committed):
    with transaction():
        slug = make_trip().slug
    db.session.remove()
    before = published.stamp(slug)

    with db.engine.begin() as elsewhere:
        elsewhere.exec_driver_sql("UPDATE trips SET sequence = sequence + 1")
    time.sleep(PEEK_SECONDS)

    assert published.stamp(slug) != before


def test_what_was_published_in_a_track_that_is_gone_is_in_nobody_s_own_calendar(session, tour):
    accept(tour)
    delegates.follow(tour.delegate, tour.trip, [tour.vip.id], audits.SYSTEM)
    session.execute(delete(Track).where(Track.id == tour.vip.id))
    session.expire_all()

    assert [title for title in titles(delegate_feed(tour)) if "VIP" in title] == []
    who = published.viewer(tour.delegate)
    seen = [item for item in published.items(tour.trip, Audience.STAFF) if who.sees(item)]
    assert [item.title["en"] for item in seen if "VIP" in item.title["en"]] == []

"""The organizers' page of calendars: opening, ending, who fetches them, and invitations."""

import re
from datetime import datetime, timedelta

import pytest

from tests.blueprints.forms import hidden, sign_in
from tests.factories import (
    make_invitation,
    make_item,
    make_registration,
    make_staff,
    make_track,
    make_trip,
    make_venue,
    publish,
)
from tests.invited import reconcile
from webapp import addresses
from webapp.db import Words, db, transaction
from webapp.domain import (
    audits,
    feeds,
    fetches,
    invitations,
    organizations,
    registrations,
    releases,
    subscriptions,
)
from webapp.models.agenda import Audience
from webapp.models.audit import AuditEntry
from webapp.models.feed import Client, Feed
from webapp.models.invitation import Answer, InvitationState
from webapp.models.organization import OrganizationKind
from webapp.models.registration import RegistrationState
from webapp.models.staff import Role
from webapp.models.trip import Inviting

ACCEPTED = RegistrationState.ACCEPTED


class Tour:
    """A published tour: a visit of a track at a venue with a host, and one that only staff see."""

    def __init__(self) -> None:
        self.trip = make_trip()
        self.track, self.venue = make_track(self.trip), make_venue()
        self.host = organizations.named("Port Authority", OrganizationKind.AUTHORITY)
        thing = {"venue_id": self.venue.id, "host_id": self.host.id}
        self.visit = self.add("Visit", 9, track_id=self.track.id, **thing)
        self.add("Crisis meeting", 12, audience=Audience.STAFF, **thing)
        publish(self.trip)
        self.organizer = make_staff(trip=self.trip)
        self.reader = make_staff(trip=self.trip, role=Role.READER)
        self.here = f"/organizer/trips/{self.trip.slug}/calendars"

    def add(self, title: str, hour: int, **values):
        at = datetime(2027, 10, 26, hour)
        values |= {"title": Words(en=title), "starts_local": at}
        return make_item(self.trip, ends_local=at + timedelta(hours=1), **values)


@pytest.fixture
def tour(session):
    with transaction():
        return Tour()


def press(client, tour: Tour, path: str, **values) -> int:
    form = {"csrf_token": hidden(client, tour.here)["csrf_token"], **values}
    return client.post(tour.here + path, data=form).status_code


def copied(client, tour: Tour) -> list[str]:
    """The secret addresses that stand on the page."""
    text = client.get(tour.here).text
    return re.findall(r'readonly value="([^"]*/calendars/[^"]*)"', text)


def body(client, feed: Feed) -> tuple[int, bytes]:
    answer = client.get(f"/calendars/{feed.token}.ics")
    return answer.status_code, answer.data


@pytest.mark.parametrize("what", ["track", "venue", "host"])
def test_a_calendar_of_a_track_a_venue_or_a_host_is_opened_renewed_and_stopped(client, tour, what):
    """icalendar.md S3, H14."""
    sign_in(client, tour.organizer)
    key = f"{what}-{getattr(tour, what).id}"

    assert press(client, tour, "/open", what=key, language="fr") == 303
    [first] = feeds.of_trip(tour.trip)
    assert (first.scope, first.language) == (what, "fr")
    assert copied(client, tour) == [addresses.feed(first.token)]
    code, said = body(client, first)
    assert (code, b"SUMMARY:Visit" in said, b"Crisis" in said) == (200, True, False)

    assert press(client, tour, f"/{first.id}/rotate") == 303
    [second] = feeds.of_trip(tour.trip)
    assert [body(client, each)[0] for each in (first, second)] == [410, 200]

    assert press(client, tour, f"/{second.id}/stop") == 303
    assert feeds.of_trip(tour.trip) == []
    assert body(client, second)[0] == 410
    assert press(client, tour, f"/{second.id}/rotate") == 303  # stopped meanwhile: nothing opens
    assert feeds.of_trip(tour.trip) == []

    assert press(client, tour, "/open", what=key, language="fr") == 303
    [third] = feeds.of_trip(tour.trip)
    assert body(client, third)[0] == 200


def test_what_is_not_of_this_tour_is_not_opened(client, tour):
    with transaction():
        elsewhere = Tour()
    sign_in(client, tour.organizer)

    for what in (f"track-{elsewhere.track.id}", f"venue-{elsewhere.venue.id}", "host-0", "x", ""):
        assert press(client, tour, "/open", what=what, language="en") == 422
    assert press(client, tour, "/open", what=f"track-{tour.track.id}", language="xx") == 422
    assert feeds.of_trip(tour.trip) == []


def test_each_member_of_staff_has_an_own_calendar_with_everything(client, tour):
    """icalendar.md S1, S6: one for each; nobody takes or sees a colleague's."""
    sign_in(client, tour.reader)
    assert press(client, tour, "/own", language="en") == 303
    [mine] = feeds.of_trip(tour.trip)
    assert b"Crisis meeting" in body(client, mine)[1]
    assert copied(client, tour) == [addresses.feed(mine.token)]
    assert press(client, tour, f"/{mine.id}/rotate") == 303
    [renewed] = feeds.of_trip(tour.trip)
    assert (body(client, mine)[0], body(client, renewed)[0]) == (410, 200)
    client.get("/organizer/")
    client.post("/organizer/sign-out", data=hidden(client, "/organizer/"))

    sign_in(client, tour.organizer)
    assert copied(client, tour) == []
    assert tour.reader.name in client.get(tour.here).text
    assert press(client, tour, f"/{renewed.id}/rotate") == 404
    assert press(client, tour, f"/{renewed.id}/stop") == 303
    assert body(client, renewed)[0] == 410


def test_a_reader_changes_no_calendar_but_the_own(client, tour):
    with transaction():
        track = feeds.open_track(tour.track, "en", audits.SYSTEM)
        other = feeds.open_staff(tour.trip, tour.organizer, "en", audits.SYSTEM)
        public = subscriptions.public(tour.trip)[0]
    sign_in(client, tour.reader)

    for feed in (track, other, public):
        assert press(client, tour, f"/{feed.id}/rotate") == 404
        assert press(client, tour, f"/{feed.id}/stop") == 404
    assert {feed.id for feed in feeds.of_trip(tour.trip)} == {track.id, other.id}


def test_no_address_of_a_company_or_delegate_stands_there(client, tour):
    with transaction():
        company = make_registration(tour.trip, 1, ACCEPTED)
        feed = feeds.of_delegate(company.delegates[0])
    sign_in(client, tour.organizer)

    assert copied(client, tour) == []
    for one in (feed, feeds.of_company(company)):
        assert press(client, tour, f"/{one.id}/rotate") == 404
        assert body(client, one)[0] == 200


def note(feed: Feed, kind: Client) -> None:
    agents = {
        Client.GOOGLE: "Google-Calendar-Importer",
        Client.THUNDERBIRD: "Thunderbird/140",
        Client.BROWSER: "Mozilla/5.0 Firefox/140",
    }
    fetches.note(feed.id, agents[kind])


def test_it_tells_how_many_delegates_subscribe_and_with_what(client, tour):
    with transaction():
        first, second, third = make_registration(tour.trip, 3, ACCEPTED).delegates
        gone = make_registration(tour.trip, 1, ACCEPTED)
        for kind in (Client.GOOGLE, Client.THUNDERBIRD):
            note(feeds.of_delegate(first), kind)
        note(feeds.of_delegate(second), Client.GOOGLE)
        note(feeds.of_delegate(third), Client.BROWSER)  # looked once, keeps nothing
        note(feeds.of_delegate(gone.delegates[0]), Client.GOOGLE)
        note(subscriptions.public(tour.trip)[0], Client.THUNDERBIRD)
        fetches.write()
        registrations.cancel(gone, "", audits.SYSTEM)

    found = subscriptions.usage(tour.trip)

    assert (found.in_force, found.fetched) == (3, 2)
    assert found.clients == [(Client.GOOGLE, 2), (Client.THUNDERBIRD, 1)]
    sign_in(client, tour.organizer)
    text = client.get(tour.here).text
    assert "2 of 3 delegates’ calendars are fetched by a program" in text
    assert "Last fetched by Thunderbird:" in text


def test_the_setting_of_invitations_is_kept_and_told(client, tour):
    sign_in(client, tour.organizer)
    assert tour.trip.inviting == Inviting.FEED

    assert press(client, tour, "/invitations", inviting="changes") == 303
    assert tour.trip.inviting == Inviting.CHANGES
    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert (entry.actor_name, entry.before, entry.after) == (
        tour.organizer.name,
        {"inviting": "feed"},
        {"inviting": "changes"},
    )

    for wrong in ("", "everything"):
        assert press(client, tour, "/invitations", inviting=wrong) == 422
    assert tour.trip.inviting == Inviting.CHANGES


def test_how_many_letters_a_setting_sends_at_once_is_told_before(client, tour):
    with transaction():
        tour.add("Dinner", 20)
        tour.add("Free evening", 21, invites=False)
        releases.publish(tour.trip, audits.SYSTEM, hold_minutes=0)  # what it tells is not held
        make_registration(tour.trip, 3, ACCEPTED)
        make_registration(tour.trip, 2)  # not accepted yet
    sign_in(client, tour.organizer)

    # The visit and the dinner, to three.
    assert "up to 6 letters to 3 people" in client.get(tour.here).text
    press(client, tour, "/invitations", inviting="all")
    page = client.get(tour.here).text
    assert "letters to" not in page
    assert "Invitations are being put together. They go out on" in page
    with transaction():
        reconcile(tour.trip)
    # The visit is one of a track that none of them follows.
    assert "3 invitations have been written and go out on" in client.get(tour.here).text

    press(client, tour, "/invitations/now")
    page = client.get(tour.here).text
    assert "The letters go out now." in page
    assert "go out on" not in page
    assert invitations.held(tour.trip) == 0
    press(client, tour, "/invitations/now")
    assert "Too late" in client.get(tour.here).text


def test_what_the_invited_said_is_counted_and_listed_by_session(client, tour):
    with transaction():
        company = make_registration(tour.trip, 3, ACCEPTED)
        uid = tour.visit.uid
        said = (Answer.ACCEPTED, Answer.DECLINED)
        for delegate, answer in zip(company.delegates, said, strict=False):
            make_invitation(delegate, uid, answer=answer)
        make_invitation(company.delegates[2], uid, state=InvitationState.CANCELLED)

    [tally] = subscriptions.tallies(tour.trip)

    assert (tally.uid, tally.invited, tally.cancelled) == (uid, 2, 1)
    assert tally.answers == {Answer.ACCEPTED: 1, Answer.DECLINED: 1}
    sign_in(client, tour.organizer)
    assert f'href="{tour.here}/invitations/{uid}"' in client.get(tour.here).text
    text = client.get(f"{tour.here}/invitations/{uid}").text
    rows = re.findall(r'data-label="(?:Invitation|Answer)">(.*?)</td>', text)
    assert rows == ["Invited", "Coming", "Invited", "Not coming", "Taken back", "No answer"]
    assert client.get(f"{tour.here}/invitations/{company.form_key}").status_code == 404


def test_the_page_takes_as_many_statements_for_many_calendars_as_for_few(client, tour, statements):
    sign_in(client, tour.organizer)

    def count() -> int:
        with statements() as sent:
            assert client.get(tour.here).status_code == 200
        return len(sent)

    with transaction():
        feeds.open_track(tour.track, "en", audits.SYSTEM)
        feeds.open_venue(tour.trip, tour.venue, "en", audits.SYSTEM)
        feeds.open_host(tour.trip, tour.host, "en", audits.SYSTEM)
        feeds.open_staff(tour.trip, tour.reader, "en", audits.SYSTEM)
    few = count()
    with transaction():
        for number in range(5):
            track = make_track(tour.trip, f"track-{number}")
            feeds.open_track(track, "en", audits.SYSTEM)
            feeds.open_staff(tour.trip, make_staff(trip=tour.trip), "en", audits.SYSTEM)

    assert count() == few


def test_the_history_of_the_tour_says_it_in_sentences(client, tour):
    sign_in(client, tour.organizer)
    press(client, tour, "/open", what=f"track-{tour.track.id}", language="en")
    press(client, tour, f"/{feeds.of_trip(tour.trip)[0].id}/stop")
    press(client, tour, "/invitations", inviting="all")

    text = client.get(f"/organizer/trips/{tour.trip.slug}/").text
    deeds = re.findall(r'<ol class="deeds">(.*?)</ol>', text, re.S)[0]
    told = re.findall(rf"<li>\s*<p>(?:<a [^>]*>)?{tour.organizer.name} (.*?)<", deeds)
    assert told == [
        "changed which sessions are mailed as invitations",
        "stopped a calendar",
        "opened a calendar",
    ]
    settings = client.get(f"/organizer/trips/{tour.trip.slug}/settings").text
    assert "An invitation for every session" in settings

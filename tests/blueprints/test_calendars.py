"""Calendar addresses as programs fetch them: icalendar.md section 12, by number."""

from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from uuid import uuid4

import icalendar
import pytest
from flask.testing import FlaskClient

from tests.factories import item_values, make_item, make_registration, make_trip, publish
from webapp import clock
from webapp.db import Words, transaction
from webapp.domain import agendas, audits, feeds, registrations
from webapp.models.agenda import Audience
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip, TripState


@pytest.fixture
def trip(session) -> Trip:
    """A tour with one published session, one for delegates and one for staff."""
    with transaction():
        trip = make_trip()
        make_item(trip)
        make_item(trip, title=Words(en="Dinner"), audience=Audience.DELEGATES)
        make_item(trip, title=Words(en="Staff huddle"), audience=Audience.STAFF)
        publish(trip)
    return trip


@pytest.fixture
def registration(trip) -> Registration:
    with transaction():
        return make_registration(trip, 1, RegistrationState.ACCEPTED)


def feed_path(registration: Registration) -> str:
    return f"/calendars/{feeds.of_delegate(registration.delegates[0]).token}.ics"


def titles(body: bytes) -> set[str]:
    calendar = icalendar.Calendar.from_ical(body)
    return {str(event["SUMMARY"]) for event in calendar.walk("VEVENT")}


def test_h1_a_feed_is_a_calendar_without_cookie_redirect_or_vary_cookie(client, trip):
    answer = client.get(
        f"/trips/{trip.slug}/calendar.ics", headers={"User-Agent": "Google-Calendar"}
    )

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert titles(answer.data) == {trip.title["en"], "Visit of the shipyard"}


def test_a_delegate_sees_what_delegates_may_and_nothing_of_staff(client, trip, registration):
    answer = client.get(feed_path(registration))

    assert titles(answer.data) == {trip.title["en"], "Visit of the shipyard", "Dinner"}


def test_h2_only_the_session_file_is_a_download(client, trip, registration):
    uid = agendas.draft(trip)[0].uid
    names = [item.uid for item in agendas.draft(trip) if item.audience == Audience.EVERYBODY]

    feed = client.get(f"/trips/{trip.slug}/calendar.ics")
    file = client.get(f"/trips/{trip.slug}/items/{names[0]}.ics")

    assert uid is not None
    assert "Content-Disposition" not in feed.headers
    assert file.headers["Content-Disposition"] == (
        'attachment; filename="visit-of-the-shipyard.ics"'
    )


@pytest.mark.parametrize("audience", [Audience.DELEGATES, Audience.STAFF])
def test_a_session_file_of_what_not_everybody_may_see_is_not_found(client, trip, audience):
    hidden = next(item for item in agendas.draft(trip) if item.audience == audience)

    assert client.get(f"/trips/{trip.slug}/items/{hidden.uid}.ics").status_code == 404


def test_h3_h4_the_same_bytes_have_the_same_etag_and_a_304_has_no_body(client, trip, registration):
    for path in (f"/trips/{trip.slug}/calendar.ics", feed_path(registration)):
        first = client.get(path)
        second = client.get(path)
        tag = first.headers["ETag"]
        for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = client.get(path, headers={"If-None-Match": header})
            assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
            assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert second.data == first.data
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("header", ['"', "W/", "\xff", ",,,", '"unclosed', "a" * 5000])
def test_h4_a_malformed_condition_is_no_match_and_no_error(client, trip, header):
    path = f"/trips/{trip.slug}/calendar.ics"

    assert client.get(path, headers={"If-None-Match": header}).status_code == 200


def test_h5_the_etag_outranks_the_date(client, trip):
    path = f"/trips/{trip.slug}/calendar.ics"
    late = format_datetime(clock.now() + timedelta(days=1), usegmt=True)

    answer = client.get(path, headers={"If-None-Match": '"other"', "If-Modified-Since": late})

    assert answer.status_code == 200


def test_h6_dates_are_compared_and_unreadable_ones_ignored(client, trip):
    path = f"/trips/{trip.slug}/calendar.ics"
    stamp = client.get(path).headers["Last-Modified"]
    before = format_datetime(parsedate_to_datetime(stamp) - timedelta(seconds=1), usegmt=True)

    def status(date: str) -> int:
        return client.get(path, headers={"If-Modified-Since": date}).status_code

    assert [status(stamp), status(before), status("yesterday"), status("")] == [304, 200, 200, 200]


def test_h7_last_modified_grows_even_when_a_session_goes(client, trip):
    path = f"/trips/{trip.slug}/calendar.ics"
    before = client.get(path)
    item = next(i for i in agendas.draft(trip) if i.audience == Audience.EVERYBODY)
    values = item_values(audience=Audience.STAFF)

    with transaction():
        agendas.change(item, values, audits.SYSTEM, item.version)
        publish(trip)
    after = client.get(path)

    assert titles(after.data) == {trip.title["en"]}
    assert parsedate_to_datetime(after.headers["Last-Modified"]) > parsedate_to_datetime(
        before.headers["Last-Modified"]
    )
    assert after.headers["ETag"] != before.headers["ETag"]


def test_h9_head_is_get_without_a_body(client, trip, registration):
    for path in (f"/trips/{trip.slug}/calendar.ics", feed_path(registration)):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.data) == (200, b"")
        assert dict(head.headers) == dict(get.headers)
        tag = {"If-None-Match": get.headers["ETag"]}
        assert client.head(path, headers=tag).status_code == 304


def test_h11_caches(client, trip, registration):
    public = client.get(f"/trips/{trip.slug}/calendar.ics").headers
    secret = client.get(feed_path(registration)).headers

    assert public["Cache-Control"] == "public, max-age=300"
    assert secret["Cache-Control"] == "private, no-cache"


def test_h12_unknown_parameters_are_ignored_and_the_length_is_right(client, trip):
    path = f"/trips/{trip.slug}/calendar.ics"
    answer = client.get(f"{path}?utm_source=x&lang=xx")

    assert answer.data == client.get(path).data
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_h13_each_language_has_an_address_and_the_header_changes_nothing(client, trip):
    path = f"/trips/{trip.slug}/calendar.ics"

    english = client.get(path, headers={"Accept-Language": "fr"})
    french = client.get(f"{path}?lang=fr")

    assert titles(english.data) == {trip.title["en"], "Visit of the shipyard"}
    assert titles(french.data) == {trip.title["fr"], "Visite du chantier naval"}


def test_h14_what_ended_is_gone_and_stays_gone(client, trip, registration):
    path = feed_path(registration)
    delegate = registration.delegates[0]
    with transaction():
        feeds.rotate(feeds.of_delegate(delegate), audits.SYSTEM)
    new = feed_path(registration)

    assert [client.get(path).status_code, client.get(new).status_code] == [410, 200]
    with transaction():
        registrations.cancel(registration, "", audits.SYSTEM)
    assert [client.get(path).status_code, client.get(new).status_code] == [410, 410]


def test_h14_a_withdrawn_trip_is_gone_with_all_its_feeds(client, trip, registration):
    path = feed_path(registration)
    with transaction():
        trip.become(TripState.WITHDRAWN)

    assert client.get(path).status_code == 410
    assert client.get(f"/trips/{trip.slug}/calendar.ics").status_code == 410


@pytest.mark.parametrize("token", ["x", "x" * 32, "x" * 4000, "%00", "%F0%9F%98%80", "..%2f"])
def test_h15_an_unknown_secret_is_not_found_and_says_nothing_else(client, trip, token):
    answer = client.get(f"/calendars/{token}.ics")

    assert answer.status_code in (400, 404)
    assert "Location" not in answer.headers


def test_h15_unknown_trips_and_items_are_not_found(client, trip):
    assert client.get("/trips/nowhere/calendar.ics").status_code == 404
    assert client.get(f"/trips/{trip.slug}/items/{uuid4()}.ics").status_code == 404
    assert client.get(f"/trips/{trip.slug}/items/not-a-uuid.ics").status_code == 404


def test_h17_robots_may_read_feeds_and_secret_ones_are_not_indexed(client, trip, registration):
    rules = client.get("/robots.txt").get_data(as_text=True)

    assert rules == "User-agent: *\nDisallow: /organizer/\n"
    assert client.get(feed_path(registration)).headers["X-Robots-Tag"] == "noindex"


def test_h18_other_methods_are_refused_with_those_that_are_allowed(
    client: FlaskClient, trip, registration
):
    for path in (f"/trips/{trip.slug}/calendar.ics", feed_path(registration)):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = client.open(path, method=method)
            assert answer.status_code == 405
            assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_s5_the_secret_is_in_no_body_and_no_referrer(client, trip, registration):
    path = feed_path(registration)
    token = path.split("/")[-1].removesuffix(".ics")

    answer = client.get(path)

    assert token not in answer.get_data(as_text=True)
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_get_changes_nothing(client, trip, registration, statements):
    with statements() as sent:
        client.get(feed_path(registration))
        client.get(f"/trips/{trip.slug}/calendar.ics")

    assert [s for s in sent if not s.lstrip().startswith("SELECT")] == []

"""Calendar addresses as programs fetch them: icalendar.md section 12, by number."""

import logging
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from uuid import uuid4

import icalendar
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.factories import (
    item_values,
    make_item,
    make_registration,
    make_staff,
    make_trip,
    publish,
)
from tests.overheard import overheard
from webapp import clock
from webapp.blueprints import metrics
from webapp.db import Words, transaction
from webapp.domain import agendas, audits, feeds, registrations, staffs
from webapp.domain.feeds import answering
from webapp.models.agenda import Audience
from webapp.models.delegate import DelegateState
from webapp.models.feed import Feed
from webapp.models.registration import Registration, RegistrationState
from webapp.models.staff import TripRole
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


def test_h4_a_list_that_is_malformed_matches_nothing_though_the_right_tag_stands_in_it(
    client, trip
):
    path = f"/trips/{trip.slug}/calendar.ics"
    tag = client.get(path).headers["ETag"]

    for header in (f"{tag} {tag}", f"x{tag}", f"*, {tag}", f'"open, {tag}', tag.strip('"')):
        assert client.get(path, headers={"If-None-Match": header}).status_code == 200
    for header in (f" {tag} ,,", f'"a,b" , W/{tag}', f"\t{tag}"):
        assert client.get(path, headers={"If-None-Match": header}).status_code == 304


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
    assert "Set-Cookie" not in answer.headers
    if answer.status_code == 404:
        assert answer.data == client.get("/calendars/unknown.ics").data


def test_h15_unknown_trips_and_items_are_not_found(client, trip):
    assert client.get("/trips/nowhere/calendar.ics").status_code == 404
    assert client.get(f"/trips/{trip.slug}/items/{uuid4()}.ics").status_code == 404
    assert client.get(f"/trips/{trip.slug}/items/not-a-uuid.ics").status_code == 404


def test_h8_readers_that_send_no_condition_are_served_what_is_prepared(committed):
    """One statement, whatever is asked and however long the agenda is; none that reads a table
    from end to end. (icalendar.md H8)"""
    with transaction():
        trip = make_trip()
        make_item(trip)
        publish(trip)
        registration = make_registration(trip, 1, RegistrationState.ACCEPTED)
        staff = make_staff(trip=trip)
        paths = [
            f"/trips/{trip.slug}/calendar.ics",
            f"/trips/{trip.slug}/calendar.ics?utm=x",  # the long way round
            feed_path(registration),
            f"/calendars/{feeds.of_company(registration).token}.ics",
            f"/calendars/{feeds.open_staff(trip, staff, 'fr', audits.SYSTEM).token}.ics",
            f"/calendars/{'x' * 32}.ics",
            "/trips/nowhere/calendar.ics",
        ]
    client = committed.test_client()

    def heard() -> dict[str, list[int]]:
        told = {}
        with overheard() as said:
            for path in paths:
                tag = client.get(path).headers.get("ETag", '"x"')
                said()
                for ask in (client.get, client.head):
                    for headers in ({}, {"If-None-Match": tag}):
                        ask(path, headers=headers)
                        told.setdefault(path, []).append(len(said()))
        return told

    with transaction():
        feeds.prepare()
    short = heard()
    with transaction():
        for number in range(30):
            make_item(trip, title=Words(en=f"Session {number}"))
        publish(trip)
    with transaction():
        feeds.prepare()

    assert set(map(tuple, short.values())) == {(1, 1, 1, 1)}
    assert heard() == short


def test_what_is_out_of_date_is_made_once_and_then_costs_one_statement_too(committed):
    """Until a worker has prepared it, or it changes again (DESIGN rule 5)."""
    with transaction():
        trip = make_trip()
        item = make_item(trip)
        publish(trip)
    client, path = committed.test_client(), f"/trips/{trip.slug}/calendar.ics"

    with overheard() as said:
        first = client.get(path)
        many = len(said())
        second = client.get(path)
        once = len(said())
        with transaction():
            values = item_values(title=Words(en="Another title"))
            agendas.change(item, values, audits.SYSTEM, item.version)
            publish(trip)
        third = client.get(path)

    assert (many > 1, once) == (True, 1)
    assert (second.data, second.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert titles(third.data) == {trip.title["en"], "Another title"}


@pytest.mark.parametrize("statement", [answering._PUBLIC, answering._SECRET])
def test_the_one_statement_finds_its_feed_by_an_index(session, statement):
    session.execute(sa.text("SET LOCAL enable_seqscan = off"))  # an empty table is small

    asked = statement.replace("$1", "'{}'").replace("$2", "'x'").replace("$3", "'en'")
    plan = session.scalars(sa.text(f"EXPLAIN {asked.replace('::', ' :: ')}")).all()

    assert [line for line in plan if "Seq Scan" in line] == []


def test_the_short_way_and_the_long_way_say_the_same(client, trip, registration):
    """A query string that nobody knows takes the way through Flask."""
    old = feed_path(registration)
    with transaction():
        feeds.rotate(feeds.of_delegate(registration.delegates[0]), audits.SYSTEM)
    paths = [
        f"/trips/{trip.slug}/calendar.ics",
        "/trips/nowhere/calendar.ics",
        f"/calendars/{'x' * 32}.ics",
        old,
        feed_path(registration),
    ]
    tag = client.get(paths[0]).headers["ETag"]

    for path in paths:
        for headers in ({}, {"If-None-Match": tag}, {"If-None-Match": "*"}):
            for method in ("GET", "HEAD"):
                short = client.open(path, method=method, headers=headers)
                long = client.open(f"{path}?x=1", method=method, headers=headers)
                assert (short.status_code, short.data) == (long.status_code, long.data)
                assert sorted(short.headers) == sorted(long.headers)


def test_h10_nothing_is_compressed_here_whatever_a_reader_accepts(client, trip):
    """A proxy may (icalendar.md H10): then the tag it makes weak still matches (H4)."""
    path = f"/trips/{trip.slug}/calendar.ics"
    plain = client.get(path)

    for accepted in ("gzip", "gzip;q=0", "br, gzip;q=1.0, identity;q=0", "*"):
        answer = client.get(path, headers={"Accept-Encoding": accepted})
        assert (answer.status_code, answer.data) == (200, plain.data)
        assert "Content-Encoding" not in answer.headers


def test_h16_a_crowd_of_readers_is_never_turned_away(client, trip, registration):
    """Neither 401, 403 nor 429, and no limit on how often one asks (icalendar.md H16)."""
    path = feed_path(registration)

    assert {client.get(path).status_code for _ in range(300)} == {200}


def test_h17_robots_may_read_feeds_and_secret_ones_are_not_indexed(client, trip, registration):
    rules = client.get("/robots.txt").get_data(as_text=True)

    assert rules == "User-agent: *\nDisallow: /organizer/\n"
    assert client.get(feed_path(registration)).headers["X-Robots-Tag"] == "noindex"


def test_h18_other_methods_are_refused_with_those_that_are_allowed(
    client: FlaskClient, trip, registration
):
    public = f"/trips/{trip.slug}"
    for path in (f"{public}/calendar.ics", f"{public}/agenda.ics", feed_path(registration)):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = client.open(path, method=method)
            assert answer.status_code == 405
            assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}
            assert "Cookie" not in answer.headers.get("Vary", "")


def test_s5_the_secret_is_in_no_body_and_no_referrer(client, trip, registration):
    path = feed_path(registration)
    token = path.split("/")[-1].removesuffix(".ics")

    answer = client.get(path)

    assert token not in answer.get_data(as_text=True)
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_s1_s2_each_has_a_secret_of_its_own_and_no_row_holds_it(client, trip, session):
    """icalendar.md S1, S2: 128 bits or more, the hash alone is looked up, what is shown again is
    sealed."""
    with transaction():
        registration = make_registration(trip, 3, RegistrationState.ACCEPTED)
    mine = [feeds.of_company(registration), *feeds.of_delegates(registration).values()]
    secrets = {feed.token for feed in mine}
    rows = str(session.execute(sa.text("SELECT feeds::text FROM feeds")).scalars().all())

    assert len(secrets) == 4
    assert all(len(secret) >= 22 for secret in secrets)
    assert [secret for secret in secrets if secret in rows or secret.encode().hex() in rows] == []
    assert [client.get(f"/calendars/{secret}.ics").status_code for secret in secrets] == [200] * 4


def test_s3_what_a_process_remembers_ends_with_the_address(client, trip, registration, session):
    """Rotating, stopping and deleting act at once, caches included (icalendar.md S3, H14)."""
    path = feed_path(registration)
    delegate = registration.delegates[0]
    tag = client.get(path).headers["ETag"]
    with transaction():
        feeds.revoke(feeds.of_delegate(delegate), audits.SYSTEM)

    for headers in ({}, {"If-None-Match": tag}, {"If-None-Match": "*"}):
        assert client.get(path, headers=headers).status_code == 410
    with transaction():
        session.execute(sa.delete(Feed).where(Feed.delegate_id == delegate.id))
    assert client.get(path).status_code == 404


def test_s4_the_secret_of_a_calendar_opens_nothing_else(client, trip, registration):
    """icalendar.md S4; and a GET writes nothing, which the next test looks at."""
    token = feeds.of_delegate(registration.delegates[0]).token

    codes = {
        path: client.open(path, method=method).status_code
        for path in (f"/d/{token}", f"/r/{token}", f"/d/{token}/agenda.ics")
        for method in ("GET", "POST")
    }

    assert set(codes.values()) <= {404, 405}


def test_s5_the_secret_is_in_no_log_and_no_metric(client, trip, registration, caplog):
    """Whatever comes of it: known, ended, mistyped, of another method (icalendar.md S5)."""
    caplog.set_level(logging.DEBUG)
    paths = [feed_path(registration)]
    with transaction():
        feeds.rotate(feeds.of_delegate(registration.delegates[0]), audits.SYSTEM)
    paths += [feed_path(registration), f"/calendars/{'y' * 32}.ics"]

    answers = [
        client.open(f"{path}{query}", method=method)
        for path in paths
        for query in ("", "?x=1", "/", "x")
        for method in ("GET", "POST", "DELETE")
    ]

    told = caplog.text + metrics.exposition().decode()
    told += "".join(f"{answer.headers}{answer.get_data(as_text=True)}" for answer in answers)
    assert [path for path in paths if path[11:43] in told] == []
    assert '"calendars_public.secret_feed"' in told  # it was counted all the same


@pytest.mark.parametrize("loss", ["declined", "withdrawn", "erased", "tour"])
def test_s6_whoever_loses_a_right_loses_the_calendar_at_the_next_request(
    client, trip, registration, loss
):
    """Asked anew each time, in the statement that brings the bytes, so that no feed has to be
    revoked for it (icalendar.md S6)."""
    delegate, path = registration.delegates[0], feed_path(registration)
    company = f"/calendars/{feeds.of_company(registration).token}.ics"
    tag = client.get(path).headers["ETag"]
    client.get(company)

    with transaction():
        if loss == "declined":
            registrations.decide(registration, RegistrationState.DECLINED, "Full.", audits.SYSTEM)
        elif loss == "withdrawn":
            delegate.become(DelegateState.WITHDRAWN)
        elif loss == "erased":
            delegate.erased_at = clock.now()
        else:
            trip.become(TripState.WITHDRAWN)

    assert client.get(path).status_code == 410
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 410
    others = 410 if loss in ("declined", "tour") else 200
    assert client.get(company).status_code == others


@pytest.mark.parametrize("loss", ["role", "account", "everything"])
def test_s6_a_colleague_without_a_part_in_the_tour_reads_no_calendar_of_it(
    client, trip, session, loss
):
    with transaction():
        staff = make_staff(trip=None if loss == "everything" else trip)
        path = f"/calendars/{feeds.open_staff(trip, staff, 'en', audits.SYSTEM).token}.ics"
    before = client.get(path)

    with transaction():
        if loss == "role":
            session.execute(sa.delete(TripRole).where(TripRole.staff_id == staff.id))
        elif loss == "account":
            staffs.close(staff, audits.SYSTEM)
        else:
            staff.runs_everything = False

    assert "Staff huddle" in titles(before.data)
    assert client.get(path).status_code == 410


def test_a_get_changes_nothing(client, trip, registration, statements):
    with statements() as sent:
        client.get(feed_path(registration))
        client.get(f"/trips/{trip.slug}/calendar.ics")

    assert [s for s in sent if not s.lstrip().startswith("SELECT")] == []

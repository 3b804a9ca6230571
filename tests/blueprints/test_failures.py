"""What goes wrong says so kindly, and gives nothing away."""

import logging
from datetime import datetime

import pytest

from tests.blueprints.forms import hidden, sign_in
from tests.factories import make_item, make_registration, make_staff, make_trip
from webapp.db import transaction
from webapp.logs import without_secrets

NEXT_DAY = datetime(2027, 10, 27, 9, 0)


def test_another_host_name_is_refused_in_plain_words_and_no_key_is_logged(client, caplog):
    with transaction():
        token = make_registration(make_trip(), 1).token

    answer = client.get(f"/r/{token}", headers={"Host": "www.tours.example"})

    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert token not in caplog.text


def test_what_a_server_says_of_a_bad_request_keeps_no_key():
    said = "Invalid HTTP request line: 'GET /r/SECRET\\x01TOKEN?x HTTP/1.1' /calendars/K.ics %s %s"
    paths = ("/d/THIRD", "/mail/stop/m4-FOURTH")
    record = logging.LogRecord("gunicorn.error", 20, "x", 1, said, paths, None)

    without_secrets(record)

    assert "SECRET" not in record.getMessage()
    assert "K.ics" not in record.getMessage()
    assert "THIRD" not in record.getMessage()
    assert "FOURTH" not in record.getMessage()


@pytest.mark.parametrize("number", [2**63, 10**30])
@pytest.mark.parametrize("noun", ["agenda", "registrations"])
def test_a_number_that_no_row_has_is_not_found(client, session, noun, number):
    with transaction():
        trip, staff = make_trip(), make_staff()
    sign_in(client, staff)

    assert client.get(f"/organizer/trips/{trip.slug}/{noun}/{number}").status_code == 404


def test_a_decision_over_a_colleague_s_head_is_refused(client, session):
    with transaction():
        trip, staff = make_trip(), make_staff()
        registration = make_registration(trip, 1)
    sign_in(client, staff)
    path = f"/organizer/trips/{trip.slug}/registrations/{registration.id}"
    page = hidden(client, path) | {"reason": "Because."}

    first = client.post(path, data=page | {"decision": "accepted"})
    second = client.post(path, data=page | {"decision": "declined"})

    assert [first.status_code, second.status_code] == [303, 422]
    assert "A colleague has decided meanwhile" in second.get_data(as_text=True)
    assert registration.state == "accepted"


def test_nobody_publishes_what_the_page_did_not_show(client, session):
    with transaction():
        trip, staff = make_trip(), make_staff()
        make_item(trip)
    sign_in(client, staff)
    path = f"/organizer/trips/{trip.slug}/publish"
    page = hidden(client, path)
    with transaction():
        make_item(trip, starts_local=NEXT_DAY, ends_local=NEXT_DAY.replace(hour=11))

    client.post(path, data=page | {"when": "now"})
    assert trip.release_id is None

    client.post(path, data=hidden(client, path) | {"when": "now"})
    assert trip.release_id is not None


def test_moving_a_session_into_a_doubled_hour_is_asked_about(client, session):
    with transaction():
        trip, staff = make_trip(), make_staff()
        item = make_item(trip)
    sign_in(client, staff)
    path = f"/organizer/trips/{trip.slug}/agenda/{item.id}"
    form = hidden(client, path) | {
        "kind": "visit",
        "title_en": "Night watch",
        "starts_local": "2027-10-31T02:30",
        "starts_zone": "Europe/Paris",
        "ends_local": "2027-10-31T05:00",
        "ends_zone": "Europe/Paris",
        "audience": "everybody",
        "state": "confirmed",
    }

    asked = client.post(path, data=form)
    answered = client.post(path, data=form | {"starts_fold": "1"})

    assert asked.status_code == 422
    assert "This time occurs twice" in asked.get_data(as_text=True)
    assert answered.status_code == 302
    assert (item.starts_fold, item.starts_at.hour) == (1, 1)


@pytest.mark.parametrize(
    ("starts", "ends", "zone", "words"),
    [
        ("2027-03-28T02:30", "2027-03-28T05:00", "Europe/Paris", "The clocks skip this time"),
        (
            "2027-10-26T09:00",
            "2027-10-26T08:00",
            "Europe/Paris",
            "The end must come after the start",
        ),
        ("2027-10-26T09:00", "2027-10-26T10:00", "Mars/Olympus", "We do not know this time zone"),
        ("1969-10-26T09:00", "2027-10-26T10:00", "Europe/Paris", "Please check the year"),
        ("nonsense", "2027-10-26T10:00", "Europe/Paris", "Please say when it starts"),
    ],
)
def test_times_that_cannot_be_are_field_errors(client, session, starts, ends, zone, words):
    with transaction():
        trip, staff = make_trip(), make_staff()
    sign_in(client, staff)
    path = f"/organizer/trips/{trip.slug}/agenda/new"
    form = hidden(client, path) | {
        "kind": "visit",
        "title_en": "Kept as typed",
        "starts_local": starts,
        "starts_zone": zone,
        "ends_local": ends,
        "ends_zone": "Europe/Paris",
        "audience": "everybody",
        "state": "confirmed",
        "attendance": "mandatory",
    }

    answer = client.post(path, data=form)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert words in page
    assert 'value="Kept as typed"' in page

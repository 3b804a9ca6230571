"""Limits and deadlines over HTTP, and the sentences in which companies read them."""

from datetime import datetime

import pytest

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import make_registration, make_staff, make_trip, utc
from webapp.blueprints.registrations.rule_words import rule_words
from webapp.db import transaction
from webapp.domain import audits, enrolling
from webapp.i18n import speaking
from webapp.models.staff import Role
from webapp.models.trip import Order, Promotion, Trip


@pytest.fixture
def trip(session) -> Trip:
    with transaction():
        return make_trip(max_delegates=10, max_per_organization=5)


@pytest.fixture
def staff(client, trip):
    with transaction():
        made = make_staff(trip=trip)
    sign_in(client, made)
    return made


def at(trip: Trip) -> str:
    return f"/organizer/trips/{trip.slug}/registrations/rules"


GOOD = {
    "zone": "America/Los_Angeles",
    "opens_local": "2027-04-01T09:00",
    "closes_local": "2027-06-01T18:00",
    "freezes_local": "2027-07-01T18:00",
    "details_local": "2027-08-01T18:00",
    "max_delegates": "20",
    "max_organizations": "",
    "max_per_organization": "4",
    "accepts_at_once": "y",
    "queue_order": "score",
    "promotion": "review",
    "offer_hours": "48",
    "parties": "no",
    "currency": "USD",
}


def send(client, trip: Trip, **more):
    return client.post(at(trip), data=hidden(client, at(trip)) | GOOD | more)


def test_all_of_them_are_saved(client, trip, staff):
    answer = send(client, trip)

    assert answer.status_code == 303
    assert trip.registration_closes_at == utc(2027, 6, 2, 1)
    assert trip.freezes_at == utc(2027, 7, 2, 1)
    assert (trip.says_deadlines_in, trip.currency, trip.offer_hours) == (
        "America/Los_Angeles",
        "USD",
        48,
    )
    assert (trip.max_delegates, trip.max_organizations, trip.max_per_organization) == (20, None, 4)
    assert (trip.accepts_at_once, trip.skips_parties) == (True, False)
    assert (trip.queue_order, trip.promotion) == (Order.SCORE, Promotion.REVIEW)
    again = client.get(at(trip)).get_data(as_text=True)
    assert 'value="2027-06-01T18:00"' in again
    assert audits.of(trip)[0].actor_name == staff.name


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"closes_local": "2027-03-01T18:00"}, "closes_local"),
        ({"freezes_local": "2027-03-14T02:30"}, "freezes_local"),  # skipped in Los Angeles
        ({"details_local": "2027-11-07T01:30"}, "details_local"),  # twice
        ({"opens_local": "1066-10-14T09:00"}, "opens_local"),
        ({"zone": "California"}, "zone"),
        ({"max_delegates": "1"}, "max_delegates"),
        ({"max_per_organization": "1"}, "max_per_organization"),
        ({"max_per_organization": ""}, "max_per_organization"),
        ({"offer_hours": "0"}, "offer_hours"),
        ({"offer_hours": "9" * 40}, "offer_hours"),
        ({"promotion": "lottery"}, "promotion"),
        ({"parties": ""}, "parties"),
        ({"currency": "XXX"}, "currency"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_what_was_typed_is_kept(
    client, trip, staff, said, field
):
    with transaction():
        make_registration(trip, 2)

    answer = send(client, trip, **said)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert set(field_errors(page)) == {field}
    assert 'value="America/Los_Angeles"' in page or field == "zone"
    assert trip.offer_hours == 72


def test_an_hour_that_occurs_twice_is_asked_about_and_the_answer_counts(client, trip, staff):
    asked = send(client, trip, details_local="2027-11-07T01:30")
    assert 'name="details_fold"' in asked.get_data(as_text=True)

    send(client, trip, details_local="2027-11-07T01:30", details_fold="1")

    assert trip.details_due_at == utc(2027, 11, 7, 9, 30)
    # Asked again when another such time is typed, and silence is no answer.
    assert send(client, trip, details_local="2027-11-07T01:40").status_code == 422


def test_a_limit_that_is_too_low_is_told_with_the_figures(client, trip, staff):
    with transaction():
        make_registration(trip, 3)

    page = send(client, trip, max_delegates="2", max_per_organization="4").get_data(as_text=True)

    assert field_errors(page) == {"max_delegates": "3 are taken already."}


def test_two_at_once_see_that_a_colleague_was_quicker(client, trip, staff):
    form = hidden(client, at(trip)) | GOOD
    with transaction():
        enrolling.set_rules(
            trip, enrolling.Rules(zone="Europe/Paris", max_delegates=7), audits.SYSTEM
        )

    answer = client.post(at(trip), data=form)

    page = answer.get_data(as_text=True)
    assert (answer.status_code, trip.max_delegates) == (422, 7)
    assert "A colleague has saved other rules meanwhile." in page
    assert (
        client.post(
            at(trip),
            data=form | {"seen": page.split('name="seen" type="hidden" value="')[1].split('"')[0]},
        ).status_code
        == 303
    )
    assert trip.max_delegates == 20


def test_a_reader_reads_the_sentences_and_has_no_form(client, trip, session):
    with transaction():
        reader = make_staff(trip=trip, role=Role.READER)
    sign_in(client, reader)

    page = client.get(at(trip)).get_data(as_text=True)

    assert "As companies read it" in page
    assert 'name="max_delegates"' not in page
    assert client.post(at(trip), data=hidden(client, "/organizer/") | GOOD).status_code == 404


def test_the_settings_of_the_tour_lead_here(client, trip, staff):
    page = client.get(f"/organizer/trips/{trip.slug}/settings").get_data(as_text=True)

    assert f'href="{at(trip)}"' in page
    assert 'name="max_delegates"' not in page


def test_the_rules_are_said_in_sentences(app):
    trip = Trip(
        max_delegates=40, max_organizations=12, max_per_organization=3, accepts_at_once=False,
        queue_order=Order.ARRIVAL, skips_parties=True, promotion=Promotion.OFFER, offer_hours=48,
        zone="Europe/Paris", deadline_zone="America/Los_Angeles",
        freezes_at=utc(2027, 10, 1, 7), details_due_at=utc(2027, 9, 1, 7),
    )  # fmt: skip
    with speaking("en"):
        assert rule_words(trip) == [
            "The tour has 40 places for delegates, of 12 organizations at most.",
            "At most 3 people of one organization.",
            "The organizers decide on each application; until then the company holds its places.",
            (
                "On the waiting list, whoever applied first is served first: what counts is the "
                "second at which we received the application."
            ),
            (
                "A company that waits says whether it comes with all of its people or takes as "
                "many places as there are. Places that are too few for the one whose turn it is "
                "may go to a smaller party behind it."
            ),
            (
                "When a place comes up, the company whose turn it is gets an offer by mail. It has "
                "48 hours to take it; after that the place passes on."
            ),
            (
                "Until Oct 1, 2027, 12:00\N{NO-BREAK SPACE}AM (Los Angeles time, UTC−7) companies "
                "change their delegates themselves. From then on a change is a request, which the "
                "organizers agree to or decline."
            ),
            (
                "Travel details are due by Sep 1, 2027, 12:00\N{NO-BREAK SPACE}AM (Los Angeles "
                "time, UTC−7)."
            ),
        ]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"accepts_at_once": True}, "accepted as soon as it applies"),
        ({"queue_order": Order.SCORE}, "the higher score comes first"),
        ({"skips_parties": False}, "nobody passes it"),
        ({"promotion": Promotion.AT_ONCE}, "has it at once"),
        ({"promotion": Promotion.REVIEW}, "holds it while the organizers decide"),
        ({"freezes_at": None}, "change their delegates themselves, at any time"),
    ],
)
def test_each_setting_has_its_sentence(app, said, sentence):
    given = {
        "max_per_organization": 3, "accepts_at_once": False, "queue_order": Order.ARRIVAL,
        "skips_parties": True, "promotion": Promotion.OFFER, "offer_hours": 1,
        "zone": "Europe/Paris", "freezes_at": datetime(2027, 1, 1, tzinfo=utc(2027, 1, 1).tzinfo),
    }  # fmt: skip
    with speaking("en"):
        plain = " ".join(rule_words(Trip(**given)))
        changed = " ".join(rule_words(Trip(**given | said)))

    assert (sentence in plain, sentence in changed) == (False, True)

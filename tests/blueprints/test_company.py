"""A company's own page: where it stands, what it can do, and nothing twice."""

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.blueprints.forms import hidden
from tests.factories import make_registration, make_trip
from webapp import clock
from webapp.db import transaction
from webapp.domain import audits, delegates, registrations, seats
from webapp.domain.registrations import DelegateData
from webapp.models.delegate import DelegateState
from webapp.models.registration import Party, Registration, RegistrationState

ACCEPTED, WAITLISTED = RegistrationState.ACCEPTED, RegistrationState.WAITLISTED
BY = audits.SYSTEM


def page(client, path: str, code: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == code, (path, answer.status_code, answer.location)
    return text_of(answer)


def text_of(answer) -> str:
    text = unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))
    return re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " "))


def post(client, registration: Registration, path: str = "", form=None, at: str = ""):
    """Send a form of the company's page, with the hidden fields of the page `at`."""
    here = f"/r/{registration.token}"
    kept = hidden(client, here + at)
    return client.post(here + path, data=kept | (form or {}))


def told(client, registration: Registration) -> list[tuple[str, str]]:
    """What the next page says first: kind and words."""
    html = client.get(f"/r/{registration.token}").get_data(as_text=True)
    found = re.findall(r'class="flash flash--(\w+)" role="status">.*?<span>(.*?)</span>', html)
    return [(kind, unescape(words)) for kind, words in found]


def company(state=ACCEPTED, size=2, trip=None, **values) -> Registration:
    with transaction():
        return make_registration(trip or make_trip(**values), size, state)


def waiting(**values) -> Registration:
    """A company that waits behind one that has all of the places."""
    with transaction():
        trip = make_trip(max_delegates=2, **values)
        make_registration(trip, 2, ACCEPTED)
        return make_registration(trip, 2, WAITLISTED)


HEADS = {
    RegistrationState.SUBMITTED: "Your registration has been received",
    RegistrationState.ACCEPTED: "You are confirmed",
    RegistrationState.WAITLISTED: "You are on the waiting list",
    RegistrationState.DECLINED: "We cannot take you along this time",
    RegistrationState.CANCELLED: "This registration is cancelled",
    RegistrationState.LAPSED: "Your place has passed on",
}


@pytest.mark.parametrize("state", HEADS)
def test_each_state_is_said_and_shown(client, session, state):
    registration = company(state)

    assert HEADS[state] in page(client, f"/r/{registration.token}")


def test_who_waits_reads_the_turn_why_and_the_rules(client, session):
    text = page(client, f"/r/{waiting(skips_parties=False).token}")

    assert "You are number 1 in the line. All places are taken." in text
    assert "nobody passes it" in text


def test_what_is_accepted_and_confirmed_is_told_from_what_is_not(client, session):
    registration = company()
    with transaction():
        registration.confirmed_at = None

    text = page(client, f"/r/{registration.token}")
    assert "You are accepted" in text
    assert "You are confirmed" not in text


def offered(**values) -> Registration:
    registration = waiting(**values)
    with transaction():
        first = registrations.of_trip(registration.trip)[0]
        registrations.cancel(first, "", BY)
    assert registration.state == RegistrationState.OFFERED
    return registration


def test_an_offer_is_taken_by_a_button_and_twice_does_nothing_more(client, session):
    registration = offered()
    text = page(client, f"/r/{registration.token}")
    assert "2 places are kept for you until" in text
    assert "Paris time" in text

    for _twice in range(2):
        assert post(client, registration, "/offer").status_code == 303

    assert registration.state == ACCEPTED
    assert registration.decisions == 2


def test_an_offer_that_has_ended_is_not_taken(client, session):
    registration = offered()
    with transaction():
        registration.offer_ends_at = clock.now() - timedelta(minutes=1)

    post(client, registration, "/offer")

    assert told(client, registration) == [
        ("warning", "This offer has ended. The page shows how it stands now.")
    ]
    assert registration.state == RegistrationState.OFFERED


def test_an_offer_that_is_not_wanted_passes_on(client, session):
    registration = offered()

    post(client, registration, "/offer/refuse")

    assert registration.state == RegistrationState.CANCELLED
    assert seats.places(registration.trip).delegates_left == 2


def test_who_lapsed_asks_again_at_the_end_of_the_line(client, session):
    registration = company(RegistrationState.LAPSED)
    before = registration.queued_at
    with transaction():
        registration.trip.max_delegates = 1

    for _twice in range(2):
        post(client, registration, "/again")

    assert registration.state == WAITLISTED
    assert registration.queued_at > before


def test_how_the_company_waits_can_be_changed(client, session):
    registration = waiting()

    post(client, registration, "/party", {"party": "any"})
    assert registration.party == Party.ANY

    post(client, registration, "/party", {"party": "nonsense"})
    assert (registration.party, told(client, registration)[0][0]) == (Party.ANY, "error")


def test_cancelled_twice_is_cancelled_once(client, session):
    registration = company()

    form = hidden(client, f"/r/{registration.token}") | {"reason": "no budget"}

    for _twice in range(2):
        answer = client.post(f"/r/{registration.token}/cancel", data=form)
        assert answer.status_code == 303

    assert (registration.state, registration.decisions) == (RegistrationState.CANCELLED, 1)
    text = page(client, f"/r/{registration.token}")
    assert "no budget" in text
    assert "Add a delegate" not in text


def test_a_reason_that_is_too_long_is_said(client, session):
    registration = company()

    post(client, registration, "/cancel", {"reason": "x" * 1001})

    assert registration.state == ACCEPTED
    assert "1000 characters" in told(client, registration)[0][1]


def test_what_is_missing_is_said_per_person_and_by_when(client, session):
    due = clock.now() + timedelta(days=9)
    registration = company(size=1, freezes_at=due)
    with transaction():
        data = DelegateData("", "", "ida@example.com", language="fr")
        delegates.add(registration, data, BY, invited=True)

    text = page(client, f"/r/{registration.token}")

    assert "Invited, has not filled in yet" in text
    assert "Missing: name" in text
    assert "Complete the data of 1 delegate" in text


def test_a_delegate_who_waits_has_a_turn_on_the_page(client, session):
    registration = company(max_delegates=2)
    with transaction():
        new = delegates.add(registration, DelegateData("Ida", "Roy", "ida@example.com"), BY)
        assert new.state == DelegateState.WAITING

    text = page(client, f"/r/{registration.token}")

    assert "1 of your people waits for a place." in text
    assert "number 1 in the line" in text


def test_the_page_takes_as_many_statements_for_20_people_as_for_2(client, session, statements):
    counts = {}
    for size in (2, 20):
        token = company(size=size, max_per_organization=30, max_delegates=100).token
        with statements() as sent:
            page(client, f"/r/{token}")
        counts[size] = len(sent)

    assert counts[2] == counts[20] <= 30

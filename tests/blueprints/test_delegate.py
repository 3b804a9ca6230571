"""A delegate's own page: what is theirs, what they may choose, what clashes, what changed."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from tests.blueprints.forms import hidden, sign_in
from tests.factories import (
    item_values,
    make_item,
    make_registration,
    make_staff,
    make_track,
    make_trip,
    publish,
)
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, feeds, picks, registrations
from webapp.models.agenda import Attendance, Audience
from webapp.models.delegate import Delegate
from webapp.models.registration import RegistrationState
from webapp.models.staff import Role

ACCEPTED = RegistrationState.ACCEPTED


class Tour:
    """A tour with a program, an optional session of one place, and two delegates."""

    def __init__(self, capacity: int | None = 1, state: RegistrationState = ACCEPTED) -> None:
        self.trip = trip = make_trip()
        self.opening = self.add("Opening", 9)
        self.boat = self.add("Boat tour", 14, attendance=Attendance.OPTIONAL, capacity=capacity)
        self.add("Dinner", 20, audience=Audience.DELEGATES)
        self.add("Crisis meeting", 21, audience=Audience.STAFF)
        publish(trip)
        self.company = make_registration(trip, 2, state)
        self.ana, self.ben = self.company.delegates

    def add(self, title: str, hour: int, **values):
        at = datetime(2027, 10, 26, hour)
        return make_item(
            self.trip,
            title=Words(en=title),
            starts_local=at,
            ends_local=at + timedelta(hours=1),
            **values,
        )

    def edit(self, item, **values) -> None:
        """Change the draft of an item at its hour."""
        given = {
            "title": item.title,
            "starts_local": item.starts_local,
            "ends_local": item.ends_local,
            "attendance": item.attendance,
            "capacity": item.capacity,
        }
        agendas.change(item, item_values(**given | values), audits.SYSTEM, item.version)


@pytest.fixture
def tour(session):
    with transaction():
        return Tour()


def page(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    text = unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", text)


def parts(client, delegate: Delegate) -> tuple[list[str], list[str]]:
    """The titles of what is theirs, and of what they may choose."""
    own, _id, options = page(client, f"/d/{delegate.token}").partition('id="options"')
    title = re.compile(r'item__title">(.*?)</h3>')
    return title.findall(own), title.findall(options)


def press(client, delegate: Delegate, item, what: str = "") -> str:
    """Press the button of a session; whether the next page tells of success or warns."""
    here = f"/d/{delegate.token}"
    form = {"csrf_token": hidden(client, here)["csrf_token"]}
    answer = client.post(f"{here}/choices/{item.uid}{what}", data=form)
    assert (answer.status_code, answer.location) == (303, f"{here}#item-{item.uid}")
    return re.search(r'<p class="flash flash--(\w+)"', page(client, here))[1]


def test_the_page_holds_what_is_theirs_and_what_they_may_choose(client, tour):
    assert parts(client, tour.ana) == (["Opening", "Dinner"], ["Boat tour"])
    assert "1 place left" in page(client, f"/d/{tour.ana.token}")


def test_what_is_chosen_joins_agenda_and_calendar_and_leaves_them_again(client, tour):
    assert press(client, tour.ana, tour.boat) == "success"

    assert parts(client, tour.ana) == (["Opening", "Boat tour", "Dinner"], [])
    assert "badge--chosen" in page(client, f"/d/{tour.ana.token}")
    calendar = feeds.of_delegate(tour.ana).token
    assert b"SUMMARY:Boat tour" in client.get(f"/calendars/{calendar}.ics").data

    press(client, tour.ana, tour.boat, "/leave")

    assert parts(client, tour.ana) == (["Opening", "Dinner"], ["Boat tour"])
    assert b"Boat tour" not in client.get(f"/calendars/{calendar}.ics").data


def test_who_comes_when_all_places_are_taken_waits_and_is_told_where_in_the_queue(client, tour):
    press(client, tour.ben, tour.boat)
    assert "All places are taken" in page(client, f"/d/{tour.ana.token}")

    press(client, tour.ana, tour.boat)

    text = page(client, f"/d/{tour.ana.token}")
    assert parts(client, tour.ana) == (["Opening", "Boat tour", "Dinner"], [])
    assert "You are number 1 on the waiting list." in text
    assert "Leave the waiting list" in text
    assert "badge--waiting" in text
    calendar = feeds.of_delegate(tour.ana).token
    assert b"Boat tour" not in client.get(f"/calendars/{calendar}.ics").data

    press(client, tour.ben, tour.boat, "/leave")

    assert "badge--chosen" in page(client, f"/d/{tour.ana.token}")


def test_staff_read_who_chose_what_in_sentences(client, tour):
    for delegate, what in (
        (tour.ben, ""),
        (tour.ana, ""),
        (tour.ben, "/leave"),
        (tour.ana, "/leave"),
    ):
        press(client, delegate, tour.boat, what)
    with transaction():
        staff = make_staff(role=Role.ORGANIZER, trip=tour.trip)
    sign_in(client, staff)

    text = page(client, f"/organizer/trips/{tour.trip.slug}/")

    for said in (
        f"{tour.ben.name} chose the session “Boat tour”",
        f"{tour.ana.name} joined the waiting list of the session “Boat tour”",
        f"{tour.ben.name} gave back the place in the session “Boat tour”",
        "Somebody moved up from the waiting list of the session “Boat tour”",
        f"{tour.ana.name} gave back the place in the session “Boat tour”",
    ):
        assert said in text


@pytest.mark.parametrize("what", ["", "/leave"])
def test_what_is_part_of_the_program_is_neither_chosen_nor_left(client, tour, what):
    assert press(client, tour.ana, tour.opening, what) == "warning"

    assert picks.of(tour.ana) == {}
    assert parts(client, tour.ana)[0] == ["Opening", "Dinner"]


def test_before_acceptance_the_options_are_shown_and_not_given(client, session):
    with transaction():
        tour = Tour(state=RegistrationState.SUBMITTED)

    assert parts(client, tour.ana) == (["Opening"], ["Boat tour"])
    assert "You can choose once your company is accepted." in page(client, f"/d/{tour.ana.token}")
    assert f"/choices/{tour.boat.uid}" not in page(client, f"/d/{tour.ana.token}")
    assert press(client, tour.ana, tour.boat) == "warning"


def test_what_does_not_fit_together_is_said_in_words(client, tour):
    with transaction():
        at = datetime(2027, 10, 26, 14, 30)
        make_item(tour.trip, title=Words(en="Signing"), starts_local=at,
                  ends_local=at + timedelta(hours=1))  # fmt: skip
        publish(tour.trip)
    assert "does not fit together" not in page(client, f"/d/{tour.ana.token}")

    press(client, tour.ana, tour.boat)

    text = page(client, f"/d/{tour.ana.token}")
    assert "“Boat tour” and “Signing” overlap by 30 min." in text
    assert "does not fit together" not in page(client, f"/d/{tour.ben.token}")


def test_what_changed_is_only_what_changed_for_them(client, tour):
    press(client, tour.ana, tour.boat)
    with transaction():
        for item, title in ((tour.opening, "Grand opening"), (tour.boat, "Long boat tour")):
            tour.edit(item, title=Words(en=title))
        crisis = next(i for i in agendas.draft(tour.trip) if i.audience == Audience.STAFF)
        tour.edit(crisis, title=Words(en="Secret plan"), audience=Audience.STAFF)
        publish(tour.trip)

    mine, other = (page(client, f"/d/{d.token}/changes?since=1") for d in (tour.ana, tour.ben))

    assert ("Grand opening" in mine, "Long boat tour" in mine) == (True, True)
    assert ("Grand opening" in other, "Long boat tour" in other) == (True, False)
    assert "Secret" not in mine + other
    assert client.get(f"/d/{tour.ana.token}/changes?since=7").status_code == 404


def test_a_session_that_is_not_theirs_any_more_is_told_as_gone(client, tour):
    dinner = next(i for i in agendas.draft(tour.trip) if i.title["en"] == "Dinner")
    with transaction():
        tour.edit(dinner, audience=Audience.STAFF)
        publish(tour.trip)

    text = page(client, f"/d/{tour.ana.token}/changes")

    assert "No longer here" in text
    assert "Dinner" in text


def test_their_own_sheet_of_paper(client, tour):
    press(client, tour.ben, tour.boat)
    press(client, tour.ana, tour.boat)

    text = page(client, f"/d/{tour.ana.token}/glance")

    found = re.findall(r'slot__title">(.*?)</p>', text)
    assert found == ["Opening", "Boat tour", "Dinner"]
    assert "On the waiting list" in text
    assert tour.ana.name in text
    assert "Crisis" not in text


def test_a_company_that_is_out_has_no_agenda_left(client, tour):
    press(client, tour.ana, tour.boat)
    with transaction():
        registrations.cancel(tour.company, "", audits.SYSTEM)

    assert parts(client, tour.ana) == ([], [])
    assert "csrf_token" not in page(client, f"/d/{tour.ana.token}")


def test_the_pages_are_not_kept_by_anybody(client, tour):
    for path in ("", "/changes", "/glance"):
        answer = client.get(f"/d/{tour.ana.token}{path}")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


@pytest.mark.parametrize("path", ["", "/glance"])
def test_the_page_takes_as_many_statements_for_40_sessions_as_for_4(
    client, session, statements, path
):
    counts = {}
    for size in (2, 20):
        with transaction():
            tour = Tour(capacity=5)
            make_track(tour.trip)
            options = [
                tour.add(f"Option {n}", 10, attendance=Attendance.OPTIONAL, capacity=1)
                for n in range(size)
            ]
            publish(tour.trip)
            for item in options[: size // 2]:
                for delegate in (tour.ben, tour.ana):
                    picks.choose(delegate, item.uid, audits.SYSTEM)
            token = tour.ana.token
        db.session.remove()
        with statements() as sent:
            page(client, f"/d/{token}{path}")
        counts[size] = len(sent)

    assert counts[2] == counts[20] <= 24

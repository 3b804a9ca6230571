"""The publish page: the diff, whom it concerns, holding back, now or later, versions."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import (
    make_item,
    make_registration,
    make_room,
    make_staff,
    make_track,
    make_trip,
    make_venue,
    publish,
    utc,
)
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, clashes, item_values, published, releases, telling
from webapp.models.agenda import Attendance, Audience, ItemRole, Mode
from webapp.models.mail import Mail, MailState
from webapp.models.person import Person
from webapp.models.registration import RegistrationState
from webapp.models.release import Release, ReleaseState
from webapp.models.staff import Role, TripRole

BY = audits.SYSTEM
NOON = utc(2027, 9, 1, 12, 0)


def edit(item, **values):
    return agendas.change(item, replace(item_values.of(item), **values), BY, item.version)


def text(answer) -> str:
    """What a page says, without its markup."""
    page = re.sub(r"<(script|style).*?</\1>", "", answer.get_data(as_text=True), flags=re.S)
    # No-break spaces are blanks too.
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


class Desk:
    """A tour with one version, and an organizer who is signed in."""

    def __init__(self, client) -> None:
        self.client = client
        with transaction():
            self.trip = make_trip()
            self.staff = make_staff(trip=self.trip)
            self.item = make_item(self.trip)
            publish(self.trip)
        sign_in(client, self.staff)
        self.path = f"/organizer/trips/{self.trip.slug}/publish"

    def post(self, path: str = "", **values):
        form = hidden(self.client, self.path)
        return self.client.post(f"{self.path}{path}", data=form | {"when": "now"} | values)

    def page(self, path: str = ""):
        return text(self.client.get(f"{self.path}{path}"))


@pytest.fixture
def desk(session, client, hold_clock) -> Desk:
    hold_clock(NOON)
    return Desk(client)


def test_the_page_says_what_changes_in_words_and_whom_it_concerns(desk):
    with transaction():
        registration = make_registration(desk.trip, 2, RegistrationState.ACCEPTED)
        venue = make_venue(name="La Criée", access=Words(en="Door 2"))
        room, track = make_room(venue, name="Hall A"), make_track(desk.trip)
        person = Person(given_name="Zoé", family_name="Speaker")
        db.session.add(person)
        db.session.flush()
        company = registration.organization
        edit(
            desk.item, venue_id=venue.id, room_id=room.id, to_place="The old port",
            mode=Mode.COACH, service="Line 7", meeting_point=Words(en="The lobby"),
            call_minutes=15, attendance=Attendance.OPTIONAL, capacity=12, languages=("fr",),
            host_id=company.id, people=((person.id, ItemRole.SPEAKER),), track_id=track.id,
            audience=Audience.COMPANIES, company_ids=(company.id,),
            title=Words(en="A new title", fr="Un nouveau titre"),
        )  # fmt: skip
        make_item(desk.trip, title=Words(en="Brand new"))
        name = company.name

    page = desk.page()

    for said in (
        "2 sessions change", "La Criée", "Hall A", "The old port", "Coach Line 7", "The lobby",
        "8:45 AM", "Optional", "12 places", "In French", "Speaker: Zoé Speaker",
        "VIP", "Named companies", name, "Door 2", "Un nouveau titre", "Who receives",
        "Concerns 2 people", "People concerned 2", "Their companies 1", "Zoé O'Brien-Núñez 1",
    ):  # fmt: skip
        assert said in page, said
    for raw in ("organization_ids", "people_named", "call_minutes", "companies.", "None"):
        assert raw not in page, raw


def test_publishing_with_a_name_and_a_note(desk):
    with transaction():
        edit(desk.item, place="Gate 2")

    answer = desk.post(name="Final program", note="At eight")

    assert (answer.status_code, answer.location) == (302, desk.path)
    db.session.expire_all()
    release = desk.trip.release
    assert (release.number, release.name, release.note) == (
        2,
        "Final program",
        "At eight",
    )
    assert release.published_by == desk.staff
    page = desk.page()
    assert "Version 2: Final program is published. Calendars follow." in page
    assert "There is nothing to publish" in page


def test_a_session_is_held_back_and_released_again(desk):
    with transaction():
        edit(desk.item, place="Gate 2")
        make_item(
            desk.trip, title=Words(en="Another"),
            starts_local=datetime(2027, 10, 27, 9, 0), ends_local=datetime(2027, 10, 27, 10, 0),
        )  # fmt: skip

    assert desk.post(f"/{desk.item.id}/hold-back").status_code == 302
    assert "1 session is held back" in desk.page()
    desk.post()
    db.session.expire_all()
    places = {item.uid: item.place_name for item in published.items(desk.trip)}
    assert (places[desk.item.uid], len(places)) == (None, 2)
    assert "Apart from what is held back" in desk.page()

    assert desk.post(f"/{desk.item.id}/let-go").status_code == 302
    assert "1 session changes" in desk.page()


def test_a_change_in_between_is_shown_and_nothing_typed_is_lost(desk):
    with transaction():
        edit(desk.item, place="Gate 2")
    form = hidden(desk.client, desk.path)
    with transaction():
        edit(desk.item, place="Gate 3")

    answer = desk.client.post(
        desk.path, data=form | {"when": "now", "name": "My name", "note": "My note"}
    )

    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "The draft has changed since you opened this page" in page
    assert 'value="My name"' in page
    assert "My note" in page
    assert "Gate 3" in page
    again = hidden_of(page) | {"when": "now", "name": "My name"}
    assert desk.client.post(desk.path, data=again).status_code == 302
    db.session.expire_all()
    assert desk.trip.release.name == "My name"


def hidden_of(page: str) -> dict[str, str]:
    """The hidden fields of the publish form on a page that came back."""
    found = re.findall(r'<input[^>]*name="(csrf_token|seen)"[^>]*value="([^"]*)"', page)
    return dict(found)


@pytest.fixture
def far_apart(desk) -> Desk:
    """Two visits 70 km apart with 20 minutes between, the same people in both."""
    with transaction():
        here = make_venue(name="Marseille", latitude=43.2965, longitude=5.3698)
        there = make_venue(name="Draguignan way", latitude=43.2965, longitude=6.2330)
        edit(desk.item, venue_id=here.id)
        ends = desk.item.ends_local
        make_item(
            desk.trip, venue_id=there.id, title=Words(en="Far away"),
            starts_local=ends + timedelta(minutes=20), ends_local=ends + timedelta(minutes=80),
        )  # fmt: skip
    return desk


def test_two_visits_70_km_apart_are_refused_until_overridden_with_a_reason(far_apart):
    desk = far_apart
    answer = desk.post(note="My note")
    assert answer.status_code == 409
    page = text(answer)
    assert "Clashes keep this from being published" in page
    assert "1 clash keeps this from being published" in page
    assert "Far away" in page
    assert "My note" in page
    later = desk.post(when="later", at_local="2027-09-02T09:00", at_zone="Europe/Paris")
    assert later.status_code == 409
    db.session.expire_all()
    assert (desk.trip.release.number, releases.planned(desk.trip)) == (1, None)

    [clash] = clashes.blocking(clashes.check(desk.trip))
    path = f"/organizer/trips/{desk.trip.slug}/clashes/{clash.key}/override"
    token = hidden(desk.client, desk.path)
    listing = desk.client.get(f"/organizer/trips/{desk.trip.slug}/clashes").get_data(as_text=True)
    [field] = set(re.findall(r'<textarea[^>]*name="([^"]*reason)"', listing))
    assert desk.client.post(path, data=token | {field: ""}).status_code == 422
    assert desk.post().status_code == 409
    reason = {field: "The coach has a police escort"}
    assert desk.client.post(path, data=token | reason).status_code == 303

    assert desk.post().status_code == 302
    db.session.expire_all()
    assert desk.trip.release.number == 2


def test_what_is_held_back_clashes_with_nothing(far_apart):
    desk = far_apart
    far = agendas.draft(desk.trip)[-1]
    desk.post(f"/{far.id}/hold-back")

    assert desk.post().status_code == 302
    # Published by now, and held back again where it would clash: what is published counts.
    desk.post(f"/{far.id}/let-go")
    with transaction():
        far = agendas.draft(desk.trip)[-1]
        good = far.starts_local + timedelta(hours=3)
        edit(far, starts_local=good, ends_local=good + timedelta(hours=1))
    assert desk.post().status_code == 302
    with transaction():
        bad = good - timedelta(hours=3)
        edit(far, starts_local=bad, ends_local=bad + timedelta(hours=1))
        make_item(desk.trip, audience=Audience.STAFF)
    assert desk.post().status_code == 409
    desk.post(f"/{far.id}/hold-back")
    assert desk.post().status_code == 302


def test_planning_for_later_showing_it_and_dropping_it(desk):
    with transaction():
        edit(desk.item, place="Gate 2")

    answer = desk.post(
        when="later", at_local="2027-09-02T09:00", at_zone="Europe/Paris", name="Final program"
    )

    assert answer.status_code == 302
    db.session.expire_all()
    planned = releases.planned(desk.trip)
    assert planned.planned_for == utc(2027, 9, 2, 7, 0)
    assert desk.trip.release.number == 1
    page = desk.page()
    assert "Planned: Final program" in page
    assert "Sep 2, 2027, 9:00 AM (Paris time, UTC+2)" in page
    assert f"Planned by {desk.staff.name}." in page
    assert "As things stand, 1 session changes then" in page

    second = desk.post(when="later", at_local="2027-09-03T09:00", at_zone="Europe/Paris")
    assert second.status_code == 422
    assert "Another version is planned already" in field_errors(second.text)["when"]

    assert desk.post(f"/{planned.id}/drop").status_code == 302
    db.session.expire_all()
    assert planned.state == ReleaseState.DROPPED
    assert "Planned:" not in desk.page().replace("Planned: it comes", "")


def test_one_that_went_wrong_says_so(desk):
    with transaction():
        edit(desk.item, place="Gate 2")
        made = releases.plan(desk.trip, BY, NOON + timedelta(hours=1))
        releases.tell_problem(made.id, "OperationalError")

    assert "Something went wrong when its time came." in desk.page()
    assert "The log of the worker says OperationalError." in desk.page()


REFUSED = [
    ({"at_local": ""}, "at_local", "give a date and a time"),
    ({"at_local": "tomorrow"}, "at_local", ""),
    ({"at_zone": ""}, "at_zone", "fill in"),
    ({"at_zone": "Paris"}, "at_zone", "do not know this time zone"),
    ({"at_local": "2027-08-31T09:00"}, "at_local", "is over"),
    ({"at_local": "2028-03-26T02:30"}, "at_local", "The clocks skip this time"),
    ({"at_local": "2027-10-31T02:30"}, "at_local", "occurs twice"),
    ({"at_local": "9999-12-31T02:30"}, "at_local", "check the year"),
    ({"name": "x" * 201}, "name", "too long"),
    ({"note": "x" * 501}, "note", "too long"),
    ({"when": "someday"}, "when", ""),
]


def test_what_cannot_stand_is_told_at_its_field_and_what_was_typed_stays(desk):
    with transaction():
        edit(desk.item, place="Gate 2")
    given = {
        "when": "later", "at_local": "2027-09-02T09:00", "at_zone": "Europe/Paris",
        "name": "My name",
    }  # fmt: skip

    for values, field, words in REFUSED:
        answer = desk.post(**given | values)
        assert answer.status_code == 422, values
        told = field_errors(answer.text)
        assert list(told) == [field], values
        assert words in told[field], told
        typed = values.get("name", "My name")
        assert f'value="{typed}"' in answer.text
    db.session.expire_all()
    assert releases.planned(desk.trip) is None
    assert desk.trip.release.number == 1


def test_of_an_hour_that_occurs_twice_the_pass_is_asked_and_taken(desk):
    with transaction():
        edit(desk.item, place="Gate 2")
    given = {"when": "later", "at_local": "2027-10-31T02:30", "at_zone": "Europe/Paris"}
    assert 'name="at_fold"' in desk.post(**given).text

    assert desk.post(**given, at_fold="1").status_code == 302

    db.session.expire_all()
    assert releases.planned(desk.trip).planned_for == utc(2027, 10, 31, 1, 30)


def test_what_stands_in_the_fields_of_later_does_not_matter_now(desk):
    with transaction():
        edit(desk.item, place="Gate 2")

    assert desk.post(at_local="rubbish", at_zone="x" * 64).status_code == 302


def test_any_two_versions_are_compared(desk):
    for place in ("Gate 2", "Gate 3"):
        with transaction():
            edit(desk.item, place=place)
            publish(desk.trip)

    assert "Gate 2" in desk.page("/compare")  # the latest two
    wide = desk.page("/compare?from=1&to=3")
    assert ("Gate 3" in wide, "Gate 2" in wide) == (True, False)
    assert desk.page("/compare?from=3&to=1") != ""
    assert "Both say the same" in desk.page("/compare?from=2&to=2")


def test_versions_that_are_not_there_are_told_at_their_field(desk):
    for query in ("from=9&to=1", "from=x&to=1", "from=1&to=-1", "from=&to="):
        answer = desk.client.get(f"{desk.path}/compare?{query}")

        assert answer.status_code == 422, query
        assert "There is no such version." in answer.text


def test_a_version_shows_what_it_changed_and_all_it_says(desk):
    with transaction():
        edit(desk.item, place="Gate 2")
        releases.publish(desk.trip, BY, "A word", name="Final program")

    page = desk.page("/versions/2")

    for said in (
        "Version 2: Final program",
        "A word",
        "It changed 1 session",
        "Gate 2",
        "In force",
    ):
        assert said in page, said
    assert desk.client.get(f"{desk.path}/versions/3").status_code == 404


def test_an_older_version_is_taken_as_the_draft_once_confirmed(desk):
    with transaction():
        edit(desk.item, place="Gate 2")
        publish(desk.trip)
    path = f"{desk.path}/versions/1/restore"
    assert "1 session of the draft is otherwise" in text(desk.client.get(path))

    answer = desk.client.post(path, data=hidden(desk.client, path))

    assert answer.status_code == 302
    db.session.expire_all()
    assert desk.item.place is None
    assert desk.trip.release.number == 2
    assert "The draft says what that version said" in text(desk.client.get(path))


def test_what_could_not_be_brought_back_is_told(desk):
    with transaction():
        venue = make_venue(name="La Criée")
        edit(desk.item, venue_id=venue.id)
        publish(desk.trip)
        edit(desk.item, venue_id=None)
        publish(desk.trip)
        venue.name = "La Friche"
    path = f"{desk.path}/versions/2/restore"

    page = text(desk.client.post(path, data=hidden(desk.client, path)))

    assert "1 session is not quite what it was" in page
    assert "La Criée" in page


def test_it_can_be_read_in_french(desk):
    with transaction():
        edit(desk.item, place="Gate 2")
        make_registration(desk.trip, 1)
        releases.plan(desk.trip, BY, NOON + timedelta(hours=1))

    for path in ("", "/compare", "/versions/1", "/versions/1/restore"):
        assert desk.client.get(f"{desk.path}{path}?lang=fr").status_code == 200


def test_the_page_takes_as_many_statements_for_20_sessions_as_for_2(desk, statements):
    counts = {}
    for size in (2, 20):
        with transaction():
            for number in range(size):
                make_item(desk.trip, starts_local=datetime(2027, 10, 26, 8, number))
        with statements() as sent:
            desk.client.get(desk.path)
        counts[size] = len(sent)

    assert counts[2] == counts[20], counts


# Writing to those whom it concerns


def bulletins_of(number: int) -> list[Mail]:
    query = (
        select(Mail)
        .join(Release, Mail.release_id == Release.id)
        .where(Mail.letter == "bulletin", Release.number == number)
    )
    return list(db.session.scalars(query.order_by(Mail.id)))


def test_the_form_says_whom_it_writes_to_and_asks_for_it_by_default(desk):
    with transaction():
        edit(desk.item, place="Gate 2")
    form = hidden(desk.client, desk.path)
    assert "tells" not in form  # nobody has registered yet: there is nobody to write to
    assert "It concerns nobody yet" in desk.page()
    with transaction():
        make_registration(desk.trip, 2, RegistrationState.ACCEPTED)

    markup = desk.client.get(desk.path).get_data(as_text=True)

    assert re.search(r'<input checked[^>]*name="tells"', markup)
    assert "2 people of 1 company: one letter each" in desk.page()
    assert re.search(r'name="hold_minutes"[^>]*value="10"', markup)


def test_the_first_version_writes_to_nobody_by_default(desk):
    with transaction():
        other = make_trip()
        make_item(other)
        make_registration(other, 1, RegistrationState.ACCEPTED)
        db.session.add(TripRole(staff_id=desk.staff.id, trip_id=other.id, role=Role.ORGANIZER))
        slug = other.slug

    markup = desk.client.get(f"/organizer/trips/{slug}/publish").get_data(as_text=True)

    assert 'name="tells"' in markup
    assert not re.search(r'<input checked[^>]*name="tells"', markup)


def test_letters_are_held_seen_undone(desk):
    with transaction():
        make_registration(desk.trip, 2, RegistrationState.ACCEPTED)
        edit(desk.item, place="Gate 2")
    desk.post(tells="y", hold_minutes="30", note="The gate is another one")
    with transaction():
        [release_id] = telling.due()
        telling.tell(release_id)

    page = desk.page()
    assert "Letters about this version to 2 people go out on" in page
    assert "2:30" in page
    assert "Paris" in page
    assert "2 people Held" in page
    version = desk.page("/versions/2")
    assert "Undo: write to nobody" in version

    answer = desk.client.post(
        f"{desk.path}/versions/2/letters/undo", data=hidden(desk.client, desk.path)
    )

    assert (answer.status_code, answer.location) == (302, f"{desk.path}/versions/2")
    assert {mail.state for mail in bulletins_of(2)} == {MailState.CANCELLED}
    version = desk.page("/versions/2")
    assert "Undone: nobody is written to about this version." in version
    assert "The letters about this version were stopped before they went out." in version
    desk.client.post(f"{desk.path}/versions/2/letters/now", data=hidden(desk.client, desk.path))
    assert "Too late" in desk.page("/versions/2")


def test_letters_go_out_at_once_when_asked(desk):
    with transaction():
        make_registration(desk.trip, 1, RegistrationState.ACCEPTED)
        edit(desk.item, place="Gate 2")
    desk.post(tells="y", hold_minutes="30")
    with transaction():
        telling.tell(telling.due()[0])

    desk.client.post(f"{desk.path}/versions/2/letters/now", data=hidden(desk.client, desk.path))

    assert {mail.state for mail in bulletins_of(2)} == {MailState.WAITING}
    assert "1 person was written to about this version" in desk.page("/versions/2")


@pytest.mark.parametrize("minutes", ["", "-1", "1441", "ten", "1" * 40, "😀"])
def test_minutes_that_are_none_are_asked_again_and_nothing_typed_is_lost(desk, minutes):
    with transaction():
        edit(desk.item, place="Gate 2")

    answer = desk.post(tells="y", hold_minutes=minutes, note="Kept words")

    assert answer.status_code == 422
    assert "hold_minutes" in field_errors(answer.get_data(as_text=True))
    assert "Kept words" in answer.get_data(as_text=True)
    # Where nobody is written to, nobody asks for minutes.
    assert desk.post(hold_minutes=minutes).status_code == 302


def test_a_planned_version_keeps_the_choice(desk, hold_clock):
    with transaction():
        make_registration(desk.trip, 1, RegistrationState.ACCEPTED)
        edit(desk.item, place="Gate 2")
    desk.post(
        when="later", at_local="2027-09-02T09:00", at_zone="Europe/Paris", tells="y",
        hold_minutes="5",
    )  # fmt: skip
    assert "that can be undone for 5 minutes" in desk.page()
    assert telling.due() == []
    hold_clock(utc(2027, 9, 2, 7, 0))
    with transaction():
        releases.come_out(releases.due()[0])
    with transaction():
        assert telling.tell(telling.due()[0]) == 1

    [mail] = bulletins_of(2)
    assert mail.due_at == utc(2027, 9, 2, 7, 5)


def test_what_kept_nobody_from_being_told_is_shown(desk):
    with transaction():
        make_registration(desk.trip, 1, RegistrationState.ACCEPTED)
        edit(desk.item, place="Gate 2")
    desk.post(tells="y", hold_minutes="10")
    with transaction():
        telling.tell_problem(telling.due()[0], "ValueError")

    assert "The log of the worker says ValueError" in desk.page("/versions/2")
    with transaction():
        telling.tell(telling.due()[0])
    assert "ValueError" not in desk.page("/versions/2")

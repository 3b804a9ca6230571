"""The form of a session: what it takes, what it refuses, and two organizers at once."""

import re
from dataclasses import replace
from html import unescape

import pytest

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import (
    make_item,
    make_registration,
    make_room,
    make_staff,
    make_stop,
    make_trip,
    make_venue,
    publish,
)
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, edits, item_values, organizations, people
from webapp.models.agenda import AgendaItem, Audience, ItemRole
from webapp.models.organization import Organization, OrganizationKind
from webapp.models.person import Person


@pytest.fixture
def trip(session):
    with transaction():
        trip = make_trip()
        make_stop(trip)
    return trip


@pytest.fixture
def staff(client, trip):
    with transaction():
        staff = make_staff(trip=trip)
    sign_in(client, staff)
    return staff


def path(trip, item=None) -> str:
    return f"/organizer/trips/{trip.slug}/agenda/{item.id if item else 'new'}"


def typed(**values) -> dict:
    """The visible fields, filled in well."""
    form = {
        "kind": "visit",
        "title_en": "Shipyard",
        "state": "confirmed",
        "starts_local": "2027-10-26T09:00",
        "starts_zone": "Europe/Paris",
        "ends_local": "2027-10-26T10:30",
        "ends_zone": "Europe/Paris",
        "attendance": "mandatory",
        "audience": "everybody",
        "host_kind": "company",
    }
    return form | values


def send(client, where: str, **values):
    return client.post(where, data={**hidden(client, where), **typed(**values)})


def words_of(page: str) -> str:
    """The text of a page, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


def only_item(trip) -> AgendaItem:
    db.session.expire_all()
    (item,) = agendas.draft(trip)
    return item


def test_everything_that_an_organizer_says_is_kept(client, trip, staff):
    with transaction():
        venue, quay = make_venue(), make_venue(city="Toulon")
        room = make_room(venue)
        company = make_registration(trip, 1).organization_id

    answer = send(
        client, path(trip),
        title_fr="Chantier", kind="transfer", description_fr="Bateaux.", state="tentative",
        stop_id=trip.stops[0].id, venue_id=venue.id, room_id=room.id, meeting_point_en="Lobby",
        call_minutes="20", mode="coach", service="Line 7", vehicle="Coach 1", to_venue_id=quay.id,
        host="Naval Group", host_kind="company", languages=["en", "fr"], attendance="optional",
        capacity="40", audience="companies", company_ids=[company], internal_note="Passports.",
        invites="0",
        **{
            "people-0-given_name": "Ada", "people-0-family_name": "Exemple",
            "people-0-role": "speaker", "people-0-person_id": "",
            "people-4-given_name": "", "people-4-family_name": "", "people-4-role": "guide",
        },
    )  # fmt: skip

    assert answer.status_code == 302, field_errors(answer.get_data(as_text=True))
    item = only_item(trip)
    assert (item.title, item.kind, item.state) == (
        {"en": "Shipyard", "fr": "Chantier"},
        "transfer",
        "tentative",
    )
    assert (item.venue_id, item.room_id, item.to_venue_id) == (venue.id, room.id, quay.id)
    assert (item.meeting_point, item.call_minutes) == ({"en": "Lobby"}, 20)
    assert (item.mode, item.service, item.vehicle) == ("coach", "Line 7", "Coach 1")
    assert (item.host.name, item.host.kind) == ("Naval Group", OrganizationKind.COMPANY)
    assert item.people_named == [{"name": "Ada Exemple", "role": "speaker"}]
    assert (item.languages, item.attendance, item.capacity) == (["en", "fr"], "optional", 40)
    assert item.invites is False
    assert (item.audience, item.organization_ids) == (Audience.COMPANIES, [company])
    assert (item.stop_id, item.internal_note) == (trip.stops[0].id, "Passports.")
    assert edits.next_undo(trip, staff).item_uid == item.uid


def test_opening_and_saving_a_session_changes_nothing(client, trip, staff):
    with transaction():
        venue = make_venue()
        room = make_room(venue)
        host = organizations.named("CCI", OrganizationKind.CHAMBER)
        speaker = people.named(trip, "Ada", "Exemple")
        item = make_item(
            trip, venue_id=venue.id, room_id=room.id, host_id=host.id, languages=("fr", "sv"),
            people=((speaker.id, ItemRole.SPEAKER), (speaker.id, ItemRole.HOST)),
            meeting_point=Words(fr="Hall"), call_minutes=15, capacity=12,
        )  # fmt: skip
    before = item.version
    page = client.get(path(trip, item)).get_data(as_text=True)

    answer = client.post(path(trip, item), data=shown(page))

    assert answer.status_code == 302
    assert [entry.action for entry in audits.of(only_item(trip))] == ["add"]
    assert only_item(trip).version == before


def shown(page: str) -> dict:
    """What a browser would send of the form as it is shown."""
    form = page[page.index('id="item"') : page.index('<section class="section')]
    form = re.sub(r"<template.*?</template>", "", form, flags=re.S)
    sent: dict = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]*)"', tag)[1]
        value = re.search(r'value="([^"]*)"', tag)
        if 'type="checkbox"' not in tag and 'type="radio"' not in tag:
            sent[name] = unescape(value[1]) if value else ""
        elif re.search(r"\schecked", tag):
            sent.setdefault(name, []).append(unescape(value[1]))
    for name, body in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        sent[name] = unescape(body).strip()
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"', body)
        sent[name] = unescape(chosen[1]) if chosen else ""
    return sent


REFUSED = [
    ({"ends_local": ""}, {"ends_local": "Please say when it ends: a session needs an end."}),
    ({"starts_local": ""}, {"starts_local": "Please say when it starts."}),
    (
        {"ends_local": "2027-10-26T09:00"},
        {"ends_local": "The end must come after the start."},
    ),
    ({"capacity": "many"}, {"capacity": "Please give a whole number."}),
    ({"capacity": "0"}, {"capacity": "Please give a number from 1 to 100000."}),
    ({"call_minutes": "1441"}, {"call_minutes": "Please give a number from 1 to 1440."}),
    ({"audience": "companies"}, {"company_ids": "Please tick the companies that may see it."}),
    (
        {"people-0-given_name": "Ada", "people-0-role": "guide"},
        {"people-0-family_name": "Please give the last name too."},
    ),
]


def test_what_cannot_stand_is_refused_and_what_was_typed_stays(client, trip, staff):
    with transaction():
        make_registration(trip, 1)

    for said, errors in REFUSED:
        answer = send(client, path(trip), title_en="Only typed", **said)

        page = answer.get_data(as_text=True)
        assert (answer.status_code, field_errors(page)) == (422, errors)
        assert 'value="Only typed"' in page
    assert agendas.draft(trip) == []


@pytest.mark.parametrize("said", ["999999", "no number", ["", "999999"], ["", "no number"]])
@pytest.mark.parametrize("field", ["company_ids", "languages"])
def test_a_choice_that_there_is_not_is_refused_also_behind_an_empty_one(
    client, trip, staff, field, said
):
    with transaction():
        make_registration(trip, 1)

    answer = send(client, path(trip), audience="companies", **{field: said})

    assert answer.status_code == 422
    assert field in field_errors(answer.get_data(as_text=True))
    assert agendas.draft(trip) == []


def test_a_room_brings_its_venue_and_no_other(client, trip, staff):
    with transaction():
        venue, other = make_venue(), make_venue()
        room = make_room(venue)

    refused = send(client, path(trip), room_id=room.id, venue_id=other.id)
    accepted = send(client, path(trip), room_id=room.id)

    assert set(field_errors(refused.get_data(as_text=True))) == {"room_id"}
    assert accepted.status_code == 302
    assert only_item(trip).venue_id == venue.id


def test_companies_are_kept_only_for_the_audience_that_they_are(client, trip, staff):
    with transaction():
        company = make_registration(trip, 1).organization_id

    send(client, path(trip), audience="delegates", company_ids=[company])

    assert only_item(trip).organization_ids == []


def test_a_person_of_the_tour_is_offered_and_not_made_twice(client, trip, staff):
    with transaction():
        ada = people.named(trip, "Ada", "Exemple")
        make_item(trip, people=((ada.id, ItemRole.SPEAKER),))

    added = send(client, path(trip), add_person="1", known_person=str(ada.id))
    page = added.get_data(as_text=True)
    assert added.status_code == 200
    assert 'name="people-0-family_name" type="text" value="Exemple"' in page
    for given in ("Ada", "ADA"):
        send(
            client, path(trip), title_en=given,
            **{"people-0-given_name": given, "people-0-family_name": "Exemple",
               "people-0-role": "guide"},
        )  # fmt: skip

    found = {item.title["en"]: item.people for item in agendas.draft(trip)}
    assert [each.person_id for each in (*found["Ada"], *found["ADA"])] == [ada.id, ada.id]
    assert len(db.session.query(Person).all()) == 1


def test_nobody_can_be_drawn_in_from_another_tour_by_number(client, trip, staff):
    with transaction():
        stranger = people.named(make_trip(), "Secret", "Guest")

    send(
        client, path(trip),
        **{"people-0-person_id": str(stranger.id), "people-0-given_name": "Secret",
           "people-0-family_name": "Guest", "people-0-role": "guide"},
    )  # fmt: skip
    page = send(client, path(trip), add_person="1", known_person=str(stranger.id))

    assert only_item(trip).people[0].person_id != stranger.id
    assert "Secret" not in page.get_data(as_text=True).split("data-cast")[1].split("<template")[0]


def test_a_row_is_taken_away_without_a_script(client, trip, staff):
    rows = {}
    for number, name in enumerate(("Ada", "Bo", "Cy")):
        rows |= {f"people-{number}-given_name": name, f"people-{number}-family_name": "X"}
        rows |= {f"people-{number}-role": "guide"}

    page = send(client, path(trip), remove_person="1", **rows).get_data(as_text=True)

    assert re.findall(r'name="people-\d+-given_name" type="text" value="(\w+)"', page) == [
        "Ada",
        "Cy",
    ]


def test_a_known_organization_is_taken_and_not_made_again(client, trip, staff):
    with transaction():
        organizations.named("Cap Énergies", OrganizationKind.CLUSTER)

    send(client, path(trip), host="cap énergies", host_kind="company")

    assert only_item(trip).host.kind == OrganizationKind.CLUSTER
    assert len(db.session.query(Organization).all()) == 1


def test_of_two_organizers_the_second_sees_both_versions_and_chooses(client, trip, staff):
    with transaction():
        item = make_item(trip)
        colleague = make_staff(trip=trip)
    mine = hidden(client, path(trip, item))
    with transaction():
        theirs = replace(item_values.of(item), title=Words(en="Harbor"), capacity=20)
        edits.change(item, theirs, colleague, item.version)

    answer = client.post(
        path(trip, item), data={**mine, **typed(title_en="Dock", ends_local="2027-10-26T11:00")}
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    table = words_of(page[page.index("<tbody>") : page.index("</tbody>")])
    assert f"{colleague.name} saved it while your page was open." in words_of(page)
    assert "Title Harbor Dock" in table
    assert "Places 20 nothing" in table
    assert "Oct 26, 2027, 10:30\xa0AM" in unescape(page)
    assert "Oct 26, 2027, 11:00\xa0AM" in unescape(page)
    assert "Kind" not in table  # the same in both
    assert 'value="Dock"' in page
    assert only_item(trip).title == {"en": "Harbor"}

    token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', page)[1]
    version = re.search(r'name="version"[^>]*value="([^"]*)"', page)[1]
    sent = {"csrf_token": token, "version": version, **typed(title_en="Dock")}
    assert client.post(path(trip, item), data=sent).status_code == 302
    assert only_item(trip).title == {"en": "Dock"}


def test_a_session_that_was_deleted_meanwhile_can_be_added_again(client, trip, staff):
    with transaction():
        item = make_item(trip)
    form, where = hidden(client, path(trip, item)), path(trip, item)
    with transaction():
        edits.call_off(item, staff)

    answer = client.post(where, data={**form, **typed(title_en="Still here")})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Somebody else deleted this session meanwhile" in page
    assert 'value="Still here"' in page
    assert f'action="{path(trip)}"' in page


def test_new_words_do_not_revive_a_cancelled_session(client, trip, staff):
    with transaction():
        item = make_item(trip)
        publish(trip)
        agendas.call_off(item, audits.SYSTEM)

    send(client, path(trip, item), title_en="New words")

    assert (only_item(trip).title["en"], only_item(trip).state) == ("New words", "cancelled")


def test_a_link_fills_the_form_in(client, trip, staff):
    stop = trip.stops[0]
    with transaction():
        stop.zone = "Europe/London"
        venue = make_venue(city="Elsewhere")
    asked = f"?stop={stop.id}&venue={venue.id}&starts=2027-10-27T14:15&room=x&track=9999999"

    page = client.get(path(trip) + asked).get_data(as_text=True)

    assert 'value="2027-10-27T14:15"' in page
    assert 'value="2027-10-27T15:15"' in page
    assert page.count('value="Europe/London"') >= 2
    assert re.search(rf'selected value="{venue.id}"', page)


def test_the_form_stays_quick_with_many_sessions(client, trip, staff, statements):
    counts = []
    for number in (1, 20):
        with transaction():
            ada = people.named(trip, "Ada", f"Exemple {number}")
            for _ in range(number):
                make_item(trip, people=((ada.id, ItemRole.GUIDE),))
        with statements() as sent:
            assert client.get(path(trip)).status_code == 200
        counts.append(len(sent))

    assert counts[0] == counts[1]

"""The pages about clashes: the list, what may stand, how they are judged, ways."""

import re
from html import unescape

import pytest

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.domain.clashes.test_check import at, make_venue, named, two_visits
from tests.factories import make_item, make_staff, make_trip
from webapp.db import transaction
from webapp.domain import audits, clashes
from webapp.domain.clashes import settings
from webapp.models.staff import Role
from webapp.models.trip import Trip

WAY = (
    "Between “Port” and “Camp” the agenda leaves 20 min. From Port Center to Thecamp takes "
    "1 h 41 min: 70 km as the crow flies, 91 by coach at 60 km/h, and 10 min margin. Everybody is "
    "expected at both."
)


def text(page: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


@pytest.fixture
def clashing(app, client) -> Trip:
    """A trip with two visits 70 km apart and 20 minutes between; its organizer is signed in."""
    with transaction():
        trip, _, _ = two_visits()
        staff = make_staff(trip=trip)
    sign_in(client, staff)
    return trip


def at_list(trip: Trip, rest: str = "") -> str:
    return f"/organizer/trips/{trip.slug}/clashes{rest}"


def send(client, trip: Trip, rest: str, **values):
    form = hidden(client, at_list(trip))
    return client.post(at_list(trip, rest), data={**form, **values})


def test_the_list_says_in_words_what_clashes_and_leads_there(client, clashing):
    page = client.get(at_list(clashing)).get_data(as_text=True)

    assert WAY in text(page)
    assert "They block publishing" in text(page)
    (first, last) = re.findall(r'href="([^"]*/agenda/\d+)"', page)
    assert [client.get(address).status_code for address in (first, last)] == [200, 200]


def test_nothing_clashes(app, client):
    with transaction():
        trip = make_trip()
        staff = make_staff(trip=trip)
    sign_in(client, staff)

    assert "Nothing clashes" in client.get(at_list(trip)).get_data(as_text=True)


def test_letting_it_stand_with_a_reason_and_blocking_again(client, clashing):
    (found,) = clashes.check(clashing)
    answer = send(client, clashing, f"/{found.key}/override", reason="  By helicopter. ")
    assert (answer.status_code, answer.location) == (303, at_list(clashing))
    page = text(client.get(at_list(clashing)).get_data(as_text=True))
    assert "“By helicopter.”" in page
    assert "They block publishing" not in page
    assert clashes.blocking(clashes.check(clashing)) == []

    send(client, clashing, f"/{found.key}/withdraw")
    assert len(clashes.blocking(clashes.check(clashing))) == 1
    page = client.get(at_list(clashing)).get_data(as_text=True)
    assert "blocks publishing again" in page


def test_a_bad_reason_is_told_beside_its_clash_and_kept(client, clashing):
    (found,) = clashes.check(clashing)
    for reason, words in (
        (" \n ", "Please give a reason."),
        ("x" * 501, "This is too long: 500 characters at most."),
    ):
        answer = send(client, clashing, f"/{found.key}/override", reason=reason)
        page = answer.get_data(as_text=True)

        assert answer.status_code == 422
        assert field_errors(page) == {f"reason-{found.key[:16]}": words}
        assert f'href="#reason-{found.key[:16]}"' in page
        assert reason.strip() in page
    assert len(clashes.blocking(clashes.check(clashing))) == 1


def test_a_clash_that_is_not_there_any_more_is_said_so(client, clashing):
    for deed in ("override", "withdraw"):
        for key in ("0" * 64, "nonsense"):
            answer = send(client, clashing, f"/{key}/{deed}", reason="By helicopter.")

            assert (answer.status_code, answer.location) == (303, at_list(clashing))
            assert "any more" in client.get(at_list(clashing)).get_data(as_text=True)


def test_a_reader_reads_and_is_offered_nothing(app, client):
    with transaction():
        trip, _, _ = two_visits()
        staff = make_staff(trip=trip, role=Role.READER)
    sign_in(client, staff)
    page = client.get(at_list(trip)).get_data(as_text=True)

    assert WAY in text(page)
    assert "/override" not in page
    assert "/clashes/settings" not in page


def test_hostile_names_stay_text(app, client):
    with transaction():
        trip = make_trip()
        staff = make_staff(trip=trip)
        make_item(trip, **at(0, 60, title=named("<script>alert(1)</script>%(x)s {{ 7 }}")))
        make_item(trip, **at(1, 60, title=named("Two")))
    sign_in(client, staff)
    page = client.get(at_list(trip)).get_data(as_text=True)

    assert "<script>alert" not in page
    assert "“<script>alert(1)</script>%(x)s {{ 7 }}” and “Two” overlap by 59 min." in unescape(page)


def stored(trip: Trip) -> dict[str, str]:
    """The fields of the settings form as they stand."""
    said = settings.of(trip)
    return {
        **{f"level_{rule.value}": level.value for rule, level in said.levels.items()},
        **{f"speed_{mode.value}": f"{speed:g}" for mode, speed in said.speeds.items()},
        "margin_minutes": str(said.margin),
        "arrival_minutes": str(said.arrival),
    }


def test_how_they_are_judged(client, clashing):
    values = stored(clashing) | {
        "level_travel": "warn",
        "speed_walk": "5,5",
        "margin_minutes": "0",
        "arrival_minutes": "60",
    }
    answer = send(client, clashing, "/settings", **values)

    assert (answer.status_code, answer.location) == (303, at_list(clashing))
    assert stored(clashing) == values | {"speed_walk": "5.5"}
    assert [c.level for c in clashes.check(clashing)] == ["warn"]
    page = client.get(at_list(clashing, "/settings")).get_data(as_text=True)
    assert 'value="5.5"' in page


def test_bad_settings_are_named_and_kept_as_typed(client, clashing):
    before = stored(clashing)
    bad = {
        "margin_minutes": ("abc", "Please give a whole number."),
        "arrival_minutes": ("241", "Please give a number from 0 to 240."),
        "speed_car": ("", "Please fill in this field."),
        "speed_coach": ("fast", "Please give a number, like 60 or 4.5."),
        "speed_train": ("0", "Please give a number from 1 to 1200."),
        "speed_boat": ("nan", "Please give a number, like 60 or 4.5."),
        "level_room": ("forbid", "Not a valid choice."),
    }
    typed = {name: text for name, (text, _) in bad.items()}
    answer = send(client, clashing, "/settings", **{**before, **typed})
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert field_errors(page) == {name: words for name, (_, words) in bad.items()}
    for name, value in typed.items():
        if name != "level_room":
            assert re.search(rf'<input[^>]*id="{name}"[^>]*value="{value}"', page), name
    assert stored(clashing) == before


def test_a_way_of_one_s_own(client, clashing):
    port, camp = (venue.id for venue in settings.venues_used(clashing))
    page = text(client.get(at_list(clashing, "/travel")).get_data(as_text=True))
    assert "Port Center – Thecamp 70 km 1 h 31 min Coach none Set" in page

    answer = send(client, clashing, "/travel", from_venue_id=port, to_venue_id=camp, minutes="0")
    assert answer.status_code == 303
    page = text(client.get(at_list(clashing, "/travel")).get_data(as_text=True))
    assert "Port Center → Thecamp 70 km 1 h 31 min Coach 0 min Change" in page
    assert clashes.check(clashing) == []

    (row,) = settings.travel_times(clashing)
    address = f"/travel/{row.id}/remove"
    assert send(client, clashing, address).status_code == 303
    assert len(clashes.check(clashing)) == 1
    assert send(client, clashing, address).status_code == 404


def test_the_way_to_set_is_chosen_already(client, clashing):
    page = client.get(at_list(clashing, "/travel")).get_data(as_text=True)
    (address,) = re.findall(r'href="([^"]*from=[^"]*)#way"', page)
    page = client.get(unescape(address)).get_data(as_text=True)

    assert len(re.findall(r"<option selected value=\"\d+\"", page)) == 2


def test_a_bad_way_is_named_and_kept_as_typed(client, clashing):
    with transaction():
        other = make_venue("Elsewhere")
    port, camp = (venue.id for venue in settings.venues_used(clashing))
    cases = [
        ({"minutes": "abc"}, {"minutes": "Please give a whole number."}),
        ({"minutes": "2881"}, {"minutes": "Please give a number from 0 to 2880."}),
        ({"minutes": ""}, {"minutes": "Please fill in this field."}),
        ({"to_venue_id": ""}, {"to_venue_id": "Please choose a venue."}),
        ({"to_venue_id": port}, {"to_venue_id": "Please choose two different venues."}),
        ({"to_venue_id": other.id}, {"to_venue_id": "Not a valid choice."}),
    ]
    form = hidden(client, at_list(clashing))
    for values, errors in cases:
        sent = {"from_venue_id": port, "to_venue_id": camp, "minutes": "15"} | values
        answer = client.post(at_list(clashing, "/travel"), data={**form, **sent})
        page = answer.get_data(as_text=True)

        assert (answer.status_code, field_errors(page)) == (422, errors)
        assert re.search(rf'<input[^>]*id="minutes"[^>]*value="{sent["minutes"]}"', page)
    assert settings.travel_times(clashing) == []


def test_a_venue_chosen_in_the_address_may_be_anything(client, clashing):
    for venue in ("x", "9" * 30, "-1", ""):
        path = at_list(clashing, f"/travel?from={venue}&to={venue}")
        assert client.get(path).status_code == 200


def test_who_did_it_is_written_down(client, clashing):
    (found,) = clashes.check(clashing)
    send(client, clashing, f"/{found.key}/override", reason="By helicopter.")

    entry = audits.latest(clashing.id)[0]
    assert (entry.action, entry.object_kind, entry.reason) == (
        "override",
        "clash_overrides",
        "By helicopter.",
    )
    page = client.get(f"/organizer/trips/{clashing.slug}/").get_data(as_text=True)
    assert f"{entry.actor_name} let a clash stand" in unescape(page)
    assert "“By helicopter.”" in page

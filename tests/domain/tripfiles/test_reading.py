"""Reading: every fault of a trip file is told, with its place and what to mend."""

import copy
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import webapp
from tests.domain.tripfiles.example import UID, example, faults_of, full, read, spoiled
from webapp.domain import tripfiles
from webapp.domain.clashes.rules import Rule
from webapp.domain.clashes.settings import FASTEST
from webapp.domain.tripfiles import FileFaults
from webapp.domain.tripfiles.shape import COLORS

COLOR_RULES = Path(webapp.__file__).parent / "static/css/parts.css"


def test_a_whole_file_is_read_as_it_stands():
    assert read(example()) == example()
    assert read(full()) == full()


FAULTS = {
    "another version": (("escale",), 2, "$.escale: give a whole number from 1 to 1"),
    "a field nobody knows": (
        ("trip", "slogan"),
        "Onward",
        (
            '$.trip: "slogan" is no field here: use slug, title, summary, kind, state, starts_on, '
            "ends_on, zone, home_zone, max_delegates, max_organizations, max_per_organization, "
            "registration_opens_at, registration_closes_at, contact_email, is_template, clashes, "
            "registration, basis, basis_note, sources"
        ),
    ),
    "a field that is missing": (("trip", "title"), None, '$.trip: "title" is missing'),
    "a list that is none": (("items",), {}, "$.items: give a list, not an object"),
    "an object that is none": (("items", 0), "lunch", "$.items[0]: give an object, not a text"),
    "a text that is none": (
        ("venues", 0, "name"),
        4,
        "$.venues[0].name: give a text, not a number",
    ),
    "an empty text": (
        ("venues", 0, "address"),
        " ",
        "$.venues[0].address: give a text that is not empty, or leave the field out",
    ),
    "a text too long for its column": (
        ("venues", 0, "name"),
        "x" * 201,
        "$.venues[0].name: 201 characters are too long: shorten to 200",
    ),
    "a postal code too long for its column": (
        ("venues", 0, "postal_code"),
        "1" * 65,
        "$.venues[0].postal_code: 65 characters are too long: shorten to 64",
    ),
    "a description too long": (
        ("items", 0, "description"),
        {"fr": "é" * 5001},
        "$.items[0].description.fr: 5001 characters are too long: shorten to 5000",
    ),
    "a control character": (
        ("items", 0, "title"),
        {"en": "Dock\x00visit"},
        "$.items[0].title.en: take out the control characters",
    ),
    "half a character": (
        ("items", 0, "place"),
        "\ud83d",
        "$.items[0].place: take out the control characters",
    ),
    "a text without languages": (
        ("items", 0, "title"),
        "Dock visit",
        '$.items[0].title: give the text by language: {"en": ..., "fr": ...}',
    ),
    "a language that is none of ours": (
        ("items", 0, "title"),
        {"en": "Dock", "de": "Dock"},
        '$.items[0].title: "de" is no language of Escale: use "en" and "fr"',
    ),
    "an unknown zone": (
        ("trip", "zone"),
        "Europe/Marseille",
        '$.trip.zone: "Europe/Marseille" is no IANA zone: give one such as "Europe/Paris"',
    ),
    "an offset for a zone": (
        ("items", 0, "starts", "zone"),
        "UTC+1",
        '$.items[0].starts.zone: "UTC+1" is no IANA zone: give one such as "Europe/Paris"',
    ),
    "a kind that is none": (
        ("organizations", 0, "kind"),
        "firm",
        (
            '$.organizations[0].kind: "firm" is not known here: use one of authority, chamber, '
            "agency, cluster, company, academic, association, consulate, ngo, fair"
        ),
    ),
    "a state that is none": (
        ("items", 0, "state"),
        ["confirmed"],
        "$.items[0].state: a list is not known here: use one of confirmed, tentative, cancelled",
    ),
    "an audience that is none": (
        ("items", 0, "audience"),
        "vip",
        (
            '$.items[0].audience: "vip" is not known here: '
            "use one of everybody, delegates, companies, staff"
        ),
    ),
    "a color that is none": (
        ("tracks", 0, "color"),
        "#ff0000",
        f'$.tracks[0].color: "#ff0000" is not known here: use one of {", ".join(COLORS)}',
    ),
    "a basis that is none": (
        ("trip", "basis"),
        "guess",
        '$.trip.basis: "guess" is not known here: use one of real, sourced, derived, illustrative',
    ),
    "a date that is none": (
        ("trip", "ends_on"),
        "2027-02-30",
        '$.trip.ends_on: "2027-02-30" is no date: write it as 2017-10-30',
    ),
    "a year far away": (
        ("trip", "ends_on"),
        "9999-12-31",
        '$.trip.ends_on: "9999-12-31" is no date: write it as 2017-10-30',
    ),
    "an instant without its zone": (
        ("trip", "registration_closes_at"),
        "2027-10-01T18:00",
        (
            '$.trip.registration_closes_at: "2027-10-01T18:00" is no instant: write it as '
            "2017-10-13T18:00:00+02:00"
        ),
    ),
    "a wall time with a zone in it": (
        ("items", 0, "starts", "local"),
        "2027-10-29T09:00Z",
        "$.items[0].starts.local: write the wall time as 2017-10-30T09:30, without a zone",
    ),
    "a wall time that the clocks skip": (
        ("items", 0),
        {
            **example()["items"][0],
            "starts": {"local": "2027-03-28T02:30", "zone": "Europe/Paris"},
        },
        (
            "$.items[0].starts.local: the clocks of Europe/Paris skip it: take 2027-03-28T01:30 or "
            "2027-03-28T03:30"
        ),
    ),
    "a wall time that the clocks show twice": (
        ("items", 0, "ends"),
        {"local": "2027-10-31T02:30", "zone": "Europe/Paris"},
        (
            "$.items[0].ends.local: the clocks of Europe/Paris show it twice: add "
            '"fold", 0 the first, 1 the second'
        ),
    ),
    "a fold that is none": (
        ("items", 0, "starts", "fold"),
        2,
        "$.items[0].starts.fold: give a whole number from 0 to 1",
    ),
    "an end before its start": (
        ("items", 0, "ends", "local"),
        "2027-10-29T09:00",
        "$.items[0].ends: give an end after the start, compared as instants",
    ),
    "a trip that ends before it starts": (
        ("trip", "ends_on"),
        "2027-10-27",
        "$.trip.ends_on: 2027-10-27 is before the first day, 2027-10-28",
    ),
    "a stop that ends before it starts": (
        ("stops", 0, "ends_on"),
        "2027-10-27",
        "$.stops[0].ends_on: 2027-10-27 is before the first day, 2027-10-28",
    ),
    "a window that closes before it opens": (
        ("trip", "registration_closes_at"),
        "2027-06-01T07:00:00Z",
        "$.trip.registration_closes_at: give an instant after the opening",
    ),
    "a slug with a space": (
        ("trip", "slug"),
        "Ship yards",
        "$.trip.slug: give lower-case letters, digits and single hyphens, at most 64",
    ),
    "a UID that is none": (
        ("items", 0, "uid"),
        "dock-visit",
        (
            '$.items[0].uid: "dock-visit" is no UUID in lower case: leave the field out to be '
            "given one"
        ),
    ),
    "a country that is none": (
        ("stops", 0, "country"),
        "France",
        '$.stops[0].country: give the two capital letters of ISO 3166, such as "FR"',
    ),
    "an address that runs a script": (
        ("organizations", 0, "website"),
        "javascript:alert(1)",
        "$.organizations[0].website: give an address that begins with https:// or http://",
    ),
    "a mail address that is none": (
        ("trip", "contact_email"),
        "delegations at example.org",
        '$.trip.contact_email: "delegations at example.org" is no mail address',
    ),
    "a limit below one": (
        ("trip", "max_delegates"),
        0,
        "$.trip.max_delegates: give a whole number from 1 to 100000",
    ),
    "a limit that is true": (
        ("trip", "max_delegates"),
        True,
        "$.trip.max_delegates: give a whole number from 1 to 100000",
    ),
    "a latitude off the earth": (
        ("venues", 0, "latitude"),
        91,
        "$.venues[0].latitude: give decimal degrees from -90 to 90",
    ),
    "half a point": (
        ("venues", 0, "latitude"),
        None,
        "$.venues[0]: give both latitude and longitude, or neither",
    ),
    "an organization nobody knows": (
        ("members", 0, "organization"),
        "navy",
        '$.members[0].organization: "navy" is none of the organizations',
    ),
    "a host nobody knows": (
        ("stops", 0, "local_host"),
        "navy",
        '$.stops[0].local_host: "navy" is none of the organizations',
    ),
    "a stop nobody knows": (
        ("items", 0, "stop"),
        "nice",
        '$.items[0].stop: "nice" is none of the stops',
    ),
    "a venue nobody knows": (
        ("items", 0, "venue"),
        "quay",
        '$.items[0].venue: "quay" is none of the venues',
    ),
    "a track nobody knows": (
        ("items", 0, "track"),
        "press",
        '$.items[0].track: "press" is none of the tracks',
    ),
    "a source nobody knows": (
        ("venues", 0, "sources"),
        ["press", "radio"],
        '$.venues[0].sources[1]: "radio" is none of the sources',
    ),
}


# Of the example that says everything.
FULL_FAULTS = {
    "a room of another venue": (
        ("items", 0, "venue"),
        "gare",
        '$.items[0].room: "hall" is none of the rooms of "gare"',
    ),
    "a room nobody knows": (
        ("items", 0, "room"),
        "cellar",
        '$.items[0].room: "cellar" is none of the rooms of "dock"',
    ),
    "a room nowhere": (
        ("items", 0, "venue"),
        None,
        "$.items[0].room: give the venue that the room is in",
    ),
    "a room without places": (
        ("venues", 0, "rooms", 0, "capacity"),
        0,
        "$.venues[0].rooms[0].capacity: give a whole number from 1 to 100000",
    ),
    "a venue without places": (
        ("venues", 0, "capacity"),
        0,
        "$.venues[0].capacity: give a whole number from 1 to 100000",
    ),
    "a session without places": (
        ("items", 0, "capacity"),
        0,
        "$.items[0].capacity: give a whole number from 1 to 100000",
    ),
    "a contact too long for its column": (
        ("venues", 0, "contact"),
        "x" * 201,
        "$.venues[0].contact: 201 characters are too long: shorten to 200",
    ),
    "a call of no time": (
        ("items", 0, "call"),
        0,
        "$.items[0].call: give a whole number from 1 to 1440",
    ),
    "a call longer than a day": (
        ("items", 0, "call"),
        1441,
        "$.items[0].call: give a whole number from 1 to 1440",
    ),
    "an attendance that is none": (
        ("items", 0, "attendance"),
        "maybe",
        '$.items[0].attendance: "maybe" is not known here: use one of mandatory, optional',
    ),
    "a language that is no code": (
        ("items", 0, "languages"),
        ["en", "french"],
        '$.items[0].languages[1]: give the two small letters of ISO 639-1, such as "fr"',
    ),
    "a language that stands twice": (
        ("items", 0, "languages"),
        ["fr", "fr"],
        '$.items[0].languages[1]: "fr" stands twice: keep one',
    ),
    "a mode that is none": (
        ("items", 1, "mode"),
        "camel",
        (
            '$.items[1].mode: "camel" is not known here: use one of flight, train, coach, car, '
            "boat, walk"
        ),
    ),
    "a vehicle too long for its column": (
        ("items", 1, "vehicle"),
        "x" * 65,
        "$.items[1].vehicle: 65 characters are too long: shorten to 64",
    ),
    "an arrival nobody knows": (
        ("items", 1, "to", "venue"),
        "port",
        '$.items[1].to.venue: "port" is none of the venues',
    ),
    "an arrival that is no place": (
        ("items", 1, "to"),
        "Toulon",
        "$.items[1].to: give an object, not a text",
    ),
    "a host nobody knows": (
        ("items", 0, "host"),
        "navy",
        '$.items[0].host: "navy" is none of the organizations',
    ),
    "a company nobody knows": (
        ("items", 0, "companies"),
        ["guest", "navy"],
        '$.items[0].companies[1]: "navy" is none of the organizations',
    ),
    "a person without a name": (
        ("items", 0, "people", 1),
        {"role": "guide"},
        '$.items[0].people[1]: give a name: "given", "family" or both',
    ),
    "a person who does nothing": (
        ("items", 0, "people", 1, "role"),
        None,
        '$.items[0].people[1]: "role" is missing',
    ),
    "a person who does something else": (
        ("items", 0, "people", 1, "role"),
        "juggler",
        (
            '$.items[0].people[1].role: "juggler" is not known here: use one of host, speaker, '
            "interpreter, guide"
        ),
    ),
    "a person with a source nobody knows": (
        ("items", 0, "people", 1, "sources"),
        ["radio"],
        '$.items[0].people[1].sources[0]: "radio" is none of the sources',
    ),
    "a way from nowhere": (
        ("travel_times", 0, "from"),
        "port",
        '$.travel_times[0].from: "port" is none of the venues',
    ),
    "a way to where it starts": (
        ("travel_times", 0, "to"),
        "gare",
        "$.travel_times[0].to: give another venue than the one it starts from",
    ),
    "a way longer than two days": (
        ("travel_times", 0, "minutes"),
        2881,
        "$.travel_times[0].minutes: give a whole number from 0 to 2880",
    ),
    "a level that is none": (
        ("trip", "clashes", "levels", "room"),
        "forbid",
        ('$.trip.clashes.levels.room: "forbid" is not known here: use one of block, warn, ignore'),
    ),
    "a speed of nothing": (
        ("trip", "clashes", "speeds", "coach"),
        0,
        f"$.trip.clashes.speeds.coach: give km/h from 1 to {FASTEST:.0f}",
    ),
    "a margin longer than four hours": (
        ("trip", "clashes", "margin_minutes"),
        241,
        "$.trip.clashes.margin_minutes: give a whole number from 0 to 240",
    ),
    "a template that is perhaps one": (
        ("trip", "is_template"),
        "yes",
        "$.trip.is_template: give true or false, not a text",
    ),
}


@pytest.mark.parametrize("case", FULL_FAULTS)
def test_a_fault_of_the_itinerary_is_told_with_its_place_and_what_to_mend(case):
    path, value, told = FULL_FAULTS[case]

    assert faults_of(spoiled(path, value, full())) == [told]


def test_a_rule_of_clashes_nobody_knows_is_told_with_those_there_are():
    assert faults_of(spoiled(("trip", "clashes", "levels"), {"weather": "warn"}, full())) == [
        f'$.trip.clashes.levels: "weather" is no field here: use {", ".join(Rule)}'
    ]


def test_a_template_that_is_announced_is_told():
    data = spoiled(("trip", "is_template"), True)
    data["trip"]["state"] = "announced"

    assert faults_of(data) == [
        '$.trip.state: a template is never shown: give "draft", or no "is_template"'
    ]


def test_a_room_and_a_way_that_stand_twice_are_told_at_both_places():
    data = full()
    data["venues"][0]["rooms"][1] |= {"key": "hall", "name": "HALL"}
    data["travel_times"][1] = {"from": "gare", "to": "dock", "minutes": 30}

    assert faults_of(data) == [
        '$.venues[0].rooms[0].key: "hall" stands twice: keep one',
        '$.venues[0].rooms[1].key: "hall" stands twice: keep one',
        '$.venues[0].rooms[0].name: "Hall" stands twice: keep one',
        '$.venues[0].rooms[1].name: "HALL" stands twice: keep one',
        '$.travel_times[0]: the way from "gare" to "dock" stands twice: keep one',
        '$.travel_times[1]: the way from "gare" to "dock" stands twice: keep one',
    ]


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_with_its_place_and_what_to_mend(case):
    path, value, told = FAULTS[case]

    assert faults_of(spoiled(path, value)) == [told]


@pytest.mark.parametrize(
    ("name", "field", "told"),
    [
        ("sources", "key", "press"),
        ("organizations", "key", "yard"),
        ("stops", "key", "toulon"),
        ("venues", "key", "dock"),
        ("tracks", "key", "vip"),
        ("items", "uid", UID),
        ("partners", "organization", "yard"),
        ("members", "organization", "yard"),
    ],
)
def test_what_stands_twice_is_told_at_both_places(name, field, told):
    data = example()
    data[name].append(copy.deepcopy(data[name][0]))
    if name in ("organizations", "venues"):
        data[name][1]["name"] += " II"

    assert faults_of(data) == [
        f'$.{name}[{number}].{field}: "{told}" stands twice: keep one' for number in (0, 1)
    ]


def test_one_name_under_two_keys_is_told():
    data = example()
    data["organizations"].append({**data["organizations"][0], "key": "other"})
    data["venues"].append({**data["venues"][0], "key": "other", "name": "DOCK 4"})

    assert faults_of(data) == [
        '$.organizations[0].name: "Chantier Exemple" stands twice: keep one',
        '$.organizations[1].name: "Chantier Exemple" stands twice: keep one',
        '$.venues[0].name: "Dock 4" stands twice: keep one',
        '$.venues[1].name: "DOCK 4" stands twice: keep one',
    ]


def test_all_faults_are_told_at_once():
    data = spoiled(("trip", "zone"), "Mars/Crater")
    data["items"][0]["kind"] = "party"
    data["stops"][0]["country"] = "fr"

    assert [told.split(":")[0] for told in faults_of(data)] == [
        "$.trip.zone",
        "$.stops[0].country",
        "$.items[0].kind",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "$: this is no JSON (Expecting value, line 1, column 1)"),
        ("{", "$: this is no JSON (Expecting property name enclosed in double quotes, line 1"),
        ("[]", "$: give an object, not a list"),
        ("null", "$: give an object, not null"),
        ("{}", '$: "escale" is missing'),
        ('{"escale": 1, "escale": 1}', '$: the field "escale" stands twice in one object'),
        ('{"escale": NaN}', "$: NaN is no number of JSON"),
        ("[" * 100_000, "$: lists and objects stand too deep in each other"),
        ("9" * 5_000, "$: "),
        (b"\xff\xfe{", "$: octet 0 is not UTF-8: save the file as UTF-8"),
        (" " * 5_000_001, "$: a trip file has at most 5,000,000 octets"),
    ],
)
def test_a_file_that_is_no_trip_file_at_all(text, told):
    with pytest.raises(FileFaults) as caught:
        tripfiles.read(text)

    assert str(caught.value.faults[0]).startswith(told)


def test_a_byte_order_mark_is_passed_over():
    assert tripfiles.read(b"\xef\xbb\xbf" + json.dumps(example()).encode()) == example()


def test_a_message_shows_no_more_of_the_file_than_fits():
    told = faults_of(spoiled(("trip", "zone"), "Europe/\n" + "x" * 10_000))

    assert told == [
        f'$.trip.zone: "Europe/?{"x" * 31}…" is no IANA zone: give one such as "Europe/Paris"'
    ]


def test_a_travel_leg_may_land_before_it_left_by_the_clock():
    data = example()
    data["items"][0] |= {
        "starts": {"local": "2027-10-29T10:00", "zone": "Europe/Paris"},
        "ends": {"local": "2027-10-29T09:50", "zone": "America/New_York"},
    }

    assert read(data) == data


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["escale", "trip", "items", "title", "starts", "en", "x"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_at_all_is_read_or_refused(value):
    assert faults_of(value)


def test_track_colors_are_those_of_the_design_system():
    css = COLOR_RULES.read_text()

    assert tuple(re.findall(r'\[data-track="(\w+)"\]', css)) == COLORS

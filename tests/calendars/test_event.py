"""One VEVENT, octet by octet: the rules of the wire, of identity, of time and of words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from tests.calendars import wire
from tests.calendars.cases import (
    CHANGED,
    CREATED,
    LOS_ANGELES,
    PARIS,
    TOUR,
    UNHURRIED,
    VISIT,
    WEEK,
    entries,
    los_angeles,
    moment,
    paris,
    session,
    spans,
)
from webapp.calendars.event import Entry, Moment, Span, event, starts_at, summary, tzids


def written(item: Entry | Span) -> wire.Component:
    return wire.component(event(item))


def times(item: Entry | Span) -> list[tuple[dict[str, str], str]]:
    """(parameters, value) of DTSTART and of DTEND."""
    component = written(item)
    return [(component.parameters(name), component.raw(name)) for name in ("DTSTART", "DTEND")]


def test_the_octets_of_a_session():
    assert event(VISIT).decode().split("\r\n") == [
        "BEGIN:VEVENT",
        "UID:00000000-0000-4000-8000-000000000001",
        "DTSTAMP:20170912T143005Z",
        "CREATED:20170801T090000Z",
        "LAST-MODIFIED:20170912T143005Z",
        "SEQUENCE:2",
        "DTSTART;TZID=Europe/Paris:20171030T090000",
        "DTEND;TZID=Europe/Paris:20171030T113000",
        "SUMMARY:Visit of the harbor\\; by boat\\, if the mistral lets us",
        "DESCRIPTION:Meet at the quay.\\nBring a coat.\\n\\nhttps://escale.example/tri",
        " ps/invest-in-provence/items/1?lang=en\\,fr",
        "LOCATION:Grand Port Maritime\\, 23 place de la Joliette\\, Marseille",
        "GEO:43.304400;5.366432",
        "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-APPLE-RADIUS=70;X-TITLE=\"Grand Por",
        ' t Maritime, 23 place de la Joliette, Marseille":geo:43.304400,5.366432',
        "URL:https://escale.example/trips/invest-in-provence/items/1?lang=en,fr",
        "CATEGORIES:Companies,Harbor\\, sea",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "",
    ]  # fmt: skip


def test_t10_t11_the_octets_of_the_bar_of_a_trip():
    assert event(TOUR).decode().split("\r\n") == [
        "BEGIN:VEVENT",
        "UID:00000000-0000-4000-8000-000000000002",
        "DTSTAMP:20170912T143005Z",
        "CREATED:20170801T090000Z",
        "LAST-MODIFIED:20170912T143005Z",
        "SEQUENCE:0",
        "DTSTART;VALUE=DATE:20171030",
        "DTEND;VALUE=DATE:20171104",
        "SUMMARY:Invest in Provence",
        "LOCATION:Marseille",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "",
    ]


@UNHURRIED
@given(entries())
def test_f1_to_f8_e12_any_session_keeps_to_the_wire_format(entry: Entry):
    component = written(entry)
    once = [name for name in component.names if component.names.count(name) > 1]
    assert once == []
    assert component.parts == []  # no VALARM, no participants (E11)
    assert {"ORGANIZER", "ATTENDEE", "CLASS", "RRULE", "METHOD"} & set(component.names) == set()


@UNHURRIED
@given(spans())
def test_f1_to_f8_t5_t10_any_bar_keeps_to_the_wire_format(span: Span):
    assert times(span) == [
        ({"VALUE": "DATE"}, f"{span.starts_on:%Y%m%d}"),
        ({"VALUE": "DATE"}, f"{span.ends_on + timedelta(days=1):%Y%m%d}"),
    ]


@UNHURRIED
@given(entries())
def test_e1_the_title_is_never_empty_and_under_255_octets(entry: Entry):
    octets = len(written(entry).raw("SUMMARY").encode())
    assert 0 < octets < 255


@UNHURRIED
@given(entries())
def test_t2_t5_t6_both_ends_are_in_utc_or_both_have_a_zone(entry: Entry):
    (start, _), (end, _) = times(entry)
    zones = tuple(sorted({each["TZID"] for each in (start, end) if each}))
    assert zones == tzids(entry)
    if zones:
        assert (start, end) == ({"TZID": entry.starts.zone}, {"TZID": entry.ends.zone})
    else:
        assert (start, end) == ({}, {})
        assert [value for _, value in times(entry)] == [
            f"{moment.instant:%Y%m%dT%H%M%SZ}" for moment in (entry.starts, entry.ends)
        ]


@UNHURRIED
@given(entries())
def test_the_same_octets_for_the_same_session(entry: Entry):
    event.cache_clear()
    first = event(entry)
    event.cache_clear()
    assert event(replace(entry)) == first


# ---- identity and revision


def test_r1_r4_dtstamp_is_last_modified_is_the_last_change():
    component = written(VISIT)
    assert component["DTSTAMP"] == component["LAST-MODIFIED"] == "20170912T143005Z"
    assert component["SEQUENCE"] == "2"


def test_r3_stamps_are_real_utc():
    there = timezone(timedelta(hours=-8))
    created, changed = CREATED.astimezone(there), CHANGED.astimezone(there)
    here = event(VISIT)
    event.cache_clear()  # the two are equal, and the second would not be written
    assert event(replace(VISIT, created_at=created, changed_at=changed)) == here


@pytest.mark.parametrize("field", ["created_at", "changed_at"])
def test_r3_a_stamp_that_is_no_instant_is_refused(field: str):
    naive: Any = {field: CHANGED.replace(tzinfo=None)}
    with pytest.raises(ValueError, match="not wall times"):
        replace(VISIT, **naive)


@pytest.mark.parametrize("sequence", [-1, 2**31, 1_509_350_400_000])
def test_r6_a_sequence_fits_31_bits(sequence: int):
    with pytest.raises(ValueError, match="31 bits"):
        replace(VISIT, sequence=sequence)
    assert written(replace(VISIT, sequence=2**31 - 1))["SEQUENCE"] == "2147483647"


@pytest.mark.parametrize("uid", ["", "a@host.example", "a b", "a\r\nMETHOD:X", "é", "x" * 255])
def test_u2_a_uid_is_letters_digits_and_hyphens(uid: str):
    with pytest.raises(ValueError, match="a UID is"):
        replace(VISIT, uid=uid)


# ---- time


def test_t3_t4_a_flight_leaves_in_one_zone_and_lands_in_another():
    flight = session(1, los_angeles("10-27 18:05"), paris("10-28 17:40"))
    assert times(flight) == [
        ({"TZID": LOS_ANGELES}, "20171027T180500"),
        ({"TZID": PARIS}, "20171028T174000"),
    ]
    assert tzids(flight) == (LOS_ANGELES, PARIS)
    assert flight.ends.instant - flight.starts.instant == timedelta(hours=14, minutes=35)


@pytest.mark.parametrize(
    ("case", "utc"),
    [
        ("the first pass of 02:30 in Paris", [("20171029T003000Z", "20171029T030000Z")]),
        ("the second pass of 02:30 in Paris", [("20171029T013000Z", "20171029T030000Z")]),
        ("from the first pass to the second", [("20171029T003000Z", "20171029T013000Z")]),
        ("until a pass of 02:30", [("20171028T210000Z", "20171029T013000Z")]),
        (
            "both passes of 01:30 in Los Angeles",
            [("20171105T083000Z", "20171105T110000Z"), ("20171105T093000Z", "20171105T110000Z")],
        ),
        ("a flight into the repeated hour", [("20171028T150000Z", "20171029T011500Z")]),
    ],
)
def test_t6_in_a_repeated_hour_both_ends_are_in_utc(case: str, utc: list[tuple[str, str]]):
    assert [times(entry) for entry in WEEK[case]] == [
        [({}, start), ({}, end)] for start, end in utc
    ]
    assert {tzids(entry) for entry in WEEK[case]} == {()}


def test_t8_in_the_week_between_the_two_places_are_8_hours_apart():
    for case in WEEK:
        if "hours apart" in case:
            pairs = zip(WEEK[case][::2], WEEK[case][1::2], strict=True)
            for here, there in pairs:
                assert here.starts.instant == there.starts.instant
                hours = (here.starts.local - there.starts.local) / timedelta(hours=1)
                assert hours == (8 if "8" in case else 9)


@pytest.mark.parametrize(
    ("case", "lasts"),
    [
        ("across the change in Europe: 4 h 30", timedelta(hours=4, minutes=30)),
        ("across the change in America: 4 h 30", timedelta(hours=4, minutes=30)),
        ("across the change in spring: 2 h 30", timedelta(hours=2, minutes=30)),
    ],
)
def test_t8_a_session_across_a_change_lasts_as_long_as_it_does(case: str, lasts: timedelta):
    (entry,) = WEEK[case]
    assert entry.ends.instant - entry.starts.instant == lasts
    assert tzids(entry) != ()


def test_t7_a_skipped_wall_time_does_not_stop_a_calendar():
    """Refused where people type; but new zone rules may skip a time agreed on long ago (Z9)."""
    entry = session(1, paris("03-26 02:30"), paris("03-26 05:00"))
    assert times(entry) == [({}, "20170326T013000Z"), ({}, "20170326T030000Z")]


def test_z6_where_one_end_can_only_be_said_in_utc_so_is_the_other():
    entry = session(1, paris("10-30 09:00"), moment("2017-10-30 16:00", "Africa/Cairo"))
    assert times(entry) == [({}, "20171030T080000Z"), ({}, "20171030T140000Z")]


def test_t5_an_end_comes_after_the_start_as_instants():
    with pytest.raises(ValueError, match="ends before"):
        session(1, paris("10-30 09:00"), paris("10-30 09:00"))
    with pytest.raises(ValueError, match="ends before"):
        session(1, paris("10-30 09:00"), los_angeles("10-30 00:30"))
    with pytest.raises(ValueError, match="ends before"):
        session(1, paris("10-29 02:30", fold=1), paris("10-29 02:45"))
    before_by_the_clock = session(1, paris("11-04 13:30"), los_angeles("11-04 13:05"))
    assert before_by_the_clock.starts.local > before_by_the_clock.ends.local


@pytest.mark.parametrize(
    ("local", "zone", "fold"),
    [
        (datetime(2017, 10, 30, 9, tzinfo=UTC), PARIS, 0),
        (datetime.fromisoformat("2017-10-30 09:00:00.000001"), PARIS, 0),
        (datetime.fromisoformat("2017-10-30 09:00"), "Europe/Provence", 0),
        (datetime.fromisoformat("2017-10-30 09:00"), "right/Europe/Paris", 0),
        (datetime.fromisoformat("2017-10-30 09:00"), PARIS, 2),
    ],
)
def test_t1_a_moment_is_a_wall_time_in_a_zone_that_exists(local: datetime, zone: str, fold: int):
    with pytest.raises(ValueError, match=r"wall time|zone|fold"):
        Moment(local, zone, fold)


def test_t1_the_pass_is_the_moments_own():
    second = paris("10-29 02:30", fold=1)
    assert second.instant == datetime(2017, 10, 29, 1, 30, tzinfo=UTC)
    assert paris("10-29 02:30").instant == datetime(2017, 10, 29, 0, 30, tzinfo=UTC)
    local = datetime.fromisoformat("2017-10-29 02:30").replace(fold=1)
    assert Moment(local, PARIS).instant == datetime(2017, 10, 29, 0, 30, tzinfo=UTC)


def test_t10_t12_a_bar_runs_from_date_to_date():
    assert times(replace(TOUR, ends_on=TOUR.starts_on)) == [
        ({"VALUE": "DATE"}, "20171030"),
        ({"VALUE": "DATE"}, "20171031"),
    ]
    with pytest.raises(ValueError, match="ends before"):
        replace(TOUR, ends_on=date(2017, 10, 29))
    with pytest.raises(ValueError, match="local dates"):
        replace(TOUR, ends_on=datetime(2017, 11, 3, 23, tzinfo=UTC))


def test_instants_to_sort_by():
    assert starts_at(VISIT) == datetime(2017, 10, 30, 8, tzinfo=UTC)
    assert starts_at(TOUR) == datetime(2017, 10, 30, tzinfo=UTC)


# ---- words


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"title": " Visit\r\nof\tthe \x07harbor "}, "Visit of the harbor"),
        ({"title": "", "location": "Quai J4"}, "Quai J4"),
        ({"title": "\x00\ufeff", "location": "\n"}, VISIT.uid),
        ({"cancelled": True, "title": "Visit"}, "CANCELLED: Visit"),
        ({"cancelled": True, "title": "Visite", "cancelled_label": "ANNULÉ"}, "ANNULÉ: Visite"),
        ({"cancelled": True, "title": "Visit", "cancelled_label": ""}, "Visit"),
        ({"title": "é" * 200}, "é" * 125 + "…"),
        ({"title": "x;" * 200}, "x;" * 83 + "x…"),
        ({"title": "🇫🇷 Réception à l'hôtel 🎉"}, "🇫🇷 Réception à l'hôtel 🎉"),
    ],
)
def test_e1_e9_the_title_as_it_is_shown(changes: dict[str, Any], shown: str):
    entry = replace(VISIT, **changes)
    assert summary(entry) == shown
    assert written(entry)["SUMMARY"] == shown


@pytest.mark.parametrize(
    "words", ["é" * 5000, "漢字" * 3000, "🚢⚓" * 2000, "اجتماع " * 900, "a\n" * 900]
)
def test_f3_long_descriptions_are_folded_and_whole(words: str):
    entry = replace(VISIT, description=words, url="")
    assert written(entry)["DESCRIPTION"] == words.strip()


def test_f5_control_characters_and_surrogates_are_left_out():
    entry = replace(VISIT, description="a\x00b\x1bc\ud83dd\x85e\r\nf", url="")
    assert written(entry)["DESCRIPTION"] == "abcd\ne\nf"


def test_e2_tags_and_entities_are_left_to_the_caller():
    entry = replace(VISIT, description="AT&T <3 100%", url="")
    assert written(entry)["DESCRIPTION"] == "AT&T <3 100%"


TEXT_FIELDS = ["uid", "title", "description", "location", "place_title", "url", "cancelled_label"]


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_f14_none_is_refused(field: str):
    nothing: Any = {field: None}
    with pytest.raises(TypeError, match="a text is wanted, not None"):
        replace(VISIT, **nothing)
    if field != "place_title":
        with pytest.raises(TypeError, match="a text is wanted, not None"):
            replace(TOUR, **nothing)


def test_f14_none_among_the_categories_is_refused():
    nothing: Any = ("Companies", None)
    with pytest.raises(TypeError, match="a text is wanted, not None"):
        replace(VISIT, categories=nothing)


def test_f14_what_is_not_known_is_not_there():
    bare = written(session(1, VISIT.starts, VISIT.ends))
    assert bare.names == [
        "UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY",
        "STATUS", "TRANSP",
    ]  # fmt: skip
    blank = replace(VISIT, description=" ", location="\n", place_title="", categories=("", "\t"))
    assert {"LOCATION", "CATEGORIES"} & set(written(blank).names) == set()


def test_e3_location_is_one_line():
    entry = replace(VISIT, location="Villa,\r\nEsplanade du J4\n\n13002 Marseille ", place_title="")
    assert written(entry)["LOCATION"] == "Villa, Esplanade du J4, 13002 Marseille"


@pytest.mark.parametrize(
    ("latitude", "longitude", "geo"),
    [
        (43.3044, 5.3664321, "43.304400;5.366432"),
        (-33.8568, 151.2153, "-33.856800;151.215300"),
        (-1e-9, -1e-9, "0.000000;0.000000"),
        (90, -180, "90.000000;-180.000000"),
    ],
)
def test_e3_geo_is_latitude_then_longitude_with_six_places(
    latitude: float, longitude: float, geo: str
):
    component = written(replace(VISIT, latitude=latitude, longitude=longitude))
    assert component["GEO"] == geo
    assert component.raw("X-APPLE-STRUCTURED-LOCATION") == f"geo:{geo.replace(';', ',')}"


@pytest.mark.parametrize(
    "pair",
    [(91, 0), (0, 181), (None, 5.3), (43.3, None), (float("nan"), 0.0), (0.0, float("inf"))],
)
def test_e3_a_place_off_the_globe_is_refused(pair: tuple[float | None, float | None]):
    with pytest.raises(ValueError, match="no place on the globe"):
        replace(VISIT, latitude=pair[0], longitude=pair[1])


def test_e4_the_title_of_apples_map_is_what_location_says():
    entry = replace(VISIT, location='Le "J1"; quai ^2\nMarseille', place_title='Le "J1"')
    assert written(entry).parameters("X-APPLE-STRUCTURED-LOCATION") == {
        "VALUE": "URI",
        "X-APPLE-RADIUS": "70",
        "X-TITLE": "Le 'J1'; quai 2, Marseille",
    }
    named = written(replace(VISIT, location=""))
    assert named["LOCATION"] == "Grand Port Maritime"
    assert named.parameters("X-APPLE-STRUCTURED-LOCATION")["X-TITLE"] == "Grand Port Maritime"


def test_e4_no_map_for_a_place_that_location_does_not_begin_with():
    component = written(replace(VISIT, location="Somewhere else"))
    assert "GEO" in component.names
    assert "X-APPLE-STRUCTURED-LOCATION" not in component.names
    nowhere = written(replace(VISIT, location="", place_title=""))
    assert "X-APPLE-STRUCTURED-LOCATION" not in nowhere.names


def test_e5_categories_are_a_comma_list_with_commas_inside_escaped():
    entry = replace(VISIT, categories=("VIP; press", "", "Harbor, sea"))
    assert written(entry).raw("CATEGORIES") == "VIP\\; press,Harbor\\, sea"


def test_e6_f7_the_address_stands_in_url_as_it_is_and_once_in_the_description():
    component = written(VISIT)
    assert component.raw("URL") == VISIT.url
    assert component["DESCRIPTION"].endswith(f"Bring a coat.\n\n{VISIT.url}")
    already = replace(VISIT, description=f"See {VISIT.url} for more")
    assert written(already)["DESCRIPTION"] == already.description
    assert written(replace(VISIT, description=""))["DESCRIPTION"] == VISIT.url
    assert written(replace(TOUR, url=VISIT.url))["DESCRIPTION"] == VISIT.url


def test_e6_an_address_that_is_not_absolute_is_refused():
    with pytest.raises(ValueError, match="not an absolute"):
        replace(VISIT, url="/trips/invest-in-provence/")


@pytest.mark.parametrize(
    ("changes", "status", "transp"),
    [
        ({}, "CONFIRMED", "OPAQUE"),
        ({"tentative": True}, "TENTATIVE", "OPAQUE"),
        ({"transparent": True}, "CONFIRMED", "TRANSPARENT"),
        ({"cancelled": True}, "CANCELLED", "TRANSPARENT"),
        ({"cancelled": True, "tentative": True}, "CANCELLED", "TRANSPARENT"),
    ],
)
def test_e7_e9_status_and_transp(changes: dict[str, Any], status: str, transp: str):
    component = written(replace(VISIT, **changes))
    assert (component["STATUS"], component["TRANSP"]) == (status, transp)


def test_t11_e9_a_bar_never_blocks_and_may_be_cancelled():
    component = written(replace(TOUR, cancelled=True, cancelled_label="ANNULÉ"))
    assert (component["STATUS"], component["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    assert component["SUMMARY"] == "ANNULÉ: Invest in Provence"

"""The dry run tells every problem of every row; bringing in is all or nothing, and repeat-safe."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from tests.domain.sheets.making import (
    ANA,
    LOS_ANGELES,
    PARIS,
    add,
    bring_in,
    csv_of,
    draft,
    dry_run,
    english,
    make_full_trip,
    make_person,
    make_venue,
    told,
    xlsx,
)
from tests.factories import make_item, make_registration, make_stop, make_trip, publish
from tests.together import at_once
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, item_values, sheets
from webapp.domain.sheets import Deed, Fault, Options
from webapp.domain.sheets.fields import Field
from webapp.models.agenda import (
    AgendaItem,
    Attendance,
    Audience,
    ItemKind,
    ItemRole,
    ItemState,
    Mode,
)
from webapp.models.audit import AuditEntry
from webapp.models.basis import Basis
from webapp.models.person import Person
from webapp.models.place import Venue
from webapp.models.trip import Trip

HEAD = ["Key", "Title", "Date", "Starts", "Ends"]
ROW = ["V-1", "Visit", "2027-10-26", "09:00", "10:30"]


def one(trip, **cells):
    """A file of one row: `ROW`, with these cells on top, by header."""
    said = dict(zip(HEAD, ROW, strict=True)) | {k.replace("_", " "): v for k, v in cells.items()}
    return csv_of([list(said), list(said.values())])


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


# ---- what a file can say ----


def test_a_row_says_everything_of_an_item(session):
    trip = make_full_trip()
    person = make_person("Zoé", "Martin")
    add(trip, people=((person.id, ItemRole.GUIDE),))
    said = {
        "Clé": "V-07", "Type": "Trajet", "Titre (en)": "Coach to Toulon", "Titre (fr)": "Car",
        "Description (en)": "Two lines\nof text", "Date": "26/10/2027", "Début": "14 h 30",
        "Fin": "0 h 15", "Date de fin": "27/10/2027", "Ville": "marseille",
        "Lieu répertorié": "palais du pharo", "Salle": "SALON VERT", "Vers le lieu répertorié":
        "Port Center, Toulon", "Parcours": "vip", "Public": "Entreprises désignées",
        "Entreprises": "blue wave sensors", "État": "À confirmer", "Présence": "Facultatif",
        "Capacité": "48", "Langues": "français; anglais",
        "Point de rendez-vous (fr)": "Devant le Pharo", "Convocation (minutes avant)": "20",
        "Moyen de transport": "autocar", "Service": "LER 19", "Véhicule": "Autocar 1",
        "Hôte": "BLUE WAVE SENSORS", "Personnes": "zoe martin (interprète); Zoé Martin",
        "Note interne": "=SUM(A1)",
    }  # fmt: skip

    outcome = bring_in(trip, csv_of([list(said), list(said.values())], ";", "cp1252"))

    assert (outcome.added, outcome.changed) == (1, 0)
    item = next(item for item in draft(trip) if item.import_key == "V-07")
    values = item_values.of(item)
    venue = db.session.scalars(select(Venue).where(Venue.name == "Palais du Pharo")).one()
    assert (values.kind, values.mode) == (ItemKind.TRAVEL, Mode.COACH)
    assert values.title == Words(en="Coach to Toulon", fr="Car")
    assert values.description == english("Two lines\nof text")
    assert (values.starts_local, values.starts_zone) == (datetime(2027, 10, 26, 14, 30), PARIS)
    assert (values.ends_local, values.ends_zone) == (datetime(2027, 10, 27, 0, 15), PARIS)
    assert (item.stop.city, item.venue, item.room.name) == ("Marseille", venue, "Salon Vert")
    assert (item.to_venue.name, item.track.key) == ("Port Center", "vip")
    assert (values.audience, len(values.company_ids)) == (Audience.COMPANIES, 1)
    assert (values.state, values.attendance) == (ItemState.TENTATIVE, Attendance.OPTIONAL)
    assert (values.capacity, values.call_minutes) == (48, 20)
    assert values.languages == ("fr", "en")
    assert values.meeting_point == Words(fr="Devant le Pharo")
    assert (values.service, values.vehicle, values.internal_note) == (
        "LER 19", "Autocar 1", "=SUM(A1)",
    )  # fmt: skip
    assert item.host_name == "Blue Wave Sensors"
    assert values.people == ((person.id, ItemRole.INTERPRETER), (person.id, ItemRole.SPEAKER))


def test_a_workbook_with_cells_of_dates_and_times(session):
    trip = make_trip()

    bring_in(
        trip,
        xlsx([HEAD, ["V-1", "Visit", date(2027, 10, 26), time(9), time(10, 30)],
              ["V-2", "Lunch", None, datetime(2027, 10, 27, 12), datetime(2027, 10, 27, 14)]]),
    )  # fmt: skip

    assert [(i.starts_local, i.ends_local) for i in draft(trip)] == [
        (datetime(2027, 10, 26, 9), datetime(2027, 10, 26, 10, 30)),
        (datetime(2027, 10, 27, 12), datetime(2027, 10, 27, 14)),
    ]


def test_a_missing_zone_is_that_of_the_venue_else_of_the_stop_else_of_the_trip(session):
    trip = make_full_trip()
    make_stop(trip, city="San Diego", country="US", zone=LOS_ANGELES)
    venue = make_venue("Port of San Diego", "San Diego")
    venue.zone = LOS_ANGELES
    head = [*HEAD, "City", "Venue", "To venue", "Zone"]

    bring_in(
        trip,
        csv_of([
            head,
            ["a", *ROW[1:], "", "", "", ""],
            ["b", *ROW[1:], "San Diego", "", "", ""],
            ["c", *ROW[1:], "", "Port of San Diego", "", ""],
            ["d", *ROW[1:4], "23:00", "", "Palais du Pharo", "Port of San Diego", ""],
            ["e", *ROW[1:], "San Diego", "", "", "europe/paris"],
        ]),
    )  # fmt: skip

    assert {i.import_key: (i.starts_zone, i.ends_zone) for i in draft(trip)} == {
        "a": (PARIS, PARIS),
        "b": (LOS_ANGELES, LOS_ANGELES),
        "c": (LOS_ANGELES, LOS_ANGELES),
        "d": (PARIS, LOS_ANGELES),
        "e": (PARIS, PARIS),
    }


def test_of_two_stops_in_one_city_the_one_of_that_day_is_meant(session):
    trip = make_trip()
    first = make_stop(trip, ends_on=date(2027, 10, 26))
    last = make_stop(trip, starts_on=date(2027, 10, 29))
    head = [*HEAD, "City"]

    bring_in(trip, csv_of([head, [*ROW, "Marseille"]]))
    assert draft(trip)[0].stop_id == first.id
    bring_in(trip, csv_of([head, ["V-1", "Visit", "2027-10-29", *ROW[3:], "Marseille"]]))

    assert draft(trip)[0].stop_id == last.id


# ---- problems ----

BROKEN = [
    ({"Title": ""}, "Title", Fault.MISSING),
    ({"Date": ""}, "Date", Fault.MISSING),
    ({"Date": "soon"}, "Date", Fault.NO_DATE),
    ({"Date": "31/02/2027"}, "Date", Fault.NO_DATE),
    ({"Date": "2827-10-26"}, "Date", Fault.YEAR),
    ({"Starts": ""}, "Starts", Fault.MISSING),
    ({"Starts": "morning"}, "Starts", Fault.NO_TIME),
    ({"Starts": "2027-10-27 9:00"}, "Starts", Fault.DATES_DIFFER),
    ({"Starts": "09:00+05:00"}, "Starts", Fault.OFFSET),
    ({"Ends": ""}, "Ends", Fault.MISSING),
    ({"Ends": "25:00"}, "Ends", Fault.NO_TIME),
    ({"Ends": "08:59"}, "Ends", Fault.ENDS_FIRST),
    ({"Ends": "09:00"}, "Ends", Fault.ENDS_FIRST),
    ({"Date": "2027-03-28", "Starts": "02:30"}, "Starts", Fault.SKIPPED),
    ({"Date": "2027-10-31", "Starts": "02:30"}, "Starts", Fault.TWICE),
    ({"Zone": "CET"}, "Zone", Fault.NO_ZONE),
    ({"Kind": "party"}, "Kind", Fault.UNKNOWN_WORD),
    ({"State": "perhaps"}, "State", Fault.UNKNOWN_WORD),
    ({"Audience": "friends"}, "Audience", Fault.UNKNOWN_WORD),
    ({"Mode": "rocket"}, "Mode", Fault.UNKNOWN_WORD),
    ({"Capacity": "many"}, "Capacity", Fault.NO_NUMBER),
    ({"Capacity": "0"}, "Capacity", Fault.NO_NUMBER),
    ({"Call": "1441"}, "Call", Fault.NO_NUMBER),
    ({"Languages": "en, klingon"}, "Languages", Fault.NO_LANGUAGE),
    ({"City": "Lyon"}, "City", Fault.UNKNOWN_NAME),
    ({"Venue": "Palais du Phare"}, "Venue", Fault.UNKNOWN_NAME),
    ({"Venue": "Palais du Pharo", "Room": "Red"}, "Room", Fault.UNKNOWN_NAME),
    ({"Room": "Auditorium"}, "Room", Fault.NO_VENUE_FOR_ROOM),
    ({"To venue": "Nowhere"}, "To venue", Fault.UNKNOWN_NAME),
    ({"Track": "Press"}, "Track", Fault.UNKNOWN_NAME),
    ({"Host": "Nobody & Sons"}, "Host", Fault.UNKNOWN_NAME),
    ({"Companies": "Blue Wave Sensors; Red Wave"}, "Companies", Fault.UNKNOWN_NAME),
    ({"People": "Nobody (speaker)"}, "People", Fault.UNKNOWN_NAME),
    ({"People": "Zoé Martin (king)"}, "People", Fault.NO_ROLE),
    ({"Title": "x" * 201}, "Title", Fault.TOO_LONG),
    ({"Vehicle": "x" * 65}, "Vehicle", Fault.TOO_LONG),
    ({"UID": "V-07"}, "UID", Fault.NO_UID),
    ({"Key": "x" * 201}, "Key", Fault.TOO_LONG),
]


def broken_file():
    """Fifty rows, each broken in one place: all ways to break one, and then again from the top."""
    head = [*HEAD, *sorted({name for cells, *_ in BROKEN for name in cells} - {*HEAD})]
    rows, expected = [head], []
    for number in range(50):
        cells, column, fault = BROKEN[number % len(BROKEN)]
        said = dict(zip(HEAD, ROW, strict=True)) | {"Key": f"V-{number}"} | cells
        if column == "Key":
            said["Key"] = f"{number:03}{said['Key']}"
        rows.append([said.get(name, "") for name in head])
        expected.append((number + 2, column, fault.value))
    return rows, expected


@pytest.mark.parametrize("write", [csv_of, xlsx])
def test_all_fifty_of_fifty_broken_rows_are_named_and_nothing_is_changed(session, write):
    with transaction():
        trip = make_full_trip()
        make_item(trip)
    entries = count(AuditEntry)
    rows, expected = broken_file()

    table, columns, plan = dry_run(trip, write(rows))

    assert told(trip, write(rows)) == expected
    assert len({problem.row for problem in plan.problems}) == 50
    with pytest.raises(sheets.HasProblems), transaction():
        sheets.apply(trip, table, columns, Options(), ANA, plan.fingerprint())
    assert (count(AgendaItem), count(AuditEntry)) == (1, entries)


def test_all_problems_of_one_row_are_told(session):
    trip = make_full_trip()
    data = one(trip, Title="", Date="soon", Starts="x", Ends="", Kind="party", Venue="?", Zone="M")

    assert told(trip, data) == [
        (2, "Title", "missing"),
        (2, "Date", "no date"),
        (2, "Starts", "no time"),
        (2, "Ends", "missing"),
        (2, "Kind", "unknown word"),
        (2, "Venue", "unknown name"),
    ]


def test_a_problem_carries_what_its_sentence_needs(session):
    trip = make_full_trip()

    def facts(**cells):
        [problem] = dry_run(trip, one(trip, **cells))[2].problems
        return problem.facts

    assert facts(Venue="Palais du Phare")["near"] == ["Palais du Pharo"]
    assert facts(Host="Blue Wave Sensor")["near"] == ["Blue Wave Sensors"]
    make_registration(make_trip(), 1, organization_name="Rival Boats")
    assert facts(Host="Rival Boat")["near"] == []  # who is in another tour is not told
    assert facts(Date="2027-10-31", Starts="02:30", Ends="04:00") == {
        "value": datetime(2027, 10, 31, 2, 30), "first": "02:30+02:00", "second": "02:30+01:00",
    }  # fmt: skip
    assert facts(Date="2027-03-28", Starts="02:30", Ends="04:00") == {
        "value": datetime(2027, 3, 28, 2, 30),
        "before": datetime(2027, 3, 28, 1, 30),
        "after": datetime(2027, 3, 28, 3, 30),
    }


def test_which_pass_of_an_hour_is_meant_is_said_by_its_distance_to_utc(session):
    trip = make_trip()

    bring_in(trip, one(trip, Date="2027-10-31", Starts="02:15+01:00", Ends="02:45+01:00"))

    [item] = draft(trip)
    assert (item.starts_local, item.starts_fold) == (datetime(2027, 10, 31, 2, 15), 1)
    assert (item.ends_local, item.ends_fold) == (datetime(2027, 10, 31, 2, 45), 1)


def test_a_column_that_new_sessions_need_is_missed_once_and_not_by_row(session):
    trip = make_trip()
    data = csv_of([["Key", "Title"], *[[f"V-{n}", "Visit"] for n in range(20)]])

    plan = dry_run(trip, data)[2]

    assert [(p.row, p.fault, p.facts) for p in plan.problems] == [
        (None, Fault.NO_COLUMN, {"field": field})
        for field in (Field.DATE, Field.ENDS, Field.STARTS)
    ]


def test_two_rows_cannot_be_about_one_session(session):
    trip = make_trip()
    bring_in(trip, csv_of([HEAD, ROW]))
    uid = str(draft(trip)[0].uid)
    head = [*HEAD, "UID"]

    assert told(trip, csv_of([head, [*ROW, ""], ["", *ROW[1:], uid]])) == [
        (3, "UID", "two rows, one item")
    ]
    assert told(trip, csv_of([HEAD, ["V-2", *ROW[1:]], ["V-2", *ROW[1:]]])) == [
        (3, "Key", "two rows, one item")
    ]


def test_a_key_of_one_session_is_not_given_to_another(session):
    trip = make_trip()
    bring_in(trip, csv_of([HEAD, ROW, ["V-2", "Lunch", *ROW[2:]]]))
    uid = next(str(item.uid) for item in draft(trip) if item.import_key == "V-2")

    assert told(trip, csv_of([[*HEAD, "UID"], [*ROW, uid]])) == [(2, "Key", "key of another item")]


def test_a_uid_of_another_tour_is_refused_and_an_unknown_one_is_taken(session):
    other = make_item(make_trip())
    trip = make_trip()
    uid = "0d3ac1b6-31c7-45b8-b3cf-5a5b9d6ed3a5"

    assert told(trip, one(trip, Key="", UID=str(other.uid))) == [(2, "UID", "uid of another tour")]
    bring_in(trip, one(trip, Key="", UID=uid))

    assert [str(item.uid) for item in draft(trip)] == [uid]


def test_several_of_one_name_have_to_be_told_apart(session):
    trip = make_full_trip()
    make_venue("Port Center", "Marseille")
    make_person("Ana", "Lopez")

    [problem] = dry_run(trip, one(trip, Venue="Port Center"))[2].problems
    assert (problem.fault, problem.facts["names"]) == (
        Fault.SEVERAL, ["Port Center, Toulon", "Port Center, Marseille"],
    )  # fmt: skip
    bring_in(trip, one(trip, Venue="Port Center", City="Toulon"))
    assert draft(trip)[0].venue.city == "Toulon"
    bring_in(trip, one(trip, Venue="Port Center, Marseille"))

    assert draft(trip)[0].venue.city == "Marseille"


# ---- by key, and repeat-safe ----


def test_the_second_time_nothing_changes_with_and_without_keys(session):
    trip = make_full_trip()
    rows = [HEAD, ROW, ["", "Lunch", *ROW[2:]], ["", "Lunch", *ROW[2:]], ["", "Dinner", *ROW[2:]]]

    first = bring_in(trip, csv_of(rows))
    versions = {item.uid: item.version for item in draft(trip)}
    entries = count(AuditEntry)
    plan = dry_run(trip, csv_of(rows))[2]
    second = bring_in(trip, csv_of(rows))

    assert (first.added, second.added, second.changed, second.same) == (4, 0, 0, 4)
    assert plan.changes_nothing
    assert {item.uid: item.version for item in draft(trip)} == versions
    assert count(AuditEntry) == entries


def test_a_key_finds_its_session_again_and_tells_what_would_change(session):
    trip = make_full_trip()
    bring_in(trip, one(trip, Venue="Palais du Pharo", Room="Auditorium", Internal_note="keep"))
    [item] = draft(trip)
    publish(trip)

    plan = dry_run(trip, one(trip, Title="Tour", Starts="09:15", Venue="Port Center"))[2]

    [step] = plan.steps
    assert (step.deed, step.item) == (Deed.CHANGE, item)
    assert [(d.field.value, d.before, d.after) for d in step.differences] == [
        ("title_en", "Visit", "Tour"),
        ("starts", "09:00", "09:15"),
        ("venue", "Palais du Pharo", "Port Center"),
        ("room", "Auditorium", ""),
    ]
    bring_in(trip, one(trip, Title="Tour", Starts="09:15", Venue="Port Center"))
    [item] = draft(trip)
    assert (item.title, item.venue.name, item.room) == (english("Tour"), "Port Center", None)
    assert item.internal_note == "keep"  # no column, no change
    assert [entry.action for entry in audits.of(item)] == ["change", "add"]
    [entry] = [e for e in audits.of(trip) if e.action == "import"][:1]
    assert entry.after == {"format": "csv", "added": 0, "changed": 1, "called_off": 0}
    assert entry.actor_name == "Ana Organizer"


def test_a_file_with_a_few_columns_changes_those_alone(session):
    trip = make_full_trip()
    item = add(
        trip, title=Words(en="Gala", fr="Gala"), ends_local=datetime(2027, 10, 27, 1),
        starts_local=datetime(2027, 10, 26, 20), capacity=40, languages=("fr",),
    )  # fmt: skip
    before = item_values.of(item)

    bring_in(trip, csv_of([["UID", "Date", "Title (fr)"], [str(item.uid), "2027-10-28", "Dîner"]]))

    [item] = draft(trip)
    later = timedelta(days=2)
    assert item_values.of(item) == item_values.from_facts(
        item_values.facts(before)
        | {
            "title": {"en": "Gala", "fr": "Dîner"},
            "starts_local": (before.starts_local + later).isoformat(),
            "ends_local": (before.ends_local + later).isoformat(),
        }
    )


def test_an_empty_cell_clears_what_was_there(session):
    trip = make_full_trip()
    bring_in(trip, one(trip, Capacity="40", Place="Gate 2", Track="VIP", State="tbc"))

    bring_in(trip, one(trip, Capacity="", Place="", Track="", State=""))

    [item] = draft(trip)
    assert (item.capacity, item.place, item.track_id, item.state) == (
        None, None, None, ItemState.CONFIRMED,
    )  # fmt: skip


def test_what_is_not_in_the_file_stays_unless_it_is_to_be_called_off(session):
    trip = make_trip()
    make_item(trip)  # has no key: never called off
    rows = [HEAD, ROW, ["V-2", "Lunch", *ROW[2:]], ["V-3", "Dinner", *ROW[2:]]]
    bring_in(trip, csv_of(rows[:3]))
    publish(trip)
    bring_in(trip, csv_of(rows))

    assert bring_in(trip, csv_of(rows[:2])).called_off == 0
    plan = dry_run(trip, csv_of(rows[:2]), call_off=True)[2]
    assert sorted(str(item.import_key) for item in plan.called_off) == ["V-2", "V-3"]
    outcome = bring_in(trip, csv_of(rows[:2]), call_off=True)

    assert outcome.called_off == 2
    assert sorted((i.import_key or "", i.state.value) for i in draft(trip)) == [
        ("", "confirmed"),
        ("V-1", "confirmed"),
        ("V-2", "cancelled"),  # was published; V-3 never was, and is gone
    ]
    assert bring_in(trip, csv_of(rows[:2]), call_off=True).called_off == 0


def test_a_draft_that_changed_since_the_dry_run_is_not_overwritten(session):
    with transaction():
        trip = make_full_trip()
        bring_in(trip, csv_of([HEAD, ROW]))
    data = one(trip, Starts="09:15")
    table, columns, plan = dry_run(trip, data)
    with transaction():
        [item] = draft(trip)
        values = item_values.of(item)
        agendas.change(
            item, item_values.from_facts(item_values.facts(values) | {"place": "Gate 2"}), ANA,
            item.version,
        )  # fmt: skip

    with pytest.raises(sheets.NotAsSeen) as refused, transaction():
        sheets.apply(trip, table, columns, Options(), ANA, plan.fingerprint())

    assert draft(trip)[0].starts_local.time() == time(9)
    assert refused.value.plan.fingerprint() != plan.fingerprint()
    with transaction():
        sheets.apply(
            trip, table, columns, Options(), ANA, sheets.plan(trip, table, columns).fingerprint()
        )
    assert draft(trip)[0].starts_local.time() == time(9, 15)


def test_an_edit_elsewhere_in_the_draft_does_not_stand_in_the_way(session):
    with transaction():
        trip = make_trip()
        other = make_item(trip)
    table, columns, plan = dry_run(trip, csv_of([HEAD, ROW]))
    with transaction():
        agendas.call_off(other, ANA)

    with transaction():
        outcome = sheets.apply(trip, table, columns, Options(), ANA, plan.fingerprint())

    assert outcome.added == 1


# ---- what may be added with a file ----


def test_venues_and_people_are_added_when_that_was_asked_for_and_only_then(session):
    trip = make_full_trip()
    rows = [
        [*HEAD, "City", "Venue", "People"],
        [*ROW, "Toulon", "Quai Rouge", "Jean-Luc de Brem (guide); Cher"],
        ["V-2", *ROW[1:], "Toulon", "quai rouge", "jean-luc de brem"],
    ]
    assert {fault for _row, _column, fault in told(trip, csv_of(rows))} == {"unknown name"}
    before = count(Venue), count(Person)

    outcome = bring_in(trip, csv_of(rows), add_venues=True, add_people=True)

    assert (outcome.venues, outcome.people) == (1, 2)
    assert (count(Venue), count(Person)) == (before[0] + 1, before[1] + 2)
    first, second = draft(trip)
    assert (first.venue.name, first.venue.city, first.venue.zone) == ("Quai Rouge", "Toulon", PARIS)
    assert first.venue == second.venue
    assert {(p.person.given_name, p.person.family_name, p.role.value) for p in first.people} | {
        (p.person.given_name, p.person.family_name, p.role.value) for p in second.people
    } == {
        ("Jean-Luc de", "Brem", "guide"), ("Cher", "", "speaker"),
        ("Jean-Luc de", "Brem", "speaker"),
    }  # fmt: skip
    assert bring_in(trip, csv_of(rows), add_venues=True, add_people=True).same == 2


def test_a_new_venue_needs_a_city(session):
    trip = make_full_trip()

    assert dry_run(trip, one(trip, Venue="Quai Rouge"), add_venues=True)[2].problems[0].fault == (
        Fault.NO_CITY_FOR_VENUE
    )


def test_names_lose_the_signs_that_nobody_sees(session):
    trip = make_full_trip()
    rows = [
        [*HEAD, "City", "Venue", "People", "Location"],
        ["V\0-1", *ROW[1:], "Toulon", "Quai\0 Rouge", "Cher\0 \u202eBono", ""],
    ]
    apart = [[*HEAD, "Location"], ["V-2", *ROW[1:], "Gate\0 2"]]

    bring_in(trip, xlsx(rows), add_venues=True, add_people=True)
    bring_in(trip, xlsx(apart))

    first, second = sorted(draft(trip), key=lambda item: item.import_key or "")
    assert (first.import_key, first.venue.name, first.people[0].person.name) == (
        "V-1", "Quai Rouge", "Cher Bono",
    )  # fmt: skip
    assert (second.import_key, second.place) == ("V-2", "Gate 2")


def test_a_new_person_needs_a_name_that_fits(session):
    trip = make_full_trip()

    data = one(trip, People=f"{'x' * 200} Brem")

    assert told(trip, data, add_people=True) == [(2, "People", "too long")]


def test_a_sample_stays_a_sample(session):
    trip = make_trip()

    bring_in(trip, one(trip, Basis="Exemple illustratif"))

    assert draft(trip)[0].basis == Basis.ILLUSTRATIVE


def test_a_place_in_words_is_a_venue_where_we_know_it_by_that_name(session):
    trip = make_full_trip()
    rows = [
        [*HEAD, "Location"],
        [*ROW, "Palais du Pharo, 58 bd Livon"],
        ["V-2", *ROW[1:], "Gate 2"],
    ]

    bring_in(trip, csv_of(rows))

    assert {i.import_key: (i.venue and i.venue.name, i.place) for i in draft(trip)} == {
        "V-1": ("Palais du Pharo", None),
        "V-2": (None, "Gate 2"),
    }
    assert bring_in(trip, csv_of(rows)).same == 2


def test_the_dry_run_asks_the_database_as_often_for_many_rows_as_for_few(session, statements):
    trip = make_full_trip()
    head = [*HEAD, "Venue", "Room", "Track", "Host", "People", "City", "UID"]
    row = [*ROW[1:], "Palais du Pharo", "Auditorium", "VIP", "Blue Wave Sensors", "", "Toulon", ""]
    counts = []
    for size in (2, 40):
        data = csv_of([head, *[[f"{size}-{n}", *row] for n in range(size)]])
        bring_in(trip, data)
        session.expire_all()
        with statements() as sent:
            plan = dry_run(trip, data)[2]
        assert plan.changes_nothing
        counts.append(len(sent))

    assert counts[0] == counts[1] < 25


def test_one_file_brought_in_by_two_at_once_is_brought_in_once(committed):
    with transaction():
        trip_id = make_trip().id
    data = csv_of([HEAD, ROW])

    def bring():
        trip = db.session.get_one(Trip, trip_id)
        table, columns, plan = dry_run(trip, data)
        with transaction():
            return sheets.apply(trip, table, columns, Options(), ANA, plan.fingerprint()).added

    results = at_once(committed, *[bring] * 3)

    added = [result for result in results if isinstance(result, int)]
    assert sum(added) == 1
    assert all(isinstance(r, int | sheets.NotAsSeen) for r in results)
    assert count(AgendaItem) == 1

"""The board of the draft: what stands where, what a move answers, what it refuses and how."""

import re
from datetime import date, datetime
from html import unescape

import pytest

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import (
    item_values,
    make_item,
    make_room,
    make_staff,
    make_stop,
    make_track,
    make_trip,
    make_venue,
    publish,
)
from webapp.db import Words, transaction
from webapp.domain import agendas, audits, edits
from webapp.models.agenda import AgendaItem, ItemState, Mode
from webapp.models.staff import Role

LOS_ANGELES = "America/Los_Angeles"
NINE = datetime(2027, 10, 26, 9, 0)
JSON = {"Accept": "application/json"}


class Board:
    """A signed-in organizer at the board of a tour."""

    def __init__(self, client, trip, staff) -> None:
        self.client, self.trip, self.staff = client, trip, staff
        sign_in(client, staff)
        self.address = f"/organizer/trips/{trip.slug}/agenda/board"
        self.token = hidden(client, "/organizer/")["csrf_token"]

    def page(self, query: str = "") -> str:
        answer = self.client.get(f"{self.address}{query}")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def move(self, item: AgendaItem, query: str = "", **fields):
        sent = {"date": "2027-10-26", "start": "09:00", "version": item.version} | fields
        headers = JSON | {"X-CSRFToken": self.token}
        path = f"{self.address}/{item.id}/move{query}"
        return self.client.post(path, data=sent, headers=headers)

    def step(self, name: str, query: str = ""):
        headers = JSON | {"X-CSRFToken": self.token}
        return self.client.post(f"{self.address}/{name}{query}", headers=headers)


@pytest.fixture
def trip(session):
    with transaction():
        return make_trip()


@pytest.fixture
def board(client, trip):
    with transaction():
        staff = make_staff(trip=trip)
    return Board(client, trip, staff)


def made(trip, **values) -> AgendaItem:
    with transaction():
        return make_item(trip, **values)


def columns(page: str) -> dict[str, list[str]]:
    """The titles in each column, by its name, in order; what began earlier in parentheses."""
    found = {}
    for section in re.findall(r'<section class="board__column".*?</section>', page, re.S):
        name = re.search(r'data-name="([^"]*)"', section)[1]
        found[unescape(name)] = [
            title if "data-version" in block.split('class="block__face"')[0] else f"({title})"
            for block in re.findall(
                r"<li class=\"block.*?</p>\s*<p class=\"block__tags", section, re.S
            )
            for title in [unescape(re.search(r'block__title">([^<]*)<', block)[1])]
        ]
    return found


def test_days_are_columns_and_what_lasts_into_the_next_day_stands_there_too(trip, board):
    made(trip)
    made(trip, title=Words(en="Dinner"), starts_local=datetime(2027, 10, 26, 20, 0),
         ends_local=datetime(2027, 10, 27, 1, 0))  # fmt: skip
    made(trip, title=Words(en="Flight home"), mode=Mode.FLIGHT,
         starts_local=datetime(2027, 10, 29, 23, 30),
         ends_local=datetime(2027, 10, 30, 8, 0), ends_zone=LOS_ANGELES)  # fmt: skip

    page = board.page()

    assert columns(page) == {
        "Monday, Oct 25, 2027": [],
        "Tuesday, Oct 26, 2027": ["Visit of the shipyard", "Dinner"],
        "Wednesday, Oct 27, 2027": ["(Dinner)"],
        "Thursday, Oct 28, 2027": [],
        "Friday, Oct 29, 2027": ["Flight home"],
        "Saturday, Oct 30, 2027": ["(Flight home)"],
    }
    assert page.count("Paris time, UTC+2") >= 6
    assert "Los Angeles time, UTC−7" in page
    assert "+1 day" in page
    assert "noon is 3:00\xa0AM in Los Angeles" in page


def test_one_day_by_track_by_city_and_by_place(trip, board):
    with transaction():
        track = make_track(trip)
        nice = make_stop(trip, city="Nice")
        make_stop(trip, city="Toulon", starts_on=date(2027, 10, 28))
        venue = make_venue(city="Nice", name="Acropolis")
        room = make_room(venue, name="Hall A")
        make_room(venue, name="Hall B")
    made(trip, track_id=track.id, stop_id=nice.id, venue_id=venue.id, room_id=room.id)
    made(trip, title=Words(en="Free time"))
    made(trip, title=Words(en="Later"), starts_local=datetime(2027, 10, 27, 9, 0),
         ends_local=datetime(2027, 10, 27, 10, 0))  # fmt: skip

    def of(by):
        return columns(board.page(f"?by={by}&day=2027-10-26"))

    visit, free = ["Visit of the shipyard"], ["Free time"]
    assert of("track") == {"For everybody": free, "VIP": visit}
    assert of("city") == {"Nice": visit, "Without a stop": free}
    assert of("place") == {"Hall A": visit, "Hall B": [], "Without a venue": free}


def test_an_address_that_asks_for_nonsense_gets_the_board_as_it_opens(board):
    plain = columns(board.page())
    assert columns(board.page("?by=moon&day=2027-13-41&zoom=99")) == plain


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_no_clock_tells_is_taken_for_the_first_one(trip, board, day):
    with transaction():
        trip.zone, trip.home_zone = "America/Los_Angeles", "Pacific/Auckland"

    wanted = columns(board.page("?by=track&day=2027-10-25"))
    assert columns(board.page(f"?by=track&day={day}")) == wanted


def test_a_move_answers_with_the_item_as_it_is_now(trip, board):
    item = made(trip)

    answer = board.move(item, date="2027-10-27", start="14:15")

    assert answer.status_code == 200
    assert (item.starts_local, item.ends_local) == (
        datetime(2027, 10, 27, 14, 15),
        datetime(2027, 10, 27, 15, 45),
    )
    assert answer.json["item"] == {
        "id": item.id,
        "version": item.version,
        "starts_local": "2027-10-27T14:15",
        "starts_zone": "Europe/Paris",
        "ends_local": "2027-10-27T15:45",
        "ends_zone": "Europe/Paris",
    }
    [part] = answer.json["parts"]
    assert part["column"] == "2027-10-27"
    assert f'data-version="{item.version}"' in part["html"]
    assert answer.json["steps"]["undo"] == {
        "label": "Undo: changing “Visit of the shipyard”",
        "there": True,
    }
    assert audits.of(item)[0].action == "change"


def test_a_stretch_changes_the_end_alone(trip, board):
    item = made(trip)

    assert board.move(item, end="12:05", days_later="0").status_code == 200
    assert (item.starts_local, item.ends_local) == (NINE, datetime(2027, 10, 26, 12, 5))
    assert board.move(item, start="20:00", end="01:00", days_later="1").status_code == 200
    assert item.ends_local == datetime(2027, 10, 27, 1, 0)


def test_a_move_to_a_column_changes_what_the_column_stands_for(trip, board):
    with transaction():
        track = make_track(trip)
        stop = make_stop(trip, city="San Diego", country="US", zone=LOS_ANGELES)
        venue = make_venue(city="Nice")
        room = make_room(venue)
    item = made(trip)

    def to(by, column):
        answer = board.move(item, f"?by={by}&day=2027-10-26", column=column)
        assert answer.status_code == 200, answer.json
        assert [part["column"] for part in answer.json["parts"]] == [column]

    to("track", str(track.id))
    assert item.track_id == track.id
    to("city", str(stop.id))
    assert (item.stop_id, item.starts_zone, item.starts_local) == (stop.id, LOS_ANGELES, NINE)
    with transaction():
        make_item(trip, venue_id=venue.id)  # now the tour knows the venue
    to("place", f"{venue.id}-{room.id}")
    assert (item.venue_id, item.room_id, item.starts_zone) == (venue.id, room.id, "Europe/Paris")
    to("place", "none")
    assert (item.venue_id, item.room_id) == (None, None)
    to("track", "none")
    assert item.track_id is None


def test_a_column_of_another_tour_is_no_column_of_this(trip, board):
    with transaction():
        other = make_trip()
        track, stop = make_track(other), make_stop(other)
    item = made(trip)

    for by, column in (("track", track.id), ("city", stop.id), ("place", "1-1"), ("place", "x")):
        answer = board.move(item, f"?by={by}&day=2027-10-26", column=str(column))
        assert answer.status_code == 422, (by, column)
    assert (item.track_id, item.stop_id, item.venue_id) == (None, None, None)


def test_a_move_within_its_column_leaves_its_place_alone(trip, board):
    """Also where the place and the zone do not agree: that is for the clashes to say."""
    with transaction():
        stop = make_stop(trip, city="San Diego", zone=LOS_ANGELES)
    item = made(trip, stop_id=stop.id)

    board.move(item, "?by=city&day=2027-10-26", column=str(stop.id), start="11:00")

    assert (item.starts_local.hour, item.starts_zone, item.stop_id) == (
        11,
        "Europe/Paris",
        stop.id,
    )


def test_what_went_to_another_day_is_gone_from_this_one(trip, board):
    item = made(trip)

    answer = board.move(item, "?by=track&day=2027-10-26", date="2027-10-28", column="none")

    assert answer.json["parts"] == []
    assert item.starts_local == datetime(2027, 10, 28, 9, 0)


def test_a_time_that_does_not_exist_is_refused_with_the_two_nearest(client):
    with transaction():
        trip = make_trip(starts_on=date(2027, 3, 26), ends_on=date(2027, 3, 29))
        staff = make_staff(trip=trip)
    board, item = Board(client, trip, staff), made(trip)

    answer = board.move(item, date="2027-03-28", start="02:30")

    assert answer.status_code == 422
    assert answer.json["end"] == "starts"
    assert [near["local"] for near in answer.json["nearest"]] == [
        "2027-03-28T01:30",
        "2027-03-28T03:30",
    ]
    assert "The clocks skip this time." in answer.json["error"]
    assert item.starts_local == NINE


def test_a_time_that_occurs_twice_is_asked_about(trip, board):
    item = made(trip)

    answer = board.move(item, date="2027-10-31", start="02:30")
    assert (answer.status_code, answer.json["end"]) == (422, "starts")
    assert [(each["fold"], each["label"]) for each in answer.json["passes"]] == [
        ("0", "The first pass"),
        ("1", "The second pass"),
    ]

    answer = board.move(item, date="2027-10-31", start="02:30", starts_fold="1")
    assert (answer.status_code, item.starts_fold) == (200, 1)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"end": "08:00"}, "The end must come after the start."),
        ({"end": "09:00"}, "The end must come after the start."),
        ({"start": "late"}, "Please give a time."),
        ({"date": ""}, "Please give a day."),
        ({"date": "2500-01-01"}, "Please check the year."),
        ({"date": "9999-12-31", "end": "10:00", "days_later": "1"}, "Please check the year."),
        ({"date": "0001-01-01", "end": "10:00", "days_later": "-1"}, "Please check the year."),
    ],
)
def test_what_cannot_be_is_refused_in_words(trip, board, fields, told):
    item = made(trip)

    answer = board.move(item, **fields)

    assert (answer.status_code, answer.json["error"]) == (422, told)
    assert (item.starts_local, item.ends_local.hour) == (NINE, 10)


def test_the_second_of_two_organizers_is_shown_both_and_may_insist(trip, board):
    item = made(trip)
    seen = item.version
    with transaction():
        other = make_staff(trip=trip)
        edits.change(
            item, item_values(starts_local=NINE, ends_local=datetime(2027, 10, 26, 11, 0)),
            other, seen,
        )  # fmt: skip

    answer = board.move(item, start="14:00", version=str(seen))

    assert answer.status_code == 409
    assert other.name in answer.json["theirs"]
    assert "9:00\xa0AM to 11:00\xa0AM" in answer.json["theirs"]
    assert "2:00\xa0PM" in answer.json["mine"]
    assert (item.starts_local, answer.json["item"]["version"]) == (NINE, item.version)

    answer = board.move(item, start="14:00", version=str(answer.json["item"]["version"]))
    assert (answer.status_code, item.starts_local.hour, item.ends_local.hour) == (200, 14, 16)


def test_an_item_that_is_gone_is_not_found(trip, board):
    item = made(trip)
    with transaction():
        agendas.call_off(item, audits.SYSTEM)
    headers = JSON | {"X-CSRFToken": board.token}

    answer = board.client.post(f"{board.address}/{item.id}/move", headers=headers)

    assert answer.status_code == 404


def test_undo_and_redo_say_what_they_did_and_show_it(trip, board):
    item = made(trip)
    board.move(item, start="14:00")

    answer = board.step("undo")
    assert (answer.status_code, item.starts_local) == (200, NINE)
    assert answer.json["said"] == (
        "Undone: “Visit of the shipyard” is Oct 26, 2027, 9:00\xa0AM to 10:30\xa0AM "
        "(Paris time, UTC+2)."
    )
    assert [part["column"] for part in answer.json["parts"]] == ["2027-10-26"]
    assert (answer.json["steps"]["undo"]["there"], answer.json["steps"]["redo"]["there"]) == (
        False,
        True,
    )

    assert board.step("redo").status_code == 200
    assert item.starts_local.hour == 14
    assert board.step("redo").json["said"] == "There is nothing more."


def test_undoing_an_add_takes_the_block_away(trip, board):
    with transaction():
        item = edits.add(trip, item_values(), board.staff)
        uid = str(item.uid)

    answer = board.step("undo").json

    assert (answer["uid"], answer["item"], answer["parts"]) == (uid, None, [])
    assert answer["said"] == "Undone: “Visit of the shipyard” is off the draft."


def test_what_somebody_else_changed_since_is_not_undone_and_the_edit_before_comes_next(trip, board):
    first, second = made(trip), made(trip)
    board.move(first, start="14:00")
    board.move(second, start="15:00")
    with transaction():
        values = item_values(starts_local=datetime(2027, 10, 26, 8, 0))
        edits.change(second, values, make_staff(trip=trip), second.version)

    answer = board.step("undo")
    assert answer.status_code == 409
    assert "was changed since by somebody else" in answer.json["said"]
    assert second.starts_local.hour == 8

    assert board.step("undo").status_code == 200
    assert first.starts_local == NINE


def test_clashes_are_told_at_once_on_both_items(trip, board):
    with transaction():
        venue = make_venue()
        room = make_room(venue)
        here = {"venue_id": venue.id, "room_id": room.id}
        visit = make_item(trip, **here)
        other = make_item(
            trip, **here, title=Words(en="Panel"), starts_local=datetime(2027, 10, 26, 14, 0),
            ends_local=datetime(2027, 10, 26, 15, 0),
        )  # fmt: skip
    assert room.name not in str(board.move(visit).json["marks"])

    marks = board.move(visit, start="14:30").json["marks"]

    assert {str(visit.uid), str(other.uid)} <= set(marks)
    assert room.name in unescape(marks[str(other.uid)]["html"])
    assert marks[str(visit.uid)]["blocks"] is True
    assert "block--stop" in board.page()


def test_blocks_say_what_publishing_would_do(trip, board):
    item = made(trip)
    gone = made(trip, title=Words(en="Dinner"))
    assert "badge--added" not in board.page()  # before the first release all would be
    with transaction():
        publish(trip)
    board.move(item, start="14:00")
    with transaction():
        agendas.call_off(gone, audits.SYSTEM)
        make_item(trip, title=Words(en="New"))

    page = board.page()

    for change in ("moved", "cancelled", "added"):
        assert f"badge--{change}" in page
    assert gone.state == ItemState.CANCELLED
    assert f"/board/{gone.id}/move" not in page


def test_the_form_moves_without_a_script(trip, board):
    item = made(trip)
    path = f"{board.address}/{item.id}/move?by=track&day=2027-10-26"
    assert f'href="{path.split("?")[0]}' in board.page("?by=track&day=2027-10-26")
    sent = hidden(board.client, path)
    sent |= {"date": "2027-10-28", "start": "10:00", "end": "", "days_later": "0", "column": "none"}

    answer = board.client.post(path, data=sent)

    assert answer.status_code == 302
    assert answer.location.endswith(f"by=track&zoom=2&day=2027-10-28#item-{item.uid}")
    assert item.ends_local == datetime(2027, 10, 28, 11, 30)
    assert "is now Oct 28, 2027" in board.page()


def test_the_form_says_beside_the_field_what_is_wrong_and_keeps_what_was_typed(trip, board):
    item = made(trip)
    path = f"{board.address}/{item.id}/move"
    sent = hidden(board.client, path) | {"date": "2027-10-31", "start": "02:30"}

    answer = board.client.post(path, data=sent)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert field_errors(page)["start"].startswith("This time occurs twice")
    assert 'name="starts_fold"' in page
    assert 'value="2027-10-31"' in page


def test_the_form_shows_what_somebody_else_made_of_it(trip, board):
    item = made(trip)
    path = f"{board.address}/{item.id}/move"
    sent = hidden(board.client, path) | {"date": "2027-10-28", "start": "10:00"}
    with transaction():
        other = make_staff(trip=trip)
        edits.change(item, item_values(place="Gate 9"), other, item.version)

    answer = board.client.post(path, data=sent)
    page = unescape(answer.get_data(as_text=True))

    assert answer.status_code == 409
    assert f"{other.name} changed it" in page
    assert "Gate 9" in page
    again = {**sent, "version": re.search(r'name="version"[^>]*value="(\d+)"', page)[1]}
    assert board.client.post(path, data=again).status_code == 302
    assert (item.starts_local.day, item.place) == (28, "Gate 9")


def test_undo_by_its_button_comes_back_to_the_same_board(trip, board):
    item = made(trip)
    board.move(item, start="14:00")

    answer = board.client.post(
        f"{board.address}/undo?by=track&day=2027-10-26", data={"csrf_token": board.token}
    )

    assert answer.location.endswith(f"by=track&zoom=2&day=2027-10-26#item-{item.uid}")
    assert item.starts_local == NINE


def test_who_only_reads_sees_the_board_and_no_way_to_change_it(client, trip):
    with transaction():
        staff = make_staff(trip=trip, role=Role.READER)
    made(trip)

    page = Board(client, trip, staff).page()

    assert "Visit of the shipyard" in page
    assert not re.search(r"/move|/undo|data-move|<dialog", page)


def test_the_board_takes_as_many_statements_for_60_items_as_for_2(trip, board, statements):
    counts = {}
    for size in (2, 60):
        with transaction():
            for number in range(size):
                make_item(trip, title=Words(en=f"Session {number}"))
        item = agendas.draft(trip)[0]
        version, path = item.version, f"{board.address}/{item.id}/move"
        headers = JSON | {"X-CSRFToken": board.token}
        with statements() as read:
            board.page()
        sent = {"date": "2027-10-26", "start": f"1{size % 7}:00", "version": version}
        with statements() as moved:
            assert board.client.post(path, data=sent, headers=headers).status_code == 200
        counts[size] = (len(read), len(moved))

    assert counts[2] == counts[60]

"""Dates, times and words as people and programs write them."""

from datetime import date, datetime, time, timedelta

import pytest

from webapp.domain.sheets import cells, vocabulary
from webapp.domain.sheets.cells import Clock
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemRole, ItemState, Mode

HALLOWEEN = date(2017, 10, 31)


@pytest.mark.parametrize(
    "said",
    [
        HALLOWEEN,
        datetime(2017, 10, 31),
        "2017-10-31",
        "2017/10/31",
        "31/10/2017",
        "31.10.2017",
        "31-10-17",
        " 31 / 10 / 2017 ",
        "31 October 2017",
        "31 Oct. 2017",
        "October 31, 2017",
        "Tue 31 Oct 2017",
        "Tuesday, October 31st, 2017",
        "31 octobre 2017",
        "mardi 31 octobre 2017",
        "le 31 octobre 2017",
    ],
)
def test_a_date(said):
    assert cells.day(said) == HALLOWEEN


def test_a_date_in_words_of_the_first():
    assert cells.day("1er novembre 2017") == date(2017, 11, 1)
    assert cells.day("1 déc. 2017") == date(2017, 12, 1)


def test_of_two_numbers_the_month_is_the_one_that_was_said_to_be():
    assert cells.day("03/04/2027") == date(2027, 4, 3)
    assert cells.day("03/04/2027", month_first=True) == date(2027, 3, 4)
    assert cells.day("10/31/2017") is None
    assert cells.day("31/10/2017", month_first=True) is None


@pytest.mark.parametrize(
    "said",
    ["", "tomorrow", "31/13/2017", "30 February 2017", "2017", 43039, 3.5, True, None, "31/10",
     "1/2/3/2017", "31/10-2017", "Maybe 31 October 2017", "31 32 October 2017", time(9),
     datetime(2017, 10, 31, 9)],
)  # fmt: skip
def test_no_date(said):
    assert cells.day(said) is None


@pytest.mark.parametrize(
    "said",
    [
        time(14, 30),
        timedelta(hours=14, minutes=30),
        datetime(1899, 12, 31, 14, 30),
        "14:30",
        "14.30",
        "14h30",
        "14 h 30",
        "14 H 30",
        "14 h 30 min",
        "14:30:00",
        "2:30 PM",
        "2.30 p.m.",
        "02:30pm",
    ],
)
def test_a_time_of_day(said):
    assert cells.clock(said) == Clock(time(14, 30))


@pytest.mark.parametrize(
    ("said", "at", "offset"),
    [
        ("14h", time(14), None),
        ("2 pm", time(14), None),
        ("12 AM", time(0), None),
        ("12:05 pm", time(12, 5), None),
        ("02:30+02:00", time(2, 30), timedelta(hours=2)),
        ("02:30 UTC+1", time(2, 30), timedelta(hours=1)),
        ("02:30 −07:00", time(2, 30), -timedelta(hours=7)),
        ("02:30Z", time(2, 30), timedelta()),
    ],
)
def test_other_times_of_day(said, at, offset):
    assert cells.clock(said) == Clock(at, offset)


@pytest.mark.parametrize(
    "said",
    ["", "14", "24:00", "9:60", "13 pm", "0 am", "noon", "30 min", 15, 0.5, True, None,
     timedelta(days=1), datetime(2017, 10, 31, 9), date(2017, 10, 31)],
)  # fmt: skip
def test_no_time_of_day(said):
    assert cells.clock(said) is None


@pytest.mark.parametrize(
    "said",
    [
        datetime(2017, 10, 31, 14, 30),
        "2017-10-31 14:30",
        "2017-10-31T14:30",
        "31/10/2017, 14 h 30",
        "31 octobre 2017 à 14h30",
        "October 31, 2017 at 2:30 PM",
    ],
)
def test_a_date_with_a_time(said):
    assert cells.moment(said) == (HALLOWEEN, Clock(time(14, 30)))


def test_no_date_with_a_time():
    assert [cells.moment(each) for each in ("14:30", "2017-10-31", "", 5, None)] == [None] * 5


def test_whole_numbers():
    assert [cells.number(each) for each in (12, 12.0, " 12 ", "012")] == [12] * 4
    assert [cells.number(each) for each in (1.5, "1.5", "-1", "many", True, None)] == [None] * 6


@pytest.mark.parametrize("kind", [ItemKind, Audience, ItemState, Attendance, Mode, ItemRole])
def test_each_word_that_we_write_is_read_again_in_both_languages(kind):
    for member in kind:
        said = [vocabulary.word(member, language) for language in ("en", "fr")]
        assert [vocabulary.read(kind, each) for each in (*said, member.value)] == [member] * 3
        assert vocabulary.read(kind, said[0].upper()) == member


def test_languages_by_code_and_by_name():
    said = ["en", "FR", "English", "anglais", "German", "allemand", "xx", "klingon", ""]

    assert [vocabulary.language_code(each) for each in said] == [
        "en", "fr", "en", "en", "de", "de", None, None, None,
    ]  # fmt: skip

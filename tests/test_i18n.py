"""How dates, times and zones are said, in English and in French, and which language it is."""

from datetime import date, datetime, time

import pytest

from tests.factories import utc
from webapp import clock, i18n
from webapp.db import Words

NBSP = "\N{NO-BREAK SPACE}"
PARIS = "Europe/Paris"


@pytest.fixture(autouse=True)
def spoken(migrated):
    """An application context, outside of any request."""
    with migrated.app_context():
        yield


def both(say):
    """What `say` returns in English and in French."""
    answers = []
    for language in ("en", "fr"):
        with i18n.speaking(language):
            answers.append(say())
    return tuple(answers)


def test_dates_are_said_as_each_language_says_them():
    day, first = date(2017, 10, 30), date(2017, 11, 1)

    assert both(lambda: i18n.date_long(day)) == (
        "Monday, October 30, 2017",
        "lundi 30 octobre 2017",
    )
    assert both(lambda: i18n.date_long(first)) == (
        "Wednesday, November 1, 2017",
        "mercredi 1er novembre 2017",
    )
    assert both(lambda: i18n.date_short(day)) == ("Oct 30, 2017", "30 oct. 2017")
    assert both(lambda: i18n.weekday(day)) == ("Monday", "lundi")
    assert both(lambda: i18n.day_short(day)) == ("Mon, Oct 30", "lun. 30 oct.")
    assert both(lambda: i18n.day_short(first)) == ("Wed, Nov 1", "mer. 1er nov.")


@pytest.mark.parametrize(
    ("moment", "english", "french"),
    [
        (time(0, 0), f"12:00{NBSP}AM", f"0{NBSP}h"),
        (time(9, 5), f"9:05{NBSP}AM", f"9{NBSP}h{NBSP}05"),
        (datetime(2017, 10, 30, 12, 0), f"12:00{NBSP}PM", f"12{NBSP}h"),
        (datetime(2017, 10, 30, 14, 30), f"2:30{NBSP}PM", f"14{NBSP}h{NBSP}30"),
    ],
)
def test_times_are_said_by_twelve_hours_or_by_twenty_four(moment, english, french):
    assert both(lambda: i18n.clock_time(moment)) == (english, french)


@pytest.mark.parametrize(
    ("first", "last", "english", "french"),
    [
        (date(2017, 2, 15), date(2017, 2, 15), "February 15, 2017", "15 février 2017"),
        (date(2019, 5, 14), date(2019, 5, 17), "May 14–17, 2019", "14–17 mai 2019"),
        (date(2019, 5, 1), date(2019, 5, 3), "May 1–3, 2019", "1er–3 mai 2019"),
        (
            date(2017, 10, 30),
            date(2017, 11, 3),
            "October 30 – November 3, 2017",
            "30 octobre – 3 novembre 2017",
        ),
        (
            date(2017, 12, 30),
            date(2018, 1, 1),
            "December 30, 2017 – January 1, 2018",
            "30 décembre 2017 – 1er janvier 2018",
        ),
        (
            date(2017, 5, 14),
            date(2018, 5, 17),
            "May 14, 2017 – May 17, 2018",
            "14 mai 2017 – 17 mai 2018",
        ),
    ],
)
def test_a_span_of_days_says_each_month_and_year_once(first, last, english, french):
    assert both(lambda: i18n.date_range(first, last)) == (english, french)


@pytest.mark.parametrize(
    ("zone", "local", "fold", "offset"),
    [
        (PARIS, datetime(2017, 10, 28, 12), 0, "UTC+2"),
        (PARIS, datetime(2017, 10, 30, 12), 0, "UTC+1"),
        (PARIS, datetime(2017, 10, 29, 2, 30), 0, "UTC+2"),
        (PARIS, datetime(2017, 10, 29, 2, 30), 1, "UTC+1"),
        ("America/Los_Angeles", datetime(2017, 10, 30, 12), 0, "UTC\N{MINUS SIGN}7"),
        ("America/St_Johns", datetime(2017, 12, 1, 12), 0, "UTC\N{MINUS SIGN}3:30"),
        ("Asia/Kathmandu", datetime(2017, 12, 1, 12), 0, "UTC+5:45"),
        ("Africa/Abidjan", datetime(2017, 12, 1, 12), 0, "UTC"),
    ],
)
def test_an_offset_is_that_of_the_very_wall_time(zone, local, fold, offset):
    assert i18n.utc_offset(zone, local, fold) == offset


def test_a_zone_is_said_by_its_city_and_offset():
    local = datetime(2017, 10, 30, 9, 0)

    assert both(lambda: i18n.zone_city("America/Los_Angeles")) == ("Los Angeles", "Los Angeles")
    assert both(lambda: i18n.zone_city("Europe/London")) == ("London", "Londres")
    with i18n.speaking("en"):
        assert i18n.zone_name(PARIS, local) == "Paris time, UTC+1"
        assert i18n.datetime_in(utc(2017, 10, 30, 8, 0), PARIS) == (
            f"Oct 30, 2017, 9:00{NBSP}AM (Paris time, UTC+1)"
        )


def test_an_instant_of_the_hour_that_comes_twice_has_the_offset_of_its_own_pass():
    with i18n.speaking("en"):
        first, second = (i18n.datetime_in(utc(2017, 10, 29, h, 30), PARIS) for h in (0, 1))

    assert first == f"Oct 29, 2017, 2:30{NBSP}AM (Paris time, UTC+2)"
    assert second == f"Oct 29, 2017, 2:30{NBSP}AM (Paris time, UTC+1)"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_zone_that_may_be_typed_has_a_city(language):
    with i18n.speaking(language):
        cities = {zone: i18n.zone_city(zone) for zone in clock.zone_names()}

    assert [zone for zone, city in cities.items() if not city.strip()] == []


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (Words(en="Visit", fr="Visite"), ("Visit", "Visite")),
        (Words(en="Visit"), ("Visit", "Visit")),
        (Words(en="Visit", fr=""), ("Visit", "Visit")),
        (Words(fr="Visite"), ("Visite", "Visite")),
        (Words(de="Besuch"), ("Besuch", "Besuch")),
        (Words(), ("", "")),
        (None, ("", "")),
    ],
)
def test_words_are_in_the_reader_s_language_else_in_english_else_in_what_there_is(value, answer):
    assert both(lambda: i18n.words(value)) == answer
    if value is not None:
        assert tuple(value.pick(language) for language in ("en", "fr")) == answer


def test_a_language_that_we_do_not_speak_is_english():
    with i18n.speaking("de"):
        assert i18n.current_language() == "en"
    assert i18n.current_language() == "en"


@pytest.mark.parametrize(
    ("address", "cookie", "wish", "language"),
    [
        ("/", None, None, "en"),
        ("/", None, "fr-CA,fr;q=0.9,en;q=0.5", "fr"),
        ("/", None, "de", "en"),
        ("/", "fr", "en", "fr"),
        ("/?lang=en", "fr", "fr", "en"),
        ("/?lang=de", "fr", "en", "fr"),
        ("/?lang=", "../fr", "fr", "fr"),
    ],
)
def test_the_address_decides_then_the_cookie_then_the_browser(
    migrated, address, cookie, wish, language
):
    headers = {"Accept-Language": wish} if wish else {}
    if cookie:
        headers["Cookie"] = f"{i18n.COOKIE}={cookie}"

    with migrated.test_request_context(address, headers=headers):
        assert i18n.current_language() == language


def test_only_a_page_remembers_the_language_that_its_address_asked_for(client):
    page = client.get("/?lang=fr")
    unknown = client.get("/?lang=de")
    health = client.get("/healthz?lang=fr")

    assert page.headers.getlist("Set-Cookie")[0].startswith(f"{i18n.COOKIE}=fr;")
    assert {"Accept-Language", "Cookie"} <= set(page.vary)
    assert "<html" in page.get_data(as_text=True)
    assert 'lang="fr"' in page.get_data(as_text=True)
    for answer in (unknown, health):
        assert not any(i18n.COOKIE in line for line in answer.headers.getlist("Set-Cookie"))

"""Languages: which one the reader wants, and how dates, times and zones are said in it."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_currency
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, ngettext
from flask_babel import gettext as _

from webapp import own_words
from webapp.clock import wall, zone_info
from webapp.db import Words
from webapp.own_words import Instead

LANGUAGES = {"en": "English", "fr": "Français"}
COOKIE = "language"


def init_app(app: Flask) -> None:
    """Let every page speak the language of its reader."""
    Babel(  # type: ignore[no-untyped-call]
        app,
        default_locale="en",
        default_translation_directories="translations",
        locale_selector=wanted_language,
    )
    own_words.init_app(app)
    app.after_request(_remember)
    app.jinja_env.filters.update(
        words=words,
        date_long=date_long,
        date_short=date_short,
        day_short=day_short,
        weekday=weekday,
        time=clock_time,
        date_range=date_range,
        datetime_in=datetime_in,
        language=language_name,
        listed=listed,
        money=money,
    )
    app.jinja_env.globals.update(
        zone_name=zone_name, zone_city=zone_city, wall=wall, time_at_home=time_at_home
    )
    app.context_processor(_for_templates)


def current_language() -> str:
    """The language being spoken: that of the reader, or of the block of `speaking`."""
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else "en"


@contextmanager
def speaking(language: str, instead: Instead | None = None) -> Iterator[None]:
    """Speak `language` inside the block: for letters and calendars, which are not a request's. What
    templates say is looked for among the words `instead` first (webapp/own_words.py)."""
    spoken = language if language in LANGUAGES else "en"
    with force_locale(spoken), own_words.standing(instead):
        yield


def words(value: dict[str, str] | None) -> str:
    """The text in the reader's language, else in English; empty for None."""
    return Words(value).pick(current_language()) if value else ""


def date_long(value: date) -> str:
    """Monday, October 30, 2017; lundi 30 octobre 2017."""
    if current_language() == "fr":
        return f"{weekday(value)} {_day(value, True)}"
    return format_date(value, "full", locale=_locale())


def date_short(value: date) -> str:
    """Oct 30, 2017; 30 oct. 2017."""
    text = format_date(value, "medium", locale=_locale())
    return _first(text) if current_language() == "fr" else text


def day_short(value: date) -> str:
    """Mon, Oct 30; lun. 30 oct.: for heads of columns, where a title says the year."""
    text = format_skeleton("MMMEd", value, locale=_locale())
    return re.sub(r"\b1 ", "1er ", text) if current_language() == "fr" else text


def weekday(value: date) -> str:
    """Monday; lundi."""
    return format_date(value, "EEEE", locale=_locale())


def clock_time(value: datetime | time) -> str:
    """A wall time as read aloud: 2:30 PM; 14 h 30."""
    moment = value.time() if isinstance(value, datetime) else value
    if current_language() == "fr":
        hour = f"{moment.hour}\N{NO-BREAK SPACE}h"
        return f"{hour}\N{NO-BREAK SPACE}{moment.minute:02}" if moment.minute else hour
    return format_time(moment, "h:mm\N{NO-BREAK SPACE}a", locale=_locale())


def date_range(first: date, last: date) -> str:
    """October 30 – November 3, 2017; 30 octobre – 3 novembre 2017."""
    locale = _locale()
    if first == last:
        return _day(first, True)
    if first.year != last.year:
        return f"{_day(first, True)} \N{EN DASH} {_day(last, True)}"
    if first.month != last.month:
        return f"{_day(first, False)} \N{EN DASH} {_day(last, True)}"
    if locale.language == "fr":
        return f"{_first(str(first.day))}\N{EN DASH}{_day(last, True)}"
    month = format_date(first, "MMMM", locale=locale)
    return f"{month} {first.day}\N{EN DASH}{last.day}, {first.year}"


def datetime_in(at: datetime, zone: str) -> str:
    """An instant on the clocks of `zone`, with the zone's name: the only way an instant shows."""
    aware = at.astimezone(zone_info(zone))
    local = aware.replace(tzinfo=None)
    return _(
        "%(date)s, %(time)s (%(zone)s)",
        date=date_short(local),
        time=clock_time(local),
        zone=zone_name(zone, local, aware.fold),
    )


def zone_name(zone: str, local: datetime, fold: int = 0) -> str:
    """A zone as said beside a time: "Paris time, UTC+1", with the offset of that wall time."""
    return _(
        "%(city)s time, %(offset)s", city=zone_city(zone), offset=utc_offset(zone, local, fold)
    )


def zone_city(zone: str) -> str:
    """The city that names a zone, in the reader's language: Los Angeles, Paris."""
    return _city(zone, current_language())


def utc_offset(zone: str, local: datetime, fold: int = 0) -> str:
    """The offset of a wall time: UTC+1, UTC-7, UTC+5:30, with a real minus sign."""
    offset = local.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    if not minutes:
        return "UTC"
    sign = "+" if minutes > 0 else "\N{MINUS SIGN}"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def time_at_home(at: datetime, local: datetime, home: str) -> str:
    """What the clocks of `home` show at the aware instant `at`, beside the wall time `local`:
    "1:00 AM in Los Angeles, 8 h behind". Empty where both show the same."""
    here = wall(at, home)
    hours = (local - here).total_seconds() / 3600
    if not hours:
        return ""
    parts = {"time": clock_time(here), "city": zone_city(home), "gap": _hours(abs(hours))}
    text = (
        _("%(time)s in %(city)s, %(gap)s behind", **parts)
        if hours > 0
        else _("%(time)s in %(city)s, %(gap)s ahead", **parts)
    )
    return f"{text} {days_apart((here.date() - local.date()).days)}".strip()


def days_apart(days: int) -> str:
    """ "+1 day" where a time falls on another date than the one it stands beside; else empty."""
    if days > 0:
        return ngettext("+%(num)d day", "+%(num)d days", days)
    return ngettext("−%(num)d day", "−%(num)d days", -days) if days else ""


def language_name(code: str) -> str:
    """What a language (ISO 639-1) is called: English, French; anglais, français."""
    return str(_locale().languages.get(code, code))


def listed(names: Iterable[str]) -> str:
    """Names as a sentence lists them: A, B, and C; A, B et C."""
    return format_list(list(names), locale=_locale())


def money(amount: Decimal | str, currency: str) -> str:
    """An amount as its currency (ISO 4217) is written: €1,234.50; 1 234,50 €; ¥1,235."""
    text = format_currency(Decimal(amount), currency, locale=_locale())
    return text.replace("-", "\N{MINUS SIGN}")


def _hours(hours: float) -> str:
    whole, minutes = divmod(round(hours * 60), 60)
    if minutes:
        return _("%(hours)d h %(minutes)d min", hours=whole, minutes=minutes)
    return _("%(hours)d h", hours=whole)


def wanted_language() -> str:
    """The language that the request at hand asks for: by its address, by what was chosen before,
    by the account, by the browser's settings; English outside of a request."""
    if not has_request_context():
        return "en"
    wishes = (request.args.get("lang"), request.cookies.get(COOKIE), g.get("staff_language"))
    for wanted in wishes:
        if wanted in LANGUAGES:
            return str(wanted)
    return request.accept_languages.best_match(LANGUAGES, "en") or "en"


def _remember(response: Response) -> Response:
    """Keep the language that an address asked for; calendars are read without cookies (H1)."""
    asked = request.args.get("lang")
    if asked in LANGUAGES and response.mimetype == "text/html":
        response.set_cookie(
            COOKIE, asked, max_age=365 * 24 * 3600, httponly=True, samesite="Lax",
            secure=request.is_secure,
        )  # fmt: skip
    if response.mimetype == "text/html":
        if "Vary" in response.headers:
            response.vary.update(["Accept-Language", "Cookie"])
        else:
            response.headers["Vary"] = "Accept-Language, Cookie"
    return response


def _for_templates() -> dict[str, object]:
    language = current_language()
    others = []
    if has_request_context():
        for code, name in LANGUAGES.items():
            if code != language:
                query = {**request.args.to_dict(), "lang": code}
                others.append((code, name, _here(query)))
    return {"current_language": language, "other_languages": others}


def _here(query: dict[str, str]) -> str:
    return f"{request.path}?{urlencode(query)}"


def _locale() -> Locale:
    return Locale.parse("fr" if current_language() == "fr" else "en_US")


def _day(value: date, with_year: bool) -> str:
    year = " y" if with_year else ""
    if current_language() == "fr":
        return _first(format_date(value, f"d MMMM{year}", locale=_locale()))
    return format_date(value, f"MMMM d{',' if with_year else ''}{year}", locale=_locale())


def _first(day: str) -> str:
    """French says "1er mai" and "2 mai"."""
    return re.sub(r"^1(?!\d)", "1er", day)


@lru_cache(maxsize=256)
def _city(zone: str, language: str) -> str:
    return get_timezone_location(zone, locale=Locale(language), return_city=True)

"""Whatever is asked of a calendar's address: random, truncated and malicious requests.

No error of ours, no bytes or secret of another calendar, one text for all that is not there
(icalendar.md H4, H6, H15, H18, S5). 20,000 each time; CALENDAR_REQUESTS=100000 asks as many as a
change of the answer should stand, CALENDAR_SEED others.
"""

import io
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_item, make_registration, make_staff, make_track, make_trip, publish
from webapp.blueprints.calendar_answers import SAID_OF
from webapp.db import Words, transaction
from webapp.domain import audits, feeds
from webapp.models.agenda import Audience
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip, TripState

PARTS = 4  # so that several processes can share them
ROUNDS = int(os.environ.get("CALENDAR_REQUESTS", "20000")) // PARTS
SEED = int(os.environ.get("CALENDAR_SEED", "6"))
ACCEPTED = RegistrationState.ACCEPTED
METHODS = (
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "get",
    "\xff",
)
PIECES = (
    '"',
    "W/",
    "w/",
    ",",
    "*",
    " ",
    "\t",
    '""',
    "\\",
    "\x00",
    "\x7f",
    "\xe9",
    "-gzip",
    "%22",
    ";",
)
DATES = (
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Mon, 99 Foo 99999999999999999999 99:99:99 +99999999999",
    "tomorrow",
)
QUERIES = (
    "lang=fr",
    "lang=en",
    "lang=de",
    "lang",
    "x=%00",
    "x=%ff",
    "&&&",
    "lang=fr&lang=en",
    "a=" * 50,
)
AGENTS = ("Google-Calendar-Importer", "", "\xff\x00", "Thunderbird/128", "x" * 5000)


@dataclass
class Addresses:
    """What there is to ask: each path with its bytes and tag, those that ended, all secrets."""

    there: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_can_be_asked_breaks_anything_or_tells_of_another_calendar(committed, part):
    known = make_addresses(committed)
    chance = random.Random(SEED * PARTS + part)
    found: Counter[tuple[str, int]] = Counter()

    for _round in range(ROUNDS):
        asked = make_request(chance, known)
        answer = ask(committed, asked)
        found[asked["REQUEST_METHOD"], answer[0]] += 1
        assert fault(asked, answer, known) == "", asked

    # All kinds of answers were among them.
    assert {("GET", code) for code in (200, 304, 404, 410)} <= set(found)
    assert {code for _method, code in found} <= {200, 304, 400, 404, 405, 410}


def make_addresses(app: Flask) -> Addresses:
    """Two tours with calendars of all kinds, some ended."""
    known = Addresses()
    with transaction():
        for number in range(2):
            trip = make_trip()
            for audience in Audience:
                make_item(trip, title=Words(en=f"For {audience} of {number}"), audience=audience)
            publish(trip)
            registration = make_registration(trip, 3, ACCEPTED)
            mine = [*feeds.of_delegates(registration).values(), feeds.of_company(registration)]
            mine.append(feeds.open_staff(trip, make_staff(trip=trip), "en", audits.SYSTEM))
            mine.append(feeds.open_track(make_track(trip), "fr", audits.SYSTEM))
            feeds.rotate(mine[0], audits.SYSTEM)
            known.ended.append(f"/calendars/{mine[0].token}.ics")
            known.secrets += [feed.token for feed in mine]
            paths = [f"/calendars/{feed.token}.ics" for feed in mine[1:]]
            paths += [f"/trips/{trip.slug}/calendar.ics{query}" for query in ("", "?lang=fr")]
            known.there |= dict.fromkeys(paths, (b"", ""))
        known.hidden += [f"/trips/{make_trip(state=TripState.DRAFT).slug}/calendar.ics"]
        known.ended.append(f"/trips/{make_withdrawn().slug}/calendar.ics")
    with transaction():
        feeds.prepare()
    for path in known.there:
        answer = app.test_client().get(path)
        known.there[path] = (answer.data, answer.headers["ETag"].strip('"'))
        known.dates.append(answer.headers["Last-Modified"])
    return known


def make_withdrawn() -> Trip:
    trip = make_trip()
    trip.become(TripState.WITHDRAWN)
    return trip


def make_request(chance: random.Random, known: Addresses) -> dict[str, Any]:
    """The environment of one request, plausible or not."""
    path, _, query = some_path(chance, known).partition("?")
    if chance.random() < 0.03:
        query = chance.choice(QUERIES)
    plain = chance.random() < 0.95
    asked = {
        "REQUEST_METHOD": chance.choice(("GET", "GET", "HEAD") if plain else METHODS),
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000" if chance.random() < 0.99 else some_text(chance, 20),
        "HTTP_USER_AGENT": chance.choice(AGENTS),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    headers = {
        "HTTP_IF_NONE_MATCH": partial(some_tags, chance, known),
        "HTTP_IF_MODIFIED_SINCE": partial(some_date, chance, known),
        "HTTP_IF_MATCH": partial(some_tags, chance, known),
        "HTTP_RANGE": lambda: f"bytes={some_text(chance, 9)}",
        "HTTP_COOKIE": lambda: f"session={some_text(chance, 30)}",
        "HTTP_ACCEPT_LANGUAGE": lambda: some_text(chance, 20),
        "HTTP_ACCEPT_ENCODING": lambda: some_text(chance, 20),
        "CONTENT_LENGTH": lambda: some_text(chance, 3),
        "CONTENT_TYPE": lambda: some_text(chance, 20),
    }
    for name, make in headers.items():
        if chance.random() < (0.5 if name.startswith("HTTP_IF_N") else 0.15):
            asked[name] = make()
    return asked


def some_path(chance: random.Random, known: Addresses) -> str:
    """An address: one that is there, one that ended, or one that almost is."""
    path = chance.choice(list(known.there))
    kind = chance.random()
    if kind < 0.7:
        return path
    if kind < 0.8:
        return chance.choice(known.ended + known.hidden)
    stem = path.partition("?")[0].removesuffix(".ics")
    front, _, name = stem.rpartition("/")
    at = chance.randrange(1, len(name) + 1)
    other = chance.choice(
        (
            name[:at],  # cut short
            name[at:],
            name[: at - 1] + chance.choice("Aa0-_~.%\xe9\x00/;") + name[at:],  # mistyped
            name.swapcase(),
            name + name,
            name + " ",
            "../" + name,
            "".join(chance.choices("abcXYZ019-_", k=32)),
            some_text(chance, 40),
        )
    ).replace("?", "")
    if name == "calendar":  # the public one: then the tour is another
        slug = chance.choice((front[7 : 7 + at], other or "x", "%", front[7:] + "/"))
        return f"/trips/{slug}/calendar.ics"
    return f"{front}/{other}{chance.choice(('.ics', '.ics', '.ICS', '.ics/', '.ics.ics', ''))}"


def some_tags(chance: random.Random, known: Addresses) -> str:
    """An If-None-Match: of one of the calendars, of several, or anything."""
    tags = [tag for _body, tag in known.there.values()]
    if chance.random() < 0.3:
        some = chance.sample(tags, chance.randrange(1, len(tags)))
        return ", ".join(f'{chance.choice(("", "W/"))}"{tag}"' for tag in some)
    parts = [
        chance.choice((f'"{chance.choice(tags)}"', chance.choice(tags), chance.choice(PIECES)))
        for _part in range(chance.randrange(1, 6))
    ]
    text = chance.choice(("", ", ", ",", " ")).join(parts)
    return text[: chance.randrange(len(text) + 1)] if chance.random() < 0.3 else text


def some_date(chance: random.Random, known: Addresses) -> str:
    text = chance.choice((*DATES, *known.dates, some_text(chance, 30)))
    return text[: chance.randrange(len(text) + 1)] if chance.random() < 0.3 else text


def some_text(chance: random.Random, most: int) -> str:
    """As a server hands it on: any octets, as Latin-1."""
    return "".join(map(chr, chance.choices(range(1, 256), k=chance.randrange(most))))


def ask(app: Flask, asked: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body, from the application itself."""
    told: list[Any] = []
    body = b"".join(app.wsgi_app(dict(asked), lambda *said: told.append(said)))
    status, headers = told[-1][:2]
    return int(status[:3]), headers, body


def fault(
    asked: dict[str, Any], answer: tuple[int, list[tuple[str, str]], bytes], known: Addresses
) -> str:
    """What is wrong with an answer, or nothing."""
    status, headers, body = answer
    names = {name.lower(): value for name, value in headers}
    everything = body.decode("latin-1") + "\n".join(f"{n}: {v}" for n, v in headers)
    if any(secret in everything for secret in known.secrets):
        return "a secret"
    if "set-cookie" in names or "location" in names or "Cookie" in names.get("vary", ""):
        return "a cookie or a redirect"
    method = asked["REQUEST_METHOD"].upper()  # as Werkzeug reads it
    if status == 405:
        return "" if names.get("allow") == "GET, HEAD" else "no Allow"
    if status in (200, 304) and method in ("GET", "HEAD"):
        return _calendar_fault(asked, status, names, body, known)
    if status not in (400, 404, 410):
        return "odd"
    wanted = "" if method == "HEAD" else SAID_OF.get(status, body.decode())
    return "" if body.decode() == wanted else "another text"


def _calendar_fault(
    asked: dict[str, Any], status: int, names: dict[str, str], body: bytes, known: Addresses
) -> str:
    french = asked["PATH_INFO"].startswith("/trips/") and first_language(asked) == "fr"
    expected = known.there.get(asked["PATH_INFO"] + ("?lang=fr" if french else ""))
    if expected is None:
        return "a calendar where there is none"
    if names["etag"].strip('"') != expected[1]:
        return "the tag of another calendar"
    if status == 304:
        return "a body" if body else _condition_fault(asked, expected[1], known)
    if int(names["content-length"]) != len(expected[0]):
        return "another length"
    wanted = b"" if asked["REQUEST_METHOD"] == "HEAD" else expected[0]
    return "" if body == wanted else "the bytes of another calendar"


def _condition_fault(asked: dict[str, Any], tag: str, known: Addresses) -> str:
    """A 304 needs a reason: its tag in the list, a star alone, or a date not before the last
    change."""
    given = asked.get("HTTP_IF_NONE_MATCH")
    if given is not None:
        return "" if f'"{tag}"' in given or given.strip() == "*" else "304 to another tag"
    since = parsedate_to_datetime(asked["HTTP_IF_MODIFIED_SINCE"])
    first = min(map(parsedate_to_datetime, known.dates))
    return "" if since.replace(tzinfo=None) >= first.replace(tzinfo=None) else "304 to an old date"


def first_language(asked: dict[str, Any]) -> str:
    query = asked["QUERY_STRING"].split("&")
    return next((part[5:] for part in query if part.startswith("lang=")), "")

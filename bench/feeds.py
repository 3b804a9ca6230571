"""Answering feeds, over HTTP by two web workers: beside a bare Flask view of the same bytes, and
one that does one SELECT by primary key. 60 and 600 sessions; 200, 304; 1 and 16 connections."""

import os
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import product

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from bench.loading import Load, load, tool
from bench.measure import getter, line
from bench.serving import served
from tests.factories import make_item, make_registration, make_trip, publish
from tests.overheard import overheard
from webapp import create_app
from webapp.db import Words, db, transaction
from webapp.domain import feeds
from webapp.embedded.services import services
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "6"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "1"))  # of one round of one thing
SIZES = (60, 600)
CONNECTIONS = (1, 16)
P99 = 25.0  # ms, at 16 connections
SETTINGS = ("--config", "webapp/embedded/gunicorn_settings.py")  # as the product is served


def run() -> None:
    """Statements first, then rates: what is compared takes turns."""
    with services() as config:
        app = create_app(config)
        with app.app_context():
            upgrade()
            made = {size: _made(size) for size in SIZES}
            for size, found in made.items():
                _count(app, size, found)
            db.session.remove()
            db.engine.dispose()
        print(f"asked by {tool()}")
        with served(config, "bench.feeding:app", *SETTINGS) as port:
            for size, status, connections in product(SIZES, (200, 304), CONNECTIONS):
                _measure(port, size, made[size], status, connections)


Made = dict[str, tuple[str, int, str]]  # by kind: path, id of the feed, ETag


def _made(size: int) -> Made:
    """A tour with so many published sessions, and in it a public feed and a delegate's."""
    slug = make_published(size)
    with transaction():
        trip = db.session.scalars(select(Trip).where(Trip.slug == slug)).one()
        delegate = make_registration(trip, 1, RegistrationState.ACCEPTED).delegates[0]
        public, secret = feeds.public(trip, "en"), feeds.of_delegate(delegate)
        assert public
        assert secret
    _prepare()
    return {
        "public": (f"/trips/{slug}/calendar.ics", public.id, public.etag or ""),
        "secret": (f"/calendars/{secret.token}.ics", secret.id, secret.etag or ""),
    }


def _count(app: Flask, size: int, made: Made) -> None:
    """What the database hears of each kind of request, once it is connected."""
    with overheard() as said:
        for kind, (path, _id, etag) in made.items():
            for status, headers in ((200, {}), (304, {"If-None-Match": f'"{etag}"'})):
                get = getter(app, path, status, **headers)
                get()
                said()
                get()
                line(f"{kind} feed, {size} sessions, {status}: SQL statements", len(said()), "")


def _measure(port: int, size: int, made: Made, status: int, connections: int) -> None:
    """Of each thing its best round counts: whatever else the machine does only slows it, and so
    does it when one of the two processes takes all of the connections, as happens half of the
    time."""
    public = made["public"][1]
    things = {kind: (path, etag) for kind, (path, _id, etag) in made.items()} | {
        name: (f"/bench/{name}/{public}/{status}", "") for name in ("bare", "select")
    }
    found: dict[str, list[Load]] = defaultdict(list)
    for number in range(ROUNDS + 1):
        for name, (path, etag) in things.items():
            headers = [f'If-None-Match: "{etag}"'] if etag and status == 304 else []
            loaded = load(port, path, connections, SECONDS, headers)
            if number:  # the first round warms up
                found[name].append(loaded)
    rate = {name: max(each.rate for each in loads) for name, loads in found.items()}
    late = {name: min(each.p99 for each in loads) for name, loads in found.items()}
    for kind in made:
        name = f"{kind} {size} {status} x{connections}"
        for limit in ("bare", "select"):
            line(f"{name}, beside {limit}", rate[kind], "1/s", rate[limit])
        if connections > 1:
            line(f"{name}, 99 of 100 within", late[kind], "ms", P99)
    if connections > 1:
        line(f"select {size} {status} x{connections}, 99 of 100 within", late["select"], "ms", P99)


def make_published(size: int) -> str:
    """The slug of a tour with so many published sessions and prepared feeds."""
    with transaction():
        trip = make_trip()
        start = datetime(2027, 10, 25, 8, 0)  # noqa: DTZ001  # a wall time
        for number in range(size):
            at = start + timedelta(minutes=12 * number)
            make_item(
                trip,
                title=Words(en=f"Session {number}", fr=f"Séance {number}"),
                description=Words(en="What one sees there, and whom one meets. " * 4),
                starts_local=at,
                ends_local=at + timedelta(minutes=45),
            )
        publish(trip)
        slug = trip.slug
    _prepare()
    return slug


def _prepare() -> None:
    with transaction():
        feeds.prepare()

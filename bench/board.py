"""Answering a drag on the organizer's board, with the clashes as they are after it."""

import statistics
import time
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from flask_migrate import upgrade

from bench.measure import counting, line
from tests.blueprints.forms import hidden, sign_in
from tests.factories import (
    make_item,
    make_registration,
    make_room,
    make_staff,
    make_stop,
    make_trip,
    make_venue,
)
from webapp import create_app
from webapp.db import Words, db, transaction
from webapp.domain import agendas
from webapp.embedded.services import services
from webapp.models.agenda import AgendaItem
from webapp.models.registration import RegistrationState
from webapp.models.track import Track
from webapp.models.trip import Trip

TRACKS = ("navy", "plum", "coral", "teal", "olive", "ochre", "sky")
LIMIT = 150  # ms of server time for one drag at 300 items
DRAGS = 60


class Visitor(FlaskClient):
    """A browser without JavaScript; each request in a context of its own, as in a web process."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return Context().run(super().open, *args, **kwargs)


def run() -> None:
    """60 and 300 sessions in seven parallel tracks; statements, and the time of a drag."""
    with services() as config:
        app = create_app(config)
        with app.app_context():
            upgrade()
            for size in (60, 300):
                _measure(Visitor(app, app.response_class), size)
                db.session.remove()
            db.engine.dispose()


def _measure(client: FlaskClient, size: int) -> None:
    with transaction():
        trip, staff = _tour(size), make_staff()
        slug = trip.slug
        items = [(item.id, item.starts_local) for item in agendas.draft(trip)]
    sign_in(client, staff)
    token = hidden(client, "/organizer/")["csrf_token"]
    db.session.remove()
    headers = {"Accept": "application/json", "X-CSRFToken": token}

    def drag(number: int) -> float:
        item_id, starts = items[number % len(items)]
        version = db.session.get_one(AgendaItem, item_id).version
        db.session.remove()
        at = starts + timedelta(minutes=5 * (1 + number // len(items) % 3))
        sent = {"date": at.date(), "start": f"{at:%H:%M}", "version": version}
        began = time.perf_counter()
        answer = client.post(
            f"/organizer/trips/{slug}/agenda/board/{item_id}/move", data=sent, headers=headers
        )
        spent = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200, answer.get_data(as_text=True)
        db.session.remove()
        return spent

    drag(0)
    with counting() as statements:
        drag(1)
    times = sorted(drag(number) for number in range(2, 2 + DRAGS))
    limit = LIMIT if size == 300 else None
    # Besides the two that the bench itself sends to learn the version.
    line(f"drag, {size} sessions: SQL statements", len(statements) - 1, "")
    line(f"drag, {size} sessions: median", statistics.median(times), "ms", limit)
    line(f"drag, {size} sessions: of 20, 19 take less than", times[-len(times) // 20], "ms", limit)


def _tour(size: int) -> Trip:
    """Sessions of an hour, seven side by side, each track in a room of its own; 40 delegates."""
    trip = make_trip()
    stop = make_stop(trip)
    rooms = [
        make_room(make_venue(latitude=43.29 + n / 100, longitude=5.36)) for n in range(len(TRACKS))
    ]
    tracks = [
        Track(trip_id=trip.id, key=color, name=Words(en=color), color=color, position=n)
        for n, color in enumerate(TRACKS)
    ]
    db.session.add_all(tracks)
    db.session.flush()
    first = datetime(2027, 10, 25, 8, 0)  # noqa: DTZ001  # a wall time
    for number in range(size):
        slot, lane = divmod(number, len(tracks))
        day, hour = divmod(slot, 9)
        at = first + timedelta(days=day, minutes=75 * hour)
        room = rooms[lane]
        make_item(
            trip,
            title=Words(en=f"Session {number}"),
            starts_local=at,
            ends_local=at + timedelta(minutes=60),
            stop_id=stop.id,
            venue_id=room.venue_id,
            room_id=room.id,
            track_id=tracks[lane].id,
        )
    for _company in range(8):
        make_registration(trip, 5, RegistrationState.ACCEPTED)
    return trip

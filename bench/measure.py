"""How often a thing can be done in a second, two things side by side."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

ROUNDS = 7
SECONDS = 0.4  # of one round of one thing


def rates(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Calls a second of each, the medians of rounds that take turns, so that a busy moment of
    the machine hits both."""
    found: tuple[list[float], list[float]] = ([], [])
    for thing in (one, other):
        thing()
    for _round in range(ROUNDS):
        for rate, thing in zip(found, (one, other), strict=True):
            rate.append(_rate(thing))
    return statistics.median(found[0]), statistics.median(found[1])


def _rate(thing: Callable[[], Any]) -> float:
    count, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < SECONDS:
        thing()
        count += 1
    return count / spent


def getter(app: Flask, path: str, status: int = 200, **headers: str) -> Callable[[], None]:
    """A GET through the whole WSGI application, each in a context of its own."""
    client = FlaskClient(app, app.response_class, use_cookies=False)

    def get() -> None:
        answer = Context().run(client.get, path, headers=headers)
        assert answer.status_code == status, answer.status_code

    return get


@contextmanager
def counting() -> Iterator[list[str]]:
    """The SQL statements that the block sends."""
    sent: list[str] = []

    def note(connection, cursor, statement, *rest):  # type: ignore[no-untyped-def]
        sent.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def line(name: str, value: float, unit: str, limit: float | None = None) -> None:
    """One line of the table."""
    beside = f"{limit:10,.1f} {value / limit:6.2f}" if limit else f"{'':10} {'':6}"
    print(f"{name:44} {value:10,.1f} {unit:8} {beside}")

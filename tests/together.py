"""Doing things at the same time, each on a connection of its own."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import sqlalchemy as sa
from flask import Flask

from webapp.db import db

PATIENCE = 60  # seconds


def at_once(app: Flask, *actions: Callable[[], Any]) -> list[Any]:
    """What each action returned, or the exception it raised; all start at the same moment."""
    start = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        start.wait(PATIENCE)
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [f.result(PATIENCE * 3) for f in [pool.submit(alone, app, run, a) for a in actions]]


def alone(app: Flask, action: Callable[..., Any], *args: Any) -> Any:
    """What `action` returned or raised, with an application context and connection of its own."""
    with app.app_context():
        try:
            return action(*args)
        except Exception as error:  # noqa: BLE001  # what was raised is the result
            return error
        finally:
            db.session.remove()


@contextmanager
def meanwhile(app: Flask, action: Callable[[], Any]) -> Iterator[Future]:
    """Another connection does `action` while the block runs; the future knows how it ended."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(alone, app, action)


def wait_until_one_waits() -> None:
    """Return once some connection waits for a lock that another holds."""
    query = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with db.engine.connect() as connection:
        for _try in range(PATIENCE * 50):
            if connection.scalar(query):
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits for a lock")

"""Fixtures of the tests that ask over HTTP."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from webapp import create_app
from webapp.blueprints.throttle import limiter
from webapp.db import db


@pytest.fixture
def throttled(committed: Flask, config) -> Iterator[Flask]:
    """The application as it runs outside of tests, with its limits."""
    handlers, level = logging.root.handlers, logging.root.level
    app = create_app(replace(config, testing=False))
    try:
        yield app
    finally:
        limiter.enabled = False  # one object of the process: it would count in every later test
        logging.root.handlers = handlers
        logging.root.setLevel(level)
        with app.app_context():
            db.engine.dispose()

"""Fixtures of the tests that ask over HTTP."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from webapp import create_app
from webapp.db import db


@pytest.fixture
def throttled(committed: Flask, config) -> Iterator[Flask]:
    """The application as it runs outside of tests, with its limits."""
    handlers, level = logging.root.handlers, logging.root.level
    app = create_app(replace(config, testing=False))
    try:
        yield app
    finally:
        logging.root.handlers = handlers
        logging.root.setLevel(level)
        with app.app_context():
            db.engine.dispose()

"""The buttons beside a secret calendar, on the page of whoever it belongs to."""

from collections.abc import Callable

from flask import flash
from flask_wtf import FlaskForm

from webapp.db import transaction
from webapp.domain.audits import By
from webapp.models.feed import Feed
from webapp.models.registration import Registration

Verb = Callable[[Feed, By], object]


def is_pressed(registration: Registration) -> bool:
    """Whether the button was pressed on our page, by somebody who still comes."""
    return FlaskForm().validate_on_submit() and not registration.is_out


def change(feed: Feed | None, verb: Verb, by: By, *, done: str, stopped: str) -> None:
    """Do it to the calendar in force and say `done`; or `stopped`, when there is none."""
    if feed is None:
        flash(stopped, "warning")
        return
    with transaction():
        verb(feed, by)
    flash(done, "success")

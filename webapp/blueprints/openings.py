"""Noting that a reader has opened their link: the one thing that a GET writes.

It says when the link was first opened, changes nothing that anybody is shown of the tour, and is
written once the answer is made, in a transaction of its own: organizers can write to those who have
not come yet. Mail scanners open links too, so the pages say "opened, perhaps by a mail scanner".
"""

from flask import Flask, Response, current_app, g, request
from flask_login import current_user

from webapp.db import transaction
from webapp.domain import openings
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration


def seen(thing: Registration | Delegate) -> None:
    """Remember that the link of `thing` was asked for; what is known already is not remembered."""
    if request.method == "GET" and thing.opened_at is None:
        g.opened = (type(thing), thing.id)


def init_app(app: Flask) -> None:
    """After an answer that showed something, note whose link it was opened with."""

    @app.after_request
    def note(response: Response) -> Response:
        opened = g.pop("opened", None)
        if opened is None or response.status_code >= 300 or current_user.is_authenticated:
            return response
        try:
            with transaction():
                openings.note(*opened)
        except Exception:  # whatever it is, the reader gets the page
            current_app.logger.exception("that a link was opened could not be noted")
        return response

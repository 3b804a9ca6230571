"""Letters that organizers send to themselves, to see how their words read."""

from collections.abc import Callable

from flask import flash
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.blueprints import guards
from webapp.db import transaction
from webapp.domain.mailings import sending


def send(put: Callable[[], int]) -> None:
    """Put them, and say what became of it; `put` is sending.test, or raises what that does."""
    try:
        with transaction():
            number = put()
    except sending.NoSample:
        flash(_("Nobody would get this message, so there is nobody to show it for."), "warning")
    except sending.TestedEnough:
        most = sending.MOST_TESTS
        flash(
            _("You had %(most)d test letters within an hour: wait before the next.", most=most),
            "warning",
        )
    else:
        flash(
            ngettext(
                "%(num)d test letter is on its way to %(email)s.",
                "%(num)d test letters, one in each language, are on their way to %(email)s.",
                number,
                email=guards.me().email,
            ),
            "success",
        )

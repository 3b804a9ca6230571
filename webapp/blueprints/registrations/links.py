"""A link that was lost: mailed anew to whoever it belongs to. The answer is always the same."""

import time

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints.fields import MailAddress, line
from webapp.blueprints.throttle import link_limits
from webapp.db import transaction
from webapp.domain import links

bp = Blueprint("links_public", __name__)

# Seconds that the answer takes at least: writing a letter takes some, and whoever measured them
# would learn which addresses are registered.
SHORTEST = 0.15


class AddressForm(FlaskForm):
    """The address that links are sent to."""

    email = line(
        _l("Your email"),
        most=254,
        also=(MailAddress(),),
        description=_l("The one that you registered with, or that your company gave for you."),
        render_kw={"type": "email"},
    )


@bp.route("/links", methods=["GET", "POST"])
@link_limits
def lost() -> str | Response | tuple[str, int]:
    """Ask for all links of one's own address."""
    form = AddressForm()
    if form.validate_on_submit():
        began = time.monotonic()
        with transaction():
            links.send(form.email.data)
        time.sleep(max(0.0, began + SHORTEST - time.monotonic()))
        flash(
            _(
                "If we have links for this address, they are on their way to it. Look among the "
                "unwanted mails too."
            ),
            "success",
        )
        return redirect(url_for(".lost"), 303)
    page = render_template("registrations/links.html", form=form)
    return (page, 422) if form.is_submitted() else page

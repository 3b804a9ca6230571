"""The letters of a tour."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.db import transaction
from webapp.domain import audits
from webapp.mail import outbox
from webapp.models.mail import MailState
from webapp.models.staff import Role

bp = Blueprint("mails_organizer", __name__, url_prefix="/organizer/trips/<slug>/mails")
bp.before_request(guards.staff_only)


@bp.get("")
def listing(slug: str) -> str:
    """The latest letters of a tour and where they stand."""
    trip = guards.staff_trip(slug)
    state = next((s for s in MailState if s == request.args.get("state")), None)
    return render_template(
        "organizer/mails.html",
        trip=trip,
        mails=outbox.latest(trip.id, state=state),
        counts=outbox.counts(trip.id),
        state=state,
        form=FlaskForm(),
    )


@bp.post("/<id:mail_id>/again")
def again(slug: str, mail_id: int) -> Response:
    """Try a failed letter anew."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mail = outbox.find(trip.id, mail_id) or abort(404)
    with transaction():
        outbox.send_again(mail)
        audits.write(audits.by_staff(guards.me()), mail, "send again", trip_id=trip.id)
    flash(_("It waits to be sent again."), "success")
    return redirect(url_for(".listing", slug=slug), 303)

"""Addresses that mail comes back from, and readers who want no more letters, as organizers see
them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.db import transaction
from webapp.domain import audits, bounces, mail_addresses
from webapp.models.staff import Role

bp = Blueprint(
    "addresses_organizer", __name__, url_prefix="/organizer/trips/<slug>/mails/addresses"
)
bp.before_request(guards.staff_only)


@bp.get("")
def listing(slug: str) -> str:
    """The addresses of a tour that mail comes back from, and who wants no more of which letters."""
    trip = guards.staff_trip(slug)
    opted_out, total = mail_addresses.opted_out(trip)
    return render_template(
        "organizer/mail_addresses.html",
        trip=trip,
        marked=mail_addresses.marked(trip),
        opted_out=opted_out,
        opted_out_total=total,
        form=FlaskForm(),
    )


@bp.post("/<id:bounce_id>/clear")
def clear(slug: str, bounce_id: int) -> Response:
    """The address is good again: what was held for it goes out."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    bounce = guards.trip_bounce(trip, bounce_id)
    with transaction():
        bounces.clear(bounce, audits.by_staff(guards.me()))
    flash(_("Letters go to %(email)s again.", email=bounce.email), "success")
    letter = request.form.get("letter", "")
    if letter.isascii() and letter.isdecimal() and len(letter) <= 18:
        return redirect(url_for("mails_organizer.letter", slug=slug, mail_id=int(letter)), 303)
    return redirect(url_for(".listing", slug=slug), 303)

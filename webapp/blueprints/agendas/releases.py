"""Publishing the draft."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField

from webapp.blueprints import guards
from webapp.blueprints.fields import paragraph
from webapp.db import transaction
from webapp.domain import agendas, audits, releases
from webapp.models.staff import Role

bp = Blueprint("releases_organizer", __name__, url_prefix="/organizer/trips/<slug>/publish")
bp.before_request(guards.staff_only)


class PublishForm(FlaskForm):
    """A word on what changed. `seen` is what the page showed, so that nobody publishes unread."""

    seen = HiddenField()

    note = paragraph(
        _l("Note for this release"), most=500, description=_l("Kept with the release, for staff.")
    )


@bp.route("", methods=["GET", "POST"])
def publish(slug: str) -> str | Response:
    """What publishing would change, and the button that does it."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = PublishForm()
    if form.validate_on_submit():
        try:
            with transaction():
                release = releases.publish(
                    trip, audits.by_staff(guards.me()), form.note.data or "", form.seen.data or ""
                )
                number = release.number
        except agendas.ChangedMeanwhile:
            flash(_("The draft has changed since you opened this page. Please look again."), "info")
            return redirect(url_for(".publish", slug=slug))
        except releases.NothingToPublish:
            flash(_("There is nothing to publish: the draft says what is published."), "info")
        else:
            flash(_("Release %(number)d is published. Calendars follow.", number=number), "success")
        return redirect(url_for("agendas_organizer.agenda", slug=slug))
    differences = releases.differences(trip)
    form.seen.data = releases.fingerprint(differences)
    return render_template(
        "organizer/publish.html",
        trip=trip,
        form=form,
        differences=differences,
        releases=releases.history(trip),
    )

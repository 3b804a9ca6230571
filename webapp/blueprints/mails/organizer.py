"""The letters of a tour, as its organizers look for them."""

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from webapp.blueprints import guards
from webapp.blueprints.labels import REMINDER_KINDS
from webapp.blueprints.mails import list_forms
from webapp.db import db
from webapp.domain import mail_lists
from webapp.domain.mail_lists import Filters
from webapp.i18n import words
from webapp.models.mailing import Mailing, Reminder
from webapp.models.release import Release
from webapp.models.trip import Trip

bp = Blueprint("mails_organizer", __name__, url_prefix="/organizer/trips/<slug>/mails")
bp.before_request(guards.staff_only)


@bp.get("")
def listing(slug: str) -> str:
    """The letters of a tour that the filters find, a page at a time, and where they stand."""
    trip = guards.staff_trip(slug)
    filters = list_forms.filters_of(request.args)
    return render_template(
        "organizer/mails.html",
        trip=trip,
        filters=filters,
        query=list_forms.query_of(filters),
        page=mail_lists.page(trip, filters, request.args.get("page", 1, type=int)),
        kinds=list_forms.kinds(),
        belongs=_belongs(trip, filters),
    )


def _belongs(trip: Trip, filters: Filters) -> str:
    """What the letters asked for belong to, in words; empty for no such filter."""
    if filters.release_id is not None:
        release = db.session.get(Release, filters.release_id)
        if release is not None and release.trip_id == trip.id and release.number:
            return _("Letters of version %(number)d", number=release.number)
    if filters.mailing_id is not None:
        mailing = db.session.get(Mailing, filters.mailing_id)
        if mailing is not None and mailing.trip_id == trip.id:
            return _("Letters of the message “%(subject)s”", subject=words(mailing.subject))
    if filters.reminder_id is not None:
        reminder = db.session.get(Reminder, filters.reminder_id)
        if reminder is not None and reminder.trip_id == trip.id:
            return _("Letters of the reminder “%(kind)s”", kind=REMINDER_KINDS[reminder.kind])
    if filters.release_id or filters.mailing_id or filters.reminder_id:
        return _("Letters of something that is gone")
    return ""

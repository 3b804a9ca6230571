"""What is done with a message: tested, sent, scheduled, undone, stopped, kept, deleted."""

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.mails import mailing_pages as pages
from webapp.blueprints.mails import mailing_words as words
from webapp.blueprints.mails import test_letters
from webapp.blueprints.mails.mailing_send_forms import PlanForm, SendForm, TemplateForm
from webapp.blueprints.mails.mailings import back, bp
from webapp.db import transaction
from webapp.domain import audits
from webapp.domain.audits import By
from webapp.domain.item_values import TimeRefused
from webapp.domain.mailings import checking, drafts, sending, templates
from webapp.i18n import datetime_in
from webapp.models.mailing import Mailing, MailingState
from webapp.models.staff import Role
from webapp.models.states import MoveRefused

Shown = Response | str | tuple[str, int]


@bp.post("/<id:mailing_id>/test")
def test(slug: str, mailing_id: int) -> Response:
    """Send the draft to whoever is signed in, as one reader of each language would read it."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mailing = guards.trip_mailing(trip, mailing_id)
    people, me = checking.check(trip, mailing).chosen.people, guards.me()
    test_letters.send(lambda: sending.test(trip, people, me, mailing_id=mailing.id))
    return redirect(url_for(".check", slug=slug, mailing_id=mailing_id), 303)


@bp.post("/<id:mailing_id>/send")
def send(slug: str, mailing_id: int) -> Shown:
    """Send what the page showed, to whom it showed."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mailing = guards.trip_mailing(trip, mailing_id)
    form = SendForm()
    if not form.validate():
        return pages.check(trip, mailing, changed=True), 409
    try:
        with transaction():
            checked = sending.send(trip, mailing, *form.shown, audits.by_staff(guards.me()))
    except sending.ListChanged:
        return pages.check(trip, mailing, changed=True), 409
    except sending.NotReady as error:
        return pages.check(trip, mailing, checked=error.checked), 422
    except MoveRefused:
        flash(_("This message was sent already, or somebody else has changed it."), "warning")
        return back(slug, mailing_id)
    flash(_sent(mailing, checked.number), "success")
    return back(slug, mailing_id)


@bp.post("/<id:mailing_id>/plan")
def plan(slug: str, mailing_id: int) -> Shown:
    """Let it go out at a time, to whoever fits then."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mailing = guards.trip_mailing(trip, mailing_id)
    if mailing.state != MailingState.DRAFT:
        return back(slug, mailing_id)
    form = PlanForm.of(trip)
    if not form.validate():
        return pages.check(trip, mailing, plan=form), 422
    try:
        with transaction():
            sending.plan(trip, mailing, form.at(), audits.by_staff(guards.me()))
    except (TimeRefused, sending.PlannedInThePast) as error:
        form.tell(error)
        return pages.check(trip, mailing, plan=form), 422
    except sending.NotReady:
        return pages.check(trip, mailing, plan=form), 422
    except MoveRefused:
        return back(slug, mailing_id)
    at = datetime_in(form.at(), form.at_zone.data or trip.zone)
    flash(_("Scheduled. It goes out on %(at)s.", at=at), "success")
    return back(slug, mailing_id)


@bp.post("/<id:mailing_id>/unplan")
def unplan(slug: str, mailing_id: int) -> Response:
    """Make a scheduled message a draft again."""
    return _do(slug, mailing_id, sending.unplan, _("It is a draft again, and does not go out."))


@bp.post("/<id:mailing_id>/undo")
def undo(slug: str, mailing_id: int) -> Response:
    """Take back a message that is held."""
    return _do(slug, mailing_id, sending.undo, _("Undone: nobody gets it. It is a draft again."))


@bp.post("/<id:mailing_id>/go")
def go(slug: str, mailing_id: int) -> Response:
    """Send a message that is held now."""
    return _do(slug, mailing_id, sending.go, _("It is on its way."))


@bp.post("/<id:mailing_id>/stop")
def stop(slug: str, mailing_id: int) -> Response:
    """Stop what has not left yet."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mailing = guards.trip_mailing(trip, mailing_id)
    try:
        with transaction():
            number = sending.stop(mailing, audits.by_staff(guards.me()))
            gone = drafts.progress([mailing])[mailing.id].gone
    except MoveRefused:
        return back(slug, mailing_id)
    flash(
        ngettext(
            "%(num)d letter is stopped. %(gone)d had left already.",
            "%(num)d letters are stopped. %(gone)d had left already.",
            number,
            gone=gone,
        ),
        "success",
    )
    return back(slug, mailing_id)


@bp.post("/<id:mailing_id>/delete")
def delete(slug: str, mailing_id: int) -> Response:
    """Delete a draft for good."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mailing = guards.trip_mailing(trip, mailing_id)
    try:
        with transaction():
            drafts.remove(mailing, audits.by_staff(guards.me()))
    except MoveRefused:
        flash(_("This message is no draft any more."), "warning")
        return back(slug, mailing_id)
    flash(_("Deleted."), "success")
    return redirect(url_for(".listing", slug=slug), 303)


@bp.post("/<id:mailing_id>/template")
def keep(slug: str, mailing_id: int) -> Shown:
    """Keep what it says as a template: of this tour, or of all by who runs everything."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mailing = guards.trip_mailing(trip, mailing_id)
    form = TemplateForm()
    if not form.validate():
        return pages.one(trip, mailing, form), 422
    for_all = bool(form.for_all.data and guards.me().runs_everything)
    by = audits.by_staff(guards.me())
    try:
        with transaction():
            templates.keep(trip, mailing, form.name.data or "", by, for_all=for_all)
    except (templates.NameMissing, templates.TooManyTemplates) as error:
        form.name.errors = [words.refusal(error)]
        return pages.one(trip, mailing, form), 422
    flash(_("Kept as a template. A new message can start from it."), "success")
    return back(slug, mailing_id)


@bp.post("/templates/<id:mailing_template_id>/delete")
def delete_template(slug: str, mailing_template_id: int) -> Response:
    """Delete a template; one for all tours, by who runs everything."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_mailing_template(trip, mailing_template_id)
    if FlaskForm().validate_on_submit():
        with transaction():
            templates.remove(found, audits.by_staff(guards.me()))
        flash(_("Deleted."), "success")
    return redirect(url_for(".listing", slug=slug), 303)


def _do(slug: str, mailing_id: int, verb: Callable[[Mailing, By], object], said: str) -> Response:
    """Do one thing with a message, and say so; or that it cannot be done any more."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mailing = guards.trip_mailing(trip, mailing_id)
    try:
        with transaction():
            verb(mailing, audits.by_staff(guards.me()))
    except MoveRefused:
        flash(_("It stands otherwise by now: please look again."), "warning")
    except sending.WindowOver:
        flash(_("Too late to undo: the first letters have left."), "warning")
    else:
        flash(said, "success")
    return back(slug, mailing_id)


def _sent(mailing: Mailing, number: int) -> str:
    if mailing.state == MailingState.SENT:
        return ngettext(
            "%(num)d letter is on its way.", "%(num)d letters are on their way.", number
        )
    return ngettext(
        "%(num)d letter is ready, and leaves soon. Until then it can be undone.",
        "%(num)d letters are ready, and leave soon. Until then they can be undone.",
        number,
    )

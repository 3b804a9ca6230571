"""One letter, as organizers see it: where it stands and why, what it said, what was tried."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.letter_reasons import mail_reason
from webapp.blueprints.mails import letter_shown
from webapp.blueprints.mails.downloads import download
from webapp.blueprints.mails.inbox import LETTER_POLICY
from webapp.blueprints.mails.letter_shown import Missing, Shown
from webapp.blueprints.mails.organizer import bp
from webapp.blueprints.registrations.document_words import size_text
from webapp.db import transaction
from webapp.domain import audits, bounces, mail_lists, registrations
from webapp.mail import outbox
from webapp.mail.letters import OVERTAKEN
from webapp.models.staff import Role
from webapp.models.states import MoveRefused


@bp.get("/<id:mail_id>")
def letter(slug: str, mail_id: int) -> str:
    """Everything that is known of one letter."""
    trip = guards.staff_trip(slug)
    mail = guards.trip_mail(trip, mail_id)
    history, shown = mail_lists.history(mail), letter_shown.read(mail)
    company = registrations.find(trip, mail.registration_id) if mail.registration_id else None
    everybody = company.everybody if company else ()
    return render_template(
        "organizer/mail.html",
        trip=trip,
        mail=mail,
        registration=company,
        delegate=next((each for each in everybody if each.id == mail.delegate_id), None),
        shown=shown,
        purged_at=mail_lists.purged_at(mail) if shown == Missing.EMPTIED else None,
        stopped=next((entry for entry in history if entry.action == "stop"), None),
        bounce=bounces.active(mail.to_email),
        attempts=mail_lists.attempts(mail),
        size_text=size_text,
        origin=mail_lists.origin(mail),
        cause=mail_lists.cause(mail),
        history=history,
    )


@bp.get("/<id:mail_id>/page")
def page(slug: str, mail_id: int) -> Response:
    """The HTML of a letter, for a frame in which nothing runs or loads."""
    response = make_response(_shown(slug, mail_id).page)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@bp.get("/<id:mail_id>/attachments/<int:number>")
def attachment(slug: str, mail_id: int, number: int) -> Response:
    """One attachment of a letter, as a download."""
    files = _shown(slug, mail_id).files
    if number >= len(files):
        abort(404)
    return download(files[number].content, files[number].mime_type, files[number].name)


@bp.post("/<id:mail_id>/again")
def again(slug: str, mail_id: int) -> Response:
    """Let a letter that failed or came back wait anew, unless its address is known to be bad."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mail = guards.trip_mail(trip, mail_id)
    if bounces.active(mail.to_email):
        flash(
            _("Mail to this address came back. First say that the address is good again."), "error"
        )
        return redirect(url_for(".letter", slug=slug, mail_id=mail_id), 303)
    try:
        with transaction():
            is_sent = outbox.send_again(mail)
            audits.write(audits.by_staff(guards.me()), mail, "send again", trip_id=trip.id)
    except MoveRefused:
        flash(_("It stands otherwise by now, so it is not sent again."), "info")
    else:
        if is_sent:
            flash(_("It waits to be sent again."), "success")
        else:
            asked = _("Its reader asked for no more letters of this kind: it is not sent.")
            flash(mail_reason(mail) if mail.last_error == OVERTAKEN else asked, "info")
    return _back(slug, mail_id)


@bp.post("/<id:mail_id>/stop")
def stop(slug: str, mail_id: int) -> Response:
    """Let a letter that waits or is held not be sent."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mail = guards.trip_mail(trip, mail_id)
    try:
        with transaction():
            outbox.stop(mail)
            audits.write(audits.by_staff(guards.me()), mail, "stop", trip_id=trip.id)
    except MoveRefused:
        flash(_("Too late: it is being sent already, or it was sent."), "error")
    else:
        flash(_("Stopped. It is not sent."), "success")
    return _back(slug, mail_id)


def _shown(slug: str, mail_id: int) -> Shown:
    """What a letter of this tour says, else 404."""
    shown = letter_shown.read(guards.trip_mail(guards.staff_trip(slug), mail_id))
    return shown if isinstance(shown, Shown) else abort(404)


def _back(slug: str, mail_id: int) -> Response:
    """To the letter, or to the list where its button was pressed."""
    if request.form.get("back") == "list":
        return redirect(url_for(".listing", slug=slug, state=request.form.get("state")), 303)
    return redirect(url_for(".letter", slug=slug, mail_id=mail_id), 303)

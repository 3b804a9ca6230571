"""Messages of organizers: the list, the draft, what sending it would do, where it stands."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer

from webapp import storage
from webapp.blueprints import guards
from webapp.blueprints.mails import mailing_pages as pages
from webapp.blueprints.mails import mailing_words as words
from webapp.blueprints.mails.downloads import download
from webapp.blueprints.mails.inbox import LETTER_POLICY
from webapp.blueprints.mails.mailing_forms import MessageForm
from webapp.db import transaction
from webapp.domain import audits
from webapp.domain.audits import By
from webapp.domain.mailings import drafts, files, ready, templates
from webapp.domain.mailings.audience import AudienceRefused
from webapp.domain.mailings.drafts import Content
from webapp.domain.mailings.locking import Busy
from webapp.errors import DomainError
from webapp.models.mailing import Mailing, MailingState
from webapp.models.staff import Role
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip

bp = Blueprint("mailings_organizer", __name__, url_prefix="/organizer/trips/<slug>/mails/messages")
bp.before_request(guards.staff_only)


@bp.get("")
def listing(slug: str) -> str:
    """The messages of a tour, and what a new one may start from."""
    trip = guards.staff_trip(slug)
    found = drafts.of_trip(trip)
    return render_template(
        "organizer/mailings.html",
        trip=trip,
        mailings=found,
        progress=drafts.progress(found),
        ready=ready.MESSAGES,
        templates=templates.of_trip(trip),
        may_change=pages.may_change(trip),
        form=FlaskForm(),
    )


@bp.route("/new", methods=["GET", "POST"])
def new(slug: str) -> str | Answer | tuple[str, int]:
    """A new message: empty, or as a ready-made one, a template or an old message says."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    like = _like(trip)
    form = MessageForm.of(trip, _start(trip, like))
    if form.validate_on_submit():
        try:
            with transaction():
                made = drafts.add(trip, form.content(), audits.by_staff(guards.me()), like)
                made_id = made.id
        except drafts.TooManyMessages as error:
            flash(words.refusal(error), "error")
        except (files.NoRoom, storage.FileGone):
            form.files.errors = [_("The files of the old message could not be copied.")]
        else:
            return _saved(trip, made_id, form)
    return pages.edit(trip, None, form), 422 if form.is_submitted() else 200


@bp.get("/<id:mailing_id>")
def one(slug: str, mailing_id: int) -> str | Answer:
    """Where a message stands: what it says, to whom, how far it is."""
    trip = guards.staff_trip(slug)
    mailing = guards.trip_mailing(trip, mailing_id)
    return pages.one(trip, mailing)


@bp.route("/<id:mailing_id>/edit", methods=["GET", "POST"])
def edit(slug: str, mailing_id: int) -> str | Answer | tuple[str, int]:
    """Write a draft; it is kept however unfinished it is."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mailing = guards.trip_mailing(trip, mailing_id)
    if mailing.state != MailingState.DRAFT:
        return _not_a_draft(trip, mailing)
    form = MessageForm.of(trip, _content(mailing))
    if form.validate_on_submit():
        try:
            with transaction():
                drafts.change(mailing, form.content(), audits.by_staff(guards.me()))
        except Busy:
            flash(_("Somebody else is changing or sending this message right now."), "error")
            return pages.edit(trip, mailing, form), 409
        except MoveRefused:
            return _not_a_draft(trip, mailing)
        return _saved(trip, mailing.id, form)
    return pages.edit(trip, mailing, form), 422 if form.is_submitted() else 200


@bp.get("/<id:mailing_id>/check")
def check(slug: str, mailing_id: int) -> str | Answer:
    """What sending it would do: how many, who, what they would read, what keeps it from going."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    mailing = guards.trip_mailing(trip, mailing_id)
    if mailing.state != MailingState.DRAFT:
        return redirect(url_for(".one", slug=slug, mailing_id=mailing.id))
    return pages.check(trip, mailing)


@bp.get("/<id:mailing_id>/preview/<id:registration_id>")
def preview_coordinator(slug: str, mailing_id: int, registration_id: int) -> Response:
    """What a coordinator would read, as a page, for a frame in which nothing runs."""
    trip = guards.staff_trip(slug)
    mailing = guards.trip_mailing(trip, mailing_id)
    found = guards.trip_registration(trip, registration_id)
    return _framed(pages.preview(trip, mailing, found, None))


@bp.get("/<id:mailing_id>/preview/<id:registration_id>/<id:delegate_id>")
def preview_delegate(
    slug: str, mailing_id: int, registration_id: int, delegate_id: int
) -> Response:
    """What a delegate would read, likewise."""
    trip = guards.staff_trip(slug)
    mailing = guards.trip_mailing(trip, mailing_id)
    found = guards.trip_registration(trip, registration_id)
    delegate = guards.registration_delegate(found, delegate_id)
    return _framed(pages.preview(trip, mailing, found, delegate))


@bp.get("/<id:mailing_id>/files/<id:file_id>")
def file(slug: str, mailing_id: int, file_id: int) -> Response:
    """A file that goes with a message, as an attachment."""
    trip = guards.staff_trip(slug)
    found = files.find(guards.trip_mailing(trip, mailing_id), file_id) or abort(404)
    try:
        content = storage.get(found.stored_as)
    except storage.FileGone:
        abort(410)
    return download(content, found.mime_type, found.filename)


def _saved(trip: Trip, mailing_id: int, form: MessageForm) -> Answer | tuple[str, int]:
    """The draft is kept; now its files, one by one, then where the pressed button leads."""
    mailing = guards.trip_mailing(trip, mailing_id)
    by = audits.by_staff(guards.me())
    for sent in form.sent():
        try:
            with transaction():
                data = sent.stream.read(files.LARGEST + 1)
                files.attach(mailing, sent.filename or "", data, by)
        except files.REFUSALS as error:
            form.files.errors = [*form.files.errors, _named(sent.filename, error)]
        except MoveRefused:
            return _not_a_draft(trip, mailing)
    if not _taken_off(mailing, by):
        return _not_a_draft(trip, mailing)
    if form.files.errors:
        return pages.edit(trip, mailing, form, saved=True), 422
    where = ".check" if "check" in request.form else ".edit"
    if where == ".edit":
        flash(_("Saved."), "success")
    return redirect(url_for(where, slug=trip.slug, mailing_id=mailing.id), 303)


def _taken_off(mailing: Mailing, by: By) -> bool:
    """Take off the file whose button was pressed; whether that can be done."""
    pressed = request.form.get("remove", "")
    if pressed.isdecimal():
        try:
            with transaction():
                files.remove(mailing, int(pressed[:18]), by)
        except MoveRefused:
            return False
    return True


def _named(filename: str | None, error: DomainError) -> str:
    said = words.refusal(error)
    return _("%(name)s: %(text)s", name=filename, text=said) if filename else said


def _like(trip: Trip) -> Mailing | None:
    """The old message that a new one is copied from."""
    copied = request.args.get("copy", "")
    return drafts.find(trip, int(copied)) if copied.isdecimal() and len(copied) < 19 else None


def _start(trip: Trip, like: Mailing | None) -> Content | None:
    """What a new message says at first; what cannot be found is as good as nothing."""
    if like is not None:
        return templates.copied(like)
    made = ready.find(request.args.get("ready", ""))
    if made is not None:
        return made.content
    wanted = request.args.get("template", "")
    if wanted.isdecimal() and len(wanted) < 19:
        found = templates.find(trip, int(wanted))
        return templates.content_of(found) if found else None
    return None


def _content(mailing: Mailing) -> Content:
    try:
        return drafts.content_of(mailing)
    except AudienceRefused:
        return templates.copied(mailing)


def _not_a_draft(trip: Trip, mailing: Mailing) -> Answer:
    flash(_("This message is no draft any more."), "warning")
    return redirect(url_for(".one", slug=trip.slug, mailing_id=mailing.id), 303)


def _framed(page: str) -> Response:
    response = make_response(page)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def back(slug: str, mailing_id: int, **more: Any) -> Answer:
    """To the page of a message."""
    return redirect(
        url_for("mailings_organizer.one", slug=slug, mailing_id=mailing_id, **more), 303
    )

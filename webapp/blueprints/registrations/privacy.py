"""A delegate's own data: what is kept and until when, a copy as a file, and asking to be erased."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer

from webapp import i18n
from webapp.blueprints.guards import link_delegate
from webapp.blueprints.registrations.consents import consents_context
from webapp.blueprints.throttle import export_limits
from webapp.db import transaction
from webapp.domain import audits, consents, opt_outs, privacy, retention
from webapp.domain.retention import DataKind
from webapp.models.delegate import Delegate

bp = Blueprint("privacy_delegate", __name__, url_prefix="/d/<token>/privacy")
# What a delegate reads of the dates: what is theirs.
OWN = (
    DataKind.HEALTH,
    DataKind.TRAVEL,
    DataKind.PHONES,
    DataKind.DOCUMENTS,
    DataKind.LETTERS,
    DataKind.CONTACTS,
)


@bp.get("")
def page(token: str) -> str:
    """What is kept, until when, what was agreed to, and what can be asked for."""
    found = link_delegate(token)
    trip = found.registration.trip
    return render_template(
        "registrations/privacy.html",
        delegate=found,
        registration=found.registration,
        trip=trip,
        dates=[(kind, retention.due_on(trip, kind)) for kind in OWN],
        past=[each for each in consents.history(found) if each.withdrawn_at],
        has_asked=privacy.has_asked(found),
        letters_token=opt_outs.token(found),
        form=FlaskForm(),
        **consents_context(found),
    )


@bp.post("/export")
@export_limits
def export(token: str) -> Answer:
    """Everything held about whoever holds the link, as one file. Sealed data of this tour alone:
    other tours have links of their own."""
    found = link_delegate(token)
    if not FlaskForm().validate_on_submit():
        return redirect(url_for(".page", token=token), 303)
    with transaction():
        private = {found.registration.trip_id}
        body = privacy.export(privacy.of_delegate(found), i18n.current_language(), private)
        privacy.exported(found, audits.by_delegate(found))
        name = privacy.filename(found.registration.trip.slug)
    return data_file(body, name)


@bp.post("/erasure")
def ask(token: str) -> Answer:
    """Ask the organizers to erase everything."""
    found: Delegate = link_delegate(token)
    if FlaskForm().validate_on_submit():
        with transaction():
            privacy.ask_erasure(found, audits.by_delegate(found))
        flash(_("Asked. The organizers erase your data, and write to you when it is done."), "info")
    return redirect(url_for(".page", token=token, _anchor="erasure"), 303)


def data_file(body: bytes, name: str) -> Response:
    """A page with somebody's data, to be saved and not shown: it would be shown as ours."""
    response = Response(body, content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

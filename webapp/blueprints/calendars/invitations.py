"""A delegate says whether they come to a session that was mailed to their calendar."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints.guards import link_delegate
from webapp.db import transaction
from webapp.domain import audits, invitations, published
from webapp.models.invitation import Answer, Invitation

bp = Blueprint("invitations_delegate", __name__, url_prefix="/d/<token>/invitations/<uuid:uid>")

# What somebody can say, and what stands beside a session then.
SAYS: dict[Answer, Any] = {
    Answer.ACCEPTED: _l("I will come"),
    Answer.TENTATIVE: _l("Maybe"),
    Answer.DECLINED: _l("I will not come"),
}
SAID: dict[Answer, Any] = {
    Answer.ACCEPTED: _l("You said that you will come."),
    Answer.TENTATIVE: _l("You said that you may come."),
    Answer.DECLINED: _l("You said that you will not come."),
}


@bp.get("")
def page(token: str, uid: UUID) -> str:
    """The question, which a mail scanner that follows links does not answer."""
    delegate = link_delegate(token)
    found = invitations.find(delegate, uid)
    item = published.item(delegate.registration.trip, uid)
    if item is not None and not published.viewer(delegate).sees(item):
        item = None
    if item is None and found is None:
        abort(404)
    return render_template(
        "calendars/invitation.html",
        delegate=delegate,
        trip=delegate.registration.trip,
        item=item,
        invitation=found if found and invitations.can_answer(found) else None,
        says=SAYS,
        said=SAID,
        form=FlaskForm(),
    )


@bp.post("")
def answer(token: str, uid: UUID) -> Response:
    """Say it; said once more, the newest counts."""
    delegate = link_delegate(token)
    wanted = request.form.get("answer", "")
    if FlaskForm().validate_on_submit() and wanted in set(SAYS):
        try:
            with transaction():
                by = audits.by_delegate(delegate)
                found: Invitation = invitations.answer(delegate, uid, Answer(wanted), by)
                said = SAID[found.answer]
        except invitations.NotInvited:
            flash(_("There is nothing to answer any more: please look at your agenda."), "warning")
        else:
            flash(said, "success")
    back = url_for("registrations_delegate.delegate", token=token, _anchor=f"item-{uid}")
    return redirect(back, 303)

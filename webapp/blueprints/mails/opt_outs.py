"""Letters that a reader wants no more of: a page behind a link of their own, and the one click of
mail programs (RFC 8058)."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectChoice, SelectMultipleField

from webapp.blueprints import csrf
from webapp.blueprints.guards import stop_reader
from webapp.blueprints.labels import TOPICS
from webapp.db import transaction
from webapp.domain import opt_outs
from webapp.models.mail import Topic

bp = Blueprint("opt_outs_public", __name__, url_prefix="/mail/stop/<token>")

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
MEANING = {
    Topic.CHANGES: _l("When a session of yours moves, is added or is called off."),
    Topic.DAYS: _l("Before the tour, and for each of its days."),
    Topic.NEWS: _l("What the organizers write to many people, and you can do without."),
}


class TopicsForm(FlaskForm):
    """The kinds of letters that are wanted."""

    wanted = SelectMultipleField(
        _l("Letters that you want"),
        choices=[SelectChoice(topic.value, TOPICS[topic]) for topic in Topic],
        description=_l("Letters about your place, your data and payments come in any case."),
    )


@bp.get("")
def page(token: str) -> str:
    """What comes now, and what can be stopped."""
    who, trip = stop_reader(token)
    wanted = [topic.value for topic in Topic if topic not in opt_outs.of(who)]
    return render_template(
        "mails/stop.html",
        form=TopicsForm(data={"wanted": wanted}),
        trip=trip,
        address=masked(who.email),
        meaning=MEANING,
        token=token,
    )


@bp.post("")
@csrf.exempt  # mail programs have no page of ours; the form of our page checks its own token
def save(token: str) -> Response | tuple[str, int, dict[str, str]]:
    """Stop one topic by the one click of a mail program, or say on the page what is wanted."""
    who, _trip = stop_reader(token)
    if request.form.get("List-Unsubscribe") == "One-Click":
        topic = next((each for each in Topic if each == request.args.get("topic")), None)
        with transaction():
            opt_outs.stop(who, topic or abort(400))
        return "No more letters of this kind.\n", 200, PLAIN
    form = TopicsForm()
    if not form.validate_on_submit():
        abort(400)
    wanted = set(form.wanted.data or ())
    with transaction():
        opt_outs.set_all(who, [topic for topic in Topic if topic.value not in wanted])
    flash(_("Saved. You get the letters that are ticked."), "success")
    return redirect(url_for(".page", token=token), 303)


def masked(email: str) -> str:
    """An address as its owner knows it, and nobody else learns it: m…n@example.org."""
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}\N{HORIZONTAL ELLIPSIS}{name[-1:] if len(name) > 2 else ''}@{domain}"

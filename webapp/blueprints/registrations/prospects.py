"""Invitations to apply as organizers write and follow them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp import i18n
from webapp.blueprints import guards
from webapp.blueprints.registrations import prospect_words
from webapp.blueprints.registrations.prospect_forms import AskForm, ListForm
from webapp.db import transaction
from webapp.domain import audits, prospect_lists, prospects
from webapp.domain.prospects import Deed
from webapp.domain.sheets.tables import FileRefused
from webapp.models.prospect import ProspectState
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "prospects_organizer",
    __name__,
    url_prefix="/organizer/trips/<slug>/registrations/invitations",
)
bp.before_request(guards.staff_only)

PAGE_SIZE = 50


@bp.get("")
def listing(slug: str) -> str:
    """Who was invited to apply, and what became of it."""
    return _page(guards.staff_trip(slug), ListForm())


@bp.post("")
def check(slug: str) -> str | tuple[str, int]:
    """The dry run of a list: whom it would write to, whom not, and why."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = ListForm()
    if not form.validate():
        return _page(trip, form), 422
    try:
        rows = prospect_lists.read(form.source(), form.language.data)
    except FileRefused as error:
        form.blame(prospect_words.trouble(error))
        return _page(trip, form), 422
    asked = AskForm(formdata=None, rows=prospect_lists.written(rows), note=form.note.data)
    return _dry_run(trip, prospects.check(trip, rows), asked)


@bp.post("/ask")
def ask(slug: str) -> Response | str | tuple[str, int]:
    """Write to those of the dry run."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = AskForm()
    try:
        rows = prospect_lists.read(form.rows.data or "", i18n.current_language())
    except FileRefused as error:
        again = ListForm(formdata=None)
        again.blame(prospect_words.trouble(error))
        return _page(trip, again), 422
    if not form.validate():
        return _dry_run(trip, prospects.check(trip, rows), form), 422
    with transaction():
        made = prospects.ask(trip, rows, form.note.data or "", audits.by_staff(guards.me()))
    flash(
        ngettext(
            "%(num)d company is being written to.",
            "%(num)d companies are being written to.",
            len(made),
        ),
        "success",
    )
    return redirect(url_for(".listing", slug=slug), 303)


@bp.post("/remind")
def remind(slug: str) -> Response:
    """Write once more to everybody who has not answered."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    if FlaskForm().validate_on_submit():
        with transaction():
            count = prospects.remind(trip, audits.by_staff(guards.me()))
        flash(
            ngettext(
                "%(num)d company is being reminded.", "%(num)d companies are being reminded.", count
            ),
            "success",
        )
    return redirect(url_for(".listing", slug=slug), 303)


@bp.post("/<id:prospect_id>/remind")
def remind_one(slug: str, prospect_id: int) -> Response:
    """Write once more to one company, which may also have said no, or been taken back."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_prospect(trip, prospect_id)
    if FlaskForm().validate_on_submit():
        by, name = audits.by_staff(guards.me()), found.organization_name
        try:
            with transaction():
                if found.state == ProspectState.ASKED:
                    prospects.remind(trip, by, found)
                else:
                    prospects.ask_again(found, by)
        except prospects.AskedTooLately:
            flash(_("We wrote to %(name)s less than a day ago.", name=name), "warning")
        else:
            flash(_("We are writing to %(name)s once more.", name=name), "success")
    return _back(slug)


@bp.post("/<id:prospect_id>/take-back")
def take_back(slug: str, prospect_id: int) -> Response:
    """Take an invitation back: its link ends."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_prospect(trip, prospect_id)
    if FlaskForm().validate_on_submit():
        name = found.organization_name
        with transaction():
            prospects.take_back(found, audits.by_staff(guards.me()))
        flash(_("The invitation of %(name)s is taken back. Its link ends.", name=name), "success")
    return _back(slug)


def _back(slug: str) -> Response:
    state = request.args.get("state")
    return redirect(url_for(".listing", slug=slug, state=state), 303)


def _page(trip: Trip, form: ListForm) -> str:
    state = next((s for s in ProspectState if s == request.args.get("state")), None)
    page = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    counts = prospects.counts(trip)
    total = counts.states[state] if state else counts.total
    return render_template(
        "organizer/prospects.html",
        trip=trip,
        form=form,
        prospects=prospects.of_trip(trip, state, page, PAGE_SIZE),
        counts=counts,
        state=state,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        may_change=guards.me().role_on(trip.id) == Role.ORGANIZER,
        takes=prospects.takes(trip),
    )


def _dry_run(trip: Trip, steps: list[prospects.Step], form: AskForm) -> str:
    return render_template(
        "organizer/prospects_check.html",
        trip=trip,
        form=form,
        to_ask=[step for step in steps if step.deed == Deed.ASK],
        skipped=[(step, prospect_words.why(step)) for step in steps if step.deed != Deed.ASK],
    )

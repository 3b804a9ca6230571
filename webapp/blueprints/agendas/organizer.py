"""The agenda as organizers make it: a draft that leaks nowhere."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp import clock
from webapp.blueprints import guards
from webapp.blueprints.agendas.days import by_day
from webapp.blueprints.agendas.forms import ItemForm
from webapp.db import transaction
from webapp.domain import agendas, audits, releases
from webapp.models.agenda import AgendaItem
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint("agendas_organizer", __name__, url_prefix="/organizer/trips/<slug>/agenda")
bp.before_request(guards.staff_only)


@bp.get("")
def agenda(slug: str) -> str:
    """The draft by day, with what publishing would change."""
    trip = guards.staff_trip(slug)
    differences = releases.differences(trip)
    return render_template(
        "organizer/agenda.html",
        trip=trip,
        days=by_day(agendas.draft(trip)),
        changes={difference.item.uid: difference.change for difference in differences},
    )


@bp.route("/new", methods=["GET", "POST"])
def new(slug: str) -> str | Response | tuple[str, int]:
    """Add an item."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = ItemForm(starts_zone=trip.zone, ends_zone=trip.zone)
    form.offer(trip)
    if form.validate_on_submit():
        try:
            with transaction():
                agendas.add(trip, form.values(), audits.by_staff(guards.me()))
        except (agendas.TimeRefused, agendas.EndsBeforeStart) as error:
            form.tell(error)
        else:
            flash(_("Added to the draft. Nobody sees it before you publish."), "success")
            return redirect(url_for(".agenda", slug=slug))
    return _form_page(trip, form, None), 422 if form.is_submitted() else 200


@bp.route("/<id:item_id>", methods=["GET", "POST"])
def edit(slug: str, item_id: int) -> str | Response | tuple[str, int]:
    """Change an item."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    item = guards.trip_item(trip, item_id)
    form = ItemForm.of(item)
    form.offer(trip)
    if form.validate_on_submit():
        try:
            with transaction():
                values = form.values()
                if item.is_cancelled:  # until it is brought back: new words do not revive it
                    values = replace(values, state=item.state)
                agendas.change(
                    item,
                    values,
                    audits.by_staff(guards.me()),
                    form.seen_version(),
                )
        except (agendas.TimeRefused, agendas.EndsBeforeStart) as error:
            form.tell(error)
        except agendas.ChangedMeanwhile:
            now = guards.trip_item(trip, item_id)
            form.version.data = str(now.version)  # saving again is meant to win
            return _form_page(trip, form, now, meanwhile=True), 409
        else:
            flash(_("Changed in the draft. Nobody sees it before you publish."), "success")
            return redirect(url_for(".agenda", slug=slug))
    return _form_page(trip, form, item), 422 if form.is_submitted() else 200


@bp.post("/<id:item_id>/cancel")
def cancel(slug: str, item_id: int) -> Response:
    """Call an item off in the draft."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    with transaction():
        left = agendas.call_off(guards.trip_item(trip, item_id), audits.by_staff(guards.me()))
    flash(
        _("Cancelled in the draft. Calendars say so once you publish.")
        if left
        else _("Deleted. It had never been published."),
        "success",
    )
    return redirect(url_for(".agenda", slug=slug))


@bp.post("/<id:item_id>/restore")
def restore(slug: str, item_id: int) -> Response:
    """Undo a cancellation in the draft."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    with transaction():
        agendas.bring_back(guards.trip_item(trip, item_id), audits.by_staff(guards.me()))
    flash(_("Brought back in the draft."), "success")
    return redirect(url_for(".agenda", slug=slug))


def _form_page(
    trip: Trip, form: ItemForm, item: AgendaItem | None, *, meanwhile: bool = False
) -> str:
    stops = [stop.zone for stop in trip.stops]
    near = dict.fromkeys([trip.zone, *stops, *filter(None, [trip.home_zone])])
    return render_template(
        "organizer/item.html",
        trip=trip,
        form=form,
        item=item,
        meanwhile=meanwhile,
        zones=[*near, *sorted(clock.zone_names() - set(near))],
        history=audits.of(item) if item else [],
    )

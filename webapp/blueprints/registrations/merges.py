"""Duplicates: two spellings of one company, two rows of one human, side by side."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from webapp.blueprints import guards
from webapp.blueprints.fields import NotBlank, at_most, clean
from webapp.blueprints.registrations import merge_words
from webapp.db import transaction
from webapp.domain import audits, merges
from webapp.domain.merges import MergeRefused, showing
from webapp.models.organization import Organization
from webapp.models.person import Person
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "merges_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations/duplicates"
)
bp.before_request(guards.staff_only)


class MergeForm(FlaskForm):
    """Which of two to keep, and why they are the same."""

    keep = RadioField(_l("Keep"), [InputRequired(_l("Please choose which to keep."))], choices=[])
    reason = TextAreaField(
        _l("Reason"),
        [NotBlank(_l("Please give a reason: it stays in the history.")), at_most(1000)],
        filters=[clean],
        description=_l(
            "It stays in the history. A company whose second registration is closed reads it."
        ),
    )


@bp.get("")
def listing(slug: str) -> str:
    """What may be the same, as far as this member of staff may make it one."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    companies = merges.find_organizations(trip)
    people = merges.find_people(trip)
    return render_template(
        "organizer/merges.html",
        trip=trip,
        companies=[p for p in companies if guards.may_merge(_touched(p.first, p.second))],
        people=[p for p in people if guards.may_merge(_touched(p.first, p.second))],
        sign=merge_words.sign,
    )


@bp.route("/companies/<id:organization_id>/<id:other_organization_id>", methods=["GET", "POST"])
def companies(
    slug: str, organization_id: int, other_organization_id: int
) -> str | Response | tuple[str, int]:
    """Two organizations side by side; POST makes them one, or says that they are not."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    both = [showing.organization(n) or abort(404) for n in (organization_id, other_organization_id)]
    _refuse(trip, *both)
    form = _form(both)
    if answer := _act(trip, both, form, merges.merge_organizations):
        return answer
    sides = [showing.company(each) for each in both]
    page = render_template("organizer/merge_companies.html", trip=trip, form=form, sides=sides)
    return page, 422 if request.method == "POST" else 200


@bp.route("/people/<id:person_id>/<id:other_person_id>", methods=["GET", "POST"])
def people(slug: str, person_id: int, other_person_id: int) -> str | Response | tuple[str, int]:
    """Two people side by side; POST makes them one, or says that they are not."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    both = [showing.person(n) or abort(404) for n in (person_id, other_person_id)]
    _refuse(trip, *both)
    form = _form(both)
    if answer := _act(trip, both, form, merges.merge_people):
        return answer
    sides = [showing.human(each) for each in both]
    page = render_template("organizer/merge_people.html", trip=trip, form=form, sides=sides)
    return page, 422 if request.method == "POST" else 200


def _touched(one: Organization | Person, other: Organization | Person) -> merges.Touched:
    of = merges.by_organizations if isinstance(one, Organization) else merges.by_people
    return of((one.id, other.id))


def _refuse(trip: Trip, one: Any, other: Any) -> None:
    """404 unless the two have to do with this tour and are this member of staff's to merge."""
    touched = _touched(one, other)
    if one.id == other.id or trip.id not in touched.trip_ids or not guards.may_merge(touched):
        abort(404)


def _form(both: list[Any]) -> MergeForm:
    form = MergeForm()
    form.keep.choices = [(str(each.id), each.name) for each in both]
    return form


def _act(
    trip: Trip, both: list[Any], form: MergeForm, merge: Callable[..., None]
) -> Response | None:
    """Do what was sent; None where there is nothing to do, or the form says what to mend."""
    if request.method != "POST":
        return None
    by = audits.by_staff(guards.me())
    if "apart" in request.form and FlaskForm().validate_on_submit():
        with transaction():
            merges.tell_apart(both[0], both[1], trip, by)
        flash(_("Noted: these are not the same."), "success")
        return redirect(url_for(".listing", slug=trip.slug), 303)
    if not form.validate_on_submit():
        return None
    keep, drop = both if form.keep.data == str(both[0].id) else reversed(both)
    names = {"keep": keep.name, "drop": drop.name}
    try:
        with transaction():
            merge(keep, drop, by, (form.reason.data or "").strip())
    except MergeRefused as error:
        form.reason.errors = [merge_words.refusal(error)]
        return None
    flash(_("Merged: %(drop)s is %(keep)s from now on.", **names), "success")
    return redirect(url_for(".listing", slug=trip.slug), 303)

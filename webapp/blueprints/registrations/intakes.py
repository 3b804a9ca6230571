"""Importing many: a sheet of companies with their delegates, looked at first, then brought in by a
worker while the page shows how far it is."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from webapp import i18n
from webapp.blueprints import guards
from webapp.blueprints.registrations import intake_words, roster_words
from webapp.blueprints.registrations.intake_forms import (
    AskingForm,
    SheetForm,
    StartForm,
    column_choices,
    joins,
    offer_words,
    places,
    sent,
)
from webapp.db import transaction
from webapp.domain import audits, intakes, rosters
from webapp.domain.intakes import Options, alike, groups
from webapp.domain.intakes.alike import Question
from webapp.domain.rosters import FileRefused, Roster
from webapp.domain.sheets import uploads
from webapp.domain.sheets.fields import letter
from webapp.domain.sheets.uploads import Upload
from webapp.models.intake import IntakeState
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "intakes_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations/import"
)
bp.before_request(guards.staff_only)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_TOLD = 500  # faults, companies and questions that one page lists


@dataclass(frozen=True, slots=True)
class Checked:
    """An upload, the sheet in it as the columns at hand read it, and what is asked of it."""

    upload: Upload
    roster: Roster
    options: Options
    asked: list[Question]


@bp.get("")
def listing(slug: str) -> str:
    """Where a sheet is chosen, and the imports so far."""
    return _start(guards.staff_trip(slug, Role.ORGANIZER), SheetForm())


@bp.get("/template.xlsx")
def template(slug: str) -> Response:
    """An empty sheet to fill in."""
    guards.staff_trip(slug, Role.ORGANIZER)
    body = rosters.template(i18n.current_language(), companies=True)
    response = Response(body, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-delegates.xlsx"'
    return response


@bp.post("/upload")
def upload(slug: str) -> Answer | tuple[str, int]:
    """Keep a sheet for its dry run; one that cannot be read is refused with the reason."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = SheetForm()
    if not form.validate_on_submit():
        return _start(trip, form), 422
    data = form.file.data.read()
    try:
        intakes.read(data, None, {})
    except FileRefused as error:
        form.file.errors = [roster_words.trouble(error)]
        return _start(trip, form), 422
    token = uploads.keep(data, form.file.data.filename or "", guards.me().id, trip.id)
    return redirect(url_for(".check", slug=slug, file=token), 303)


@bp.get("/check")
def check(slug: str) -> str | Answer:
    """The dry run of a sheet: what becomes of each company and row, and all that is wrong."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    if "file" not in request.args:
        return _start(trip, SheetForm())
    checked = _checked(trip, request.args["file"])
    return _dry_run(trip, checked) if checked else _gone(slug)


@bp.post("/check")
def start(slug: str) -> str | Answer | tuple[str, int]:
    """Leave the sheet to the worker."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = StartForm()
    checked = _checked(trip, request.form.get("file", ""))
    if checked is None or not form.validate_on_submit():
        return _gone(slug)
    name, by = checked.upload.name, audits.by_staff(guards.me())
    try:
        with transaction():
            made = intakes.start(
                trip, name, checked.upload.data, checked.roster, checked.options, by
            )
    except intakes.NothingToDo:
        return _dry_run(trip, checked), 422
    uploads.forget(checked.upload.token, guards.me().id, trip.id)
    return redirect(url_for(".intake", slug=slug, intake_id=made.id), 303)


@bp.get("/<id:intake_id>")
def intake(slug: str, intake_id: int) -> str:
    """How far an import is, and what became of its rows."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_intake(trip, intake_id)
    return render_template(
        "organizer/intake.html",
        trip=trip,
        intake=found,
        moving=found.state in (IntakeState.WAITING, IntakeState.RUNNING),
        figures=intake_words.figures(found.report),
        left_out=intake_words.left_out(found.report),
    )


def _start(trip: Trip, form: SheetForm) -> str:
    found = intakes.of_trip(trip)
    return render_template("organizer/intakes.html", trip=trip, form=form, intakes=found)


def _checked(trip: Trip, token: str) -> Checked | None:
    """The upload of this member of staff for this trip, read as was asked; None once it is not
    kept."""
    found = uploads.find(token, guards.me().id, trip.id)
    if found is None:
        return None
    values = request.form if request.method == "POST" else request.args
    form = AskingForm(values)
    try:
        roster = intakes.read(found.data, None, {})
        options = form.options(places(values, roster), {})
        roster = intakes.read(found.data, options, {})
    except FileRefused:  # it was read when it came; the rules for it may be others by now
        return None
    asked = alike.of(trip, groups.of_rows(roster.rows))[:MOST_TOLD]
    return Checked(found, roster, form.options(options.places, joins(values, asked)), asked)


def _dry_run(trip: Trip, checked: Checked) -> str:
    values = request.form if request.method == "POST" else request.args
    dry_run = intakes.plan(trip, checked.roster, checked.options)
    options = checked.options
    return render_template(
        "organizer/intake_check.html",
        trip=trip,
        upload=checked.upload,
        roster=checked.roster,
        dry_run=dry_run,
        form=StartForm(formdata=None, file=checked.upload.token),
        asking=AskingForm(formdata=None, data=_data(options)),
        sent=sent(values, options, checked.roster),
        columns=_columns(checked),
        choices=column_choices(),
        questions=[(q, [offer_words(o) for o in q.offers]) for q in checked.asked],
        faults=[roster_words.sentence(f, checked.roster) for f in dry_run.faults[:MOST_TOLD]],
        companies=dry_run.planned[:MOST_TOLD],
        left_out=intake_words.steps(dry_run)[:MOST_TOLD],
    )


def _data(options: Options) -> dict[str, Any]:
    return options.facts() | {"country": options.country or ""}


def _columns(checked: Checked) -> list[tuple[int, str, str, str, str]]:
    """Each column: number, letter, header, an example, and what it is read as."""
    table = checked.roster.table
    by_column = {number: place for place, number in checked.options.places.items()}
    return [
        (n, letter(n), header, _example(checked.roster, n), by_column.get(n, ""))
        for n, header in enumerate(table.header)
    ]


def _example(roster: Roster, column: int) -> str:
    said = (str(row.cells[column]) for row in roster.table.rows if row.cells[column] is not None)
    return next(said, "")[:60]


def _gone(slug: str) -> Answer:
    flash(_("This file is not kept any longer. Please choose it once more."), "info")
    return redirect(url_for(".listing", slug=slug), 303)

"""Bringing the agenda in and taking it out, as sheets and calendar files."""

from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from webapp import i18n
from webapp.blueprints import guards
from webapp.blueprints.agendas import sheet_words
from webapp.blueprints.agendas.sheet_forms import (
    ApplyForm,
    ColumnsForm,
    UploadForm,
    chosen,
    column_choices,
    columns,
)
from webapp.db import transaction
from webapp.domain import audits, sheets
from webapp.domain.sheets import FileRefused, Options, Plan, Table, calendar, uploads, writing
from webapp.domain.sheets.fields import Field, letter
from webapp.domain.sheets.uploads import Upload
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint("sheets_organizer", __name__, url_prefix="/organizer/trips/<slug>/sheets")
bp.before_request(guards.staff_only)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_TOLD = 1_000  # problems, and rows, that one page lists
EARLIER = 8  # imports that the page remembers


@dataclass(frozen=True, slots=True)
class Checked:
    """An upload, and what its table would do with the columns and options at hand."""

    upload: Upload
    table: Table
    places: dict[Field, int]
    options: Options


@bp.get("")
def page(slug: str) -> str:
    """Where a file is chosen, and where the draft can be taken out."""
    return _start(guards.staff_trip(slug), UploadForm())


@bp.post("/upload")
def upload(slug: str) -> Answer | tuple[str, int]:
    """Keep a file for its dry run; one that cannot be read is refused with the reason."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = UploadForm()
    if not form.validate_on_submit():
        return _start(trip, form), 422
    data = form.file.data.read()
    try:
        sheets.read(data, trip.zone)
    except FileRefused as error:
        form.file.errors = [sheet_words.trouble(error.trouble, error.row)]
        return _start(trip, form), 422
    token = uploads.keep(data, form.file.data.filename or "", guards.me().id, trip.id)
    return redirect(url_for(".check", slug=slug, file=token))


@bp.get("/check")
def check(slug: str) -> str | Answer:
    """The dry run of a file: what each row would do, and everything that is wrong with it."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    if "file" not in request.args:
        return _start(trip, UploadForm())
    checked = _checked(trip, request.args["file"], ColumnsForm(request.args))
    if checked is None:
        return _gone(slug)
    return _dry_run(
        trip, checked, sheets.plan(trip, checked.table, checked.places, checked.options)
    )


@bp.post("/check")
def bring_in(slug: str) -> str | Answer | tuple[str, int]:
    """Do what the dry run showed, or show what is different by now."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = ApplyForm()
    checked = _checked(trip, request.form.get("file", ""), ColumnsForm(request.form))
    if checked is None:
        return _gone(slug)
    by, seen = audits.by_staff(guards.me()), form.seen.data or ""
    try:
        with transaction():
            outcome = sheets.apply(trip, checked.table, checked.places, checked.options, by, seen)
    except (sheets.NotAsSeen, sheets.HasProblems):
        plan = sheets.plan(trip, checked.table, checked.places, checked.options)
        return _dry_run(trip, checked, plan, changed=True), 409
    uploads.forget(checked.upload.token, guards.me().id, trip.id)
    flash(_told(outcome), "success")
    return redirect(url_for(".page", slug=slug))


@bp.get("/agenda.xlsx")
def agenda_xlsx(slug: str) -> Response:
    """The draft as a workbook."""
    trip = guards.staff_trip(slug)
    return _file(writing.xlsx(trip, i18n.current_language()), XLSX, f"{slug}-agenda.xlsx")


@bp.get("/agenda.csv")
def agenda_csv(slug: str) -> Response:
    """The draft as a text with separators."""
    trip = guards.staff_trip(slug)
    body = writing.csv(trip, i18n.current_language())
    return _file(body, "text/csv; charset=utf-8", f"{slug}-agenda.csv")


@bp.get("/agenda.ics")
def agenda_ics(slug: str) -> Response:
    """The draft as a calendar file."""
    trip = guards.staff_trip(slug)
    body = calendar.ics(trip, i18n.current_language())
    return _file(body, "text/calendar; charset=utf-8", f"{slug}-draft.ics")


@bp.get("/template.xlsx")
def template_xlsx(slug: str) -> Response:
    """An empty workbook to fill in."""
    trip = guards.staff_trip(slug)
    return _file(writing.template(trip, i18n.current_language()), XLSX, f"{slug}-template.xlsx")


def _start(trip: Trip, form: UploadForm) -> str:
    imports = [entry for entry in audits.of(trip) if entry.action == "import"]
    return render_template("organizer/import.html", trip=trip, form=form, imports=imports[:EARLIER])


def _checked(trip: Trip, token: str, form: ColumnsForm) -> Checked | None:
    """The upload of this member of staff for this trip, read anew; None once it is not kept."""
    found = uploads.find(token, guards.me().id, trip.id)
    if found is None:
        return None
    try:
        table = sheets.read(found.data, trip.zone)
    except FileRefused:  # it was read when it came; the rules for it may be others by now
        return None
    values = request.form if request.method == "POST" else request.args
    return Checked(found, table, columns(values, table), form.options())


def _dry_run(trip: Trip, checked: Checked, plan: Plan, *, changed: bool = False) -> str:
    table, places = checked.table, checked.places
    by_column = {number: field for field, number in places.items()}
    form = ApplyForm(formdata=None, seen=plan.fingerprint())
    return render_template(
        "organizer/import_check.html",
        trip=trip,
        upload=checked.upload,
        table=table,
        plan=plan,
        changed=changed,
        form=form,
        asked=ColumnsForm(formdata=None, data=_asked(checked.options)),
        chosen=chosen(places, table, checked.options),
        columns=[
            (number, letter(number), header, _example(table, number), by_column.get(number, ""))
            for number, header in enumerate(table.header)
        ],
        choices=column_choices(),
        problems=[sheet_words.sentence(problem, table) for problem in plan.problems[:MOST_TOLD]],
        steps=plan.steps[:MOST_TOLD],
        column_name=sheet_words.column_name,
    )


def _asked(options: Options) -> dict[str, object]:
    names = ("month_first", "all_day", "add_venues", "add_people", "call_off")
    return {name: getattr(options, name) for name in names} | {"kind": options.kind.value}


def _example(table: Table, column: int) -> str:
    """What the first row that says anything there says."""
    said = (str(row.cells[column]) for row in table.rows if row.cells[column] is not None)
    return next(said, "")[:60]


def _gone(slug: str) -> Answer:
    flash(_("This file is not kept any longer. Please choose it once more."), "info")
    return redirect(url_for(".page", slug=slug))


def _told(outcome: sheets.Outcome) -> str:
    return _(
        "Brought in. Sessions added: %(added)d, changed: %(changed)d, as they were: %(same)d, "
        "called off: %(off)d. Nobody sees it before you publish.",
        added=outcome.added,
        changed=outcome.changed,
        same=outcome.same,
        off=outcome.called_off,
    )


def _file(body: bytes, kind: str, name: str) -> Response:
    response = Response(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

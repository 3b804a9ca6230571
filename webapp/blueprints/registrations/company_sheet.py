"""Several delegates from a pasted or uploaded sheet: first tried, with what is wrong by row, and
stored only once the company has said so."""

from dataclasses import dataclass

from flask import Blueprint, Response, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answered

from webapp import i18n
from webapp.blueprints.registrations import roster_words
from webapp.blueprints.registrations.company_asks import changing_registration, home, is_frozen
from webapp.blueprints.registrations.company_forms import SheetForm
from webapp.blueprints.registrations.refusal_words import REFUSALS, refusal
from webapp.db import transaction
from webapp.domain import audits, delegates, rosters, several
from webapp.domain.registrations import DelegateData
from webapp.domain.rosters import FileRefused, Roster
from webapp.domain.rosters.rows import Home
from webapp.domain.several import Outcome
from webapp.domain.sheets import cells
from webapp.domain.sheets.tables import Cell
from webapp.models.registration import Registration

bp = Blueprint("registrations_company_sheet", __name__, url_prefix="/r/<token>/delegates")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST = 4 * 1024 * 1024  # octets of a file, as the reader of sheets takes it


@dataclass(frozen=True, slots=True)
class Tried:
    """What a sheet would do: `people` to add, `faults` in words, who is `there` already; `outcome`
    is None where something is wrong."""

    people: list[DelegateData]
    faults: list[str]
    there: list[str]
    outcome: Outcome | None


@bp.route("/sheet", methods=["GET", "POST"])
def sheet(token: str) -> str | Answered | tuple[str, int]:
    """Paste or upload; look at what would happen; then add them."""
    registration = changing_registration(token)
    form, tried = SheetForm(), None
    if form.validate_on_submit():
        roster = _read(registration, form)
        tried = _try(registration, form, roster) if roster else None
        if tried and tried.outcome and "confirm" in request.form:
            _add(registration, form, tried)
            return home(registration, "delegates")
    page = render_template(
        "registrations/company_sheet.html",
        registration=registration,
        trip=registration.trip,
        form=form,
        tried=tried,
        said=outcome_words(tried.outcome) if tried and tried.outcome else [],
        frozen=is_frozen(registration),
    )
    good = request.method == "GET" or bool(tried and tried.outcome)
    return page if good else (page, 422)


@bp.get("/sheet.xlsx")
def template(token: str) -> Response:
    """An empty sheet to fill in."""
    changing_registration(token)
    response = Response(rosters.template(i18n.current_language()), content_type=XLSX)
    response.headers["Content-Disposition"] = 'attachment; filename="delegates.xlsx"'
    return response


def _read(registration: Registration, form: SheetForm) -> Roster | None:
    """The people of the file, else of the text; what is read of a file stands in the text from
    then on, so that it can be mended and confirmed there."""
    file = form.sheet.data
    data = file.read(LARGEST + 1) if file else b""
    source = data or form.people.data or ""
    home_of = Home(registration.language, registration.organization.country)
    try:
        roster = rosters.read(source, (file and file.filename) or "", home=home_of)
    except FileRefused as error:
        (form.sheet if data else form.people).errors = [roster_words.trouble(error)]
        return None
    if data:
        form.people.data = _text(roster)
    if len(roster.rows) > delegates.MOST:
        words = _("At most %(number)d people at once.", number=delegates.MOST)
        form.people.errors = [words]
        return None
    return roster


def _try(registration: Registration, form: SheetForm, roster: Roster) -> Tried:
    """See what would happen, storing nothing."""
    known = {delegate.email.lower() for delegate in registration.delegates}
    there = [row.email for row in roster.rows if row.email in known]
    people = [row.data for row in roster.rows if row.data and row.email not in known]
    faults = [roster_words.sentence(fault, roster) for fault in roster.faults]
    outcome = None
    if people and not faults:
        try:
            with transaction():
                by = audits.by_company(registration)
                outcome = several.try_out(registration, people, form.note.data or "", by)
        except REFUSALS as error:
            faults = [refusal(error)]
    return Tried(people, faults, there, outcome)


def _add(registration: Registration, form: SheetForm, tried: Tried) -> None:
    try:
        with transaction():
            by = audits.by_company(registration)
            outcome = several.add(registration, tried.people, form.note.data or "", by)
    except REFUSALS as error:
        flash(refusal(error), "warning")
    else:
        flash(" ".join(outcome_words(outcome)), "success")


def outcome_words(outcome: Outcome) -> list[str]:
    """What was done, or would be."""
    coming, waiting, asked = outcome.coming, outcome.waiting, outcome.asked
    have = ngettext("%(num)d person has a place.", "%(num)d people have a place.", coming)
    wait = ngettext(
        "%(num)d person waits for a place.", "%(num)d people wait for a place.", waiting
    )
    ask = ngettext(
        "%(num)d request goes to the organizers.",
        "%(num)d requests go to the organizers.",
        asked,
    )
    said = ((coming, have), (waiting, wait), (asked, ask))
    return [words for number, words in said if number]


def _text(roster: Roster) -> str:
    """What a file says, as text with tabs."""
    lines = [row.cells for row in roster.table.rows]
    head = [roster.table.header] if roster.had_header else []
    return "\n".join("\t".join(_cell(cell) for cell in line) for line in [*head, *lines])


def _cell(cell: Cell) -> str:
    return " ".join(cells.text(cell).split())

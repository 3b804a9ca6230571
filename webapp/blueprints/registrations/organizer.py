"""Registrations as organizers list, take out and decide them, many at once."""

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from webapp.blueprints import guards
from webapp.blueprints.labels import ORGANIZATION_KINDS
from webapp.blueprints.registrations import list_forms, sheets
from webapp.blueprints.registrations.decision_forms import DECISIONS, ManyForm, refusal
from webapp.db import transaction
from webapp.domain import audits, listings, registrations, seats
from webapp.domain.listings import Filters
from webapp.domain.sheets.plain import Value
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "registrations_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations"
)
bp.before_request(guards.staff_only)


@bp.get("")
def listing(slug: str) -> str:
    """The registrations of a tour that the filters find, a page at a time."""
    trip = guards.staff_trip(slug)
    return _page(trip, list_forms.filters_of(request.args), ManyForm())


@bp.post("/many")
def decide_many(slug: str) -> str | tuple[str, int]:
    """Decide the ticked registrations, or all that the filters find, and tell what became of
    each."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    filters, form = list_forms.filters_of(request.args), ManyForm()
    wanted = next((s for s in DECISIONS if s == request.form.get("decision")), None)
    chosen = _chosen(trip, filters)
    if wanted is None or not chosen:
        form.form_errors = [_("Tick the registrations that you decide, and press a button.")]
        return _page(trip, filters, form), 422
    if not form.validate_on_submit():
        return _page(trip, filters, form, chosen), 422
    try:
        with transaction():
            told = registrations.decide_many(
                trip, chosen, wanted, form.reason.data or "", audits.by_staff(guards.me())
            )
    except registrations.ReasonMissing as error:
        form.reason.errors = [refusal(error)]
        return _page(trip, filters, form, chosen), 422
    return render_template(
        "organizer/registrations_decided.html",
        trip=trip,
        wanted=wanted,
        told=[(each, refusal(error) if error else "") for each, error in told],
        query=list_forms.query_of(filters),
    )


@bp.get("/delegates.xlsx")
def delegates_xlsx(slug: str) -> Response:
    """The delegates of what is filtered, as a workbook."""
    return sheets.workbook(_("Delegates"), _people(slug), f"{slug}-delegates.xlsx")


@bp.get("/delegates.csv")
def delegates_csv(slug: str) -> Response:
    """The same as a text with separators."""
    return sheets.text(_people(slug), f"{slug}-delegates.csv")


def _people(slug: str) -> list[list[Value]]:
    trip = guards.staff_trip(slug)
    return sheets.delegates(listings.people(trip, list_forms.filters_of(request.args)))


def _chosen(trip: Trip, filters: Filters) -> list[int]:
    """The ids of the rows that were ticked, or of all that the filters find; MOST_AT_ONCE at
    most."""
    if request.form.get("all") == "y":
        return listings.ids(trip, filters)
    ticked = [int(n) for n in request.form.getlist("id") if n.isdecimal() and len(n) <= 18]
    return ticked[: listings.MOST_AT_ONCE]


def _page(trip: Trip, filters: Filters, form: ManyForm, ticked: Sequence[int] = ()) -> str:
    page = listings.page(trip, filters, request.args.get("page", 1, type=int))
    return render_template(
        "organizer/registrations.html",
        trip=trip,
        filters=filters,
        query=list_forms.query_of(filters),
        page=page,
        form=form,
        ticked=frozenset(ticked),
        places=seats.places(trip),
        views=[(view, list_forms.view_word(view), n) for view, n in page.counts.items()],
        kinds=ORGANIZATION_KINDS,
        ticks=list_forms.TICKS,
        sorts=list_forms.SORTS,
        countries=list_forms.country_names(listings.countries(trip)),
        most_at_once=listings.MOST_AT_ONCE,
    )

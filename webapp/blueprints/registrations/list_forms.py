"""What an organizer asks of the list of registrations, as the address says it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp import i18n
from webapp.blueprints.fields import clean_line
from webapp.blueprints.labels import REGISTRATION_STATES
from webapp.domain.listings import Filters, Sort, View
from webapp.models.organization import OrganizationKind
from webapp.models.registration import RegistrationState

LONGEST_TEXT = 200
TICKS = {
    "missing": _l("Data missing"),
    "requests": _l("Open requests"),
    "unpaid": _l("Money owed"),
    "waiting": _l("Delegates who wait"),
}
SORTS = {
    Sort.ARRIVAL: _l("As they arrived"),
    Sort.NAME: _l("By name"),
    Sort.SCORE: _l("By score"),
    Sort.STATE: _l("By state"),
}


def filters_of(args: Mapping[str, Any]) -> Filters:
    """The filters that an address names; what is none of them counts for nothing."""
    country = clean_line(args.get("country", ""))
    return Filters(
        view=_one(View, args.get("state")) or View.ALL,
        text=clean_line(args.get("q", ""))[:LONGEST_TEXT],
        kind=_one(OrganizationKind, args.get("kind")),
        country=country if len(country) == 2 and country.isascii() and country.isalpha() else None,
        sort=_one(Sort, args.get("sort")) or Sort.ARRIVAL,
        **{name: args.get(name) == "y" for name in TICKS},
    )


def query_of(filters: Filters) -> dict[str, str]:
    """The same filters as the query of an address, without what is not asked for."""
    said = {
        "state": filters.view.value if filters.view != View.ALL else "",
        "q": filters.text,
        "kind": filters.kind.value if filters.kind else "",
        "country": filters.country or "",
        "sort": filters.sort.value if filters.sort != Sort.ARRIVAL else "",
        **{name: "y" if getattr(filters, name) else "" for name in TICKS},
    }
    return {name: value for name, value in said.items() if value}


def view_word(view: View) -> str:
    """What a view of the list is called."""
    match view:
        case View.ALL:
            return _("All")
        case View.CONFIRMED:
            return _("Confirmed")
        case View.AWAITING_PAYMENT:
            return _("Payment awaited")
    return str(REGISTRATION_STATES[RegistrationState(view.value)])


def country_names(codes: Iterable[str]) -> list[tuple[str, str]]:
    """(code, name) of countries in the reader's language, by name."""
    names = Locale(i18n.current_language()).territories
    return sorted(((code, names.get(code, code)) for code in codes), key=lambda pair: pair[1])


Member = TypeVar("Member", bound=StrEnum)


def _one(kind: type[Member], value: object) -> Member | None:
    return next((member for member in kind if member == value), None)

"""Names like the one typed: offered beside the field, asked about once, never joined silently."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from webapp.blueprints.guards import public_trip
from webapp.blueprints.registrations.forms import RegistrationForm
from webapp.blueprints.throttle import name_limits
from webapp.domain import known
from webapp.domain.known import Match
from webapp.domain.organizations import name_key
from webapp.models.trip import Trip

bp = Blueprint("names_public", __name__)
NONE = "none"  # of these


@dataclass(frozen=True, slots=True)
class Offer:
    """The known names that are like the one typed, whose key is `seen`; `choice` is the id of one
    of them as the form has it, NONE, or nothing yet."""

    matches: tuple[Match, ...] = ()
    seen: str = ""
    choice: str = ""

    @property
    def free(self) -> list[Match]:
        """Those that may be chosen."""
        return [match for match in self.matches if not match.is_registered]

    @property
    def registered(self) -> list[Match]:
        """Those that take part in the tour already, and apply once."""
        return [match for match in self.matches if match.is_registered]

    @property
    def picked(self) -> Match | None:
        """The company that the applicant says to be."""
        return next((m for m in self.matches if str(m.organization_id) == self.choice), None)

    @property
    def is_settled(self) -> bool:
        """Whether nothing has to be asked about the name."""
        if self.picked:
            return not self.picked.is_registered
        return not self.matches or self.choice == NONE


@bp.get("/trips/<slug>/register/names")
@name_limits
def similar(slug: str) -> str:
    """The known companies with names like the one typed, as a part of the form."""
    trip = public_trip(slug)
    name = request.args.get("organization_name") or request.args.get("q", "")
    offer = _offer(name, request.args.get("country"), trip, "")
    return render_template("registrations/_names.html", offer=offer)


def of(form: RegistrationForm, trip: Trip) -> Offer:
    """What is known of the name in the form, and what was chosen. "None of these" counts for the
    name that the choice was offered for, and then nothing is looked up; an id counts where it is
    offered for the name."""
    name = form.organization_name.data or ""
    choice, seen = form.says_to_be.data or "", name_key(name)
    if choice == NONE:
        if form.names_seen.data == seen:
            return Offer((), seen, NONE)
        choice = ""
    return _offer(name, form.country.data, trip, choice)


def known_of(form: RegistrationForm, trip: Trip) -> Offer:
    """The same, whatever was chosen."""
    return _offer(form.organization_name.data or "", form.country.data, trip, "")


def as_chosen(form: RegistrationForm, trip: Trip) -> Offer:
    """What a page that is shown again says of the name: what was chosen before."""
    return of(form, trip) if form.says_to_be.data else Offer()


def ask(form: RegistrationForm) -> None:
    """Say beside the field that a choice has to be made."""
    form.organization_name.errors = [
        _("We know a name like this one. Please say below whether it is yours.")
    ]


def _offer(name: str, country: str | None, trip: Trip, choice: str) -> Offer:
    """Where nothing is like the name, "none of these" is said already: nobody asks again."""
    matches = tuple(known.similar(name, country, trip))
    return Offer(matches, name_key(name), choice if matches else NONE)

"""Which of the standard fields a tour's application form asks for, and the words above the form."""

from collections.abc import Mapping
from enum import StrEnum

from webapp.db import Words, db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.trip import Trip

# Of the company, then of each delegate. What is not listed here is always asked.
OF_COMPANY = ("website", "coordinator_phone", "objectives")
OF_DELEGATE = ("phone", "job_title")
FIELDS = (*OF_COMPANY, *OF_DELEGATE)


class Rule(StrEnum):
    """How the form has a field."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    HIDDEN = "hidden"


class RuleUnknown(DomainError):
    """There is no such field, or no such rule."""


def rule(trip: Trip, field: str) -> Rule:
    """How this tour's form has the field; optional unless somebody said otherwise."""
    said = trip.form_fields.get(field)
    return next((each for each in Rule if each == said), Rule.OPTIONAL)


def rules(trip: Trip) -> dict[str, Rule]:
    """The rule of every standard field."""
    return {field: rule(trip, field) for field in FIELDS}


def set_form(trip: Trip, wanted: Mapping[str, str], note: Words | None, by: By) -> None:
    """Say which standard fields are asked, and what stands above the form. Raises RuleUnknown."""
    if not set(wanted) <= set(FIELDS) or not set(wanted.values()) <= set(Rule):
        raise RuleUnknown
    trip = seats.hold(trip.id)
    before = {**rules(trip), "form_note": trip.form_note}
    after = {**rules(trip), **wanted, "form_note": note}
    if before == after:
        return
    trip.form_fields = {field: str(after[field]) for field in FIELDS}
    trip.form_note = note
    db.session.flush()
    changed = [name for name in after if before[name] != after[name]]
    audits.write(
        by,
        trip,
        "change",
        trip_id=trip.id,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )

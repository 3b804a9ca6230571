"""What a copied tour asks and charges: its questions, its criteria and its price list."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from webapp.db import Base, Facts, db
from webapp.models.criterion import Criterion
from webapp.models.fee import FeeItem
from webapp.models.question import Question
from webapp.models.trip import Trip

TRIP = ("form_note", "form_fields", "retention")
_QUESTION = (
    "key",
    "position",
    "stage",
    "asked",
    "kind",
    "label",
    "help",
    "options",
    "required",
    "sensitivity",
    "depends_values",
)
_CRITERION = ("position", "name", "weight", "most")
_PRICE = ("position", "name", "kind", "basis", "net", "tax_rate")


def copy_form(trip: Trip, made: Trip) -> None:
    """The standard fields, the note above the form, the questions in force and the criteria."""
    for name in TRIP:
        setattr(made, name, getattr(trip, name))
    asked = select(Question).where(Question.trip_id == trip.id, Question.retired_at.is_(None))
    new: dict[int, Question] = {}
    old = db.session.scalars(asked.order_by(Question.position, Question.id)).all()
    for row in old:
        new[row.id] = Question(trip_id=made.id, **_same(row, _QUESTION))
    db.session.add_all(new.values())
    db.session.flush()
    for row in old:
        if row.depends_on_id in new:
            new[row.id].depends_on_id = new[row.depends_on_id].id
    criteria = select(Criterion).where(Criterion.trip_id == trip.id)
    db.session.add_all(
        Criterion(trip_id=made.id, **_same(row, _CRITERION)) for row in db.session.scalars(criteria)
    )


def copy_prices(trip: Trip, made: Trip, days: int) -> None:
    """The prices in force; what is due on a date is due so many days later."""
    prices = select(FeeItem).where(FeeItem.trip_id == trip.id, FeeItem.retired_at.is_(None))
    db.session.add_all(
        FeeItem(
            trip_id=made.id,
            instalments=[_later(each, days) for each in row.instalments],
            **_same(row, _PRICE),
        )
        for row in db.session.scalars(prices)
    )


def _later(instalment: Facts, days: int) -> Facts:
    if not instalment.get("due_on"):
        return dict(instalment)
    due = date.fromisoformat(instalment["due_on"]) + timedelta(days=days)
    return {**instalment, "due_on": due.isoformat()}


def _same(row: Base, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}

"""What a copied tour asks and charges."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from tests.factories import make_trip
from webapp import clock
from webapp.db import Words, db
from webapp.domain import audits, copies
from webapp.models.criterion import Criterion
from webapp.models.fee import FeeItem
from webapp.models.question import AnswerKind, Asked, Question, Stage
from webapp.models.trip import Trip


def question(trip: Trip, key: str, **values) -> Question:
    row = Question(
        trip_id=trip.id,
        key=key,
        position=values.pop("position", 1),
        stage=Stage.APPLY,
        asked=Asked.COMPANY,
        kind=AnswerKind.YES_NO,
        label=Words(en=key),
        **values,
    )
    db.session.add(row)
    db.session.flush()
    return row


def of(model, trip: Trip) -> list:
    return list(db.session.scalars(select(model).where(model.trip_id == trip.id)))


def copy(trip: Trip, parts: set[str]) -> Trip:
    return copies.copy(
        trip, "next-tour", date(2028, 10, 23), Words(en="Next"), frozenset(parts), audits.SYSTEM
    )


def test_the_form_comes_along_with_its_conditions_and_without_what_is_retired(session):
    trip = make_trip(form_note=Words(en="Read this"), form_fields={"phone": "required"})
    exports = question(trip, "exports")
    question(trip, "where", position=2, depends_on_id=exports.id, depends_values=["yes"])
    question(trip, "old", position=3, retired_at=clock.now())
    db.session.add(Criterion(trip_id=trip.id, position=1, name=Words(en="Fit"), weight=2, most=5))
    db.session.flush()

    made = copy(trip, {"form"})

    first, second = sorted(of(Question, made), key=lambda row: row.position)
    assert (first.key, second.key) == ("exports", "where")
    assert (second.depends_on_id, second.depends_values) == (first.id, ["yes"])
    assert (made.form_note, made.form_fields) == ({"en": "Read this"}, {"phone": "required"})
    assert [(c.name, c.weight, c.most) for c in of(Criterion, made)] == [({"en": "Fit"}, 2, 5)]


def test_prices_come_along_with_their_dates_moved(session):
    trip = make_trip()
    half = {"percent": "50.00", "due_on": "2027-09-01", "days": None}
    rest = {"percent": "50.00", "due_on": None, "days": 10}
    db.session.add(
        FeeItem(
            trip_id=trip.id,
            position=1,
            name=Words(en="Package"),
            net=Decimal("1200.00"),
            tax_rate=Decimal(20),
            instalments=[half, rest],
        )
    )
    db.session.flush()

    made = copy(trip, {"prices"})

    (price,) = of(FeeItem, made)
    assert (price.net, price.name) == (Decimal("1200.00"), {"en": "Package"})
    assert [each["due_on"] for each in price.instalments] == ["2028-08-30", None]
    assert of(Question, made) == []


def test_a_copy_without_them_asks_and_charges_nothing(session):
    trip = make_trip(form_fields={"phone": "required"})
    question(trip, "exports")

    made = copy(trip, {"stops"})

    assert (of(Question, made), of(FeeItem, made), made.form_fields) == ([], [], {})

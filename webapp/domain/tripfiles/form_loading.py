"""From the form, criteria and prices of a checked trip file to rows, by the verbs that organizers
have: what those refuse is a fault of the file."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from webapp.db import Words, db
from webapp.domain import audits, criteria, instalments, prices, question_rules, questions
from webapp.domain.audits import By
from webapp.domain.criteria import Terms
from webapp.domain.prices import PriceData
from webapp.domain.tripfiles import forms
from webapp.domain.tripfiles.faults import Faults, FileFaults
from webapp.domain.tripfiles.shared import words
from webapp.domain.tripfiles.values import as_instant
from webapp.errors import DomainError
from webapp.models.criterion import Criterion
from webapp.models.fee import FeeItem
from webapp.models.question import Question
from webapp.models.trip import Order, Promotion, Trip

Named = TypeVar("Named", Criterion, FeeItem)
REGISTRATION = tuple(forms.REGISTRATION)  # each is a column of Trip
DEFAULTS: dict[str, Any] = {
    "accepts_at_once": False,
    "queue_order": Order.ARRIVAL,
    "promotion": Promotion.OFFER,
    "offer_hours": 72,
    "skips_parties": True,
    "currency": "EUR",
}


def registration_of(said: dict[str, Any]) -> dict[str, Any]:
    """The columns of Trip that the object "registration" of a file sets. What an older file knows
    nothing of stays as it is: without the object, none."""
    rules = said.get("registration")
    if rules is None:
        return {}
    found = {name: rules.get(name) for name in REGISTRATION}
    for name, default in DEFAULTS.items():
        found[name] = default if found[name] is None else type(default)(found[name])
    for name in ("freezes_at", "details_due_at"):
        found[name] = as_instant(found[name])
    for name in ("form_fields", "retention"):
        found[name] = {key: v for key, v in (found[name] or {}).items() if v is not None}
    if found["deadline_zone"] == said["zone"]:
        found["deadline_zone"] = None
    return found | {"form_note": words(found["form_note"])}


def load_questions(trip: Trip, data: dict[str, Any], by: By) -> None:
    """Ask the questions of the file, found by their key. They stand in the order of the file, then
    those that it does not list. Raises FileFaults."""
    if not data.get("questions"):
        return
    known = {each.key: each for each in questions.every(trip)}
    before = [each.key for each in known.values() if each.retired_at is None]
    done: list[Question] = []
    for path, said in forms.in_order(data):
        with _telling(path):
            done.append(_ask(trip, said, known.get(said["key"]), done, by))
    _put_in_order(trip, done)
    _audit_order(trip, "questions", before, [each.key for each in questions.of(trip)], by)


def _ask(
    trip: Trip, said: dict[str, Any], found: Question | None, done: list[Question], by: By
) -> Question:
    """One question, after those that are `done`: only then may it depend on them."""
    parent = next((each for each in done if each.key == said.get("depends_on")), None)
    values = forms.values_of(said, parent.id if parent else None)
    if found is None:
        made = questions.add(trip, values, by, key=said["key"])
        made.key = said["key"]  # a long one would have been cut
        return made
    if found.retired_at is not None or questions.values_of(found) != values:
        _put_in_order(trip, [*done, found])
        questions.change(trip, found, values, by)
        questions.bring_back(trip, found, by)
    return found


def _put_in_order(trip: Trip, first: list[Question]) -> None:
    """Let these stand before all others, in this order, within their stage and scope."""
    there = questions.every(trip)
    whole = [*first, *(each for each in there if each not in first)]
    wanted = sorted(whole, key=lambda each: (each.retired_at is not None, *_spot(each)))
    if wanted != there:
        for position, each in enumerate(whole, start=1):
            each.position = position
        db.session.flush()


def _spot(question: Question) -> tuple[int, int]:
    return question_rules.place(question)[:2]


def load_criteria(trip: Trip, data: dict[str, Any], by: By) -> None:
    """Choose by the criteria of the file, found as the first, second ... of that name. Raises
    FileFaults."""
    if not data.get("criteria"):
        return
    there = list(criteria.of(trip))
    before = [each.name.pick("en") for each in there]
    found: list[Criterion] = []
    for number, said in enumerate(data.get("criteria") or []):
        row = _take(there, said["name"])
        terms = Terms(Words(said["name"]), said.get("weight") or 1, said.get("most") or 5)
        with _telling(f"$.criteria[{number}]"):
            if row is None:
                row = criteria.add(trip, terms, by)
            elif terms != Terms(row.name, row.weight, row.most):
                criteria.change(row, terms, by)
        found.append(row)
    if not criteria.are_fixed(trip):
        _put_first(found, criteria.of(trip))
        _audit_order(
            trip, "criteria", before, [each.name.pick("en") for each in criteria.of(trip)], by
        )


def load_prices(trip: Trip, data: dict[str, Any], by: By) -> None:
    """Charge the prices of the file, found as the first, second ... of that name; a retired one is
    charged again. Raises FileFaults."""
    if not data.get("prices"):
        return
    there = [*prices.of(trip), *prices.retired(trip)]
    before = [each.name.pick("en") for each in there if each.retired_at is None]
    found: list[FeeItem] = []
    for number, said in enumerate(data.get("prices") or []):
        row, wanted = _take(there, said["name"]), forms.price_of(said)
        with _telling(f"$.prices[{number}]"):
            if row is None:
                row = prices.add(trip.id, wanted, by)
            else:
                _charge(row, wanted, by)
        found.append(row)
    _put_first(found, prices.of(trip))
    _audit_order(trip, "prices", before, [each.name.pick("en") for each in prices.of(trip)], by)


def _charge(row: FeeItem, wanted: PriceData, by: By) -> None:
    parts = instalments.read(row.instalments)
    now = PriceData(row.name, row.kind, row.basis, row.net, row.tax_rate, parts)
    if now != wanted:
        prices.change(row, wanted, by)
    if row.retired_at is not None:
        prices.bring_back(row, by)


def _take(there: list[Named], name: dict[str, str]) -> Named | None:
    """The first of those that has this English name, taken out."""
    wanted = Words(name).pick("en")
    row = next((each for each in there if each.name.pick("en") == wanted), None)
    if row is not None:
        there.remove(row)
    return row


def _put_first(found: Sequence[Any], stored: Iterable[Any]) -> None:
    """Order: those of the file as there, then those that it does not list."""
    there = list(stored)
    wanted = [*found, *(each for each in there if each not in found)]
    if wanted != there:
        for position, each in enumerate(wanted, start=1):
            each.position = position
        db.session.flush()


def _audit_order(trip: Trip, what: str, before: list[str], after: list[str], by: By) -> None:
    """One row where those that had an order have another one."""
    if [each for each in after if each in before] != before:
        audits.write(by, trip, "order", trip_id=trip.id, before={what: before}, after={what: after})


@contextmanager
def _telling(path: str) -> Iterator[None]:
    """What the domain refuses is a fault of the file, at this path."""
    try:
        yield
    except DomainError as error:
        faults = Faults()
        forms.say(faults, path, error)
        raise FileFaults(faults) from error

"""The form, the criteria, the prices and the rules of a tour, as a trip file says them."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from tests.domain.tripfiles.example import (
    everything,
    example,
    faults_of,
    full,
    questions,
    read,
    spoiled,
    there,
)
from tests.factories import make_question, make_registration
from webapp.db import db
from webapp.domain import answers, audits, criteria, enrolling, prices, tripfiles
from webapp.domain import questions as asking
from webapp.domain.tripfiles import FileFaults
from webapp.models.audit import AuditEntry
from webapp.models.fee import Charge
from webapp.models.registration import RegistrationState
from webapp.models.trip import Order, Promotion, TripState

EXPORTS, WHERE, DIET = ("questions", 0), ("questions", 1), ("questions", 2)
DEPENDS = 'give a choice or yes_no that is asked before it, and "depends_values" among its answers'
BAD = {
    "no such question": (
        (*WHERE, "depends_on"),
        "when",
        '$.questions[1].depends_on: "when" is none of the questions',
    ),
    "a circle": ((*EXPORTS, "depends_on"), "where", f"$.questions[0].depends_on: {DEPENDS}"),
    "itself": ((*WHERE, "depends_on"), "where", f"$.questions[1].depends_on: {DEPENDS}"),
    "no such answer": (
        (*WHERE, "depends_values"),
        ["perhaps"],
        f"$.questions[1].depends_on: {DEPENDS}",
    ),
    "one option": (
        (*EXPORTS, "options"),
        [{"value": "yes", "label": {"en": "Yes"}}],
        "$.questions[0].options: give at least two to choose from",
    ),
    "a sealed answer of a company": (
        (*DIET, "asked"),
        "company",
        '$.questions[2].sensitivity: only what each delegate is asked is sealed: "plain"',
    ),
    "a key with spaces": (
        (*DIET, "key"),
        "my diet",
        "$.questions[2].key: give lower-case letters, digits and single _, at most 50",
    ),
    "percents that miss 100": (
        ("prices", 0, "instalments"),
        [{"percent": "30.00", "days": 1}],
        "$.prices[0].instalments: let the percents make 100 together",
    ),
    "a share due never": (
        ("prices", 0, "instalments"),
        [{"percent": "100.00"}],
        '$.prices[0].instalments: give each a percent above 0, and either "due_on" or "days"',
    ),
    "a number for an amount": (
        ("prices", 0, "net"),
        1200,
        '$.prices[0].net: give an amount as a text, such as "1200.00"',
    ),
    "an aid that costs": (
        ("prices", 1, "net"),
        "400.50",
        "$.prices[1].net: an aid is negative, and nothing else is",
    ),
    "a price without English": (
        ("prices", 0, "name"),
        {"fr": "Forfait"},
        "$.prices[0].name: give it in English too",
    ),
    "more tax than all": (
        ("prices", 0, "tax_rate"),
        "101",
        "$.prices[0].tax_rate: give 0 to 100 percent",
    ),
    "too many points": (
        ("criteria", 0, "most"),
        101,
        "$.criteria[0].most: give a whole number from 1 to 100",
    ),
    "a currency nobody pays in": (
        ("trip", "registration", "currency"),
        "XXX",
        '$.trip.registration.currency: "XXX" is not known here: use one of '
        + ", ".join(enrolling.CURRENCIES),
    ),
    "data kept too long": (
        ("trip", "registration", "retention"),
        {"health": 4000},
        "$.trip.registration.retention.health: give a whole number from 0 to 3650",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_contradicts_itself_is_told_where_it_stands(case):
    path, value, told = BAD[case]
    data = full()
    if case == "a circle":
        data["questions"][1]["kind"] = "yes_no"
        data["questions"][0]["depends_values"] = ["yes"]
        data["questions"][1]["depends_on"] = "exports"

    found = faults_of(spoiled(path, value, data))

    assert told in found
    assert found == [told] or case == "a circle"


def test_two_questions_of_one_key_are_told():
    data = full()
    data["questions"].append(questions()[2])

    assert faults_of(data) == [
        '$.questions[2].key: "diet" stands twice: keep one',
        '$.questions[3].key: "diet" stands twice: keep one',
    ]


def test_everything_is_loaded(session):
    trip = tripfiles.load(read(full()))

    assert (trip.deadline_zone, trip.queue_order, trip.promotion, trip.offer_hours) == (
        "America/Los_Angeles",
        Order.SCORE,
        Promotion.REVIEW,
        48,
    )
    assert (trip.accepts_at_once, trip.skips_parties, trip.currency) == (True, False, "USD")
    assert there(trip.freezes_at).isoformat() == "2027-10-10T07:00:00+00:00"
    assert trip.retention == {"health": 3, "contacts": 365}
    assert trip.form_fields == {"website": "hidden", "phone": "required"}
    exports, where, diet = asking.of(trip)
    assert (where.depends_on, where.depends_values, diet.sensitivity) == (
        exports,
        ["yes"],
        "health",
    )
    assert [(each.name["en"], each.weight, each.most) for each in criteria.of(trip)] == [
        ("Fit", 3, 10),
        ("Ready", 1, 5),
    ]
    assert [(each.name["en"], each.net, each.tax_rate) for each in prices.of(trip)] == [
        ("Package", Decimal("1200.00"), Decimal("20.00")),
        ("Aid of the Region", Decimal("-400.50"), Decimal("0.00")),
    ]


def test_the_same_file_twice_changes_nothing_and_writes_no_history(session):
    tripfiles.load(read(full()))
    before, rows = everything(), session.scalar(select(func.count(AuditEntry.id)))

    tripfiles.load(read(full()))

    assert everything() == before
    assert session.scalar(select(func.count(AuditEntry.id))) == rows


def test_an_older_file_leaves_all_of_it_alone(session):
    trip = tripfiles.load(read(full()))
    before = tripfiles.dump(trip)

    tripfiles.load(read(example()))

    after = tripfiles.dump(trip)
    for name in ("questions", "criteria", "prices"):
        assert after[name] == before[name]
    assert after["trip"]["registration"] == before["trip"]["registration"]


def test_the_order_of_the_file_is_that_of_the_form_and_conditions_may_turn_round(session):
    """A question that was there and is not in the file stays, after the others."""
    trip = tripfiles.load(read(full()))
    make_question(trip, "own")
    data = full()
    exports, where, diet = data["questions"]
    where |= {"kind": "yes_no", "depends_on": None, "depends_values": None}
    exports |= {"depends_on": "where", "depends_values": ["no"]}
    data["questions"] = [where, exports, diet]
    data["prices"].reverse()
    data["criteria"].reverse()

    tripfiles.load(read(data))

    found = asking.of(trip)
    assert [each.key for each in found if each.key != "own"] == ["where", "exports", "diet"]
    assert {each.key: each.depends_on.key for each in found if each.depends_on} == {
        "exports": "where"
    }
    assert "own" in [each.key for each in found]
    assert [each.name["en"] for each in prices.of(trip)] == ["Aid of the Region", "Package"]
    assert [each.name["en"] for each in criteria.of(trip)] == ["Ready", "Fit"]
    before = everything()
    tripfiles.load(read(data))
    assert everything() == before


def test_what_was_retired_is_asked_and_charged_again(session):
    trip = tripfiles.load(read(full()))
    registration = make_registration(trip)
    diet = asking.of(trip)[2]
    answers.save(registration, registration.delegates[0], {"diet": "No nuts"}, audits.SYSTEM)
    asking.retire(trip, diet, audits.SYSTEM)
    prices.retire(prices.of(trip)[0], audits.SYSTEM)
    data = full()
    del data["criteria"]  # they are fixed by now

    tripfiles.load(read(data))

    assert diet.retired_at is None
    assert len(prices.of(trip)) == 2
    assert not prices.retired(trip)


def loading(data):
    with pytest.raises(FileFaults) as caught, db.session.begin_nested():
        tripfiles.load(read(data))
    return [str(fault) for fault in caught.value.faults]


def test_what_the_domain_refuses_is_a_fault_of_the_file(session):
    data = full()
    data["trip"]["state"] = "announced"
    trip = tripfiles.load(read(data))
    registration = make_registration(trip, size=3, state=RegistrationState.ACCEPTED)
    answers.save(registration, None, {"exports": "not_yet"}, audits.SYSTEM)
    charged = select(func.count(Charge.id)).where(Charge.registration_id == registration.id)
    assert session.scalar(charged) == 3
    before = everything()

    assert loading(spoiled((*EXPORTS, "kind"), "choices", full())) == [
        "$.questions[0].kind: it has been answered: keep what it was"
    ]
    options = [*full()["questions"][0]["options"][:1], {"value": "no", "label": {"en": "No"}}]
    assert loading(spoiled((*EXPORTS, "options"), options, full())) == [
        "$.questions[0].options: somebody chose the one that would go: keep it"
    ]
    assert loading(spoiled(("criteria", 0, "weight"), 2, full())) == [
        "$.criteria[0].name: an application has arrived: the criteria stay as they are"
    ]
    assert loading(
        spoiled(("prices", 1, "kind"), "fee", spoiled(("prices", 1, "net"), "5", full()))
    )
    assert loading(spoiled(("trip", "registration", "currency"), "EUR", full())) == [
        '$.trip.registration.currency: companies were charged in "USD": keep it'
    ]
    assert loading(spoiled(("trip", "max_delegates"), 2, full())) == [
        "$.trip.max_delegates: 3 places are taken and 0 held: give at least their sum"
    ]
    db.session.expire_all()
    assert everything() == before
    assert trip.state == TripState.ANNOUNCED


def test_a_higher_limit_lets_those_who_wait_come_up(session):
    data = full()
    data["trip"] |= {"state": "announced", "max_delegates": 1}
    data["trip"]["registration"]["promotion"] = "at_once"
    trip = tripfiles.load(read(data))
    make_registration(trip, state=RegistrationState.ACCEPTED)
    waiting = make_registration(trip, organization_name="Other", state=RegistrationState.WAITLISTED)
    data["trip"]["max_delegates"] = 5

    tripfiles.load(read(data))

    assert waiting.state == RegistrationState.ACCEPTED

"""The price list, and whose places lapse because they were not paid."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.domain.fee_cases import HALVES, lines, make_accepted, make_price, price
from tests.factories import make_trip
from webapp import clock
from webapp.db import Words
from webapp.domain import audits, charges, fees, payments, prices, registrations, statements
from webapp.domain.instalments import Instalment, InstalmentRefused, InstalmentsDoNotAddUp
from webapp.domain.payments import PaymentData
from webapp.models.fee import FeeBasis, FeeKind
from webapp.models.trip import TripState

SYSTEM = audits.SYSTEM
HUNDRED = Decimal(100)


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"net": "-5"}, prices.WrongSign),
        ({"net": "5", "kind": FeeKind.AID}, prices.WrongSign),
        ({"net": "0.005"}, charges.AmountRefused),
        ({"net": "1000000", "basis": FeeBasis.DELEGATE}, charges.AmountRefused),
        ({"name": Words(fr="Participation")}, prices.NameMissing),
        ({"tax_rate": Decimal("20.001")}, charges.TaxRefused),
        ({"instalments": ()}, InstalmentsDoNotAddUp),
        ({"instalments": (Instalment(Decimal(99), days=1),)}, InstalmentsDoNotAddUp),
        ({"instalments": (Instalment(HUNDRED),)}, InstalmentRefused),
        ({"instalments": (Instalment(HUNDRED, days=-1),)}, InstalmentRefused),
        ({"instalments": (Instalment(Decimal("100.001"), days=1),)}, InstalmentRefused),
    ],
)
def test_a_price_that_cannot_be_charged_is_refused(session, values, refused):
    trip = make_trip()

    with pytest.raises(refused):
        make_price(trip, **values)

    assert prices.of(trip) == []


def test_a_currency_without_decimals_has_none(session):
    trip = make_trip(currency="JPY")
    with pytest.raises(charges.AmountRefused):
        make_price(trip, "100.50")
    make_price(trip, "1001", instalments=HALVES, tax_rate=Decimal(10))

    registration = make_accepted(trip)

    # 1,001 and the tax of 100.1, rounded once: 1,101 in all.
    assert lines(registration) == [("551.00", "551.00"), ("550.00", "550.00")]


def test_a_changed_price_reaches_what_is_unpaid_and_says_how_many(session):
    trip = make_trip()
    item = make_price(trip, "1000", tax_rate=Decimal(0), instalments=HALVES)
    one, other = make_accepted(trip), make_accepted(trip)
    day = statements.today(trip.zone)
    payments.record(one, PaymentData(Decimal(500), day), SYSTEM)

    changed = prices.change(item, price("800", tax_rate=Decimal(0), instalments=HALVES), SYSTEM)
    again = prices.change(item, price("800", tax_rate=Decimal(0), instalments=HALVES), SYSTEM)

    assert (changed, again) == (2, 0)
    assert fees.statement(one).owed == 300
    assert fees.statement(other).owed == 800
    assert [e.action for e in audits.of(item)] == ["change", "add"]


def test_a_changed_date_moves_what_is_unpaid_but_gives_seven_days(session):
    trip = make_trip()
    item = make_price(trip)  # due in 30 days
    registration = make_accepted(trip)
    today = statements.today(trip.zone)

    for days, wanted in ((60, 60), (10, 10), (0, 7)):
        terms = (Instalment(HUNDRED, days=days),)
        prices.change(item, price(instalments=terms), SYSTEM)
        due_on = fees.statement(registration).lines[0].charge.due_on
        assert due_on == today + timedelta(days=wanted), days


def test_a_retired_price_is_kept_by_who_has_it_and_charged_to_nobody_new(session):
    trip = make_trip()
    item = make_price(trip, "1000", tax_rate=Decimal(0))
    before = make_accepted(trip)

    prices.retire(item, SYSTEM)
    after = make_accepted(trip)
    fees.follow(before)

    assert (fees.statement(before).owed, fees.statement(after).owed) == (1000, 0)
    assert after.confirmed_at is not None
    prices.bring_back(item, SYSTEM)
    assert fees.statement(after).owed == 1000
    assert after.confirmed_at is None


def test_a_fee_that_was_charged_does_not_turn_into_aid(session):
    trip = make_trip()
    item = make_price(trip)
    make_accepted(trip)

    with pytest.raises(prices.KindFixed):
        prices.change(item, price("-10", kind=FeeKind.AID), SYSTEM)


def test_a_price_of_another_tour_is_not_found(session):
    item = make_price(make_trip())

    assert prices.find(make_trip(), item.id) is None


@pytest.mark.parametrize(
    ("zone", "over"),
    [
        ("Europe/Paris", datetime(2027, 4, 17, 22, 0, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2027, 4, 18, 7, 0, tzinfo=UTC)),
    ],
)
def test_a_place_lapses_three_days_after_the_day_where_deadlines_are_said(
    session, hold_clock, zone, over
):
    hold_clock(datetime(2027, 3, 1, tzinfo=UTC))
    day = datetime(2027, 4, 14, tzinfo=UTC).date()
    trip = make_trip(deadline_zone=zone)
    make_price(trip, instalments=(Instalment(HUNDRED, due_on=day),))
    unpaid, paid = make_accepted(trip), make_accepted(trip)
    received = PaymentData(Decimal(1200), statements.today(zone))
    payments.record(paid, received, SYSTEM)

    assert fees.unpaid_due(over - timedelta(seconds=1)) == []
    assert fees.unpaid_due(over) == [unpaid.id]


def test_nothing_lapses_of_a_tour_that_is_off_or_under_way_nor_by_a_line_that_does_not(
    session, hold_clock
):
    hold_clock(datetime(2027, 3, 1, tzinfo=UTC))
    late = datetime(2027, 9, 1, tzinfo=UTC)
    off, on = make_trip(), make_trip()
    for trip in (off, on):
        make_price(trip)
        make_accepted(trip)
    lenient = make_accepted(make_trip())
    due_on = statements.today(lenient.trip.zone)
    charges.add(lenient, "Extra", Decimal(9), Decimal(0), due_on, lapses=False, by=SYSTEM)
    off.become(TripState.CANCELLED)
    session.flush()

    assert len(fees.unpaid_due(late)) == 1  # of the tour that is on
    assert fees.unpaid_due(datetime(2027, 10, 25, 12, tzinfo=UTC)) == []  # its first day


def test_a_payment_of_the_last_day_may_be_recorded_three_days_later(session, hold_clock):
    hold_clock(datetime(2027, 3, 1, tzinfo=UTC))
    trip = make_trip(deadline_zone="Europe/Paris")
    registration = make_accepted(trip)
    day = date(2027, 3, 10)
    charges.add(registration, "Fee", HUNDRED, Decimal(0), day, lapses=True, by=SYSTEM)

    hold_clock(datetime(2027, 3, 13, 22, 59, tzinfo=UTC))  # 23:59 of the third day after
    assert fees.statement(registration).overdue == HUNDRED
    assert fees.unpaid_due() == []
    hold_clock(datetime(2027, 3, 13, 23, 0, tzinfo=UTC))
    assert fees.unpaid_due() == [registration.id]
    payments.record(registration, PaymentData(HUNDRED, day), SYSTEM)
    assert fees.unpaid_due() == []


def test_whose_place_lapses_is_found_for_one_trip_alone(session, hold_clock):
    late = []
    for trip in (make_trip(), make_trip()):
        registration = make_accepted(trip)
        day = statements.today(trip.zone)
        charges.add(registration, "Fee", HUNDRED, Decimal(0), day, lapses=True, by=SYSTEM)
        late.append(registration)
    hold_clock(clock.now() + timedelta(days=5))

    assert fees.unpaid_due() == [each.id for each in late]
    assert [fees.unpaid_due(trip_id=each.trip_id) for each in late] == [[e.id] for e in late]


def test_what_is_let_lapse_in_a_trip_looks_at_no_other_trip(session, monkeypatch):
    trip = make_trip()
    asked: list[int | None] = []

    def unpaid_due(_at: datetime, trip_id: int | None = None) -> list[int]:
        asked.append(trip_id)
        return []

    monkeypatch.setattr(fees, "unpaid_due", unpaid_due)

    registrations.lapse_due(trip.id)

    assert asked == [trip.id]

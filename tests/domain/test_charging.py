"""Whatever happens to a company and in whatever order, its sums are right: a property, without a
database, of the functions that reckon."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count, pairwise
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from webapp import clock
from webapp.db import Words
from webapp.domain import confirmations, following, money, statements
from webapp.domain.instalments import Instalment
from webapp.domain.statements import Statement
from webapp.models.fee import Charge, FeeBasis, FeeItem, FeeKind, Payment
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

ACCEPTED, LAPSED = RegistrationState.ACCEPTED, RegistrationState.LAPSED
START = datetime(2027, 3, 1, 12, tzinfo=UTC)


@st.composite
def terms(draw) -> list[dict]:
    """Instalments that make 100 percent."""
    cuts = draw(st.lists(st.integers(1, 9_999), max_size=4, unique=True))
    edges = [0, *sorted(cuts), 10_000]
    found = []
    for before, after in pairwise(edges):
        percent = Decimal(after - before) / 100
        if draw(st.booleans()):
            each = Instalment(percent, days=draw(st.integers(0, 90)))
        else:
            due_on = date(2027, 3, 1) + timedelta(days=draw(st.integers(-30, 120)))
            each = Instalment(percent, due_on=due_on)
        found.append(each.facts())
    return found


@st.composite
def prices(draw, currency: str) -> list[FeeItem]:
    """A price list, with aid."""
    found = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        net = draw(amounts(currency, most=200_000))
        kind = draw(st.sampled_from(FeeKind))
        is_aid = kind == FeeKind.AID and net > 0
        item = FeeItem(
            id=number,
            name=Words(en=f"Price {number}"),
            kind=kind if is_aid or kind != FeeKind.AID else FeeKind.FEE,
            basis=draw(st.sampled_from(FeeBasis)),
            net=-net if is_aid else net,
            tax_rate=draw(st.sampled_from([Decimal(rate) for rate in ("0", "5.5", "19.6", "20")])),
            instalments=draw(terms()),
            retired_at=None,
        )
        found.append(item)
    return found


def amounts(currency: str, *, least: int = 0, most: int) -> st.SearchStrategy[Decimal]:
    """Amounts that the currency can say."""
    scale = money.decimals(currency)
    return st.integers(least, most).map(
        lambda n: money.rounded(Decimal(n).scaleb(-scale), currency)
    )


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["coming", "pay", "pay all", "give back", "void payment", "waive", "void", "again",
             "by hand", "price", "terms", "tax", "later", "state"]
        ),
        st.integers(0, 10_000),
    ),
    max_size=14,
)  # fmt: skip


@dataclass
class Account:
    """One company, as the rows of the database would have it."""

    registration: Registration
    items: list[FeeItem]
    currency: str
    coming: int
    rows: list[Charge] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def statement(self) -> Statement:
        return statements.reckon(self.registration, self.rows, self.payments, clock.now())

    def charge(self) -> list[Charge]:
        made = following.follow(self.statement(), self.rows, self.items, self.coming)
        for row in made:
            row.id = next(self.ids)
        self.rows += made
        return made

    def pay(self, amount: Decimal) -> None:
        day = clock.now().date()
        self.payments.append(Payment(id=next(self.ids), amount=amount, received_on=day))


@contextmanager
def held_clock() -> Iterator[list[datetime]]:
    """A clock that the steps turn on."""
    at = [START]
    with mock.patch.object(clock, "now", side_effect=lambda: at[0]):
        yield at


@settings(max_examples=15, deadline=None)
@given(data=st.data(), currency=st.sampled_from(["EUR", "JPY"]), steps=STEPS)
def test_whatever_happens_the_sums_are_right(data, currency, steps):
    trip = Trip(currency=currency, zone="Europe/Paris", deadline_zone="America/Los_Angeles")
    registration = Registration(id=1, trip=trip, state=ACCEPTED)
    account = Account(registration, data.draw(prices(currency)), currency, coming=2)
    with held_clock() as at:
        account.charge()
        see_that_all_is_right(account)
        for what, number in steps:
            if what == "later":
                at[0] += timedelta(days=number % 40)
            else:
                act(account, what, number, data)
            account.charge()
            see_that_all_is_right(account)


def act(account: Account, what: str, number: int, data) -> None:
    """Do one step, as far as it can be done now."""
    rows = [row for row in account.rows if row.net or row.tax]
    if what in ("waive", "void", "again"):
        rows = [row for row in rows if row.is_owed == (what != "again")]
        if rows:
            decide(rows[number % len(rows)], what)
    elif what in ("pay", "pay all", "give back", "void payment"):
        move_money(account, what, number)
    elif what in ("price", "terms", "tax"):
        item = account.items[number % len(account.items)]
        change(item, what, data.draw(amounts(account.currency, least=1, most=200_000)), data)
    elif what == "coming":
        account.coming = number % 5
    elif what == "state":
        old = account.registration.state
        account.registration.state = LAPSED if old == ACCEPTED else ACCEPTED
    else:
        account.rows.append(by_hand(account, number))


def decide(row: Charge, what: str) -> None:
    at = None if what == "again" else clock.now()
    row.waived_at = at if what == "waive" else None
    row.voided_at = at if what == "void" else None


def move_money(account: Account, what: str, number: int) -> None:
    statement = account.statement()
    if what == "pay all" and statement.owed:
        account.pay(statement.owed)
    elif what == "pay":
        account.pay(Decimal(number))
    elif what == "give back" and statement.paid >= number:
        account.pay(Decimal(-number))
    elif what == "void payment" and account.payments:
        account.payments[number % len(account.payments)].voided_at = clock.now()


def change(item: FeeItem, what: str, net: Decimal, data) -> None:
    if what == "price":
        item.net = -net if item.kind == FeeKind.AID else net
    elif what == "terms":
        item.instalments = data.draw(terms())
    else:
        item.tax_rate = Decimal("7.7")


def by_hand(account: Account, number: int) -> Charge:
    return Charge(
        id=next(account.ids), fee_item_id=None, instalment=0, name=Words(en="Extra"),
        kind=FeeKind.FEE, quantity=1, net=Decimal(number - 5_000), tax_rate=Decimal(0),
        tax=Decimal(0), due_on=None, lapses=False, created_at=clock.now(),
    )  # fmt: skip


def see_that_all_is_right(account: Account) -> None:
    statement = account.statement()
    owed = sum(row.net + row.tax for row in account.rows if row.is_owed)
    paid = sum(payment.amount for payment in account.payments if payment.voided_at is None)
    state = account.registration.state
    assert (statement.gross, statement.paid, statement.balance) == (owed, paid, owed - paid)
    assert confirmations.holds(state, statement.balance) == (state == ACCEPTED and owed <= paid)
    assert sum(line.open for line in statement.lines) == max(0, owed - max(paid, 0))
    for item in account.items:
        see_price(account, item)
    told = [vars_of(row) for row in account.rows]
    assert account.charge() == []
    assert [vars_of(row) for row in account.rows] == told


def see_price(account: Account, item: FeeItem) -> None:
    """The lines of one price add up to it to the cent, but for what was waived or voided."""
    rows = [row for row in account.rows if row.fee_item_id == item.id]
    quantity = account.coming if item.basis == FeeBasis.DELEGATE else 1
    is_in = account.registration.state == ACCEPTED
    wanted = item.net * quantity if is_in else Decimal(0)
    live = sum(row.net for row in rows if row.is_owed)
    let_off = [row for row in rows if not row.is_owed and (row.net or row.tax)]
    sign = -1 if item.kind == FeeKind.AID else 1
    assert all(row.net * sign >= 0 for row in rows)
    assert all(money.fits(row.gross, account.currency) for row in rows)
    assert abs(wanted) - abs(sum(row.net for row in let_off)) <= abs(live) <= abs(wanted)
    if not let_off:
        assert live == wanted
        if {row.tax_rate for row in rows if row.net} == {item.tax_rate}:
            tax = money.tax_on(wanted, item.tax_rate, account.currency)
            assert sum(row.tax for row in rows if row.is_owed) == tax


def vars_of(row: Charge) -> tuple:
    return (row.id, row.net, row.tax, row.tax_rate, row.due_on, row.quantity, dict(row.name))


@given(
    total=st.integers(-(10**9), 10**9).map(lambda n: Decimal(n) / 100),
    cuts=st.lists(st.integers(1, 9_999), max_size=8, unique=True),
    currency=st.sampled_from(["EUR", "JPY", "TND"]),
)
def test_shares_add_up_to_the_cent_and_keep_the_sign(total, cuts, currency):
    total = money.rounded(total, currency)
    edges = [0, *sorted(cuts), 10_000]
    percents = [Decimal(b - a) / 100 for a, b in pairwise(edges)]

    shares = money.split(total, percents, currency)

    assert sum(shares) == total
    assert all(share * total >= 0 for share in shares)
    assert all(money.fits(share, currency) for share in shares)


def test_half_a_unit_is_rounded_up():
    assert money.tax_on(Decimal("0.50"), Decimal("5"), "EUR") == Decimal("0.03")
    assert money.tax_on(Decimal("-0.50"), Decimal("5"), "EUR") == Decimal("-0.03")
    assert money.tax_on(Decimal("105"), Decimal("10"), "JPY") == Decimal(11)

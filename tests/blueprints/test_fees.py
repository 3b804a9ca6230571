"""Fees on screen: the price list, what companies owe, payments as people type them."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.domain.fee_cases import make_accepted, make_price
from tests.factories import make_staff, make_trip
from webapp import clock
from webapp.blueprints.registrations import amounts
from webapp.db import transaction
from webapp.domain import audits, charges, fees, payments, prices
from webapp.domain.payments import PaymentData
from webapp.models.fee import FeeKind
from webapp.models.staff import Role


@pytest.fixture
def desk(client):
    """A tour with an accepted company and an organizer who is signed in."""
    with transaction():
        trip = make_trip()
        registration = make_accepted(trip, 2)
        staff = make_staff(trip=trip)
    sign_in(client, staff)
    return trip, registration


def today():
    """The date where the tours of the factories say their deadlines."""
    return clock.wall(clock.now(), "Europe/Paris").date()


def address(trip, rest=""):
    return f"/organizer/trips/{trip.slug}/registrations/fees{rest}"


def account(registration, rest=""):
    slug = registration.trip.slug
    return f"/organizer/trips/{slug}/registrations/{registration.id}/fees{rest}"


def price_form(**values):
    form = {
        "name_en": "Participation",
        "name_fr": "Participation",
        "kind": "fee",
        "basis": "delegate",
        "net": "1,250.50",
        "tax_rate": "20",
        "percent_0": "50", "due_on_0": "", "days_0": "10",
        "percent_1": "50", "due_on_1": (today() + timedelta(days=90)).isoformat(),
        "days_1": "",
    }  # fmt: skip
    return form | values


@pytest.mark.parametrize(
    ("language", "typed", "wanted"),
    [
        ("en", "1,234.50", "1234.50"),
        ("en", "1 234,50", "1234.50"),
        ("en", "1234.5", "1234.50"),
        ("en", "1,234", "1234"),
        ("en", "-12,50", "-12.50"),
        ("en", "\N{MINUS SIGN}1'234.00", "-1234.00"),
        ("en", "1,234,567", "1234567"),
        ("fr", "1 234,50", "1234.50"),
        ("fr", "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567,8", "1234567.80"),
        ("fr", "1.234,50", "1234.50"),
        ("fr", "1,234.50", "1234.50"),
        ("fr", "12,5", "12.50"),
    ],
)
def test_an_amount_is_read_as_its_writer_meant_it(language, typed, wanted):
    assert amounts.read(typed, language, 2) == Decimal(wanted)


@pytest.mark.parametrize(("language", "typed"), [("en", "1.234"), ("fr", "1,234"), ("fr", "1.234")])
def test_an_amount_that_two_would_read_differently_is_asked_about(language, typed):
    with pytest.raises(amounts.Unclear) as unclear:
        amounts.read(typed, language, 2)

    assert (unclear.value.whole, unclear.value.part) == (Decimal(1234), Decimal("1.234"))


@pytest.mark.parametrize(
    "typed",
    ["", "abc", "12 34", "1,23,456", "1,2.3.4", "0,123", "1.234,567", "5 €", "1e3", "٣", "-"],
)
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises((amounts.NoAmount, amounts.Unclear)):
        amounts.read(typed, "fr", 2)


def test_a_currency_without_decimals_takes_none():
    assert amounts.read("1,250.00", "en", 0) == 1250
    with pytest.raises(amounts.NoAmount):
        amounts.read("1250.50", "en", 0)


def test_a_new_price_is_charged_to_who_is_accepted(client, desk):
    trip, registration = desk
    sent = price_form() | hidden(client, address(trip, "/prices/new"))

    answer = client.post(address(trip, "/prices/new"), data=sent)

    assert answer.status_code == 303
    statement = fees.statement(registration)
    assert [line.charge.gross for line in statement.lines] == [Decimal("1500.60")] * 2
    page = client.get(address(trip)).get_data(as_text=True)
    assert "€1,250.50" in page
    assert "€3,001.20" in page
    assert "50 % within 10 days of the acceptance" in page


WRONG_PRICES = [
    ({"percent_1": "40"}, "percent_0", "The instalments make 90 % together"),
    ({"days_0": ""}, "due_on_0", "either a date or a number of days"),
    ({"days_1": "5"}, "due_on_1", "either a date or a number of days"),
    ({"percent_0": "-50"}, "percent_0", "between 0 and 100"),
    ({"net": "1.234"}, "net", "Is this €1,234.00, or 1.234?"),
    ({"net": "a lot"}, "net", "Please give an amount in EUR"),
    ({"net": ""}, "net", "Please give an amount"),
    ({"net": "-5"}, "net", "Only aid lowers"),
    ({"net": "999999999"}, "net", "too large"),
    ({"net": "9" * 100_000}, "net", "Please give an amount in EUR"),
    ({"tax_rate": "101"}, "tax_rate", "between 0 and 100"),
    ({"name_en": " "}, "name_en", "Please fill in"),
    ({"due_on_1": "9999-01-01"}, "due_on_1", "check the year"),
    ({"due_on_1": "soon"}, "due_on_1", "Not a valid date"),
    ({"percent_1": "", "due_on_1": "soon"}, "percent_1", "between 0 and 100"),
    ({"days_1": "1.5", "due_on_1": ""}, "days_1", "whole number"),
    ({"days_1": "NaN", "due_on_1": ""}, "days_1", "whole number"),
    ({"days_1": "2147483648", "due_on_1": ""}, "days_1", "whole number"),
    ({"days_1": "999999999", "due_on_1": ""}, "days_1", "from 0 to"),
    ({"percent_2": "", "days_2": "1.5"}, "percent_2", "between 0 and 100"),
    ({"percent_2": "NaN", "days_2": "1.5"}, "percent_2", "Please give"),
    ({"kind": "bribe"}, "kind", "Not a valid choice"),
]


def test_a_price_that_is_wrong_is_refused_and_kept_in_the_form(client, desk):
    trip, _registration = desk
    csrf = hidden(client, address(trip, "/prices/new"))

    for change, field, words in WRONG_PRICES:
        answer = client.post(address(trip, "/prices/new"), data=price_form(**change) | csrf)

        assert answer.status_code == 422, change
        page = answer.get_data(as_text=True)
        assert words in field_errors(page)[field], change
        assert 'value="Participation"' in page
    assert prices.of(trip) == []


def test_a_price_is_changed_moved_retired_and_brought_back(client, desk):
    trip, registration = desk
    with transaction():
        first, second = make_price(trip, "100"), make_price(trip, "200")
    one = address(trip, f"/prices/{first.id}")
    csrf = hidden(client, one)

    changed = price_form(net="150", basis="company", percent_0="100", percent_1="", due_on_1="")
    assert client.post(one, data=changed | csrf).status_code == 303
    assert fees.statement(registration).net == 350
    client.post(f"{one}/move", data=csrf | {"way": "later"})
    assert [price.id for price in prices.of(trip)] == [second.id, first.id]
    client.post(f"{one}/retire", data=csrf)
    assert [price.id for price in prices.of(trip)] == [second.id]
    assert "1 retired price" in client.get(address(trip)).get_data(as_text=True)
    client.post(f"{one}/retire", data=csrf | {"back": "y"})
    assert [price.id for price in prices.of(trip)] == [second.id, first.id]


def test_a_payment_confirms_the_company_and_may_be_voided(client, desk):
    trip, registration = desk
    with transaction():
        make_price(trip, "1000")
    csrf = hidden(client, account(registration))
    sent = {"amount": "1,200.00", "received_on": today().isoformat(), "reference": "SEPA 7"}

    answer = client.post(account(registration, "/payments"), data=sent | csrf)

    assert answer.status_code == 303
    assert registration.confirmed_at is not None
    (payment,) = fees.statement(registration).payments
    assert (payment.amount, payment.reference) == (Decimal("1200.00"), "SEPA 7")

    one = account(registration, f"/payments/{payment.id}")
    assert client.post(one, data=csrf | {"reason": ""}).status_code == 422
    assert client.post(one, data=csrf | {"reason": "Another company’s"}).status_code == 303
    assert registration.confirmed_at is None
    assert "Another company’s" in client.get(account(registration)).get_data(as_text=True)


WRONG_PAYMENTS = [
    ({"amount": "1.200"}, "amount", "Is this €1,200.00, or 1.200?"),
    ({"amount": "0"}, "amount", "zero"),
    ({"amount": "-5"}, "amount", "more than the company has paid"),
    ({"received_on": "2199-01-01"}, "received_on", "has not begun"),
    ({"received_on": "yesterday"}, "received_on", "Please give a date"),
    ({"reference": "x" * 201}, "reference", "too long"),
]


def test_a_payment_that_is_wrong_is_refused_and_kept(client, desk):
    _trip, registration = desk
    given = {"amount": "12", "received_on": today().isoformat(), "purchase_order": "PO 9"}
    csrf = hidden(client, account(registration))

    for change, field, words in WRONG_PAYMENTS:
        answer = client.post(account(registration, "/payments"), data=given | change | csrf)

        assert answer.status_code == 422, change
        page = answer.get_data(as_text=True)
        assert words in field_errors(page)[field], change
        assert 'value="PO 9"' in page
    assert fees.statement(registration).payments == []


def test_in_french_an_amount_is_read_and_shown_in_french(client, desk):
    _trip, registration = desk
    client.get("/?lang=fr")
    csrf = hidden(client, account(registration))
    day = today().isoformat()

    refused = client.post(
        account(registration, "/payments"), data=csrf | {"amount": "1,234", "received_on": day}
    )
    taken = client.post(
        account(registration, "/payments"), data=csrf | {"amount": "1 234,50", "received_on": day}
    )

    assert (refused.status_code, taken.status_code) == (422, 303)
    page = client.get(account(registration)).get_data(as_text=True)
    assert "1\N{NARROW NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}€" in page


def test_a_line_is_added_waived_asked_for_again_put_off_and_voided(client, desk):
    _trip, registration = desk
    csrf = hidden(client, account(registration))
    due_on = today() + timedelta(days=20)
    sent = {"name": "Extra night", "net": "100", "tax_rate": "10", "due_on": due_on.isoformat()}

    assert client.post(account(registration, "/lines"), data=csrf | sent).status_code == 303
    (line,) = fees.statement(registration).lines
    assert (line.charge.gross, line.charge.lapses) == (110, False)
    one = account(registration, f"/lines/{line.charge.id}")

    def act(what, **more):
        return client.post(one, data=csrf | {"act": what, "reason": "Agreed"} | more).status_code

    assert act("waive", reason="") == 422
    assert (act("waive"), fees.statement(registration).owed) == (303, 0)
    assert act("waive") == 422  # a colleague was faster
    assert (act("again"), fees.statement(registration).owed) == (303, 110)
    assert act("date") == 422
    assert act("date", due_on="2020-01-01") == 422
    later = (due_on + timedelta(days=9)).isoformat()
    assert act("date", due_on=later) == 303
    assert fees.statement(registration).lines[0].charge.due_on.isoformat() == later
    assert (act("void"), fees.statement(registration).lines) == (303, [])
    assert "1 void line" in client.get(account(registration)).get_data(as_text=True)
    said = [entry.action for entry in audits.of(line.charge)]
    assert said == ["void", "change", "restore", "waive", "add"]


def test_the_overview_finds_who_is_late_and_goes_into_a_sheet(client, desk, hold_clock):
    trip, late = desk
    with transaction():
        make_price(trip, "1000", tax_rate=Decimal(0))
        fine = make_accepted(trip)
        payments.record(fine, PaymentData(Decimal(1000), today(), "=1+1"), audits.SYSTEM)
    hold_clock(clock.now() + timedelta(days=31, hours=1))

    page = client.get(address(trip) + "?show=overdue").get_data(as_text=True)
    book = client.get(address(trip, ".xlsx"))

    assert late.organization.name in page
    assert fine.organization.name not in page
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert len(sheet) == 1 + 2 + 3
    totals = {row[0]: row[6:12] for row in sheet if row[3] == "Total"}
    assert totals[late.organization.name] == [1000, 0, 1000, 0, 1000, 1000]
    assert totals[fine.organization.name] == [1000, 0, 1000, 1000, 0, 0]
    assert any(row[12] == "=1+1" for row in sheet)


def test_the_company_reads_what_it_owes_by_when_and_under_which_reference(client):
    with transaction():
        trip = make_trip(contact_email="desk@example.org")
        make_price(trip, "1000")
        registration = make_accepted(trip, 1)
        charges.add(
            registration, "Discount", Decimal(-100), Decimal(0), None,
            lapses=False, by=audits.SYSTEM, kind=FeeKind.FEE,
        )  # fmt: skip
    link = f"/r/{registration.token}"

    own = client.get(link).get_data(as_text=True)
    paper = client.get(f"{link}/statement").get_data(as_text=True)

    for page in (own, paper):
        assert "€1,200.00" in page
        assert "\N{MINUS SIGN}€100.00" in page
        assert "€1,100.00" in page
        assert registration.reference in page
        assert "11:59\N{NO-BREAK SPACE}PM (Paris time, UTC+1)" in page
    assert "This is not an invoice." in paper


def test_a_company_that_is_charged_nothing_sees_nothing_of_fees(client):
    with transaction():
        registration = make_accepted(make_trip(), 1)

    assert 'id="fees"' not in client.get(f"/r/{registration.token}").get_data(as_text=True)
    paper = client.get(f"/r/{registration.token}/statement")
    assert (paper.status_code, "Nothing has been charged." in paper.text) == (200, True)


def test_a_reader_sees_sums_and_no_forms(client):
    with transaction():
        trip = make_trip()
        make_price(trip, "1000")
        registration = make_accepted(trip)
        staff = make_staff(trip=trip, role=Role.READER)
    sign_in(client, staff)

    page = client.get(account(registration)).get_data(as_text=True)

    assert "€1,200.00" in page
    assert "/lines/" not in page
    assert 'name="amount"' not in page


def test_a_double_click_answers_twice_and_records_once(client, desk):
    _trip, registration = desk
    payment = {"amount": "10", "received_on": today().isoformat()}
    line = {"name": "Extra night", "net": "100", "tax_rate": "0"}
    kept = hidden(client, account(registration))
    assert kept["form_key"]

    answers = [
        client.post(account(registration, rest), data=kept | sent)
        for rest, sent in (("/payments", payment), ("/lines", line))
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [303] * 4
    statement = fees.statement(registration)
    assert (statement.paid, statement.gross) == (10, 100)
    # A fresh page has another key: the same sum may come in once more.
    client.post(
        account(registration, "/payments"), data=payment | hidden(client, account(registration))
    )
    client.post(account(registration, "/payments"), data=payment | kept | {"form_key": "junk"})
    assert fees.statement(registration).paid == 30


def test_the_days_after_the_date_are_said_to_the_company_and_the_organizers(client, desk):
    trip, registration = desk
    with transaction():
        make_price(trip, "1000")
    words = "Places that are not paid for within 3 days after the date are given up"

    assert words in client.get(address(trip)).get_data(as_text=True)
    assert words in client.get(f"/r/{registration.token}").get_data(as_text=True)

"""The organizer's list: found whatever the case and accents, counted, sorted, paged."""

from dataclasses import replace

import pytest

from tests.factories import delegate_data, make_registration, make_trip
from webapp import clock
from webapp.db import db
from webapp.domain import listings
from webapp.domain.listings import Filters, Sort, View
from webapp.models.amendment import Amendment, AmendmentKind
from webapp.models.delegate import DelegateState
from webapp.models.fee import Charge, Payment
from webapp.models.organization import OrganizationKind
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip


def names(trip: Trip, **said) -> list[str]:
    return [row.organization for row in listings.page(trip, Filters(**said)).rows]


def company(trip: Trip, name: str, state=RegistrationState.SUBMITTED, size=1, **said):
    return make_registration(trip, size, state, organization_name=name, **said)


def trip_registrations(trip: Trip) -> list[Registration]:
    return list(db.session.scalars(db.select(Registration).filter_by(trip_id=trip.id)))


@pytest.mark.parametrize(
    "text",
    ["zoë", "ZOE", "Zoe", "NUÑEZ", "nunez", "zoe nunez", "écume", "ECUME", "ecume de", "x@écume"],
)
def test_words_are_found_whatever_their_case_and_accents(session, text):
    trip = make_trip()
    zoe = delegate_data(given_name="Zoé", family_name="Nunéz", email="x@écume.example")
    company(trip, "L'Écume de Mer", delegates=(zoe,))
    company(
        trip,
        "Other",
        delegates=(delegate_data(given_name="Ed", family_name="Li", email="e@li.example"),),
    )

    assert names(trip, text=text) == ["L'Écume de Mer"]


def test_each_word_may_stand_in_another_place(session):
    trip = make_trip()
    found = company(
        trip, "Blue Wave", coordinator_name="Ana Ruiz", coordinator_email="ana@blue.example"
    )
    company(trip, "Blue Boats")

    for text in ("wave ruiz", "ANA@BLUE.EXAMPLE", found.reference.lower(), "o'brien wave"):
        assert names(trip, text=text) == ["Blue Wave"], text
    assert names(trip, text="wave boats") == []


@pytest.mark.parametrize("text", ["(", "[a-", "\\", "a{9999}", "%", "🌊", "ß" * 90, "*"])
def test_odd_signs_are_only_signs(session, text):
    trip = make_trip()
    company(trip, "Plain")

    assert names(trip, text=text) == []


def test_an_accent_alone_is_nothing_to_look_for(session):
    trip = make_trip()
    company(trip, "Plain")

    assert names(trip, text="\u0301 plain") == ["Plain"]


def test_those_who_left_are_not_found_by_name(session):
    trip = make_trip()
    gone = delegate_data(family_name="Leroy")
    found = company(trip, "Blue", delegates=(gone, delegate_data()))
    found.everybody[0].become(DelegateState.WITHDRAWN)
    db.session.flush()

    assert names(trip, text="leroy") == []
    assert listings.page(trip, Filters()).rows[0].coming == 1


def test_only_what_is_of_this_trip_is_listed(session):
    trip, other = make_trip(), make_trip()
    company(other, "Theirs")

    page = listings.page(trip, Filters())
    assert (page.rows, page.total, page.last) == ([], 0, 1)


def test_views_count_within_the_other_filters(session):
    trip = make_trip()
    paid = company(trip, "Acme paid", RegistrationState.ACCEPTED)
    company(trip, "Acme owes", RegistrationState.ACCEPTED)
    company(trip, "Acme waits", RegistrationState.WAITLISTED)
    company(trip, "B", RegistrationState.ACCEPTED)
    db.session.flush()
    for registration in trip_registrations(trip):
        registration.confirmed_at = clock.now() if registration is paid else None
    db.session.flush()

    page = listings.page(trip, Filters(View.AWAITING_PAYMENT, text="Acme"))

    assert [row.organization for row in page.rows] == ["Acme owes"]
    assert {view: n for view, n in page.counts.items() if n} == {
        View.ALL: 3,
        View.ACCEPTED: 2,
        View.CONFIRMED: 1,
        View.AWAITING_PAYMENT: 1,
        View.WAITLISTED: 1,
    }


def test_kind_and_country_narrow(session):
    trip = make_trip()
    company(trip, "Lab", organization_kind=OrganizationKind.ACADEMIC, country="FR")
    company(trip, "Firm", country="US")

    assert names(trip, kind=OrganizationKind.ACADEMIC) == ["Lab"]
    assert names(trip, country="US") == ["Firm"]
    assert listings.countries(trip) == ["FR", "US"]


def test_data_that_is_missing_is_found(session):
    trip = make_trip(form_fields={"phone": "required", "job_title": "optional"})
    company(trip, "Whole", delegates=(delegate_data(job_title=None),))
    company(trip, "No phone", delegates=(delegate_data(phone=None),))
    invited = company(trip, "Invited")
    invited.delegates[0].invited_at, invited.delegates[0].filled_at = clock.now(), None
    db.session.flush()

    assert names(trip, missing=True, sort=Sort.NAME) == ["Invited", "No phone"]
    assert [row.awaited for row in listings.page(trip, Filters(sort=Sort.NAME)).rows] == [1, 0, 0]


def test_open_requests_and_those_who_wait_are_found(session):
    trip = make_trip()
    asks = company(trip, "Asks")
    waits = company(trip, "Waits", size=2)
    waits.delegates[1].queued_at = clock.now()
    waits.delegates[1].become(DelegateState.WAITING)
    db.session.add(
        Amendment(
            trip_id=trip.id, registration_id=asks.id, kind=AmendmentKind.EDIT, before={},
            wanted={}, asked_by="Ana", asked_at=clock.now(),
        )
    )  # fmt: skip
    db.session.flush()

    assert names(trip, requests=True) == ["Asks"]
    assert names(trip, waiting=True) == ["Waits"]
    rows = {row.organization: row for row in listings.page(trip, Filters()).rows}
    assert (rows["Asks"].requests, rows["Waits"].coming, rows["Waits"].waiting) == (1, 1, 1)


def charge(registration: Registration, net: int, **said) -> None:
    given = {"name": {"en": "Fee"}, "net": net, "tax_rate": 20, "tax": net * 0.2} | said
    db.session.add(Charge(registration_id=registration.id, created_at=clock.now(), **given))


def test_who_owes_is_found(session):
    trip = make_trip()
    now = clock.now()
    owes, paid, waived = (company(trip, name) for name in ("Owes", "Paid", "Waived"))
    for registration in (owes, paid):
        charge(registration, 100)
        charge(registration, 50, voided_at=now)
    charge(waived, 100, waived_at=now)
    for registration, amount in ((owes, 119), (paid, 120)):
        db.session.add(
            Payment(
                registration_id=registration.id, amount=amount, received_on=now.date(),
                recorded_at=now,
            )
        )  # fmt: skip
    db.session.flush()

    assert names(trip, unpaid=True) == ["Owes"]


def test_the_list_is_sorted(session):
    trip = make_trip()
    for name, score in (("Éclat", 3), ("Zeta", 9), ("alpha", None)):
        company(trip, name).score = score
    db.session.flush()

    assert names(trip) == ["Éclat", "Zeta", "alpha"]
    assert names(trip, sort=Sort.NAME) == ["alpha", "Éclat", "Zeta"]
    assert names(trip, sort=Sort.SCORE) == ["Zeta", "Éclat", "alpha"]


def test_pages_follow_each_other(session, monkeypatch):
    monkeypatch.setattr(listings, "SIZE", 2)
    trip = make_trip()
    for name in "ABC":
        company(trip, name)

    first, second, past = (listings.page(trip, Filters(), number) for number in (1, 2, 9))

    assert [[row.organization for row in page.rows] for page in (first, second, past)] == [
        ["A", "B"],
        ["C"],
        [],
    ]
    assert (first.total, first.last, listings.page(trip, Filters(), -3).number) == (3, 2, 1)


def test_two_statements_however_many_there_are(session, statements):
    trip = make_trip(form_fields={"phone": "required"})
    counts = []
    for _size in range(2):
        for _one in range(3):
            company(trip, "Some", size=2, delegates=(delegate_data(), delegate_data(phone=None)))
        db.session.flush()
        with statements() as sent:
            assert listings.page(trip, Filters(text="some zoe", missing=True)).rows
        counts.append(len(sent))

    assert counts == [2, 2]


def test_ids_are_those_of_the_filter_and_not_more_than_asked(session):
    trip = make_trip()
    made = [company(trip, "Acme").id, company(trip, "Acme").id]
    company(trip, "B")

    assert listings.ids(trip, Filters(text="acme")) == made
    assert listings.ids(trip, Filters(text="acme"), most=1) == made[:1]


def test_the_sheet_has_a_row_for_each_delegate_who_has_not_left(session):
    trip = make_trip()
    found = company(trip, "A", size=3)
    found.everybody[2].become(DelegateState.WITHDRAWN)
    company(trip, "B")
    db.session.flush()

    rows = listings.people(trip, replace(Filters(), text="a"))

    assert [(row.organization, row.email) for row in rows if row.organization == "A"] == [
        ("A", delegate.email) for delegate in found.everybody[:2]
    ]

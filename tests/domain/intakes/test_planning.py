"""The dry run: what becomes of each row, and which companies may be others."""

from tests.factories import delegate_data, make_registration, make_trip
from webapp.domain import audits, delegates, intakes, registrations
from webapp.domain.intakes import Deed, Fault, Options, Why, alike, groups
from webapp.models.registration import RegistrationState

HEAD = "Company,Country,First name,Last name,Email,Phone,Job title"


def dry_run(trip, *lines, head=HEAD, **asked):
    data = "\n".join((head, *lines)).encode()
    roster = intakes.read(data, None, {})
    return intakes.plan(trip, roster, Options(places=roster.places, **asked))


def deeds(found):
    return [(step.row.number, step.deed, step.why) for each in found.planned for step in each.steps]


def questions(trip, *lines, head=HEAD):
    roster = intakes.read("\n".join((head, *lines)).encode(), None, {})
    found = alike.of(trip, groups.of_rows(roster.rows))
    return [(q.group.company.name, [(o.to, o.name) for o in q.offers]) for q in found]


def test_rows_are_grouped_by_company_in_the_order_of_the_sheet(app):
    found = dry_run(
        make_trip(),
        "Blue,FR,A,Lee,a@x.example,,",
        "Red,FR,B,Lee,b@x.example,,",
        "BLUE,,C,Lee,c@x.example,,",
        "Blue,US,D,Lee,d@x.example,,",
    )

    assert [
        (each.group.company.name, each.group.company.country, [r.number for r in each.group.rows])
        for each in found.planned
    ] == [("Blue", "FR", [2, 4]), ("Red", "FR", [3]), ("Blue", "US", [5])]


def test_a_row_says_what_becomes_of_it(app):
    trip = make_trip()
    there = make_registration(
        trip,
        organization_name="Blue",
        country="FR",
        delegates=(
            delegate_data(email="same@x.example", given_name="A", family_name="Lee", phone=None),
            delegate_data(email="gone@x.example"),
        ),
    )
    delegates.withdraw(there.delegates[1], "", audits.SYSTEM)

    found = dry_run(
        trip,
        "Blue,FR,A,Lee,same@x.example,,",
        "Blue,FR,New,Lee,new@x.example,,",
        "Blue,FR,Gone,Lee,gone@x.example,,",
        "Red,FR,A,Lee,same@x.example,,",
        "Red,FR,,Lee,b@x.example,,",
        ",FR,No,Company,c@x.example,,",
    )

    assert deeds(found) == [
        (2, Deed.SAME, None),
        (3, Deed.ADD, None),
        (4, Deed.LEAVE_OUT, Why.HAS_LEFT),
        (5, Deed.LEAVE_OUT, Why.FAULT),
        (6, Deed.LEAVE_OUT, Why.FAULT),
    ]
    assert [(f.row, f.column, f.fault) for f in found.faults] == [
        (7, 0, Fault.MISSING),
        (5, 4, Fault.SAME_MAIL),
        (6, 2, Fault.MISSING),
    ]


def test_a_colleague_of_another_company_is_named_and_left_out(app):
    trip = make_trip()
    make_registration(
        trip, organization_name="Blue", delegates=(delegate_data(email="a@x.example"),)
    )

    found = dry_run(trip, "Red,FR,A,Lee,A@x.example,,")

    assert deeds(found) == [(2, Deed.LEAVE_OUT, Why.ELSEWHERE)]
    assert found.planned[0].steps[0].delegate.registration.organization.name == "Blue"


def test_another_phone_and_title_are_taken_over_another_name_is_not(app):
    trip = make_trip()
    data = delegate_data(email="a@x.example", given_name="Zoé", family_name="Lee", phone=None)
    make_registration(trip, organization_name="Blue", country="FR", delegates=(data,))

    (planned,) = dry_run(trip, "Blue,FR,ZOE,LEE,a@x.example,+33491000000,CEO").planned
    other = dry_run(trip, "Blue,FR,Max,Lee,a@x.example,+33491000000,CEO")

    assert planned.steps[0].changes == {
        "phone": (None, "+33491000000"),
        "job_title": ("Head of Sales", "CEO"),
    }
    assert deeds(other) == [(2, Deed.LEAVE_OUT, Why.OTHER_NAME)]


def test_empty_cells_take_nothing_away(app):
    trip = make_trip()
    data = delegate_data(email="a@x.example", given_name="A", family_name="Lee")
    make_registration(trip, organization_name="Blue", country="FR", delegates=(data,))

    assert deeds(dry_run(trip, "Blue,FR,A,Lee,a@x.example,,")) == [(2, Deed.SAME, None)]


def test_companies_known_by_almost_the_same_name_are_offered(app):
    trip = make_trip()
    known = make_registration(trip, organization_name="Blue Wave SAS", country="FR")
    known_id = known.organization_id

    assert questions(
        trip,
        "Blue Wave SAS,FR,A,Lee,a@x.example,,",
        "blue-wave,FR,B,Lee,b@x.example,,",
        "Blue Wav,FR,C,Lee,c@x.example,,",
        "Elsewhere,FR,D,Lee,d@x.example,,",
    ) == [
        ("blue-wave", [(known_id, "Blue Wave SAS"), ("blue wave sas", "Blue Wave SAS")]),
        ("Blue Wav", [(known_id, "Blue Wave SAS")]),
    ]


def test_what_is_joined_goes_to_the_registration_that_is_there(app):
    trip = make_trip()
    known = make_registration(trip, organization_name="Blue Wave SAS", country="FR")

    joined = dry_run(
        trip,
        "Blue Wav,FR,C,Lee,c@x.example,,",
        "Bleu Wav,FR,D,Lee,d@x.example,,",
        joins={"blue wav": known.organization_id, "bleu wav": "blue wav"},
    )

    (planned,) = joined.planned
    assert planned.registration is known
    assert planned.count(Deed.ADD) == 2


def test_a_company_that_is_out_can_be_brought_in_with_other_people(app):
    trip = make_trip()
    out = make_registration(
        trip,
        organization_name="Blue",
        country="FR",
        delegates=(delegate_data(email="a@x.example"),),
    )
    registrations.decide(out, RegistrationState.DECLINED, "Too late.", audits.SYSTEM)

    found = dry_run(trip, "Blue,FR,A,Lee,a@x.example,,", "Blue,FR,B,Lee,b@x.example,,")

    assert found.planned[0].registration is None
    assert deeds(found) == [(2, Deed.LEAVE_OUT, Why.HAS_LEFT), (3, Deed.ADD, None)]

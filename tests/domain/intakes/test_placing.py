"""Bringing in: rows become companies with delegates, links, feeds, history and letters."""

from collections.abc import Sequence

from sqlalchemy import func, select

from tests.conftest import counted
from tests.factories import application, delegate_data, make_held, make_registration, make_trip
from webapp.db import db, transaction
from webapp.domain import audits, feeds, intakes, organizations, registrations
from webapp.domain.intakes import Options
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.feed import Feed, Scope
from webapp.models.intake import Intake, IntakeState
from webapp.models.mail import Mail
from webapp.models.organization import Organization, OrganizationAlias, OrganizationKind
from webapp.models.registration import Party, Registration, RegistrationState
from webapp.models.trip import Trip

HEAD = "Company,First name,Last name,Email,Phone,Job title"
THREE = (
    "Blue,A,Lee,a@x.example,+33491000000,CEO",
    "Red,B,Lee,b@x.example,,",
    "Blue,C,Lee,c@x.example,,",
)


def bring_in(trip: Trip, *lines: str, head: str = HEAD, **asked) -> Intake:
    """A whole import, as the page starts it and the worker does it."""
    data = "\n".join((head, *lines)).encode()
    with transaction():
        roster = intakes.read(data, None, {})
        options = Options(places=roster.places, **asked)
        intake = intakes.start(trip, "people.csv", data, roster, options, audits.SYSTEM)
    work = intakes.load(intake.id)
    more = True
    while more:
        with transaction():
            more = intakes.advance(work)
    return intake


def states(trip: Trip) -> list[tuple[str, RegistrationState, list[DelegateState]]]:
    rows: Sequence[Registration] = db.session.scalars(
        select(Registration).where(Registration.trip_id == trip.id).order_by(Registration.id)
    ).all()
    return [(r.organization.name, r.state, [d.state for d in r.everybody]) for r in rows]


COMING, WAITING = DelegateState.COMING, DelegateState.WAITING
ACCEPTED, WAITLISTED = RegistrationState.ACCEPTED, RegistrationState.WAITLISTED


def test_a_company_is_written_as_if_it_had_applied(app):
    trip = make_trip()

    intake = bring_in(trip, *THREE)

    assert states(trip) == [("Blue", ACCEPTED, [COMING, COMING]), ("Red", ACCEPTED, [COMING])]
    blue = db.session.scalars(select(Registration).order_by(Registration.id)).first()
    first = blue.everybody[0]
    assert (blue.coordinator_name, blue.coordinator_email) == ("A Lee", "a@x.example")
    assert blue.confirmed_at is not None  # nothing is to be paid
    assert registrations.by_token(blue.token) is blue
    assert feeds.of_company(blue).scope == Scope.COMPANY
    assert feeds.of_delegate(first).token
    assert (first.phone, first.job_title, first.person.email) == (
        "+33491000000",
        "CEO",
        "a@x.example",
    )
    assert [entry.action for entry in audits.of(blue)] == ["confirm", "register"]
    assert intake.state == IntakeState.DONE
    assert intake.report["counts"]["added"] == 3
    assert intake.report["counts"]["company accepted"] == 2


def test_a_coordinator_of_its_own_need_not_travel(app):
    trip = make_trip()

    bring_in(
        trip,
        "Blue,,,,A,Lee,a@x.example",
        "Blue,Kim Coordinator,kim@blue.example,+33491000001,B,Lee,b@x.example",
        head="Company,Coordinator,Coordinator email,Coordinator phone,First name,Last name,Email",
    )

    (blue,) = db.session.scalars(select(Registration))
    assert blue.coordinator_name == "Kim Coordinator"
    assert blue.coordinator_email == "kim@blue.example"
    assert blue.coordinator_phone == "+33491000001"
    assert [d.email for d in blue.everybody] == ["a@x.example", "b@x.example"]


def test_nobody_is_written_to_unless_asked(app):
    trip = make_trip()

    bring_in(trip, *THREE)
    assert db.session.scalar(select(func.count(Mail.id))) == 0

    other = make_trip()
    bring_in(other, *THREE, letters=True)
    assert sorted(map(tuple, db.session.execute(select(Mail.letter, Mail.to_email)))) == [
        ("delegate_welcome", "a@x.example"),
        ("delegate_welcome", "b@x.example"),
        ("delegate_welcome", "c@x.example"),
        ("registration_received", "a@x.example"),
        ("registration_received", "b@x.example"),
    ]


def test_the_same_sheet_twice_adds_nobody(app):
    trip = make_trip()
    bring_in(trip, *THREE)
    before = states(trip)

    again = bring_in(trip, *THREE, "Red,D,Lee,d@x.example,,", letters=True)

    assert before[0] == states(trip)[0]
    assert states(trip)[1:] == [("Red", ACCEPTED, [COMING, COMING])]
    assert again.report["counts"]["same"] == 3
    assert again.report["counts"]["added"] == 1
    assert again.report["counts"]["company there"] == 1
    assert [m.to_email for m in db.session.scalars(select(Mail))] == ["d@x.example"]
    assert db.session.scalar(select(func.count(Organization.id))) == 2


def test_another_phone_is_taken_over_with_its_history(app):
    trip = make_trip()
    bring_in(trip, *THREE)

    bring_in(trip, "Blue,A,Lee,a@x.example,+33491000099,Chair")

    delegate = db.session.scalars(select(Delegate).where(Delegate.email == "a@x.example")).one()
    assert (delegate.phone, delegate.job_title) == ("+33491000099", "Chair")
    (entry,) = audits.of(delegate)
    assert entry.action == "edit"
    assert entry.before == {"phone": "+33491000000", "job_title": "CEO"}
    assert entry.after == {"phone": "+33491000099", "job_title": "Chair"}


def test_what_does_not_fit_waits_and_a_smaller_company_may_come(app):
    trip = make_trip(max_delegates=3)

    bring_in(trip, *THREE, "Green,E,Lee,e@x.example,,")

    assert states(trip) == [
        ("Blue", ACCEPTED, [COMING, COMING]),
        ("Red", ACCEPTED, [COMING]),
        ("Green", WAITLISTED, [COMING]),
    ]


def test_all_or_nobody_and_as_many_as_there_are(app):
    whole, part = make_trip(max_delegates=1), make_trip(max_delegates=1)

    bring_in(whole, *THREE)
    bring_in(part, *THREE, party=Party.ANY)

    assert states(whole) == [
        ("Blue", WAITLISTED, [COMING, COMING]),
        ("Red", ACCEPTED, [COMING]),
    ]
    assert states(part) == [
        ("Blue", ACCEPTED, [COMING, WAITING]),
        ("Red", WAITLISTED, [COMING]),
    ]


def test_nobody_takes_what_is_kept_for_a_party_before(app):
    trip = make_trip(max_delegates=1, skips_parties=False)

    bring_in(trip, *THREE)

    assert states(trip) == [
        ("Blue", WAITLISTED, [COMING, COMING]),
        ("Red", WAITLISTED, [COMING]),
    ]


def test_the_limits_of_companies_and_of_one_company_hold(app):
    few, one = make_trip(max_organizations=1), make_trip(max_per_organization=1)

    bring_in(few, *THREE)
    bring_in(one, *THREE, party=Party.ANY)

    assert [state for _name, state, _people in states(few)] == [ACCEPTED, WAITLISTED]
    assert states(one) == [("Blue", ACCEPTED, [COMING, WAITING]), ("Red", ACCEPTED, [COMING])]


def test_colleagues_of_a_registered_company_wait_when_it_is_full(app):
    trip = make_trip(max_delegates=2)
    make_registration(
        trip,
        state=ACCEPTED,
        organization_name="Blue",
        country=None,
        delegates=(delegate_data(email="z@x.example"),),
    )

    intake = bring_in(trip, *THREE)

    assert states(trip) == [
        ("Blue", ACCEPTED, [COMING, COMING, WAITING]),
        ("Red", WAITLISTED, [COMING]),
    ]
    assert intake.report["counts"]["waiting"] == 1


def test_the_waiting_list_can_be_what_is_asked_for(app):
    trip = make_trip()

    bring_in(trip, *THREE, state=WAITLISTED)

    rows = db.session.scalars(select(Registration)).all()
    assert [(row.state, row.in_reserve) for row in rows] == [(WAITLISTED, True)] * 2


def test_those_who_wait_already_come_first(app):
    trip = make_trip(max_delegates=2, skips_parties=False)
    registrations.submit(trip.id, application(1))
    registrations.submit(trip.id, application(2, waits_if_full=True))

    bring_in(trip, "Red,B,Lee,b@x.example,,")

    assert [state for _name, state, _people in states(trip)][1:] == [WAITLISTED, WAITLISTED]


def test_rows_that_are_left_out_are_told(app):
    trip = make_trip()

    intake = bring_in(trip, *THREE, "Red,,Lee,d@x.example,,", ",E,Lee,e@x.example,,")

    assert sorted(intake.report["left_out"]) == [[5, "fault"], [6, "no company"]]
    assert intake.report["counts"]["left_out"] == 2
    assert (intake.done, intake.total) == (5, 5)


def test_the_number_of_statements_does_not_grow_with_the_rows(app):
    few, many = [], []
    for sent, companies in ((few, 2), (many, 20)):
        lines = [f"Co {n},A,Lee,a{companies}-{n}@x.example,," for n in range(companies)]
        with counted(sent):
            bring_in(make_trip(), *lines, letters=True)

    assert len(many) - len(few) <= 2, (len(few), len(many))


def test_every_row_has_its_history(app):
    trip = make_trip()

    bring_in(trip, *THREE)

    rows = db.session.execute(
        select(AuditEntry.object_kind, AuditEntry.action).where(AuditEntry.trip_id == trip.id)
    )
    assert sorted(map(tuple, rows)) == [
        ("intakes", "import"),
        ("intakes", "import"),
        ("registrations", "confirm"),
        ("registrations", "confirm"),
        ("registrations", "register"),
        ("registrations", "register"),
    ]


def test_each_delegate_and_company_has_one_feed(app):
    trip = make_trip()

    bring_in(trip, *THREE)

    scopes = db.session.scalars(
        select(Feed.scope).where(Feed.trip_id == trip.id, Feed.scope != Scope.TRIP)
    ).all()
    assert sorted(scopes) == [Scope.COMPANY] * 2 + [Scope.DELEGATE] * 3


def known(name: str) -> Organization:
    return organizations.find_or_add(name, OrganizationKind.COMPANY, None, None)


def test_a_company_joined_to_one_that_another_row_names_registers_once(app):
    trip, acme = make_trip(), known("Acme")

    bring_in(
        trip,
        "Acme,A,Lee,a@x.example,,",
        "Red,B,Lee,b@x.example,,",
        "Acme Ltd,C,Lee,c@x.example,,",
        joins={"acme ltd": acme.id},
    )

    assert states(trip) == [("Acme", ACCEPTED, [COMING, COMING]), ("Red", ACCEPTED, [COMING])]


def test_two_companies_joined_to_one_organization_register_once(app):
    trip, acme = make_trip(), known("Acme")

    intake = bring_in(
        trip,
        "Acme Ltd,A,Lee,a@x.example,,",
        "Acme GmbH,C,Lee,c@x.example,,",
        "Acme GmbH,,Lee,d@x.example,,",
        joins={"acme ltd": acme.id, "acme gmbh": acme.id},
    )

    assert states(trip) == [("Acme", ACCEPTED, [COMING, COMING])]
    assert intake.report["left_out"] == [[4, "fault"]]
    assert (intake.done, intake.total) == (3, 3)


def test_a_name_and_another_name_of_one_organization_register_once(app):
    trip, acme = make_trip(), known("Acme")
    db.session.add(OrganizationAlias(organization_id=acme.id, name="A.C.M.E.", name_key="acme"))
    db.session.flush()
    lines = ("Acme,A,Lee,a@x.example,,", "A.C.M.E.,C,Lee,c@x.example,,")
    roster = intakes.read("\n".join((HEAD, *lines)).encode(), None, {})
    dry_run = intakes.plan(trip, roster, Options(places=roster.places))

    bring_in(trip, *lines)

    assert states(trip) == [("Acme", ACCEPTED, [COMING, COMING])]
    assert [[row.number for row in each.group.rows] for each in dry_run.planned] == [[2, 3]]


def test_who_has_places_held_comes_in_within_them_while_others_are_waited_for(app):
    """As many as the block has for a party that comes in part, none of one that comes whole."""
    some, whole, fits = (make_trip(max_delegates=5, skips_parties=False) for _ in range(3))
    for trip in (some, whole, fits):
        make_held(trip, 2, mail_domain="x.example")
        registrations.submit(trip.id, application(4, waits_if_full=True))

    three = (*THREE[::2], "Blue,D,Lee,d@x.example,,")
    bring_in(some, *three, party=Party.ANY)
    bring_in(whole, *three)
    bring_in(fits, *three[:2])

    assert states(some)[1:] == [("Blue", ACCEPTED, [COMING, COMING, WAITING])]
    assert states(whole)[1:] == [("Blue", WAITLISTED, [COMING] * 3)]
    assert states(fits)[1:] == [("Blue", ACCEPTED, [COMING, COMING])]

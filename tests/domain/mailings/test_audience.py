"""Whom a message goes to: each filter, all of them together, one letter an address, how many
statements that takes, and who is left out."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.factories import (
    delegate_data,
    make_item,
    make_question,
    make_registration,
    make_stop,
    make_track,
    make_trip,
    publish,
)
from webapp import clock
from webapp.db import Words, db
from webapp.domain import agendas, audits, delegates, picks
from webapp.domain.mailings import audience
from webapp.domain.mailings.audience import Audience, ToWhom, Why
from webapp.models.agenda import Attendance
from webapp.models.agenda import Audience as SeenBy
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.fee import Charge, Payment
from webapp.models.mail import Bounce, OptOut, Topic
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip

ACCEPTED = RegistrationState.ACCEPTED
BOTH, COORDINATORS = ToWhom.BOTH, ToWhom.COORDINATORS


def company(trip: Trip, name: str, *people: str, state=ACCEPTED, language="en", **said):
    """A company with a coordinator and delegates, all at <who>@<name>.example."""
    return make_registration(
        trip,
        state=state,
        organization_name=name,
        coordinator_name="Ana",
        coordinator_email=said.pop("coordinator", f"ana@{name}.example"),
        language=language,
        delegates=tuple(
            delegate_data(given_name=who, family_name="X", email=f"{who}@{name}.example",
                          language=language)
            for who in people
        ),
        **said,
    )  # fmt: skip


def emails(trip: Trip, **asked) -> list[str]:
    return [each.email for each in audience.people(trip, Audience(**asked))]


@pytest.fixture
def trip(session) -> Trip:
    """Two companies that are in, one that waits, one that was declined."""
    trip = make_trip()
    company(trip, "alpha", "al", "ada")
    company(trip, "beta", "bo", language="fr")
    company(trip, "gamma", "gus", state=RegistrationState.WAITLISTED)
    company(trip, "delta", "dora", state=RegistrationState.DECLINED)
    company(make_trip(), "other", "oz")
    return trip


def of(trip: Trip, name: str) -> Delegate:
    return db.session.scalars(
        db.select(Delegate).where(Delegate.email.startswith(f"{name}@"))
    ).one()


def test_delegates_coordinators_or_both_of_companies_that_have_a_part(trip):
    assert emails(trip) == ["al@alpha.example", "ada@alpha.example", "bo@beta.example",
                            "gus@gamma.example"]  # fmt: skip
    assert emails(trip, to_whom=COORDINATORS) == ["ana@alpha.example", "ana@beta.example",
                                                  "ana@gamma.example"]  # fmt: skip
    assert emails(trip, to_whom=BOTH)[:3] == ["ana@alpha.example", "al@alpha.example",
                                              "ada@alpha.example"]  # fmt: skip


def test_states_of_the_registration_also_of_those_who_are_out(trip):
    assert emails(trip, states=frozenset({RegistrationState.WAITLISTED})) == ["gus@gamma.example"]
    assert emails(trip, states=frozenset({RegistrationState.DECLINED})) == ["dora@delta.example"]


def test_companies_and_languages(trip):
    alpha, beta = (of(trip, name).registration.organization_id for name in ("al", "bo"))

    assert emails(trip, organization_ids=frozenset({beta})) == ["bo@beta.example"]
    assert emails(trip, organization_ids=frozenset({alpha, beta}), language="fr") == [
        "bo@beta.example"
    ]
    assert emails(trip, language="fr", to_whom=COORDINATORS) == ["ana@beta.example"]


def test_states_of_delegates_and_the_coordinators_of_such(trip):
    ada = of(trip, "ada")
    ada.state, ada.queued_at = DelegateState.WAITING, clock.now()
    waiting = frozenset({DelegateState.WAITING})

    assert emails(trip, delegate_states=waiting) == ["ada@alpha.example"]
    assert emails(trip, delegate_states=waiting, to_whom=COORDINATORS) == ["ana@alpha.example"]


def test_a_track_is_of_its_followers(trip):
    track = make_track(trip)
    bo = of(trip, "bo")
    bo.tracks.append(track)
    db.session.flush()

    assert emails(trip, track_id=track.id) == ["bo@beta.example"]
    assert emails(trip, track_id=track.id, to_whom=COORDINATORS) == ["ana@beta.example"]


def at(day: int, hour: int = 9) -> dict:
    return {
        "starts_local": datetime(2027, 10, day, hour),
        "ends_local": datetime(2027, 10, day, hour + 1),
    }


def test_a_session_is_of_whom_it_is_for_and_of_whom_chose_it(trip):
    al, bo = of(trip, "al"), of(trip, "bo")
    track = make_track(trip)
    al.tracks.append(track)
    mine = make_item(trip, track_id=track.id, **at(26))
    named = make_item(trip, audience=SeenBy.COMPANIES,
                      company_ids=(bo.registration.organization_id,), **at(27))  # fmt: skip
    inside = make_item(trip, audience=SeenBy.DELEGATES, **at(27, 14))
    choice = make_item(trip, attendance=Attendance.OPTIONAL, capacity=1, **at(28))
    staff = make_item(trip, audience=SeenBy.STAFF, **at(28, 14))
    make_item(trip, **at(29))
    publish(trip)
    picks.choose(bo, choice.uid, audits.SYSTEM)
    picks.choose(of(trip, "ada"), choice.uid, audits.SYSTEM)

    assert emails(trip, item_uid=mine.uid) == ["al@alpha.example"]
    assert emails(trip, item_uid=named.uid) == ["bo@beta.example"]
    assert emails(trip, item_uid=inside.uid) == ["al@alpha.example", "ada@alpha.example",
                                                 "bo@beta.example"]  # fmt: skip
    assert emails(trip, item_uid=choice.uid) == ["bo@beta.example"]
    assert emails(trip, item_uid=choice.uid, waits=True) == ["ada@alpha.example"]
    assert emails(trip, item_uid=choice.uid, waits=True, to_whom=COORDINATORS) == [
        "ana@alpha.example"
    ]
    assert emails(trip, item_uid=staff.uid) == []
    assert emails(trip, day=date(2027, 10, 28)) == ["bo@beta.example"]
    assert emails(trip, day=date(2027, 10, 29))[-1] == "gus@gamma.example"  # for everybody
    assert emails(trip, day=date(2027, 10, 30)) == []


def test_a_session_that_is_called_off_is_nobody_s_but_can_be_written_about(trip):
    item = make_item(trip, **at(26))
    publish(trip)
    agendas.call_off(item, audits.SYSTEM)
    publish(trip)

    assert emails(trip, day=date(2027, 10, 26)) == []
    assert len(emails(trip, item_uid=item.uid)) == 4


def test_a_stop_is_of_those_who_have_a_session_there(trip):
    marseille = make_stop(trip)
    nice = make_stop(trip, city="Nice", position=2)
    track = make_track(trip)
    al = of(trip, "al")
    al.tracks.append(track)
    make_item(trip, stop_id=nice.id, track_id=track.id, **at(26))
    publish(trip)

    assert emails(trip, stop_id=nice.id) == ["al@alpha.example"]
    assert emails(trip, stop_id=nice.id, day=date(2027, 10, 27)) == []
    assert emails(trip, stop_id=marseille.id) == []


def test_missing_data_is_asked_of_each_reader(trip):
    make_question(trip, "hat", required=True)
    for name in ("al", "gus"):
        delegate = of(trip, name)
        delegate.invited_at, delegate.filled_at = clock.now(), None
    db.session.flush()

    assert emails(trip, missing=True) == ["al@alpha.example", "ada@alpha.example",
                                          "bo@beta.example", "gus@gamma.example"]  # fmt: skip


def test_missing_data_leaves_out_who_gave_them(trip):
    al = of(trip, "al")
    al.invited_at, al.filled_at = clock.now(), None
    db.session.flush()

    assert emails(trip, missing=True) == ["al@alpha.example"]
    assert emails(trip, missing=True, to_whom=COORDINATORS) == ["ana@alpha.example"]


def test_who_has_not_paid(trip):
    for name, paid in (("al", 100), ("bo", 30)):
        registration = of(trip, name).registration
        db.session.add(
            Charge(registration_id=registration.id, name=Words(en="Fee"), net=Decimal(100),
                   tax_rate=Decimal(0), tax=Decimal(0), created_at=clock.now())
        )  # fmt: skip
        db.session.add(
            Payment(registration_id=registration.id, amount=Decimal(paid),
                    received_on=date(2027, 1, 1), recorded_at=clock.now())
        )  # fmt: skip
    db.session.flush()

    assert emails(trip, unpaid=True, to_whom=BOTH) == ["ana@beta.example", "bo@beta.example"]


def test_who_has_not_opened_the_link(trip):
    al, company_of_bo = of(trip, "al"), of(trip, "bo").registration
    al.opened_at = company_of_bo.opened_at = clock.now()
    db.session.flush()

    assert emails(trip, unopened=True, to_whom=BOTH) == [
        "ana@alpha.example", "ada@alpha.example", "bo@beta.example", "ana@gamma.example",
        "gus@gamma.example",
    ]  # fmt: skip


def test_one_letter_an_address_whatever_its_case(session):
    trip = make_trip()
    company(trip, "alpha", "al", coordinator="AL@alpha.example")
    company(trip, "beta", "bo", coordinator="al@Alpha.example")

    assert emails(trip, to_whom=BOTH) == ["AL@alpha.example", "bo@beta.example"]
    twice = audience.people(trip, Audience(ToWhom.COORDINATORS), per_company=True)
    assert [(each.company, each.email) for each in twice] == [
        ("alpha", "AL@alpha.example"),
        ("beta", "al@Alpha.example"),
    ]


def test_who_is_left_out_and_why(trip):
    al, ada, gus = (of(trip, name) for name in ("al", "ada", "gus"))
    db.session.add(Bounce(email="al@alpha.example", at=clock.now(), words="no such user"))
    db.session.add(Bounce(email="bo@beta.example", at=clock.now(), words="full",
                          cleared_at=clock.now()))  # fmt: skip
    db.session.add(OptOut(trip_id=trip.id, email="bo@beta.example", topic=Topic.NEWS,
                          at=clock.now()))  # fmt: skip
    delegates.withdraw(ada, "", audits.SYSTEM)
    gus.erased_at = clock.now()
    db.session.flush()

    plain = audience.choose(trip, Audience())
    news = audience.choose(trip, Audience(), is_news=True)

    assert [each.email for each in plain.people] == ["bo@beta.example"]
    assert dict(plain.reasons) == {Why.BOUNCED: 1, Why.GONE: 1, Why.ERASED: 1}
    assert news.people == []
    assert news.reasons[Why.OPTED_OUT] == 1
    assert al.state == DelegateState.COMING


def test_all_filters_together(trip):
    item = make_item(trip, **at(26))
    publish(trip)
    asked = Audience(
        organization_ids=frozenset({of(trip, "bo").registration.organization_id}),
        day=date(2027, 10, 26),
        item_uid=item.uid,
        states=frozenset({ACCEPTED}),
        delegate_states=frozenset({DelegateState.COMING}),
        language="fr",
        unopened=True,
    )

    assert [each.email for each in audience.people(trip, asked)] == ["bo@beta.example"]
    for other in (
        replace(asked, language="en"),
        replace(asked, day=date(2027, 10, 27)),
        replace(asked, missing=True),
        replace(asked, unpaid=True),
    ):
        assert audience.people(trip, other) == []


def test_a_tour_that_is_over_has_people_still(trip, hold_clock):
    hold_clock(clock.now() + timedelta(days=900))

    assert len(emails(trip, to_whom=BOTH)) == 7


def test_the_statements_are_as_many_for_one_company_as_for_seven(trip, statements):
    make_item(trip, **at(26))
    make_item(trip, attendance=Attendance.OPTIONAL, **at(26, 14))
    publish(trip)
    asked = Audience(ToWhom.BOTH, day=date(2027, 10, 26), missing=True, unpaid=False)
    audience.people(trip, asked)

    with statements() as few:
        audience.people(trip, asked)
    for number in range(3):
        company(trip, f"more{number}", "x", "y", "z")
    db.session.flush()
    with statements() as many:
        audience.people(trip, asked)

    assert len(few) == len(many)


def test_an_audience_is_the_same_after_a_round_trip(trip):
    asked = Audience(
        to_whom=ToWhom.BOTH,
        organization_ids=frozenset({3, 1}),
        day=date(2027, 10, 26),
        stop_id=4,
        track_id=5,
        item_uid=make_item(trip).uid,
        waits=True,
        states=frozenset({ACCEPTED, RegistrationState.OFFERED}),
        delegate_states=frozenset({DelegateState.WAITING}),
        missing=True,
        unpaid=True,
        language="fr",
        unopened=True,
        any_language=True,
    )

    assert audience.from_plain(asked.plain()) == asked
    assert audience.from_plain(Audience().plain()) == Audience()
    assert audience.from_plain({}) == Audience()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to_whom", "everybody"),
        ("organization_ids", ["x"]),
        ("organization_ids", [-1]),
        ("organization_ids", 3),
        ("organization_ids", [2**63]),
        ("organization_ids", [1] * 5001),
        ("day", "soon"),
        ("day", 3),
        ("stop_id", 2**70),
        ("stop_id", True),
        ("track_id", "1"),
        ("item_uid", "no"),
        ("item_uid", 5),
        ("states", ["gone"]),
        ("states", "accepted"),
        ("delegate_states", ["withdrawn"]),
        ("missing", "yes"),
        ("language", "de"),
        ("language", ["en"]),
    ],
)
def test_a_plain_dict_that_is_none_is_refused_by_field(field, value):
    with pytest.raises(audience.AudienceRefused) as refused:
        audience.from_plain({field: value})

    assert refused.value.field == field


def test_ids_of_nothing_find_nobody(trip):
    nothing = 2**40  # far above what a run of tests counts to
    for asked in (
        {"stop_id": nothing},
        {"track_id": nothing},
        {"organization_ids": frozenset({nothing})},
    ):
        assert emails(trip, **asked) == []

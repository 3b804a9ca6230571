"""Changes by a company: at once before the freeze, as requests after it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import delegate_data, make_registration, make_staff, make_trip
from webapp import clock
from webapp.db import Words
from webapp.domain import amendments, answers, audits, changing, delegates, questions, registrations
from webapp.domain.question_rules import QuestionValues
from webapp.models.amendment import Amendment, AmendmentKind, AmendmentState
from webapp.models.audit import AuditEntry
from webapp.models.delegate import DelegateState
from webapp.models.mail import Mail
from webapp.models.question import AnswerKind, Asked, Sensitivity, Stage
from webapp.models.registration import RegistrationState

ADD, EDIT, REPLACE = AmendmentKind.ADD, AmendmentKind.EDIT, AmendmentKind.REPLACE
WITHDRAW, COMPANY, ANSWERS = AmendmentKind.WITHDRAW, AmendmentKind.COMPANY, AmendmentKind.ANSWERS
ACCEPTED = RegistrationState.ACCEPTED
GONE = {"state": "withdrawn"}


def frozen_trip(**values):
    past = clock.now() - timedelta(hours=1)
    return make_trip(**{"freezes_at": past, "contact_email": "desk@example.org"} | values)


@pytest.fixture
def company(session):
    return make_registration(frozen_trip(), 2, ACCEPTED)


@pytest.fixture
def staff(company):
    return audits.by_staff(make_staff(trip=company.trip))


def ask(company, kind, wanted, delegate=None, note="", seen=None):
    by = audits.by_company(company)
    return amendments.do_or_ask(company, kind, wanted, note, by, delegate, seen)


def letters(session, name: str) -> list[tuple[str, dict]]:
    found = session.scalars(select(Mail).where(Mail.letter == name).order_by(Mail.id))
    return [(mail.to_email, mail.facts) for mail in found]


def names(company) -> list[str]:
    return [delegate.given_name for delegate in company.delegates]


def test_before_the_freeze_a_change_is_done_and_none_after_is(session):
    later = clock.now() + timedelta(hours=1)
    company = make_registration(frozen_trip(freezes_at=later), 1, ACCEPTED)
    ana = company.delegates[0]

    assert ask(company, EDIT, {"given_name": "Ana"}, ana) is None
    new = changing.person(delegate_data(given_name="Ben"), invited=False)
    assert ask(company, ADD, new) is None

    assert names(company) == ["Ana", "Ben"]
    assert session.scalars(select(Amendment)).all() == []


def test_the_very_second_of_the_freeze_counts_as_frozen(session, hold_clock):
    company = make_registration(make_trip(), 1, ACCEPTED)
    company.trip.freezes_at = clock.now()
    hold_clock(company.trip.freezes_at - timedelta(seconds=1))
    assert ask(company, EDIT, {"given_name": "Ana"}, company.delegates[0]) is None
    hold_clock(company.trip.freezes_at)

    assert ask(company, EDIT, {"given_name": "Zoé"}, company.delegates[0]).state == "open"


def test_after_it_nothing_changes_until_an_organizer_agrees(session, company, staff):
    ana = company.delegates[0]

    asked = ask(company, EDIT, {"given_name": "Ana", "phone": ana.phone}, ana, "a typing error")

    assert (asked.before, asked.wanted) == ({"given_name": "Zoé"}, {"given_name": "Ana"})
    assert (asked.state, asked.asked_by, asked.note) == (
        "open",
        "Ana Coordinator",
        "a typing error",
    )
    assert ana.given_name == "Zoé"
    assert letters(session, "amendment_asked") == [
        ("desk@example.org", {"kind": "edit", "amendment_id": asked.id})
    ]

    amendments.accept(asked, staff, "of course")

    assert (ana.given_name, asked.state, asked.reason) == ("Ana", "accepted", "of course")
    assert asked.decided_by_id == staff.staff_id
    told = letters(session, "amendment_decided")
    assert [(to, facts["accepted"], facts["reason"]) for to, facts in told] == [
        (company.coordinator_email, True, "of course")
    ]
    history = [(e.action, e.actor, e.after["kind"]) for e in audits.of(asked)]
    assert history == [("decide", "staff", "edit"), ("ask", "company", "edit")]


def test_a_refusal_needs_a_reason_and_changes_nothing(session, company, staff):
    asked = ask(company, WITHDRAW, GONE, company.delegates[1])

    with pytest.raises(amendments.ReasonMissing):
        amendments.decline(asked, "  ", staff)
    amendments.decline(asked, "the hotel is paid", staff)

    assert (asked.state, asked.reason) == ("declined", "the hotel is paid")
    assert len(company.delegates) == 2
    assert [f["accepted"] for _to, f in letters(session, "amendment_decided")] == [False]


def test_what_had_not_been_given_is_taken_at_once(session, company):
    ana = company.delegates[0]
    ana.phone = None
    wanted = {"given_name": "Ana", "phone": "+33491000000", "job_title": ""}

    asked = ask(company, EDIT, wanted, ana)

    assert ana.phone == "+33491000000"
    assert asked.wanted == {"given_name": "Ana", "job_title": ""}
    assert ask(company, EDIT, {"phone": ana.phone}, ana) is None


def test_the_own_data_of_an_invited_colleague_is_never_a_request(session, company):
    colleague = delegates.add(
        company, delegate_data(given_name="", family_name=""), audits.SYSTEM, invited=True
    )
    wanted = {"given_name": "Ida", "family_name": "Roy", "language": "fr"}

    by = audits.by_delegate(colleague)
    assert amendments.do_or_ask(company, EDIT, wanted, "", by, colleague) is None

    assert (colleague.name, colleague.language, colleague.awaits_data) == ("Ida Roy", "fr", False)


def test_each_kind_is_done_when_it_is_agreed_to(session, company, staff):
    ana, ben = company.delegates
    new = changing.person(delegate_data(given_name="Nia"), invited=False)
    other = changing.person(delegate_data(given_name="Oto", family_name=""), invited=True)
    asked = [
        ask(company, ADD, new),
        ask(company, REPLACE, other, ana),
        ask(company, WITHDRAW, GONE, ben, "ill"),
        ask(company, COMPANY, {"coordinator_name": "Max"}),
    ]
    assert names(company) == ["Zoé", "Zoé"]

    for each in asked:
        amendments.accept(each, staff)

    assert names(company) == ["Nia", "Oto"]
    assert (ana.state, ben.state) == (DelegateState.REPLACED, DelegateState.WITHDRAWN)
    assert company.delegates[1].awaits_data
    assert company.coordinator_name == "Max"
    why = select(AuditEntry.reason).where(AuditEntry.object_id == ben.id, AuditEntry.reason != "")
    assert session.scalars(why).all() == ["ill"]


def test_what_cannot_be_done_is_refused_when_it_is_asked_for(session, company):
    there = changing.person(delegate_data(email=company.delegates[0].email), invited=False)
    with pytest.raises(delegates.AlreadyThere):
        ask(company, ADD, there)
    single = make_registration(company.trip, 1, ACCEPTED)
    with pytest.raises(delegates.LastDelegate):
        ask(single, WITHDRAW, GONE, single.delegates[0])

    assert session.scalars(select(Amendment)).all() == []
    assert letters(session, "registration_changed") == []


def test_what_was_only_tried_leaves_nothing_behind(session, company):
    def stored() -> list[int]:
        return [session.scalar(select(kind.id).order_by(kind.id.desc())) for kind in (Mail,)]

    before = names(company), stored()
    ask(company, ADD, changing.person(delegate_data(), invited=False))

    assert names(company) == before[0]
    assert [mail.letter for mail in session.scalars(select(Mail))] == ["amendment_asked"]


def test_the_same_request_twice_is_one(session, company):
    first = ask(company, WITHDRAW, GONE, company.delegates[0])

    assert ask(company, WITHDRAW, GONE, company.delegates[0]) is first
    assert len(letters(session, "amendment_asked")) == 1


def test_a_request_is_stale_when_what_it_changes_was_changed(session, company, staff):
    ana = company.delegates[0]
    asked = ask(company, EDIT, {"given_name": "Ana"}, ana)
    delegates.edit(ana, delegate_data(given_name="Anna", email=ana.email), staff)

    with pytest.raises(amendments.Stale) as refused:
        amendments.accept(asked, staff)

    assert refused.value.keys == ("given_name",)
    assert (ana.given_name, asked.state) == ("Anna", "open")


def test_another_change_of_the_same_delegate_is_kept(session, company, staff):
    ana = company.delegates[0]
    asked = ask(company, EDIT, {"given_name": "Ana"}, ana)
    delegates.edit(ana, delegate_data(given_name="Zoé", email=ana.email, job_title="CEO"), staff)

    amendments.accept(asked, staff)

    assert (ana.given_name, ana.job_title) == ("Ana", "CEO")


def test_a_request_about_somebody_who_left_is_stale(session, company, staff):
    ana = company.delegates[0]
    asked = ask(company, EDIT, {"given_name": "Ana"}, ana)
    delegates.withdraw(ana, "", staff)

    with pytest.raises(amendments.Stale):
        amendments.accept(asked, staff)


def test_it_is_decided_or_taken_back_once(session, company, staff):
    asked = ask(company, EDIT, {"given_name": "Ana"}, company.delegates[0])
    amendments.withdraw(asked, audits.by_company(company))

    for again in (
        lambda: amendments.accept(asked, staff),
        lambda: amendments.decline(asked, "no", staff),
        lambda: amendments.withdraw(asked, audits.by_company(company)),
    ):
        with pytest.raises(amendments.NoLongerOpen):
            again()
    assert asked.state == AmendmentState.WITHDRAWN
    assert letters(session, "amendment_decided") == []


def test_several_are_decided_each_by_itself(session, company, staff):
    ana, ben = company.delegates
    asked = [
        ask(company, WITHDRAW, GONE, ana),
        ask(company, WITHDRAW, GONE, ben),
        ask(company, COMPANY, {"coordinator_name": "Max"}),
    ]
    foreign = make_registration(frozen_trip(), 1, ACCEPTED)
    other = ask(foreign, COMPANY, {"coordinator_name": "Eve"})

    answers_ = amendments.decide_many(
        company.trip, [each.id for each in (*asked, other)], True, "", staff
    )

    assert [(each.id, type(error)) for each, error in answers_] == [
        (asked[0].id, type(None)),
        (asked[1].id, delegates.LastDelegate),
        (asked[2].id, type(None)),
    ]
    assert [each.state for each in asked] == ["accepted", "open", "accepted"]
    assert other.state == "open"
    assert [each.id for each in amendments.open_of(company.trip)] == [asked[1].id]
    assert amendments.count_open(company.trip) == 1


def test_requests_of_a_company_that_is_out_wait_for_nobody(session, company, staff):
    asked = ask(company, COMPANY, {"coordinator_name": "Max"})
    registrations.cancel(company, "", staff)

    assert amendments.open_of(company.trip) == []
    with pytest.raises(amendments.Stale):
        amendments.accept(asked, staff)


def test_a_form_never_sets_back_what_somebody_changed_meanwhile(session):
    company = make_registration(make_trip(), 1)
    ana = company.delegates[0]
    seen = amendments.fingerprint({"given_name": "Zoé", "job_title": "Head of Sales"})
    delegates.edit(
        ana, delegate_data(given_name="Zoé", email=ana.email, job_title="CEO"), audits.SYSTEM
    )

    with pytest.raises(amendments.ChangedMeanwhile) as refused:
        ask(company, EDIT, {"given_name": "Ana", "job_title": "Head of Sales"}, ana, seen=seen)
    assert refused.value.now == {"job_title": "CEO"}

    ask(company, EDIT, {"given_name": "Ana", "job_title": "CEO"}, ana, seen=seen)
    assert (ana.given_name, ana.job_title) == ("Ana", "CEO")


class Asks:
    """Questions to each delegate: one plain, one sealed."""

    def __init__(self, trip) -> None:
        self.shirt, self.diet = (
            questions.add(
                trip,
                QuestionValues(
                    Stage.TRAVEL, Asked.DELEGATE, AnswerKind.TEXT, Words(en=label),
                    sensitivity=sensitivity,
                ),
                audits.SYSTEM,
            ).key
            for label, sensitivity in (
                ("Shirt", Sensitivity.PLAIN), ("Diet", Sensitivity.HEALTH)
            )
        )  # fmt: skip


def test_sensitive_answers_are_saved_at_once_and_stand_in_no_request(session, company, staff):
    keys, ana = Asks(company.trip), company.delegates[0]

    first = ask(company, ANSWERS, {keys.shirt: "M", keys.diet: "no nuts"}, ana)
    then = ask(company, ANSWERS, {keys.shirt: "L", keys.diet: "no fish"}, ana)

    assert first is None
    assert (then.before, then.wanted) == ({keys.shirt: "M"}, {keys.shirt: "L"})
    by_key = {q.key: q.id for q in questions.of(company.trip)}
    kept = answers.of_delegate(ana, private=True)
    assert (kept[by_key[keys.shirt]], kept[by_key[keys.diet]]) == ("M", "no fish")
    assert "fish" not in str([(e.before, e.after) for e in session.scalars(select(AuditEntry))])

    amendments.accept(then, staff)

    assert answers.of_delegate(ana, private=True)[by_key[keys.shirt]] == "L"

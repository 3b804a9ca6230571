"""Export of everything held about a human, and erasure: afterwards nothing is found anywhere."""

import email
import email.policy
import json
import re

import pytest
import sqlalchemy as sa
from flask import current_app

from tests.domain import sample_files as made
from tests.factories import (
    application,
    delegate_data,
    make_item,
    make_prospect,
    make_registration,
    make_staff,
    make_trip,
    publish,
    utc,
)
from webapp import clock, tokens
from webapp.db import Base, Sealed, Words, db, transaction
from webapp.domain import (
    amendments,
    answers,
    audits,
    bounces,
    consents,
    correspondence,
    delegates,
    documents,
    feeds,
    merges,
    opt_outs,
    picks,
    privacy,
    prospects,
    registrations,
    seats,
    tours,
)
from webapp.domain.opt_outs import Reader
from webapp.domain.prospect_lists import Asked as Invited
from webapp.domain.prospect_lists import Row as ProspectRow
from webapp.mail import outbox
from webapp.models.agenda import Attendance
from webapp.models.amendment import Amendment, AmendmentKind
from webapp.models.consent import Purpose
from webapp.models.delegate import DelegateState
from webapp.models.mail import Mail, MailAttempt, MailState, Outcome, Topic
from webapp.models.person import Person, PersonAlias
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity, Stage
from webapp.models.registration import RegistrationState

WHO = {
    "given_name": "Oriane",
    "family_name": "Quillévéré-Nadeau",
    "email": "Oriane.Q@Blue-Wave.example.com",
    "phone": "+33491007788",
    "job_title": "Head of Tidal Turbines",
}
ANSWERS = {
    "hotel": "Villa Marégraphe",
    "diet": "no shellfish, anaphylaxis",
    "passport": "19XK77431",
}


@pytest.fixture(autouse=True)
def _files(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)


def ask(session, trip, key, sensitivity=Sensitivity.PLAIN, kind=AnswerKind.TEXT):
    question = Question(
        trip_id=trip.id,
        key=key,
        position=1,
        stage=Stage.APPLY,
        asked=Asked.DELEGATE,
        kind=kind,
        label=Words(en=f"Your {key}"),
        sensitivity=sensitivity,
    )
    session.add(question)
    session.flush()
    return question


@pytest.fixture
def oriane(session):
    """Somebody of whom there is something of every kind."""
    with transaction():
        trip = make_trip()
        ask(session, trip, "hotel")
        ask(session, trip, "diet", Sensitivity.HEALTH)
        ask(session, trip, "passport", Sensitivity.TRAVEL)
        item = make_item(trip, attendance=Attendance.OPTIONAL, capacity=1)
        publish(trip)
        first = registrations.submit(trip.id, application(1))
        mine = registrations.submit(
            trip.id, application(0, delegates=(delegate_data(**WHO), delegate_data(2)))
        )
        for each in (first, mine):
            registrations.decide(each, RegistrationState.ACCEPTED, "", audits.SYSTEM)
        me = mine.delegates[0]
        by = audits.by_delegate(me)
        answers.save(mine, me, ANSWERS, by)
        documents.take(mine, me, None, "Oriane Quillévéré-Nadeau CV.pdf", made.PDF, by)
        consents.set(me, [Purpose.LIST], "en", by)
        picks.choose(me, item.uid, by)
        picks.choose(first.delegates[0], item.uid, audits.by_delegate(first.delegates[0]))
        delegates.edit(me, delegate_data(**WHO | {"job_title": "Director"}), by)
        trip.freezes_at = utc(2020, 1, 1)
        amendments.do_or_ask(
            mine, AmendmentKind.WITHDRAW, {"state": "withdrawn"}, "Oriane Quillévéré-Nadeau is ill",
            audits.by_company(mine), me,
        )  # fmt: skip
        audits.write(
            audits.SYSTEM, mine, "note", trip_id=trip.id, reason="Told Oriane Quillévéré-Nadeau."
        )
    return me


def held(subject, private=None) -> dict:
    """The JSON that stands in the file."""
    page = privacy.export(subject, "en", private).decode()
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return json.loads(found[1])


def everything() -> dict[str, str]:
    """Every text and JSON value of every table, and what is sealed, by table and column."""
    db.session.flush()
    found = {}
    key = current_app.secret_key
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.Integer | sa.DateTime | sa.Boolean | sa.Date):
                continue
            sealed = isinstance(column.type, Sealed)
            raw = sa.type_coerce(column, sa.LargeBinary) if sealed else sa.cast(column, sa.Text)
            if isinstance(column.type, sa.LargeBinary) and not sealed:
                raw = sa.type_coerce(column, sa.LargeBinary)
            query = sa.select(raw).where(column.is_not(None))
            if table.name == "mails":
                query = query.where(table.c.letter != "person_erased")
            for value in db.session.scalars(query):
                if sealed:
                    value = tokens.unseal(key, bytes(value))
                text = (
                    bytes(value).decode("utf-8", "replace") if not isinstance(value, str) else value
                )
                name = f"{table.name}.{column.name}"
                found[name] = found.get(name, "") + "\n" + text
    return found


def where(*words: str) -> list[tuple[str, str]]:
    return [
        (column, word)
        for column, text in everything().items()
        for word in words
        if word.casefold() in text.casefold()
    ]


MARKS = (*[v for k, v in WHO.items() if k != "job_title"], *ANSWERS.values(), "Tidal Turbines")


def test_the_leak_test_finds_what_is_there(oriane):
    assert {word for _column, word in where(*MARKS)} == set(MARKS)


def test_after_erasing_nothing_tells_of_the_human_in_any_column(oriane, tmp_path):
    registration = oriane.registration
    with transaction():
        privacy.erase(oriane, audits.SYSTEM, "Oriane Quillévéré-Nadeau asked by mail, 1 Sept.")

    assert where(*MARKS) == []
    assert oriane.erased_at is not None
    assert (oriane.name, oriane.phone) == ("N. N.", None)
    assert [p for p in (tmp_path / "files").rglob("*") if p.is_file()] == []
    [last] = db.session.scalars(sa.select(Mail).where(Mail.letter == "person_erased"))
    assert (last.to_email, last.delegate_id) == (WHO["email"], None)
    assert audits.of(oriane)[0].reason == "N. N. asked by mail, 1 Sept."
    assert [d.state for d in registration.everybody] == [
        DelegateState.WITHDRAWN,
        DelegateState.COMING,
    ]


def test_links_and_calendar_end_and_the_place_in_a_session_passes_on(oriane):
    trip = oriane.registration.trip
    token, feed = oriane.token, feeds.of_delegate(oriane).token
    [waiting] = [
        d
        for d in db.session.scalars(sa.select(type(oriane)))
        if d.id != oriane.id and picks.ranks(d)
    ]
    with transaction():
        privacy.erase(oriane, audits.SYSTEM, "asked")

    assert delegates.by_token(token).erased_at is not None  # so that the address says 410
    assert feeds.is_gone(feeds.by_token(feed))
    assert oriane.token != token
    assert picks.of(oriane) == {}
    assert [pick.state for pick in picks.of(waiting).values()] == ["chosen"]
    places = seats.places(trip)
    assert (places.delegates, places.organizations) == (2, 2)
    assert consents.of(oriane) == {}
    assert [each.purpose for each in consents.history(oriane)] == [Purpose.LIST]


def test_erasing_twice_or_without_a_reason_is_refused(oriane):
    with pytest.raises(privacy.ReasonMissing):
        privacy.erase(oriane, audits.SYSTEM, " ")
    privacy.erase(oriane, audits.SYSTEM, "asked")
    with pytest.raises(privacy.AlreadyErased):
        privacy.erase(oriane, audits.SYSTEM, "asked")


def test_letters_that_wait_are_not_sent_and_those_to_others_are_written_anew(oriane):
    registration = oriane.registration
    with transaction():
        privacy.erase(oriane, audits.SYSTEM, "asked")

    letters = outbox.of_registration(registration.id)
    assert [each for each in letters if each.delegate_id == oriane.id] == []
    changed = [each for each in letters if each.letter == "registration_changed"]
    assert changed[-1].facts["changes"] == [{"what": "withdraw", "who": "N. N."}]
    assert {each.message for each in letters} == {None}


def test_what_is_known_of_the_address_goes_with_it(oriane):
    trip, who = oriane.registration.trip, Reader(oriane.registration.trip_id, oriane.email.lower())
    other = Reader(trip.id, "somebody@else.example")
    for each in (who, other):
        opt_outs.stop(each, Topic.DAYS)
        bounces.mark(each.email, "5.1.1", "no such user", None)
    with transaction():
        privacy.erase(oriane, audits.SYSTEM, "asked")

    assert (opt_outs.of(who), opt_outs.of(other)) == (frozenset(), {Topic.DAYS})
    assert (bounces.active(who.email), bounces.active(other.email) is None) == (None, False)


def test_held_letters_are_not_sent_and_what_servers_said_names_nobody(oriane):
    registration = oriane.registration
    sent = outbox.of_registration(registration.id)[-1]
    with transaction():
        sent.state = MailState.SENT
        said = f"550 <{oriane.email}> unknown"
        db.session.add(
            MailAttempt(
                mail_id=sent.id, number=1, at=clock.now(), outcome=Outcome.LATER, words=said
            )
        )
        bounces.mark(oriane.email, "5.1.1", "no such user", None)
        privacy.erase(oriane, audits.SYSTEM, "asked")

    held = [mail for mail in outbox.of_registration(registration.id) if mail.state == "held"]
    assert held == []
    assert db.session.scalars(sa.select(MailAttempt.words)).all() == ["550 <N. N.> unknown"]


def test_letters_written_afterwards_tell_of_nobody_and_one_tells_the_human(oriane):
    with transaction():
        privacy.erase(oriane, audits.SYSTEM, "asked")
    while correspondence.write_due(50):
        db.session.flush()

    said = {}
    for mail in db.session.scalars(sa.select(Mail).where(Mail.message.is_not(None))):
        letter = email.message_from_bytes(mail.message, policy=email.policy.default)
        text = letter.get_body(("plain",)).get_content() + letter.get_body(("html",)).get_content()
        said.setdefault(mail.letter, []).append(f"{letter['Subject']} {letter['To']} {text}")
    assert len(said.pop("person_erased")) == 1
    assert said  # what waited for others is written
    everything_said = str(said).casefold()
    assert [mark for mark in MARKS if mark.casefold() in everything_said] == []


def test_of_the_only_delegate_the_registration_is_cancelled(session):
    registration = make_registration(make_trip(), 1)
    with transaction():
        privacy.erase(registration.delegates[0], audits.SYSTEM, "asked")

    assert registration.state == RegistrationState.CANCELLED
    assert registration.coordinator_name == "Ana Coordinator"


def test_after_the_tour_who_travelled_stays_counted(oriane, hold_clock):
    trip = oriane.registration.trip
    hold_clock(utc(2028, 1, 1))
    before = seats.places(trip)
    with transaction():
        privacy.erase(oriane, audits.SYSTEM, "asked")

    assert seats.places(trip) == before
    assert oriane.state == DelegateState.COMING
    assert where(*MARKS) == []


def test_a_coordinator_of_others_hands_over_first(session):
    trip = make_trip()
    data = delegate_data(**WHO)
    mine = make_registration(
        trip, delegates=(data, delegate_data(2)), coordinator_email=WHO["email"].lower(),
        coordinator_name="Oriane Quillévéré-Nadeau",
    )  # fmt: skip
    with pytest.raises(privacy.StillCoordinates) as refused:
        privacy.erase(mine.delegates[0], audits.SYSTEM, "asked")
    assert refused.value.references == (mine.reference,)

    registrations.hand_over(mine, "Ben Next", "ben@example.com", "en", audits.by_company(mine))
    privacy.erase(mine.delegates[0], audits.SYSTEM, "asked")

    assert where(*MARKS) == []
    assert mine.coordinator_name == "Ben Next"


def test_who_coordinates_only_for_oneself_is_erased_in_both_roles(session):
    mine = make_registration(
        make_trip(), delegates=(delegate_data(**WHO),), coordinator_email=WHO["email"],
        coordinator_name="Oriane Quillévéré-Nadeau", coordinator_phone=WHO["phone"],
    )  # fmt: skip
    old = mine.token
    with transaction():
        privacy.erase(mine.delegates[0], audits.SYSTEM, "asked")

    assert where(*MARKS) == []
    assert mine.coordinator_name == "N. N."
    assert registrations.by_token(old) is None


def test_the_person_stays_while_another_tour_knows_the_same_human(session):
    first, second = (
        make_registration(make_trip(), delegates=(delegate_data(**WHO), delegate_data(2)))
        for _ in range(2)
    )
    one, other = first.delegates[0], second.delegates[0]
    assert one.person_id == other.person_id

    assert privacy.erase(one, audits.SYSTEM, "asked").keeps_person
    assert db.session.get(Person, other.person_id).family_name == WHO["family_name"]
    assert not privacy.erase(other, audits.SYSTEM, "asked").keeps_person

    assert where(*MARKS) == []


def test_whoever_has_an_address_is_erased_in_every_tour_with_other_names(session):
    with transaction():
        regs = [
            make_registration(make_trip(), delegates=(delegate_data(**WHO), delegate_data(2)))
            for _ in range(2)
        ]
        person = regs[0].delegates[0].person
        alias = PersonAlias(
            person_id=person.id, given_name="Ori", family_name="Quill", email="ori@old.example.com"
        )
        session.add(alias)
    with transaction():
        done = privacy.erase_address("ORI@old.example.com", audits.SYSTEM, "asked")

    assert (done.delegations, done.keeps_person) == (2, False)
    assert where(*MARKS, "ori@old.example.com") == []
    with pytest.raises(privacy.AlreadyErased):
        privacy.erase_address("nobody@example.com", audits.SYSTEM, "asked")


def test_the_file_tells_everything_and_no_secret(oriane):
    page = privacy.export(privacy.of_delegate(oriane), "en")
    data = held(privacy.of_delegate(oriane))

    (one,) = data["delegations"]
    assert [(a["key"], a["value"], a["sealed"]) for a in one["answers"]] == [
        ("hotel", ANSWERS["hotel"], False),
        ("diet", ANSWERS["diet"], True),
        ("passport", ANSWERS["passport"], True),
    ]
    assert (one["given_name"], one["email"], one["phone"]) == (
        WHO["given_name"],
        WHO["email"],
        WHO["phone"],
    )
    assert [c["wording"] for c in one["consents"]] == [consents.wording(Purpose.LIST, "en")]
    assert [d["filename"] for d in one["documents"]] == ["Oriane Quillévéré-Nadeau CV.pdf"]
    assert [s["title"] for s in one["sessions"]] == ["Visit of the shipyard"]
    assert [r["note"] for r in one["requests"]] == ["Oriane Quillévéré-Nadeau is ill"]
    assert {m["letter"] for m in data["letters"]} == {"delegate_welcome", "delegate_status"}
    assert "consent" in {entry["action"] for entry in data["history"]}
    assert data["people"][0]["email"] == WHO["email"]
    for word in (*ANSWERS.values(), "Director", "<h1>Your data at Escale</h1>"):
        assert word in page.decode()
    for secret in (oriane.token, feeds.of_delegate(oriane).token, oriane.registration.token):
        assert secret.encode() not in page


def test_sealed_data_stays_out_for_who_may_not_read_it(oriane):
    data = held(privacy.of_person(oriane.person, {oriane.registration.trip_id}), private=())
    page = privacy.export(privacy.of_person(oriane.person), "en", private=())

    assert [a["value"] for a in data["delegations"][0]["answers"]] == [
        ANSWERS["hotel"],
        None,
        None,
    ]
    assert ANSWERS["diet"].encode() not in page
    assert ANSWERS["passport"].encode() not in page


def test_a_link_opens_what_stands_under_its_own_address_and_nothing_else(session):
    trip = make_trip()
    me = make_registration(trip, delegates=(delegate_data(**WHO),)).delegates[0]
    abroad = make_registration(make_trip(), delegates=(delegate_data(**WHO),))
    make_registration(trip, 1, coordinator_email=WHO["email"])
    me.person.email = "somebody.else@example.com"  # another address of the same row
    session.flush()

    subject = privacy.of_delegate(me)

    assert {d.registration_id for d in subject.delegates} == {me.registration_id, abroad.id}
    assert len(subject.coordinated) == 1
    assert subject.people == ()


def test_text_from_outside_cannot_end_the_data(session):
    evil = "</script><script>alert(1)</script>"
    me = make_registration(
        make_trip(), delegates=(delegate_data(**WHO | {"job_title": evil}),)
    ).delegates[0]

    page = privacy.export(privacy.of_delegate(me), "fr").decode()

    assert evil not in page
    assert held(privacy.of_delegate(me))["delegations"][0]["job_title"] == evil


def test_asking_to_be_erased_is_noted_once_until_it_is_done(session):
    registration = make_registration(make_trip(), 2)
    me, other = registration.delegates
    trip = registration.trip
    for _ in range(2):
        privacy.ask_erasure(me, audits.by_delegate(me))

    assert (privacy.has_asked(me), privacy.has_asked(other)) == (True, False)
    assert [d.id for d, _entry in privacy.open_requests(trip)] == [me.id]
    privacy.erase(me, audits.by_staff(make_staff()), "asked")
    assert privacy.open_requests(trip) == []


def test_what_a_coordinator_asked_for_says_no_name(session):
    who = {"coordinator_name": "Oriane Quillévéré-Nadeau", "coordinator_email": WHO["email"]}
    mine = make_registration(make_trip(), 1, **who)
    asked = request(mine, AmendmentKind.COMPANY, note="Write to Oriane Quillévéré-Nadeau")
    asked.before, asked.wanted = dict(who), {"coordinator_name": "Ben Next"}
    asked.asked_by = who["coordinator_name"]
    registrations.cancel(mine, "", audits.SYSTEM)
    with transaction():
        privacy.erase_address(WHO["email"], audits.SYSTEM, "asked")

    assert where(*MARKS) == []
    assert (asked.wanted, asked.asked_by) == ({"coordinator_name": "Ben Next"}, "N. N.")


def test_the_only_delegate_is_given_up_while_the_tour_is_called_off(session):
    registration = make_registration(make_trip(), 1)
    tours.call_off(registration.trip, audits.SYSTEM, "A strike.")
    with transaction():
        privacy.erase(registration.delegates[0], audits.SYSTEM, "asked")

    assert registration.state == RegistrationState.CANCELLED


def test_a_place_is_given_up_while_the_tour_is_called_off(session):
    trip = make_trip(max_delegates=2)
    registration = make_registration(trip, 2, RegistrationState.ACCEPTED)
    other = make_registration(trip, 1, RegistrationState.WAITLISTED)
    me, colleague = registration.delegates
    tours.call_off(trip, audits.SYSTEM, "A strike.")
    with transaction():
        privacy.erase(me, audits.SYSTEM, "asked")

    assert [d.state for d in (me, colleague)] == [DelegateState.WITHDRAWN, DelegateState.COMING]
    assert {"withdraw", "erase"} <= {entry.action for entry in audits.of(me)}
    assert (seats.places(trip).delegates, other.state) == (1, RegistrationState.WAITLISTED)


def test_what_ends_with_an_erasure_has_its_history(oriane):
    trip, registration = oriane.registration.trip, oriane.registration
    [request] = amendments.of(registration)
    prospect = make_prospect(trip)
    prospect.email = WHO["email"]
    reason = "Oriane Quillévéré-Nadeau asked."
    by = audits.by_staff(make_staff())
    with transaction():
        privacy.erase(oriane, by, reason)

    ended = audits.of(request)[0]
    assert (ended.action, ended.actor_name) == ("take back", by.name)
    assert (ended.before, ended.reason) == ({"state": "open"}, "N. N. asked.")
    assert ended.after == {"state": "withdrawn", "kind": "withdraw"}
    taken = audits.of(prospect)[0]
    assert (taken.action, taken.actor_name) == ("withdraw", by.name)
    assert (taken.before, taken.after) == ({"state": "asked"}, {"state": "withdrawn"})
    assert taken.reason == "N. N. asked."


def request(registration, kind, delegate=None, **values):
    """A request of a company, with the data of the human before and after."""
    found = Amendment(
        trip_id=registration.trip_id, registration_id=registration.id, kind=kind,
        delegate_id=delegate.id if delegate else None, before=dict(WHO), wanted=dict(WHO),
        asked_by="Ana", asked_at=utc(2026, 9, 1), **values,
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    return found


def test_what_any_company_of_the_tour_asked_about_the_human_goes(oriane):
    other = make_registration(oriane.registration.trip, 1)
    mine = request(oriane.registration, AmendmentKind.EDIT, oriane, note="Tidal Turbines need it")
    named = request(other, AmendmentKind.ADD, note="Oriane Quillévéré-Nadeau is ours now")
    with transaction():
        privacy.erase(oriane, audits.SYSTEM, "asked")

    assert where(*MARKS) == []
    assert (mine.before, mine.wanted, mine.note, mine.state) == ({}, {}, None, "withdrawn")
    assert (named.wanted, named.note, named.state) == ({}, "N. N. is ours now", "withdrawn")


def test_a_human_of_two_rows_and_two_registrations_that_were_merged_is_erased(session):
    trip = make_trip()
    registrations_ = [
        make_registration(trip, organization_name=name, delegates=people_)
        for name, people_ in (
            ("Blue Wave", (delegate_data(2),)),
            ("Blue-Wave SAS", (delegate_data(3), delegate_data(**WHO))),
        )
    ]
    older, younger = registrations_
    me = younger.delegates[1]
    correspondence.to_coordinator(
        "registration_changed", younger, 7, changes=[{"what": "edit", "who": me.name}]
    )
    younger.objectives = "A stage for Oriane Quillévéré-Nadeau"
    request(
        younger, AmendmentKind.EDIT, me, state="declined", reason="Not Oriane Quillévéré-Nadeau"
    )
    other = make_registration(
        make_trip(), delegates=(delegate_data(**WHO | {"email": "oriane@old.example.com"}),)
    ).delegates[0]
    merges.merge_organizations(older.organization, younger.organization, audits.SYSTEM, "one")
    merges.merge_people(other.person, me.person, audits.SYSTEM, "one")
    assert session.scalars(sa.select(PersonAlias)).one().email == WHO["email"]
    with transaction():
        privacy.erase(me, audits.SYSTEM, "asked")
        privacy.erase(other, audits.SYSTEM, "asked")

    assert where(*MARKS, "oriane@old.example.com") == []
    assert session.scalars(sa.select(PersonAlias)).all() == []


def test_of_an_invitation_alone_nothing_is_left(session):
    trip = make_trip()
    asked = Invited("Blue Wave", "Oriane Quillévéré-Nadeau", WHO["email"], "en")
    [prospect] = prospects.ask(trip, [ProspectRow(2, asked)], "Dear Oriane", audits.SYSTEM)
    prospects.refuse(prospect)
    with transaction():
        privacy.erase_address(WHO["email"], audits.SYSTEM, "Oriane Quillévéré-Nadeau asked.")

    assert where(*MARKS) == []

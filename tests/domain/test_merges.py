"""Two spellings become one company, two rows one human: everything follows, history stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import counted
from tests.factories import (
    application,
    delegate_data,
    make_item,
    make_registration,
    make_stop,
    make_trip,
    publish,
    utc,
)
from tests.together import alone, meanwhile, wait_until_one_waits
from webapp import clock
from webapp.db import Words, db, transaction
from webapp.domain import (
    audits,
    delegates,
    feeds,
    merges,
    organizations,
    people,
    published,
    registrations,
)
from webapp.domain.merges import MergeRefused, Sign, Why
from webapp.models.agenda import Audience, ItemRole
from webapp.models.audit import Actor
from webapp.models.delegate import DelegateState
from webapp.models.held import HeldPlaces
from webapp.models.mail import Mail
from webapp.models.organization import Organization, OrganizationAlias, OrganizationKind
from webapp.models.person import Person, PersonAlias
from webapp.models.question import Answer, AnswerKind, Asked, Question, Stage
from webapp.models.registration import RegistrationState
from webapp.models.trip import TripMember, TripPartner

ANA = audits.By(Actor.STAFF, "Ana Organizer")
ACCEPTED, SUBMITTED = RegistrationState.ACCEPTED, RegistrationState.SUBMITTED
WAITLISTED, CANCELLED = RegistrationState.WAITLISTED, RegistrationState.CANCELLED


def company(name, country="FR"):
    return organizations.find_or_add(name, OrganizationKind.COMPANY, country, None)


def merge(keep, drop):
    merges.merge_organizations(keep, drop, ANA, "The same company.")


def refusal(keep, drop, reason="The same company."):
    with pytest.raises(MergeRefused) as refused, db.session.begin_nested():
        merges.merge_organizations(keep, drop, ANA, reason)
    return refused.value.why


def registered(trip, name, *emails, state=ACCEPTED, **values):
    people_ = tuple(delegate_data(email=each) for each in emails)
    return make_registration(
        trip, state=state, organization_name=name, country="FR", delegates=people_, **values
    )


class TestOrganizations:
    def test_everything_hangs_on_the_one_that_is_kept(self, app):
        trip, other = make_trip(), make_trip()
        keep, drop = company("Blue Wave"), company("Blue-Wave SAS")
        stop = make_stop(trip, local_host_id=drop.id)
        item = make_item(trip, host_id=drop.id, company_ids=(keep.id, drop.id))
        alone_ = make_item(trip, company_ids=(drop.id,))
        there = registered(other, "Blue-Wave SAS", "a@x.example")
        block = HeldPlaces(
            trip_id=trip.id,
            organization_id=drop.id,
            places=2,
            until_at=clock.now() + timedelta(days=1),
            created_at=clock.now(),
        )
        partner = TripPartner(trip_id=trip.id, organization_id=drop.id, role=Words(en="Host"))
        members = [TripMember(trip_id=trip.id, organization_id=each.id) for each in (keep, drop)]
        alias = OrganizationAlias(organization_id=drop.id, name="BW", name_key="bw")
        db.session.add_all([block, partner, *members, alias])
        db.session.flush()

        merge(keep, drop)

        assert stop.local_host_id == item.host_id == partner.organization_id == keep.id
        assert block.organization_id == there.organization_id == keep.id
        assert [each.organization_id for each in item.companies] == [keep.id]
        assert [each.organization_id for each in alone_.companies] == [keep.id]
        assert [each.organization_id for each in trip.members] == [keep.id]
        assert [each.name for each in keep.aliases] == ["BW", "Blue-Wave SAS"]
        assert drop.merged_into_id == keep.id
        assert db.session.get(Organization, drop.id) is drop

    def test_nothing_is_left_on_the_other_row(self, app):
        """Whatever column will refer to an organization one day is thought of here."""
        columns = {
            f"{table.name}.{column.name}"
            for table in Organization.metadata.sorted_tables
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table.name == "organizations"
        }

        assert columns == {
            "agenda_items.host_id",
            "feeds.host_id",
            "held_places.organization_id",
            "item_companies.organization_id",
            "organization_aliases.organization_id",
            "organizations.merged_into_id",
            "partnerships.representative_id",
            "registrations.organization_id",
            "registrations.says_to_be_id",
            "stops.local_host_id",
            "trip_members.organization_id",
            "trip_partners.organization_id",
        }

    def test_what_was_moved_can_be_read_in_the_history(self, app):
        trip = make_trip()
        keep, drop = company("Blue Wave"), company("Blue-Wave SAS")
        drop.website = "https://blue.example"
        there = registered(trip, "Blue-Wave SAS", "a@x.example")

        merge(keep, drop)

        (entry,) = audits.of(drop)
        assert entry.action == "merge"
        assert entry.reason == "The same company."
        assert entry.before["name"] == "Blue-Wave SAS"
        assert entry.before["registrations"] == [there.id]
        assert entry.before["filled"] == ["website"]
        assert entry.after == {"merged_into": keep.id, "name": "Blue Wave"}
        assert keep.website == "https://blue.example"

    def test_the_old_name_finds_the_one_that_is_kept(self, app):
        keep, drop = company("Blue Wave"), company("Blau Welle", country="DE")

        merge(keep, drop)

        assert company("blau welle", country="DE") is keep
        assert organizations.by_name("BLAU WELLE") is keep
        assert company("Blue Wave") is keep
        assert organizations.named("Blau Welle", OrganizationKind.AGENCY) is keep

    def test_a_chain_of_merges_ends_at_the_last(self, app):
        first, second, third = company("One"), company("Two"), company("Three")

        merge(second, first)
        merge(third, second)

        assert company("One") is company("Two") is third
        assert (first.merged_into_id, second.merged_into_id) == (third.id, third.id)
        assert refusal(first, third) == refusal(third, first) == Why.MERGED

    def test_who_saw_a_published_session_goes_on_seeing_it(self, app):
        trip = make_trip()
        drop = company("Blue-Wave SAS")
        there = registered(trip, "Blue-Wave SAS", "a@x.example")
        item = make_item(trip, audience=Audience.COMPANIES, company_ids=(drop.id,))
        publish(trip)
        keep = company("Blue Wave")

        merge(keep, drop)

        assert [each.uid for each in published.for_company(there)] == [item.uid]
        assert trip.release.items[0].values["company_ids"] == [keep.id]

    def test_the_calendar_of_a_host_goes_on_under_the_name_that_is_kept(self, app):
        trip = make_trip()
        keep, drop = company("Blue Wave"), company("Blue-Wave SAS")
        make_item(trip, title=Words(en="Ours"), host_id=keep.id)
        make_item(trip, title=Words(en="Theirs"), host_id=drop.id)
        publish(trip)
        one = feeds.open_host(trip, drop, "en", ANA)
        twice = [feeds.open_host(trip, each, "fr", ANA) for each in (keep, drop)]
        token = one.token

        merge(keep, drop)

        assert one.host_id == keep.id
        assert (one.token, one.revoked_at) == (token, None)
        text = feeds.render(one).decode()
        assert [f"SUMMARY:{title}" in text for title in ("Ours", "Theirs")] == [True, True]
        assert [feed.revoked_at is None for feed in twice] == [True, False]

    def test_the_calendars_of_the_company_follow_its_name(self, app):
        trip = make_trip()
        keep, drop = company("Blue Wave"), company("Blue-Wave SAS")
        there = registered(trip, "Blue-Wave SAS", "a@x.example")
        feeds.prepare()
        feed = feeds.of_company(there)
        before = feed.changed_at

        merge(keep, drop)

        assert feed.changed_at > before
        assert b"Blue Wave\r\n" in feeds.render(feed)

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_a_reason_is_needed(self, app, reason):
        assert refusal(company("A"), company("B"), reason) == Why.REASON_MISSING

    def test_one_is_not_merged_with_itself(self, app):
        assert refusal(company("A"), company("A")) == Why.SAME

    def test_who_registers_meanwhile_finds_the_one_that_is_kept(self, committed):
        with transaction():
            keep, drop = company("Blue Wave"), company("Blue-Wave SAS")
            trip = make_trip()
            keep_id, drop_id, trip_id = keep.id, drop.id, trip.id

        def register() -> int:
            with transaction():
                wanted = application(1, organization_name="Blue-Wave SAS", country="FR")
                return registrations.submit(trip_id, wanted).organization_id

        def merge_slowly() -> int:
            with transaction():
                merge(
                    db.session.get_one(Organization, keep_id),
                    db.session.get_one(Organization, drop_id),
                )
                with meanwhile(committed, register) as other:
                    wait_until_one_waits()
                    db.session.commit()
                    return other.result(10)

        assert alone(committed, merge_slowly) == keep_id


class TestRegistrationsOfOneTour:
    def test_the_delegates_go_to_the_older_one(self, app):
        trip = make_trip()
        older = registered(trip, "Blue Wave", "a@x.example", "b@x.example")
        younger = registered(trip, "Blue-Wave SAS", "B@x.example", "c@x.example")
        moved, feed = younger.delegates[1], feeds.of_delegate(younger.delegates[1]).token
        token = moved.token

        merge(older.organization, younger.organization)

        assert [(d.email, d.state) for d in older.everybody] == [
            ("a@x.example", DelegateState.COMING),
            ("b@x.example", DelegateState.COMING),
            ("c@x.example", DelegateState.COMING),
        ]
        assert delegates.by_token(token) is moved
        assert moved.registration is older
        assert not feeds.is_gone(feeds.by_token(feed))
        assert younger.state == CANCELLED
        assert younger.reason == "The same company."
        assert feeds.is_gone(feeds.of_company(younger))
        assert [(d.email, d.state) for d in younger.everybody] == [
            ("B@x.example", DelegateState.WITHDRAWN)
        ]

    def test_whichever_name_is_kept_the_older_registration_is(self, app):
        trip = make_trip()
        older = registered(trip, "Blue Wave", "a@x.example")
        younger = registered(trip, "Blue-Wave SAS", "b@x.example")
        kept = younger.organization

        merge(kept, older.organization)

        assert (older.state, younger.state) == (ACCEPTED, CANCELLED)
        assert older.organization is kept
        assert len(older.delegates) == 2

    def test_nobody_is_told_of_a_refusal(self, app):
        trip = make_trip()
        older = registered(trip, "Blue Wave", "a@x.example", "b@x.example")
        younger = registered(trip, "Blue-Wave SAS", "B@x.example", "c@x.example")

        merge(older.organization, younger.organization)

        mails = db.session.scalars(select(Mail)).all()
        assert [(m.letter, m.to_email, m.facts["delegate_ids"]) for m in mails] == [
            ("links_sent", "B@x.example", [older.everybody[1].id])
        ]

    def test_each_change_has_its_history(self, app):
        trip = make_trip()
        older = registered(trip, "Blue Wave", "a@x.example")
        younger = registered(trip, "Blue-Wave SAS", "b@x.example")
        moved = younger.delegates[0].id

        merge(older.organization, younger.organization)

        (told,) = [e for e in audits.of(younger) if e.action == "merge"]
        assert told.before["delegates"] == [moved]
        assert (told.before["state"], told.after["state"]) == ("accepted", "cancelled")
        assert told.after["into"] == older.reference
        assert audits.of(older)[0].after == {"from": younger.reference, "moved": 1}

    def test_whoever_is_in_both_ends_in_the_younger_one_with_a_history(self, app):
        trip = make_trip()
        older = registered(trip, "Blue Wave", "a@x.example", "b@x.example")
        younger = registered(trip, "Blue-Wave SAS", "c@x.example", "B@x.example")
        twin = younger.delegates[1]

        merge(older.organization, younger.organization)

        (told,) = audits.of(twin)
        assert (told.action, told.actor_name) == ("merge", "Ana Organizer")
        assert (told.before, told.reason) == ({"state": "coming"}, "The same company.")
        assert told.after == {"state": "withdrawn", "delegate": older.everybody[1].id}

    @pytest.mark.parametrize("state", [ACCEPTED, WAITLISTED])
    def test_whoever_has_a_place_in_the_younger_one_keeps_it(self, app, state):
        trip = make_trip(max_delegates=3 if state == ACCEPTED else 1)
        older = registered(trip, "Blue Wave", "a@x.example", "b@x.example", state=state)
        younger = registered(trip, "Blue-Wave SAS", "B@x.example", state=state)
        waits = older.delegates[1]
        waits.queued_at = clock.now()
        waits.become(DelegateState.WAITING)
        others = registered(trip, "Red", "c@x.example")
        delegates.add(others, delegate_data(email="d@x.example"), ANA)  # asked before anybody else
        others.everybody[1].queued_at = utc(2026, 1, 1)
        db.session.flush()

        merge(older.organization, younger.organization)

        assert waits.state == DelegateState.COMING
        assert others.everybody[1].state == DelegateState.WAITING
        promoted = next(e for e in audits.of(waits) if e.action == "promote")
        assert (promoted.before, promoted.after) == ({"state": "waiting"}, {"state": "coming"})
        letters = db.session.scalars(select(Mail.letter).where(Mail.delegate_id == waits.id))
        assert list(letters) == (["delegate_in"] if state == ACCEPTED else [])

    def test_a_place_that_is_kept_counts_for_what_one_company_may_send(self, app):
        trip = make_trip(max_per_organization=1)
        older = registered(trip, "Blue Wave", "a@x.example")
        delegates.add(older, delegate_data(email="b@x.example"), ANA)
        younger = registered(trip, "Blue-Wave SAS", "B@x.example")
        assert [d.state for d in older.delegates] == [DelegateState.COMING, DelegateState.WAITING]

        assert refusal(older.organization, younger.organization) == Why.TOO_MANY

    def test_what_a_delegate_answered_goes_along(self, app):
        trip = make_trip()
        older = registered(trip, "Blue Wave", "a@x.example")
        younger = registered(trip, "Blue-Wave SAS", "b@x.example")
        asked = {"stage": Stage.APPLY, "asked": Asked.DELEGATE, "kind": AnswerKind.TEXT}
        question = Question(
            trip_id=trip.id, key="goal", position=1, label=Words(en="Your goal"), **asked
        )
        db.session.add(question)
        db.session.flush()
        answer = Answer(
            question_id=question.id,
            registration_id=younger.id,
            delegate_id=younger.delegates[0].id,
            value="Partners",
            answered_at=clock.now(),
        )
        db.session.add(answer)
        db.session.flush()

        merge(older.organization, younger.organization)

        assert answer.registration_id == older.id

    def test_a_company_place_that_comes_free_passes_on(self, app):
        trip = make_trip(max_organizations=2)
        older = registered(trip, "Blue Wave", "a@x.example", state=SUBMITTED)
        younger = registered(trip, "Blue-Wave SAS", "b@x.example", state=SUBMITTED)
        waits = registered(trip, "Red", "c@x.example", state=WAITLISTED)

        merge(older.organization, younger.organization)

        assert waits.state == RegistrationState.OFFERED

    def test_one_that_is_out_stays_as_it_was(self, app):
        trip = make_trip()
        older = registered(trip, "Blue Wave", "a@x.example")
        out = registered(trip, "Blue-Wave SAS", "b@x.example")
        registrations.decide(out, RegistrationState.DECLINED, "Twice.", ANA)

        merge(older.organization, out.organization)

        assert (older.state, out.state) == (ACCEPTED, RegistrationState.DECLINED)
        assert out.organization is older.organization
        assert len(older.delegates) == 1

    def test_different_states_are_refused(self, app):
        trip = make_trip()
        one = registered(trip, "Blue Wave", "a@x.example")
        other = registered(trip, "Blue-Wave SAS", "b@x.example", state=SUBMITTED)

        assert refusal(one.organization, other.organization) == Why.STATES

    def test_more_than_one_company_may_send_are_refused(self, app):
        trip = make_trip(max_per_organization=2)
        one = registered(trip, "Blue Wave", "a@x.example", "b@x.example")
        other = registered(trip, "Blue-Wave SAS", "c@x.example")

        assert refusal(one.organization, other.organization) == Why.TOO_MANY

        registrations.allow_extra(one, 1, "A large stand.", ANA)
        merge(one.organization, other.organization)
        assert len(one.delegates) == 3

    def test_an_offer_is_answered_first(self, app):
        trip = make_trip(max_delegates=1)
        one = registered(trip, "Blue Wave", "a@x.example", state=WAITLISTED)
        other = registered(trip, "Blue-Wave SAS", "b@x.example", state=WAITLISTED)
        registrations.let_take_turn(one, ANA)
        one.in_reserve = other.in_reserve = False
        registrations.allow_extra(one, 1, "x", ANA)  # lets the list be gone through
        assert one.state == RegistrationState.OFFERED

        assert refusal(one.organization, other.organization) == Why.OFFERED


class TestCandidates:
    def test_companies_by_what_their_names_share(self, app):
        trip = make_trip()
        blue = company("Blue Wave")
        for name in ("BLUE-WAVE SAS", "Blue Wawe", "Wave Blue", "Something Else"):
            registered(trip, name, f"{len(name)}@x.example")

        found = {
            (pair.first.name, pair.second.name): pair.sign
            for pair in merges.find_organizations(trip)
            if pair.first is blue
        }

        assert found == {
            ("Blue Wave", "BLUE-WAVE SAS"): Sign.SAME_KEY,
            ("Blue Wave", "Wave Blue"): Sign.ORDER,
            ("Blue Wave", "Blue Wawe"): Sign.SPELLING,
        }

    def test_what_an_applicant_chose_and_aliases(self, app):
        trip = make_trip()
        blue, red = company("Blue Wave"), company("Red Sea")
        db.session.add(OrganizationAlias(organization_id=red.id, name="RS", name_key="rs"))
        one = registered(trip, "Elsewhere", "a@x.example")
        one.says_to_be_id = blue.id
        registered(trip, "R.S.", "b@x.example")
        db.session.flush()

        found = [(p.first.name, p.second.name, p.sign) for p in merges.find_organizations(trip)]

        assert found == [
            ("Blue Wave", "Elsewhere", Sign.SAYS_SO),
            ("Red Sea", "R.S.", Sign.ALIAS),
        ]

    def test_pairs_of_other_tours_and_merged_ones_are_not_shown(self, app):
        trip, other = make_trip(), make_trip()
        registered(other, "Blue Wave", "a@x.example")
        registered(other, "Blue-Wave SAS", "b@x.example")
        mine, twin = registered(trip, "Red Sea", "c@x.example"), company("Red Sea SA")
        assert len(merges.find_organizations(trip)) == 1

        merge(mine.organization, twin)

        assert merges.find_organizations(trip) == []

    def test_what_was_told_apart_is_not_offered_again(self, app):
        trip = make_trip()
        mine, twin = registered(trip, "Red Sea", "c@x.example"), company("Red Sea SA")

        merges.tell_apart(mine.organization, twin, trip, ANA)

        assert merges.find_organizations(trip) == []

    def test_people_of_one_name(self, app):
        trip = make_trip()
        name = {"given_name": "Zoé", "family_name": "Núñez"}
        make_registration(
            trip,
            organization_name="Blue",
            delegates=(delegate_data(email="zoe@blue.example", **name),),
        )
        other = make_registration(
            make_trip(),
            organization_name="Blue",
            delegates=(
                delegate_data(email="z@home.example", given_name="núñez", family_name="zoé"),
            ),
        )
        make_registration(
            make_trip(),
            organization_name="Red",
            delegates=(delegate_data(email="zoe@red.example", **name),),
        )

        (pair,) = merges.find_people(trip)

        assert pair.second is other.delegates[0].person
        assert pair.sign == Sign.SAME_COMPANY

    def test_the_number_of_statements_stays(self, app):
        few, many = make_trip(), make_trip()
        registered(few, "Co A", "a@x.example")
        for number in range(12):
            registered(many, f"Company {number}", f"m{number}@x.example")

        lengths = []
        for trip in (few, many):
            with counted([]) as sent:
                merges.find_organizations(trip)
                merges.find_people(trip)
            lengths.append(len(sent))

        assert lengths[1] - lengths[0] <= 1


class TestPeople:
    def two(self, app):
        """Two rows of one human, in two tours."""
        found = []
        for email in ("zoe@x.example", "z@y.example"):
            data = delegate_data(email=email, given_name="Zoé", family_name="Lee")
            found.append(make_registration(make_trip(), delegates=(data,)).delegates[0])
        return found

    def test_everything_hangs_on_the_one_that_is_kept(self, app):
        one, other = self.two(app)
        keep, drop = one.person, other.person
        trip = other.registration.trip
        item = make_item(trip, people=((drop.id, ItemRole.SPEAKER), (keep.id, ItemRole.SPEAKER)))
        guided = make_item(trip, people=((drop.id, ItemRole.GUIDE),))
        publish(trip)

        merges.merge_people(keep, drop, ANA, "Two addresses.")

        assert other.person is keep
        assert other.email == "z@y.example"
        assert [(p.person_id, p.role) for p in item.people] == [(keep.id, ItemRole.SPEAKER)]
        assert [(p.person_id, p.role) for p in guided.people] == [(keep.id, ItemRole.GUIDE)]
        assert {tuple(each) for row in trip.release.items for each in row.values["people"]} == {
            (keep.id, "speaker"),
            (keep.id, "guide"),
        }
        assert drop.merged_into_id == keep.id
        (alias,) = db.session.scalars(select(PersonAlias))
        assert (alias.given_name, alias.email, alias.person_id) == ("Zoé", "z@y.example", keep.id)
        assert people.find_or_add("Zoé", "Lee", "Z@Y.example") is keep
        assert merges.find_people(trip) == []

    def test_what_was_moved_can_be_read_in_the_history_of_each_tour(self, app):
        one, other = self.two(app)
        drop = other.person

        merges.merge_people(one.person, drop, ANA, "Two addresses.")

        entries = audits.of(drop)
        assert {entry.trip_id for entry in entries} == {
            one.registration.trip_id,
            other.registration.trip_id,
        }
        assert entries[0].before["email"] == "z@y.example"
        assert entries[0].before["delegates"] == [other.id]

    def test_nothing_is_left_on_the_other_row(self, app):
        columns = {
            f"{table.name}.{column.name}"
            for table in Person.metadata.sorted_tables
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table.name == "people"
        }

        assert columns == {
            "agreement_people.person_id",
            "delegates.person_id",
            "item_people.person_id",
            "people.merged_into_id",
            "person_aliases.person_id",
        }

    def test_two_delegates_of_one_registration_are_two(self, app):
        pair = make_registration(make_trip(), 2)
        one, other = pair.delegates

        with pytest.raises(MergeRefused) as refused:
            merges.merge_people(one.person, other.person, ANA, "Twins.")
        assert refused.value.why == Why.SAME_REGISTRATION

        delegates.withdraw(other, "", ANA)
        merges.merge_people(one.person, other.person, ANA, "Twins.")
        assert other.person is one.person

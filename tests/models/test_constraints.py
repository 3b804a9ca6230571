"""What must hold even under SQL by hand: the database itself refuses it, by the rule's name."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.factories import (
    item_values,
    make_item,
    make_mailing,
    make_registration,
    make_reminder,
    make_stop,
    make_track,
    make_trip,
    publish,
)
from tests.mail.posting import received
from webapp import clock
from webapp.db import Base, Words, db
from webapp.domain import agendas, audits, delegates, health
from webapp.models.agenda import AgendaEdit, AgendaItem, ItemCompany, ItemPerson, ItemRole
from webapp.models.clash import ClashOverride, TravelTime
from webapp.models.consent import Consent, Purpose
from webapp.models.criterion import Criterion, Score
from webapp.models.document import Document
from webapp.models.draft import Draft
from webapp.models.fee import Charge, FeeItem, Payment
from webapp.models.feed import Client, Feed, FeedFetch, Scope
from webapp.models.held import HeldPlaces
from webapp.models.invitation import Invitation
from webapp.models.mail import Bounce, OptOut, Topic
from webapp.models.mailing import MailingFile, ReminderRun, Wording
from webapp.models.person import Person
from webapp.models.pick import Pick, PickState
from webapp.models.place import Room, Venue
from webapp.models.prospect import Prospect
from webapp.models.question import Answer, AnswerKind, Asked, PrivateAnswer, Question, Stage
from webapp.models.registration import Registration
from webapp.models.release import Release, ReleaseState
from webapp.models.staff import Role, Staff, TripRole
from webapp.models.track import Track
from webapp.models.trip import Trip

REFUSED = {
    "ck_agenda_items_attendance": "UPDATE agenda_items SET attendance = 'perhaps'",
    "ck_agenda_items_call_within_a_day": "UPDATE agenda_items SET call_minutes = 1441",
    "ck_agenda_items_capacity_positive": "UPDATE agenda_items SET capacity = 0",
    "ck_agenda_items_ends_after_start": "UPDATE agenda_items SET ends_at = starts_at",
    "ck_agenda_items_itemstate": "UPDATE agenda_items SET state = 'maybe'",
    "ck_agenda_items_audience": "UPDATE agenda_items SET audience = 'Everybody'",
    "ck_agenda_items_mode": "UPDATE agenda_items SET mode = 'camel'",
    "ck_agenda_items_room_in_venue": "UPDATE agenda_items SET venue_id = NULL",
    "fk_agenda_items_room_id_rooms": "DELETE FROM rooms",
    "fk_agenda_items_to_venue_id_venues": "DELETE FROM venues WHERE name = 'Old Port'",
    "uq_agenda_items_trip_id_import_key": "UPDATE agenda_items SET import_key = 'row 2'",
    "uq_clash_overrides_trip_id_key": "UPDATE clash_overrides SET key = 'same'",
    "uq_agenda_items_uid": "UPDATE agenda_items SET uid = (SELECT uid FROM agenda_items LIMIT 1)",
    "uq_delegates_registration_id_email": (
        "UPDATE delegates SET email = upper(:first) WHERE registration_id = :registration"
    ),
    "uq_delegates_registration_id_position": "UPDATE delegates SET position = 1",
    "uq_delegates_token_digest": "UPDATE delegates SET token_digest = 'same'",
    "ck_feeds_secret_unless_trip": "UPDATE feeds SET token_digest = 'x' WHERE scope = 'trip'",
    "ck_feeds_company_has_registration": (
        "UPDATE feeds SET scope = 'delegate' WHERE scope = 'company'"
    ),
    "ck_feeds_delegate_has_delegate": (
        "UPDATE feeds SET delegate_id = (SELECT min(id) FROM delegates) WHERE scope = 'company'"
    ),
    "uq_feeds_trip_id_language": "UPDATE feeds SET language = 'en' WHERE scope = 'trip'",
    "uq_feeds_token_digest": "UPDATE feeds SET token_digest = 'same' WHERE scope <> 'trip'",
    "uq_feeds_registration_id_in_force": (
        "UPDATE feeds SET registration_id = :registration WHERE scope = 'company'"
    ),
    "uq_feeds_delegate_id_in_force": (
        "UPDATE feeds SET delegate_id = (SELECT min(id) FROM delegates) WHERE scope = 'delegate'"
    ),
    "ck_feeds_track_has_track": "UPDATE feeds SET track_id = NULL WHERE scope = 'track'",
    "ck_feeds_venue_has_venue": "UPDATE feeds SET venue_id = NULL WHERE scope = 'venue'",
    "ck_feeds_host_has_host": "UPDATE feeds SET host_id = NULL WHERE scope = 'host'",
    "ck_feeds_staff_has_staff": "UPDATE feeds SET staff_id = :staff WHERE scope = 'venue'",
    "uq_feeds_track_id_in_force": (
        "UPDATE feeds SET track_id = (SELECT min(id) FROM tracks) WHERE scope = 'track'"
    ),
    "uq_feeds_venue_id_in_force": (
        "UPDATE feeds SET venue_id = (SELECT min(id) FROM venues) WHERE scope = 'venue'"
    ),
    "uq_feeds_host_id_in_force": (
        "UPDATE feeds SET host_id = (SELECT min(id) FROM organizations) WHERE scope = 'host'"
    ),
    "uq_feeds_staff_id_in_force": "UPDATE feeds SET staff_id = :staff WHERE scope = 'staff'",
    "pk_feed_fetches": "UPDATE feed_fetches SET client = 'google'",
    "uq_invitations_delegate_id_uid": (
        "UPDATE invitations SET uid = (SELECT uid FROM invitations LIMIT 1)"
    ),
    "pk_heartbeats": "INSERT INTO heartbeats SELECT * FROM heartbeats",
    "ck_item_people_itemrole": "UPDATE item_people SET role = 'juggler'",
    "fk_item_people_person_id_people": (
        "DELETE FROM people WHERE id IN (SELECT person_id FROM item_people)"
    ),
    "pk_item_companies": "INSERT INTO item_companies SELECT * FROM item_companies",
    "pk_item_people": "INSERT INTO item_people SELECT * FROM item_people",
    "uq_mails_key": "UPDATE mails SET key = 'same'",
    "uq_mails_message_id": "UPDATE mails SET message_id = 'same'",
    "ck_mails_mailstate": "UPDATE mails SET state = 'lost'",
    "uq_people_email": "UPDATE people SET email = upper(:first)",
    "ck_picks_pickstate": "UPDATE picks SET state = 'perhaps'",
    "uq_picks_item_id_delegate_id": (
        "UPDATE picks SET delegate_id = (SELECT min(delegate_id) FROM picks)"
    ),
    "ck_registrations_registrationstate": "UPDATE registrations SET state = 'ACCEPTED'",
    "uq_registrations_trip_id_form_key": (
        "UPDATE registrations SET form_key = (SELECT form_key FROM registrations LIMIT 1)"
    ),
    "uq_registrations_reference": "UPDATE registrations SET reference = 'SAME-SAME'",
    "uq_registrations_token_digest": "UPDATE registrations SET token_digest = 'same'",
    "ck_release_items_ends_after_start": "UPDATE release_items SET starts_at = ends_at",
    "uq_release_items_release_id_uid": (
        "UPDATE release_items SET uid = (SELECT uid FROM release_items LIMIT 1)"
    ),
    "ck_releases_planned_has_day": (
        "UPDATE releases SET planned_for = NULL WHERE state = 'planned'"
    ),
    "ck_releases_published_is_numbered": (
        "UPDATE releases SET number = NULL WHERE state = 'published'"
    ),
    "ck_releases_releasestate": "UPDATE releases SET state = 'burnt' WHERE state = 'planned'",
    "uq_releases_trip_id_planned": (
        "INSERT INTO releases (trip_id, state, planned_for)"
        " SELECT trip_id, state, planned_for FROM releases WHERE state = 'planned'"
    ),
    "ck_rooms_capacity_positive": "UPDATE rooms SET capacity = -1",
    "uq_rooms_venue_id_name": "UPDATE rooms SET name = 'Hall'",
    "uq_releases_trip_id_number": "UPDATE releases SET number = 1",
    "uq_staff_email": (
        "UPDATE staff SET email = CASE id WHEN :staff THEN 'a@b.org' ELSE 'A@b.org' END"
    ),
    "ck_stops_dates_in_order": "UPDATE stops SET ends_on = starts_on - 1",
    "uq_stops_uid": "UPDATE stops SET uid = (SELECT uid FROM stops LIMIT 1)",
    "uq_stops_trip_id_position": "UPDATE stops SET position = 1",
    "pk_track_members": (
        "INSERT INTO track_members (track_id, delegate_id) SELECT track_id, delegate_id"
        " FROM track_members"
    ),
    "uq_tracks_trip_id_key": "UPDATE tracks SET key = 'vip'",
    "pk_trip_roles": (
        "INSERT INTO trip_roles (staff_id, trip_id, role) SELECT staff_id, trip_id, 'reader'"
        " FROM trip_roles"
    ),
    "ck_travel_times_minutes_within_days": "UPDATE travel_times SET minutes = 2881",
    "ck_travel_times_two_places": "UPDATE travel_times SET to_venue_id = from_venue_id",
    "uq_travel_times_trip_id_from_venue_id_to_venue_id": (
        "UPDATE travel_times SET from_venue_id = (SELECT min(id) FROM venues),"
        " to_venue_id = (SELECT max(id) FROM venues)"
    ),
    "ck_trips_arrival_within_hours": "UPDATE trips SET arrival_minutes = 241",
    "ck_trips_dates_in_order": "UPDATE trips SET ends_on = starts_on - 1",
    "ck_trips_margin_within_hours": "UPDATE trips SET margin_minutes = -1",
    "ck_trips_max_delegates_positive": "UPDATE trips SET max_delegates = 0",
    "ck_trips_max_organizations_positive": "UPDATE trips SET max_organizations = -1",
    "ck_trips_max_per_organization_positive": "UPDATE trips SET max_per_organization = 0",
    "ck_trips_template_is_draft": "UPDATE trips SET is_template = true",
    "ck_trips_tripstate": "UPDATE trips SET state = ''",
    "ck_trips_window_in_order": "UPDATE trips SET registration_closes_at = registration_opens_at",
    "uq_trips_slug": "UPDATE trips SET slug = 'same'",
    "uq_trips_uid": "UPDATE trips SET uid = (SELECT uid FROM trips LIMIT 1)",
    "ck_criteria_most_within": "UPDATE criteria SET most = 0",
    "ck_criteria_weight_within": "UPDATE criteria SET weight = 101",
    "ck_delegates_waiting_has_turn": "UPDATE delegates SET state = 'waiting'",
    "ck_fee_items_only_aid_is_negative": "UPDATE fee_items SET net = -1",
    "ck_fee_items_tax_rate_within": "UPDATE fee_items SET tax_rate = 101",
    "ck_held_places_for_one_of_both": "UPDATE held_places SET mail_domain = NULL",
    "ck_held_places_places_positive": "UPDATE held_places SET places = 0",
    "ck_questions_sensitive_is_of_delegate": (
        "UPDATE questions SET asked = 'company', sensitivity = 'health'"
    ),
    "ck_registrations_extra_places_not_negative": "UPDATE registrations SET extra_places = -1",
    "ck_registrations_offer_has_deadline": "UPDATE registrations SET state = 'offered'",
    "ck_scores_points_not_negative": "UPDATE scores SET points = -1",
    "ck_trips_offer_within_90_days": "UPDATE trips SET offer_hours = 0",
    "uq_answers_question_id_delegate_id": (
        "UPDATE answers SET question_id = (SELECT min(question_id) FROM answers),"
        " delegate_id = (SELECT min(delegate_id) FROM answers)"
    ),
    "uq_answers_question_id_registration_id": (
        "UPDATE answers SET question_id = (SELECT min(question_id) FROM answers),"
        " delegate_id = NULL"
    ),
    "uq_charges_registration_id_form_key": (
        "UPDATE charges SET form_key = (SELECT form_key FROM charges LIMIT 1)"
    ),
    "uq_payments_registration_id_form_key": (
        "UPDATE payments SET form_key = (SELECT form_key FROM payments LIMIT 1)"
    ),
    "uq_consents_delegate_id_purpose_in_force": "UPDATE consents SET purpose = 'list'",
    "uq_documents_storage_key": "UPDATE documents SET storage_key = 'same'",
    "uq_drafts_token_digest": "UPDATE drafts SET token_digest = 'same'",
    "uq_private_answers_question_id_delegate_id": (
        "UPDATE private_answers SET question_id = (SELECT min(question_id) FROM private_answers)"
    ),
    "uq_prospects_token_digest": "UPDATE prospects SET token_digest = 'same'",
    "uq_prospects_trip_id_email": (
        "UPDATE prospects SET email = CASE name WHEN 'one' THEN 'a@b.org' ELSE 'A@b.org' END"
    ),
    "uq_questions_trip_id_key": "UPDATE questions SET key = 'same'",
    "uq_scores_registration_id_criterion_id": (
        "UPDATE scores SET criterion_id = (SELECT min(criterion_id) FROM scores)"
    ),
    "ck_mails_held_says_why": "UPDATE mails SET state = 'held'",
    "uq_bounces_email": "UPDATE bounces SET email = 'same'",
    "uq_opt_outs_trip_id_email_topic": "UPDATE opt_outs SET topic = 'news'",
    "ck_mailings_hold_within_a_day": "UPDATE mailings SET hold_minutes = 1441",
    "ck_mailings_put_has_instant": "UPDATE mailings SET state = 'held'",
    "ck_mailings_scheduled_has_instant": "UPDATE mailings SET state = 'scheduled'",
    "uq_mailing_files_stored_as": "UPDATE mailing_files SET stored_as = 'same'",
    "ck_reminders_days_within_years": "UPDATE reminders SET days = -366",
    "ck_reminders_message_has_words": "UPDATE reminders SET kind = 'message'",
    "ck_reminders_minute_of_a_day": "UPDATE reminders SET minute = 1440",
    "uq_reminder_runs_reminder_id_due_at": "UPDATE reminder_runs SET due_at = ran_at",
    "uq_wordings_trip_id_letter_language_text_id": "UPDATE wordings SET text_id = 'same'",
    "ck_venues_both_coordinates": "UPDATE venues SET longitude = NULL",
    "ck_venues_capacity_positive": "UPDATE venues SET capacity = 0",
    "ck_venues_on_earth": "UPDATE venues SET latitude = 'NaN'",
}


def make_places(trip: Trip) -> list[Venue]:
    """Two venues, the first with two rooms, and the ways between them."""
    venues = [
        Venue(
            name=name, city="Marseille", country="FR", zone="Europe/Paris",
            latitude=43.3, longitude=5.4,
        )
        for name in ("Shipyard", "Old Port")
    ]  # fmt: skip
    venues[0].rooms = [Room(name="Hall"), Room(name="Attic")]
    db.session.add_all(venues)
    db.session.flush()
    for start, end in (venues, venues[::-1]):
        way = {"from_venue_id": start.id, "to_venue_id": end.id, "minutes": 20}
        db.session.add(TravelTime(trip_id=trip.id, **way))
    return venues


def make_itinerary(trip: Trip, item: AgendaItem, registration: Registration, staff: Staff) -> None:
    """Whatever else an itinerary has of its own: people, companies, picks, overrides, edits, and a
    release that is planned."""
    at = clock.now()
    speaker = Person(given_name="Ada", family_name="Sample")
    item.people = [ItemPerson(person=speaker, role=ItemRole.SPEAKER)]
    item.companies = [ItemCompany(organization_id=registration.organization_id)]
    db.session.add_all(
        [
            *(
                Pick(item_id=item.id, delegate_id=each.id, state=PickState.CHOSEN, queued_at=at)
                for each in registration.delegates
            ),
            *(
                ClashOverride(trip_id=trip.id, key=key, rule="room", reason="A wall.", at=at)
                for key in ("one", "other")
            ),
            AgendaEdit(trip_id=trip.id, staff_id=staff.id, item_uid=item.uid, at=at, after={}),
            Release(trip_id=trip.id, state=ReleaseState.PLANNED, planned_for=at),
        ]
    )


def make_applications(trip: Trip, registration: Registration) -> None:
    """Two of whatever else a registration has of its own."""
    at, delegate = clock.now(), registration.delegates[0]
    for number, name in enumerate(("one", "other")):
        sealed = {"token_digest": name, "token_sealed": b"-"}
        question = Question(
            trip_id=trip.id,
            key=name,
            position=number,
            stage=Stage.APPLY,
            asked=Asked.DELEGATE,
            kind=AnswerKind.TEXT,
            label=Words(en=name),
        )
        criterion = Criterion(trip_id=trip.id, position=number, name=Words(en=name))
        db.session.add_all([question, criterion])
        db.session.flush()
        owner = {"registration_id": registration.id, "delegate_id": delegate.id}
        asked = {"question_id": question.id, "answered_at": at}
        file = {"filename": "a", "media_type": "b", "size": 1, "sha256": "c", "uploaded_at": at}
        consent = {"wording": "Yes", "language": "en", "given_at": at}
        letter = {"email": f"{name}@example.org", "name": name, "language": "en"}
        db.session.add_all(
            [
                Answer(value="x", **asked, **owner),
                PrivateAnswer(value=b'"x"', delegate_id=delegate.id, **asked),
                Document(storage_key=name, **file, **owner),
                Consent(delegate_id=delegate.id, purpose=list(Purpose)[number], **consent),
                Prospect(trip_id=trip.id, organization_name=name, asked_at=at, **letter, **sealed),
                Draft(trip_id=trip.id, values=b"[]", saved_at=at, **letter, **sealed),
                Score(
                    registration_id=registration.id,
                    criterion_id=criterion.id,
                    points=1,
                    scored_at=at,
                ),
                Charge(
                    registration_id=registration.id,
                    name=Words(en=name),
                    net=Decimal(1),
                    tax_rate=Decimal(0),
                    tax=Decimal(0),
                    created_at=at,
                    form_key=uuid4(),
                ),
                Payment(
                    registration_id=registration.id,
                    amount=Decimal(1),
                    received_on=at.date(),
                    recorded_at=at,
                    form_key=uuid4(),
                ),
                FeeItem(trip_id=trip.id, position=number, name=Words(en=name), net=Decimal(1)),
                HeldPlaces(trip_id=trip.id, mail_domain=name, places=1, until_at=at, created_at=at),
            ]
        )
    db.session.flush()


@pytest.fixture
def world(session):
    """Two of everything that has a rule."""
    trip, _other = make_trip(), make_trip()
    for _ in range(2):
        make_stop(trip)
    vip, press = make_track(trip, "vip"), make_track(trip, "press")
    yard, port = make_places(trip)
    here = {"venue_id": yard.id, "room_id": yard.rooms[0].id, "to_venue_id": port.id}
    items = [make_item(trip, **here), make_item(trip, **here)]
    for number, item in enumerate(items):
        item.import_key = f"row {number}"
    publish(trip)
    agendas.change(items[0], item_values(call_minutes=15, **here), audits.SYSTEM, items[0].version)
    publish(trip)
    registrations = [make_registration(trip, 2), make_registration(trip, 2)]
    for registration in registrations:
        received(registration)
    delegates.follow(registrations[0].delegates[0], trip, [vip.id, press.id], audits.SYSTEM)
    staff = [
        Staff(email=f"{n}@example.org", name=n, password_hash="", created_at=clock.now())
        for n in ("Ana", "Ben")
    ]
    session.add_all(staff)
    session.flush()
    session.add(TripRole(staff_id=staff[0].id, trip_id=trip.id, role=Role.READER))
    health.beat("worker")
    make_itinerary(trip, items[0], registrations[0], staff[0])
    make_applications(trip, registrations[0])
    make_letters(trip)
    make_calendars(trip, [vip, press], [yard, port], registrations, staff)
    session.flush()
    return {
        "registration": registrations[0].id,
        "first": registrations[0].delegates[0].email,
        "staff": staff[0].id,
    }


def make_letters(trip: Trip) -> None:
    """What tells of letters: addresses, what is wanted no more, messages, reminders, wordings."""
    at = clock.now()
    reminder = make_reminder(trip)
    for number, topic in enumerate((Topic.NEWS, Topic.DAYS)):
        mailing = make_mailing(trip)
        file = {"filename": "a.pdf", "mime_type": "application/pdf", "size": 1, "created_at": at}
        mailing.files.append(MailingFile(stored_as=str(number), **file))
        reminder.runs.append(ReminderRun(due_at=at + timedelta(hours=number), ran_at=at, letters=0))
        db.session.add_all(
            [
                Bounce(email=f"{number}@example.org", at=at, words="gone"),
                OptOut(trip_id=trip.id, email="a@example.org", topic=topic, at=at),
                Wording(
                    trip_id=trip.id, letter="program", language="en", text_id=str(number),
                    forms=["Hello"], was=["Hi"], edited_at=at,
                ),
            ]
        )  # fmt: skip


def make_calendars(
    trip: Trip,
    tracks: list[Track],
    venues: list[Venue],
    registrations: list[Registration],
    staff: list[Staff],
) -> None:
    """Two feeds of each further kind, who fetched them, and two invitations of one delegate."""
    at = clock.now()
    stamps = {"created_at": at, "changed_at": at}
    holders = {
        Scope.TRACK: [{"track_id": track.id} for track in tracks],
        Scope.VENUE: [{"venue_id": venue.id} for venue in venues],
        Scope.HOST: [{"host_id": each.organization_id} for each in registrations],
        Scope.STAFF: [{"staff_id": each.id} for each in staff],
    }
    for scope, each_holder in holders.items():
        for number, holder in enumerate(each_holder):
            secret = {"token_digest": f"{scope}{number}", "token_sealed": b"-"}
            feed = Feed(trip_id=trip.id, scope=scope, language="en", **holder, **secret, **stamps)
            db.session.add(feed)
            db.session.flush()
            for client in (Client.APPLE, Client.OTHER):
                db.session.add(FeedFetch(feed_id=feed.id, client=client, first_at=at, last_at=at))
    delegate = registrations[0].delegates[0]
    for _ in range(2):
        db.session.add(
            Invitation(
                trip_id=trip.id, delegate_id=delegate.id, uid=uuid4(), email=delegate.email,
                name=delegate.name, sequence=0, stamped_at=at, ends_at=at, said={}, created_at=at,
            )
        )  # fmt: skip


def refusal(session, statement: str, values: dict[str, object]) -> str | None:
    """The name of the rule by which the database refuses a statement."""
    try:
        with session.begin_nested():
            session.execute(
                sa.text(statement), {k: v for k, v in values.items() if f":{k}" in statement}
            )
            session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    except sa.exc.IntegrityError as error:
        return error.orig.diag.constraint_name
    return None


def test_the_database_refuses_by_name_what_breaks_a_rule(session, world):
    refused = {rule: refusal(session, sql, world) for rule, sql in REFUSED.items()}

    assert refused == {rule: rule for rule in REFUSED}


def test_every_rule_of_the_tables_is_tried_here_but_for_closed_lists_of_words():
    rules = {
        str(thing.name)
        for table in Base.metadata.sorted_tables
        for thing in (*table.constraints, *table.indexes)
        if isinstance(thing, sa.CheckConstraint | sa.UniqueConstraint)
        or (isinstance(thing, sa.Index) and thing.unique)
    }
    words = {
        f"ck_{column.table.name}_{column.type.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.Enum)
    }

    assert rules - words - set(REFUSED) == {"uq_partnerships_slug"}


def test_an_agenda_item_whose_trip_goes_goes_with_it_but_the_audit_stays(session, world):
    entries = session.scalar(sa.text("SELECT count(*) FROM audit_entries"))

    session.execute(sa.text("DELETE FROM registrations"))
    session.execute(sa.text("DELETE FROM trips"))

    gone = ("agenda_items", "releases", "release_items", "feeds", "delegates", "mails")
    itinerary = ("item_people", "item_companies", "picks", "travel_times", "clash_overrides")
    for table in (*gone, *itinerary, "agenda_edits", "feed_fetches", "invitations"):
        assert session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0, table
    assert session.scalar(sa.text("SELECT count(*) FROM audit_entries")) == entries


def test_rooms_go_with_their_venue_and_edits_with_whoever_made_them(session, world):
    session.execute(sa.text("UPDATE agenda_items SET room_id = NULL, venue_id = NULL"))
    session.execute(sa.text("UPDATE feeds SET revoked_at = now() WHERE scope = 'venue'"))
    session.execute(sa.text("DELETE FROM venues WHERE name = 'Shipyard'"))
    session.execute(sa.text("DELETE FROM staff WHERE id = :staff"), {"staff": world["staff"]})

    for table in ("rooms", "travel_times", "agenda_edits"):
        assert session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0, table


def test_times_of_the_database_are_said_in_utc(session):
    assert session.scalar(sa.text("SHOW timezone")) == "UTC"
    assert str(session.scalar(sa.text("SELECT now()")).tzinfo) == "UTC"

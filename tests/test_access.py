"""Who may ask: every address and method of the product, with everybody else's key.

Each endpoint stands in exactly one list. A new one fails the first test until somebody says who
may ask it, and then is walked by the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from flask import Flask

from tests.blueprints.forms import hidden, sign_in
from tests.factories import (
    fee_ids,
    mailing_ids,
    make_amendment,
    make_criterion,
    make_document,
    make_draft,
    make_fees,
    make_held,
    make_intake,
    make_invitation,
    make_item,
    make_mail,
    make_messages,
    make_prospect,
    make_question,
    make_registration,
    make_reminder,
    make_room,
    make_staff,
    make_stop,
    make_track,
    make_trip,
    make_venue,
    publish,
)
from webapp.db import transaction
from webapp.domain import (
    amendments,
    audits,
    bounces,
    clashes,
    criteria,
    documents,
    feeds,
    held_places,
    mail_lists,
    opt_outs,
    prospects,
    questions,
    reminders,
)
from webapp.domain.mail_lists import Filters
from webapp.models.mail import MailState
from webapp.models.registration import Registration
from webapp.models.staff import Role
from webapp.models.trip import Trip, TripState

EVERYBODY = {
    "calendars_public.item_file",
    "calendars_public.public_feed",
    "downloads_public.agenda",
    "subscribing_public.page",
    "agendas_public.agenda",
    "agendas_public.at_a_glance",
    "agendas_public.changes",
    "links_public.lost",
    "names_public.similar",
    "registrations_public.register",
    "schedules_public.as_json",
    "schedules_public.as_xml",
    "trips_public.trip",
    "trips_public.home",
    "trips_public.partnership",
    "health_public.healthz",
    "health_public.prometheus",
    "health_public.readyz",
    "health_public.robots",
    "staff_public.sign_in",
    "staff_public.sign_out",
    "static",
}
OF_A_TRIP = {
    "calendars_public.item_file",
    "calendars_public.public_feed",
    "downloads_public.agenda",
    "subscribing_public.page",
    "agendas_public.agenda",
    "agendas_public.at_a_glance",
    "agendas_public.changes",
    "names_public.similar",
    "registrations_public.register",
    "schedules_public.as_json",
    "schedules_public.as_xml",
    "trips_public.trip",
}
BEGUN = {"drafts_public.draft", "drafts_public.remove"}
INVITED = {"prospects_public.invited", "prospects_public.refuse"}
STOP = {"opt_outs_public.page", "opt_outs_public.save"}
COMPANY = {
    "calendars_company.reopen",
    "calendars_company.rotate",
    "calendars_company.stop",
    "documents_company.delete",
    "documents_company.file",
    "documents_company.page",
    "documents_company.upload",
    "fees_company.statement",
    "registrations_company.ask_again",
    "registrations_company.cancel",
    "registrations_company.change_party",
    "registrations_company.company",
    "registrations_company.refuse_offer",
    "registrations_company.take_offer",
    "registrations_company_data.answers_page",
    "registrations_company_data.data",
    "registrations_company_data.hand_over",
    "registrations_company_data.new_link",
    "registrations_company_data.take_back",
    "registrations_company_delegates.add",
    "registrations_company_delegates.answers",
    "registrations_company_delegates.edit",
    "registrations_company_delegates.invite",
    "registrations_company_delegates.new_link",
    "registrations_company_delegates.replace",
    "registrations_company_delegates.send_again",
    "registrations_company_delegates.withdraw",
    "registrations_company_sheet.sheet",
    "registrations_company_sheet.template",
}
DELEGATE = {
    "calendars_delegate.download",
    "calendars_delegate.options",
    "calendars_delegate.reopen",
    "calendars_delegate.rotate",
    "calendars_delegate.stop",
    "consents_delegate.save",
    "documents_delegate.delete",
    "documents_delegate.file",
    "documents_delegate.page",
    "documents_delegate.upload",
    "invitations_delegate.answer",
    "invitations_delegate.page",
    "privacy_delegate.ask",
    "privacy_delegate.export",
    "privacy_delegate.page",
    "registrations_delegate.at_a_glance",
    "registrations_delegate.changes",
    "registrations_delegate.choose",
    "registrations_delegate.delegate",
    "registrations_delegate.leave",
    "registrations_delegate_data.answers",
    "registrations_delegate_data.data",
}
FEED = {"calendars_public.secret_feed"}
STAFF = {"trips_organizer.home"}
OWNER = {
    "privacy_organizer.let_see",
    "copies_organizer.delete",
    "copies_organizer.empty",
    "copies_organizer.like",
    "copies_organizer.start",
    "copies_organizer.templates",
    "inbox_organizer.attachment",
    "inbox_organizer.letter",
    "inbox_organizer.listing",
    "inbox_organizer.page",
}
TRIP_READER = {
    "calendars_organizer.invited",
    "calendars_organizer.page",
    "documents_organizer.file",
    "documents_organizer.look",
    "documents_organizer.page",
    "privacy_organizer.page",
    "amendments_organizer.listing",
    "agendas_organizer.agenda",
    "board_organizer.board",
    "clashes_organizer.listing",
    "criteria_organizer.listing",
    "criteria_organizer.ranking",
    "fees_organizer.account",
    "fees_organizer.listing",
    "fees_organizer.xlsx",
    "held_organizer.listing",
    "layout_organizer.places_list",
    "layout_organizer.stops_list",
    "layout_organizer.tracks_list",
    "addresses_organizer.listing",
    "mails_organizer.attachment",
    "mails_organizer.letter",
    "mailings_organizer.file",
    "mailings_organizer.listing",
    "mailings_organizer.one",
    "mailings_organizer.preview_coordinator",
    "mailings_organizer.preview_delegate",
    "mails_organizer.listing",
    "mails_organizer.page",
    "prospects_organizer.listing",
    "questions_organizer.lacking",
    "questions_organizer.listing",
    "questions_organizer.preview",
    "queue_organizer.line",
    "registrations_organizer.delegates_csv",
    "registrations_organizer.delegates_xlsx",
    "registrations_organizer.listing",
    "reminders_organizer.listing",
    "rules_organizer.rules",
    "sheets_organizer.agenda_csv",
    "sheets_organizer.agenda_ics",
    "sheets_organizer.agenda_xlsx",
    "sheets_organizer.page",
    "sheets_organizer.template_xlsx",
    "trips_organizer.trip",
    "wordings_organizer.listing",
    "wordings_organizer.preview",
    "wordings_organizer.preview_page",
}
# What each member of staff does with the own calendar of a tour, organizer or not.
TRIP_MEMBER = {"calendars_organizer.open_own"}
# A reader may look; POST is the organizer's.
TRIP_READER_GET = {
    "amendments_organizer.one",
    "hosts_organizer.page",
    "layout_organizer.place",
    "registrations_organizer.registration",
    "reminders_organizer.one",
    "wordings_organizer.letter",
}
# What belongs to one trip among the pages that lay it out.
OF_THE_LAYOUT = {
    "layout_organizer.members",
    "layout_organizer.move_stop",
    "layout_organizer.move_track",
    "layout_organizer.new_room",
    "layout_organizer.remove_place",
    "layout_organizer.remove_room",
    "layout_organizer.remove_stop",
    "layout_organizer.remove_track",
    "layout_organizer.room",
    "layout_organizer.stop",
    "layout_organizer.track",
}
LAYOUT = OF_THE_LAYOUT | {
    "layout_organizer.dates",
    "layout_organizer.new_place",
    "layout_organizer.new_stop",
    "layout_organizer.new_track",
    "layout_organizer.settings",
    "layout_organizer.state",
}
# What belongs to one trip, or to one company in it, among the pages of its registrations.
OF_THE_DESK = {
    "criteria_organizer.criterion",
    "criteria_organizer.remove",
    "held_organizer.block",
    "held_organizer.release",
    "queue_organizer.out_of_turn",
    "registrations_organizer.cancel",
    "registrations_organizer.edit_delegate",
    "registrations_organizer.extra",
    "registrations_organizer.new_delegate",
    "registrations_organizer.replace_delegate",
    "registrations_organizer.score",
    "registrations_organizer.tracks",
    "registrations_organizer.turn",
    "registrations_organizer.withdraw_delegate",
}
# What belongs to one trip, or to one company in it, among the pages of fees.
OF_THE_FEES = {
    "fees_organizer.add_line",
    "fees_organizer.add_payment",
    "fees_organizer.line",
    "fees_organizer.move",
    "fees_organizer.payment",
    "fees_organizer.price",
    "fees_organizer.retire",
}
# What belongs to one trip, or to one company in it, among the pages of the form.
OF_THE_FORM = {
    "questions_organizer.bring_back",
    "questions_organizer.look",
    "questions_organizer.move",
    "questions_organizer.question",
    "questions_organizer.retire",
}
OF_THE_CALENDARS = {"calendars_organizer.rotate", "calendars_organizer.stop"}
OF_THE_REMINDERS = {
    "reminders_organizer.remove",
    "reminders_organizer.test",
    "reminders_organizer.turn",
}
OF_THE_MAILS = {
    "addresses_organizer.clear",
    "mails_organizer.again",
    "mails_organizer.stop",
}
# What belongs to one message of a tour, or to one of its templates.
OF_THE_MESSAGES = {
    "mailings_organizer.check",
    "mailings_organizer.delete",
    "mailings_organizer.delete_template",
    "mailings_organizer.edit",
    "mailings_organizer.go",
    "mailings_organizer.keep",
    "mailings_organizer.plan",
    "mailings_organizer.send",
    "mailings_organizer.stop",
    "mailings_organizer.test",
    "mailings_organizer.undo",
    "mailings_organizer.unplan",
}
OF_THE_INVITATIONS = {"prospects_organizer.remind_one", "prospects_organizer.take_back"}
# What belongs to one company or to one of its people.
OF_SOMEBODY = {
    "documents_organizer.delete",
    "documents_organizer.upload",
    "privacy_organizer.export",
    "privacy_organizer.person",
}
TRIP_ORGANIZER = {
    *OF_SOMEBODY,
    *OF_THE_CALENDARS,
    "calendars_organizer.open_one",
    "calendars_organizer.send_invitations",
    "calendars_organizer.set_inviting",
    "privacy_organizer.days",
    "amendments_organizer.many",
    "agendas_organizer.cancel",
    "agendas_organizer.edit",
    "agendas_organizer.new",
    "agendas_organizer.restore",
    "board_organizer.move",
    "board_organizer.redo",
    "board_organizer.undo",
    "clashes_organizer.forget",
    "clashes_organizer.judging",
    "clashes_organizer.override",
    "clashes_organizer.travel",
    "clashes_organizer.withdraw",
    *OF_THE_FEES,
    "fees_organizer.new",
    *LAYOUT,
    "intakes_organizer.check",
    "intakes_organizer.intake",
    "intakes_organizer.listing",
    "intakes_organizer.start",
    "intakes_organizer.template",
    "intakes_organizer.upload",
    *OF_THE_MAILS,
    "merges_organizer.companies",
    "merges_organizer.listing",
    "merges_organizer.people",
    *OF_THE_REMINDERS,
    "reminders_organizer.new",
    "reminders_organizer.turn_all",
    "reminders_organizer.usual",
    *OF_THE_MESSAGES,
    "mailings_organizer.new",
    *OF_THE_INVITATIONS,
    "prospects_organizer.ask",
    "prospects_organizer.check",
    "prospects_organizer.remind",
    *OF_THE_FORM,
    "questions_organizer.chase",
    "questions_organizer.fields",
    "questions_organizer.new",
    "questions_organizer.ready",
    *OF_THE_DESK,
    "criteria_organizer.add",
    "held_organizer.hold",
    "registrations_organizer.decide_many",
    "rules_organizer.save",
    "releases_organizer.compare",
    "releases_organizer.drop",
    "releases_organizer.hold_back",
    "releases_organizer.let_go",
    "releases_organizer.publish",
    "releases_organizer.restore",
    "releases_organizer.send_letters",
    "releases_organizer.undo_letters",
    "releases_organizer.version",
    "sheets_organizer.bring_in",
    "sheets_organizer.check",
    "sheets_organizer.upload",
    "wordings_organizer.copy",
    "wordings_organizer.drop",
    "wordings_organizer.keep",
    "wordings_organizer.reset",
}
LISTS = (EVERYBODY, COMPANY, DELEGATE, FEED, STAFF, OWNER, TRIP_READER, TRIP_READER_GET)
LISTS = (*LISTS, BEGUN, INVITED, STOP, TRIP_MEMBER, TRIP_ORGANIZER)
OF_STAFF = STAFF | OWNER | TRIP_READER | TRIP_READER_GET | TRIP_MEMBER | TRIP_ORGANIZER


@dataclass
class World:
    """A trip with all that its addresses can name."""

    trip: Trip
    registration: Registration
    item_id: int
    uid: UUID
    venue_id: int
    room_id: int
    travel_id: int
    intake_id: int
    other: Registration  # of another company for the same trip

    def values(self) -> dict[str, object]:
        delegate = self.registration.delegates[0]
        return {
            "slug": self.trip.slug,
            "registration_id": self.registration.id,
            "delegate_id": delegate.id,
            "item_id": self.item_id,
            "release_id": self.trip.release_id,
            "release_number": 1,
            "stop_id": self.trip.stops[0].id,
            "track_id": self.trip.tracks[0].id,
            "venue_id": self.venue_id,
            "room_id": self.room_id,
            "travel_id": self.travel_id,
            "intake_id": self.intake_id,
            "organization_id": self.registration.organization_id,
            "other_organization_id": self.other.organization_id,
            "person_id": delegate.person_id,
            "other_person_id": self.other.delegates[0].person_id,
            **fee_ids(self.registration),
            "amendment_id": amendments.of(self.registration)[0].id,
            "document_id": documents.of_company(self.registration)[0].id,
            "own_document_id": documents.of_delegate(delegate)[0].id,
            "staff_id": 1,
            "mail_id": mail_lists.page(self.trip, Filters(MailState.SENT)).rows[0].id,
            "bounce_id": bounces.of(self.trip)[0].id,
            **mailing_ids(self.trip),
            "prospect_id": prospects.of_trip(self.trip)[0].id,
            "feed_id": feeds.of_trip(self.trip)[0].id,
            "reminder_id": reminders.of_trip(self.trip)[0].id,
            "kind": "program",
            "question_id": questions.of(self.trip)[0].id,
            "held_id": held_places.of_trip(self.trip)[0].block.id,
            "criterion_id": criteria.of(self.trip)[0].id,
            "uid": self.uid,
            "key": "no-such-letter",
            "letter": "registration_received",
            "language": "fr",
            "number": 0,
            "filename": "css/tokens.css",
        }


def make_world(state: TripState = TripState.ANNOUNCED) -> World:
    with transaction():
        trip = make_trip(state=state)
        make_stop(trip)
        feeds.open_track(make_track(trip), "en", audits.SYSTEM)
        venue, other = make_venue(), make_venue()
        room = make_room(venue)
        item = make_item(trip, venue_id=venue.id, to_venue_id=other.id)
        way = clashes.set_travel_time(trip, venue.id, other.id, 15, audits.SYSTEM)
        make_criterion(trip)
        make_held(trip)
        registration = make_registration(trip, 1)
        make_fees(registration)
        make_amendment(registration)
        make_document(registration)
        make_document(registration, registration.delegates[0])
        make_prospect(trip)
        make_messages(trip)
        make_question(trip, "hat")
        make_reminder(trip)
        bounces.mark(make_mail(registration).to_email, "5.1.1", "no such mailbox", None)
        publish(trip)
        make_invitation(registration.delegates[0], item.uid)
        intake = make_intake(trip)
        second = make_registration(trip, 1)
        places = (venue.id, room.id, way.id)
        return World(trip, registration, item.id, item.uid, *places, intake.id, second)


def addresses(app: Flask, endpoints: set[str], values: dict) -> Iterator[tuple[str, str]]:
    """(method, path) of each endpoint, with these values in its address."""
    with app.test_request_context():
        bound = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if rule.endpoint in endpoints:
                given = {name: values[name] for name in rule.arguments}
                for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                    yield method, bound.build(rule.endpoint, given, method)


def test_every_endpoint_is_in_exactly_one_list(app):
    known = sorted(endpoint for group in LISTS for endpoint in group)

    assert known == sorted({rule.endpoint for rule in app.url_map.iter_rules()})


def test_no_get_changes_anything(app, client, statements):
    world = make_world()
    with transaction():
        staff, draft = make_staff(), make_draft(world.trip)
    sign_in(client, staff)
    delegate = world.registration.delegates[0]
    doors = [
        (OF_STAFF | EVERYBODY - {"static"}, world.values()),
        (COMPANY, world.values() | {"token": world.registration.token}),
        (DELEGATE, world.values() | {"token": delegate.token}),
        (BEGUN, {"slug": world.trip.slug, "token": draft.token}),
        (INVITED, {"slug": world.trip.slug, "token": prospects.of_trip(world.trip)[0].token}),
        (FEED, {"token": feeds.of_delegate(delegate).token}),
        (STOP, {"token": opt_outs.token(delegate)}),
    ]

    with statements() as sent:
        for endpoints, values in doors:
            for method, path in addresses(app, endpoints, values):
                if method == "GET":
                    client.get(path)

    # But that a link was opened, which is written once the page is made (blueprints/openings.py).
    notes = ("UPDATE registrations SET opened_at=", "UPDATE delegates SET opened_at=")
    sent = [s for s in sent if not s.startswith(notes)]
    assert [s for s in sent if s.split()[0] in ("INSERT", "UPDATE", "DELETE")] == []
    assert len(sent) > 30


def test_strangers_are_sent_to_sign_in_and_may_post_nothing(app, client):
    world = make_world()

    for method, path in addresses(app, OF_STAFF, world.values()):
        answer = client.open(path, method=method, data=hidden(client, "/organizer/sign-in"))
        if method == "GET":
            assert answer.status_code == 302, path
            assert answer.location.startswith("/organizer/sign-in"), path
        else:
            assert answer.status_code == 404, path


def test_staff_of_one_trip_find_nothing_of_another(app, client):
    mine, other = make_world(), make_world()
    with transaction():
        staff = make_staff(trip=mine.trip)
    sign_in(client, staff)
    form = hidden(client, f"/organizer/trips/{mine.trip.slug}/publish")

    scoped = TRIP_READER | TRIP_READER_GET | TRIP_MEMBER | TRIP_ORGANIZER
    for method, path in addresses(app, scoped | OWNER, other.values()):
        assert client.open(path, method=method, data=form).status_code == 404, (method, path)
    # My own trip in the address, but another trip's things.
    mixed = other.values() | {"slug": mine.trip.slug}
    things = OF_THE_DESK | {"registrations_organizer.registration"}
    things |= {"agendas_organizer.edit", "agendas_organizer.cancel", "agendas_organizer.restore"}
    things |= {"releases_organizer.drop", "releases_organizer.hold_back"}
    things |= {"releases_organizer.let_go", "board_organizer.move"}
    things |= OF_THE_FEES | {"fees_organizer.account"}
    things |= OF_THE_LAYOUT | {"clashes_organizer.forget", "intakes_organizer.intake"}
    things |= {"amendments_organizer.one"}
    things |= {"merges_organizer.companies", "merges_organizer.people"}
    things |= OF_THE_INVITATIONS | OF_THE_FORM
    things |= OF_THE_MESSAGES | {"mailings_organizer.file", "mailings_organizer.one"}
    things |= {"mailings_organizer.preview_coordinator", "mailings_organizer.preview_delegate"}
    things |= OF_THE_CALENDARS
    things |= OF_THE_REMINDERS | {"reminders_organizer.one"}
    things |= OF_SOMEBODY | {"documents_organizer.file", "documents_organizer.page"}
    things |= {"documents_organizer.look"}
    things |= OF_THE_MAILS | {"mails_organizer.letter", "mails_organizer.page"}
    things |= {"mails_organizer.attachment"}
    for method, path in addresses(app, things, mixed):
        assert client.open(path, method=method, data=form).status_code == 404, (method, path)


def test_a_reader_looks_and_changes_nothing(app, client):
    world = make_world()
    with transaction():
        staff = make_staff(trip=world.trip, role=Role.READER)
    sign_in(client, staff)
    form = hidden(client, "/organizer/")

    for method, path in addresses(app, TRIP_READER | TRIP_READER_GET, world.values()):
        wanted = 200 if method == "GET" else 404
        assert client.open(path, method=method, data=form).status_code == wanted, (method, path)
    for method, path in addresses(app, TRIP_ORGANIZER, world.values()):
        assert client.open(path, method=method, data=form).status_code == 404, (method, path)


def test_an_organizer_of_the_trip_may_look_at_all_of_it(app, client):
    world = make_world()
    with transaction():
        staff = make_staff(trip=world.trip)
    sign_in(client, staff)

    for method, path in addresses(app, OF_STAFF - OWNER, world.values()):
        if method == "GET":
            assert client.get(path).status_code == 200, path


def test_no_key_opens_another_door(app, client):
    world, other = make_world(), make_world()
    delegate = world.registration.delegates[0]
    with transaction():
        draft = make_draft(world.trip)
    keys = {
        "company": world.registration.token,
        "delegate": delegate.token,
        "feed of the company": feeds.of_company(world.registration).token,
        "feed of the delegate": feeds.of_delegate(delegate).token,
        "draft": draft.token,
        "invitation": prospects.of_trip(world.trip)[0].token,
        "stop": opt_outs.token(delegate),
        "nothing": "x" * 32,
        "a number": str(world.registration.id),
        "a reference": world.registration.reference,
        "a form": str(world.registration.form_key),
    }
    doors = {
        "company": COMPANY,
        "delegate": DELEGATE,
        "feed": FEED,
        "draft": BEGUN,
        "invitation": INVITED,
        "stop": STOP,
    }
    form = hidden(client, f"/trips/{other.trip.slug}/register")
    named = world.values()  # before the keys that fit delete some of it

    for owner, token in keys.items():
        for door, endpoints in doors.items():
            fits = owner == door or (door == "feed" and owner.startswith("feed"))
            values = named | {"token": token}
            for method, path in addresses(app, endpoints, values):
                answer = client.open(path, method=method, data=form)
                assert (answer.status_code == 404) != fits, (owner, method, path)
    assert world.registration.state == "cancelled"  # by its own key, and by no other
    assert other.registration.state == "submitted"


@pytest.mark.parametrize(("state", "code"), [(TripState.DRAFT, 404), (TripState.WITHDRAWN, 410)])
def test_a_trip_that_is_not_public_is_not_shown(app, client, state, code):
    world = make_world(state)

    for method, path in addresses(app, OF_A_TRIP, world.values()):
        form = hidden(client, "/organizer/sign-in")
        assert client.open(path, method=method, data=form).status_code == code, (method, path)


def test_addresses_that_are_not_there_are_not_found(client):
    for path in ("/nowhere", "/trips/", "/trips/x", "/r/", "/d/", "/r/%00", "/trips/%00/", "/.env"):
        assert client.get(path).status_code in (308, 400, 404), path
    assert client.get(f"/trips/{uuid4()}/").status_code == 404


def test_a_forged_post_is_refused_before_anything_else(app, client):
    world = make_world()
    with transaction():
        staff = make_staff()
    sign_in(client, staff)
    values = world.values() | {"token": world.registration.token}
    posted = COMPANY | DELEGATE | OF_STAFF | {"staff_public.sign_out"}
    posted |= {"drafts_public.remove", "prospects_public.refuse"}

    for method, path in addresses(app, posted, values):
        if method == "POST":
            assert client.post(path).status_code == 400, path
    assert world.registration.state == "submitted"

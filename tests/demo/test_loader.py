"""The demonstration in the database: loaded once, loaded again, loaded later."""

import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.domain.tripfiles.example import everything, there
from webapp import clock, i18n
from webapp.db import Words, db
from webapp.demo import links, loader, organizer
from webapp.domain import (
    agendas,
    answers,
    clashes,
    consents,
    criteria,
    feeds,
    fees,
    held_places,
    partnerships,
    picks,
    prices,
    published,
    questions,
    queues,
    registrations,
    staffs,
    trips,
)
from webapp.models.agenda import AgendaItem, Audience, ItemPerson
from webapp.models.basis import Based, Basis
from webapp.models.consent import Purpose
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.organization import Organization
from webapp.models.person import Person
from webapp.models.pick import PickState
from webapp.models.question import Stage
from webapp.models.registration import Party, Registration, RegistrationState
from webapp.models.release import Change
from webapp.models.trip import Window

TODAY = date(2027, 2, 3)


@pytest.fixture(scope="module")
def demonstration(migrated):
    """The database with the demonstration, loaded once for all tests of the module."""
    with (
        pytest.MonkeyPatch.context() as patch,
        migrated.app_context(),
        db.engine.connect() as connection,
    ):
        patch.setattr(clock, "now", lambda: datetime(2027, 2, 3, 12, 0, tzinfo=UTC))
        patch.setitem(db.engines, None, connection)
        db.session.configure(join_transaction_mode="create_savepoint")
        outer = connection.begin()
        loader.load(TODAY)
        db.session.commit()
        yield connection
        db.session.remove()
        db.session.configure(join_transaction_mode="conditional_savepoint")
        outer.rollback()


@pytest.fixture
def loaded(demonstration):
    """The demonstration tours by slug; what a test does to them is undone."""
    with demonstration.begin_nested() as savepoint:
        yield {trip.slug: trip for trip in loader.demonstration_tours()}
        db.session.remove()
        savepoint.rollback()


def test_three_real_tours_and_one_to_come(loaded):
    assert list(loaded) == [
        "oceanology-2017",
        "invest-in-provence-2017",
        "south-of-france-san-diego-2019",
        "south-of-france-2027-04",
    ]
    upcoming = loaded["south-of-france-2027-04"]
    assert (upcoming.starts_on, upcoming.ends_on) == (date(2027, 4, 5), date(2027, 4, 9))
    windows = [trip.window(clock.now()) for trip in loaded.values()]
    assert windows == [Window.CLOSED, Window.CLOSED, Window.CLOSED, Window.OPEN]


def test_every_tour_is_published_and_has_its_feeds(loaded):
    for trip in loaded.values():
        assert trip.release is not None
        assert len(trip.release.items) >= 12
        for language in i18n.LANGUAGES:
            assert feeds.render(there(feeds.public(trip, language))).count(b"BEGIN:VEVENT") >= 8


def test_loading_again_changes_nothing(loaded):
    before = everything()

    loader.load(TODAY)

    assert everything() == before


def test_loading_again_keeps_what_people_edited(loaded):
    trip = loaded["oceanology-2017"]
    agendas.draft(trip)[0].title = Words(en="Our own title")
    trip.title = Words(en="Our own tour")
    there(partnerships.first()).aim = Words(en="Our own aim")
    loaded["south-of-france-2027-04"].max_delegates = 3
    before = everything()

    loader.load(TODAY + timedelta(days=1))

    assert everything() == before


def test_a_change_can_be_seen_in_the_tour_to_come(loaded):
    trip = loaded["south-of-france-2027-04"]
    changes = {item.title["en"]: item for item in trip.release.items if item.change != Change.SAME}

    assert trip.release.number == 2
    assert trip.release.note == loader.MOVE_NOTE
    (moved,) = changes.values()
    assert (moved.change, moved.sequence, moved.title["en"]) == (Change.MOVED, 1, loader.MOVED)
    assert moved.starts_local == datetime(2027, 4, 5, 19, 0)


@pytest.mark.parametrize("days_before_start", [8, 0, -30])
def test_another_tour_is_added_once_none_takes_registrations(loaded, days_before_start):
    first = loaded["south-of-france-2027-04"]
    today = first.starts_on - timedelta(days=days_before_start)

    slugs = [trip.slug for trip in loader.load(today)]

    assert len(slugs) == 5
    later = there(trips.by_slug(slugs[-1]))
    assert later.starts_on.weekday() == 0
    assert 60 <= (later.starts_on - today).days <= 66
    assert not {item.uid for item in agendas.draft(first)} & {
        item.uid for item in agendas.draft(later)
    }


def test_no_other_tour_is_added_while_one_takes_registrations(loaded):
    last_day = loaded["south-of-france-2027-04"].registration_closes_at.date() - timedelta(days=1)

    assert len(loader.load(last_day)) == 4


def test_the_template_is_there_and_nobody_sees_it(loaded):
    template = there(trips.by_slug("template-five-days-three-cities"))

    assert (template.is_template, template.is_public, template.release) == (True, False, None)
    assert template.slug not in loaded
    assert len(agendas.draft(template)) == 20
    assert template.title["en"] not in {trip.title["en"] for trip in trips.public().past}


@pytest.mark.parametrize("today", [TODAY, date(2027, 8, 20), date(2028, 1, 20)])
def test_nothing_blocks_in_any_tour(loaded, today):
    """One week in April, the one when France leaves summer time, and one when only California has
    begun it."""
    loader.load(today)

    told = {
        trip.slug: [clash.rule for clash in clashes.check(trip)]
        for trip in loader.demonstration_tours()
    }

    assert clashes.Rule.CLOCK_CHANGE in told["invest-in-provence-2017"]
    allowed = {clashes.Rule.CLOCK_CHANGE}
    for slug, rules in told.items():
        late = {clashes.Rule.DATES} if slug == "invest-in-provence-2017" else set()
        assert set(rules) <= allowed | late, slug


def test_the_tour_of_2017_tells_of_both_clock_changes_and_the_late_call(loaded):
    trip = loaded["invest-in-provence-2017"]
    titles = {item.uid: item.title["en"] for item in agendas.draft(trip)}

    told = [(clash.rule, [titles[uid] for uid in clash.uids]) for clash in clashes.check(trip)]

    assert told == [
        (clashes.Rule.CLOCK_CHANGE, []),
        (clashes.Rule.CLOCK_CHANGE, []),
        (clashes.Rule.DATES, ["Follow-up call with San Diego"]),
    ]


def test_delegates_have_chosen_and_one_waits(loaded):
    for slug, title, chosen, waiting in (
        (
            "invest-in-provence-2017",
            "Optional: the old town of Aix on foot",
            ["Avery", "Riley", "Quinn"],
            ["Noël"],
        ),
        (
            "south-of-france-2027-04",
            "Optional: private advice on a first hire",
            ["Casey"],
            ["Élodie"],
        ),
    ):
        found = {PickState.CHOSEN: [], PickState.WAITING: []}
        for registration in registrations.of_trip(loaded[slug]):
            for delegate in registration.delegates:
                for pick in picks.of(delegate).values():
                    if pick.item.title["en"] == title:
                        found[pick.state].append(delegate.given_name)
        assert list(found.values()) == [chosen, waiting]


def test_a_session_for_one_company_is_in_its_agenda_alone(loaded):
    trip = loaded["south-of-france-2027-04"]
    title = "Dinner with a possible partner"
    accepted = registrations.of_trip(trip, RegistrationState.ACCEPTED)

    public = {item.title["en"] for item in published.items(trip, Audience.EVERYBODY)}
    own = {item.title["en"] for item in published.for_delegate(accepted[0].delegates[0])}

    assert [each.organization.name for each in accepted] == [
        "Bluefennel Biologics",
        "Tidewrack Robotics",
    ]
    assert (title in public, title in own) == (False, True)
    assert accepted[0].organization.basis == Basis.ILLUSTRATIVE


def test_no_letter_is_written_for_samples(loaded):
    assert db.session.scalar(select(func.count()).select_from(Mail)) == 0


def test_whatever_is_invented_is_labelled(loaded):
    assert set(db.session.scalars(select(AgendaItem.basis))) == {Basis.ILLUSTRATIVE}
    assert set(db.session.scalars(select(Registration.basis))) == {Basis.ILLUSTRATIVE}
    doing = select(Person.basis).join(ItemPerson, ItemPerson.person_id == Person.id)
    assert set(db.session.scalars(doing)) == {Basis.ILLUSTRATIVE}
    travelling = select(Person.basis).join(Delegate, Delegate.person_id == Person.id)
    assert set(db.session.scalars(travelling)) == {Basis.ILLUSTRATIVE}
    applying = select(Organization.basis).join(
        Registration, Registration.organization_id == Organization.id
    )
    assert set(db.session.scalars(applying)) == {Basis.ILLUSTRATIVE}
    carrying = select(Organization.basis).where(
        ~Organization.id.in_(select(Registration.organization_id))
    )
    assert set(db.session.scalars(carrying)) == {Basis.SOURCED}
    for trip in loaded.values():
        for item in trip.release.items:
            assert item.is_sample


def test_the_label_stands_in_the_calendar(loaded):
    body = feeds.render(there(feeds.public(loaded["south-of-france-2027-04"], "fr"))).decode()

    assert body.count("BEGIN:VEVENT") > 12
    assert "(exemple)" in body


def test_every_state_of_a_registration_can_be_seen(loaded):
    counts = registrations.counts(loaded["south-of-france-2027-04"])

    assert counts[RegistrationState.CANCELLED] == 0
    assert {state for state, number in counts.items() if number} == {
        RegistrationState.ACCEPTED,
        RegistrationState.SUBMITTED,
        RegistrationState.WAITLISTED,
        RegistrationState.OFFERED,
        RegistrationState.DECLINED,
    }
    for each in registrations.of_trip(loaded["south-of-france-2027-04"]):
        assert each.submitted_at < clock.now()
        assert (each.reason is not None) == (
            each.state in (RegistrationState.WAITLISTED, RegistrationState.DECLINED)
        )


def test_the_form_the_criteria_and_the_prices_can_be_seen(loaded):
    trip = loaded["south-of-france-2027-04"]

    asked = [(each.key, each.stage, each.sensitivity) for each in questions.of(trip)]
    assert ("exports", "apply", "plain") in asked
    assert ("diet", "travel", "health") in asked
    assert ("arrival_flight", "travel", "plain") in asked
    assert not [each.key for each in questions.of(trip, Stage.APPLY) if each.required]
    assert len(criteria.of(trip)) == 3
    assert [len(each.instalments) for each in prices.of(trip)] == [2, 2]
    closes = there(trip.registration_closes_at)
    assert clock.now() < closes < there(trip.details_due_at) < there(trip.freezes_at)
    dated = [part["due_on"] for each in prices.of(trip) for part in each.instalments[1:]]
    assert {date.fromisoformat(day) for day in dated} == {trip.starts_on - timedelta(days=28)}


def test_what_happens_to_companies_can_be_seen(loaded):
    trip = loaded["south-of-france-2027-04"]
    by_name = {each.organization.name: each for each in registrations.of_trip(trip)}
    bluefennel, tidewrack = by_name["Bluefennel Biologics"], by_name["Tidewrack Robotics"]
    casey, elodie = bluefennel.delegates

    assert [
        (turn.registration.organization.name, turn.delegate and turn.delegate.given_name)
        for turn in queues.line(trip)
    ] == [("Sagemesa Photonics", None), ("Tidewrack Robotics", "Blake")]
    assert {turn.waits_for for turn in queues.line(trip)} == {
        queues.WaitsFor.DECISION,
        queues.WaitsFor.OWN_LIMIT,
    }
    assert by_name["Sagemesa Photonics"].party == Party.ANY
    offered = by_name["Chaparral Seeds"]
    assert offered.offer_ends_at == clock.now() + timedelta(hours=72)
    kelpline = by_name["Kelpline Acoustics"]
    assert [each.email for each in kelpline.delegates if each.awaits_data] == [
        "colleague.sample@kelpline.example.com"
    ]
    (block,) = held_places.of_trip(trip)
    assert (block.block.mail_domain, block.left) == ("torrey-reef.example.com", 3)
    assert set(consents.of(casey)) == {Purpose.LIST, Purpose.PHOTO}
    assert not consents.of(elodie)
    for paid in (bluefennel, tidewrack):
        statement = fees.statement(paid)
        first = [line.open for line in statement.lines if line.charge.instalment == 0]
        assert (first, statement.overpaid) == ([0, 0], 0)
        assert statement.owed > 0
        assert paid.confirmed_at is None, "the second instalment is still to come"
    assert "vegetarian" in answers.of_delegate(casey, private=True).values()
    assert "vegetarian" not in answers.of_delegate(casey, private=False).values()
    scored = {name: each.score for name, each in by_name.items() if each.score}
    assert scored == {
        "Bluefennel Biologics": 25,
        "Kelpline Acoustics": 27,
        "Sagemesa Photonics": 14,
        "Tidewrack Robotics": 29,
        "Chaparral Seeds": 19,
    }


def test_delegates_follow_their_tracks(loaded):
    trip = loaded["oceanology-2017"]
    delegate = registrations.of_trip(trip)[0].delegates[0]

    titles = {item.title["en"] for item in published.for_delegate(delegate)}

    assert [track.key for track in delegate.tracks] == ["companies"]
    assert "The fair, third day" in titles
    assert "Closing dinner" in titles  # for accepted delegates
    assert "Meeting with Ignacio Fernandez, Climate Resolve" not in titles  # another track
    assert "Order of the ceremony, last check" not in titles  # staff


def test_everybody_sees_the_signing_the_solo_stop_and_the_call(loaded):
    seen = {
        slug: {item.title["en"] for item in published.items(trip, Audience.EVERYBODY)}
        for slug, trip in loaded.items()
    }
    assert {
        "Signing of the agreement between San Diego and the Region",
        "Meeting with Ignacio Fernandez, Climate Resolve",
    } <= seen["oceanology-2017"]
    assert {"Call with the teams in San Diego", "Flight from San Diego to Paris"} <= seen[
        "invest-in-provence-2017"
    ]


def test_the_feed_of_the_tour_has_the_flight_with_a_zone_at_each_end(loaded):
    body = feeds.render(there(feeds.public(loaded["invest-in-provence-2017"], "en"))).decode()

    assert "DTSTART;TZID=America/Los_Angeles:20171028T141500\r\n" in body
    assert "DTEND;TZID=Europe/Paris:20171029T113000\r\n" in body
    assert "DTSTART;TZID=Europe/Paris:20171031T173000\r\n" in body
    assert "DTSTART;TZID=Europe/Paris:20171106T173000\r\n" in body


def test_the_partnership_page_has_its_rows(loaded):
    partnership = there(partnerships.first())
    south, city = partnership.regions

    assert there(partnership.representative).name == "San Diego French American Chamber of Commerce"
    assert (len(partnership.objectives), len(partnership.sectors)) == (5, 7)
    assert (len(south.facts), len(city.facts), len(south.sectors)) == (12, 0, 12)
    assert [len(each.people) for each in partnership.agreements] == [3, 4, 0, 0]
    assert len(partnership.articles) == 11
    sources = partnerships.sources()
    rows: list[Based] = [
        partnership,
        south,
        city,
        *south.facts,
        *partnership.agreements,
        *partnership.articles,
    ]
    for row in rows:
        assert row.basis == Basis.SOURCED
        assert row.sources
        assert set(row.sources) <= set(sources)
    for article in partnership.articles:
        assert article.trip_slug is None or article.trip_slug in loaded


def test_the_chamber_is_one_organization_for_the_page_and_the_tours(loaded):
    query = select(func.count()).where(
        Organization.name == "San Diego French American Chamber of Commerce"
    )
    assert db.session.scalar(query) == 1


def test_the_organizer_signs_in_with_the_kept_password(migrated, loaded):
    password = there(organizer.password())

    staff = staffs.sign_in("organizer@escale.example", password)

    assert staff is not None
    assert staff.runs_everything
    kept = Path(migrated.config["DATA_DIR"]) / organizer.FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert password not in str(everything())


def test_links_are_of_samples_only(loaded):
    told = links.links()

    assert [trip["slug"] for trip in told["trips"]] == list(reversed(loaded))
    for trip in told["trips"]:
        assert None not in trip.values()
        token = trip["company"].rsplit("/", 1)[1]
        registration = there(registrations.by_token(token))
        assert registration.basis == Basis.ILLUSTRATIVE
        assert registration.state == RegistrationState.ACCEPTED
    for other in registrations.of_trip(loaded["south-of-france-2027-04"]):
        other.basis = Basis.REAL
    assert links.links()["trips"][0]["company"] is None

"""Writing to those whom a version concerns: exactly those, once each, and only what is theirs."""

import email
import re
from dataclasses import replace
from datetime import datetime, timedelta
from email import policy

import pytest
from sqlalchemy import select

from tests.factories import (
    application,
    delegate_data,
    make_item,
    make_registration,
    make_track,
    make_trip,
    utc,
)
from webapp import clock
from webapp.db import Words, db
from webapp.domain import (
    agendas,
    audits,
    bulletins,
    change_words,
    correspondence,
    delegates,
    item_values,
    mail_retries,
    picks,
    releases,
    telling,
)
from webapp.models.agenda import Attendance, Audience
from webapp.models.mail import Bounce, Hold, Mail, MailState, OptOut, Topic
from webapp.models.pick import Pick, PickState
from webapp.models.registration import RegistrationState
from webapp.models.release import Release
from webapp.models.trip import Trip

BY = audits.SYSTEM
NOON = utc(2027, 9, 1, 12, 0)
EVERYBODY = {"Ada", "Bob", "Cleo", "Dan"}


def edit(item, **values):
    return agendas.change(item, replace(item_values.of(item), **values), BY, item.version)


class Tour:
    """Ada (follows the track) and Bob of an accepted company; Cleo of another accepted one; Dan
    of one that waits for a decision; Eve of one that left. One version, told to nobody."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = NOON
        patch.setattr(clock, "now", lambda: self.now)
        self.trip: Trip = make_trip()
        self.track = make_track(self.trip)
        accepted = RegistrationState.ACCEPTED
        self.first = self.company("First", accepted, "Ada", "Bob")
        self.second = self.company("Second", accepted, "Cleo")
        self.third = self.company("Third", RegistrationState.SUBMITTED, "Dan")
        self.company("Fourth", RegistrationState.CANCELLED, "Eve")
        self.ada, self.bob = self.first.delegates
        [self.cleo] = self.second.delegates
        [self.dan] = self.third.delegates
        delegates.follow(self.ada, self.trip, [self.track.id], BY)
        self.item = make_item(self.trip, title=Words(en="Shipyard", fr="Chantier"))
        self.publish(tells=False)

    def company(self, name, state, *names):
        people = tuple(
            delegate_data(number, given_name=given, family_name="")
            for number, given in enumerate(names)
        )
        made = application(1, organization_name=name, delegates=people)
        return make_registration(
            self.trip, state=state, organization_name=made.organization_name,
            delegates=made.delegates,
        )  # fmt: skip

    def publish(self, *, tells=True, **values) -> Release:
        self.now += timedelta(minutes=1)
        return releases.publish(self.trip, BY, tells=tells, **values)

    def tell(self, release=None) -> int:
        db.session.flush()
        return telling.tell((release or self.trip.release).id)

    def publish_and_tell(self, **values) -> Release:
        release = self.publish(**values)
        self.tell(release)
        return release

    def send(self) -> None:
        """Everything that is not stopped goes out."""
        self.now += timedelta(hours=1)
        for mail in bulletin_rows():
            if mail.state in (MailState.HELD, MailState.WAITING):
                mail.state, mail.hold = MailState.SENT, None
        db.session.flush()

    def pick(self, item, delegate, state=PickState.CHOSEN) -> None:
        db.session.add(
            Pick(item_id=item.id, delegate_id=delegate.id, state=state, queued_at=clock.now())
        )
        db.session.flush()


@pytest.fixture
def tour(session, monkeypatch) -> Tour:
    return Tour(monkeypatch)


def bulletin_rows() -> list[Mail]:
    query = select(Mail).where(Mail.letter == "bulletin").order_by(Mail.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def told(release: Release | None = None, *states: MailState) -> set[str]:
    """Who is written to about a version, each once."""
    rows = [
        mail
        for mail in bulletin_rows()
        if mail.state in (states or (MailState.HELD, MailState.WAITING, MailState.SENT))
        and (release is None or mail.release_id == release.id)
    ]
    names = [mail.to_name for mail in rows]
    assert len(names) == len(set(names))
    return set(names)


def letters() -> dict[str, str]:
    """What each bulletin that is not stopped says, by its reader."""
    wait = (MailState.HELD, MailState.WAITING)
    rows = [mail for mail in bulletin_rows() if mail.state in wait]
    for mail in rows:
        mail.state, mail.hold, mail.due_at = MailState.WAITING, None, clock.now()
    db.session.flush()
    while correspondence.write_due():
        pass
    assert [mail.last_error for mail in rows if mail.message is None] == []
    return {mail.to_name: whole(mail) for mail in rows}


def whole(mail: Mail) -> str:
    parsed = email.message_from_bytes(mail.message, policy=policy.default)
    parts = [part.get_content() for part in parsed.walk() if not part.is_multipart()]
    return "\n".join([mail.subject, *parts]).replace("\r\n", "\n").replace("\n ", "")


def test_exactly_those_whom_it_concerns_are_told_once_and_held(tour):
    company = tour.second.organization_id
    for name, values in {
        "Everybody's": {},
        "Also everybody's": {},
        "Track's": {"track_id": tour.track.id},
        "Company's": {"audience": Audience.COMPANIES, "company_ids": (company,)},
        "Staff's": {"audience": Audience.STAFF},
        "Optional": {"attendance": Attendance.OPTIONAL},
    }.items():
        make_item(tour.trip, title=Words(en=name), **values)

    release = tour.publish_and_tell(hold_minutes=20)

    assert told(release) == EVERYBODY
    assert {(mail.state, mail.hold, mail.due_at) for mail in bulletin_rows()} == {
        (MailState.HELD, Hold.WINDOW, release.published_at + timedelta(minutes=20))
    }
    assert release.told_at == tour.now
    says = {who: set(re.findall(r"^New: (.*)$", text, re.M)) for who, text in letters().items()}
    common = {"Everybody's", "Also everybody's"}
    assert says == {
        "Ada": common | {"Track's"},
        "Bob": common,
        "Cleo": common | {"Company's"},
        "Dan": common,
    }


def test_nobody_else_s_session_stands_anywhere_in_a_letter(tour):
    """Neither in its words nor in its file."""
    other = tour.first.organization_id
    item = make_item(tour.trip, title=Words(en="Secret lunch"), place="Villa Secret",
                     audience=Audience.COMPANIES, company_ids=(other,))  # fmt: skip
    was_open = make_item(tour.trip, title=Words(en="Open lunch"), place="Open place")
    make_item(tour.trip, title=Words(en="Secret track"), track_id=tour.track.id)
    tour.publish(tells=False)
    edit(item, place="Villa Secret 2")
    edit(was_open, title=Words(en="Secret dinner"), place="Villa Secret 3",
         audience=Audience.COMPANIES, company_ids=(other,))  # fmt: skip
    edit(tour.item, place="Gate 2")
    tour.publish_and_tell()

    said = letters()
    assert set(said) == EVERYBODY
    assert "Villa Secret 2" in said["Bob"]
    assert "Secret dinner" in said["Bob"]
    for who in ("Cleo", "Dan"):
        assert "Secret" not in said[who]
        assert "No longer in your agenda: Open lunch" in said[who]
        assert "Gate 2" in said[who]


def test_the_first_version_says_that_the_program_is_there(session, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    trip = make_trip()
    make_registration(trip, 2, RegistrationState.ACCEPTED)
    make_item(trip)
    release = releases.publish(trip, BY, tells=True)

    assert telling.due() == [release.id]
    assert telling.tell(release.id) == 2
    assert telling.due() == []
    for text in letters().values():
        assert "The program is published" in text
        assert "New: " not in text
        assert "BEGIN:VEVENT" in text


def test_a_version_that_tells_nobody_puts_nothing(tour):
    edit(tour.item, place="Gate 2")
    release = tour.publish(tells=False)

    assert telling.due() == []
    assert tour.tell(release) == 0
    assert bulletin_rows() == []


def test_telling_twice_tells_once(tour):
    edit(tour.item, place="Gate 2")
    release = tour.publish_and_tell()
    before = len(bulletin_rows())

    assert (tour.tell(release), len(bulletin_rows()), telling.due()) == (0, before, [])


def test_a_newer_version_takes_the_place_of_letters_that_are_held(tour):
    edit(tour.item, place="Gate 2")
    second = tour.publish_and_tell(note="Only about the gate")
    make_item(tour.trip, title=Words(en="Track's"), track_id=tour.track.id)
    third = tour.publish(note="Only about the track")

    assert telling.due() == [third.id]
    tour.tell(third)

    assert told(second) == set()
    assert told(third) == EVERYBODY
    stopped = [mail for mail in bulletin_rows() if mail.state == MailState.CANCELLED]
    assert {mail.last_error for mail in stopped} == {"not sent: told with version 3"}
    assert telling.standings(tour.trip)[second.id].told_with == 3
    said = letters()
    assert "Gate 2" in said["Bob"]
    assert "Track's" not in said["Bob"]
    assert "Gate 2" in said["Ada"]
    assert "New: Track's" in said["Ada"]
    # The notes of the versions that concern a reader, and no others.
    assert "Only about the gate" in said["Bob"]
    assert "about the track" not in said["Bob"]
    assert "Only about the gate" in said["Ada"]
    assert "Only about the track" in said["Ada"]


def test_a_newer_version_that_tells_nobody_leaves_it_with_those_who_were_to_be_told(tour):
    make_item(tour.trip, title=Words(en="Track's"), track_id=tour.track.id)
    second = tour.publish_and_tell(hold_minutes=30)
    edit(tour.item, title=Words(en="Shipyards"))
    third = tour.publish(tells=False)

    assert telling.due() == [third.id]
    tour.tell(third)

    assert (told(second), told(third)) == (set(), {"Ada"})
    [mail] = [mail for mail in bulletin_rows() if mail.state == MailState.HELD]
    assert mail.due_at == second.published_at + timedelta(minutes=30)
    said = letters()["Ada"]
    assert "New: Track's" in said
    assert "Shipyards" in said


def test_moved_and_moved_back_is_no_news(tour):
    edit(tour.item, place="Gate 2")
    tour.publish_and_tell()
    edit(tour.item, place=None)
    other = make_item(tour.trip, title=Words(en="Track's"), track_id=tour.track.id)
    tour.publish_and_tell()

    assert told() == {"Ada"}
    said = letters()["Ada"]
    assert other.title["en"] in said
    assert "Gate 2" not in said


def test_what_a_letter_counts_from(tour):
    """From what the last one told, and from what came out since without a letter by choice."""
    edit(tour.item, place="Gate 2")
    tour.publish_and_tell()
    tour.send()
    edit(tour.item, place="Gate 3")
    tour.publish(tells=False)
    edit(tour.item, place="Gate 4")
    tour.publish_and_tell()

    assert {mail.facts["since"] for mail in bulletin_rows()} == {1, 3}
    said = letters()["Bob"]
    assert ("Gate 2" in said, "Gate 3" in said, "Gate 4" in said) == (False, True, True)


def test_what_came_without_a_letter_and_is_called_off_is_told(tour):
    came = make_item(tour.trip, title=Words(en="Tasting"))
    tour.publish(tells=False)
    agendas.call_off(came, BY)
    tour.publish_and_tell()

    assert told() == EVERYBODY
    assert "Cancelled: Tasting" in letters()["Bob"]


def test_a_letter_that_came_back_or_failed_told_nothing(tour):
    edit(tour.item, place="Gate 2")
    tour.publish_and_tell()
    tour.send()
    for mail in bulletin_rows():
        mail.state = {"Ada": MailState.BOUNCED, "Bob": MailState.FAILED}.get(
            mail.to_name, mail.state
        )
    edit(tour.item, place="Gate 3")
    tour.publish_and_tell()

    held = [mail for mail in bulletin_rows() if mail.state == MailState.HELD]
    assert {mail.to_name: mail.facts["since"] for mail in held} == {
        "Ada": 1, "Bob": 1, "Cleo": 2, "Dan": 2
    }  # fmt: skip


def test_who_came_later_knows_the_version_of_that_day(tour):
    edit(tour.item, place="Gate 2")
    telling.undo(tour.publish_and_tell(), BY)
    tour.now += timedelta(minutes=1)
    tour.company("Late", RegistrationState.ACCEPTED, "Fay")
    edit(tour.item, place="Gate 3")
    release = tour.publish_and_tell()

    since = {mail.to_name: mail.facts["since"] for mail in bulletin_rows()}
    assert since == {"Ada": 1, "Bob": 1, "Cleo": 1, "Dan": 1, "Fay": 2}
    # Whoever comes while the letters are held is told nothing: it is as they found it.
    tour.now += timedelta(minutes=1)
    tour.company("Latest", RegistrationState.ACCEPTED, "Gus")
    release.told_at = None
    assert (tour.tell(release), "Gus" in told()) == (0, False)


def test_undo_stops_what_is_held_and_what_it_told_is_told_next_time(tour):
    edit(tour.item, place="Gate 2")
    release = tour.publish_and_tell()

    assert telling.undo(release, BY) == 4

    assert told(release) == set()
    assert {mail.state for mail in bulletin_rows()} == {MailState.CANCELLED}
    assert telling.due() == []
    assert audits.of(release)[0].action == "undo telling"
    with pytest.raises(telling.NothingHeld):
        telling.undo(release, BY)
    edit(tour.item, title=Words(en="Shipyards"))
    tour.publish_and_tell()
    assert "Gate 2" in letters()["Bob"]


def test_undo_before_a_worker_has_come_puts_nothing(tour):
    edit(tour.item, place="Gate 2")
    release = tour.publish()

    assert telling.undo(release, BY) == 0
    assert (tour.tell(release), bulletin_rows()) == (0, [])


def test_what_went_out_is_not_undone(tour):
    edit(tour.item, place="Gate 2")
    release = tour.publish_and_tell()
    tour.send()

    for verb in (telling.undo, telling.now):
        with pytest.raises(telling.NothingHeld):
            verb(release, BY)
    assert told(release, MailState.SENT) == EVERYBODY


@pytest.mark.parametrize("put", [True, False])
def test_sending_at_once(tour, put):
    edit(tour.item, place="Gate 2")
    release = tour.publish()
    if put:
        tour.tell(release)

    telling.now(release, BY)
    tour.tell(release)

    assert {(mail.state, mail.due_at) for mail in bulletin_rows()} == {
        (MailState.WAITING, tour.now)
    }


def test_addresses_that_do_not_want_it_or_bounced_are_seen_and_not_reached(tour):
    db.session.add(OptOut(
        trip_id=tour.trip.id, email=tour.ada.email, topic=Topic.CHANGES, at=NOON
    ))  # fmt: skip
    db.session.add(Bounce(email=tour.bob.email, at=NOON, words="no such user"))
    edit(tour.item, place="Gate 2")
    release = tour.publish_and_tell(hold_minutes=0)

    stands = {mail.to_name: (mail.state, mail.hold) for mail in bulletin_rows()}
    assert stands == {
        "Ada": (MailState.CANCELLED, None),
        "Bob": (MailState.HELD, Hold.ADDRESS),
        "Cleo": (MailState.WAITING, None),
        "Dan": (MailState.WAITING, None),
    }
    assert telling.standing(tour.trip, release).goes_at is None


def test_a_session_called_off_is_told_to_who_waited_for_it_too(tour):
    item = make_item(tour.trip, attendance=Attendance.OPTIONAL, capacity=1)
    tour.publish(tells=False)
    picks.choose(tour.ada, item.uid, BY)
    assert picks.choose(tour.bob, item.uid, BY).state == PickState.WAITING
    agendas.call_off(item, BY)
    tour.publish_and_tell()

    assert told() == {"Ada", "Bob"}
    said = letters()
    assert "Cancelled: Visit of the shipyard" in said["Ada"]
    assert "STATUS:CANCELLED" in said["Ada"]
    # What they only waited for was never in their calendar.
    assert "Cancelled: Visit of the shipyard" in said["Bob"]
    assert "VEVENT" not in said["Bob"]


def test_who_loses_a_chosen_session_is_told_that_it_is_gone(tour):
    item = make_item(tour.trip, attendance=Attendance.OPTIONAL)
    tour.publish(tells=False)
    picks.choose(tour.ada, item.uid, BY)
    edit(item, audience=Audience.COMPANIES, company_ids=(tour.second.organization_id,))
    tour.publish_and_tell()

    assert told() == {"Ada"}
    assert "No longer in your agenda: Visit of the shipyard" in letters()["Ada"]


def test_only_what_the_reader_can_tell_apart_is_news(tour):
    """A word in another language is no news, nor whom else a session is for."""
    tour.bob.language = "fr"
    edit(tour.item, title=Words(en="Shipyard", fr="Le chantier"))
    tour.publish_and_tell()

    assert told() == {"Bob"}


def test_the_file_of_a_letter_is_right(tour):
    off = make_item(tour.trip, title=Words(en="Off"))
    make_item(tour.trip, title=Words(en="The same"))
    tour.publish(tells=False)
    edit(tour.item, starts_local=datetime(2027, 10, 26, 8, 0))
    agendas.call_off(off, BY)
    tour.publish_and_tell()
    letters()

    mail = bulletin_rows()[0]
    parsed = email.message_from_bytes(mail.message, policy=policy.default)
    [file] = [part for part in parsed.walk() if part.get_content_type() == "text/calendar"]
    assert file.get_filename() == "changes.ics"
    body = file.get_content().replace("\r\n", "\n")
    events = re.findall(r"BEGIN:VEVENT.*?END:VEVENT", body, re.S)
    assert sorted(re.findall(r"^UID:(.*)$", body, re.M)) == sorted(
        [str(tour.item.uid), str(off.uid)]
    )
    assert [("STATUS:CANCELLED" in event, "SEQUENCE:1" in event) for event in events].count(
        (True, True)
    ) == 1
    assert all("SEQUENCE:1" in event for event in events)
    assert not re.search(r"^(METHOD|ATTENDEE|ORGANIZER|NAME|X-WR-CALNAME)", body, re.M)


def test_the_letter_says_what_the_page_says(tour):
    item = make_item(tour.trip, attendance=Attendance.OPTIONAL)
    make_item(tour.trip, title=Words(en="Track's"), track_id=tour.track.id)
    tour.publish(tells=False)
    for each in (tour.ada, tour.cleo):
        tour.pick(item, each)
    edit(item, place="Gate 2", track_id=tour.track.id)
    edit(tour.item, audience=Audience.DELEGATES)
    agendas.call_off(make_item(tour.trip), BY)
    tour.publish_and_tell()

    said = letters()
    for each in (tour.ada, tour.bob, tour.cleo, tour.dan):
        page = change_words.told(bulletins.for_delegate(each, 2))
        titles = {item.item.title["en"] for item, _lines in page}
        lines = {line.after for _item, found in page for line in found}
        assert (each.name in said) == bool(page)
        for words in titles | lines:
            assert words in said[each.name]
    assert set(said) == {"Ada", "Cleo", "Dan"}


def test_a_batch_of_letters_takes_as_many_statements_for_40_people_as_for_4(session, statements):
    counts = {}
    for size in (4, 40):
        trip = make_trip()
        make_registration(trip, size, RegistrationState.ACCEPTED)
        item = make_item(trip)
        releases.publish(trip, BY)
        edit(item, place="Gate 2")
        release = releases.publish(trip, BY, tells=True, hold_minutes=0)
        with statements() as sent:
            assert telling.tell(release.id) == size
        putting = len(sent)
        for mail in db.session.scalars(select(Mail).where(Mail.letter != "bulletin")):
            mail.state = MailState.CANCELLED
        db.session.flush()
        db.session.expire_all()
        with statements() as sent:
            assert correspondence.write_due(50) == size
        counts[size] = (putting, len(sent))

    assert counts[4] == counts[40]


def test_coming_up_from_a_waiting_list_is_told_once(tour):
    item = make_item(tour.trip, attendance=Attendance.OPTIONAL, capacity=1)
    tour.publish(tells=False)
    picks.choose(tour.ada, item.uid, BY)
    picks.choose(tour.bob, item.uid, BY)
    picks.leave(tour.ada, item.uid, BY)

    [mail] = db.session.scalars(select(Mail).where(Mail.letter == "session_place"))
    assert (mail.to_name, mail.topic) == ("Bob", None)
    picks.settle(tour.trip)
    while correspondence.write_due():
        pass
    [mail] = db.session.scalars(select(Mail).where(Mail.letter == "session_place"))
    text = whole(mail)
    assert "Visit of the shipyard" in mail.subject
    assert "Paris" in text
    assert f"/d/{tour.bob.token}#item-{item.uid}" in text
    assert f"UID:{item.uid}" in text
    # Another turn is another letter.
    picks.leave(tour.bob, item.uid, BY)
    tour.now += timedelta(minutes=1)
    picks.choose(tour.ada, item.uid, BY)
    picks.choose(tour.bob, item.uid, BY)
    picks.leave(tour.ada, item.uid, BY)
    assert len(db.session.scalars(select(Mail).where(Mail.letter == "session_place")).all()) == 2


def test_what_a_later_letter_told_is_not_sent_again_with_those_that_failed(tour):
    edit(tour.item, place="Gate 2")
    tour.publish_and_tell(hold_minutes=0)
    first = bulletin_rows()
    for mail in first:
        mail.become(MailState.FAILED)
    db.session.flush()
    assert mail_retries.failed(tour.trip) == sorted(mail.id for mail in first)

    edit(tour.item, place="Gate 3")
    tour.publish_and_tell(hold_minutes=0)

    assert len(bulletin_rows()) == 2 * len(first)
    assert mail_retries.failed(tour.trip) == []

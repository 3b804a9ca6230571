"""Letters about versions of the agenda, put as publishing puts them."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from tests.factories import item_values, make_track
from tests.mail import posting
from webapp.db import Words, db
from webapp.domain import agendas, audits, delegates, picks, releases, telling
from webapp.domain import item_values as values_of
from webapp.models.agenda import AgendaItem, Attendance
from webapp.models.mail import Mail
from webapp.models.registration import Registration, RegistrationState
from webapp.models.release import Release

BY = audits.SYSTEM
NOTE = "The harbor master asks us to come by the north gate.\nPlease bring a badge."


def add(registration: Registration, number: int, **values) -> AgendaItem:
    """A session whose UID is the same in every run."""
    uid = UUID(int=int(registration.reference.removeprefix("WAVE-")) * 100 + number)
    given = {"title": Words(en=f"Session {number}", fr=f"Séance {number}")} | values
    return agendas.add(registration.trip, item_values(**given), BY, uid)


def edit(item: AgendaItem, **values) -> None:
    agendas.change(item, replace(values_of.of(item), **values), BY, item.version)


def accept(registration: Registration) -> None:
    registration.state = RegistrationState.ACCEPTED
    db.session.flush()


def told(registration: Registration, note: str = "") -> Mail:
    """Publish, write to everybody; the letter of the first delegate."""
    release = releases.publish(registration.trip, BY, note, tells=True, hold_minutes=0)
    assert telling.tell(release.id)
    reader = registration.delegates[0]
    mail = db.session.scalars(
        select(Mail).where(Mail.release_id == release.id, Mail.delegate_id == reader.id)
    ).one()
    return posting.written(mail)


def first(registration: Registration) -> Mail:
    """The first version of a tour of which nobody had heard."""
    registration.trip.release_id = None
    db.session.flush()
    db.session.execute(delete(Release).where(Release.trip_id == registration.trip_id))
    db.session.expire_all()
    return told(registration)


def one(registration: Registration) -> Mail:
    item = add(registration, 1)
    releases.publish(registration.trip, BY)
    edit(item, starts_local=datetime(2027, 10, 26, 8, 30), place="Gate 2")
    return told(registration)


def many(registration: Registration) -> Mail:
    """One of each kind of change, in order of time."""
    accept(registration)
    track = make_track(registration.trip, f"track-{registration.id}")
    zoe, tom = registration.delegates
    delegates.follow(zoe, registration.trip, [track.id], BY)
    hours = {
        number: {
            "starts_local": datetime(2027, 10, 27, 7 + number, 0),
            "ends_local": datetime(2027, 10, 27, 7 + number, 45),
        }
        for number in range(1, 8)
    }
    off, back, words, gone, wished, moved = (
        add(registration, n, **hours[n], **values)
        for n, values in (
            (1, {}),
            (2, {}),
            (3, {"description": Words(en="With Rosé & <bread>", fr="Avec du rosé & du <pain>")}),
            (4, {"track_id": track.id}),
            (5, {"attendance": Attendance.OPTIONAL, "capacity": 1}),
            (6, {"ends_zone": "America/New_York", "to_place": "JFK"}),
        )
    )
    agendas.call_off(add(registration, 7, **hours[7]), BY)
    releases.publish(registration.trip, BY)
    picks.choose(tom, wished.uid, BY)
    picks.choose(zoe, wished.uid, BY)
    agendas.call_off(back, BY)
    releases.publish(registration.trip, BY)
    agendas.call_off(off, BY)
    agendas.bring_back(back, BY)
    edit(words, description=Words(en="With wine & <cheese>", fr="Avec du vin & du <fromage>"))
    other = make_track(registration.trip, f"other-{registration.id}")
    edit(gone, track_id=other.id)
    edit(wished, place="Villa Noailles")
    edit(
        moved, starts_local=datetime(2027, 10, 28, 13, 0), ends_local=datetime(2027, 10, 28, 16, 0)
    )
    add(registration, 8, place="Musée d'Histoire", meeting_point=Words(en="Lobby", fr="Hall"),
        call_minutes=15, starts_local=datetime(2027, 10, 29, 9, 0),
        ends_local=datetime(2027, 10, 29, 10, 0))  # fmt: skip
    return told(registration, NOTE)


def place(registration: Registration) -> Mail:
    """Zoé comes up when Tom gives his place back."""
    accept(registration)
    zoe, tom = registration.delegates
    item = add(
        registration, 1, attendance=Attendance.OPTIONAL, capacity=1, place="Villa Noailles",
        meeting_point=Words(en="Lobby", fr="Hall"), call_minutes=10,
    )  # fmt: skip
    releases.publish(registration.trip, BY)
    picks.choose(tom, item.uid, BY)
    picks.choose(zoe, item.uid, BY)
    picks.leave(tom, item.uid, BY)
    mail = db.session.scalars(
        select(Mail).where(Mail.letter == "session_place", Mail.delegate_id == zoe.id)
    ).one()
    return posting.written(mail)


CASES_OF_NEWS = {
    "bulletin-first": first,
    "bulletin-one": one,
    "bulletin-many": many,
    "session_place": place,
}

"""Invitations to a session, put as a worker puts them."""

from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import select, update

from tests.mail import posting
from tests.mail.cases_news import BY, accept, add, edit
from webapp.db import Words, db
from webapp.domain import agendas, invitations, releases
from webapp.models.agenda import AgendaItem
from webapp.models.mail import Mail, MailState
from webapp.models.registration import Registration
from webapp.models.trip import Inviting


def item_of(registration: Registration) -> AgendaItem:
    """A session that is published in a trip that mails everything."""
    accept(registration)
    item = add(
        registration, 1, title=Words(en="Visit; the yard, at \"9\"", fr="Visite ; le chantier"),
        place="Villa Noailles", meeting_point=Words(en="Lobby", fr="Hall"), call_minutes=10,
        starts_local=datetime(2027, 10, 30, 9, 0), ends_local=datetime(2027, 10, 30, 10, 30),
    )  # fmt: skip
    releases.publish(registration.trip, BY)
    invitations.set_mode(registration.trip, Inviting.FEED, BY)
    invitations.set_mode(registration.trip, Inviting.ALL, BY, hold_minutes=0)
    return item


def mailed(registration: Registration, letter: str, uid: UUID) -> Mail:
    """The letter to the first delegate about a session, once a worker looked at all; sent."""
    invitations.unsettle(registration.trip)
    invitations.reconcile(registration.trip_id)
    mail = db.session.scalars(
        select(Mail)
        .where(
            Mail.letter == letter,
            Mail.delegate_id == registration.delegates[0].id,
            Mail.facts["said"]["uid"].astext == str(uid),
        )
        .order_by(Mail.id.desc())
        .limit(1)
    ).one()
    posting.written(mail)
    db.session.execute(
        update(Mail).where(Mail.state == MailState.WAITING).values(state=MailState.SENT)
    )
    return mail


def invited(registration: Registration) -> Mail:
    """Nobody reads what calendar programs answer."""
    item = item_of(registration)
    return mailed(registration, "session_invited", item.uid)


def answered(registration: Registration) -> Mail:
    """Somebody does."""
    item = item_of(registration)
    before = current_app.config["MAIL_REPLIES"]
    current_app.config["MAIL_REPLIES"] = "replies@escale.example"
    try:
        return mailed(registration, "session_invited", item.uid)
    finally:
        current_app.config["MAIL_REPLIES"] = before


def moved(registration: Registration) -> Mail:
    item = item_of(registration)
    mailed(registration, "session_invited", item.uid)
    edit(
        item, place="Musée d'Histoire", starts_local=datetime(2027, 10, 31, 2, 30), starts_fold=1,
        ends_local=datetime(2027, 10, 31, 4, 0),
    )  # fmt: skip
    releases.publish(registration.trip, BY)
    return mailed(registration, "session_invited", item.uid)


def off(registration: Registration) -> Mail:
    item = item_of(registration)
    mailed(registration, "session_invited", item.uid)
    agendas.call_off(item, BY)
    releases.publish(registration.trip, BY)
    return mailed(registration, "session_uninvited", item.uid)


def left(registration: Registration) -> Mail:
    """The session goes on, for others."""
    item = item_of(registration)
    mailed(registration, "session_invited", item.uid)
    edit(item, audience="staff")
    releases.publish(registration.trip, BY)
    return mailed(registration, "session_uninvited", item.uid)


CASES_OF_INVITATIONS = {
    "session_invited-page": invited,
    "session_invited-mail": answered,
    "session_invited-moved": moved,
    "session_uninvited-off": off,
    "session_uninvited-left": left,
}

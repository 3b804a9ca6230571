"""How the calendars of a trip are used, for its organizers: which there are, which programs fetch
them, and what those said who were invited by mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from webapp.db import Words, db
from webapp.domain import invitations
from webapp.domain.feeds.finding import OPENED
from webapp.models.agenda import AgendaItem
from webapp.models.delegate import GONE, Delegate
from webapp.models.feed import Client, Feed, FeedFetch, Scope
from webapp.models.invitation import Answer, Invitation, InvitationState
from webapp.models.organization import Organization
from webapp.models.place import Venue
from webapp.models.registration import IS_OUT, Registration
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Usage:
    """How many calendars of delegates are in force, how many of them any program has ever fetched,
    and by which kinds of programs, the most common first. A browser is none: it looks once and
    keeps nothing."""

    in_force: int
    fetched: int
    clients: Sequence[tuple[Client, int]]


@dataclass(frozen=True, slots=True)
class Tally:
    """What those said whom a mail invited to one session; `cancelled`: were, and are no more."""

    uid: UUID
    title: Words
    starts_local: datetime
    zone: str
    answers: dict[Answer, int]
    cancelled: int

    @property
    def invited(self) -> int:
        return sum(self.answers.values())


def public(trip: Trip) -> Sequence[Feed]:
    """The public calendars of a trip, by language."""
    return db.session.scalars(
        select(Feed)
        .where(Feed.trip_id == trip.id, Feed.scope == Scope.TRIP)
        .order_by(Feed.language)
    ).all()


def find(trip: Trip, feed_id: int) -> Feed | None:
    """A calendar that organizers opened, of this trip, in force or ended."""
    return db.session.scalars(
        select(Feed).where(Feed.id == feed_id, Feed.trip_id == trip.id, Feed.scope.in_(OPENED))
    ).one_or_none()


def usage(trip: Trip) -> Usage:
    """How the calendars of delegates who have a part in the trip are used. Two statements."""
    part = (
        select(Delegate.id)
        .join(Registration, Registration.id == Delegate.registration_id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state.not_in(IS_OUT),
            Delegate.state.not_in(GONE),
        )
    )
    mine = (Feed.revoked_at.is_(None), Feed.delegate_id.in_(part))
    by_program = FeedFetch.client != Client.BROWSER
    is_fetched = select(FeedFetch.feed_id).where(FeedFetch.feed_id == Feed.id, by_program).exists()
    in_force, fetched = db.session.execute(
        select(func.count(), func.count().filter(is_fetched)).select_from(Feed).where(*mine)
    ).one()
    number = func.count()
    clients = db.session.execute(
        select(FeedFetch.client, number)
        .join(Feed, Feed.id == FeedFetch.feed_id)
        .where(*mine, by_program)
        .group_by(FeedFetch.client)
        .order_by(number.desc(), FeedFetch.client)
    )
    return Usage(in_force, fetched, [(client, count) for client, count in clients])


def venues(trip: Trip) -> Sequence[Venue]:
    """Where a session of the trip's draft is or leads to, by name."""
    at = select(AgendaItem.venue_id).where(AgendaItem.trip_id == trip.id)
    to = select(AgendaItem.to_venue_id).where(AgendaItem.trip_id == trip.id)
    return db.session.scalars(
        select(Venue).where(or_(Venue.id.in_(at), Venue.id.in_(to))).order_by(Venue.name, Venue.id)
    ).all()


def hosts(trip: Trip) -> Sequence[Organization]:
    """Who hosts a session of the trip's draft, by name."""
    hosting = select(AgendaItem.host_id).where(AgendaItem.trip_id == trip.id)
    return db.session.scalars(
        select(Organization)
        .where(Organization.id.in_(hosting))
        .order_by(Organization.name, Organization.id)
    ).all()


def tallies(trip: Trip) -> list[Tally]:
    """What the invited said, by published session, in the order of the agenda. Two statements."""
    rows = db.session.execute(
        select(Invitation.uid, Invitation.state, Invitation.answer, func.count())
        .where(Invitation.trip_id == trip.id, invitations.is_known())
        .group_by(Invitation.uid, Invitation.state, Invitation.answer)
    )
    answers: dict[UUID, dict[Answer, int]] = {}
    cancelled: dict[UUID, int] = {}
    for uid, state, answer, number in rows:
        mine = answers.setdefault(uid, {})
        if state == InvitationState.INVITED:
            mine[answer] = mine.get(answer, 0) + number
        else:
            cancelled[uid] = cancelled.get(uid, 0) + number
    said = db.session.scalars(
        select(ReleaseItem)
        .where(ReleaseItem.release_id == trip.release_id, ReleaseItem.uid.in_(answers))
        .order_by(ReleaseItem.starts_at, ReleaseItem.uid)
    )
    return [
        Tally(
            each.uid,
            each.title,
            each.starts_local,
            each.starts_zone,
            answers[each.uid],
            cancelled.get(each.uid, 0),
        )
        for each in said
    ]

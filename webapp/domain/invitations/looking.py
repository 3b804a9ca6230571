"""What is asked about invitations: those of a trip with their answers, those of one delegate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from webapp import clock
from webapp.db import Words, db
from webapp.domain.invitations.deciding import was_told
from webapp.models.agenda import Audience, ItemState
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.invitation import Answer, Invitation, InvitationState
from webapp.models.mail import Mail, MailState
from webapp.models.registration import Registration, RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Row:
    """One invitation, as the organizers' list shows it. `title` is that of the published session
    while there is one; `starts_local` is the wall time in `zone` that was mailed last."""

    invitation: Invitation
    delegate: Delegate
    company: str
    title: Words
    starts_local: datetime
    zone: str

    @property
    def state(self) -> InvitationState:
        return self.invitation.state

    @property
    def answer(self) -> Answer:
        return self.invitation.answer


def of_trip(
    trip: Trip, answer: Answer | None = None, uid: UUID | None = None, limit: int = 1000
) -> Sequence[Row]:
    """The invitations of a trip that are no secret any more, of one answer or one session if
    wanted, by session and name; at most `limit`. Two statements."""
    query = (
        select(Invitation)
        .join(Invitation.delegate)
        .where(Invitation.trip_id == trip.id, is_known())
        .options(
            joinedload(Invitation.delegate)
            .joinedload(Delegate.registration)
            .joinedload(Registration.organization)
        )
        .order_by(Invitation.ends_at, Invitation.uid, Delegate.family_name, Invitation.id)
        .limit(limit)
    )
    if answer is not None:
        query = query.where(Invitation.answer == answer)
    if uid is not None:
        query = query.where(Invitation.uid == uid)
    titles = _titles(trip)
    return [_row(found, titles) for found in db.session.scalars(query)]


def is_known() -> ColumnElement[bool]:
    """Whether anything was said of an invitation, or was tried to be: organizers may still take
    back those that are held, and then they never were."""
    unsaid = (MailState.WAITING, MailState.HELD, MailState.CANCELLED)
    return or_(
        Invitation.mail_id.is_(None),
        Invitation.said["told"].as_boolean(),
        Invitation.mail.has(Mail.state.not_in(unsaid)),
    )


def of_delegate(delegate: Delegate) -> dict[UUID, Invitation]:
    """The invitations that a delegate has now, by the session's UID; those that were called off
    or taken back, or have not left yet, are not among them. No statement where the trip never
    invited."""
    if delegate.registration.trip.inviting_since is None:
        return {}
    found = db.session.scalars(
        select(Invitation)
        .where(Invitation.delegate_id == delegate.id, Invitation.state == InvitationState.INVITED)
        .options(joinedload(Invitation.mail).load_only(Mail.state, Mail.last_error))
    )
    return {each.uid: each for each in found if was_told(each)}


def find(delegate: Delegate, uid: UUID) -> Invitation | None:
    """What a delegate was mailed of a session, also when it was taken back; None: nothing."""
    return db.session.scalars(
        select(Invitation).where(Invitation.delegate_id == delegate.id, Invitation.uid == uid)
    ).one_or_none()


def at_most(trip: Trip) -> tuple[int, int]:
    """How many people come to a trip, and to how many published sessions a mail may still invite:
    each of these to each of those is the most that Inviting.ALL sends at once. Two statements."""
    people = db.session.scalar(
        select(func.count())
        .select_from(Delegate)
        .join(Registration, Registration.id == Delegate.registration_id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state == RegistrationState.ACCEPTED,
            Delegate.state == DelegateState.COMING,
            Delegate.erased_at.is_(None),
        )
    )
    sessions = db.session.scalar(
        select(func.count())
        .select_from(ReleaseItem)
        .where(
            ReleaseItem.release_id == trip.release_id,
            ReleaseItem.invites,
            ReleaseItem.state != ItemState.CANCELLED,
            ReleaseItem.audience != Audience.STAFF,
            ReleaseItem.ends_at > clock.now(),
        )
    )
    return people or 0, sessions or 0


def _titles(trip: Trip) -> dict[UUID, Words]:
    rows = db.session.execute(
        select(ReleaseItem.uid, ReleaseItem.title).where(ReleaseItem.release_id == trip.release_id)
    )
    return {uid: title for uid, title in rows}


def _row(found: Invitation, titles: dict[UUID, Words]) -> Row:
    entry = found.said["entry"]
    return Row(
        invitation=found,
        delegate=found.delegate,
        company=found.delegate.registration.organization.name,
        title=titles.get(found.uid) or Words({found.delegate.language: entry["title"]}),
        starts_local=datetime.fromisoformat(entry["starts"]["local"]),
        zone=entry["starts"]["zone"],
    )

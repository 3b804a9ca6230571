"""Delegates: who a company sends, one by one; the tracks they follow. (domain.md rule 7.)"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload

from webapp import clock, i18n, tokens
from webapp.db import db
from webapp.domain import (
    audits,
    correspondence,
    feeds,
    people,
    picks,
    queues,
    registrations,
    seats,
    standings,
)
from webapp.domain.audits import By
from webapp.domain.registrations import DelegateData
from webapp.errors import DomainError
from webapp.models.audit import Actor
from webapp.models.consent import Consent
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.document import Document
from webapp.models.mail import Mail
from webapp.models.question import PrivateAnswer
from webapp.models.registration import HOLDS_SEATS, Registration, RegistrationState
from webapp.models.trip import Trip, TripState

MOST = 100  # delegates of one registration, whatever the trip's limit


class AlreadyThere(DomainError):
    """A delegate of the same registration has that mail address."""


class NotOpen(DomainError):
    """The registration is out, the tour does not take place, or the delegate has left."""


class HoldsOwnData(DomainError):
    """The delegate has given sealed answers, documents or consents: they are behind the link, which
    another mail address would be sent. Who comes instead, or has another mailbox, replaces them."""


class LastDelegate(DomainError):
    """A company that comes sends somebody: the last delegate is replaced, or the whole registration
    cancelled."""


# What keeps a change of the delegates from being made.
REFUSALS = (
    AlreadyThere,
    NotOpen,
    HoldsOwnData,
    LastDelegate,
    seats.TooManyDelegates,
    registrations.WrittenTooOften,
)


@dataclass(frozen=True, slots=True)
class Replacement:
    """Who left, who came instead, and what did not pass on: titles of chosen sessions, and names of
    tracks, in the words of the present reader."""

    old: Delegate
    new: Delegate
    lost: list[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A change as the letter to the coordinator tells it, and the id of its audit row."""

    audit_id: int
    told: dict[str, str]


def by_token(token: str) -> Delegate | None:
    """The delegate who holds this secret, or None; also one who has left."""
    return db.session.scalars(
        select(Delegate)
        .where(Delegate.token_digest == tokens.digest(token))
        .options(
            joinedload(Delegate.registration).joinedload(Registration.trip),
            joinedload(Delegate.registration).joinedload(Registration.organization),
        )
    ).one_or_none()


def add(
    registration: Registration, data: DelegateData, by: By, *, invited: bool = False
) -> Delegate:
    """One more delegate, who comes, or waits for a place when there is none; `invited`: by mail, to
    fill in their own data. Raises NotOpen, AlreadyThere, seats.TooManyDelegates (MOST),
    registrations.WrittenTooOften."""
    delegate, change = _add(registration, data, by, invited=invited)
    _tell(registration, [change], by)
    return delegate


def add_many(registration: Registration, people_: Sequence[DelegateData], by: By) -> list[Delegate]:
    """Several more delegates in their order, all or none, told to the coordinator in one letter.
    Raises what `add` raises."""
    seats.hold(registration.trip_id)
    # All at once, in one order: two tours with the same new people would deadlock.
    people.find_or_add_many([(d.given_name, d.family_name, d.email) for d in people_])
    added = [_add(registration, data, by, invited=False) for data in people_]
    _tell(registration, [change for _delegate, change in added], by)
    return [delegate for delegate, _change in added]


def _add(
    registration: Registration, data: DelegateData, by: By, *, invited: bool
) -> tuple[Delegate, Change]:
    trip = _open(registration)
    _refuse_double(registration, data.email)
    if len(registration.everybody) >= MOST:
        raise seats.TooManyDelegates(len(registration.everybody) + 1, MOST)
    _spare_mailbox(data.email, by)
    delegate = _new(registration, data, invited=invited)
    if not _has_room(trip, registration):
        delegate.become(DelegateState.WAITING)
        delegate.queued_at = clock.now()
    _join(registration, delegate)
    change = _audit(delegate, "invite" if invited else "add", by, {})
    feeds.outdate_registration(registration)
    standings.owe(registration)
    if registration.state == RegistrationState.WAITLISTED:
        queues.settle(trip)  # a larger party may keep fewer places from those behind it
    return delegate, change


def invite(registration: Registration, email: str, language: str, by: By) -> Delegate:
    """Ask a colleague by mail to fill in their own data. Raises what `add` raises."""
    return add(registration, DelegateData("", "", email, language=language), by, invited=True)


def edit(delegate: Delegate, data: DelegateData, by: By) -> None:
    """Change what is known of a delegate. Another mail address is another mailbox: the link and the
    calendar get new addresses, which go there. Raises NotOpen, AlreadyThere, HoldsOwnData,
    registrations.WrittenTooOften."""
    registration = delegate.registration
    _open(registration, delegate)
    before = asdict(data_of(delegate))
    after = asdict(data)
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return
    moved = data.email.lower() != delegate.email.lower()
    if moved:
        _refuse_double(registration, data.email)
        _refuse_takeover(delegate)
        _spare_mailbox(data.email, by)
    _set(delegate, data)
    if moved:
        delegate.person = people.find_or_add(data.given_name, data.family_name, data.email)
    if delegate.awaits_data and data.given_name and data.family_name:
        delegate.filled_at = clock.now()  # the coordinator did it for the colleague
    facts = {name: before[name] for name in changed}
    _tell(registration, [_audit(delegate, "edit", by, facts, {n: after[n] for n in changed})], by)
    if moved:
        _new_keys(delegate, by)
    elif "language" in changed:
        feeds.speak(delegate)
    feeds.outdate_registration(registration)


def fill(delegate: Delegate, data: DelegateData, by: By) -> None:
    """The delegate's own data, from the delegate: all but the mail address, which is what the link
    is sent to. Raises NotOpen."""
    registration = delegate.registration
    _open(registration, delegate)
    before = asdict(data_of(delegate))
    _set(delegate, DelegateData(**(asdict(data) | {"email": delegate.email})))
    after = asdict(data_of(delegate))
    changed = [name for name in after if before[name] != after[name]]
    if not changed and delegate.filled_at is not None:
        return
    first, delegate.filled_at = delegate.filled_at is None, clock.now()
    if first:
        delegate.person.given_name = delegate.person.given_name or data.given_name
        delegate.person.family_name = delegate.person.family_name or data.family_name
    facts = {name: before[name] for name in changed}
    new = {name: after[name] for name in changed}
    _tell(registration, [_audit(delegate, "fill in", by, facts, new)], by)
    if first:
        correspondence.put([registrations.welcome(delegate)])
    if "language" in changed:
        feeds.speak(delegate)
    feeds.outdate_registration(registration)


def what_does_not_pass_on(delegate: Delegate) -> list[str]:
    """What a colleague who replaces this delegate has to choose or be given anew."""
    chosen = [i18n.words(pick.item.title) for pick in picks.of(delegate).values()]
    return [*chosen, *(i18n.words(track.name) for track in delegate.tracks)]


def replace(
    delegate: Delegate, data: DelegateData, by: By, *, invited: bool = False
) -> Replacement:
    """Send another colleague: the place passes on, nothing personal does. The old one's link, feed,
    choices and tracks end; the new one gets own ones. Raises NotOpen, AlreadyThere."""
    registration = delegate.registration
    trip = _open(registration, delegate)
    if data.email.lower() == delegate.email.lower():
        raise AlreadyThere
    _refuse_double(registration, data.email)
    lost = what_does_not_pass_on(delegate)
    state, turn = delegate.state, delegate.queued_at
    _spare_mailbox(data.email, by)
    _leave(delegate, DelegateState.REPLACED)
    new = _new(registration, data, invited=invited)
    new.replaces_id = delegate.id
    if state == DelegateState.WAITING:
        new.become(DelegateState.WAITING)
        new.queued_at = turn
    _join(registration, new)
    audits.write(by, new, "add", trip_id=trip.id, after={"state": new.state, "name": new.name})
    after = {"state": delegate.state, "instead": new.name, "delegate": new.id}
    _tell(registration, [_audit(delegate, "replace", by, {"state": state}, after)], by)
    correspondence.to_delegate("delegate_replaced", delegate, 0, by=new.name)
    picks.settle(trip)
    feeds.outdate_registration(registration)
    return Replacement(delegate, new, lost)


def withdraw(delegate: Delegate, reason: str, by: By) -> None:
    """One delegate does not come: the place goes to a colleague who waits, else it is free and
    passes on. Raises NotOpen, LastDelegate."""
    trip = _open(delegate.registration, delegate)
    if len(delegate.registration.delegates) == 1:
        raise LastDelegate
    let_go(trip, delegate, reason, by)


def let_go(trip: Trip, delegate: Delegate, reason: str, by: By) -> None:
    """Withdraw one of several delegates whatever the state of the tour, which the caller holds: for
    erasure. In one that is called off the place passes to nobody before it is brought back."""
    registration = delegate.registration
    before = {"state": delegate.state}
    had_place = delegate.state == DelegateState.COMING and trip.state == TripState.ANNOUNCED
    _leave(delegate, DelegateState.WITHDRAWN)
    _tell(registration, [_audit(delegate, "withdraw", by, dict(before), reason=reason)], by)
    correspondence.to_delegate("delegate_left", delegate, 0, reason=reason.strip() or None)
    waiting = [d for d in registration.delegates if d.state == DelegateState.WAITING]
    holds = registration.state in HOLDS_SEATS
    if had_place and waiting and holds and seats.room_for(trip, registration).company:
        first = min(waiting, key=lambda d: (d.queued_at or registration.queued_at, d.id))
        standings.take_place(first)
    standings.owe(registration)
    picks.settle(trip)
    feeds.outdate_registration(registration)
    queues.settle(trip)


def new_link(delegate: Delegate, by: By) -> None:
    """Give a delegate a new link and a new calendar address, by mail; the old ones end. Raises
    NotOpen."""
    _open(delegate.registration, delegate)
    _spare_mailbox(delegate.email, by)
    _new_keys(delegate, by)


def follow(delegate: Delegate, trip: Trip, track_ids: Iterable[int], by: By) -> None:
    """Let a delegate follow just these tracks of the trip; ids of other trips count for nothing."""
    trip = seats.hold(trip.id)
    wanted = set(track_ids)
    before = [track.key for track in delegate.tracks]
    delegate.tracks = [track for track in trip.tracks if track.id in wanted]
    after = [track.key for track in delegate.tracks]
    db.session.flush()
    if before != after:
        audits.write(
            by,
            delegate,
            "follow",
            trip_id=trip.id,
            before={"tracks": before},
            after={"tracks": after},
        )
        feeds.outdate_registration(delegate.registration)
        picks.settle(trip)


def data_of(delegate: Delegate) -> DelegateData:
    """What is known of a delegate now, as a company gives it."""
    return DelegateData(
        delegate.given_name,
        delegate.family_name,
        delegate.email,
        delegate.phone,
        delegate.job_title,
        delegate.language,
    )


def _open(registration: Registration, delegate: Delegate | None = None) -> Trip:
    """Hold the trip of a registration whose delegates may change."""
    trip = seats.hold(registration.trip_id)
    if registration.is_out or trip.state != TripState.ANNOUNCED:
        raise NotOpen
    if delegate is not None and delegate.is_gone:
        raise NotOpen
    return trip


def _refuse_double(registration: Registration, email: str) -> None:
    if any(d.email.lower() == email.lower() for d in registration.delegates):
        raise AlreadyThere


def _refuse_takeover(delegate: Delegate) -> None:
    """A coordinator must not read what is the delegate's own by having the link sent elsewhere."""
    theirs = (PrivateAnswer, Document, Consent)
    if db.session.scalar(
        select(or_(*(exists().where(m.delegate_id == delegate.id) for m in theirs)))
    ):
        raise HoldsOwnData


def _spare_mailbox(email: str, by: By) -> None:
    """A company's link must not become a way to flood somebody's mailbox."""
    if by.actor == Actor.COMPANY:
        registrations.refuse_floods((email,))


def _has_room(trip: Trip, registration: Registration) -> bool:
    """Whether one more delegate of a company comes in now. In a company that waits, everybody is
    part of its party as far as its own limit goes."""
    if registration.state not in HOLDS_SEATS:
        limit = trip.max_per_organization + registration.extra_places
        return len(registration.coming) < limit
    if queues.anybody(trip):
        queues.settle(trip)  # a block may have ended a moment ago: they come first
    room = seats.room_for(trip, registration)
    if room.company == 0 or room.seats == 0:
        return False
    return room.own_block > 0 or not queues.keeps_places(trip)


def _new(registration: Registration, data: DelegateData, *, invited: bool) -> Delegate:
    person = people.find_or_add(data.given_name, data.family_name, data.email)
    position = max(d.position for d in registration.everybody) + 1
    return registrations.new_delegate(position, data, person, clock.now(), invited=invited)


def _join(registration: Registration, delegate: Delegate) -> None:
    registration.everybody.append(delegate)
    db.session.flush()
    db.session.expire(registration, ["delegates"])
    feeds.open_delegate(delegate)
    correspondence.put([registrations.welcome(delegate)])


def _leave(delegate: Delegate, state: DelegateState) -> None:
    correspondence.write_anew(Mail.delegate_id == delegate.id)
    delegate.become(state)
    delegate.left_at = clock.now()
    delegate.tracks = []
    db.session.flush()
    db.session.expire(delegate.registration, ["delegates"])
    feeds.close_delegate(delegate)


def _set(delegate: Delegate, data: DelegateData) -> None:
    for name, value in asdict(data).items():
        setattr(delegate, name, value)
    db.session.flush()


def _new_keys(delegate: Delegate, by: By) -> None:
    """Letters that are not sent yet hold the old keys, and may be addressed to the old mailbox."""
    correspondence.write_anew(Mail.delegate_id == delegate.id)
    token = tokens.new_token()
    delegate.token_digest = tokens.digest(token)
    delegate.token_sealed = token.encode()
    delegate.opened_at = None  # nobody has the new one yet
    entry = audits.write(by, delegate, "new link", trip_id=delegate.registration.trip_id)
    db.session.flush()
    feeds.renew_delegate(delegate)
    correspondence.put([registrations.welcome(delegate, version=entry.id)])


def _audit(
    delegate: Delegate,
    what: str,
    by: By,
    before: dict[str, object],
    after: dict[str, object] | None = None,
    reason: str = "",
) -> Change:
    """The audit row of a change, and the change as the letter to the coordinator tells it."""
    entry = audits.write(
        by,
        delegate,
        what,
        trip_id=delegate.registration.trip_id,
        before=before or None,
        after=after or {"state": delegate.state, "name": delegate.name},
        reason=reason.strip(),
    )
    db.session.flush()
    told = {"what": what, "who": delegate.name}
    if after and "instead" in after:
        told["instead"] = str(after["instead"])
    return Change(entry.id, told)


def _tell(registration: Registration, changes: Sequence[Change], by: By) -> None:
    if changes:
        told = [change.told for change in changes]
        registrations.tell_changes(registration, changes[0].audit_id, told, by)

"""Other data of a delegate who stays, another link, other tracks."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import exists, or_, select

from webapp import clock, tokens
from webapp.db import db
from webapp.domain import audits, correspondence, feeds, people, picks, registrations, seats
from webapp.domain.audits import By
from webapp.domain.delegates.finding import data_of
from webapp.domain.delegates.refusing import HoldsOwnData, hold_open, refuse_double, spare_mailbox
from webapp.domain.delegates.telling import audit, tell
from webapp.domain.registrations import DelegateData
from webapp.models.consent import Consent
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.mail import Mail
from webapp.models.question import PrivateAnswer
from webapp.models.trip import Trip


def edit(delegate: Delegate, data: DelegateData, by: By) -> None:
    """Change what is known of a delegate. Another mail address is another mailbox: the link and the
    calendar get new addresses, which go there. Raises NotOpen, AlreadyThere, HoldsOwnData,
    registrations.WrittenTooOften."""
    registration = delegate.registration
    hold_open(registration, delegate)
    before = asdict(data_of(delegate))
    after = asdict(data)
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return
    moved = data.email.lower() != delegate.email.lower()
    if moved:
        refuse_double(registration, data.email)
        _refuse_takeover(delegate)
        spare_mailbox(data.email, by)
    _set(delegate, data)
    if moved:
        delegate.person = people.find_or_add(data.given_name, data.family_name, data.email)
    if delegate.awaits_data and data.given_name and data.family_name:
        delegate.filled_at = clock.now()  # the coordinator did it for the colleague
    facts = {name: before[name] for name in changed}
    tell(registration, [audit(delegate, "edit", by, facts, {n: after[n] for n in changed})], by)
    if moved:
        _new_keys(delegate, by)
    elif "language" in changed:
        feeds.speak(delegate)
    feeds.outdate_registration(registration)


def fill(delegate: Delegate, data: DelegateData, by: By) -> None:
    """The delegate's own data, from the delegate: all but the mail address, which is what the link
    is sent to. Raises NotOpen."""
    registration = delegate.registration
    hold_open(registration, delegate)
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
    tell(registration, [audit(delegate, "fill in", by, facts, new)], by)
    if first:
        correspondence.put([registrations.welcome(delegate)])
    if "language" in changed:
        feeds.speak(delegate)
    feeds.outdate_registration(registration)


def new_link(delegate: Delegate, by: By) -> None:
    """Give a delegate a new link and a new calendar address, by mail; the old ones end. Raises
    NotOpen."""
    hold_open(delegate.registration, delegate)
    spare_mailbox(delegate.email, by)
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


def _refuse_takeover(delegate: Delegate) -> None:
    """A coordinator must not read what is the delegate's own by having the link sent elsewhere."""
    theirs = (PrivateAnswer, Document, Consent)
    if db.session.scalar(
        select(or_(*(exists().where(m.delegate_id == delegate.id) for m in theirs)))
    ):
        raise HoldsOwnData


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

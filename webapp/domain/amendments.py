"""Changes by a company: done at once, or asked for once the tour is frozen. (domain.md rule 7.)

The company's pages call `do_or_ask` for every change; what it does then, `accept` does later. After
the freeze only what changes something is a request: an answer or a telephone number that had not
been given yet is taken at once, for the organizers wait for it, and so are their own data of a
colleague who was invited. Sensitive answers are never asked
for here, since a request shows what was and what is wanted.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp import clock
from webapp.db import db
from webapp.domain import audits, changing, correspondence, seats, seen_values
from webapp.domain.audits import By
from webapp.domain.seen_values import ChangedMeanwhile as ChangedMeanwhile
from webapp.domain.seen_values import fingerprint as fingerprint
from webapp.domain.seen_values import is_empty, same
from webapp.errors import DomainError
from webapp.models.amendment import Amendment, AmendmentKind, AmendmentState
from webapp.models.audit import Actor
from webapp.models.delegate import Delegate
from webapp.models.registration import IS_OUT, Registration
from webapp.models.trip import Trip

# Of these a part may change; the others are one whole.
IN_PARTS = frozenset({AmendmentKind.EDIT, AmendmentKind.COMPANY, AmendmentKind.ANSWERS})
LONGEST_NAME = 200  # of its column
MOST_DECIDED_SHOWN = 50


class Stale(DomainError):
    """What the request says was before is no longer so: these keys differ, or the one it is about
    has gone."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        super().__init__(", ".join(keys))
        self.keys = tuple(keys)


class NoLongerOpen(DomainError):
    """The request was decided or taken back by somebody else."""


class ReasonMissing(DomainError):
    """The company reads why its request is not agreed to."""


def do_or_ask(
    registration: Registration,
    kind: AmendmentKind,
    wanted: Mapping[str, Any],
    note: str,
    by: By,
    delegate: Delegate | None = None,
    seen: str | None = None,
) -> Amendment | None:
    """Do a change at once and return None; after `trip.freezes_at` ask for it instead.

    `wanted` holds the values of the verb by name (domain/changing.py), `seen` the fingerprint of
    what the form had shown. The same request twice is one. Raises ChangedMeanwhile, and what the
    verb raises: a request is tried before it is written.
    """
    trip = seats.hold(registration.trip_id)
    before = changing.now(registration, kind, wanted, delegate)
    seen_values.refuse_stale(seen, before, wanted)
    fills_in = delegate is not None and delegate.awaits_data and by.actor == Actor.DELEGATE
    if fills_in or not trip.is_frozen(clock.now()):
        changing.do(registration, kind, wanted, note, by, delegate)
        return None
    if kind in IN_PARTS:
        secret = changing.sensitive(trip, kind)
        at_once = {
            k: v
            for k, v in wanted.items()
            if k in secret or (is_empty(before.get(k)) and not is_empty(v))
        }
        if at_once:
            changing.do(registration, kind, at_once, note, by, delegate)
        wanted = {
            k: v for k, v in wanted.items() if k not in at_once and not same(v, before.get(k))
        }
        if not wanted:
            return None
    return _ask(registration, kind, {k: before.get(k) for k in wanted}, wanted, note, by, delegate)


def accept(amendment: Amendment, by: By, reason: str = "") -> Amendment:
    """An organizer agrees: the change is done now, under the tour's lock, on top of what else
    changed since. Raises NoLongerOpen, Stale, and what the verb raises (no seat left ...)."""
    seats.hold(amendment.trip_id)
    _still_open(amendment)
    registration, delegate = amendment.registration, amendment.delegate
    if registration.is_out or (delegate is not None and delegate.is_gone):
        raise Stale
    now = changing.now(registration, amendment.kind, amendment.wanted, delegate)
    keys = amendment.wanted if amendment.kind in IN_PARTS else changing.IDENTITY
    differing = [k for k in keys if k in now and now[k] != amendment.before.get(k)]
    if differing:
        raise Stale(differing)
    changing.do(registration, amendment.kind, amendment.wanted, amendment.note or "", by, delegate)
    return _decide(amendment, AmendmentState.ACCEPTED, reason, by)


def decline(amendment: Amendment, reason: str, by: By) -> Amendment:
    """An organizer does not agree; nothing changes. Raises ReasonMissing, NoLongerOpen."""
    if not reason.strip():
        raise ReasonMissing
    seats.hold(amendment.trip_id)
    _still_open(amendment)
    return _decide(amendment, AmendmentState.DECLINED, reason, by)


def withdraw(amendment: Amendment, by: By) -> Amendment:
    """The company takes its request back. Raises NoLongerOpen."""
    seats.hold(amendment.trip_id)
    _still_open(amendment)
    _close(amendment, AmendmentState.WITHDRAWN, "", by, "take back")
    return amendment


def decide_many(
    trip: Trip, ids: Iterable[int], accepts: bool, reason: str, by: By
) -> list[tuple[Amendment, DomainError | None]]:
    """Decide several open requests of the tour in the order they were made, each by itself: what
    keeps one from being done does not keep the others. Ids of other tours count for nothing."""
    if not accepts and not reason.strip():
        raise ReasonMissing
    wanted = set(ids)
    answers: list[tuple[Amendment, DomainError | None]] = []
    for amendment in [each for each in open_of(trip) if each.id in wanted]:
        refusal = None
        try:
            with db.session.begin_nested():
                accept(amendment, by, reason) if accepts else decline(amendment, reason, by)
        except DomainError as error:
            refusal = error
            db.session.expire_all()  # what was read inside of what was taken back
        answers.append((amendment, refusal))
    return answers


def open_of(trip: Trip) -> Sequence[Amendment]:
    """The open requests of a tour, the oldest first; none of companies that are out."""
    return db.session.scalars(
        select(Amendment)
        .join(Amendment.registration)
        .where(*_open_in(trip))
        .options(
            joinedload(Amendment.registration).joinedload(Registration.organization),
            joinedload(Amendment.delegate),
        )
        .order_by(Amendment.asked_at, Amendment.id)
    ).all()


def count_open(trip: Trip) -> int:
    """How many there are."""
    query = select(func.count(Amendment.id)).join(Amendment.registration).where(*_open_in(trip))
    return db.session.scalars(query).one()


def of(registration: Registration) -> Sequence[Amendment]:
    """The requests of a company: the open ones, then the latest of the others."""
    return db.session.scalars(
        select(Amendment)
        .where(Amendment.registration_id == registration.id)
        .options(joinedload(Amendment.delegate))
        .order_by(Amendment.state != AmendmentState.OPEN, Amendment.id.desc())
        .limit(MOST_DECIDED_SHOWN)
    ).all()


def find(trip: Trip, amendment_id: int) -> Amendment | None:
    """The request of this tour with that id, or None: never another tour's."""
    return db.session.scalars(
        select(Amendment).where(Amendment.id == amendment_id, Amendment.trip_id == trip.id)
    ).one_or_none()


def _ask(
    registration: Registration,
    kind: AmendmentKind,
    before: Mapping[str, Any],
    wanted: Mapping[str, Any],
    note: str,
    by: By,
    delegate: Delegate | None,
) -> Amendment:
    """Write the request, unless the very same is open already."""
    delegate_id = delegate.id if delegate else None
    for known in of(registration):
        same = (known.state, known.kind, known.delegate_id, known.wanted)
        if same == (AmendmentState.OPEN, kind, delegate_id, dict(wanted)):
            return known
    changing.try_out(registration, kind, wanted, note, by, delegate)
    amendment = Amendment(
        trip_id=registration.trip_id,
        registration_id=registration.id,
        delegate_id=delegate_id,
        kind=kind,
        before=dict(before),
        wanted=dict(wanted),
        note=note.strip() or None,
        asked_by=by.name[:LONGEST_NAME],
        asked_at=clock.now(),
    )
    db.session.add(amendment)
    db.session.flush()
    audits.write(
        by,
        amendment,
        "ask",
        trip_id=amendment.trip_id,
        after={"kind": kind, "registration": registration.id},
        reason=amendment.note,
    )
    _tell_organizers(amendment)
    return amendment


def _tell_organizers(amendment: Amendment) -> None:
    trip = amendment.registration.trip
    if trip.contact_email:
        correspondence.to_address(
            "amendment_asked",
            trip,
            trip.contact_email,
            "",
            amendment.registration.language,
            amendment.id,
            kind=amendment.kind.value,
            amendment_id=amendment.id,
        )


def _still_open(amendment: Amendment) -> None:
    if amendment.state != AmendmentState.OPEN:
        raise NoLongerOpen


def _decide(amendment: Amendment, state: AmendmentState, reason: str, by: By) -> Amendment:
    _close(amendment, state, reason, by, "decide")
    correspondence.to_coordinator(
        "amendment_decided",
        amendment.registration,
        amendment.id,
        kind=amendment.kind.value,
        accepted=state == AmendmentState.ACCEPTED,
        reason=amendment.reason,
        amendment_id=amendment.id,
    )
    return amendment


def _close(amendment: Amendment, state: AmendmentState, reason: str, by: By, action: str) -> None:
    old = amendment.state
    amendment.become(state)
    amendment.reason = reason.strip() or None
    amendment.decided_at = clock.now()
    amendment.decided_by_id = by.staff_id
    db.session.flush()
    audits.write(
        by,
        amendment,
        action,
        trip_id=amendment.trip_id,
        before={"state": old},
        after={"state": state, "kind": amendment.kind},
        reason=amendment.reason,
    )


def _open_in(trip: Trip) -> tuple[Any, ...]:
    return (
        Amendment.trip_id == trip.id,
        Amendment.state == AmendmentState.OPEN,
        Registration.state.not_in(IS_OUT),
    )

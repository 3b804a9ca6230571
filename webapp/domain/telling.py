"""Writing to those whom a version concerns: one letter per person and version, held for a while.

A version says with `tells` whether it is told of; a worker puts the letters soon after (`tell`),
held until `hold_minutes` after its publication. Until then they can be undone, or sent at once. A
letter says what changed for its reader since the version that they know. Known is

- the latest that a letter told them of that went out;
- the one in force when they came in: when their data was given, else when they were invited, else
  when their company applied;
- and after it each that no letter to them was about: it told nobody, as the organizers wanted, or
  did not concern them. Pages and calendars had it, so what it brought and this one calls off has
  to be told. A letter that was stopped, failed or came back told nothing.

A newer version takes the place of letters that still wait: they are stopped, and it tells of both,
so that who is moved and moved back reads nothing at all. No trip is locked meanwhile: thousands of
letters keep no company from registering.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from webapp import clock
from webapp.db import db
from webapp.domain import audits, correspondence, tidings
from webapp.domain.audits import By
from webapp.domain.correspondence import inviting
from webapp.domain.tidings import News
from webapp.errors import DomainError
from webapp.mail import outbox
from webapp.mail.letters import LETTERS
from webapp.models.mail import Hold, Mail, MailState
from webapp.models.release import Release, ReleaseState
from webapp.models.trip import Trip, TripState

BULLETIN = "bulletin"
# What is held with a version: invitations too, that its changes send (domain/invitations).
OF_A_VERSION = (BULLETIN, *sorted(inviting.LETTERS))
NOT_SENT = (MailState.WAITING, MailState.HELD)
INSTEAD = "not sent: told with version "
UNDONE = "not sent: stopped by the organizers"
LONGEST_PROBLEM = 500  # characters
TURN = 7_305_001  # the kind of advisory lock by which the letters of a trip are put in turn


class NothingHeld(DomainError):
    """No letter about this version is held any more: they went out, or were stopped."""


@dataclass(slots=True)
class Standing:
    """How the letters about one version stand: how many in each state, until when those held are,
    and which later version tells what some of them would have told."""

    letters: dict[MailState, int] = field(default_factory=dict)
    goes_at: datetime | None = None
    told_with: int | None = None

    @property
    def people(self) -> int:
        """How many are written to."""
        stopped = self.letters.get(MailState.CANCELLED, 0)
        return sum(self.letters.values()) - stopped


def due() -> Sequence[int]:
    """The ids of versions in force that have something to tell, or whose forerunners' letters are
    still held. For a worker."""
    told_of = select(Release.trip_id).where(
        Release.state == ReleaseState.PUBLISHED, Release.tells, Release.told_at.is_(None)
    )
    overtaken = select(Mail.trip_id).where(
        Mail.letter == BULLETIN,
        Mail.state == MailState.HELD,
        Mail.hold == Hold.WINDOW,
        Mail.release_id != Trip.release_id,
        Mail.trip_id == Trip.id,
    )
    return db.session.scalars(
        select(Release.id)
        .join(Trip, Trip.release_id == Release.id)
        .where(Trip.id.in_(told_of) | overtaken.exists())
        .order_by(Release.id)
    ).all()


def tell(release_id: int) -> int:
    """Put the letters about a version into the outbox, in one statement; how many there are.

    Repeat-safe. Nothing when a newer version is in force: that one tells of both. Of a trip that
    was withdrawn nobody is told.
    """
    release = db.session.get(Release, release_id)
    if release is None:
        return 0
    _take_turn(release.trip_id)
    trip = db.session.get_one(Trip, release.trip_id, populate_existing=True)
    if trip.release_id != release.id:
        return 0
    at = clock.now()
    telling = _untold(trip)
    stopped = _take_back(release)
    found: list[News] = []
    if trip.state != TripState.WITHDRAWN and (telling or stopped):
        found = tidings.of(trip, release, [each.number or 0 for each in telling], stopped)
    goes_at = _goes_at(telling, stopped.values(), at)
    put = correspondence.put([_letter(release, each, goes_at, at) for each in found])
    for each in telling:
        each.told_at = at
    release.problem = None
    if telling or stopped:
        audits.write(audits.SYSTEM, release, "tell", trip_id=trip.id, after={"letters": put})
    db.session.flush()
    return put


def undo(release: Release, by: By) -> int:
    """Stop the letters about a version while they are held; how many there were. What they would
    have told is told to the same people with the next version that concerns them.

    Raises NothingHeld.
    """
    standing = _held(release)
    stopped = outbox.stop_all(
        Mail.release_id == release.id, Mail.letter.in_(OF_A_VERSION), why=UNDONE
    )
    release.tells = False
    release.told_at = release.told_at or clock.now()
    release.problem = None
    db.session.flush()
    after = {"letters": stopped}
    before = {"goes_at": standing.goes_at}
    audits.write(by, release, "undo telling", trip_id=release.trip_id, before=before, after=after)
    return stopped


def now(release: Release, by: By) -> None:
    """Let the letters about a version go out at once. Raises NothingHeld."""
    standing = _held(release)
    correspondence.let_go(Mail.release_id == release.id, Mail.letter.in_(OF_A_VERSION))
    release.hold_minutes = 0
    db.session.flush()
    before = {"goes_at": standing.goes_at}
    audits.write(by, release, "tell now", trip_id=release.trip_id, before=before)


def standings(trip: Trip) -> dict[int, Standing]:
    """How the letters about the versions of a trip stand, by the version's id. One statement."""
    return _standings(Mail.trip_id == trip.id)


def _standings(which: ColumnElement[bool]) -> dict[int, Standing]:
    held = (Mail.state == MailState.HELD) & (Mail.hold == Hold.WINDOW)
    is_bulletin = Mail.letter == BULLETIN
    rows = db.session.execute(
        select(
            Mail.release_id,
            Mail.state,
            func.count().filter(is_bulletin),
            func.min(Mail.due_at).filter(held),
            func.max(Mail.last_error).filter(Mail.last_error.startswith(INSTEAD)),
        )
        .where(which, Mail.letter.in_(OF_A_VERSION), Mail.release_id.is_not(None))
        .group_by(Mail.release_id, Mail.state)
    )
    found: dict[int, Standing] = {}
    for release_id, state, count, goes_at, instead in rows:
        standing = found.setdefault(release_id or 0, Standing())
        if count:
            standing.letters[state] = count
        if goes_at is not None:
            standing.goes_at = goes_at
        if instead and instead.removeprefix(INSTEAD).isdecimal():
            standing.told_with = int(instead.removeprefix(INSTEAD))
    return found


def standing(trip: Trip, release: Release) -> Standing:
    """The same of one version; of one that nobody has been told of yet, when its letters go."""
    found = _standings(Mail.release_id == release.id).get(release.id, Standing())
    if release.tells and release.told_at is None and release.published_at:
        found.goes_at = release.published_at + timedelta(minutes=release.hold_minutes)
    return found


def held_until(trip: Trip, release: Release) -> datetime | None:
    """Until when what a version tells is held, also where it has no letters of its own; None: it is
    not, or not any more. One statement."""
    found = [standing(trip, release).goes_at]
    if release.tells and release.published_at:
        found.append(release.published_at + timedelta(minutes=release.hold_minutes))
    at = clock.now()
    return max((each for each in found if each and each > at), default=None)


def tell_problem(release_id: int, problem: str) -> bool:
    """Write beside a version why nobody could be told of it; whether that is news."""
    found = db.session.get(Release, release_id)
    told = problem[:LONGEST_PROBLEM]
    if found is None or found.problem == told:
        return False
    found.problem = told
    db.session.flush()
    return True


def _held(release: Release) -> Standing:
    _take_turn(release.trip_id)
    db.session.refresh(release)
    trip = db.session.get_one(Trip, release.trip_id)
    found = standing(trip, release)
    if found.goes_at is None:
        raise NothingHeld
    return found


def stand_by(trip_id: int) -> None:
    """Let nobody put or stop letters about versions of this trip before the transaction ends, who
    would not see those that it puts. Several may stand by at once. Locks no row."""
    db.session.execute(select(func.pg_advisory_xact_lock_shared(TURN, trip_id)))


def _take_turn(trip_id: int) -> None:
    """Wait until nobody else puts or stops letters about versions of this trip. Locks no row."""
    db.session.execute(select(func.pg_advisory_xact_lock(TURN, trip_id)))


def _untold(trip: Trip) -> Sequence[Release]:
    return db.session.scalars(
        select(Release)
        .where(
            Release.trip_id == trip.id,
            Release.state == ReleaseState.PUBLISHED,
            Release.tells,
            Release.told_at.is_(None),
        )
        .order_by(Release.number)
        .execution_options(populate_existing=True)
    ).all()


def _take_back(release: Release) -> dict[int, tuple[datetime, list[int]]]:
    """Stop the letters about older versions that have not gone out: when each was to go, and the
    versions whose notes it was to have, by delegate."""
    ids = (
        select(Mail.id)
        .where(
            Mail.trip_id == release.trip_id,
            Mail.letter == BULLETIN,
            Mail.release_id != release.id,
            Mail.state.in_(NOT_SENT),
        )
        .order_by(Mail.id)  # in one order for everybody who changes many
        .with_for_update()
    )
    rows = db.session.execute(
        update(Mail)
        .where(Mail.id.in_(ids))
        .values(state=MailState.CANCELLED, hold=None, last_error=f"{INSTEAD}{release.number}")
        .returning(Mail.delegate_id, Mail.due_at, Mail.facts)
        .execution_options(synchronize_session=False)
    )
    return {number: (at, (facts or {}).get("notes") or []) for number, at, facts in rows if number}


def _goes_at(
    telling: Iterable[Release], stopped: Iterable[tuple[datetime, list[int]]], at: datetime
) -> datetime:
    """When the letters go: when the hold of every version told of is over; without one, when
    those would have gone in whose place they are."""
    over = [
        each.published_at + timedelta(minutes=each.hold_minutes)
        for each in telling
        if each.published_at
    ]
    return max(over or [due_at for due_at, _notes in stopped], default=at)


def _letter(release: Release, news: News, goes_at: datetime, at: datetime) -> correspondence.Told:
    reader = news.reader
    return correspondence.Told(
        letter=BULLETIN,
        about=f"delegate-{reader.id}",
        version=release.number or 0,
        to_email=reader.email,
        to_name=reader.name,
        language=reader.language,
        trip_id=release.trip_id,
        registration_id=reader.registration_id,
        delegate_id=reader.id,
        facts={
            "state": reader.registration_state,
            "delegate_state": reader.state,
            "number": release.number,
            "since": news.since,
            "notes": news.notes,
        },
        topic=LETTERS[BULLETIN].topic,
        due_at=max(goes_at, at),
        held=goes_at > at,
        release_id=release.id,
    )

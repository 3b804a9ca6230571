"""One batch of invitations: rows changed at hand, then all letters stopped and put at once."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from webapp import i18n
from webapp.calendars import kept
from webapp.calendars.event import Entry
from webapp.db import Facts, db
from webapp.domain import audits, correspondence, entries
from webapp.domain.correspondence import Told
from webapp.domain.correspondence.inviting import INVITED, UNINVITED
from webapp.domain.invitations.deciding import Wanted, holds, waits, was_told
from webapp.domain.invitations.wanting import came_at
from webapp.mail import outbox, replies
from webapp.mail.letters import OVERTAKEN
from webapp.models.agenda import Attendance
from webapp.models.delegate import Delegate
from webapp.models.invitation import Answer, Invitation, InvitationState
from webapp.models.mail import Mail
from webapp.models.release import Change, ReleaseItem
from webapp.models.trip import Trip, TripState

UNTOUCHED = (Change.SAME, Change.CHANGED)
LONGEST_NAME = 200  # of its column


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter about an invitation as it is said now: the row is changed again by a second one."""

    name: str
    row: Invitation
    reader: Delegate
    to: tuple[str, str]
    said: Facts
    item: ReleaseItem | None
    facts: Mapping[str, Any]


@dataclass(slots=True)
class Batch:
    """What one batch does, at `at`. Until `goes_at`, if it is not None, the letters about the
    version in force are held; `items` are its sessions by UID. `said` are the SEQUENCEs that were
    said last, by UID and mailbox, and `organizers` who said them: a calendar remembers both,
    whoever its reader was then."""

    trip: Trip
    at: datetime
    goes_at: datetime | None
    items: dict[UUID, ReleaseItem]
    said: dict[tuple[UUID, str], int] = field(default_factory=dict)
    organizers: dict[tuple[UUID, str], str] = field(default_factory=dict)
    stopped: list[int] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    done: defaultdict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    entries: dict[tuple[UUID, str], Entry] = field(default_factory=dict)

    def stop(self, row: Invitation) -> None:
        """Its letter is not to leave, if it waits."""
        if waits(row) and row.mail_id is not None:
            self.stopped.append(row.mail_id)

    def invite(self, delegate: Delegate, row: Invitation | None, want: Wanted) -> None:
        """A REQUEST, with the item's own SEQUENCE or above what was said to them last (I9)."""
        entry = self._entry(want.item, delegate.language)
        held = holds(row) if row else None
        told = was_told(row) if row else False
        if row is None:
            row = Invitation(
                trip_id=self.trip.id,
                delegate_id=delegate.id,
                uid=want.item.uid,
                state=InvitationState.INVITED,
                sequence=0,
                created_at=self.at,
            )
            db.session.add(row)
            least = entry.sequence
        else:
            least = max(entry.sequence, row.sequence + 1)
            if row.email.lower() != delegate.email.lower():
                held, told = None, False
        row.sequence = self._next(row.uid, delegate.email, least)
        if row.state == InvitationState.CANCELLED:
            row.become(InvitationState.INVITED)
        said = kept.facts(replace(entry, sequence=row.sequence)) | {"mark": want.mark}
        row.email, row.name = delegate.email, delegate.name[:LONGEST_NAME]
        row.ends_at = want.item.ends_at
        row.answer, row.answered_at, row.answered_by = Answer.NONE, None, None
        self._say(row, said, held, told=told)
        name = f"{delegate.given_name} {delegate.family_name}".strip()
        to = delegate.email, name
        self.letters.append(Letter(INVITED, row, delegate, to, said, want.item, {"was": held}))
        self.done[delegate.id]["moved" if held else "invited"] += 1

    def uninvite(self, delegate: Delegate, row: Invitation) -> None:
        """A CANCEL to the address that was invited: of the session, or of one guest (I7, I8)."""
        item = self.items.get(row.uid)
        takes_place = self.trip.state == TripState.ANNOUNCED
        is_off = item is None or item.is_cancelled or not takes_place
        held = holds(row) or row.said["entry"]
        least = max(item.sequence if item else 0, row.sequence + 1)
        row.sequence = self._next(row.uid, row.email, least)
        if row.state == InvitationState.INVITED:
            row.become(InvitationState.CANCELLED)
        said = held | {"sequence": row.sequence}
        self._say(row, said, held, told=True)
        to = row.email, row.name
        facts = {"is_off": is_off}
        self.letters.append(Letter(UNINVITED, row, delegate, to, said, item, facts))
        self.done[delegate.id]["called_off" if is_off else "taken_back"] += 1

    def keep(self, row: Invitation) -> None:
        """What the reader's calendar holds is right: as if nothing had been said since."""
        held = holds(row)
        assert held is not None
        if row.state == InvitationState.CANCELLED:
            row.become(InvitationState.INVITED)
        self._say(row, held, None, told=True)

    def forget(self, row: Invitation) -> None:
        """Nothing that left says that they are invited."""
        if not was_told(row):
            db.session.delete(row)
            return
        if row.state == InvitationState.INVITED:
            row.become(InvitationState.CANCELLED)
        self._say(row, row.said["entry"], None, told=True)

    def write(self) -> None:
        """Stop and put letters, in one statement each, and write down which is whose."""
        if self.stopped:
            outbox.stop_all(Mail.id.in_(self.stopped), why=OVERTAKEN)
        db.session.flush()  # new rows have their numbers now
        written = [self._told(letter) for letter in self.letters]
        correspondence.put([told for _row, told in written])
        rows = {told.key: row for row, told in written}
        put = select(Mail.id, Mail.key).where(Mail.key.in_(rows)).order_by(Mail.id)
        for number, key in db.session.execute(put) if rows else ():
            rows[key].mail_id = number  # of two the later, which invites
        for delegate_id, done in self.done.items():
            delegate = db.session.get_one(Delegate, delegate_id)
            audits.write(
                audits.SYSTEM, delegate, "mail invitations", trip_id=self.trip.id, after=dict(done)
            )
        db.session.flush()

    def _next(self, uid: UUID, email: str, least: int) -> int:
        """The SEQUENCE of the next message about a session to a mailbox (I9)."""
        key = uid, email.lower()
        self.said[key] = max(least, self.said.get(key, -1) + 1)
        return self.said[key]

    def _entry(self, item: ReleaseItem, language: str) -> Entry:
        """What calendars say of a session: the same for all who read a language."""
        key = (item.uid, language)
        if key not in self.entries:
            with i18n.speaking(language):
                self.entries[key] = entries.entry(self.trip, item, language)
        return self.entries[key]

    def _say(self, row: Invitation, said: Facts, held: Facts | None, *, told: bool) -> None:
        """Write down what is said, and what their calendar holds should its letter not leave. Who
        invites stays (I7), whatever address invitations come from by now."""
        organizer = (row.said or {}).get("organizer")
        row.said = {"entry": said, "had": held, "told": told, "organizer": organizer}
        row.stamped_at = self.at
        row.mail = None

    def _told(self, letter: Letter) -> tuple[Invitation, Told]:
        row = letter.row
        whose = row.uid, letter.to[0].lower()
        own = row.said["organizer"]
        organizer = own or self.organizers.get(whose) or replies.organizer(row.id)
        self.organizers[whose] = organizer
        if row.said["organizer"] is None:
            row.said = row.said | {"organizer": organizer}
        facts = {"organizer": organizer, "said": letter.said, "stamped_at": self.at, **letter.facts}
        told = correspondence.for_delegate(
            letter.name, letter.reader, letter.said["sequence"], **facts
        )
        told = replace(
            told, about=f"invitation-{row.id}", to_email=letter.to[0], to_name=letter.to[1]
        )
        if self.goes_at and self._is_news(letter.reader, letter.item):
            release_id = self.trip.release_id
            told = replace(told, due_at=self.goes_at, held=True, release_id=release_id)
        elif (goes_at := self.trip.inviting_goes_at) and goes_at > self.at and not row.said["told"]:
            told = replace(told, due_at=goes_at, held=True)
        return row, told

    def is_undone(self, delegate: Delegate, row: Invitation | None, want: Wanted | None) -> bool:
        """Whether it is the version in force that moves, adds or takes out a session, and
        organizers stopped what it tells: then the next version tells it. What delegates do
        themselves meanwhile, and what becomes of the tour, is told."""
        if not self.is_stopped or self.trip.state != TripState.ANNOUNCED:
            return False
        item = want.item if want else self.items.get(row.uid) if row else None
        if not self._is_news(delegate, item):
            return False
        if want is None:
            return item is None or item.is_cancelled
        if row is None:
            return want.item.attendance == Attendance.MANDATORY
        was_stopped = row.mail is not None and row.mail.release_id == self.trip.release_id
        return holds(row) is not None or was_stopped

    @property
    def is_stopped(self) -> bool:
        """Whether organizers stopped what the version in force tells (telling.undo)."""
        release = self.trip.release
        return release is not None and not release.tells and release.told_at is not None

    def _is_news(self, reader: Delegate, item: ReleaseItem | None) -> bool:
        """Whether the version in force brought it about, for somebody who was there before."""
        release = self.trip.release
        if release is None or release.published_at is None:
            return False
        is_changed = item is None or item.change not in UNTOUCHED
        return is_changed and came_at(reader) <= release.published_at

"""Whom the reminders of one tour reach, read once for all of them: as plain rows, since they may be
fifteen thousand."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.domain import missing, programs, readers
from webapp.domain.correspondence import Told
from webapp.domain.published import Viewer
from webapp.domain.readers import Reader
from webapp.mail.letters import LETTERS
from webapp.models.agenda import AgendaItem, Attendance
from webapp.models.pick import Pick, PickState
from webapp.models.registration import RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

# A daily reminder is 23 hours after the one before it in the night in which clocks go forward.
APART = timedelta(hours=12)


class Reach:
    """The people of a tour as they are now. What no reminder asks for is not read."""

    def __init__(self, trip: Trip) -> None:
        self.trip = trip
        self._known: dict[tuple[Viewer, date | None], tuple[set[UUID], set[UUID]]] = {}

    @cached_property
    def items(self) -> list[ReleaseItem]:
        """The published sessions that take place, in order of start."""
        rows = db.session.scalars(
            select(ReleaseItem)
            .where(ReleaseItem.release_id == self.trip.release_id)
            .order_by(ReleaseItem.starts_at, ReleaseItem.uid)
        )
        return programs.takes_place(rows)

    @cached_property
    def readers(self) -> Sequence[Reader]:
        """The delegates who come, of accepted companies."""
        named = frozenset(company for item in self.items for company in item.organization_ids)
        return [
            each
            for each in readers.of(self.trip, named)
            if each.registration_state == RegistrationState.ACCEPTED
        ]

    @cached_property
    def lacking(self) -> Sequence[Told]:
        """The letters to whoever has not given something, and was not told so in APART."""
        return missing.wanted(self.trip, APART)

    def sessions(self, reader: Reader, day: date | None = None) -> set[UUID]:
        """The UIDs of the reader's own sessions: of the program, or chosen; with `day`, of those
        that begin on that local date."""
        program, optional = self._seen(reader.eyes, day)
        if not optional:
            return program
        return program | (optional & self._chosen.get(reader.id, set()))

    def visitors(self, uids: Collection[UUID]) -> dict[UUID, list[Reader]]:
        """Who comes to each of these sessions."""
        wanted = set(uids)
        found: dict[UUID, list[Reader]] = {uid: [] for uid in wanted}
        for reader in self.readers if wanted else ():
            for uid in self.sessions(reader) & wanted:
                found[uid].append(reader)
        return found

    def _seen(self, eyes: Viewer, day: date | None) -> tuple[set[UUID], set[UUID]]:
        """What colleagues see alike: what is part of the program, and what may be chosen."""
        if (eyes, day) not in self._known:
            seen = [item for item in programs.takes_place(self.items, day) if eyes.sees(item)]
            optional = {item.uid for item in seen if item.attendance == Attendance.OPTIONAL}
            self._known[eyes, day] = {item.uid for item in seen} - optional, optional
        return self._known[eyes, day]

    @cached_property
    def _chosen(self) -> dict[int, set[UUID]]:
        found: dict[int, set[UUID]] = {}
        rows = db.session.execute(
            select(Pick.delegate_id, AgendaItem.uid)
            .join(AgendaItem, Pick.item_id == AgendaItem.id)
            .where(AgendaItem.trip_id == self.trip.id, Pick.state == PickState.CHOSEN)
        )
        for delegate_id, uid in rows:
            found.setdefault(delegate_id, set()).add(uid)
        return found


def told(letter: str, trip: Trip, reader: Reader, **facts: Any) -> Told:
    """A letter to one of these readers; its version is still to be said."""
    return Told(
        letter=letter,
        about=f"delegate-{reader.id}",
        version=0,
        to_email=reader.email,
        to_name=reader.name,
        language=reader.language,
        trip_id=trip.id,
        registration_id=reader.registration_id,
        delegate_id=reader.id,
        facts={"state": reader.registration_state, "delegate_state": reader.state, **facts},
        topic=LETTERS[letter].topic,
    )

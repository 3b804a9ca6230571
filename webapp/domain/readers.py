"""The delegates of a tour as whom its agenda is told to: with whose eyes each of them sees it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from webapp.db import db
from webapp.domain.published import Viewer
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.organization import Organization
from webapp.models.registration import IS_OUT, Registration, RegistrationState
from webapp.models.track import Track, TrackMember
from webapp.models.trip import Trip

NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Reader:
    """One delegate who comes. `came_at` is when they came in: when their data was given, else when
    they were invited, else when their company applied."""

    id: int
    given_name: str
    family_name: str
    email: str
    language: str
    state: DelegateState
    registration_id: int
    registration_state: RegistrationState
    company: str
    came_at: datetime
    eyes: Viewer

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


def of(trip: Trip, named: frozenset[int]) -> Iterator[Reader]:
    """Everybody who comes, of companies that are not out, by company and name.

    `named` are the companies that some item is for by name: for all others it is the same which
    they are, so that those who see the same have the very same eyes. Two statements.
    """
    followed = _followed(trip)
    rows = db.session.execute(
        select(
            Delegate.id,
            Delegate.given_name,
            Delegate.family_name,
            Delegate.email,
            Delegate.language,
            Delegate.state,
            Registration.id,
            Registration.state,
            Organization.name,
            Organization.id,
            func.coalesce(Delegate.filled_at, Delegate.invited_at, Registration.submitted_at),
        )
        .join(Registration, Delegate.registration_id == Registration.id)
        .join(Organization, Registration.organization_id == Organization.id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state.not_in(IS_OUT),
            Delegate.state == DelegateState.COMING,
            Delegate.erased_at.is_(None),
        )
        .order_by(Organization.name, Delegate.family_name, Delegate.given_name, Delegate.id)
    )
    eyes: dict[object, Viewer] = {}
    for number, given, family, email, language, state, case, stands, company, its_id, at in rows:
        accepted = stands == RegistrationState.ACCEPTED
        key = (accepted, its_id if its_id in named else 0, followed.get(number, NOTHING))
        if key not in eyes:
            seen_as = RegistrationState.ACCEPTED if accepted else RegistrationState.SUBMITTED
            eyes[key] = Viewer(seen_as, key[1], key[2])
        yield Reader(
            number, given, family, email, language, state, case, stands, company, at, eyes[key]
        )


def _followed(trip: Trip) -> dict[int, frozenset[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for delegate, track in db.session.execute(
        select(TrackMember.delegate_id, TrackMember.track_id)
        .join(Track, TrackMember.track_id == Track.id)
        .where(Track.trip_id == trip.id)
    ):
        found[delegate].add(track)
    return {delegate: frozenset(tracks) for delegate, tracks in found.items()}

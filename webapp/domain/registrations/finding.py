"""Finding registrations."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp import tokens
from webapp.db import db
from webapp.errors import DomainError
from webapp.models.delegate import Delegate
from webapp.models.registration import IS_OUT, Registration, RegistrationState
from webapp.models.trip import Trip

# Made once: every registration asks it.
_SECOND = (
    select(Registration.id)
    .where(
        Registration.trip_id == bindparam("trip"),
        Registration.organization_id == bindparam("organization"),
        Registration.state.not_in(IS_OUT),
        Registration.id != bindparam("but"),
    )
    .limit(1)
)


class AlreadyRegistered(DomainError):
    """The organization has a registration in this trip: a company applies once."""

    def __init__(self, registration_id: int) -> None:
        super().__init__(f"registration {registration_id}")
        self.registration_id = registration_id


def refuse_second(trip: Trip, organization_id: int, but: int | None = None) -> None:
    """Raise AlreadyRegistered when the organization has a registration in the trip that is not out,
    other than the one with the id `but`."""
    asked = {"trip": trip.id, "organization": organization_id, "but": but or 0}
    there = db.session.scalars(_SECOND, asked).first()
    if there is not None:
        raise AlreadyRegistered(there)


def by_token(token: str) -> Registration | None:
    """The registration whose company holds this secret, or None."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.token_digest == tokens.digest(token))
        .options(
            joinedload(Registration.trip),
            joinedload(Registration.organization),
            selectinload(Registration.delegates).selectinload(Delegate.tracks),
        )
    ).one_or_none()


def find(trip: Trip, registration_id: int) -> Registration | None:
    """The registration of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.id == registration_id, Registration.trip_id == trip.id)
        .options(selectinload(Registration.delegates).selectinload(Delegate.tracks))
    ).one_or_none()


def of_trip(
    trip: Trip, state: RegistrationState | None = None, page: int = 1, size: int = 50
) -> Sequence[Registration]:
    """One page of a trip's registrations, in order of arrival."""
    query = (
        select(Registration)
        .where(Registration.trip_id == trip.id)
        .options(joinedload(Registration.organization), selectinload(Registration.delegates))
        .order_by(Registration.queued_at, Registration.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    if state:
        query = query.where(Registration.state == state)
    return db.session.scalars(query).all()


def counts(trip: Trip) -> dict[RegistrationState, int]:
    """How many registrations of the trip stand in each state; every state is a key."""
    return counts_of([trip])[trip.id]


def counts_of(trips: Sequence[Trip]) -> dict[int, dict[RegistrationState, int]]:
    """The same for several trips, by their ids, in one statement."""
    found = {trip.id: dict.fromkeys(RegistrationState, 0) for trip in trips}
    rows = db.session.execute(
        select(Registration.trip_id, Registration.state, func.count())
        .where(Registration.trip_id.in_(found))
        .group_by(Registration.trip_id, Registration.state)
    )
    for trip_id, state, count in rows:
        found[trip_id][state] = count
    return found

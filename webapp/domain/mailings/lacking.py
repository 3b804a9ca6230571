"""What thousands of registrations lack, read in a constant number of statements."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select
from sqlalchemy.orm import defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from webapp.db import db
from webapp.domain import missing
from webapp.domain.missing import Missing
from webapp.models.delegate import GONE, Delegate
from webapp.models.registration import Registration
from webapp.models.trip import Trip


def of(trip: Trip, registration_ids: Sequence[int]) -> dict[int, Missing]:
    """What each of these registrations of the trip lacks, by its id (domain/missing.py)."""
    wanted = bindparam("ids", list(registration_ids), type_=ARRAY(BigInteger))
    registrations = db.session.scalars(
        select(Registration)
        .where(Registration.trip_id == trip.id, Registration.id == any_(wanted))
        .options(joinedload(Registration.organization), defer(Registration.token_sealed))
    ).all()
    people: dict[int, list[Delegate]] = {each.id: [] for each in registrations}
    for delegate in db.session.scalars(
        select(Delegate)
        .where(Delegate.registration_id == any_(wanted), Delegate.state.not_in(GONE))
        .options(defer(Delegate.token_sealed))  # unsealing thousands takes longer than all the rest
        .order_by(Delegate.position)
    ):
        people[delegate.registration_id].append(delegate)
    for each in registrations:  # one statement for all, where loading them as such takes one a 500
        set_committed_value(each, "delegates", people[each.id])
    return missing.of_many(trip, registrations)

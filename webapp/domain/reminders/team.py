"""What the team of a tour is told of a day: all of its sessions, its own alone too, and how many
people of which companies come to each. The letter holds no link of anybody."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from webapp.db import db
from webapp.domain import correspondence, programs
from webapp.domain.correspondence import Told
from webapp.domain.reminders.hosts import guests
from webapp.domain.reminders.reach import Reach
from webapp.models.staff import Staff, TripRole
from webapp.models.trip import Trip


def letters(reach: Reach, day: date) -> list[Told]:
    """A letter to each member of the team about the sessions that begin on that local date; none
    for a day without any."""
    items = programs.takes_place(reach.items, day)
    if not items:
        return []
    visitors = reach.visitors([item.uid for item in items])
    facts = {
        "day_on": day,
        "item_uids": [str(item.uid) for item in items],
        "guests": [guests(item, visitors[item.uid]) for item in items],
    }
    return [
        correspondence.for_address(
            "team_day_sheet",
            reach.trip,
            member.email,
            member.name,
            member.language,
            0,
            staff_id=member.id,
            **facts,
        )
        for member in _team(reach.trip)
    ]


def _team(trip: Trip) -> Sequence[Staff]:
    """Whoever has a part in the tour; where nobody has one, those who run everything."""
    active = select(Staff).where(Staff.active).order_by(Staff.id)
    having_one = select(TripRole.staff_id).where(TripRole.trip_id == trip.id)
    found = db.session.scalars(active.where(Staff.id.in_(having_one))).all()
    return found or db.session.scalars(active.where(Staff.runs_everything)).all()

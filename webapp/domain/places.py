"""Places: the venues that an agenda may name."""

from collections.abc import Sequence

from sqlalchemy import select

from webapp.db import db
from webapp.models.place import Venue


def venues() -> Sequence[Venue]:
    """All venues, by city and name."""
    return db.session.scalars(select(Venue).order_by(Venue.city, Venue.name, Venue.id)).all()

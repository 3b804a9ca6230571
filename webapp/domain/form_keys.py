"""One form makes one row: a double click on a form of money records nothing twice."""

from typing import TypeVar
from uuid import UUID, uuid5

from sqlalchemy import select

from webapp.db import db
from webapp.models.fee import Charge, Payment
from webapp.models.registration import Registration

Row = TypeVar("Row", Charge, Payment)


def seal(form_key: UUID | None, *typed: object) -> UUID | None:
    """What is stored of a form's key: made from it and what was typed, so that the form of a page
    that somebody went back to and filled in anew makes a row of its own."""
    return form_key and uuid5(form_key, "\n".join(map(repr, typed)))


def made_by(kind: type[Row], registration: Registration, key: UUID | None) -> Row | None:
    """The row that this key made for the registration of the held trip, if it did."""
    if key is None:
        return None
    return db.session.scalars(
        select(kind).where(kind.registration_id == registration.id, kind.form_key == key)
    ).one_or_none()

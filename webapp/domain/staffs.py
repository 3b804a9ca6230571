"""Staff: accounts and passwords."""

import secrets
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from webapp import clock
from webapp.db import db
from webapp.domain import audits
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.staff import Role, Staff, TripRole
from webapp.models.trip import Trip

SHORTEST_PASSWORD = 12
_hasher = PasswordHasher()
# Checked when no account has the address, so that the answer takes as long as for one that has.
_nobody = _hasher.hash(secrets.token_urlsafe(16))


class EmailTaken(DomainError):
    """Another account has this address."""


class PasswordTooShort(DomainError):
    """A password needs SHORTEST_PASSWORD characters."""


class NoRole(DomainError):
    """The account has no role on the trip."""


def create(
    email: str, name: str, password: str, by: By, *, runs_everything: bool, language: str = "en"
) -> Staff:
    """Open an account. Raises EmailTaken, PasswordTooShort."""
    if by_email(email):
        raise EmailTaken
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    staff = Staff(
        email=email,
        name=name,
        password_hash=_hasher.hash(password),
        runs_everything=runs_everything,
        language=language,
        created_at=clock.now(),
    )
    db.session.add(staff)
    db.session.flush()
    audits.write(by, staff, "create", trip_id=None, after={"email": email})
    return staff


def set_password(staff: Staff, password: str, by: By) -> None:
    """Give an account another password, and end its sessions. Raises PasswordTooShort."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    staff.password_hash = _hasher.hash(password)
    end_sessions(staff)
    audits.write(by, staff, "password", trip_id=None)


def close(staff: Staff, by: By) -> None:
    """Close an account: who is signed in with it is out at once. Its history stays."""
    staff.active = False
    end_sessions(staff)
    audits.write(by, staff, "close", trip_id=None)


def grant(staff: Staff, trip: Trip, role: Role, by: By) -> None:
    """Give an account a role on a trip, in place of the one it had there."""
    before = next((r for r in staff.roles if r.trip_id == trip.id), None)
    old = before.role if before else None
    if before:
        before.role = role
    else:
        db.session.add(TripRole(staff_id=staff.id, trip_id=trip.id, role=role))
    db.session.flush()
    db.session.expire(staff, ["roles"])
    audits.write(by, staff, "grant", trip_id=trip.id, before={"role": old}, after={"role": role})


def let_see_private(staff: Staff, trip: Trip, allowed: bool, by: By) -> None:
    """Let an account with a role on a trip read passports, diets and the like there, or no longer
    (DESIGN rule 11). Raises NoRole; who runs everything reads them anyway."""
    role = next((each for each in staff.roles if each.trip_id == trip.id), None)
    if role is None:
        raise NoRole
    if role.sees_private == allowed:
        return
    role.sees_private = allowed
    db.session.flush()
    audits.write(
        by,
        staff,
        "private data",
        trip_id=trip.id,
        before={"sees_private": not allowed},
        after={"sees_private": allowed},
    )


def of_trip(trip: Trip) -> Sequence[Staff]:
    """The active accounts that have a part in a trip: who runs everything first, then by name."""
    return db.session.scalars(
        select(Staff)
        .where(
            Staff.active.is_(True),
            Staff.runs_everything.is_(True) | Staff.roles.any(TripRole.trip_id == trip.id),
        )
        .options(selectinload(Staff.roles))
        .order_by(Staff.runs_everything.desc(), Staff.name, Staff.id)
    ).all()


def end_sessions(staff: Staff) -> None:
    """Sign an account out everywhere: a copy of its cookie opens nothing any more."""
    staff.epoch += 1
    db.session.flush()


def by_email(email: str) -> Staff | None:
    """The account with this address, active or not."""
    if not email.isascii():
        return None  # the database and we would not agree on what its lower case is
    return db.session.scalars(
        select(Staff).where(func.lower(Staff.email) == func.lower(email))
    ).one_or_none()


def sign_in(email: str, password: str) -> Staff | None:
    """The active account that this address and password open, or None."""
    staff = by_email(email)
    try:
        _hasher.verify(staff.password_hash if staff else _nobody, password)
    except (VerificationError, InvalidHashError):
        return None
    return staff if staff and staff.active else None

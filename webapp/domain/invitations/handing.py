"""Invitations of somebody who was in a tour twice, when the two are made one."""

from sqlalchemy import select

from webapp.db import db
from webapp.models.delegate import Delegate
from webapp.models.invitation import Invitation


def hand_over(twin: Delegate, instead: Delegate) -> None:
    """Let `instead` have what their twin was invited to. It is the same session in the same
    calendar: to take back the twin's invitation would take it out there."""
    rows = db.session.scalars(
        select(Invitation).where(Invitation.delegate_id.in_([twin.id, instead.id]))
    ).all()
    kept = {row.uid: row for row in rows if row.delegate_id == instead.id}
    for row in rows:
        if row.delegate_id != twin.id:
            continue
        if row.uid in kept:
            other = kept[row.uid]
            other.sequence = max(other.sequence, row.sequence)
            db.session.delete(row)
        else:
            row.delegate_id = instead.id
    db.session.flush()

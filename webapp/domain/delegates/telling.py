"""What is kept of each change, and what the coordinator is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.db import db
from webapp.domain import audits, registrations
from webapp.domain.audits import By
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration


@dataclass(frozen=True, slots=True)
class Change:
    """A change as the letter to the coordinator tells it, and the id of its audit row."""

    audit_id: int
    told: dict[str, str]


def audit(
    delegate: Delegate,
    what: str,
    by: By,
    before: dict[str, object],
    after: dict[str, object] | None = None,
    reason: str = "",
) -> Change:
    """The audit row of a change, and the change as the letter to the coordinator tells it."""
    entry = audits.write(
        by,
        delegate,
        what,
        trip_id=delegate.registration.trip_id,
        before=before or None,
        after=after or {"state": delegate.state, "name": delegate.name},
        reason=reason.strip(),
    )
    db.session.flush()
    told = {"what": what, "who": delegate.name}
    if after and "instead" in after:
        told["instead"] = str(after["instead"])
    return Change(entry.id, told)


def tell(registration: Registration, changes: Sequence[Change], by: By) -> None:
    """Tell the coordinator of these changes in one letter."""
    if changes:
        told = [change.told for change in changes]
        registrations.tell_changes(registration, changes[0].audit_id, told, by)

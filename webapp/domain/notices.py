"""Notice: nobody loses a place by a line that became open again when its date was near or past.

A payment that is voided or given back, a waiver that is undone, another date, a place that comes
back: each may leave a line to pay whose day is over, and the place would be gone within seconds.
"""

from datetime import date

from webapp.db import db
from webapp.domain import audits, fee_letters, statements
from webapp.domain.audits import By
from webapp.domain.instalments import NOTICE
from webapp.models.fee import Charge
from webapp.models.registration import Registration


def give(registration: Registration, by: By, *, by_hand: bool = False) -> bool:
    """Move each unpaid line on which the place depends, and which is due sooner than
    instalments.NOTICE from today (in the zone of the deadlines), to that day, with its audit row;
    whether any moved. `by_hand`: only lines that are not of the price list. The caller holds the
    trip and sees that the coordinator is told."""
    has_moved = False
    # A line that moves may leave another one to pay: what was paid covers what is due first.
    while near := _near(registration, by_hand=by_hand):
        for line, due_on in near:
            before, line.due_on = line.due_on, due_on
            audits.write(
                by, line, "change", trip_id=registration.trip_id,
                before={"due_on": before}, after={"due_on": due_on},
            )  # fmt: skip
        db.session.flush()
        has_moved = True
    return has_moved


def give_and_tell(registration: Registration, by: By, *, is_told: bool = False) -> None:
    """The same for all lines, and the coordinator is written to (`fees_due`), whatever moved,
    unless that is done already (`is_told`)."""
    give(registration, by)
    if not is_told:
        fee_letters.due([registration])


def _near(registration: Registration, *, by_hand: bool) -> list[tuple[Charge, date]]:
    """The lines to move, and where to."""
    statement = statements.of(registration)
    soonest = statements.today(statement.zone) + NOTICE
    return [
        (line.charge, soonest)
        for line in statement.lines
        if line.open and line.charge.lapses
        if line.charge.due_on is not None and line.charge.due_on < soonest
        if line.charge.fee_item_id is None or not by_hand
    ]

"""What stands beside the rows of a batch: calendars, history, what is owed, letters. (DESIGN rules
7 and 8.)"""

from sqlalchemy import exists, select

from webapp.db import db
from webapp.domain import audits, confirmations, correspondence, feeds, fees, registrations
from webapp.domain.intakes.batches import Batch
from webapp.models.fee import FeeItem
from webapp.models.registration import RegistrationState


def follow_up(work: Batch) -> None:
    """Write what must stand beside the flushed rows: feeds, audit, fees, letters."""
    feeds.open_many(work.made, work.added)
    _audit(work)
    feeds.outdate_registrations(registration.id for registration in work.grown)
    for registration in (*work.made, *work.grown):
        db.session.expire(registration, ["delegates"])
    _owe(work)
    if work.options.letters:
        _tell(work)


def _owe(work: Batch) -> None:
    """What the accepted ones owe by the price list, and whether they are confirmed by that."""
    accepted = [
        each for each in (*work.made, *work.grown) if each.state == RegistrationState.ACCEPTED
    ]
    if db.session.scalar(select(exists().where(FeeItem.trip_id == work.trip.id))):
        for registration in accepted:
            fees.charge(registration, work.by)
    confirmations.settle_many(accepted, work.by)


def _audit(work: Batch) -> None:
    for registration in work.made:
        after = {"state": registration.state, "delegates": len(registration.everybody)}
        audits.write(work.by, registration, "register", trip_id=work.trip.id, after=after)
    made = {registration.id for registration in work.made}
    for delegate in work.added:
        if delegate.registration_id not in made:
            after = {"state": delegate.state, "name": delegate.name}
            audits.write(work.by, delegate, "add", trip_id=work.trip.id, after=after)
    for delegate, before, now in work.changed:
        audits.write(work.by, delegate, "edit", trip_id=work.trip.id, before=before, after=now)
    db.session.flush()


def _tell(work: Batch) -> None:
    told = [
        correspondence.for_coordinator(
            "registration_received", registration, 0, state=registration.state.value
        )
        for registration in work.made
    ]
    correspondence.put([*told, *(registrations.welcome(delegate) for delegate in work.added)])

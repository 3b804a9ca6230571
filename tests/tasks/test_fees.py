"""Reminding of what is due: at seven days and one day, each once."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from tasks.fees import remind
from tests.domain.fee_cases import make_accepted, make_price
from tests.factories import make_trip
from webapp import clock
from webapp.db import db, transaction
from webapp.domain import audits, payments
from webapp.domain.payments import PaymentData
from webapp.models.mail import Mail
from webapp.models.registration import Registration


def reminders(registration: Registration) -> list[str]:
    """The reminders of a company: how many days before."""
    keys = db.session.scalars(
        select(Mail.key)
        .where(Mail.letter == "fees_due", Mail.registration_id == registration.id)
        .order_by(Mail.id)
    )
    # A reminder is told by the day that it is for, the first letter by a moment.
    versions = [key.split(":")[2] for key in keys]
    return [version.rsplit("-", 1)[1] for version in versions if "-" in version]


def test_each_reminder_is_sent_once_and_none_to_who_has_paid(app, hold_clock):
    with transaction():
        trip = make_trip()
        make_price(trip, "1000")  # due in 30 days
        late, fine = make_accepted(trip), make_accepted(trip)
        day = clock.wall(clock.now(), trip.zone).date()
        payments.record(fine, PaymentData(Decimal(1200), day), audits.SYSTEM)
    start = clock.now()
    sent = []

    for days in (0, 22, 23, 23, 26, 29, 29, 30, 31, 40):
        hold_clock(start + timedelta(days=days))
        remind()
        sent.append(len(reminders(late)))

    assert sent == [0, 0, 1, 1, 1, 2, 2, 2, 2, 2]
    assert reminders(late) == ["7", "1"]
    assert reminders(fine) == []


def test_a_reminder_that_no_worker_sent_in_time_is_sent_late(app, hold_clock):
    with transaction():
        trip = make_trip()
        make_price(trip, "1000")
        late = make_accepted(trip)

    hold_clock(clock.now() + timedelta(days=27))
    remind()

    assert reminders(late) == ["7"]

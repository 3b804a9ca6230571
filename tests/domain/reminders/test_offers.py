"""Reminding of offers that end: when, whom, and once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import make_registration, make_trip, utc
from webapp.db import db
from webapp.domain import reminders, standings
from webapp.domain.audits import SYSTEM
from webapp.domain.reminders.offers import remind_at
from webapp.models.mail import Mail
from webapp.models.registration import RegistrationState

NOON = utc(2027, 3, 1, 12, 0)


@pytest.mark.parametrize(
    ("hours", "left"),
    [(72, 24), (24 * 30, 72), (9, 3), (8, 2), (7, 1), (6, None), (1, None)],
)
def test_with_a_third_of_its_time_left_but_not_within_hours_of_the_offer(hours, left):
    ends_at = NOON + timedelta(hours=hours)

    at = remind_at(NOON, ends_at)

    assert (ends_at - at if at else None) == (left and timedelta(hours=left))


def test_who_has_not_answered_is_reminded_once_an_offer(session, hold_clock):
    hold_clock(NOON)
    trip = make_trip()
    offered, answered = (make_registration(trip, 2, RegistrationState.WAITLISTED) for _ in "ab")
    for each in (offered, answered):
        each.offer_ends_at = NOON + timedelta(hours=72)
        standings.move(each, RegistrationState.OFFERED, "offer", SYSTEM)
    standings.move(answered, RegistrationState.ACCEPTED, "accept offer", SYSTEM)
    sent = []

    for hours in (47, 48, 49, 71, 73):
        hold_clock(NOON + timedelta(hours=hours))
        sent.append(reminders.remind_of_ending())

    assert sent == [0, 1, 0, 0, 0]
    (mail,) = db.session.scalars(select(Mail).where(Mail.letter == "offer_ending"))
    assert (mail.registration_id, mail.facts["places"]) == (offered.id, 2)

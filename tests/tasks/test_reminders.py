"""The worker lets reminders go out, each alone."""

from datetime import date

from sqlalchemy import func, select

from tasks.reminders import offers, run
from tests.factories import make_item, make_registration, make_reminder, make_trip, publish, utc
from webapp.db import db, transaction
from webapp.domain.reminders import letters
from webapp.models.mail import Mail
from webapp.models.mailing import Reminder, ReminderKind, ReminderRun
from webapp.models.registration import RegistrationState

START = utc(2027, 10, 22, 7, 0)  # three days before, at nine in Provence


def make_tour(hold_clock):
    hold_clock(utc(2027, 10, 1, 8, 0))
    with transaction():
        trip = make_trip(starts_on=date(2027, 10, 25))
        make_item(trip)
        publish(trip)
        make_registration(trip, 2, RegistrationState.ACCEPTED)
        make_reminder(trip)
        return trip.id


def test_one_that_fails_says_so_and_keeps_no_other(app, hold_clock, monkeypatch, caplog):
    broken, fine = make_tour(hold_clock), make_tour(hold_clock)
    program = letters._BY_KIND[ReminderKind.PROGRAM]

    def program_or_not(reminder, moment, reach):
        if reach.trip.id == broken:
            raise ValueError("no such thing")
        return program(reminder, moment, reach)

    monkeypatch.setitem(letters._BY_KIND, ReminderKind.PROGRAM, program_or_not)
    hold_clock(START)

    run()
    run()

    told = select(Mail.trip_id, func.count()).where(Mail.letter == "program").group_by(Mail.trip_id)
    assert db.session.execute(told).all() == [(fine, 2)]
    problems = select(Reminder.problem).order_by(Reminder.id)
    assert db.session.scalars(problems).all() == ["ValueError", None]
    logged = [record for record in caplog.records if "did not go out" in record.message]
    assert len({record.created for record in logged}) == 1  # the second try is no news

    monkeypatch.setitem(letters._BY_KIND, ReminderKind.PROGRAM, program)
    run()
    assert db.session.scalars(problems).all() == [None, None]
    assert db.session.scalars(select(ReminderRun.letters)).all() == [2, 2]


def test_offers_are_looked_at_too(app):
    offers()

    assert db.session.scalars(select(Mail.id)).all() == []


def test_beat_looks_every_minute(app):
    schedule = app.extensions["celery"].conf.beat_schedule

    assert schedule["reminders.run"]["schedule"] == 60
    assert schedule["reminders.offers"]["schedule"] <= 900

"""Mailing invitations in a worker, and taking in what comes back to the mailbox."""

import pytest

from tasks import invitations as task
from tasks.returns import poll
from tests.domain.test_invitation_answers import answer
from tests.domain.test_invitations import BY, coming
from tests.factories import make_item, make_trip, publish
from tests.invited import deliver, letters
from tests.tasks.imap import mailbox
from webapp.db import db, transaction
from webapp.domain import invitations
from webapp.models.invitation import Answer, Invitation
from webapp.models.trip import Inviting


@pytest.fixture
def tours(app, monkeypatch):
    """Two tours, of which each has a guest."""
    monkeypatch.setitem(app.config, "MAIL_REPLIES", "replies@escale.example")
    with transaction():
        trips = [make_trip(), make_trip()]
        for trip in trips:
            make_item(trip)
            publish(trip)
            invitations.set_mode(trip, Inviting.ALL, BY, hold_minutes=0)
            coming(trip)
    return trips


def test_every_trip_is_looked_at_and_one_that_fails_keeps_none_waiting(tours, monkeypatch, caplog):
    first = tours[0].id
    real = invitations.reconcile

    def fail_once(trip_id, *rest):
        if trip_id == first:
            raise RuntimeError("broken")
        return real(trip_id, *rest)

    monkeypatch.setattr(invitations, "reconcile", fail_once)
    task.reconcile()
    assert [mail.trip_id for mail in letters()] == [tours[1].id]
    assert f"no invitations of trip {first}" in caplog.text

    monkeypatch.undo()
    task.reconcile()
    task.reconcile()
    assert [mail.trip_id for mail in letters()] == [tours[1].id, first]


def test_an_answer_in_the_mailbox_is_taken_in(tours, app, monkeypatch):
    task.reconcile()
    deliver()
    row = db.session.query(Invitation).filter_by(trip_id=tours[0].id).one()
    message = answer(row.delegate, "ACCEPTED")
    with mailbox([b"From: x@y.example\r\n\r\nHello\r\n", message]) as box:
        monkeypatch.setitem(app.config, "MAIL_INTAKE_URL", box.url)
        poll()
        assert box.seen == {101, 102}

    db.session.expire_all()
    assert row.answer == Answer.ACCEPTED

"""The worker of imports: batch by batch, taken up again after its death, never twice."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tasks import intakes as tasks
from tests.factories import make_trip
from tests.together import at_once
from webapp import clock, storage
from webapp.db import db, transaction
from webapp.domain import audits, intakes
from webapp.domain.intakes import Options, following, working
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed, Scope
from webapp.models.intake import Intake, IntakeState
from webapp.models.registration import Registration


def sheet(companies=6, each=2):
    lines = ["Company,First name,Last name,Email"]
    lines += [
        f"Company {number},Given,Family {place},p{number}-{place}@x.example"
        for number in range(companies)
        for place in range(each)
    ]
    return "\n".join(lines).encode()


def begin(data=None):
    """An import that waits for its worker."""
    data = data or sheet()
    with transaction():
        trip = make_trip()
        roster = intakes.read(data, None, {})
        options = Options(places=roster.places)
        return intakes.start(trip, "people.csv", data, roster, options, audits.SYSTEM)


def run():
    """What the worker does; the test reads everything anew afterwards."""
    try:
        tasks.run()
    finally:
        db.session.expire_all()


def people():
    return db.session.scalar(select(func.count(Delegate.id)))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(working, "BATCH", 4)


def test_batches_are_whole_companies_and_their_progress_is_seen(app):
    intake = begin(sheet(3, 3))
    work = intakes.load(intake.id)

    seen = []
    more = True
    while more:
        with transaction():
            more = intakes.advance(work)
        seen.append((intake.state, intake.done, people()))

    assert seen == [
        (IntakeState.RUNNING, 6, 6),
        (IntakeState.DONE, 9, 9),
    ]


def test_when_it_is_done_the_sheet_is_gone(app):
    intake = begin()

    run()

    assert intake.state == IntakeState.DONE
    assert (intake.done, intake.total, people()) == (12, 12, 12)
    assert intake.finished_at is not None
    with pytest.raises(storage.FileGone):
        storage.get(intake.storage_key)


def test_a_worker_that_died_is_followed_by_another(app, monkeypatch):
    intake = begin()
    work = intakes.load(intake.id)
    with transaction():
        intakes.advance(work)

    run()
    assert people() == 4  # it was heard of a moment ago

    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=2))
    run()

    assert intake.state == IntakeState.DONE
    assert people() == 12
    assert intake.report["counts"]["added"] == 12


def test_a_worker_that_dies_in_the_middle_of_a_batch_leaves_nothing_of_it(app, monkeypatch):
    intake = begin()
    whole = following.follow_up

    def die(work):
        whole(work)
        raise SystemExit

    monkeypatch.setattr(following, "follow_up", die)
    with pytest.raises(SystemExit):
        run()
    assert (intake.done, people()) == (0, 0)

    monkeypatch.setattr(following, "follow_up", whole)
    run()
    assert (intake.done, people()) == (12, 12)


def test_two_workers_at_one_import_take_turns(committed):
    intake_id = begin().id

    def work():
        found = intakes.load(intake_id)
        db.session.rollback()
        more = True
        while more:
            with transaction():
                more = intakes.advance(found)

    assert at_once(committed, work, work) == [None, None]
    assert people() == 12
    assert db.session.scalar(select(func.count(Registration.id))) == 6
    assert db.session.scalar(select(func.count(Feed.id)).where(Feed.scope != Scope.TRIP)) == 18


def test_what_fails_is_tried_again_and_given_up_at_last(app, monkeypatch):
    intake = begin()
    other = begin()
    broken = {intake.id}
    whole = intakes.advance

    def advance(work):
        if work.intake_id in broken:
            raise ValueError("no")
        return whole(work)

    monkeypatch.setattr(intakes, "advance", advance)
    run()
    assert (intake.state, other.state) == (IntakeState.WAITING, IntakeState.DONE)
    run()
    run()

    assert intake.state == IntakeState.FAILED
    assert intake.report["problem"] == "ValueError"
    run()
    assert db.session.scalars(select(Intake.id).order_by(Intake.id)).all() == [intake.id, other.id]


def test_a_sheet_that_is_gone_ends_the_import(app):
    intake = begin()
    with transaction():
        storage.drop(intake.storage_key)

    for _try in range(working.MOST_TRIES):
        run()

    assert intake.state == IntakeState.FAILED
    assert intake.report["problem"] == "FileGone"

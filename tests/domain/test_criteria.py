"""Criteria written beforehand, scores with reasons, and the ranking."""

import pytest

from tests.factories import make_registration, make_staff, make_trip
from webapp import clock
from webapp.db import Words, db
from webapp.domain import audits, criteria, queues
from webapp.domain.criteria import Points, Terms
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Order, Promotion, Trip

BY = audits.SYSTEM


def terms(name: str = "Fit", **said) -> Terms:
    return Terms(Words(en=name), **said)


def two(trip: Trip) -> list[int]:
    """A criterion of weight 2 up to 5, and one of weight 1 up to 10."""
    return [
        criteria.add(trip, terms("Fit", weight=2, most=5), BY).id,
        criteria.add(trip, terms("Size", most=10), BY).id,
    ]


def give(registration: Registration, ids: list[int], *points: int) -> None:
    given = {number: Points(each, "So.") for number, each in zip(ids, points, strict=False)}
    criteria.score(registration, given, BY)


def test_criteria_are_written_changed_and_taken_away_before_the_call(session):
    trip = make_trip()
    fit, size = two(trip)

    criteria.change(criteria.find(trip, fit), terms("Fit with the region", weight=3), BY)
    criteria.remove(criteria.find(trip, size), BY)

    assert [(c.name["en"], c.weight, c.most) for c in criteria.of(trip)] == [
        ("Fit with the region", 3, 5)
    ]
    assert criteria.most_in_all(criteria.of(trip)) == 15
    assert criteria.find(make_trip(), fit) is None


def test_they_are_fixed_once_an_application_has_arrived(session):
    trip = make_trip()
    fit, _size = two(trip)
    make_registration(trip, 1, RegistrationState.CANCELLED)
    criterion = criteria.find(trip, fit)

    for verb in (
        lambda: criteria.add(trip, terms(), BY),
        lambda: criteria.change(criterion, terms(), BY),
        lambda: criteria.remove(criterion, BY),
    ):
        with pytest.raises(criteria.CriteriaFixed):
            verb()
    assert len(criteria.of(trip)) == 2


def test_there_is_an_end_to_criteria(session, monkeypatch):
    monkeypatch.setattr(criteria, "MOST_CRITERIA", 2)
    trip = make_trip()
    two(trip)

    with pytest.raises(criteria.TooManyCriteria):
        criteria.add(trip, terms(), BY)


def test_the_total_stands_once_each_criterion_has_points(session):
    trip = make_trip()
    ids = two(trip)
    registration = make_registration(trip, 1)
    staff = make_staff()

    criteria.score(registration, {ids[0]: Points(4, "Wine")}, audits.by_staff(staff))
    assert registration.score is None
    criteria.score(registration, {ids[0]: Points(4, "Wine"), ids[1]: Points(7)}, BY)

    assert registration.score == 4 * 2 + 7
    scores = criteria.scores_of(registration)
    assert [(scores[n].points, scores[n].reason, scores[n].staff_id) for n in ids] == [
        (4, "Wine", staff.id),  # who gave it stays
        (7, None, None),
    ]
    assert criteria.scorers(scores) == {staff.id: staff.name}
    entry = audits.of(registration)[0]
    assert (entry.before["score"], entry.after["score"]) == (None, 15)


def test_points_that_are_taken_back_leave_no_total(session):
    trip = make_trip()
    ids = two(trip)
    registration = make_registration(trip, 1)
    give(registration, ids, 1, 1)

    give(registration, ids, 1)

    assert (registration.score, len(criteria.scores_of(registration))) == (None, 1)


@pytest.mark.parametrize("points", [-1, 6, 10**9])
def test_points_stay_within_their_criterion(session, points):
    trip = make_trip()
    ids = two(trip)
    registration = make_registration(trip, 1)

    with pytest.raises(criteria.PointsOutOfRange) as refused:
        give(registration, ids, points, 1)
    assert (refused.value.criterion_id, refused.value.most) == (ids[0], 5)
    assert criteria.scores_of(registration) == {}


def test_points_for_what_is_no_criterion_of_the_trip_count_for_nothing(session):
    trip, other = make_trip(), make_trip()
    (theirs, _size) = two(other)
    two(trip)
    registration = make_registration(trip, 1)

    criteria.score(registration, {theirs: Points(3)}, BY)

    assert criteria.scores_of(registration) == {}


def test_who_saw_other_scores_does_not_overwrite_them(session):
    trip = make_trip()
    ids = two(trip)
    registration = make_registration(trip, 1)
    seen = criteria.mark(criteria.scores_of(registration))
    criteria.score(registration, {ids[0]: Points(3)}, BY, seen)

    with pytest.raises(criteria.ScoredMeanwhile):
        criteria.score(registration, {ids[0]: Points(1)}, BY, seen)


def test_saving_the_scores_as_they_stand_changes_nothing(session):
    trip = make_trip()
    ids = two(trip)
    registration = make_registration(trip, 1)
    give(registration, ids, 1, 2)
    before = len(audits.of(registration))

    give(registration, ids, 1, 2)

    assert len(audits.of(registration)) == before


def test_the_queue_follows_the_score(session):
    trip = make_trip(queue_order=Order.SCORE, max_delegates=1, promotion=Promotion.AT_ONCE)
    ids = two(trip)
    make_registration(trip, 1, RegistrationState.ACCEPTED)
    first, second, third = (
        make_registration(trip, 1, RegistrationState.WAITLISTED) for _n in range(3)
    )
    give(third, ids, 5, 10)
    give(second, ids, 1, 1)

    assert [turn.registration for turn in queues.line(trip)] == [third, second, first]


def test_the_ranking_has_equal_scores_on_equal_ranks(session):
    trip = make_trip()
    ids = two(trip)
    low, high, same, none, gone = (make_registration(trip, 1) for _n in range(5))
    for registration, points in ((low, 1), (high, 5), (same, 5)):
        give(registration, ids, points, 1)
    gone.become(RegistrationState.CANCELLED)
    none.delegates[0].invited_at, none.delegates[0].filled_at = clock.now(), None
    db.session.flush()

    rows = criteria.ranking(trip)

    assert [(row.rank, row.registration, row.total, row.lacks) for row in rows] == [
        (1, high, 11, 0),
        (1, same, 11, 0),
        (3, low, 3, 0),
        (None, none, None, 1),
    ]
    assert rows[0].points[ids[0]].reason == "So."


def test_the_ranking_takes_as_many_statements_for_many(session, statements):
    trip = make_trip()
    two(trip)
    counts = []
    for _size in range(2):
        for _one in range(3):
            make_registration(trip, 1)
        db.session.flush()
        with statements() as sent:
            [row.registration.organization.name for row in criteria.ranking(trip)]
        counts.append(len(sent))

    assert counts == [3, 3]

"""Criteria, points and the selection sheet over HTTP."""

import io

import pytest
from python_calamine import CalamineWorkbook

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import make_registration, make_staff, make_trip
from webapp.db import Words, transaction
from webapp.domain import audits, criteria
from webapp.models.trip import Trip


@pytest.fixture
def trip(session) -> Trip:
    with transaction():
        return make_trip()


@pytest.fixture
def staff(client, trip):
    with transaction():
        made = make_staff(trip=trip)
    sign_in(client, made)
    return made


def at(trip: Trip, more: str = "/criteria") -> str:
    return f"/organizer/trips/{trip.slug}/registrations{more}"


def add(client, trip: Trip, **more):
    form = {"name_en": "Fit", "name_fr": "Adéquation", "most": "5", "weight": "2"} | more
    return client.post(at(trip), data=hidden(client, at(trip)) | form)


def two(trip: Trip) -> list[int]:
    with transaction():
        made = [
            criteria.add(trip, criteria.Terms(Words(en=name), weight, 5), audits.SYSTEM)
            for name, weight in (("Fit", 2), ("=Size", 1))
        ]
    return [criterion.id for criterion in made]


def test_criteria_are_written_changed_and_taken_away(client, trip, staff):
    assert add(client, trip).status_code == 303
    (one,) = criteria.of(trip)
    where = at(trip, f"/criteria/{one.id}")

    form = hidden(client, where) | {"name_en": "Fit 2", "most": "4", "weight": "1"}
    assert client.post(where, data=form).status_code == 303
    assert (one.name["en"], one.most) == ("Fit 2", 4)
    assert client.post(where, data=form | {"most": "0"}).status_code == 422
    client.post(f"{where}/remove", data=form)
    assert criteria.of(trip) == []


@pytest.mark.parametrize(
    ("said", "field"),
    [({"name_en": " "}, "name_en"), ({"most": "101"}, "most"), ({"weight": "x"}, "weight")],
)
def test_a_criterion_that_cannot_be_is_refused(client, trip, staff, said, field):
    answer = add(client, trip, **said)

    assert (answer.status_code, set(field_errors(answer.get_data(as_text=True)))) == (422, {field})


def test_they_are_fixed_once_an_application_has_arrived(client, trip, staff):
    (fit, _size) = two(trip)
    form = hidden(client, at(trip)) | {"name_en": "New", "most": "5", "weight": "1"}
    with transaction():
        make_registration(trip, 1)

    for where in ("/criteria", f"/criteria/{fit}"):
        answer = client.post(at(trip, where), data=form)
        assert answer.status_code == 422
        assert "An application has arrived" in answer.get_data(as_text=True)
    client.post(at(trip, f"/criteria/{fit}/remove"), data=form)
    assert len(criteria.of(trip)) == 2


def test_a_company_is_scored_with_reasons(client, trip, staff):
    fit, size = two(trip)
    with transaction():
        registration = make_registration(trip, 1, organization_name="Blue")
    where = at(trip, f"/{registration.id}")
    form = hidden(client, where) | {
        f"points-{fit}": "4", f"reason-{fit}": "Grows wine", f"points-{size}": "1",
    }  # fmt: skip

    assert client.post(f"{where}/score", data=form).status_code == 303

    assert registration.score == 9
    page = client.get(where).get_data(as_text=True)
    assert "9 of 15 points" in page
    assert f"Given by {staff.name}" in page
    assert 'value="Grows wine"' in page
    stale = client.post(f"{where}/score", data=form)
    assert stale.status_code == 422
    assert "A colleague has scored this company meanwhile." in stale.get_data(as_text=True)


@pytest.mark.parametrize(
    ("points", "reason"),
    [("6", ""), ("-1", ""), ("x", ""), ("9" * 50, ""), ("", "No points"), ("1", "x" * 501)],
)
def test_points_that_cannot_be_are_told_and_kept(client, trip, staff, points, reason):
    fit, _size = two(trip)
    with transaction():
        registration = make_registration(trip, 1)
    where = at(trip, f"/{registration.id}")
    form = hidden(client, where) | {f"points-{fit}": points, f"reason-{fit}": reason}

    answer = client.post(f"{where}/score", data=form)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert set(field_errors(page)) == {f"points-{fit}"}
    assert f'value="{points[:10]}"' in page or not points
    assert criteria.scores_of(registration) == {}


def test_the_selection_sheet_has_scores_reasons_and_no_formulas(client, trip, staff):
    fit, size = two(trip)
    with transaction():
        low = make_registration(trip, 1, organization_name="=Low()")
        high = make_registration(trip, 1, organization_name="High")
        make_registration(trip, 1, organization_name="None")
        for registration, points in ((low, 1), (high, 5)):
            given = {n: criteria.Points(points, "+because") for n in (fit, size)}
            criteria.score(registration, given, audits.SYSTEM)

    answer = client.get(at(trip, "/criteria/ranking.xlsx"))

    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[0][:6] == [
        "Rank", "Organization", "Reference", "Complete", "Fit (of 5)", "Why: Fit",
    ]  # fmt: skip
    assert [(row[0], row[1], row[4], row[5], row[8]) for row in rows[1:]] == [
        (1, "High", 5, "+because", 15),
        (2, "=Low()", 1, "+because", 3),
        ("", "None", "", "", ""),
    ]
    page = client.get(at(trip)).get_data(as_text=True)
    assert page.index("High") < page.index("=Low()") < page.index(">None<")


def test_a_criterion_of_another_tour_is_not_found(client, trip, staff):
    with transaction():
        other = make_trip()
    (theirs, _size) = two(other)

    assert client.get(at(trip, f"/criteria/{theirs}")).status_code == 404

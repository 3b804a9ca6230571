"""Known companies: recognised by a name that is almost theirs, and offered."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.factories import make_registration, make_staff, make_trip
from webapp.db import db
from webapp.domain import known, organizations
from webapp.domain.known import Match
from webapp.models.organization import Organization, OrganizationAlias, OrganizationKind
from webapp.models.registration import RegistrationState


def company(name: str, country: str | None = "US", website: str | None = None) -> Organization:
    return organizations.find_or_add(name, OrganizationKind.COMPANY, country, website)


def names(typed: str, country: str | None = "US") -> list[str]:
    return [match.name for match in known.similar(typed, country)]


@pytest.mark.parametrize(
    ("there", "typed"),
    [
        ("Blue Wave Sensors, Inc.", "BLUE WAVE SENSORS"),
        ("Blue Wave Sensors", "blue wave sensors llc"),
        ("Blue Wave Sensors", "BlueWave Sensors"),
        ("Blue Wave Sensors", "Blue-Wave  Sensors"),
        ("Blue Wave Sensors", "Blue Wave Sensrs"),
        ("Blue Wave Sensors", "Bleu Wave Sensors"),
        ("Blue Wave Sensors", "Lbue Wave Sensors"),
        ("Blue Wave Sensors", "Blue Wave Sensor"),
        ("Blue Wave Sensors", "Blue Wave Sen"),
        ("Blue Wave Sensors", "Blue Wave Sensors California"),
        ("Société d'Études Marines", "Societe d Etudes Marines SARL"),
        ("Smith & Sons", "Smith and Sons Ltd"),
        ("Smith & Sons", "Smith et Sons"),
        ("Zzyzx", "zzyzx"),
        ("日本電気株式会社", "日本電気株式会社"),
    ],
)
def test_a_name_that_is_almost_the_same_is_recognised(session, there, typed):
    company(there)

    assert names(typed) == [there]


@pytest.mark.parametrize(
    ("there", "typed"),
    [
        ("Blue Wave Sensors", "Blue Whale Seafood"),
        ("Blue Wave Sensors", "Blue"),
        ("Port", "Port of San Diego"),
        ("Acme", "Acne"),
        ("ABC", "AB"),
        ("Blue Wave Sensors", "Sensors"),
        ("Blue Wave Sensors", ""),
        ("Blue Wave Sensors", "%%%%"),
        ("Blue Wave Sensors", "\U0001f30a\U0001f30a\U0001f30a\U0001f30a"),
        ("Blue Wave Sensors", "x" * 100_000),
    ],
)
def test_another_name_is_not(session, there, typed):
    company(there)

    assert names(typed) == []


def test_the_likeliest_stands_first_and_of_one_name_only_one(session):
    company("Blue Wave Sensorz", "US")
    company("Blue Wave Sensors", "FR")
    company("Blue Wave Sensors", "US")

    found = names("Blue Wave Sensors", "FR")

    assert found == ["Blue Wave Sensors", "Blue Wave Sensorz"]


def test_aliases_and_merged_spellings_lead_to_the_one_that_is_kept(session):
    kept = company("Blue Wave Sensors")
    db.session.add(
        OrganizationAlias(
            organization_id=kept.id, name="Old Harbor Labs", name_key="old harbor labs"
        )
    )
    merged = company("Azure Wave Instruments")
    merged.merged_into_id = kept.id
    db.session.flush()

    assert known.similar("Old Harbour Labs", None) == [Match(kept.id, kept.name, False)]
    assert known.similar("Azure Wave Instruments", None) == [Match(kept.id, kept.name, False)]


def test_it_says_who_is_registered_for_this_tour_and_not_who_is_out_or_in_another(session):
    trip, other = make_trip(), make_trip()
    make_registration(trip, organization_name="Blue Wave Sensors")
    make_registration(other, organization_name="Red Wave Sensors")
    out = make_registration(trip, organization_name="Grey Wave Sensors")
    out.state = RegistrationState.CANCELLED
    db.session.flush()

    told = {
        name: known.similar(name, "US", trip)[0].is_registered
        for name in ("Blue Wave Sensors", "Red Wave Sensors", "Grey Wave Sensors")
    }

    assert told == {
        "Blue Wave Sensors": True,
        "Red Wave Sensors": False,
        "Grey Wave Sensors": False,
    }


def test_an_id_is_believed_only_where_it_was_offered(session):
    trip = make_trip()
    mine, other = company("Blue Wave Sensors"), company("Another Company")

    assert known.offered(mine.id, "Bluewave Sensors", "US", trip) == Match(
        mine.id, mine.name, False
    )
    assert known.offered(other.id, "Bluewave Sensors", "US", trip) is None


def test_one_statement_finds_them(session, statements):
    trip = make_trip()
    for number in range(20):
        company(f"Blue Wave Sensors {number}")

    with statements() as sent:
        assert len(known.similar("Blue Wave Sensors", "US", trip)) == known.MOST
    assert len(sent) == 1


def test_twenty_thousand_companies_are_no_more_work_than_a_page(session):
    session.execute(
        text(
            "INSERT INTO organizations (name, name_key, kind, basis, sources) SELECT name, name, "
            "'company', 'real', '[]' FROM (SELECT chr(97 + n % 26) || substr(md5(n::text), 1, 6) "
            "|| ' ' || substr(md5((n * 7)::text), 1, 4 + n % 9) AS name "
            "FROM generate_series(1, 20000) n) x"
        )
    )
    session.execute(text("ANALYZE organizations"))
    company("Blue Wave Sensors")
    known.similar("warm up", None)

    started = perf_counter()
    for _ in range(10):
        assert names("Bleu Wave Sensros") == ["Blue Wave Sensors"]
    taken = (perf_counter() - started) / 10

    assert taken < 0.1  # seconds; 25 ms on two busy cores


@given(st.text("ab ", max_size=8), st.text("ab ", max_size=8))
def test_slips_are_counted_alike_from_both_sides_and_never_above_the_most(one, other):
    count = known.slips_between(one, other, 2)

    assert count == known.slips_between(other, one, 2)
    assert (count == 0) == (one == other)
    assert count is None or count <= 2


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("sensors", "sensros", 1),
        ("sensors", "sensor", 1),
        ("sensors", "xensorz", 2),
        ("sensors", "sonsorses", None),
        ("", "ab", 2),
        ("", "abc", None),
    ],
)
def test_what_a_slip_is(one, other, slips):
    assert known.slips_between(one, other, 2) == slips


@pytest.mark.parametrize(
    ("website", "email", "speaks"),
    [
        ("https://www.blue-wave.example.com", "ana@blue-wave.example.com", True),
        ("https://blue-wave.example.com/en/", "ANA@Blue-Wave.Example.com", True),
        ("https://blue-wave.example.com", "ana@us.blue-wave.example.com", False),
        ("https://blue-wave.example.com", "ana@example.com", False),
        ("https://www.gmail.com", "ana@gmail.com", False),
        ("https://www.yahoo.fr", "ana@yahoo.fr", False),
        (None, "ana@blue-wave.example.com", False),
        ("https://blue-wave.example.com", "no address", False),
        ("not a web address", "ana@blue-wave.example.com", False),
    ],
)
def test_an_address_speaks_for_a_company_by_the_domain_of_its_website(
    session, website, email, speaks
):
    assert known.vouched(company("Blue Wave Sensors", website=website), email) is speaks


@pytest.mark.parametrize(
    ("earlier", "state", "speaks"),
    [
        ("bob@blue-wave.example.com", RegistrationState.ACCEPTED, True),
        ("bob@blue-wave.example.com", RegistrationState.CANCELLED, False),
        ("bob@blue-wave.example.com", RegistrationState.DECLINED, False),
        ("bob@hotmail.fr", RegistrationState.ACCEPTED, False),
    ],
)
def test_or_by_that_of_an_earlier_coordinator(session, earlier, state, speaks):
    registration = make_registration(make_trip(), coordinator_email=earlier, state=state)
    email = "ana@" + earlier.partition("@")[2].upper()
    assert known.vouched(registration.organization, email) is False  # no organizer looked at it
    registration.decided_by_id = make_staff().id
    db.session.flush()

    assert known.vouched(registration.organization, email) is speaks
    assert known.vouched(company("Somebody Else"), email) is False

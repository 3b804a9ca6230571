"""Organizations, apart from trips: when two are one, and that none is overwritten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from webapp.db import db
from webapp.domain import organizations
from webapp.models.organization import Organization, OrganizationKind

COMPANY = OrganizationKind.COMPANY


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Blue Wave Sensors, Inc.", "blue wave sensors"),
        ("BLUE-WAVE SENSORS LLC", "blue wave sensors"),
        ("Société Générale d'Études S.A.S.", "societe generale d etudes"),
        ("Smith & Sons Ltd", "smith and sons"),
        ("S.A.", "sa"),
        ("Inc", "inc"),
        ("Straße GmbH", "strasse"),
        ("日本電気株式会社", "日本電気株式会社"),
        ("...", ""),
        ("", ""),
    ],
)
def test_two_spellings_of_a_name_share_a_key(name, key):
    assert organizations.name_key(name) == key


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_a_key_fits_its_column_and_does_not_know_case(name):
    key = organizations.name_key(name)

    assert len(key) <= 200
    assert organizations.name_key(name.casefold()) == key


def test_the_very_name_in_the_same_country_is_the_same_organization_and_stays_as_known(session):
    known = organizations.find_or_add("Blue Wave", COMPANY, "US", "https://bluewave.example")

    same = organizations.find_or_add("BLUE wave", OrganizationKind.CLUSTER, "US", None)
    others = [
        organizations.find_or_add("Blue Wave Inc", COMPANY, "US", None),  # for a human to join
        organizations.find_or_add("Blue Wave", COMPANY, "FR", None),
        organizations.find_or_add("Blue Wave", COMPANY, None, None),
    ]

    assert same is known
    assert (known.name, known.kind, known.website) == (
        "Blue Wave",
        COMPANY,
        "https://bluewave.example",
    )
    assert len({known.id, *(o.id for o in others)}) == 4
    assert organizations.find_or_add("blue wave", COMPANY, None, None) is others[2]


@pytest.mark.parametrize("name", ["ÉLECTRICITÉ", "İSTANBUL", "ẞTRA", "ΣΑΣ"])
def test_capitals_of_every_script_are_only_case(session, name):
    known = organizations.find_or_add(name, COMPANY, "FR", None)

    assert organizations.find_or_add(name, COMPANY, "FR", None) is known
    assert db.session.scalar(select(func.count()).select_from(Organization)) == 1

"""Venues, as an agenda names them."""

import pytest

from webapp.domain import places
from webapp.models.place import Venue


def test_venues_are_listed_by_city_and_name(session):
    for city, name in (("Toulon", "B"), ("Marseille", "C"), ("Toulon", "A")):
        session.add(Venue(name=name, city=city, country="FR", zone="Europe/Paris"))
    session.flush()

    assert [(v.city, v.name) for v in places.venues()] == [
        ("Marseille", "C"),
        ("Toulon", "A"),
        ("Toulon", "B"),
    ]


@pytest.mark.parametrize(
    ("address", "code", "line"),
    [
        ("34 quai de Rive Neuve", "13007", "34 quai de Rive Neuve, 13007 Marseille"),
        (None, "13007", "13007 Marseille"),
        ("34 quai de Rive Neuve", None, "34 quai de Rive Neuve, Marseille"),
        (None, None, "Marseille"),
    ],
)
def test_an_address_is_one_line_of_what_is_known(address, code, line):
    assert Venue(address=address, postal_code=code, city="Marseille").address_line == line

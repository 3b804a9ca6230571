"""A small trip file, and what tests of trip files share."""

import json
from typing import TypeVar

import pytest
from sqlalchemy import select

from webapp.db import Base, db
from webapp.domain import tripfiles
from webapp.domain.tripfiles import FileFaults

Found = TypeVar("Found")
UID = "0b5c3c8e-5f57-4d6b-8d0e-3a4f6f1f8a11"


def example():
    """A small whole file; each test spoils one thing in it."""
    return {
        "escale": 1,
        "trip": {
            "slug": "shipyards-2027",
            "title": {"en": "Shipyards", "fr": "Chantiers navals"},
            "summary": {"en": "Two days by the sea."},
            "starts_on": "2027-10-28",
            "ends_on": "2027-11-01",
            "zone": "Europe/Paris",
            "registration_opens_at": "2027-06-01T09:00:00+02:00",
            "registration_closes_at": "2027-10-01T18:00:00+02:00",
            "sources": ["press"],
        },
        "sources": [{"key": "press", "title": "A report", "publisher": "A paper"}],
        "organizations": [
            {"key": "yard", "name": "Chantier Exemple", "kind": "company", "country": "FR"}
        ],
        "partners": [{"organization": "yard", "role": {"en": "Host", "fr": "Hôte"}}],
        "members": [{"organization": "yard"}],
        "stops": [
            {
                "key": "toulon",
                "city": "Toulon",
                "country": "FR",
                "zone": "Europe/Paris",
                "starts_on": "2027-10-28",
                "ends_on": "2027-11-01",
                "local_host": "yard",
            }
        ],
        "venues": [
            {
                "key": "dock",
                "name": "Dock 4",
                "city": "Toulon",
                "country": "FR",
                "zone": "Europe/Paris",
                "latitude": 43.1,
                "longitude": 5.9,
            }
        ],
        "tracks": [{"key": "vip", "name": {"en": "Officials"}, "color": "plum"}],
        "items": [
            {
                "uid": UID,
                "kind": "visit",
                "title": {"en": "Dock visit", "fr": "Visite du dock"},
                "starts": {"local": "2027-10-29T09:00", "zone": "Europe/Paris"},
                "ends": {"local": "2027-10-29T10:30", "zone": "Europe/Paris"},
                "stop": "toulon",
                "venue": "dock",
                "track": "vip",
            }
        ],
    }


def registration():
    """How a tour takes companies, all of it."""
    return {
        "deadline_zone": "America/Los_Angeles",
        "freezes_at": "2027-10-10T07:00:00Z",
        "details_due_at": "2027-10-15T07:00:00Z",
        "accepts_at_once": True,
        "queue_order": "score",
        "promotion": "review",
        "offer_hours": 48,
        "skips_parties": False,
        "currency": "USD",
        "form_note": {"en": "Welcome.", "fr": "Bienvenue."},
        "form_fields": {"website": "hidden", "phone": "required"},
        "retention": {"health": 3, "contacts": 365},
    }


def questions():
    """Two questions of which one depends on the other, and one that is sealed."""
    return [
        {
            "key": "exports",
            "stage": "apply",
            "asked": "company",
            "kind": "choice",
            "label": {"en": "Do you export?", "fr": "Exportez-vous ?"},
            "options": [
                {"value": "yes", "label": {"en": "Yes", "fr": "Oui"}},
                {"value": "not_yet", "label": {"en": "Not yet", "fr": "Pas encore"}},
            ],
            "required": True,
        },
        {
            "key": "where",
            "stage": "apply",
            "asked": "company",
            "kind": "text",
            "label": {"en": "Where to?", "fr": "Où ?"},
            "help": {"en": "Countries."},
            "required": False,
            "depends_on": "exports",
            "depends_values": ["yes"],
        },
        {
            "key": "diet",
            "stage": "travel",
            "asked": "delegate",
            "kind": "long_text",
            "label": {"en": "Diet"},
            "required": False,
            "sensitivity": "health",
        },
    ]


def criteria():
    """By what a tour chooses."""
    return [
        {"name": {"en": "Fit", "fr": "Adéquation"}, "weight": 3, "most": 10},
        {"name": {"en": "Ready"}, "weight": 1, "most": 5},
    ]


def prices():
    """What a tour costs."""
    return [
        {
            "name": {"en": "Package", "fr": "Forfait"},
            "kind": "fee",
            "basis": "delegate",
            "net": "1200.00",
            "tax_rate": "20.00",
            "instalments": [
                {"percent": "30.00", "days": 14},
                {"percent": "70.00", "due_on": "2027-10-01"},
            ],
        },
        {
            "name": {"en": "Aid of the Region"},
            "kind": "aid",
            "basis": "company",
            "net": "-400.50",
            "tax_rate": "0.00",
            "instalments": [{"percent": "100.00", "days": 0}],
        },
    ]


def full():
    """The example with everything that a file may say."""
    data = example()
    data["trip"]["clashes"] = {
        "levels": {"host": "ignore", "travel": "warn"},
        "speeds": {"coach": 55, "walk": 4.5},
        "margin_minutes": 0,
        "arrival_minutes": 60,
    }
    data["trip"]["registration"] = registration()
    data |= {"questions": questions(), "criteria": criteria(), "prices": prices()}
    data["organizations"].append({"key": "guest", "name": "Invitée SA", "kind": "company"})
    data["venues"][0] |= {
        "capacity": 300,
        "contact": "Gate office, +33 4 99 00 00 00",
        "rooms": [
            {"key": "hall", "name": "Hall", "capacity": 200, "access": {"en": "Door 2."}},
            {"key": "mezzanine", "name": "Mezzanine"},
        ],
    }
    data["venues"].append({**example()["venues"][0], "key": "gare", "name": "Gare de Toulon"})
    data["travel_times"] = [
        {"from": "gare", "to": "dock", "minutes": 25},
        {"from": "dock", "to": "gare", "minutes": 40},
    ]
    data["items"][0] |= {
        "audience": "companies",
        "companies": ["guest"],
        "room": "hall",
        "host": "yard",
        "people": [
            {"given": "Ada", "family": "Exemple", "role": "interpreter", "basis": "illustrative"},
            {"given": "Ada", "family": "Exemple", "role": "guide"},
            {"family": "Sample", "role": "speaker"},
        ],
        "attendance": "optional",
        "capacity": 12,
        "languages": ["en", "fr"],
        "meeting_point": {"en": "At the gate.", "fr": "À la porte."},
        "call": 15,
    }
    data["items"].append(
        {
            "kind": "transfer",
            "title": {"en": "Coach"},
            "starts": {"local": "2027-10-29T11:00", "zone": "Europe/Paris"},
            "ends": {"local": "2027-10-29T11:45", "zone": "Europe/Paris"},
            "venue": "dock",
            "to": {"venue": "gare", "place": "Platform side"},
            "mode": "coach",
            "service": "Line 12",
            "vehicle": "Coach 1",
        }
    )
    return data


def spoiled(path, value, data=None):
    """The example with one value put in at a path such as ("items", 0, "kind")."""
    data = data or example()
    inside = data
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return data


def faults_of(data):
    with pytest.raises(FileFaults) as caught:
        tripfiles.read(json.dumps(data))
    return [str(fault) for fault in caught.value.faults]


def read(data):
    return tripfiles.read(json.dumps(data))


def everything():
    """Every row of every table but the audit, as plain values."""
    db.session.flush()
    return {
        table.name: [
            tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))
        ]
        for table in Base.metadata.sorted_tables
    }


def there(found: Found | None) -> Found:
    """What was looked for, which has to be there."""
    assert found is not None
    return found

"""What exists: one noun a module. Importing the package maps every table."""

from webapp.models import (
    agenda,
    audit,
    basis,
    delegate,
    feed,
    heartbeat,
    mail,
    organization,
    partnership,
    person,
    place,
    registration,
    release,
    staff,
    track,
    trip,
)

__all__ = [
    "agenda",
    "audit",
    "basis",
    "delegate",
    "feed",
    "heartbeat",
    "mail",
    "organization",
    "partnership",
    "person",
    "place",
    "registration",
    "release",
    "staff",
    "track",
    "trip",
]

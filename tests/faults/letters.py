"""Letters for fault tests: put in one statement, counted in the database and at the server."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy import select

from tests.factories import make_trip
from webapp.db import db, transaction
from webapp.domain import correspondence
from webapp.models.mail import Mail, MailState


def put(count: int, first: int = 1) -> set[str]:
    """So many small letters to different people, waiting unwritten; their Message-IDs."""
    with transaction():
        trip = make_trip()
        told = [
            correspondence.for_address(
                "person_erased", trip, f"p{number}@d{number % 50}.example", "Zoé Núñez", "en", 0
            )
            for number in range(first, first + count)
        ]
        assert correspondence.put(told) == count
    emails = [letter.to_email for letter in told]
    return set(db.session.scalars(select(Mail.message_id).where(Mail.to_email.in_(emails))))


def states() -> Counter[MailState]:
    """How many letters stand in each state."""
    db.session.commit()
    return Counter(db.session.scalars(select(Mail.state)))


def told() -> str:
    """The same in words."""
    return ", ".join(f"{number} {state}" for state, number in sorted(states().items()))


def in_state(state: MailState) -> set[str]:
    """The Message-IDs of the letters in a state."""
    db.session.commit()
    return set(db.session.scalars(select(Mail.message_id).where(Mail.state == state)))


def minutes_go_by(minutes: int = 6) -> None:
    """What waits has waited, and what was claimed was claimed, for so much longer."""
    columns = ("created_at", "due_at", "claimed_at")
    earlier = ", ".join(f"{name} = {name} - make_interval(mins => {minutes:d})" for name in columns)
    with transaction():
        db.session.execute(sa.text(f"UPDATE mails SET {earlier}"))

"""People, apart from trips."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from webapp.db import db
from webapp.models.person import Person


def find_or_add(given_name: str, family_name: str, email: str) -> Person:
    """The person with this mail address, unchanged, else a new one.

    What is known of a found person stays as it is: whoever types the address is not known.
    """
    by_mail = select(Person).where(func.lower(Person.email) == func.lower(email))
    found = db.session.scalars(by_mail).one_or_none()
    if found:
        return found
    # Two trips may register the same new person at once; the loser of that race reads the winner's.
    db.session.execute(
        insert(Person)
        .values(given_name=given_name, family_name=family_name, email=email)
        .on_conflict_do_nothing()
    )
    return db.session.scalars(by_mail).one()

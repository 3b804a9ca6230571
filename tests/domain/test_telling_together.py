"""Writing to many while others act: each on a connection of its own."""

import sqlalchemy as sa
from sqlalchemy import func, select

from tests.factories import application, make_item, make_registration, make_trip
from tests.together import alone, at_once, meanwhile
from webapp.db import db, transaction
from webapp.domain import audits, registrations, releases, telling
from webapp.models.mail import Mail, MailState
from webapp.models.registration import RegistrationState

MANY = 3000
BY = audits.SYSTEM


def make_tour(people: int) -> tuple[int, int]:
    """A tour with so many delegates whom its second version concerns; its id and that one's."""
    with transaction():
        trip = make_trip(max_delegates=None, max_organizations=None, max_per_organization=None)
        one = make_registration(trip, 1, RegistrationState.ACCEPTED).delegates[0]
        make_item(trip)
        releases.publish(trip, BY)
        db.session.execute(
            sa.text(
                "INSERT INTO delegates (registration_id, person_id, position, state, given_name,"
                " family_name, email, language, token_digest, token_sealed, filled_at)"
                " SELECT registration_id, person_id, n, state, given_name, n, n || email, language,"
                " md5(n::text), token_sealed, filled_at FROM delegates, generate_series(2, :many) n"
                " WHERE delegates.id = :one"
            ),
            {"many": people, "one": one.id},
        )
    with transaction():
        make_item(trip)
        release = releases.publish(trip, BY, tells=True)
        return trip.id, release.id


def bulletins() -> int:
    query = select(func.count()).where(Mail.letter == "bulletin", Mail.state == MailState.HELD)
    return db.session.scalars(query).one()


def test_a_company_registers_while_thousands_of_letters_are_put(committed):
    trip_id, release_id = make_tour(MANY)

    def register():
        with transaction():
            return registrations.submit(trip_id, application(1)).state

    with transaction():
        assert telling.tell(release_id) == MANY
        # Nothing is committed yet, and nobody waits for it.
        with meanwhile(committed, register) as registered:
            assert registered.result(5) == RegistrationState.SUBMITTED
        assert alone(committed, bulletins) == 0
    assert bulletins() == MANY


def test_two_workers_tell_once(committed):
    _trip_id, release_id = make_tour(5)

    def tell():
        with transaction():
            return telling.tell(release_id)

    assert sorted(at_once(committed, tell, tell)) == [0, 5]
    assert bulletins() == 5
    assert telling.due() == []

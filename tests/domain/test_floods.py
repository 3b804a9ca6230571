"""What a form without an account cannot be used for."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.factories import application, delegate_data, make_trip
from webapp.db import transaction
from webapp.domain import registrations
from webapp.domain.registrations import MOST_LETTERS, WrittenTooOften
from webapp.models.mail import Mail


def to(email: str):
    return application(delegates=(delegate_data(1, email=email),))


def test_one_mailbox_gets_a_few_letters_a_day_and_no_more(session):
    trip = make_trip()
    for number in range(MOST_LETTERS):
        with transaction():
            registrations.submit(trip.id, to(f"victim+{number}@example.com"))
    letters = session.scalar(select(func.count()).select_from(Mail))

    with pytest.raises(WrittenTooOften) as refused, transaction():
        registrations.submit(trip.id, to("Victim@example.com"))

    assert refused.value.addresses == {"victim@example.com"}
    assert session.scalar(select(func.count()).select_from(Mail)) == letters
    with transaction():
        registrations.submit(trip.id, to("somebody.else@example.com"))


def test_the_key_of_a_form_is_not_stored_and_finds_no_other_company(session):
    trip, key = make_trip(), uuid4()
    sent = application(form_key=key, coordinator_email="ana@example.com")
    with transaction():
        mine = registrations.submit(trip.id, sent)

    with transaction():
        other = registrations.submit(trip.id, application(form_key=key))

    assert mine.form_key != key
    assert other is not mine

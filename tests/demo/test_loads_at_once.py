"""Two copies that start at once, on real connections, load one demonstration."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from sqlalchemy import func, select

from webapp.db import db, transaction
from webapp.demo import loader
from webapp.models.partnership import Partnership
from webapp.models.staff import Staff
from webapp.models.trip import Trip


def test_two_loads_at_once_make_one_set(committed):
    def load(number):
        with committed.app_context(), transaction():
            return [trip.slug for trip in loader.load(date(2027, 2, 3))]

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(load, range(2))

    assert one == other
    for model, number in ((Trip, 5), (Partnership, 1), (Staff, 1)):
        assert db.session.scalar(select(func.count()).select_from(model)) == number

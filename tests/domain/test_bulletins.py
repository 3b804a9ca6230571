"""What changed for one person since a version they knew."""

from tests.factories import make_item, make_registration, make_trip, publish
from webapp.db import Words
from webapp.domain import agendas, audits, bulletins
from webapp.models.registration import RegistrationState
from webapp.models.release import Change


def test_what_came_and_was_called_off_in_between_is_no_news(session):
    trip = make_trip()
    delegate = make_registration(trip, 1, RegistrationState.ACCEPTED).delegates[0]
    make_item(trip)
    publish(trip)
    came = make_item(trip, title=Words(en="Tasting"))
    publish(trip)
    agendas.call_off(came, audits.SYSTEM)
    publish(trip)

    assert bulletins.for_delegate(delegate, 1) == []
    (told,) = bulletins.for_delegate(delegate, 2)
    assert (told.change, told.item.uid) == (Change.CANCELLED, came.uid)

"""A delegate says on a page whether they come to a session that was mailed to them."""

import pytest

from tests.blueprints.forms import hidden
from tests.domain.test_invitations import BY, coming, item_of
from tests.factories import make_item, make_trip, publish, utc
from tests.invited import deliver, letters, parsed, reconcile
from webapp.db import db, transaction
from webapp.domain import invitations
from webapp.models.agenda import Audience
from webapp.models.invitation import Answer, Invitation
from webapp.models.trip import Inviting


@pytest.fixture
def zoe(app):
    """Somebody whose calendar program does not answer."""
    with transaction():
        trip = make_trip()
        make_item(trip)
        publish(trip)
        invitations.set_mode(trip, Inviting.ALL, BY, hold_minutes=0)
        zoe = coming(trip)
        reconcile(trip)
        deliver()
    return zoe


def path(zoe) -> str:
    return f"/d/{zoe.token}/invitations/{item_of(zoe.registration.trip).uid}"


def said(zoe) -> Answer:
    db.session.expire_all()
    return db.session.query(Invitation).one().answer


def post(client, zoe, answer: str):
    data = hidden(client, path(zoe)) | {"answer": answer}
    assert client.post(path(zoe), data=data).status_code == 303
    return client.get(f"/d/{zoe.token}")


def test_the_link_of_the_letter_asks_and_only_the_button_answers(client, zoe):
    """A mail scanner follows links (icalendar.md I5, DESIGN rule 10)."""
    page = client.get(path(zoe))

    assert "Will you come?" in page.text
    assert said(zoe) == Answer.NONE
    assert "You said that you will not come." in post(client, zoe, "declined").text
    assert said(zoe) == Answer.DECLINED
    assert "You said that you will come." in post(client, zoe, "accepted").text
    assert said(zoe) == Answer.ACCEPTED


def test_the_letter_links_there(client, zoe):
    assert path(zoe) in parsed(letters()[0]).get_body(("plain",)).get_content()
    assert path(zoe) in client.get(f"/d/{zoe.token}").text


def test_what_is_no_answer_changes_nothing(client, zoe):
    post(client, zoe, "none")
    post(client, zoe, "perhaps?")
    assert client.post(path(zoe), data={"answer": "accepted"}).status_code in (303, 400)

    assert said(zoe) == Answer.NONE


def test_once_it_is_over_there_is_nothing_to_answer(client, zoe, hold_clock):
    hold_clock(utc(2027, 10, 26, 9, 0))

    assert "Nothing to answer" in client.get(path(zoe)).text


def test_what_somebody_may_not_see_is_not_there(client, zoe):
    with transaction():
        hidden_item = make_item(zoe.registration.trip, audience=Audience.STAFF)
        publish(zoe.registration.trip)

    assert client.get(f"/d/{zoe.token}/invitations/{hidden_item.uid}").status_code == 404

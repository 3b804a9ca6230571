"""The page of a reader's letters, and the one click of mail programs."""

from collections.abc import Callable

import pytest

from tests.blueprints.forms import hidden
from tests.factories import make_registration, make_trip
from webapp.db import transaction
from webapp.domain import opt_outs
from webapp.domain.opt_outs import Reader
from webapp.models.delegate import Delegate
from webapp.models.mail import Topic


@pytest.fixture
def delegate(app) -> Delegate:
    with transaction():
        return make_registration(make_trip(), 1).delegates[0]


@pytest.fixture
def reader(delegate) -> Reader:
    return Reader(delegate.registration.trip_id, delegate.email.lower())


@pytest.fixture
def path(delegate) -> Callable[..., str]:
    token = opt_outs.token(delegate)
    return lambda topic="changes": f"/mail/stop/{token}?topic={topic}"


def test_looking_stops_nothing(client, reader, path):
    page = client.get(path())

    assert page.status_code == 200
    assert reader.email not in page.text
    assert page.text.count(" checked") == len(Topic)
    assert page.headers["Cache-Control"] == "no-store"
    assert opt_outs.of(reader) == frozenset()


def test_the_one_click_of_a_mail_program_needs_no_page_and_stops_that_topic(client, reader, path):
    answer = client.post(path("days"), data={"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert opt_outs.of(reader) == {Topic.DAYS}
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("topic", ["", "everything", "%00"])
def test_one_click_without_a_topic_that_there_is_stops_nothing(client, reader, path, topic):
    answer = client.post(path(topic), data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 400
    assert opt_outs.of(reader) == frozenset()


def test_the_page_says_what_is_wanted_and_takes_it_back(client, reader, path):
    form = hidden(client, path())

    answer = client.post(path(), data={**form, "wanted": ["changes"]})
    assert answer.status_code == 303
    assert opt_outs.of(reader) == {Topic.DAYS, Topic.NEWS}

    client.post(path(), data={**form, "wanted": [topic.value for topic in Topic]})
    assert opt_outs.of(reader) == frozenset()


def test_a_form_that_is_not_ours_stops_nothing(client, reader, path):
    assert client.post(path(), data={"wanted": ["changes"]}).status_code == 400
    assert opt_outs.of(reader) == frozenset()


def test_a_link_that_is_nobody_s_is_not_found(client):
    assert client.get("/mail/stop/" + "x" * 32).status_code == 404
    assert client.post("/mail/stop/x", data={"List-Unsubscribe": "One-Click"}).status_code == 404

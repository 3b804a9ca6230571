"""What browsers and proxies may keep of an answer."""

import pytest

from tests.blueprints.forms import sign_in
from tests.factories import make_registration, make_staff, make_trip
from webapp.db import transaction

PRIVATE = ("no-store", "noindex")


def kept(answer) -> tuple[str | None, str | None]:
    return answer.headers.get("Cache-Control"), answer.headers.get("X-Robots-Tag")


def test_nothing_behind_a_secret_link_is_kept_or_indexed(app, client):
    values = {"slug": "x", "token": "y", "uid": "12345678-1234-5678-1234-567812345678"}
    answers = {}
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "token" in rule.arguments and not rule.endpoint.startswith("calendars_public."):
            numbers = {name: values.get(name, 1) for name in rule.arguments}
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            address = adapter.build(rule.endpoint, numbers, method=method)
            answers[f"{method} {rule.rule}"] = kept(client.open(address, method=method))

    assert len(answers) > 40
    assert {rule: told for rule, told in answers.items() if told != PRIVATE} == {}


@pytest.mark.parametrize(
    "page", ["", "/data", "/delegates/new", "/delegates/sheet", "/delegates/sheet.xlsx"]
)
def test_nor_is_what_a_company_reads_there(client, session, page):
    with transaction():
        token = make_registration(make_trip()).token

    answer = client.get(f"/r/{token}{page}")

    assert answer.status_code == 200
    assert kept(answer) == PRIVATE


def test_what_organizers_read_is_theirs_and_what_all_may_read_is_not(client, session):
    with transaction():
        staff = make_staff(trip=make_trip())
    sign_in(client, staff)

    assert kept(client.get("/organizer/")) == PRIVATE
    assert kept(client.get("/organizer/sign-in")) == PRIVATE
    assert kept(client.get("/")) == ("no-cache", None)

"""Signing in: cookies, throttling, and nobody learns which addresses exist."""

import pytest

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.conftest import Browser
from tests.factories import PASSWORD, make_staff
from webapp.db import transaction
from webapp.domain import staffs
from webapp.models.staff import Staff

PATH = "/organizer/sign-in"


@pytest.fixture
def staff(session) -> Staff:
    with transaction():
        return make_staff()


def attempt(client, email: str, password: str):
    return client.post(PATH, data={"email": email, "password": password, **hidden(client, PATH)})


def test_the_right_password_opens_the_door_with_a_careful_cookie(client, staff):
    answer = attempt(client, staff.email.upper(), PASSWORD)

    assert (answer.status_code, answer.location) == (302, "/organizer/")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/organizer/").status_code == 200


@pytest.mark.parametrize("which", ["wrong password", "unknown address"])
def test_both_mistakes_get_the_same_words(client, staff, which):
    email = staff.email if which == "wrong password" else "nobody@example.org"

    answer = attempt(client, email, "not the password")

    assert answer.status_code == 422
    assert field_errors(answer.get_data(as_text=True)) == {
        "password": "This address and password do not belong together."
    }
    assert client.get("/organizer/").status_code == 302


def test_a_closed_account_is_out_at_once(client, staff):
    sign_in(client, staff)
    with transaction():
        staff.active = False

    assert client.get("/organizer/").status_code == 302
    assert attempt(client, staff.email, PASSWORD).status_code == 422


def test_signing_out_needs_a_post_and_ends_the_session(client, staff):
    sign_in(client, staff)
    assert client.get("/organizer/sign-out").status_code == 405

    client.post("/organizer/sign-out", data=hidden(client, "/organizer/"))

    assert client.get("/organizer/").status_code == 302


def test_signing_out_ends_every_copy_of_the_cookie(app, client, staff):
    sign_in(client, staff)
    copy = Browser(app, app.response_class)
    copy.set_cookie("session", client.get_cookie("session").value)
    assert copy.get("/organizer/").status_code == 200

    client.post("/organizer/sign-out", data=hidden(client, "/organizer/"))

    assert copy.get("/organizer/").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ("/organizer/mailbox", "/organizer/mailbox"),
        ("https://evil.example/", "/organizer/"),
        ("//evil.example/organizer/", "/organizer/"),
        ("/organizer/../\\evil.example", "/organizer/"),
        ("", "/organizer/"),
    ],
)
def test_after_signing_in_one_goes_on_only_within_the_house(client, staff, wanted, where):
    form = {"email": staff.email, "password": PASSWORD, **hidden(client, PATH)}

    answer = client.post(PATH, query_string={"next": wanted}, data=form)

    assert answer.location == where


def test_passwords_are_hashed_with_argon2(staff):
    assert staff.password_hash.startswith("$argon2id$")
    assert PASSWORD not in staff.password_hash
    assert staffs.sign_in(staff.email, PASSWORD) is staff


def test_after_ten_wrong_passwords_the_door_stays_shut_for_the_right_one(throttled):
    with transaction():
        email = make_staff().email
    client = throttled.test_client()

    codes = [attempt(client, email, "wrong").status_code for _ in range(10)]
    last = attempt(client, email, PASSWORD)
    disguised = [
        attempt(client, email.replace("f", other, 1), PASSWORD) for other in ("f\x01", "F")
    ]

    assert codes == [422] * 10
    assert [a.status_code for a in (last, *disguised)] == [429] * 3
    assert "try again" in last.get_data(as_text=True).lower()

"""The page of the built-in inbox: whatever came over SMTP, it can be read."""

import os

import pytest

from tests.blueprints.forms import sign_in
from tests.factories import make_staff
from webapp.db import transaction


@pytest.fixture
def arrive(config):
    """Put a letter into the inbox as its server would, and take it out again after the test."""
    kept = []

    def put(octets: bytes) -> str:
        path = config.data_dir / "inbox" / "new" / f"{os.urandom(8).hex()}.escale"
        path.write_bytes(octets)
        kept.append(path)
        return path.name

    yield put
    for path in kept:
        path.unlink()


@pytest.fixture
def owner(client):
    with transaction():
        staff = make_staff()
    sign_in(client, staff)


RAW = (
    "From: Hôte <hôte@escale.example>\n"
    "To: Zoé <zoé@hôtel.example>\n"
    "Subject: À bientôt\n"
    "MIME-Version: 1.0\n"
    'Content-Type: multipart/mixed; boundary="b"\n\n'
    "--b\nContent-Type: text/plain; charset=utf-8\n\nÀ vous.\n"
    '--b\nContent-Type: text/cal\u00e9ndar\nContent-Disposition: attachment; filename="été.ics"\n\n'
    "BEGIN\n--b--\n"
).encode()


def test_headers_of_raw_octets_are_read_as_utf_8(client, owner, arrive):
    """RFC 6532 lets them stand there, and so does the inbox's server."""
    key = arrive(RAW)

    listing, letter = client.get("/organizer/mailbox"), client.get(f"/organizer/mailbox/{key}")
    file = client.get(f"/organizer/mailbox/{key}/attachments/0")

    for words in ("À bientôt", "Zoé", "zoé@hôtel.example"):
        assert words in listing.text
        assert words in letter.text
    for words in ("hôte@escale.example", "À vous.", "été.ics"):
        assert words in letter.text
    assert "filename*=UTF-8''%C3%A9t%C3%A9.ics" in file.headers["Content-Disposition"]
    assert file.data.strip() == b"BEGIN"


@pytest.mark.parametrize(
    ("head", "body", "words"),
    [
        (b"To: =?utf-7?q?a+2AA-b?= <a@b.example>\n", b"Hello\n", "=?utf-7?q?"),
        (b"Date: tomorrow\n", b"Hello\n", "Hello"),
        (b"Subject: caf\xe9\n", b"Hello\n", "caf�"),  # Latin-1, which no header may hold
        (b"Subject: =?utf-7?q?a+2AA-b?=\n", b"Hello\n", "=?utf-7?q?"),  # half a character
        (b"Content-Type: text/plain; charset=x-nobody\n", b"Hello\n", "Hello"),
        (b"Content-Type: text/plain; charset=utf-7\n", b"a+2AA-b\n", "a?b"),
        (b"Content-Type: text/html; charset=x-nobody\n", b"<p>Hello\n", "As a page"),
        (b"", b"", "(no subject)"),
    ],
)
def test_a_letter_that_is_wrong_is_shown_as_far_as_it_can_be(
    client, owner, arrive, head, body, words
):
    key = arrive(head + b"\n" + body)

    listing, letter = client.get("/organizer/mailbox"), client.get(f"/organizer/mailbox/{key}")
    page = client.get(f"/organizer/mailbox/{key}/page")

    assert (listing.status_code, letter.status_code, page.status_code) == (200, 200, 200)
    assert words in letter.text

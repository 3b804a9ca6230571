"""The letters of a tour, as its organizers see them."""

import re
from html import unescape

from tests.blueprints.forms import hidden, sign_in
from tests.factories import make_registration, make_staff, make_trip, utc
from tests.mail import posting
from webapp.blueprints.letter_names import LETTER_NAMES
from webapp.db import db
from webapp.mail.letters import LETTERS
from webapp.models.mail import Mail, MailState


def row(page: str, mail: Mail) -> str:
    """What the row of a letter says."""
    [found] = [
        part for part in re.findall(r"<tr>.*?</tr>", page, re.S) if f'id="mail-{mail.id}"' in part
    ]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())


def test_every_kind_of_letter_has_a_name():
    assert set(LETTER_NAMES) == set(LETTERS)


def test_a_letter_is_named_by_its_kind_until_it_is_written_then_by_its_subject(session, client):
    trip = make_trip()
    registration = make_registration(trip, 1, coordinator_name="Ana Costa")
    sign_in(client, make_staff(trip=trip))
    mail = posting.put(
        "place_offered", registration, places=1, asked=1, ends_at=utc(2027, 9, 4, 12, 0)
    )

    before = row(client.get(f"/organizer/trips/{trip.slug}/mails").text, mail)
    posting.written(mail)
    after = row(client.get(f"/organizer/trips/{trip.slug}/mails").text, mail)

    assert before.startswith("Offer of a place Ana Costa")
    assert "Waiting being written" in before
    assert after.startswith("Please answer by Sep 4, 2027")
    assert "being written" not in after


def test_a_letter_that_was_never_written_is_told_with_its_reason_and_can_be_tried_again(
    session, client
):
    trip = make_trip()
    registration = make_registration(trip, 1)
    sign_in(client, make_staff(trip=trip))
    mail = posting.put("delegate_welcome", registration.delegates[0])
    mail.to_name, mail.state = "", MailState.FAILED
    mail.last_error = "not written: the delegate has another mail address by now"
    session.flush()
    path = f"/organizer/trips/{trip.slug}/mails"

    said = row(client.get(path).text, mail)
    answer = client.post(f"{path}/{mail.id}/again", data=hidden(client, path))

    assert said.startswith(f"Delegate's page and calendar {mail.to_email} Failed not written: the")
    assert answer.status_code == 303
    assert db.session.get_one(Mail, mail.id).state == MailState.WAITING

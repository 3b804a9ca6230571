"""The letters of a tour, as its organizers see them."""

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.blueprints.forms import hidden, sign_in
from tests.factories import make_mail, make_registration, make_staff, make_trip, publish, utc
from tests.mail import posting
from webapp import clock
from webapp.blueprints.letter_names import LETTER_NAMES
from webapp.db import db
from webapp.domain import audits, bounces, feeds, health, opt_outs
from webapp.mail.letters import LETTERS, UNWANTED
from webapp.models.audit import AuditEntry
from webapp.models.mail import Hold, Mail, MailAttempt, MailState, Outcome
from webapp.models.staff import Role


@pytest.fixture
def company(session):
    found = make_registration(make_trip(), 1, coordinator_name="Ana Costa")
    db.session.query(Mail).delete()
    return found


@pytest.fixture
def organizer(client, company):
    staff = make_staff(trip=company.trip)
    sign_in(client, staff)
    return staff


def address(company, mail=None, tail="") -> str:
    base = f"/organizer/trips/{company.trip.slug}/mails"
    return f"{base}/{mail.id}{tail}" if mail else base


def plain(page: str) -> str:
    """What a page says, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def row(page: str, mail: Mail) -> str:
    """What the row of a letter says."""
    [found] = [
        part for part in re.findall(r"<tr>.*?</tr>", page, re.S) if f'id="mail-{mail.id}"' in part
    ]
    return plain(found)


def post(client, company, mail, tail, **data):
    token = hidden(client, "/organizer/trips/" + company.trip.slug + "/publish")
    return client.post(address(company, mail, tail), data=token | data)


def state_of(mail) -> MailState:
    db.session.expire_all()
    return db.session.get_one(Mail, mail.id).state


def test_every_kind_of_letter_has_a_name():
    assert set(LETTER_NAMES) == set(LETTERS)


def test_a_letter_is_named_by_its_kind_until_it_is_written_then_by_its_subject(
    client, company, organizer
):
    mail = posting.put("place_offered", company, places=1, asked=1, ends_at=utc(2027, 9, 4, 12, 0))

    before = row(client.get(address(company)).text, mail)
    posting.written(mail)
    after = row(client.get(address(company)).text, mail)

    assert before.startswith("Offer of a place Ana Costa")
    assert company.organization.name in before
    assert "Waiting being written" in before
    assert after.startswith("Please answer by Sep 4, 2027")
    assert "being written" not in after


def test_a_letter_that_was_never_written_is_told_with_its_reason_and_can_be_tried_again(
    client, company, organizer
):
    mail = posting.put("delegate_welcome", company.delegates[0])
    mail.to_name, mail.state = "", MailState.FAILED
    mail.last_error = "not written: the delegate has another mail address by now"
    db.session.flush()
    path = address(company)

    said = row(client.get(path).text, mail)
    answer = client.post(f"{path}/{mail.id}/again", data=hidden(client, path))

    assert said.startswith(f"Delegate's page and calendar {mail.to_email}")
    assert "It was not written: the delegate has another mail address by now." in said
    assert (answer.status_code, answer.location) == (303, path)
    assert state_of(mail) == MailState.WAITING


def test_the_list_is_filtered_by_its_address_and_says_how_many_there_are(
    client, company, organizer
):
    failed = make_mail(company, state=MailState.FAILED, sent_at=None)
    sent = make_mail(company, letter="bulletin", release_id=publish(company.trip).id)

    shown = {
        query: re.findall(r'id="mail-(\d+)"', client.get(f"{address(company)}?{query}").text)
        for query in (
            "state=failed", "state=sent", "kind=bulletin", "kind=nothing", "q=zoe", "q=nobody",
            f"release={sent.release_id}", "release=9999", "release=x", "release=" + "9" * 40,
            "mailing=-1", "state=no", "page=99", "page=x",
        )
    }  # fmt: skip

    both, one, other = [str(sent.id), str(failed.id)], [str(sent.id)], [str(failed.id)]
    assert list(shown.values()) == [
        other, one, one, both, both, [], one, [], both, both, both, both, [], both,
    ]  # fmt: skip
    chips = plain(client.get(address(company)).text)
    assert "All 2 Waiting 0 Held 0 Being sent 0 Sent 1 Came back 0 Failed 1 Stopped 0" in chips
    page = client.get(f"{address(company)}?release={sent.release_id}").text
    assert "Letters of version 1" in page


def test_the_list_looks_again_only_while_something_moves(client, company, organizer):
    make_mail(company)
    still = client.get(address(company)).text
    make_mail(company, state=MailState.SENDING, sent_at=None)
    moving = client.get(address(company)).text

    assert "every 5s" not in still
    assert "every 5s" in moving


def test_a_letter_shows_exactly_what_it_said_but_nobody_s_key(client, company, organizer):
    mail = make_mail(company)
    token = company.token

    page = client.get(address(company, mail)).text
    frame = client.get(address(company, mail, "/page"))
    file = client.get(address(company, mail, "/attachments/0"))

    assert token not in page + frame.text + file.text
    assert "/r/(their own link)" in page
    assert "/r/(their own link)" in frame.text
    assert "“(their own link)” stands in their place" in page
    assert mail.message_id in unescape(page)
    assert "Zoé Núñez <" in unescape(page)
    assert frame.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert file.headers["Content-Disposition"] == "attachment; filename=sessions.ics"
    assert file.data == b"BEGIN:VCALENDAR\n"
    assert client.get(address(company, mail, "/attachments/1")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "r/{key}", "d/{key}/agenda", "calendars/{key}.ics", "trips/x/register/draft/{key}",
        "trips/x/register/invited/{key}", "mail/stop/{stop}?topic=news",
    ],
)  # fmt: skip
def test_no_address_that_is_a_key_is_shown_whatever_its_kind(client, company, organizer, path):
    mail = make_mail(company)
    keys = {"key": company.token, "stop": opt_outs.token(mail)}
    said = f"https://old.example.org/{path.format(**keys)} and https://example.org/r/france"
    body = f"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{said}\r\n"
    mail.message = body.encode()
    db.session.flush()

    page = client.get(address(company, mail)).text

    assert keys["key"] not in page
    assert keys["stop"] not in page
    shown = path.replace("{key}", "(their own link)").replace("{stop}", "(their own link)")
    assert f"https://old.example.org/{shown} and https://example.org/r/france" in unescape(page)


def test_every_letter_of_the_product_is_shown_without_its_keys(client, company, organizer):
    mail = posting.write("delegate_welcome", company.delegates[0], again=False)
    page = (
        client.get(address(company, mail)).text + client.get(address(company, mail, "/page")).text
    )

    assert company.delegates[0].token not in page
    assert feeds.of_delegate(company.delegates[0]).token not in page
    assert "(their own link).ics" in page


def test_why_it_was_written_and_every_try_are_told(client, company, organizer):
    mail = make_mail(company)
    db.session.add(
        MailAttempt(
            mail_id=mail.id, number=1, at=utc(2027, 9, 1, 12, 0), worker="box:17",
            outcome=Outcome.LATER, code=421, words="come back later",
        )
    )  # fmt: skip
    audits.write(
        audits.by_staff(organizer), company, "decide", trip_id=company.trip_id,
        after={"state": "accepted"},
    )  # fmt: skip
    db.session.flush()

    said = plain(client.get(address(company, mail)).text)

    assert f"{organizer.name} accepted a registration" in said
    assert (
        "Try 1 Sep 1, 2027, 2:00 PM (Paris time, UTC+2) Put off 421 come back later box:17" in said
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"state": MailState.HELD, "hold": Hold.WINDOW, "due_at": utc(2027, 9, 1, 12, 0)},
            "It leaves on Sep 1, 2027, 2:00 PM (Paris time, UTC+2). Until then it can be stopped.",
        ),
        ({"state": MailState.FAILED, "last_error": "550 no such user"}, "550 no such user"),
        (
            {"state": MailState.CANCELLED, "last_error": UNWANTED},
            "Its reader asked for no more letters of this kind.",
        ),
        (
            {"state": MailState.FAILED, "last_error": "not written: the stars were wrong"},
            "It was not written: the stars were wrong.",
        ),
        ({"message": None, "facts": None}, "What it said was erased."),
        (
            {"state": MailState.WAITING, "message": None, "subject": "", "sent_at": None},
            "It is not written yet.",
        ),
    ],
)
def test_where_it_stands_is_said_in_words(client, company, organizer, values, words):
    mail = make_mail(company, **values)

    assert words in plain(client.get(address(company, mail)).text)


def test_a_purged_letter_says_since_when(client, company, organizer):
    mail = make_mail(company, message=None, facts=None)
    entry = audits.write(
        audits.SYSTEM, company.trip, "purge", trip_id=company.trip_id,
        after={"kind": "letters", "count": 1},
    )  # fmt: skip
    entry.at = utc(2028, 2, 1, 12, 0)
    db.session.flush()

    assert "was purged by Feb 1, 2028, 1:00 PM" in plain(client.get(address(company, mail)).text)


def test_a_letter_that_waits_can_be_stopped_and_it_says_by_whom(client, company, organizer):
    mail = make_mail(company, state=MailState.HELD, hold=Hold.WINDOW, sent_at=None)

    answer = post(client, company, mail, "/stop")
    page = plain(client.get(answer.location).text)

    assert state_of(mail) == MailState.CANCELLED
    assert f"{organizer.name} stopped it on" in page
    written = db.session.query(AuditEntry).filter_by(object_kind="mails", object_id=mail.id)
    assert [entry.action for entry in written] == ["stop"]


@pytest.mark.parametrize(
    ("state", "tail", "words"),
    [
        (MailState.SENDING, "/stop", "Too late: it is being sent already, or it was sent."),
        (MailState.SENT, "/stop", "Too late: it is being sent already, or it was sent."),
        (MailState.SENDING, "/again", "It stands otherwise by now, so it is not sent again."),
    ],
)
def test_what_moved_on_meanwhile_is_said(client, company, organizer, state, tail, words):
    mail = make_mail(company, state=state)

    answer = post(client, company, mail, tail)

    assert answer.status_code == 303
    assert words in plain(client.get(answer.location).text)
    assert state_of(mail) == state
    assert db.session.query(AuditEntry).filter_by(object_kind="mails").count() == 0


def test_a_letter_that_came_back_is_sent_again_only_once_its_address_is_good(
    client, company, organizer
):
    mail = make_mail(company, state=MailState.BOUNCED)
    bounces.mark(mail.to_email, "5.1.1", "no such mailbox", mail.id)
    bounce = bounces.active(mail.to_email)

    refused = post(client, company, mail, "/again")
    page = client.get(refused.location).text
    cleared = client.post(
        f"{address(company)}/addresses/{bounce.id}/clear",
        data=hidden(client, address(company, mail)) | {"letter": mail.id},
    )
    post(client, company, mail, "/again")

    assert "First say that the address is good again." in plain(page)
    assert "no such mailbox" in page
    assert cleared.location == address(company, mail)
    assert state_of(mail) == MailState.WAITING


def test_a_reader_of_the_tour_sees_letters_and_no_buttons(client, company):
    sign_in(client, make_staff(trip=company.trip, role=Role.READER))
    failed = make_mail(company, state=MailState.FAILED, sent_at=None)
    held = make_mail(company, state=MailState.HELD, hold=Hold.WINDOW, sent_at=None)
    bounces.mark(failed.to_email, None, "no", None)

    for path in (
        address(company), address(company, failed), address(company, held),
        address(company) + "/addresses",
    ):  # fmt: skip
        forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', client.get(path).text)
        assert [form for form in forms if "/mails/" in form] == []


def test_the_addresses_of_a_tour_that_mail_comes_back_from(client, company, organizer):
    person = company.delegates[0]
    bounces.mark(person.email, "5.1.1", "550 5.1.1 no such mailbox", None)
    held = make_mail(
        company, to_email=person.email, state=MailState.HELD, hold=Hold.ADDRESS, sent_at=None
    )
    opt_outs.stop(opt_outs.Reader(company.trip_id, "reader@example.com"), "news")
    path = address(company) + "/addresses"

    page = client.get(path).text
    answer = client.post(
        f"{path}/{bounces.active(person.email).id}/clear", data=hidden(client, path)
    )

    assert "550 5.1.1 no such mailbox" in page
    assert f"{person.name}, {company.organization.name}" in unescape(page)
    assert "1 letter is held for it" in page
    assert "reader@example.com News from the organizers" in plain(page)
    assert answer.location == path
    assert state_of(held) == MailState.WAITING
    assert "No mail came back from any address of this tour." in client.get(path).text


def test_a_company_s_page_flags_addresses_that_mail_comes_back_from(client, company, organizer):
    path = f"/organizer/trips/{company.trip.slug}/registrations/{company.id}"
    mail = make_mail(company)
    before = client.get(path).text
    bounces.mark(company.delegates[0].email.upper(), None, "no", None)
    after = client.get(path).text

    assert "Mail came back" not in before
    assert after.count("Mail came back") == 1
    assert f'href="{address(company, mail)}"' in after


def test_the_overview_and_the_list_of_tours_say_whether_mail_works(
    client, company, organizer, hold_clock
):
    overview = f"/organizer/trips/{company.trip.slug}/"
    late = clock.now() - timedelta(hours=1)
    make_mail(company, state=MailState.WAITING, due_at=late, sent_at=None)

    without = [plain(client.get(path).text) for path in (overview, "/organizer/")]
    health.beat("box:1")
    stuck = plain(client.get(overview).text)
    db.session.query(Mail).delete()
    well = [plain(client.get(path).text) for path in (overview, "/organizer/")]

    for said in without:
        assert "No letter leaves: the worker that sends them is not there." in said
    assert "Letters wait longer than they should. 1 letter waits since" in stuck
    for said in well:
        assert "Mail works" in said

"""Reports of letters that came back: which of them are believed, and what they say."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mail import reports
from webapp.mail import returns
from webapp.mail.returns import Report

OURS = "<0123456789abcdef0123456789abcdef01234567@escale.example>"
NO_USER = "550 5.1.1 <gone@acme.example>: Recipient address rejected"


@pytest.fixture
def bounces(app, monkeypatch) -> None:
    monkeypatch.setitem(app.config, "MAIL_BOUNCES", "bounces@escale.example")


def said(form: str, to: str, **more: str) -> bytes:
    values = {"action": "failed", "status": "5.1.1", "words": NO_USER, "message_id": OURS} | more
    return form.format(to=to, **values).replace("\n", "\r\n").encode("iso-8859-1")


def test_each_letter_has_a_sender_of_its_own(bounces):
    address = returns.envelope_sender(7)

    assert address.startswith("bounces+7-")
    assert address.endswith("@escale.example")
    assert returns.mail_of(address) == 7
    assert returns.mail_of(address.upper()) == 7
    assert len(address.partition("@")[0]) <= 64  # RFC 5321, 4.5.3.1.1


def test_without_the_setting_letters_leave_from_the_address_of_the_product(app):
    assert returns.envelope_sender(7) == "tours@escale.example"


@pytest.mark.parametrize(
    "forged",
    ["bounces+7-0000000000000000@escale.example", "bounces+7-@escale.example",
     "bounces@escale.example", "", "+-@", "bounces+99999999999999999999-0000000000000000@x"],
)  # fmt: skip
def test_nobody_can_make_up_such_an_address(bounces, forged):
    assert returns.mail_of(forged) is None


def test_the_digest_of_one_letter_is_no_other_s(bounces):
    assert returns.mail_of(returns.envelope_sender(7).replace("+7-", "+8-")) is None


@pytest.mark.parametrize(
    ("form", "code", "words"),
    [
        (reports.POSTFIX, "5.1.1", NO_USER),
        (
            reports.EXCHANGE,
            "5.1.10",
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found",
        ),
        (reports.QMAIL, "5.1.1", "Sorry, no mailbox here by that name. (#5.1.1)"),
        (reports.FRENCH, None, "<gone@acme.example> 550 Utilisateur inconnu"),
    ],
    ids=["postfix", "exchange", "qmail", "french"],
)
def test_a_report_to_the_letter_s_own_address_is_read(bounces, form, code, words):
    report = returns.read(said(form, returns.envelope_sender(7)))

    assert report == Report(7, None, True, code, words)


def test_exim_says_that_it_answers_by_itself_and_it_is_a_report_all_the_same(bounces):
    report = returns.read(said(reports.EXIM, returns.envelope_sender(7)))

    assert report == Report(
        7, None, True, "5.1.1",
        "550 5.1.1 <gone@acme.example>: Recipient address rejected: User unknown",
    )  # fmt: skip


@pytest.mark.parametrize("form", [reports.POSTFIX, reports.EXCHANGE, reports.EXIM])
def test_without_an_own_address_the_returned_message_id_tells(bounces, form):
    report = returns.read(said(form, "tours@escale.example"))

    assert (report.mail_id, report.message_id, report.is_final) == (None, OURS, True)


def test_the_envelope_tells_where_the_headers_do_not(bounces):
    report = returns.read(said(reports.QMAIL, "list@escale.example"), returns.envelope_sender(9))

    assert report.mail_id == 9


def test_a_delay_is_not_an_end(bounces):
    late = said(
        reports.POSTFIX, returns.envelope_sender(7),
        action="delayed", status="4.4.1", words="451 4.4.1 no answer from host",
    )  # fmt: skip

    assert returns.read(late) == Report(7, None, False, "4.4.1", "451 4.4.1 no answer from host")


@pytest.mark.parametrize("form", [reports.AWAY, reports.HUMAN], ids=["away", "human"])
def test_answers_of_people_are_no_reports(bounces, form):
    assert returns.read(said(form, returns.envelope_sender(7))) is None


def test_a_report_of_somebody_else_s_letter_is_none(bounces):
    alone = said(reports.QMAIL, "tours@escale.example", message_id="")

    assert returns.read(alone) is None


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\0" * 100_000,
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n" * 5_000,
        b"From: mailer-daemon@x\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n5.1.1",
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n)
                 for n in range(3_000)),
        b"x" * 20_000_000,
        b"From: =?x?q?\r\nTo: <<<>>>,,,;:\r\nContent-Type: ;;;=\r\n\r\n550 5.1.1",
    ],
)  # fmt: skip
def test_whatever_comes_stops_nothing(bounces, garbage):
    assert returns.read(garbage) is None


@given(st.binary(max_size=2_000))
def test_random_octets_are_no_report(octets):
    assert returns.read(octets) is None


def test_parts_within_parts_do_not_hold_up_whoever_reads_reports(bounces):
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
        for number in range(300)
    )
    report = b"From: mailer-daemon@example.org\r\n" + nested + b"x\r\n" * 77_000
    began = time.process_time()

    assert returns.read(report) is None
    assert time.process_time() - began < 1

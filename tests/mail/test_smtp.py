"""The wire, against real servers: what they take, what they refuse, and when they go away."""

import time
from urllib.parse import quote

import pytest

from tests.mail.servers import SECRET, USER, Keeper, behaved, certificate, login, misbehaved
from webapp.mail import smtp

SENDER = "Escale <tours@escale.example>"
TO = "zoe@example.com"
CONTENT = (
    b"From: tours@escale.example\r\nTo: zoe@example.com\r\nSubject: Hello\r\n\r\n"
    b".a line that begins with a dot\r\n..\r\n\r\n.\r\n" + b"x" * 900 + b"\r\n"
)


def deliver(url: str, *to: str, content: bytes = CONTENT) -> list[str]:
    """ "taken" or the words of the refusal, for each recipient on one connection."""
    results = []
    with smtp.connect(url) as wire:
        for address in to or (TO,):
            try:
                smtp.deliver(wire, SENDER, address, content)
            except smtp.Refused as refused:
                results.append(f"{'never' if refused.for_good else 'later'}: {refused.words}")
            else:
                results.append("taken")
    return results


def refusal(url: str) -> smtp.Refused:
    """How the server of `url` refuses a message."""
    with pytest.raises(smtp.Refused) as refused, smtp.connect(url) as wire:
        smtp.deliver(wire, SENDER, TO, CONTENT)
    return refused.value


def test_what_arrives_is_what_was_sent_octet_by_octet():
    keeper = Keeper()
    with behaved(keeper) as port:
        assert deliver(f"smtp://127.0.0.1:{port}") == ["taken"]

    [mail] = keeper.mails
    assert mail.content == CONTENT
    assert (mail.mail_from, mail.rcpt_tos) == ("tours@escale.example", [TO])


def test_the_built_in_inbox_is_reached_over_a_unix_socket(tmp_path):
    keeper, path = Keeper(), tmp_path / "a folder é" / "in box.sock"
    path.parent.mkdir()
    with behaved(keeper, unix=path):
        assert deliver(f"smtp+unix://{quote(str(path))}") == ["taken"]

    assert [mail.content for mail in keeper.mails] == [CONTENT]


def test_one_refused_recipient_does_not_stop_the_next_on_the_same_connection():
    keeper = Keeper({"no@example.com": "550 no such mailbox", "later@example.com": "450 busy"})
    with behaved(keeper) as port:
        answers = deliver(f"smtp://127.0.0.1:{port}", "no@example.com", "later@example.com", TO)

    assert answers == ["never: 550 no such mailbox", "later: 450 busy", "taken"]
    assert [mail.rcpt_tos for mail in keeper.mails] == [[TO]]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(
    ("answer", "for_good"), [("421 closing", False), ("450 later", False), ("550 never", True)]
)
def test_a_refusal_is_told_in_the_server_s_words_and_5xx_is_for_good(command, answer, for_good):
    with misbehaved({command: answer}) as (port, heard):
        refused = refusal(f"smtp://127.0.0.1:{port}")

    # What is said of the sender is about us: the operator can mend it.
    assert (refused.words, refused.for_good) == (answer, for_good and command != "MAIL")
    assert command in {line.split(" ")[0].upper() for line in heard}


def test_the_words_of_a_refusal_may_be_any_octets():
    with misbehaved({"RCPT": "550-first\r\n550 s\xe9cond \x00"}) as (port, _heard):
        refused = refusal(f"smtp://127.0.0.1:{port}")

    assert refused.words == "550 first\ns\N{REPLACEMENT CHARACTER}cond \x00"
    assert refused.for_good


@pytest.mark.parametrize(
    "script",
    [
        {"HELLO": "close"},
        {"HELLO": "554 no service here"},
        {"HELLO": "not SMTP at all"},
        {"EHLO": "close"},
        {"MAIL": "close"},
        {"RCPT": "close"},
        {"DATA": "close"},
        {".": "close"},  # after the message, so nobody knows whether it was taken
    ],
    ids=str,
)
def test_a_server_that_goes_away_is_tried_again(script):
    with misbehaved(script) as (port, _heard):
        refused = refusal(f"smtp://127.0.0.1:{port}")

    assert refused.words
    assert not refused.for_good


@pytest.mark.parametrize("command", ["HELLO", "EHLO", "MAIL", "."])
def test_a_server_that_says_nothing_is_given_up_after_the_timeout(monkeypatch, command):
    monkeypatch.setattr(smtp, "TIMEOUT", 0.2)
    started = time.monotonic()

    with misbehaved({command: "hang"}) as (port, _heard):
        refused = refusal(f"smtp://127.0.0.1:{port}")
        waited = time.monotonic() - started

    assert not refused.for_good
    assert waited < 2


@pytest.mark.parametrize(
    "url",
    [
        "smtp://127.0.0.1:1",
        "smtps://127.0.0.1:1",
        "smtp+unix:///nowhere/inbox.sock",
        "smtp://nowhere.invalid:25",
        f"smtp://{'a' * 70}.example:25",
        "smtp://a..example:25",
    ],
)
def test_a_server_that_is_not_there_is_tried_again(url):
    refused = refusal(url)

    assert refused.words
    assert not refused.for_good


def test_after_the_connection_broke_the_next_call_says_so_and_does_not_hang():
    with (
        misbehaved({"RCPT": "421 closing"}) as (port, _heard),
        smtp.connect(f"smtp://127.0.0.1:{port}") as wire,
    ):
        for _call in range(2):
            with pytest.raises(smtp.Refused) as refused:
                smtp.deliver(wire, SENDER, TO, CONTENT)
            assert not refused.value.for_good
            assert not smtp.is_open(wire)


@pytest.fixture
def tls(tmp_path):
    return certificate(tmp_path)


def test_starttls_delivers_to_a_server_whose_certificate_is_trusted(tls, monkeypatch):
    context, trusted = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    keeper = Keeper()
    options = {"tls_context": context, "require_starttls": True}

    with behaved(keeper, **options) as port:
        assert deliver(f"smtp://localhost:{port}?starttls=1") == ["taken"]
        assert refusal(f"smtp://localhost:{port}?starttls=0").words.startswith("530")

    assert len(keeper.mails) == 1


def test_tls_from_the_start_delivers_to_a_server_whose_certificate_is_trusted(tls, monkeypatch):
    context, trusted = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    keeper = Keeper()

    with behaved(keeper, over_tls=context) as port:
        assert deliver(f"smtps://localhost:{port}") == ["taken"]

    assert len(keeper.mails) == 1


def test_a_certificate_that_nobody_trusts_or_of_another_name_is_refused(tls, monkeypatch):
    context, trusted = tls
    keeper = Keeper()
    with behaved(keeper, tls_context=context) as port:
        strange = refusal(f"smtp://localhost:{port}?starttls=1")
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        elsewhere = refusal(f"smtp://127.0.0.1:{port}?starttls=1")

    for refused in (strange, elsewhere):
        assert "CERTIFICATE_VERIFY_FAILED" in refused.words
        assert not refused.for_good
    assert keeper.mails == []


def test_where_starttls_is_wanted_and_not_offered_nothing_is_sent():
    keeper = Keeper()
    with behaved(keeper) as port:
        refused = refusal(f"smtp://user:secret@127.0.0.1:{port}?starttls=1")

    assert "STARTTLS" in refused.words
    assert not refused.for_good
    assert keeper.mails == []


# aiosmtpd warns of passwords without TLS: here they go no further than this machine.
without_tls = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
AUTH = {"authenticator": login, "auth_require_tls": False, "auth_required": True}


@without_tls
def test_a_password_with_any_signs_signs_in():
    keeper = Keeper()
    with behaved(keeper, **AUTH) as port:
        url = f"smtp://{quote(USER, safe='')}:{quote(SECRET, safe='')}@127.0.0.1:{port}"
        assert deliver(url) == ["taken"]

    assert len(keeper.mails) == 1


@without_tls
@pytest.mark.parametrize("password", ["wrong", "", "pässwörd"])
def test_a_refused_sign_in_is_tried_again_and_shows_no_password(password):
    keeper = Keeper()
    with behaved(keeper, **AUTH) as port:
        url = f"smtp://{quote(USER, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}"
        refused = refusal(url)

    assert not refused.for_good
    assert not password or password not in refused.words
    assert password == "pässwörd" or refused.words == "sign-in refused (535)"
    assert keeper.mails == []


def test_a_server_that_offers_no_sign_in_is_tried_again():
    with behaved(Keeper()) as port:
        refused = refusal(f"smtp://user:secret@127.0.0.1:{port}")

    assert not refused.for_good
    assert "secret" not in refused.words

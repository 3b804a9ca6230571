"""The wire, against real servers: what they take, what they refuse, and when they go away."""

import time
from urllib.parse import quote

import pytest

from tests.mail.servers import SECRET, USER, Keeper, behaved, certificate, login, misbehaved
from webapp.mail import smtp
from webapp.mail.smtp import Line, Refused, Step

SENDER = "tours@escale.example"
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
                kind = "never" if refused.for_good else "later"
                results.append(f"{kind}: {refused.code} {refused.words}")
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
    assert f"{refused.code} {refused.words}" == answer
    assert refused.for_good == (for_good and command != "MAIL")
    assert refused.step == {"MAIL": Step.SENDER, "RCPT": Step.RECIPIENT}.get(command, Step.MESSAGE)
    assert command in {line.split(" ")[0].upper() for line in heard}


def test_the_words_of_a_refusal_may_be_any_octets():
    with misbehaved({"RCPT": "550-first\r\n550 s\xe9cond \x00"}) as (port, _heard):
        refused = refusal(f"smtp://127.0.0.1:{port}")

    assert refused.words == "first\ns\N{REPLACEMENT CHARACTER}cond \x00"
    assert (refused.code, refused.for_good) == (550, True)


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
        assert refusal(f"smtp://localhost:{port}?starttls=0").code == 530

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


@pytest.mark.parametrize(
    ("code", "words", "is_of_address"),
    [
        (550, "5.1.1 <zoe@example.com>: user unknown", True),
        (550, "no such mailbox", True),
        (551, "user not local", True),
        (553, "mailbox name not allowed", True),
        (554, "5.1.2 bad destination system", True),
        (550, "5.4.1 recipient address rejected", True),
        (550, "5.2.1 mailbox disabled", True),
        (550, "5.7.1 relaying denied", False),
        (550, "5.1.8 sender's domain unknown", False),
        (550, "5.2.2 mailbox full", False),
        (552, "5.2.2 mailbox full", False),
        (554, "we do not like you", False),
        (450, "4.1.1 unknown just now", False),
    ],
)
def test_a_refusal_says_whether_the_address_is_to_blame(code, words, is_of_address):
    with misbehaved({"RCPT": f"{code} {words}"}) as (port, _heard):
        refused = refusal(f"smtp://127.0.0.1:{port}")

    assert (refused.code, refused.words) == (code, words)
    assert refused.is_of_address == is_of_address
    found = words.split(" ")[0]
    assert refused.enhanced == (found if found[0] in "45" else None)


def test_what_is_said_of_the_message_is_not_about_the_address():
    with misbehaved({".": "550 5.1.1 spam"}) as (port, _heard):
        refused = refusal(f"smtp://127.0.0.1:{port}")

    assert (refused.for_good, refused.is_of_address) == (True, False)


@pytest.mark.parametrize("address", ["zoé@example.com", "a@example.com\r\nRCPT TO:<b@example.com>"])
def test_an_address_that_no_command_can_hold_fails_and_the_wire_goes_on(address):
    keeper = Keeper()
    with behaved(keeper) as port:
        answers = deliver(f"smtp://127.0.0.1:{port}", address, TO)

    assert answers[0].startswith("never: None ")
    assert answers[1] == "taken"
    assert [mail.rcpt_tos for mail in keeper.mails] == [[TO]]


def test_the_server_s_words_to_a_message_that_it_takes_are_kept():
    with misbehaved({".": "250 2.0.0 Ok: queued as 4711"}) as (port, _heard):
        line = Line(f"smtp://127.0.0.1:{port}")
        answer = line.deliver(SENDER, TO, CONTENT)
        line.close()

    assert (answer.code, answer.words) == (250, "2.0.0 Ok: queued as 4711")


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(smtp, "LETTERS", 3)


def test_a_line_is_one_connection_for_so_many_letters_and_then_another(few):
    with misbehaved({}) as (port, heard):
        line = Line(f"smtp://127.0.0.1:{port}")
        for _letter in range(7):
            line.deliver(SENDER, TO, CONTENT)
        line.close()

    words = [said.split(" ")[0].upper() for said in heard]
    assert words.count(".") == 7
    assert [words.count(each) for each in ("EHLO", "QUIT")] == [3, 3]


@pytest.mark.parametrize("answer", ["421 enough of you", "close"])
def test_a_letter_between_which_and_the_one_before_the_server_hangs_up_goes_over_a_new_line(answer):
    """It costs no try: the server said nothing of that letter."""
    script = {}
    with misbehaved(script) as (port, heard):
        line = Line(f"smtp://127.0.0.1:{port}")
        line.deliver(SENDER, TO, CONTENT)
        script["MAIL"] = answer
        with pytest.raises(Refused):  # on a line of its own it is the letter's
            line.deliver(SENDER, TO, CONTENT)
        assert len([said for said in heard if said.lower().startswith("ehlo")]) == 2
        del script["MAIL"]
        assert line.deliver(SENDER, TO, CONTENT).code == 250
        line.close()


def test_a_line_to_nobody_says_that_nothing_was_tried():
    with pytest.raises(Refused) as refused:
        Line("smtp://127.0.0.1:1").deliver(SENDER, TO, CONTENT)

    assert refused.value.step == Step.CONNECTION
    assert not refused.value.for_good


PIPED = {"EHLO": "250-mail.example.org\r\n250 PIPELINING"}


def test_a_server_that_offers_it_is_told_sender_and_recipient_in_one_go():
    with misbehaved(PIPED) as (port, heard):
        answers = deliver(f"smtp://127.0.0.1:{port}", TO, "b@example.com")

    assert answers == ["taken", "taken"]
    words = [said.split(" ")[0].lower() for said in heard]
    assert words == ["ehlo", *["mail", "rcpt", "data", "."] * 2, "quit"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(
    ("answer", "for_good"), [("421 closing", False), ("450 later", False), ("550 never", True)]
)
def test_what_it_refuses_in_one_go_it_refuses_as_one_by_one(command, answer, for_good):
    """Even one that tells us to go ahead with a message to nobody."""
    with misbehaved(PIPED | {command: answer}) as (port, _heard):
        refused = refusal(f"smtp://127.0.0.1:{port}")

    assert f"{refused.code} {refused.words}" == answer
    assert refused.for_good == (for_good and command != "MAIL")
    assert refused.step == {"MAIL": Step.SENDER, "RCPT": Step.RECIPIENT}.get(command, Step.MESSAGE)


def test_after_a_refusal_in_one_go_the_next_letter_goes_over_the_same_wire():
    script = PIPED | {"rcpt TO:<no@example.com>": "550 5.1.1 unknown"}
    with misbehaved(script) as (port, heard):
        answers = deliver(f"smtp://127.0.0.1:{port}", "no@example.com", TO)

    assert answers == ["never: 550 5.1.1 unknown", "taken"]
    assert len([said for said in heard if said.startswith("ehlo")]) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_a_server_that_goes_away_in_one_go_is_tried_again(command):
    with misbehaved(PIPED | {command: "close"}) as (port, _heard):
        refused = refusal(f"smtp://127.0.0.1:{port}")

    assert (refused.for_good, refused.code) == (False, None)
    assert refused.step == {"MAIL": Step.SENDER, "RCPT": Step.RECIPIENT}.get(command, Step.MESSAGE)

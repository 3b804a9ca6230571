"""The inbox of our own: it takes every mail but one kind."""

import pytest

from webapp.mail import smtp

LETTER = b"From: tours@escale.example\r\nTo: ada@example.org\r\nSubject: Hello\r\n\r\nHello.\r\n"


def test_it_takes_mail_and_knows_nobody_at_one_domain(config):
    with smtp.connect(config.mail_url) as wire:
        smtp.deliver(wire, "tours@escale.example", "ada@example.org", LETTER)
        with pytest.raises(smtp.Refused) as refused:
            smtp.deliver(wire, "tours@escale.example", "Ada@Refused.example.org", LETTER)

    assert refused.value.is_of_address
    assert (refused.value.code, refused.value.enhanced) == (550, "5.1.1")

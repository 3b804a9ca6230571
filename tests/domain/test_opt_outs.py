"""Letters that a reader asked for no more of."""

import pytest

from tests.factories import make_registration, make_trip
from webapp import addresses, clock
from webapp.db import db
from webapp.domain import correspondence, opt_outs
from webapp.domain.opt_outs import Reader
from webapp.mail.letters import UNWANTED
from webapp.models.mail import Mail, MailState, OptOut, Topic


@pytest.fixture
def delegate(session):
    return make_registration(make_trip(), 1).delegates[0]


def told(delegate) -> list[tuple[str, str, str | None]]:
    """The letters to a delegate: kind, state, why not."""
    db.session.expire_all()
    rows = db.session.query(Mail).filter_by(to_email=delegate.email).order_by(Mail.id)
    return [(mail.letter, mail.state, mail.last_error) for mail in rows]


def tell(delegate, letter: str, version: int, **facts) -> None:
    correspondence.to_delegate(letter, delegate, version, **facts)


def test_the_link_of_a_letter_belongs_to_its_reader_and_tour(delegate):
    trip_id = delegate.registration.trip_id
    tell(delegate, "program", 1)
    tell(delegate, "delegate_in", 1)
    program, place = db.session.query(Mail).filter_by(to_email=delegate.email).order_by(Mail.id)

    link = opt_outs.link(program)
    assert link == addresses.public(f"/mail/stop/{opt_outs.token(program)}?topic=days")
    assert opt_outs.reader(opt_outs.token(program)) == Reader(trip_id, delegate.email.lower())
    assert opt_outs.reader(opt_outs.token(delegate)) == Reader(trip_id, delegate.email.lower())
    assert delegate.email not in link
    assert opt_outs.link(place) is None  # part of taking part


@pytest.mark.parametrize("secret", ["", "x", "x" * 32, "\N{ARABIC-INDIC DIGIT ONE}", "m1-", "m1"])
def test_any_other_text_belongs_to_nobody(app, secret):
    assert opt_outs.reader(secret) is None


def test_the_secret_of_one_is_no_other_s(delegate):
    secret = opt_outs.token(delegate)
    mark = secret.partition("-")[2]

    assert opt_outs.reader(f"d{delegate.id + 1}-{mark}") is None
    assert opt_outs.reader(f"m{delegate.id}-{mark}") is None
    assert opt_outs.reader(secret[:-1] + ("0" if secret[-1] != "0" else "1")) is None


def test_what_waits_is_cancelled_and_nothing_of_the_topic_comes_any_more(delegate):
    who = Reader(delegate.registration.trip_id, delegate.email.lower())
    tell(delegate, "bulletin", 1, number=2, since=1)
    tell(delegate, "program", 1)
    tell(delegate, "delegate_in", 1)

    opt_outs.stop(who, Topic.CHANGES)
    opt_outs.stop(who, Topic.CHANGES)  # a mail program may ask twice
    tell(delegate, "bulletin", 2, number=3, since=2)

    assert told(delegate) == [
        ("bulletin", MailState.CANCELLED, UNWANTED),
        ("program", MailState.WAITING, None),
        ("delegate_in", MailState.WAITING, None),
        ("bulletin", MailState.CANCELLED, UNWANTED),
    ]
    assert opt_outs.of(who) == {Topic.CHANGES}


def test_it_can_be_taken_back(delegate):
    who = Reader(delegate.registration.trip_id, delegate.email.lower())
    opt_outs.stop(who, Topic.CHANGES)
    opt_outs.stop(who, Topic.DAYS)

    opt_outs.set_all(who, [Topic.DAYS, Topic.NEWS])
    tell(delegate, "bulletin", 2, number=3, since=2)

    assert opt_outs.of(who) == {Topic.DAYS, Topic.NEWS}
    assert told(delegate) == [("bulletin", MailState.WAITING, None)]


def test_another_tour_and_another_reader_still_get_theirs(delegate):
    other = make_registration(make_trip(), 1).delegates[0]
    opt_outs.stop(Reader(other.registration.trip_id, delegate.email.lower()), Topic.CHANGES)
    opt_outs.stop(Reader(delegate.registration.trip_id, other.email.lower()), Topic.CHANGES)

    tell(delegate, "bulletin", 2, number=3, since=2)

    assert told(delegate) == [("bulletin", MailState.WAITING, None)]


def test_what_was_put_while_its_reader_said_so_is_cancelled_as_well(delegate):
    tell(delegate, "bulletin", 1, number=2, since=1)
    tell(delegate, "program", 1)
    who = Reader(delegate.registration.trip_id, delegate.email.lower())
    db.session.add(OptOut(
        trip_id=who.trip_id, email=who.email, topic=Topic.CHANGES, at=clock.now()
    ))  # fmt: skip
    db.session.flush()

    assert (opt_outs.mend(), opt_outs.mend()) == (1, 0)
    assert told(delegate) == [
        ("bulletin", MailState.CANCELLED, UNWANTED),
        ("program", MailState.WAITING, None),
    ]

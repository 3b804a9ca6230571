"""Addresses that mail comes back from: whose they are, what is held for them."""

from tests.factories import make_mail, make_registration, make_trip
from webapp import clock
from webapp.db import db
from webapp.domain import bounces, mail_addresses
from webapp.domain.mail_addresses import Holder
from webapp.models.mail import Hold, MailState, OptOut, Topic


def test_whose_an_address_is_and_how_many_letters_are_held_for_it(session):
    trip, other = make_trip(), make_trip()
    company, elsewhere = make_registration(trip, 2), make_registration(other, 1)
    person = company.delegates[1]
    bounces.mark(person.email.upper(), "5.1.1", "no such mailbox", None)
    bounces.mark(company.coordinator_email, None, "full", None)
    bounces.mark(elsewhere.delegates[0].email, None, "not of this tour", None)
    for reader in (company, elsewhere):
        make_mail(reader, to_email=person.email, state=MailState.HELD, hold=Hold.ADDRESS)
    make_mail(company, to_email=person.email, state=MailState.HELD, hold=Hold.WINDOW)

    found = {each.bounce.words: each for each in mail_addresses.marked(trip)}

    assert set(found) == {"no such mailbox", "full"}
    name = company.organization.name
    assert found["no such mailbox"].holders == [Holder(person.name, name, company.id, person.id)]
    assert found["no such mailbox"].held == 1
    assert Holder(company.coordinator_name, name, company.id, None) in found["full"].holders


def test_the_list_of_addresses_takes_as_many_statements_for_many(session, statements):
    trip = make_trip()
    counts = []
    for _round in range(2):
        for _company in range(3):
            reader = make_registration(trip, 1)
            bounces.mark(reader.delegates[0].email, None, "no", None)
        session.expire_all()
        trip.id  # noqa: B018  # read before counting
        with statements() as sent:
            mail_addresses.marked(trip)
        counts.append(len(sent))

    assert counts == [4, 4]


def test_known_bad_addresses_whatever_their_case_until_they_are_cleared(session):
    bounces.mark("Zoe@Example.com", None, "no", None)

    known = mail_addresses.known_bad(["ZOE@example.com", "ana@example.com"])
    known["zoe@example.com"].cleared_at = clock.now()
    session.flush()

    assert list(known) == ["zoe@example.com"]
    assert mail_addresses.known_bad(["zoe@example.com"]) == {}


def test_who_wants_no_more_letters_of_a_tour(session, monkeypatch):
    trip, other = make_trip(), make_trip()
    for number, each in enumerate((trip, trip, other)):
        email = f"reader{number}@example.com"
        opt_out = OptOut(trip_id=each.id, email=email, topic=Topic.NEWS, at=clock.now())
        db.session.add(opt_out)
    session.flush()
    monkeypatch.setattr(mail_addresses, "MOST", 1)

    shown, total = mail_addresses.opted_out(trip)

    assert ([each.email for each in shown], total) == (["reader1@example.com"], 2)

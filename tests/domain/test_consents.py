"""Consents: given by oneself, purpose by purpose, in words that are kept; taken back as easily."""

import pytest

from tests.factories import make_registration, make_trip, utc
from webapp.domain import audits, consents, delegates
from webapp.models.consent import Purpose
from webapp.models.registration import RegistrationState


@pytest.fixture
def delegate(session):
    return make_registration(make_trip(), 2).delegates[0]


def agree(delegate, *purposes, language="en"):
    return consents.set(delegate, purposes, language, audits.by_delegate(delegate))


def test_nothing_is_agreed_to_beforehand(delegate):
    assert consents.of(delegate) == {}
    assert consents.counts(delegate.registration.trip) == dict.fromkeys(Purpose, 0)


def test_each_purpose_is_agreed_to_by_itself_in_the_words_that_were_read(delegate, hold_clock):
    hold_clock(utc(2027, 9, 1, 12, 0))

    given = agree(delegate, Purpose.LIST, language="fr")

    assert set(given) == {Purpose.LIST}
    consent = given[Purpose.LIST]
    assert (consent.language, consent.given_at) == ("fr", utc(2027, 9, 1, 12, 0))
    assert consent.wording == consents.wording(Purpose.LIST, "fr")
    [entry] = [each for each in audits.of(delegate) if each.action == "consent"]
    assert (entry.before, entry.after) == ({"consents": []}, {"consents": ["list"]})


def test_what_is_taken_back_stays_in_the_history(delegate, hold_clock):
    hold_clock(utc(2027, 9, 1, 12, 0))
    agree(delegate, Purpose.LIST, Purpose.PHOTO)
    hold_clock(utc(2027, 9, 2, 12, 0))
    agree(delegate, Purpose.PHOTO)
    hold_clock(utc(2027, 9, 3, 12, 0))
    agree(delegate, Purpose.PHOTO, Purpose.LIST)

    assert [
        (each.purpose, each.given_at.day, each.withdrawn_at and each.withdrawn_at.day)
        for each in consents.history(delegate)
    ] == [(Purpose.LIST, 1, 2), (Purpose.PHOTO, 1, None), (Purpose.LIST, 3, None)]


def test_agreeing_again_keeps_the_first_words_and_writes_nothing(delegate):
    agree(delegate, Purpose.NEWS, language="fr")
    before = len(audits.of(delegate))

    given = agree(delegate, Purpose.NEWS, language="en")

    assert given[Purpose.NEWS].language == "fr"
    assert len(audits.of(delegate)) == before


def test_nobody_else_can_agree_but_anybody_may_take_back(delegate):
    for by in (audits.by_company(delegate.registration), audits.SYSTEM):
        with pytest.raises(consents.OnlyOneself):
            consents.set(delegate, [Purpose.PHOTO], "en", by)
    agree(delegate, Purpose.PHOTO)

    assert consents.set(delegate, [], "en", audits.SYSTEM) == {}


def test_who_has_left_agrees_to_nothing_more_and_can_still_take_back(delegate):
    agree(delegate, Purpose.PHOTO)
    delegates.withdraw(delegate, "", audits.SYSTEM)

    with pytest.raises(consents.NotThere):
        agree(delegate, Purpose.PHOTO, Purpose.NEWS)
    assert agree(delegate) == {}


def test_the_list_names_those_who_come_and_agreed_and_nobody_else(session, delegate):
    trip = delegate.registration.trip
    accepted = make_registration(trip, 3, RegistrationState.ACCEPTED)
    yes, no, left = accepted.delegates
    for each in (yes, left, delegate):
        agree(each, Purpose.LIST)
    agree(no, Purpose.PHOTO)
    delegates.withdraw(left, "", audits.SYSTEM)

    assert consents.participants(trip) == [yes]  # `delegate`'s company is not accepted


def test_may_says_in_one_statement_who_agreed(session, delegate, statements):
    other = delegate.registration.delegates[1]
    agree(other, Purpose.CONTACT)
    both = [delegate, other]
    ids = [each.id for each in both]

    with statements() as sent:
        found = consents.may(both, Purpose.CONTACT)

    assert [each.id for each in found] == ids[1:]
    assert len(sent) == 1


def test_organizers_see_who_agreed_to_what(session, delegate):
    trip = delegate.registration.trip
    agree(delegate, Purpose.LIST, Purpose.NEWS)
    make_registration(make_trip(), 1)

    assert consents.asked(trip) == 2
    assert consents.counts(trip) == {
        Purpose.LIST: 1,
        Purpose.CONTACT: 0,
        Purpose.PHOTO: 0,
        Purpose.NEWS: 1,
    }
    assert [(each.delegate.position, set(each.since)) for each in consents.of_trip(trip)] == [
        (1, {Purpose.LIST, Purpose.NEWS}),
        (2, set()),
    ]
    assert [each.delegate.position for each in consents.of_trip(trip, 2, 1)] == [2]


def test_the_words_differ_by_purpose_and_the_mark_by_language(app):
    words = {consents.wording(purpose, "en") for purpose in Purpose}

    assert len(words) == len(Purpose)
    assert consents.seen("en") != consents.seen("fr")
    assert consents.seen("en") == consents.seen("en")

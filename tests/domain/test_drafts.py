"""Forms that were begun: found by their link alone, overwritten, ended, and never without limit."""

from uuid import uuid4

import pytest
from sqlalchemy import LargeBinary, func, select, type_coerce

from tests.factories import make_trip
from webapp.domain import correspondence, drafts
from webapp.domain.drafts import DraftTooLarge, TooManyDrafts
from webapp.models.draft import Draft
from webapp.models.mail import Mail

TYPED = [("organization_name", "Blue Wave Sensors"), ("delegates-0-email", "zoé@example.com")]


def save(trip, email="ana@example.com", typed=TYPED, draft=None):
    return drafts.save(trip.id, email, "Ana", "fr", typed, draft)


def mailed_to(session) -> list[str]:
    return list(session.scalars(select(Mail.to_email).order_by(Mail.id)))


def test_what_was_typed_is_found_by_the_link_and_by_nothing_else(session):
    draft = save(make_trip())

    found = drafts.by_token(draft.token)

    assert drafts.values(found) == TYPED
    assert drafts.by_token(str(draft.id)) is None
    assert drafts.by_token(draft.token_digest) is None
    assert drafts.by_token("x" * 100_000) is None


def test_what_was_typed_is_sealed_in_the_database(session):
    save(make_trip())

    stored = session.scalar(select(type_coerce(Draft.values, LargeBinary)))

    assert b"Blue Wave" not in stored


def test_the_link_is_mailed_once_and_again_only_to_another_address(session):
    trip = make_trip()
    draft = save(trip)
    token = draft.token

    again = save(trip, "ANA@example.com", [("organization_name", "Green Wave")], draft)
    moved = save(trip, "bob@example.com", [("organization_name", "Red Wave")], draft)

    assert again is draft
    assert (moved.token, moved.saves) == (token, 3)
    assert drafts.values(drafts.by_token(token)) == [("organization_name", "Red Wave")]
    assert mailed_to(session) == ["ana@example.com", "bob@example.com"]


def test_the_letter_holds_the_link(session):
    trip = make_trip()
    draft = save(trip)
    correspondence.write_due(10)

    letter = session.scalars(select(Mail)).one()

    assert f"/trips/{trip.slug}/register/draft/{draft.token}".encode() in letter.message


def test_a_draft_ends_with_all_that_was_in_it(session):
    draft = save(make_trip())
    token = draft.token

    drafts.end(draft)

    assert drafts.by_token(token) is None
    assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_too_much_is_refused_and_what_was_saved_stays(session):
    trip = make_trip()
    draft = save(trip)

    with pytest.raises(DraftTooLarge):
        save(trip, typed=[("objectives", "x" * drafts.LARGEST)], draft=draft)

    assert drafts.values(drafts.by_token(draft.token)) == TYPED


def test_one_address_has_a_few_drafts_of_a_tour_and_all_together_have_an_end(session, monkeypatch):
    trip, other = make_trip(), make_trip()
    mine = [save(trip) for _ in range(drafts.MOST_OF_ADDRESS)]

    with pytest.raises(TooManyDrafts):
        save(trip, "Ana@Example.com")
    save(trip, draft=mine[0])
    save(other)
    monkeypatch.setattr(drafts, "MOST_OF_TRIP", drafts.MOST_OF_ADDRESS)
    with pytest.raises(TooManyDrafts):
        save(trip, "bob@example.com")


def test_one_mailbox_is_not_flooded(session):
    for number in range(drafts.MOST_LETTERS):
        save(make_trip(), f"ana+{number}@example.com")

    with pytest.raises(TooManyDrafts):
        save(make_trip(), f"ana+{uuid4()}@example.com")
    assert len(mailed_to(session)) == drafts.MOST_LETTERS

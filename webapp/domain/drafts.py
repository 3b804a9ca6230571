"""Application forms that were begun: kept for whoever holds the link, until they are sent."""

import json
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer

from webapp import clock, tokens
from webapp.db import db
from webapp.domain import correspondence, seats
from webapp.errors import DomainError
from webapp.mail import outbox
from webapp.models.draft import Draft
from webapp.models.prospect import Prospect
from webapp.models.trip import Trip

LARGEST = 200_000  # octets of one draft
MOST_OF_ADDRESS = 5  # drafts of one address in one trip
MOST_OF_TRIP = 2_000  # drafts, so that a form without an account cannot fill the disk
MOST_LETTERS = 6  # to one address within a day
A_DAY = timedelta(days=1)
LETTER = "draft_saved"

Values = list[tuple[str, str]]


class DraftTooLarge(DomainError):
    """What was typed is larger than LARGEST octets."""


class TooManyDrafts(DomainError):
    """The address, or all of them together, have as many drafts in this trip as are kept, or the
    address was written to too often today."""


def save(
    trip_id: int,
    email: str,
    name: str,
    language: str,
    values: Values,
    draft: Draft | None = None,
    prospect: Prospect | None = None,
) -> Draft:
    """Keep what was typed so far, as pairs of field and value, and mail the link to `email`.

    With `draft` that one is overwritten, and only a new address is written to. Raises
    DraftTooLarge and TooManyDrafts.
    """
    sealed = json.dumps(values).encode()
    if len(sealed) > LARGEST:
        raise DraftTooLarge
    trip = seats.hold(trip_id)
    moved = draft is None or draft.email.lower() != email.lower()
    if moved:
        _refuse_floods(trip, email)
    if draft is None:
        draft = _new(trip, prospect)
    draft.email, draft.name, draft.language = email, name, language
    draft.values = sealed
    draft.saved_at = clock.now()
    draft.saves = (draft.saves or 0) + 1
    db.session.add(draft)
    db.session.flush()
    if moved:
        correspondence.to_address(
            LETTER, trip, email, name, language, draft.saves, draft_id=draft.id
        )
    return draft


def by_token(token: str) -> Draft | None:
    """The draft whose link holds this secret, with its trip and values, or None."""
    return db.session.scalars(
        select(Draft)
        .where(Draft.token_digest == tokens.digest(token))
        .options(joinedload(Draft.trip), undefer(Draft.values))
    ).one_or_none()


def values(draft: Draft) -> Values:
    """What was typed, as it was saved."""
    return [(str(field), str(value)) for field, value in json.loads(draft.values)]


def end(draft: Draft) -> None:
    """The form was sent, or its writer wants it gone: nothing of it is kept."""
    db.session.delete(draft)
    db.session.flush()


def _new(trip: Trip, prospect: Prospect | None) -> Draft:
    token = tokens.new_token()
    return Draft(
        trip_id=trip.id,
        prospect_id=prospect.id if prospect else None,
        saves=0,
        token_digest=tokens.digest(token),
        token_sealed=token.encode(),
    )


def _refuse_floods(trip: Trip, email: str) -> None:
    mine = func.count().filter(func.lower(Draft.email) == email.lower())
    every, own = db.session.execute(
        select(func.count(), mine).where(Draft.trip_id == trip.id)
    ).one()
    written = outbox.written_lately([email], [LETTER], A_DAY, MOST_LETTERS)
    if every >= MOST_OF_TRIP or own >= MOST_OF_ADDRESS or written:
        raise TooManyDrafts

"""Saying a text of a letter otherwise, and taking that back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from webapp import clock, own_words
from webapp.db import db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.domain.wordings import reading
from webapp.domain.wordings.checks import Fault, Problem, WordsRefused, problems, tidy
from webapp.domain.wordings.reading import Standing
from webapp.domain.wordings.texts import OWN
from webapp.models.mailing import Wording
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody typed for a text, one a plural form, with placeholders in braces; `seen` is the
    text as they had read it (`Standing.seen`), None if nobody asks. `on_purpose`: placeholders of
    the product's own words may be left out."""

    text_id: str
    typed: Sequence[str]
    seen: str | None = None
    on_purpose: bool = False


def save(trip: Trip, letter: str, language: str, edits: Sequence[Edit], by: By) -> int:
    """Let the letters of a tour say these words; how many texts say something else now.

    Nothing is done for a text that was left as it was read, and one that is to say what it would
    say anyway has no words of its own any more; an empty one is refused, but for the paragraph of
    the organizers' own. Raises WordsRefused, and then saves none; KeyError for an unknown letter or
    text.
    """
    trip = seats.hold(trip.id)
    known = {each.text.id: each for each in reading.standing(trip.id, letter, language)}
    kept = {row.text_id: row for row in reading.rows(trip.id, letter, language)}
    wrong: list[Problem] = []
    changes: list[tuple[Standing, tuple[str, ...]]] = []
    for edit in edits:
        at = known[edit.text_id]
        typed = tuple(tidy(at.text, words) for words in edit.typed)
        if typed == tuple(own_words.shown(words) for words in at.now):
            continue
        found = _problems(at, typed, edit)
        wrong += found
        if not found:
            forms = tuple(own_words.kept(words, at.text.placeholders) for words in typed)
            changes.append((at, forms))
    if wrong:
        raise WordsRefused(wrong)
    written = []
    for at, forms in changes:
        row = kept.get(at.text.id)
        if forms != at.without:
            row = row or Wording(trip_id=trip.id, letter=letter, language=language)
            _say(row, at, forms, by)
            written.append((row, at))
        elif row is not None:
            _delete(row, by, "reset")
    db.session.flush()
    for row, at in written:
        audits.write(
            by, row, "change", trip_id=trip.id,
            before=_facts(row) | {"words": list(at.now)},
            after=_facts(row) | {"words": row.forms},
        )  # fmt: skip
    return len(changes)


def _problems(at: Standing, typed: tuple[str, ...], edit: Edit) -> list[Problem]:
    if edit.seen is not None and edit.seen != at.seen:
        return [Problem(at.text.key, Fault.MEANWHILE)]
    if at.text.id == OWN and typed == ("",):
        return []
    return problems(at.text, typed, on_purpose=edit.on_purpose)


def _say(row: Wording, at: Standing, forms: tuple[str, ...], by: By) -> None:
    row.text_id = at.text.id
    row.forms, row.was = list(forms), list(at.product)
    row.edited_at, row.edited_by_id = clock.now(), by.staff_id
    db.session.add(row)


def reset(trip: Trip, letter: str, language: str, text_id: str | None, by: By) -> int:
    """Let a text of a letter, or all of them for None, say the product's words again; how many had
    others."""
    trip = seats.hold(trip.id)
    found = [
        row
        for row in reading.rows(trip.id, letter, language)
        if text_id is None or row.text_id == text_id
    ]
    for row in found:
        _delete(row, by, "reset")
    db.session.flush()
    return len(found)


def keep(trip: Trip, letter: str, language: str, text_id: str, by: By) -> bool:
    """Somebody has read what the product says by now, and the tour's words stay; False when there
    are none any more."""
    trip = seats.hold(trip.id)
    for at in reading.standing(trip.id, letter, language):
        if at.text.id == text_id and at.was is not None:
            row = next(
                r for r in reading.rows(trip.id, letter, language) if r.text_id == text_id
            )  # fmt: skip
            row.was = list(at.product)
            audits.write(by, row, "confirm", trip_id=trip.id, after=_facts(row))
            db.session.flush()
            return True
    return False


def drop(trip: Trip, wording_id: int, by: By) -> bool:
    """Forget words for a text that the product has no more; False when there are none."""
    trip = seats.hold(trip.id)
    row = db.session.scalars(
        select(Wording).where(Wording.id == wording_id, Wording.trip_id == trip.id)
    ).one_or_none()
    if row is None:
        return False
    _delete(row, by, "delete")
    db.session.flush()
    return True


def copy(source: Trip, trip: Trip, by: By) -> int:
    """Let the letters of a tour say what those of another one say; how many texts. What has words
    of its own here keeps them."""
    source_id = source.id
    trip = seats.hold(trip.id)
    number = _take(source_id, trip)
    audits.write(
        by, trip, "copy wordings", trip_id=trip.id, after={"of": source.slug, "texts": number}
    )
    db.session.flush()
    return number


def take_along(source: Trip, made: Trip) -> None:
    """Give a tour that was just made from another its words."""
    _take(source.id, made)


def _take(source_id: int, trip: Trip) -> int:
    there = {_place(row) for row in _all(trip.id)}
    new = [row for row in _all(source_id) if _place(row) not in there]
    db.session.add_all(
        Wording(
            trip_id=trip.id,
            letter=row.letter,
            language=row.language,
            text_id=row.text_id,
            forms=row.forms,
            was=row.was,
            edited_at=row.edited_at,
            edited_by_id=row.edited_by_id,
        )
        for row in new
    )
    return len(new)


def _all(trip_id: int) -> Sequence[Wording]:
    return db.session.scalars(
        select(Wording).where(Wording.trip_id == trip_id).order_by(Wording.id)
    ).all()


def _place(row: Wording) -> tuple[str, str, str]:
    return row.letter, row.language, row.text_id


def _delete(row: Wording, by: By, action: str) -> None:
    before = _facts(row) | {"words": row.forms}
    audits.write(by, row, action, trip_id=row.trip_id, before=before)
    db.session.delete(row)


def _facts(row: Wording) -> dict[str, object]:
    return {"letter": row.letter, "language": row.language, "text": row.text_id}

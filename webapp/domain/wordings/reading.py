"""Which words stand in a letter of a tour: for whoever writes letters, and for pages."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from webapp.db import db
from webapp.domain.wordings import texts
from webapp.domain.wordings.checks import fits
from webapp.domain.wordings.texts import EVERY, Text
from webapp.models.mail import Mail
from webapp.models.mailing import Wording

Words = dict[str, tuple[str, ...]]  # by text_id: one a plural form, as gettext has them
Key = tuple[int | None, str, str]  # of a letter: trip_id, letter, language


@dataclass(frozen=True, slots=True)
class Standing:
    """A text of a letter and the words that stand for it in one language, as gettext has them: the
    product's, those of every letter of the tour, and those of this letter, where there are any.

    `was`: what the product said when the words of this letter were written, if it says something
    else by now.
    """

    text: Text
    product: tuple[str, ...]
    shared: tuple[str, ...] | None = None
    ours: tuple[str, ...] | None = None
    was: tuple[str, ...] | None = None
    edited_at: datetime | None = None

    @property
    def without(self) -> tuple[str, ...]:
        """What would stand there if this letter had no words of its own."""
        return self.shared or self.product

    @property
    def now(self) -> tuple[str, ...]:
        """What stands there."""
        return self.ours or self.without

    @property
    def seen(self) -> str:
        """What stands there, in few letters: whoever edits it tells what they have read."""
        return sha256("\0".join(self.now).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Count:
    """How many texts of a letter have words of their own in a language; of how many of these the
    product says something else since, or nothing any more."""

    changed: int = 0
    stale: int = 0


def of(trip_id: int, letter: str, language: str) -> Words:
    """The words that stand instead of the product's in a letter of a tour."""
    return _found([(trip_id, letter, language)])[trip_id, letter, language]


def of_batch(rows: Iterable[Mail]) -> dict[Key, Words]:
    """The same for a batch of letters, by (trip_id, letter, language), in one statement; none for
    letters that belong to no tour."""
    return _found({(row.trip_id, row.letter, row.language) for row in rows})


def _found(keys: Iterable[Key]) -> dict[Key, Words]:
    wanted = list(keys)
    trip_ids = {trip_id for trip_id, _letter, _language in wanted if trip_id is not None}
    found: dict[Key, Words] = {key: {} for key in wanted}
    if not trip_ids:
        return found
    names = {EVERY, *(letter for _trip_id, letter, _language in wanted)}
    kept: defaultdict[Key, Words] = defaultdict(dict)
    for row in db.session.execute(
        select(Wording.trip_id, Wording.letter, Wording.language, Wording.text_id, Wording.forms)
        .where(Wording.trip_id.in_(trip_ids), Wording.letter.in_(names))
    ):  # fmt: skip
        if _stands(row.letter, row.language, row.text_id, row.forms):
            kept[row.trip_id, row.letter, row.language][row.text_id] = tuple(row.forms)
    for trip_id, letter, language in wanted:
        shared = kept.get((trip_id, EVERY, language), {})
        found[trip_id, letter, language] = shared | kept.get((trip_id, letter, language), {})
    return found


def _stands(letter: str, language: str, text_id: str, forms: Sequence[str]) -> bool:
    """Whether kept words can stand: those for a text that the product has no more cannot."""
    text = _text(letter, text_id)
    return text is not None and language in text.product and fits(text, language, forms)


def standing(trip_id: int, letter: str, language: str) -> list[Standing]:
    """The texts of a letter, in its order, with the words for each. Raises KeyError for an unknown
    letter."""
    ours = {row.text_id: row for row in rows(trip_id, letter, language)}
    shared = {} if letter == EVERY else of(trip_id, EVERY, language)
    return [
        _standing(text, language, ours.get(text.id), shared.get(text.id))
        for text in texts.of_letter(letter)
    ]


def _standing(
    text: Text, language: str, row: Wording | None, shared: tuple[str, ...] | None
) -> Standing:
    product = text.product[language]
    if row is None or not fits(text, language, row.forms):
        return Standing(text, product, shared)
    was = tuple(row.was)
    return Standing(
        text, product, shared, tuple(row.forms), was if was != product else None, row.edited_at
    )


def gone(trip_id: int, letter: str, language: str) -> list[Wording]:
    """Words for texts that the product does not have in this letter any more; nothing says them."""
    return [row for row in rows(trip_id, letter, language) if _is_gone(row)]


def rows(trip_id: int, letter: str, language: str) -> Sequence[Wording]:
    """What is kept for a letter in a language."""
    return db.session.scalars(
        select(Wording)
        .where(
            Wording.trip_id == trip_id, Wording.letter == letter, Wording.language == language
        )
        .order_by(Wording.id)
    ).all()  # fmt: skip


def counts(trip_id: int) -> dict[tuple[str, str], Count]:
    """How much of each letter is said otherwise, by letter and language."""
    found: defaultdict[tuple[str, str], Count] = defaultdict(Count)
    for row in db.session.scalars(select(Wording).where(Wording.trip_id == trip_id)):
        before = found[row.letter, row.language]
        stale = _is_gone(row) or _says_else(row)
        found[row.letter, row.language] = Count(before.changed + 1, before.stale + stale)
    return found


def worded(trip_ids: Iterable[int]) -> set[int]:
    """Which of these tours have words of their own."""
    wanted = list(trip_ids)
    query = select(Wording.trip_id).where(Wording.trip_id.in_(wanted)).distinct()
    return set(db.session.scalars(query)) if wanted else set()


def _is_gone(row: Wording) -> bool:
    return not _stands(row.letter, row.language, row.text_id, row.forms)


def _says_else(row: Wording) -> bool:
    text = _text(row.letter, row.text_id)
    return text is not None and tuple(row.was) != text.product[row.language]


def _text(letter: str, text_id: str) -> Text | None:
    try:
        return texts.find(letter, text_id)
    except KeyError:
        return None

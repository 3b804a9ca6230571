"""The form of one letter's texts: reading what was sent, and what each row of the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp import own_words
from webapp.blueprints.fields import clean
from webapp.blueprints.mails.word_diff import Piece, diff
from webapp.blueprints.mails.wording_words import PARTS, PLACEHOLDERS, TWINS, said, when
from webapp.domain import wordings
from webapp.domain.wordings import Edit, Part, Standing, WordsRefused

ONE_LINE = 70  # characters that fit into a line of a text area
MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class Form:
    """One of the forms of a text, in braces: the product's words, what stands in the field, and how
    the tour's words differ from the product's (nothing for the same)."""

    id: str
    product: str
    value: str
    lines: int
    differs: list[Piece]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Named:
    """A placeholder as it is typed, what it is, and an example; empty where nobody has said."""

    name: str
    meaning: str
    example: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Words for a text that the letter does not have any more, and what the product said."""

    id: int
    was: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """A text on the page."""

    at: Standing
    part: str
    twin: str
    when: str
    forms: list[Form]
    placeholders: list[Named]
    lacks: bool  # a placeholder: then somebody says that it does on purpose
    on_purpose: bool
    was: list[list[Piece]] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        return self.at.ours is not None

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, what is wrong with it)."""
        return [(form.id, text) for form in self.forms for text in form.problems]


def edits(standing: list[Standing], sent: Mapping[str, str]) -> list[Edit]:
    """What was typed for each text that the form had."""
    return [
        Edit(
            at.text.id,
            [clean(sent.get(f"{at.text.key}-{form}", "")) for form in range(len(at.now))],
            seen=sent.get(f"seen-{at.text.key}"),
            on_purpose=f"on_purpose-{at.text.key}" in sent,
        )
        for at in standing
        if f"{at.text.key}-0" in sent
    ]


def text_id(letter: str, key: str | None) -> str | None:
    """The text with this key, None when the letter has none."""
    found = (text.id for text in wordings.texts.of_letter(letter) if text.key == key)
    return next(found, None)


def rows(
    trip_id: int, letter: str, language: str, sent: Mapping[str, str], refused: WordsRefused | None
) -> list[Row]:
    """The texts of a letter as the page shows them: with what was sent, if it was refused."""
    wrong = refused.problems if refused else ()
    return [
        _row(at, sent, [problem for problem in wrong if problem.key == at.text.key])
        for at in wordings.standing(trip_id, letter, language)
    ]


def gone(trip_id: int, letter: str, language: str) -> list[Gone]:
    """What is kept for texts that the letter does not have any more."""
    return [
        Gone(row.id, " / ".join(map(own_words.shown, row.was)),
             " / ".join(map(own_words.shown, row.forms)))
        for row in wordings.gone(trip_id, letter, language)
    ]  # fmt: skip


def _named(name: str) -> Named:
    meaning, example = PLACEHOLDERS.get(name, ("", ""))
    return Named(f"{{{own_words.shown_name(name)}}}", str(meaning), str(example))


def _row(at: Standing, sent: Mapping[str, str], wrong: list[wordings.Problem]) -> Row:
    text = at.text
    left_out = any(problem.fault == wordings.Fault.LEFT_OUT for problem in wrong)
    named = own_words.placeholders(*at.now).keys()
    lacks = text.part != Part.OWN and not named >= text.placeholders.keys()
    told = f"on_purpose-{text.key}" in sent
    return Row(
        at=at,
        part=str(PARTS[text.part]),
        twin=str(TWINS.get(text.twin, "")),
        when=when(text),
        forms=[_form(at, number, sent, wrong) for number in range(len(at.now))],
        placeholders=[_named(name) for name in text.placeholders],
        lacks=lacks or left_out or told,
        on_purpose=lacks if not sent else told,
        was=[
            diff(own_words.shown(old), own_words.shown(new))
            for old, new in zip(at.was or (), at.product, strict=False)
        ],
    )


def _form(
    at: Standing, number: int, sent: Mapping[str, str], wrong: list[wordings.Problem]
) -> Form:
    name = f"{at.text.key}-{number}"
    product, now = own_words.shown(at.product[number]), own_words.shown(at.now[number])
    value = sent.get(name, now)
    return Form(
        id=name,
        product=product,
        value=value,
        lines=min(MOST_LINES, sum(1 + len(line) // ONE_LINE for line in value.split("\n"))),
        differs=diff(product, now) if now != product and product else [],
        problems=[said(problem) for problem in wrong if problem.form == number],
    )

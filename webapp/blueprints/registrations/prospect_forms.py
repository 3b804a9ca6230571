"""The forms of inviting companies: the list, and writing to those of its dry run."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, TextAreaField

from webapp.blueprints.fields import at_most, clean, language, paragraph
from webapp.domain.prospects import LONGEST_NOTE

MOST_PASTED = 400_000  # characters


def _note() -> Any:
    return paragraph(
        _l("Your words to them"),
        most=LONGEST_NOTE,
        description=_l("They stand in the letter and above the form."),
    )


class ListForm(FlaskForm):
    """Whom to invite: pasted cells, or a file."""

    people = TextAreaField(
        _l("Paste the list here"),
        [at_most(MOST_PASTED)],
        filters=[clean],
        description=_l(
            "One company a line: its name, whom you write to, the mail address, en or fr; apart by "
            "tabs, commas or semicolons. A line of headers may stand above."
        ),
    )
    sheet = FileField(
        _l("Or choose a file"), description=_l("An Excel workbook (XLSX) or a CSV file.")
    )
    language = language(_l("Language of those that have none in the list"))
    note = _note()

    def source(self) -> str | bytes:
        """The file, if one was chosen; else what was pasted."""
        if self.sheet.data:
            data: bytes = self.sheet.data.read()
            return data
        return self.people.data or ""

    def blame(self, words: str) -> None:
        """Say what is wrong with the list beside where it came from."""
        field = self.sheet if self.sheet.data else self.people
        field.errors = [words]


class AskForm(FlaskForm):
    """Writing to those of a dry run; `rows` is what it read (prospect_lists.written)."""

    rows = HiddenField()
    note = _note()

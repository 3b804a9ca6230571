"""The forms of bringing a file in: choosing it, and saying what its columns are."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, SelectChoice, SelectField

from webapp.blueprints.agendas.sheet_words import column_name
from webapp.blueprints.labels import choices
from webapp.domain import sheets
from webapp.domain.item_words import ITEM_KINDS
from webapp.domain.sheets import Options, Table
from webapp.domain.sheets.fields import Field
from webapp.models.agenda import ItemKind

MARK = "c"  # the field of column 0 is c0


class UploadForm(FlaskForm):
    """The file to bring in."""

    file = FileField(
        _l("File"),
        [FileRequired(_l("Please choose a file."))],
        description=_l("XLSX, CSV or ICS, 4 MB at most. Nothing is changed before you say so."),
    )


class ColumnsForm(FlaskForm):
    """What may be asked for beside the columns, which have fields of their own."""

    class Meta:
        csrf = False  # looking again changes nothing; bringing in has a form of its own

    month_first = BooleanField(_l("In 03/04/2027 the month comes first"))
    kind = SelectField(
        _l("Kind of new sessions where the file says none"),
        choices=lambda: choices(ITEM_KINDS),
        default=ItemKind.VISIT.value,
    )
    add_venues = BooleanField(_l("Add venues that are not there yet, in the city of their row"))
    add_people = BooleanField(_l("Add people who are not there yet"))
    all_day = BooleanField(_l("Take events that last all day, from 00:00 to 23:59"))
    call_off = BooleanField(_l("Call off sessions that have a key and are no longer in the file"))

    def options(self) -> Options:
        """What was asked for; a kind that we do not know is the first choice."""
        known = self.kind.data in set(ItemKind)
        return Options(
            kind=ItemKind(self.kind.data) if known else ItemKind.VISIT,
            month_first=bool(self.month_first.data),
            all_day=bool(self.all_day.data),
            add_venues=bool(self.add_venues.data),
            add_people=bool(self.add_people.data),
            call_off=bool(self.call_off.data),
        )


class ApplyForm(FlaskForm):
    """Bringing in what the dry run showed. `seen` is what it showed."""

    seen = HiddenField()


def columns(values: MultiDict[str, str], table: Table) -> dict[Field, int]:
    """Which column holds what: as chosen, else as guessed. A field that was chosen for two columns
    is the first one's."""
    if f"{MARK}0" not in values:
        return sheets.guess(table)
    found: dict[Field, int] = {}
    for number in range(len(table.header)):
        chosen = values.get(f"{MARK}{number}", "")
        if chosen in set(Field):
            found.setdefault(Field(chosen), number)
    return found


def column_choices() -> list[SelectChoice]:
    """What a column may be."""
    named = [SelectChoice(field.value, column_name(field)) for field in Field]
    return [SelectChoice("", _("Not used")), *named]


def chosen(places: dict[Field, int], table: Table, options: Options) -> dict[str, str]:
    """The same choice as values of a form."""
    by_column = {number: field.value for field, number in places.items()}
    values = {f"{MARK}{n}": by_column.get(n, "") for n in range(len(table.header))}
    flags = ("month_first", "all_day", "add_venues", "add_people", "call_off")
    values |= {flag: "y" for flag in flags if getattr(options, flag)}
    return values | {"kind": options.kind.value}

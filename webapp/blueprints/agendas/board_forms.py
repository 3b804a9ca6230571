"""The form that moves an item: on the board, in its dialog and on a page of its own."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    TimeField,
)
from wtforms.validators import Optional

from webapp.blueprints.agendas.board_words import Refusal
from webapp.blueprints.agendas.columns import Column
from webapp.blueprints.fields import InYears, NotBlank
from webapp.domain.moves import Times
from webapp.models.agenda import AgendaItem

TIMES = ["%H:%M", "%H:%M:%S"]


def _fold(value: Any) -> int | None:
    return int(value) if value in ("0", "1", 0, 1) else None


class MoveForm(FlaskForm):
    """Where an item goes: the day and start by the clocks there; an end only if it shall last
    longer or shorter. `ask_starts_fold` and `ask_ends_fold` are set when a time occurs twice."""

    date = DateField(_l("Day"), [NotBlank(_l("Please give a day.")), InYears()])
    start = TimeField(_l("Start"), [NotBlank(_l("Please give a time."))], format=TIMES)
    end = TimeField(
        _l("End"),
        [Optional()],
        format=TIMES,
        description=_l("Leave it empty, and the session stays as long as it is."),
    )
    days_later = SelectField(_l("Ends on"), coerce=int, default=0)
    column = SelectField(_l("Column"), [Optional()], choices=[], validate_choice=False)
    starts_fold = RadioField(_l("Which start do you mean?"), [Optional()], coerce=_fold)
    ends_fold = RadioField(_l("Which end do you mean?"), [Optional()], coerce=_fold)
    version = HiddenField(default="0")

    ask_starts_fold = False
    ask_ends_fold = False

    def offer(self, columns: Sequence[Column] = (), days_later: int = 0) -> None:
        """Fill the choices: the columns of the board for whoever sees the field, none where they
        are days. Which columns there are is not decided here (columns.along)."""
        self.column.choices = [SelectChoice(column.key, column.name) for column in columns]
        days = sorted({-1, 0, 1, 2, days_later})
        self.days_later.choices = [SelectChoice(str(n), _later(n)) for n in days]
        passes = [SelectChoice("0", _("The first pass")), SelectChoice("1", _("The second pass"))]
        self.starts_fold.choices = self.ends_fold.choices = passes

    def show(self, item: AgendaItem, key: str) -> None:
        """Say where the item is now."""
        self.date.data = item.starts_local.date()
        self.start.data = item.starts_local.time()
        self.days_later.data = item.days_later
        self.column.data = key
        self.version.data = str(item.version)

    def seen_version(self) -> int:
        """The version that was seen; 0, which no item has, for anything else."""
        seen = self.version.data or ""
        return int(seen) if re.fullmatch(r"[0-9]{1,18}", seen) else 0

    def tell(self, why: Refusal) -> None:
        """Say beside the field what was refused."""
        field = self.start if why.end == "starts" else self.end
        field.errors = [why.text]
        if why.asks:
            setattr(self, f"ask_{why.end}_fold", True)

    def times(self) -> Times:
        """What was asked for. Only after `validate`."""
        starts = datetime.combine(self.date.data, self.start.data)
        ends = None
        if self.end.data is not None:
            last = self.date.data + timedelta(days=self.days_later.data)
            ends = datetime.combine(last, self.end.data)
        return Times(starts, self.starts_fold.data, ends, self.ends_fold.data)


def _later(days: int) -> str:
    if days == 0:
        return _("the same day")
    if days < 0:
        return ngettext("%(num)d day earlier", "%(num)d days earlier", -days)
    return ngettext("%(num)d day later", "%(num)d days later", days)

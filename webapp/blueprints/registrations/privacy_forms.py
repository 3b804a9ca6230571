"""The forms of data protection: how many days each kind of data is kept, and erasing somebody."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from webapp.blueprints.fields import line, whole
from webapp.blueprints.labels import DATA_KINDS
from webapp.domain import retention
from webapp.domain.retention import DataKind
from webapp.models.delegate import Delegate
from webapp.models.trip import Trip


class DaysForm(FlaskForm):
    """Days for each kind of data; an empty field is the usual number."""

    @classmethod
    def of(cls, trip: Trip) -> "DaysForm":
        """The form with what the tour says now, or with what was sent."""
        said = {kind.value: retention.days(trip, kind) for kind in DataKind}
        form: DaysForm = cls(data=said)
        return form

    def wanted(self) -> dict[DataKind, int | None]:
        """The days of each kind; None: the usual."""
        numbers = {kind: self[kind.value].data for kind in DataKind}
        return {
            kind: None if number == retention.DEFAULTS[kind] else number
            for kind, number in numbers.items()
        }


for _kind in DataKind:
    setattr(DaysForm, _kind.value, whole(DATA_KINDS[_kind], 0, retention.LONGEST))


class EraseForm(FlaskForm):
    """Why somebody is erased, and the mail address once more, typed."""

    reason = line(
        _l("Why"),
        most=500,
        description=_l("Who asked, and when. It stays in the history, so leave names out of it."),
    )
    typed = line(
        _l("The mail address of this person, once more"),
        most=254,
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def fits(self, delegate: Delegate, **_more: Any) -> bool:
        """Whether what was typed is the address; else the words stand beside the field."""
        if (self.typed.data or "").casefold() == delegate.email.casefold():
            return True
        self.typed.errors = [_("This is not the address of this person. Nothing was erased.")]
        return False

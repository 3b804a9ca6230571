"""Why a row of a list of companies is not written to."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.registrations import roster_words
from webapp.domain.prospect_lists import MOST_ROWS, Fault
from webapp.domain.prospects import Deed, Step
from webapp.domain.sheets.tables import FileRefused, Trouble

FAULTS: dict[Fault, Any] = {
    Fault.NO_COMPANY: _l("There is no name of a company."),
    Fault.NO_MAIL: _l("There is no mail address."),
    Fault.BAD_MAIL: _l("“%(said)s” is not a mail address. Write it like name@company.com."),
    Fault.BAD_LANGUAGE: _l("“%(said)s” is not a language we write in. Use English or French."),
    Fault.WEB_ADDRESS: _l("Please leave web addresses out of the names."),
    Fault.TOO_LONG: _l("A name is too long: 200 characters at most."),
}


def trouble(refused: FileRefused) -> str:
    """Why a list cannot be read at all."""
    if refused.trouble == Trouble.TOO_MANY_ROWS:
        return _("This list has too many rows: at most %(rows)d at once.", rows=MOST_ROWS)
    return roster_words.trouble(refused)


def why(step: Step) -> str:
    """Why the company of this row is not written to."""
    match step.deed:
        case Deed.DOUBLE:
            return _("Row %(row)d has the same mail address.", row=step.other)
        case Deed.ASKED:
            return _("This address was invited already.")
        case Deed.REGISTERED:
            return _("This company has registered already.")
    if step.row.fault is None:
        return ""
    return str(FAULTS[step.row.fault]) % {"said": step.row.said}

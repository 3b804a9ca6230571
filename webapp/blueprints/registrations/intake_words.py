"""What becomes of the rows of an import, in the reader's language."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.labels import REGISTRATION_STATES
from webapp.domain.intakes import Deed, DryRun, Step, Why
from webapp.models.registration import RegistrationState

WHYS: dict[Why, Any] = {
    Why.FAULT: _l("Something is wrong with this row."),
    Why.NO_COMPANY: _l("This row names no company."),
    Why.ELSEWHERE: _l("This mail address is registered by another company."),
    Why.HAS_LEFT: _l("This person was registered before and has left, or the company is out."),
    Why.OTHER_NAME: _l("This mail address is registered for somebody of another name."),
    Why.TOO_MANY: _l("This company has as many delegates as one registration can hold."),
}
FIGURES: dict[str, Any] = {
    "added": _l("Delegates added"),
    "changed": _l("Delegates changed"),
    "same": _l("As they were"),
    "left_out": _l("Rows left out"),
    "waiting": _l("Delegates who wait while their company is in"),
    "company there": _l("Companies that were there and have more delegates"),
}


def steps(dry_run: DryRun) -> list[tuple[int, str]]:
    """The rows that would be left out for another reason than a fault, and why."""
    return [
        (step.row.number, _step(step))
        for each in dry_run.planned
        for step in each.steps
        if step.deed == Deed.LEAVE_OUT and step.why != Why.FAULT
    ]


def _step(step: Step) -> str:
    there = step.delegate
    if there is None:
        return str(WHYS[step.why or Why.FAULT])
    if step.why == Why.ELSEWHERE:
        return _(
            "%(email)s is registered for %(company)s.",
            email=there.email,
            company=there.registration.organization.name,
        )
    if step.why == Why.OTHER_NAME:
        return _("%(email)s is registered for %(name)s.", email=there.email, name=there.name)
    return _("%(name)s was registered before and has left.", name=there.name)


def figures(report: dict[str, Any]) -> list[tuple[str, int]]:
    """The counts of a report with their names, in order."""
    counts = report.get("counts") or {}
    told = [(str(words), counts.get(name, 0)) for name, words in FIGURES.items()]
    for state in RegistrationState:
        if number := counts.get(f"company {state.value}"):
            words = REGISTRATION_STATES[state]
            told.append((_("Companies added: %(state)s", state=words), number))
    return told


def left_out(report: dict[str, Any]) -> list[tuple[int, str]]:
    """The rows that a report names, and why each was left out."""
    known = set(Why)
    return [(row, str(WHYS[Why(why)])) for row, why in report.get("left_out") or [] if why in known]

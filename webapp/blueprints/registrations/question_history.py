"""What was changed about a question, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.labels import ANSWER_KINDS, ASKED, SENSITIVITIES, STAGES
from webapp.i18n import words
from webapp.models.audit import AuditEntry
from webapp.models.question import Question

NAMES: dict[str, Any] = {
    "label": _l("Question"),
    "help": _l("Explanation"),
    "stage": _l("When it is asked"),
    "asked": _l("Who answers"),
    "kind": _l("What the answer is"),
    "sensitivity": _l("How the answer is kept"),
    "required": _l("It must be answered"),
    "options": _l("Answers to choose from"),
    "depends_on_id": _l("It depends on"),
    "depends_values": _l("After one of these answers"),
}
LABELS: dict[str, Mapping[Any, Any]] = {
    "stage": STAGES,
    "asked": ASKED,
    "kind": ANSWER_KINDS,
    "sensitivity": SENSITIVITIES,
}
Changes = list[tuple[str, str, str]]


def told(
    entries: Sequence[AuditEntry], there: Sequence[Question]
) -> list[tuple[AuditEntry, Changes]]:
    """Each entry, and what it changed: (what, before, after), in words; `there` are the questions
    of the trip."""
    names = {question.id: words(question.label) for question in there}
    return [(entry, _changes(entry, names)) for entry in entries]


def _changes(entry: AuditEntry, names: Mapping[int, str]) -> Changes:
    before, after = entry.before or {}, entry.after or {}
    if entry.action != "change":
        return []
    return [
        (str(text), _said(key, before.get(key), names), _said(key, after.get(key), names))
        for key, text in NAMES.items()
        if before.get(key) != after.get(key)
    ]


def _said(key: str, value: Any, names: Mapping[int, str]) -> str:
    if value is None or value in ("", []):
        return _("nothing")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if key == "depends_on_id":
        return names.get(value, _("one that is gone"))
    if key in LABELS:
        return str(LABELS[key].get(value, value))
    if isinstance(value, dict):
        return words(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

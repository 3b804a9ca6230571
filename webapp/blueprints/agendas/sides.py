"""Two versions of one session, field by field: what is stored, and what somebody typed."""

from dataclasses import dataclass
from typing import Any

from webapp.blueprints.agendas.forms import ItemForm
from webapp.db import Facts
from webapp.domain import item_names, item_values
from webapp.models.agenda import AgendaItem

# What belongs together is shown together: a time without its zone says nothing.
_TOGETHER = (
    {"starts_local", "starts_zone", "starts_fold"},
    {"ends_local", "ends_zone", "ends_fold"},
)


@dataclass(frozen=True, slots=True)
class Side:
    """One field that differs: its name, and both values as plain facts."""

    field: str
    theirs: Any
    mine: Any


@dataclass(frozen=True, slots=True)
class Sides:
    """All that differs, and what the ids in it stand for."""

    fields: list[Side]
    names: item_names.Names


def sides(item: AgendaItem, form: ItemForm) -> Sides:
    """What differs between the stored item and a form that is valid."""
    theirs, mine = _stored(item), _typed(form)
    differ = {name for name in theirs if theirs[name] != mine[name]}
    for group in _TOGETHER:
        if differ & group:
            differ |= group - {f"{name.split('_')[0]}_fold" for name in group}
    return Sides(
        [Side(name, theirs[name], mine[name]) for name in theirs if name in differ],
        item_names.names(_with_ids(each) for each in (theirs, mine)),
    )


def _stored(item: AgendaItem) -> Facts:
    facts = item_values.facts(item_values.of(item))
    named = [[each.person.name, each.role.value] for each in item.people]
    return facts | {"host_id": item.host_name, "people": named} | _passes(facts)


def _typed(form: ItemForm) -> Facts:
    facts = item_values.facts(form.said())
    named = [[name, role.value] for name, role in form.people_said()]
    return facts | {"host_id": form.host.data or None, "people": named} | _passes(facts)


def _with_ids(facts: Facts) -> Facts:
    """Without the fields that hold names here."""
    return {name: value for name, value in facts.items() if name not in ("host_id", "people")}


def _passes(facts: Facts) -> Facts:
    """Not asked and the first pass are one answer."""
    return {name: facts[name] or 0 for name in ("starts_fold", "ends_fold")}

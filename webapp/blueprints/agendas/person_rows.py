"""The rows of a session's form in which people stand: who does what."""

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, SelectChoice, SelectField

from webapp.blueprints.fields import line
from webapp.blueprints.labels import choices
from webapp.domain import people
from webapp.domain.item_words import ITEM_ROLES
from webapp.models.agenda import AgendaItem, ItemRole
from webapp.models.person import Person
from webapp.models.trip import Trip

MOST_ROWS = 60
BLANK = "people-__row__-"  # what the script puts a number into


class PersonRow(Form):
    """Somebody who does something in a session. A row without a name counts for nothing."""

    person_id = HiddenField()
    given_name = line(_l("First name"), optional=True)
    family_name = line(_l("Last name"), optional=True)
    role = SelectField(_l("Does what"), choices=lambda: choices(ITEM_ROLES))

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """The fields, and that nobody has a first name alone."""
        good = bool(super().validate(*args, **kwargs))
        if self.given_name.data and not self.family_name.data:
            self.family_name.errors = [_("Please give the last name too.")]
            return False
        return good

    @property
    def is_empty(self) -> bool:
        """Whether nobody stands in it."""
        return not (self.given_name.data or self.family_name.data)

    @property
    def said(self) -> tuple[str, str]:
        """The two names as typed."""
        return self.given_name.data or "", self.family_name.data or ""


@dataclass(frozen=True, slots=True)
class Cast:
    """Whom a form offers: those in sessions of the tour, and those who travel."""

    trip: Trip
    speaking: tuple[Person, ...]
    travelling: tuple[Person, ...]

    @classmethod
    def of(cls, trip: Trip) -> "Cast":
        """All that the tour knows."""
        return cls(trip, tuple(people.in_sessions(trip)), tuple(people.travelling(trip)))

    def find(self, said: str | None) -> Person | None:
        """The offered person whose id was sent, or None: nobody else's."""
        return next((p for p in (*self.speaking, *self.travelling) if str(p.id) == said), None)

    def options(self) -> list[SelectChoice]:
        """What the field beside the button that adds a row offers."""
        known = {person.id for person in self.speaking}
        groups = (
            (_("In the sessions of this tour"), self.speaking),
            (_("Delegates"), tuple(p for p in self.travelling if p.id not in known)),
        )
        return [
            SelectChoice("", _("Somebody new")),
            *(
                SelectChoice(
                    str(p.id),
                    p.name,
                    {"data-given": p.given_name, "data-family": p.family_name},
                    name,
                )
                for name, group in groups
                for p in group
            ),
        ]

    def person_id(self, row: PersonRow) -> int:
        """The person of a filled row: the one that was offered, as long as the names are still
        theirs, else found by name in the tour or new."""
        offered = self.find(row.person_id.data)
        if offered and (offered.given_name, offered.family_name) == row.said:
            return offered.id
        return people.named(self.trip, *row.said).id


def rows_of(item: AgendaItem) -> list[dict[str, str]]:
    """The rows that an item fills."""
    return [
        {
            "person_id": str(each.person_id),
            "given_name": each.person.given_name,
            "family_name": each.person.family_name,
            "role": each.role.value,
        }
        for each in item.people
    ]


def change_rows(field: Any, cast: Cast) -> bool:
    """Add or remove the row that a button of the form asked for; whether one did."""
    if "add_person" in request.form:
        if len(field) < MOST_ROWS:
            known = cast.find(request.form.get("known_person"))
            field.append_entry(_row(known) if known else None)
        return True
    gone = request.form.get("remove_person", type=int)
    if gone is None:
        return False
    kept = [entry.data for number, entry in enumerate(field) if number != gone]
    while len(field):
        field.pop_entry()
    for row in kept:
        field.append_entry(row)
    return True


def _row(person: Person) -> dict[str, str]:
    return {
        "person_id": str(person.id),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "role": ItemRole.SPEAKER.value,
    }

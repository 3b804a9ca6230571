"""The forms of importing many: choosing a sheet, saying what it holds and what is to be done."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, SelectChoice, SelectField

from webapp.blueprints.fields import countries, language
from webapp.blueprints.labels import REGISTRATION_STATES, choices
from webapp.blueprints.registrations.roster_words import column_name
from webapp.domain.intakes import STATES, Options
from webapp.domain.intakes.alike import Offer, Question
from webapp.domain.rosters import Column, Roster
from webapp.models.registration import Party, RegistrationState

PARTIES_HERE: dict[StrEnum, Any] = {
    Party.ALL: _l("It waits for all of them"),
    Party.ANY: _l("It comes with as many as there are, the others wait"),
}
MARK = "c"  # the field of column 0 is c0
JOIN = "join-"  # of the first company that may be another: join-0


class SheetForm(FlaskForm):
    """The sheet to import."""

    file = FileField(
        _l("Sheet"),
        [FileRequired(_l("Please choose a file."))],
        description=_l(
            "XLSX or CSV, 4 MB and 10,000 rows at most. Nothing is changed before you say so."
        ),
    )


class AskingForm(FlaskForm):
    """What is asked of an import, beside its columns."""

    class Meta:
        csrf = False  # looking again changes nothing; starting has a form of its own

    state = SelectField(
        _l("The companies become"),
        choices=lambda: choices(REGISTRATION_STATES, *STATES),
        default=RegistrationState.ACCEPTED.value,
        description=_l("Those for which there is no place go to the waiting list."),
    )
    party = SelectField(
        _l("Where there are too few places for a company"),
        choices=lambda: choices(PARTIES_HERE),
        default=Party.ALL.value,
    )
    language = language(_l("Language of letters where a row says none"))
    country = SelectField(
        _l("Country of telephone numbers without a country code"), choices=countries, default=""
    )
    letters = BooleanField(_l("Write to the coordinators and the delegates"))

    def options(self, places: Mapping[str, int], joins: Mapping[str, int | str]) -> Options:
        """What was asked for; what we do not know is the first choice."""
        known = {str(choice.value) for choice in countries()}
        return Options(
            places=places,
            state=next((s for s in STATES if s == self.state.data), STATES[0]),
            letters=bool(self.letters.data),
            party=next((p for p in Party if p == self.party.data), Party.ALL),
            language=self.language.data if self.language.data == "fr" else "en",
            country=(self.country.data if self.country.data in known else None) or None,
            joins=joins,
        )


class StartForm(FlaskForm):
    """Starting what the dry run showed."""

    file = HiddenField()


def places(values: MultiDict[str, str], roster: Roster) -> dict[str, int]:
    """Which column holds what: as chosen, else as guessed. What was chosen for two columns is the
    first one's."""
    if f"{MARK}0" not in values:
        return dict(roster.places)
    found: dict[str, int] = {}
    for number in range(len(roster.table.header)):
        chosen = values.get(f"{MARK}{number}", "")
        if chosen in set(Column):
            found.setdefault(Column(chosen), number)
    return found


def joins(values: MultiDict[str, str], asked: Sequence[Question]) -> dict[str, int | str]:
    """The companies that were said to be others, of those that were offered."""
    found: dict[str, int | str] = {}
    for number, question in enumerate(asked):
        wanted = values.get(f"{JOIN}{number}", "")
        for place, offer in enumerate(question.offers, start=1):
            if wanted == str(place):
                found[question.group.mark] = offer.to
    return found


def column_choices() -> list[SelectChoice]:
    """What a column may be."""
    named = [SelectChoice(column.value, column_name(column)) for column in Column]
    return [SelectChoice("", _("Not used")), *named]


def offer_words(offer: Offer) -> str:
    """What a company may be, as a choice."""
    if isinstance(offer.to, str):
        return _("It is “%(name)s” of the same sheet", name=offer.name)
    if offer.is_registered:
        return _("It is %(name)s, which is registered", name=offer.name)
    return _("It is %(name)s, which is known", name=offer.name)


def sent(values: MultiDict[str, str], options: Options, roster: Roster) -> dict[str, Any]:
    """The same choice as values of a form."""
    by_column = {number: place for place, number in options.places.items()}
    said = {f"{MARK}{n}": by_column.get(n, "") for n in range(len(roster.table.header))}
    said |= {name: value for name, value in values.items() if name.startswith(JOIN)}
    said |= {"state": options.state.value, "party": options.party.value}
    said |= {"language": options.language, "country": options.country or ""}
    return said | ({"letters": "y"} if options.letters else {})

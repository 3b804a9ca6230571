"""One row of a sheet of people: a delegate as data, or what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from webapp.domain import organizations
from webapp.domain.registrations import DelegateData
from webapp.domain.rosters import columns, values
from webapp.domain.rosters.columns import Column
from webapp.domain.sheets import cells
from webapp.domain.sheets.tables import Row as Line

LONGEST = 200  # characters of a name
LONGEST_ANSWER = 4_000


class Fault(StrEnum):
    """What can be wrong with a sheet of people."""

    MISSING = "missing"
    NO_COLUMN = "no column"
    ONE_NAME = "one name where two are needed"
    NO_MAIL = "no mail address"
    NO_PHONE = "no telephone number"
    NO_LANGUAGE = "no language"
    NO_COUNTRY = "no country"
    NO_WEBSITE = "no web address"
    WEB_ADDRESS = "web address in a name"
    TOO_LONG = "too long"
    SAME_MAIL = "same mail twice"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: the row as a spreadsheet counts it, the column counted from 0, and what.
    Both are None for a fault of the whole sheet. `facts` go into the sentence about it."""

    row: int | None
    column: int | None
    fault: Fault
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Home:
    """What empty cells mean: the language of letters, and the country whose telephone numbers
    need no code."""

    language: str = "en"
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """The company of a row, as far as the sheet says. `key` is what its spellings share."""

    name: str
    country: str | None = None
    website: str | None = None
    coordinator_name: str = ""
    coordinator_email: str | None = None
    coordinator_phone: str | None = None

    @property
    def key(self) -> str:
        return organizations.name_key(self.name)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the delegate, None where something is wrong with it; what else it says. `email` is
    the address in lower case, "" for none. `answers` are texts by the keys of questions."""

    number: int
    data: DelegateData | None
    faults: tuple[Problem, ...] = ()
    email: str = ""
    company: Company | None = None
    answers: Mapping[str, str] = field(default_factory=dict)

    def refused(self, problem: Problem) -> "Row":
        """The same row with one thing more wrong with it."""
        return replace(self, data=None, faults=(*self.faults, problem))


@dataclass(slots=True)
class _Said:
    """The cells of one row by what they say, and what is wrong with them."""

    line: Line
    places: Mapping[str, int]
    faults: list[Problem]

    def text(self, place: str, most: int = LONGEST) -> str:
        """What stands there, on one line without signs that are not seen; "" for nothing."""
        number = self.places.get(place)
        if number is None or not 0 <= number < len(self.line.cells):
            return ""
        said = cells.name(cells.text(self.line.cells[number]))
        if len(said) > most:
            self.tell(place, Fault.TOO_LONG, length=len(said), most=most)
            return ""
        return said

    def tell(self, place: str, fault: Fault, **facts: Any) -> None:
        self.faults.append(Problem(self.line.number, self.places.get(place), fault, facts))

    def name(self, place: str) -> str:
        said = self.text(place)
        if values.has_address(said):
            self.tell(place, Fault.WEB_ADDRESS, value=said)
        return said

    def needed(self, place: str) -> str:
        """A name that must be there; where its column is missing that is told once, not by row."""
        before = len(self.faults)
        said = self.name(place)
        if place in self.places and not said and len(self.faults) == before:
            self.tell(place, Fault.MISSING)
        return said


def read_row(line: Line, places: Mapping[str, int], home: Home) -> Row:
    """A row as `places` say, with all that is wrong with it."""
    said = _Said(line, places, [])
    company = _company(said)
    country = (company and company.country) or home.country
    given_name, family_name = _names(said)
    email = _mail(said, Column.EMAIL, needed=Column.EMAIL in places)
    data = DelegateData(
        given_name=given_name,
        family_name=family_name,
        email=email or "",
        phone=_phone(said, Column.PHONE, country),
        job_title=said.name(Column.JOB_TITLE) or None,
        language=_language(said, home.language),
    )
    answers = {
        key: text
        for place in places
        if (key := columns.question_key(place)) and (text := said.text(place, LONGEST_ANSWER))
    }
    whole = not said.faults and bool(email and given_name and family_name)
    return Row(
        number=line.number,
        data=data if whole else None,
        faults=tuple(sorted(said.faults, key=lambda each: each.column or 0)),
        email=(email or "").lower(),
        company=company,
        answers=answers,
    )


def _names(said: _Said) -> tuple[str, str]:
    if Column.NAME not in said.places:
        return said.needed(Column.GIVEN_NAME), said.needed(Column.FAMILY_NAME)
    given_name, family_name = values.both_names(said.needed(Column.NAME))
    given_name = said.name(Column.GIVEN_NAME) or given_name
    family_name = said.name(Column.FAMILY_NAME) or family_name
    if not family_name and not said.faults:
        said.tell(Column.NAME, Fault.ONE_NAME)
    return given_name, family_name


def _company(said: _Said) -> Company | None:
    name = said.name(Column.COMPANY)
    if not name:
        return None
    country, website = said.text(Column.COUNTRY), said.text(Column.WEBSITE)
    code, address = values.country(country), values.website(website) if website else None
    if country and code is None:
        said.tell(Column.COUNTRY, Fault.NO_COUNTRY, value=country)
    if website and address is None:
        said.tell(Column.WEBSITE, Fault.NO_WEBSITE, value=website)
    return Company(
        name=name,
        country=code,
        website=address,
        coordinator_name=said.name(Column.COORDINATOR_NAME),
        coordinator_email=_mail(said, Column.COORDINATOR_EMAIL, needed=False),
        coordinator_phone=_phone(said, Column.COORDINATOR_PHONE, code),
    )


def _mail(said: _Said, place: str, *, needed: bool) -> str | None:
    text = said.text(place, LONGEST_ANSWER)
    if not text:
        if needed:
            said.tell(place, Fault.MISSING)
        return None
    found = values.mail(text)
    if found is None:
        said.tell(place, Fault.NO_MAIL, value=text)
    return found


def _phone(said: _Said, place: str, country: str | None) -> str | None:
    text = said.text(place)
    found = values.phone(text, country) if text else None
    if text and found is None:
        said.tell(place, Fault.NO_PHONE, value=text)
    return found


def _language(said: _Said, home: str) -> str:
    text = said.text(Column.LANGUAGE)
    found = values.language(text) if text else home
    if found is None:
        said.tell(Column.LANGUAGE, Fault.NO_LANGUAGE, value=text)
    return found or home

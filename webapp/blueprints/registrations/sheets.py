"""Sheets that organizers take out of the registrations: delegates, and the selection."""

from collections.abc import Sequence

from flask import Response
from flask_babel import gettext as _

from webapp import i18n
from webapp.blueprints.labels import label
from webapp.domain.criteria import Ranked
from webapp.domain.listings import Person
from webapp.domain.sheets import plain
from webapp.domain.sheets.plain import Value
from webapp.models.criterion import Criterion

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def workbook(name: str, rows: Sequence[Sequence[Value]], filename: str) -> Response:
    """The rows as a workbook to keep; the first is the head."""
    return _file(plain.xlsx(name, rows), XLSX, filename)


def text(rows: Sequence[Sequence[Value]], filename: str) -> Response:
    """The rows as a CSV file to keep."""
    return _file(plain.csv(rows), CSV, filename)


def delegates(people: Sequence[Person]) -> list[list[Value]]:
    """One row for each delegate, with the company and how both stand."""
    head: list[Value] = [
        _("Organization"), _("Kind"), _("Country"), _("Reference"), _("State"), _("Confirmed"),
        _("First name"), _("Last name"), _("Job title"), _("Email"), _("Mobile phone"),
        _("Language"), _("State of the delegate"), _("Coordinator"), _("Coordinator’s email"),
    ]  # fmt: skip
    return [head, *(_person(person) for person in people)]


def selection(
    criteria: Sequence[Criterion], ranking: Sequence[Ranked], language: str
) -> list[list[Value]]:
    """The selection sheet: one row for each company, with the points of each criterion, why, the
    total, the rank and the decision. (domain.md section 5.)"""
    head: list[Value] = [_("Rank"), _("Organization"), _("Reference"), _("Complete")]
    for criterion in criteria:
        name = criterion.name.pick(language)
        head += [
            _("%(name)s (of %(most)d)", name=name, most=criterion.most),
            _("Why: %(name)s", name=name),
        ]
    head += [_("Total"), _("State"), _("Reason of the decision")]
    return [head, *(_ranked(criteria, row) for row in ranking)]


def _person(person: Person) -> list[Value]:
    return [
        person.organization,
        str(label(person.kind)),
        person.country,
        person.reference,
        str(label(person.state)),
        _("Yes") if person.confirmed else _("No"),
        person.given_name,
        person.family_name,
        person.job_title,
        person.email,
        person.phone,
        i18n.language_name(person.language),
        str(label(person.delegate_state)),
        person.coordinator_name,
        person.coordinator_email,
    ]


def _ranked(criteria: Sequence[Criterion], row: Ranked) -> list[Value]:
    registration = row.registration
    cells: list[Value] = [
        row.rank,
        registration.organization.name,
        registration.reference,
        _("No") if row.lacks else _("Yes"),
    ]
    for criterion in criteria:
        score = row.points.get(criterion.id)
        cells += [score.points, score.reason] if score else [None, None]
    return [*cells, row.total, str(label(registration.state)), registration.reason]


def _file(body: bytes, kind: str, name: str) -> Response:
    response = Response(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

"""The forms of criteria, and of the points of one registration."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from webapp.blueprints.fields import clean_line, line, whole
from webapp.blueprints.trips.setup_forms import texts_of, words
from webapp.db import Words
from webapp.domain.criteria import CriteriaFixed, Points, Terms, TooManyCriteria
from webapp.errors import DomainError
from webapp.models.criterion import Criterion, Score

LONGEST_REASON = 500


class CriterionForm(FlaskForm):
    """One criterion."""

    name_en = line(_l("Criterion in English"), description=_l("For example: Fit with the region"))
    name_fr = line(_l("Criterion in French"), optional=True)
    most = whole(_l("Most points"), 1, 100, needed=True, default=5)
    weight = whole(
        _l("Weight"), 1, 100, needed=True, default=1, description=_l("Points count so many times.")
    )

    @classmethod
    def of(cls, criterion: Criterion) -> "CriterionForm":
        """The form of an existing criterion."""
        return cls(obj=criterion, **texts_of(criterion, "name"))

    def terms(self) -> Terms:
        """What was typed, as the domain wants it. Only after `validate`."""
        return Terms(
            words(self, "name") or Words(),
            int(self.weight.data or 1),
            int(self.most.data or 1),
        )

    def tell(self, error: DomainError) -> None:
        """Say what the domain refused."""
        match error:
            case CriteriaFixed():
                self.form_errors = [_("An application has arrived: the criteria stay as they are.")]
            case TooManyCriteria():
                self.form_errors = [_("A tour has 30 criteria at most.")]
            case _:
                raise error


class ScoreForm(FlaskForm):
    """The mark of the scores that the page showed; the points are read by `read`, since their
    fields are as many as there are criteria."""

    seen_scores = HiddenField()


class Sheet:
    """The points and reasons of one registration as they stand in the fields of a page: `values`
    by criterion, and `errors` by criterion."""

    def __init__(self, criteria: Sequence[Criterion]) -> None:
        self.criteria = criteria
        self.values: dict[int, tuple[str, str]] = {}
        self.errors: dict[int, str] = {}
        self.given: dict[int, Points] = {}

    @classmethod
    def of(cls, criteria: Sequence[Criterion], scores: Mapping[int, Score]) -> "Sheet":
        """As it is stored."""
        sheet = cls(criteria)
        for criterion_id, row in scores.items():
            sheet.values[criterion_id] = (str(row.points), row.reason or "")
        return sheet

    @classmethod
    def sent(cls, criteria: Sequence[Criterion], values: Mapping[str, Any]) -> "Sheet":
        """As a form sent it, with what is wrong in it."""
        sheet = cls(criteria)
        for criterion in criteria:
            points = clean_line(values.get(f"points-{criterion.id}", ""))
            reason = clean_line(values.get(f"reason-{criterion.id}", ""))
            sheet.values[criterion.id] = (points[:10], reason[:LONGEST_REASON])
            sheet._read(criterion, points, reason)
        return sheet

    def _read(self, criterion: Criterion, points: str, reason: str) -> None:
        if len(reason) > LONGEST_REASON:
            self.errors[criterion.id] = _(
                "This is too long: %(max)d characters at most.", max=LONGEST_REASON
            )
        elif points and (not re.fullmatch(r"[0-9]{1,3}", points) or int(points) > criterion.most):
            self.errors[criterion.id] = _(
                "Please give a number from %(min)d to %(max)d.", min=0, max=criterion.most
            )
        elif points:
            self.given[criterion.id] = Points(int(points), reason or None)
        elif reason:
            self.errors[criterion.id] = _("Please give points, too.")

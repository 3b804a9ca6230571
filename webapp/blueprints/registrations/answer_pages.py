"""A page of answers: of a company, of a delegate by the company, of a delegate by the delegate."""

from collections.abc import Sequence
from typing import Any

from webapp.blueprints.registrations.answer_fields import form_for, sent, stored
from webapp.blueprints.registrations.answer_words import answer_text
from webapp.blueprints.registrations.company_forms import CompanyForm
from webapp.domain import amendments, answers, questions
from webapp.domain.answer_values import asking
from webapp.domain.audits import By
from webapp.i18n import words
from webapp.models.amendment import Amendment, AmendmentKind
from webapp.models.delegate import Delegate
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity
from webapp.models.registration import Registration


class AnswersAsk(CompanyForm):
    """The questions of a page, `those`, as `fields`; with what every change of a company has. What
    is required may be left out: what is missing is said on the company's page, with its date.
    Documents are not asked for here but in their own part of the page."""

    def __init__(
        self,
        those: Sequence[Question],
        values: dict[int, Any],
        known: dict[int, Any],
        *,
        fresh: bool = False,
    ) -> None:
        super().__init__(formdata=None) if fresh else super().__init__()
        self.those = those
        typed = None if fresh else sent()
        self.fields = form_for(those)(typed, data=stored(those, values))
        self.fields.known = known
        self.fields.complete = False

    @property
    def by_key(self) -> dict[str, Question]:
        return {each.key: each for each in self.those}

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """All answers, by the kinds of their questions."""
        good = self.fields.validate()
        return bool(super().validate(*args, **kwargs)) and good

    def values(self) -> dict[str, Any]:
        return self.fields.answers()

    def take(self, now: dict[str, Any]) -> None:
        shown = {self.by_key[key].id: value for key, value in now.items()}
        for name, value in stored(self.those, shown).items():
            self.fields[name].data = value

    def said(self, key: str, value: Any) -> tuple[str, str]:
        question = self.by_key[key]
        return words(question.label), answer_text(asking(question), value)

    @property
    def errors(self) -> dict[str | None, Any]:
        """Those of the questions too, so that the summary is shown."""
        return {**super().errors, **self.fields.errors}


def company_page(registration: Registration) -> AnswersAsk:
    """What the tour asks of the company, both stages."""
    those = questions.of(registration.trip, asked=Asked.COMPANY)
    values = answers.of_registration(registration)
    return _page(those, values, {})


def delegate_page(delegate: Delegate, *, private: bool, fresh: bool = False) -> AnswersAsk:
    """What it asks of a delegate; the sensitive questions only to the delegate. `fresh`: as stored,
    whatever was sent, for a page with another form."""
    registration = delegate.registration
    those = [
        question
        for question in questions.of(registration.trip, asked=Asked.DELEGATE)
        if private or question.sensitivity == Sensitivity.PLAIN
    ]
    values = answers.of_delegate(delegate, private=private)
    return _page(those, values, answers.of_registration(registration), fresh=fresh)


def save(
    form: AnswersAsk, registration: Registration, delegate: Delegate | None, by: By
) -> Amendment | None:
    """Keep the answers, at once or as a request. In an open transaction."""
    return amendments.do_or_ask(
        registration,
        AmendmentKind.ANSWERS,
        form.values(),
        form.note.data or "",
        by,
        delegate,
        form.seen.data or "",
    )


def _page(
    those: Sequence[Question],
    values: dict[int, Any],
    known: dict[int, Any],
    *,
    fresh: bool = False,
) -> AnswersAsk:
    asked = [question for question in those if question.kind != AnswerKind.DOCUMENT]
    form = AnswersAsk(asked, values, known, fresh=fresh)
    if fresh or not form.is_submitted():
        shown = {key: values.get(question.id) for key, question in form.by_key.items()}
        form.seen.data = amendments.fingerprint(shown)
    return form

"""Keeping what was answered on a page: documents first, then the answers."""

from collections.abc import Mapping

from webapp.blueprints.registrations.answer_fields import AnswersForm
from webapp.domain import answers, documents, questions
from webapp.domain.audits import By
from webapp.models.registration import Registration


def keep(
    registration: Registration,
    forms: Mapping[int | None, AnswersForm],
    by: By,
    *,
    complete: bool = False,
) -> None:
    """Take the documents of these forms and save their answers; a key is the delegate's id, None is
    the company. In an open transaction. Raises answers.AnswersRefused and what documents.take does.
    """
    people = {delegate.id: delegate for delegate in registration.delegates}
    for whose, form in forms.items():
        for question_id, file in form.uploads().items():
            documents.take(
                registration,
                people[whose] if whose is not None else None,
                questions.find(registration.trip, question_id),
                file.filename or "",
                file.read(),
                by,
            )
    answers.save_all(
        registration,
        {whose: form.answers() for whose, form in forms.items()},
        by,
        complete=complete,
    )

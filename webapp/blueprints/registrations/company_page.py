"""What stands on a company's own page."""

from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm

from webapp import clock, i18n
from webapp.blueprints.calendars.own import own_calendar
from webapp.blueprints.registrations import fee_pages
from webapp.blueprints.registrations.amendment_words import told
from webapp.blueprints.registrations.answer_words import answer_text
from webapp.blueprints.registrations.company_forms import PartyForm
from webapp.blueprints.registrations.company_words import deadlines, lack_texts, steps, why
from webapp.blueprints.registrations.document_words import documents_context
from webapp.blueprints.registrations.fee_pages import fees_context
from webapp.blueprints.registrations.forms import ReasonForm
from webapp.blueprints.registrations.rule_words import rule_words
from webapp.domain import amendments, answers, feeds, missing, questions, queues
from webapp.domain.answer_values import asking
from webapp.domain.statements import Statement
from webapp.models.delegate import DelegateState
from webapp.models.question import AnswerKind, Asked
from webapp.models.registration import Registration, RegistrationState


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, as it is read."""

    label: str
    value: str


def context(registration: Registration) -> dict[str, Any]:
    """All that registrations/company.html and its fragments want."""
    trip, fees = registration.trip, fees_context(registration)
    return {
        "registration": registration,
        "trip": trip,
        "form": FlaskForm(),
        "cancel_form": ReasonForm(),
        "may_cancel": registration.may_become(RegistrationState.CANCELLED),
        "may_change": not registration.is_out,
        "frozen": trip.is_frozen(clock.now()),
        "rules": rule_words(trip),
        "calendar": own_calendar(feeds.of_company(registration)),
        "deadlines": deadlines(registration),
        **documents_context(registration),
        **fees,
        **_waiting(registration),
        **_lacking(registration, fees["statement"]),
        **_answers(registration),
        **fee_pages.fees_context(registration),
    }


def _waiting(registration: Registration) -> dict[str, Any]:
    """Its turn in the line, and that of each delegate who waits for a place."""
    waits = registration.state == RegistrationState.WAITLISTED
    some_wait = any(d.state == DelegateState.WAITING for d in registration.delegates)
    mine = []
    if not registration.is_out and (waits or some_wait):
        mine = [t for t in queues.line(registration.trip) if t.registration.id == registration.id]
    own = next((turn for turn in mine if turn.delegate is None), None)
    return {
        "turn": own,
        "why": why(own) if own else "",
        "turns": {turn.delegate.id: turn.rank for turn in mine if turn.delegate},
        "party_form": PartyForm(party=registration.party.value) if waits else None,
    }


def _lacking(registration: Registration, statement: Statement) -> dict[str, Any]:
    lacks = missing.of(registration)
    return {
        "steps": steps(registration, lacks, statement),
        "lacks": {key: lack_texts(each) for key, each in lacks.delegates.items()},
        "lacks_company": lack_texts(lacks.company),
    }


def _answers(registration: Registration) -> dict[str, Any]:
    """What was asked of the company and answered, and its requests."""
    every = questions.every(registration.trip)
    given = answers.of_registration(registration)
    mine = [q for q in every if q.asked == Asked.COMPANY and q.retired_at is None]
    answered = [
        Answered(i18n.words(q.label), answer_text(asking(q), given[q.id]))
        for q in mine
        if q.kind != AnswerKind.DOCUMENT and given.get(q.id) is not None
    ]
    return {
        "has_questions": bool(mine),
        "answered": answered,
        "requests": told(amendments.of(registration), every),
    }

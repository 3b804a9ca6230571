"""Why a company waits, what it has not given yet, what it does next: in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp import clock, i18n
from webapp.blueprints.registrations.amendment_words import LABELS
from webapp.domain.missing import Lack, LackKind, Missing
from webapp.domain.queues import Turn, WaitsFor
from webapp.domain.statements import Statement
from webapp.models.registration import Registration, RegistrationState


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, where, and by when, in words ("" for no date)."""

    text: str
    address: str
    due: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date that counts for the company."""

    text: str
    at: datetime
    is_past: bool


def why(turn: Turn) -> str:
    """What a turn in the line waits for."""
    match turn.waits_for:
        case WaitsFor.DECISION:
            return _("You are in reserve: the organizers say when a place is for you.")
        case WaitsFor.COMPANY_PLACE:
            return _("The tour takes no further organization until one leaves.")
        case WaitsFor.OWN_LIMIT:
            return _("Your organization sends as many people already as one may.")
        case WaitsFor.TOO_MANY:
            return _("You are more than the whole tour has places for.")
        case WaitsFor.SEATS if turn.seats:
            return ngettext(
                "%(num)d place is free, which is too few for all of you.",
                "%(num)d places are free, which is too few for all of you.",
                turn.seats,
            )
        case WaitsFor.SEATS:
            return _("All places are taken.")
        case WaitsFor.THOSE_BEFORE:
            return _("The places that are free are kept for those before you.")
    return _("Your turn comes next.")


def lack_text(lack: Lack) -> str:
    """What is not there."""
    match lack.kind:
        case LackKind.NAME:
            return _("name")
        case LackKind.PHONE:
            return _("mobile phone")
        case LackKind.DATA if lack.field:
            return str(LABELS.get(lack.field, lack.field))
        case LackKind.DATA:
            return _("own data, which the colleague was asked to fill in")
    return i18n.words(lack.label) if lack.label else _("an answer")


def lack_texts(lacks: Iterable[Lack]) -> list[str]:
    """The same of several."""
    return [lack_text(lack) for lack in lacks]


def steps(registration: Registration, lacks: Missing, statement: Statement) -> list[Step]:
    """What the company can do now; nothing once it is out."""
    if registration.is_out:
        return []
    papers = [lack for lack in lacks.company if lack.kind == LackKind.DOCUMENT]
    others = [lack for lack in lacks.company if lack.kind != LackKind.DOCUMENT]
    zone = registration.trip.says_deadlines_in
    found = [*_answer(registration, others), *_send(papers, zone), *_complete(lacks, zone)]
    unpaid = [line for line in statement.lines if line.open > 0]
    if unpaid and registration.state == RegistrationState.ACCEPTED:
        due_at = min((line.due_at for line in unpaid if line.due_at), default=None)
        found.append(Step(_("Pay what is owed"), "#fees", due(due_at, zone)))
    return found


def _answer(registration: Registration, lacks: list[Lack]) -> list[Step]:
    if not lacks:
        return []
    answers = any(lack.kind == LackKind.QUESTION for lack in lacks)
    page = "answers_page" if answers else "data"
    text = ngettext(
        "Give %(num)d answer of your company that is missing",
        "Give %(num)d answers of your company that are missing",
        len(lacks),
    )
    address = url_for(f"registrations_company_data.{page}", token=registration.token)
    zone = registration.trip.says_deadlines_in
    return [Step(text, address, due(_soonest(lacks), zone))]


def _send(lacks: list[Lack], zone: str) -> list[Step]:
    text = ngettext(
        "Send %(num)d document of your company",
        "Send %(num)d documents of your company",
        len(lacks),
    )
    return [Step(text, "#documents", due(_soonest(lacks), zone))] if lacks else []


def _complete(lacks: Missing, zone: str) -> list[Step]:
    text = ngettext(
        "Complete the data of %(num)d delegate",
        "Complete the data of %(num)d delegates",
        len(lacks.delegates),
    )
    every = [lack for each in lacks.delegates.values() for lack in each]
    return [Step(text, "#delegates", due(_soonest(every), zone))] if every else []


def due(at: datetime | None, zone: str) -> str:
    """By when something is wanted, or was; "" for no date."""
    if at is None:
        return ""
    date = i18n.datetime_in(at, zone)
    if at <= clock.now():
        return _("It was due by %(date)s.", date=date)
    return _("Due by %(date)s", date=date)


def deadlines(registration: Registration) -> list[Deadline]:
    """The dates that count for the company, in their order."""
    trip, now = registration.trip, clock.now()
    dates = [
        (_("Your place is kept until"), registration.offer_ends_at),
        (_("Changes without asking, until"), trip.freezes_at),
        (_("Travel details, by"), trip.details_due_at),
    ]
    found = [Deadline(text, at, at <= now) for text, at in dates if at is not None]
    return sorted(found, key=lambda each: each.at)


def _soonest(lacks: Iterable[Lack]) -> datetime | None:
    return min((lack.due_at for lack in lacks if lack.due_at), default=None)

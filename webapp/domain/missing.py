"""What a company and its delegates have not given yet, and writing to them about it.

What comes with the application (names, standard fields, questions of stage apply) is missing from
the first day, and due before the tour is frozen; travel details are asked of accepted companies,
and of those who hold a place, by `details_due_at`. Nothing is missing of who has no part any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock
from webapp.db import Words, db
from webapp.domain import answer_values, answered, audits, form_fields, questions, seats
from webapp.domain import correspondence as letters
from webapp.domain.answer_values import Asking, asking
from webapp.domain.answered import Kept
from webapp.domain.audits import By
from webapp.domain.correspondence import Told
from webapp.domain.form_fields import OF_COMPANY, OF_DELEGATE, Rule
from webapp.i18n import speaking, words
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.mail import Mail
from webapp.models.question import AnswerKind, Asked, Stage
from webapp.models.registration import IS_OUT, Registration, RegistrationState
from webapp.models.trip import Trip

LETTER = "details_wanted"
A_DAY = timedelta(days=1)


class LackKind(StrEnum):
    """What is not there: names, a telephone number, an answer, a document; or other data, of the
    company (`field` says which) or all that an invited colleague was asked to fill in."""

    NAME = "name"
    PHONE = "phone"
    QUESTION = "question"
    DOCUMENT = "document"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is not there. `label` is the question's; `field` the standard field's name;
    `due_at` an aware instant, None: as soon as possible."""

    kind: LackKind
    stage: Stage
    due_at: datetime | None
    label: Words | None = None
    field: str | None = None
    question_id: int | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """What one registration lacks: the company, and each delegate who lacks something, by id."""

    company: list[Lack] = field(default_factory=list)
    delegates: dict[int, list[Lack]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.company or self.delegates)

    @property
    def total(self) -> int:
        """How many things, all together."""
        return len(self.company) + sum(len(each) for each in self.delegates.values())

    @property
    def every(self) -> list[Lack]:
        """All of them, the company's first."""
        return [*self.company, *(lack for each in self.delegates.values() for lack in each)]


def of(registration: Registration) -> Missing:
    """What one registration lacks now."""
    return of_many(registration.trip, [registration])[registration.id]


def of_many(trip: Trip, registrations: Sequence[Registration]) -> dict[int, Missing]:
    """What these registrations of one trip lack, by id, each a key; four statements however many,
    with organization and delegates loaded."""
    asked = [asking(question) for question in questions.of(trip)]
    deciding = {each.parent.id for each in asked if each.parent}
    kept = answered.load((each.id for each in registrations), unseal=deciding)
    return {each.id: _of_one(trip, each, asked, kept[each.id]) for each in registrations}


def counts(trip: Trip) -> dict[int, int]:
    """How many things each registration lacks that has a part in the tour, by its id; each is a
    key. A constant number of statements."""
    return {each: lacks.total for each, lacks in of_many(trip, _everybody(trip)).items()}


def of_trip(trip: Trip) -> list[tuple[Registration, Missing]]:
    """The registrations that lack something, and what, by the name of the organization."""
    everybody = _everybody(trip)
    found = of_many(trip, everybody)
    lacking = [(each, found[each.id]) for each in everybody if found[each.id]]
    return sorted(lacking, key=lambda pair: (pair[0].organization.name.casefold(), pair[0].id))


def chase(trip: Trip, by: By) -> int:
    """Write to everybody who has to give something. Nobody is written to twice within a day. How
    many letters were put into the outbox."""
    trip = seats.hold(trip.id)
    number = letters.put(wanted(trip, A_DAY))
    if number:
        audits.write(by, trip, "chase", trip_id=trip.id, after={"letters": number})
    return number


def wanted(trip: Trip, apart: timedelta) -> list[Told]:
    """The letters that tell what is missing: to each delegate about the own answers, to the
    coordinator about the company's, and about colleagues whose names are not there. None to whom
    one was put less than `apart` ago."""
    lately = _chased(trip, apart)
    told: list[Told] = []
    for registration, lacks in of_trip(trip):
        unnamed = [
            (lack, delegate)
            for delegate in registration.delegates
            for lack in lacks.delegates.get(delegate.id, ())
            if lack.kind == LackKind.NAME
        ]
        for_company = [*((lack, None) for lack in lacks.company), *unnamed]
        if for_company and (registration.id, None) not in lately:
            told.append(_to_coordinator(registration, for_company))
        told += [
            _to_delegate(delegate, lacks.delegates[delegate.id])
            for delegate in registration.delegates
            if delegate.id in lacks.delegates and (registration.id, delegate.id) not in lately
        ]
    return told


def text(lack: Lack) -> str:
    """What is not there, in the language being spoken: "Passport number", "First and last name"."""
    if lack.label:
        return words(lack.label)
    if lack.kind == LackKind.NAME:
        return _("First and last name")
    return {
        "phone": _("Mobile phone"),
        "job_title": _("Job title"),
        "website": _("Website of the company"),
        "coordinator_phone": _("Phone of the coordinator"),
        "objectives": _("What the company hopes for from the tour"),
    }.get(lack.field or "", _("Own data and answers"))


def _everybody(trip: Trip) -> Sequence[Registration]:
    """The registrations that have a part in the tour, with organization and delegates."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.trip_id == trip.id, Registration.state.not_in(IS_OUT))
        .options(joinedload(Registration.organization), selectinload(Registration.delegates))
        .order_by(Registration.id)
    ).all()


def _of_one(trip: Trip, registration: Registration, asked: list[Asking], kept: Kept) -> Missing:
    if registration.is_out:
        return Missing()
    own = kept.of(None)
    company = _fields(trip, registration, OF_COMPANY)
    company += _questions(trip, registration, None, asked, own)
    people = {}
    for delegate in registration.delegates:
        lacks = _of_delegate(trip, registration, delegate, asked, {**own, **kept.of(delegate.id)})
        if lacks:
            people[delegate.id] = lacks
    return Missing(company, people)


def _of_delegate(
    trip: Trip,
    registration: Registration,
    delegate: Delegate,
    asked: list[Asking],
    answers: dict[int, object],
) -> list[Lack]:
    lacks = []
    if not (delegate.given_name and delegate.family_name):
        lacks.append(_lack(trip, LackKind.NAME, Stage.APPLY))
    elif delegate.awaits_data:
        lacks.append(_lack(trip, LackKind.DATA, Stage.APPLY))
    lacks += _fields(trip, delegate, OF_DELEGATE)
    return lacks + _questions(trip, registration, delegate, asked, answers)


def _fields(trip: Trip, thing: Registration | Delegate, names: Sequence[str]) -> list[Lack]:
    """The standard fields that the form requires and that are empty: those of a company that came
    before a field was required, and of colleagues added in a few words."""
    needed = [name for name in names if form_fields.rule(trip, name) == Rule.REQUIRED]
    return [
        _lack(trip, LackKind.PHONE if "phone" in name else LackKind.DATA, Stage.APPLY, field=name)
        for name in needed
        if not _standard(thing, name)
    ]


def _standard(thing: Registration | Delegate, name: str) -> str | None:
    if name == "website" and isinstance(thing, Registration):
        return thing.organization.website
    value: str | None = getattr(thing, name)
    return value


def _questions(
    trip: Trip,
    registration: Registration,
    delegate: Delegate | None,
    asked: list[Asking],
    answers: dict[int, object],
) -> list[Lack]:
    """The required questions without an answer, of the stages that are due."""
    scope = Asked.DELEGATE if delegate else Asked.COMPANY
    comes = delegate is None or delegate.state == DelegateState.COMING
    travels = registration.state == RegistrationState.ACCEPTED and comes
    due = [each for each in asked if each.asked == scope and (travels or each.stage == Stage.APPLY)]
    return [
        _lack(
            trip,
            LackKind.DOCUMENT if each.kind == AnswerKind.DOCUMENT else LackKind.QUESTION,
            each.stage,
            label=each.label,
            question_id=each.id,
        )
        for each in answer_values.unanswered(due, answers)
    ]


def _lack(trip: Trip, kind: LackKind, stage: Stage, **more: object) -> Lack:
    due_at = trip.details_due_at if stage == Stage.TRAVEL else trip.freezes_at
    return Lack(kind, stage, due_at, **more)  # type: ignore[arg-type]


def _chased(trip: Trip, apart: timedelta) -> set[tuple[int | None, int | None]]:
    """Who was written to about it less than that ago: (registration id, delegate id or None)."""
    rows = db.session.execute(
        select(Mail.registration_id, Mail.delegate_id).where(
            Mail.trip_id == trip.id, Mail.letter == LETTER, Mail.created_at > clock.now() - apart
        )
    )
    return {(registration_id, delegate_id) for registration_id, delegate_id in rows}


def _to_coordinator(
    registration: Registration, lacks: Sequence[tuple[Lack, Delegate | None]]
) -> Told:
    with speaking(registration.language):
        said = [_said(lack, delegate.name if delegate else None) for lack, delegate in lacks]
    facts = _facts([lack for lack, _who in lacks], said)
    return letters.for_coordinator(LETTER, registration, _version(), **facts)


def _to_delegate(delegate: Delegate, lacks: Sequence[Lack]) -> Told:
    with speaking(delegate.language):
        said = [_said(lack, None) for lack in lacks]
    return letters.for_delegate(LETTER, delegate, _version(), **_facts(lacks, said))


def _said(lack: Lack, who: str | None) -> dict[str, object]:
    return {"label": text(lack), "who": who, "due_at": lack.due_at}


def _facts(lacks: Sequence[Lack], said: list[dict[str, object]]) -> dict[str, object]:
    """What the letter is told: the later of the stages, all that is lacking, the first deadline."""
    travels = any(lack.stage == Stage.TRAVEL for lack in lacks)
    stage = Stage.TRAVEL if travels else Stage.APPLY
    due_at = min((lack.due_at for lack in lacks if lack.due_at), default=None)
    return {"stage": stage, "lacks": said, "due_at": due_at}


def _version() -> str:
    """Tells one day's letter from another's: nobody gets two of the same instant."""
    return clock.now().strftime("%Y%m%dT%H%M%S")

"""Consents: what a delegate agrees to, purpose by purpose, and takes back as easily.

Only the delegate gives one, on their own page: neither the coordinator nor an organizer can, and no
form gives one beforehand. A row keeps the very words, their language and the instant; it is closed
when the consent is taken back, and stays. (domain.md rules 28, 30, 31.)
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from webapp import clock, i18n
from webapp.db import db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.audit import Actor
from webapp.models.consent import Consent, Purpose
from webapp.models.delegate import GONE, Delegate, DelegateState
from webapp.models.organization import Organization
from webapp.models.registration import IS_OUT, Registration, RegistrationState
from webapp.models.trip import Trip


class OnlyOneself(DomainError):
    """A consent is given by the delegate alone, by nobody in the delegate's name."""


class NotThere(DomainError):
    """The delegate has no part in the tour any more: nothing can be agreed to."""


def wording(purpose: Purpose, language: str) -> str:
    """The very sentence that is agreed to, in `language` ("en" or "fr")."""
    with i18n.speaking(language):
        match purpose:
            case Purpose.LIST:
                return _(
                    "My name, job title and company may stand in the list of participants that "
                    "all participants of this tour can read."
                )
            case Purpose.CONTACT:
                return _(
                    "My mail address and telephone number may be given to the other participants "
                    "of this tour and to its hosts."
                )
            case Purpose.PHOTO:
                return _(
                    "Photographs and films of this tour that show me may be published by the "
                    "organizers and their partners."
                )
            case Purpose.NEWS:
                return _("The organizers may write to me about later tours.")


def seen(language: str) -> str:
    """What a form carries to say which words it showed: it changes when any of them does."""
    words = "\n".join(wording(purpose, language) for purpose in Purpose)
    return hashlib.sha256(f"{language}\n{words}".encode()).hexdigest()[:16]


def set(  # noqa: A001  # of this module, and said with its name
    delegate: Delegate, purposes: Iterable[Purpose], language: str, by: By
) -> dict[Purpose, Consent]:
    """Let the delegate agree to just these purposes, in the words of `language`; what was agreed
    to before and is not among them is taken back. What stays agreed to keeps its first words.

    Raises OnlyOneself when somebody else would give one, NotThere for one who has left. Anybody
    who acts for the delegate may take back.
    """
    trip = seats.hold(delegate.registration.trip_id)
    wanted, there, at = frozenset(purposes), of(delegate), clock.now()
    given = [purpose for purpose in Purpose if purpose in wanted and purpose not in there]
    taken_back = [purpose for purpose in Purpose if purpose in there and purpose not in wanted]
    if given and by.actor != Actor.DELEGATE:
        raise OnlyOneself
    if given and (delegate.is_gone or delegate.registration.is_out):
        raise NotThere
    for purpose in taken_back:
        there[purpose].withdrawn_at = at
    db.session.flush()
    for purpose in given:
        db.session.add(
            Consent(
                delegate_id=delegate.id,
                purpose=purpose,
                wording=wording(purpose, language),
                language=language,
                given_at=at,
            )
        )
    db.session.flush()
    if given or taken_back:
        audits.write(
            by,
            delegate,
            "consent",
            trip_id=trip.id,
            before={"consents": [purpose.value for purpose in there]},
            after={"consents": [purpose.value for purpose in Purpose if purpose in wanted]},
        )
    return of(delegate)


def of(delegate: Delegate) -> dict[Purpose, Consent]:
    """The consents of a delegate that are in force."""
    return {each.purpose: each for each in history(delegate) if each.withdrawn_at is None}


def history(delegate: Delegate) -> Sequence[Consent]:
    """All that a delegate ever agreed to, in order."""
    return db.session.scalars(
        select(Consent).where(Consent.delegate_id == delegate.id).order_by(Consent.id)
    ).all()


def may(delegates: Iterable[Delegate], purpose: Purpose) -> list[Delegate]:
    """Those of the delegates who agree to `purpose` now, in their order; in one statement."""
    wanted = list(delegates)
    agreed = frozenset(
        db.session.scalars(
            select(Consent.delegate_id).where(
                Consent.delegate_id.in_([each.id for each in wanted]),
                Consent.purpose == purpose,
                Consent.withdrawn_at.is_(None),
            )
        )
    )
    return [each for each in wanted if each.id in agreed]


def participants(trip: Trip) -> Sequence[Delegate]:
    """Whom a list of participants may name: delegates who come, of accepted companies, and agreed
    to it. By company, then by family name. Any list or export that others read asks here."""
    return db.session.scalars(
        select(Delegate)
        .join(Delegate.registration)
        .join(Registration.organization)
        .join(Consent, Consent.delegate_id == Delegate.id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state == RegistrationState.ACCEPTED,
            Delegate.state == DelegateState.COMING,
            Consent.purpose == Purpose.LIST,
            Consent.withdrawn_at.is_(None),
        )
        .options(
            contains_eager(Delegate.registration).contains_eager(Registration.organization),
        )
        .order_by(Organization.name, Organization.id, Delegate.family_name, Delegate.id)
    ).all()


@dataclass(frozen=True, slots=True)
class Agreed:
    """One delegate and since when each consent in force has been given."""

    delegate: Delegate
    since: dict[Purpose, datetime]


def counts(trip: Trip) -> dict[Purpose, int]:
    """How many delegates who have a part in the tour agree to each purpose; each is a key."""
    rows = db.session.execute(
        select(Consent.purpose, func.count())
        .join(Delegate, Delegate.id == Consent.delegate_id)
        .join(Registration, Registration.id == Delegate.registration_id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state.not_in(IS_OUT),
            Delegate.state.not_in(GONE),
            Consent.withdrawn_at.is_(None),
        )
        .group_by(Consent.purpose)
    )
    return dict.fromkeys(Purpose, 0) | {purpose: number for purpose, number in rows}


def of_trip(trip: Trip, page: int = 1, size: int = 100) -> list[Agreed]:
    """A page of the delegates who have a part in the tour, by company and position, each with what
    they agree to; in two statements."""
    people = db.session.scalars(
        _with_part(trip)
        .options(joinedload(Delegate.registration).joinedload(Registration.organization))
        .order_by(Registration.queued_at, Registration.id, Delegate.position)
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    rows = db.session.execute(
        select(Consent.delegate_id, Consent.purpose, Consent.given_at).where(
            Consent.delegate_id.in_([each.id for each in people]), Consent.withdrawn_at.is_(None)
        )
    )
    since: dict[int, dict[Purpose, datetime]] = {each.id: {} for each in people}
    for delegate_id, purpose, at in rows:
        since[delegate_id][purpose] = at
    return [Agreed(each, since[each.id]) for each in people]


def asked(trip: Trip) -> int:
    """How many delegates have a part in the tour, and so could agree."""
    return db.session.scalar(select(func.count()).select_from(_with_part(trip).subquery())) or 0


def _with_part(trip: Trip) -> Select[Delegate]:
    return (
        select(Delegate)
        .join(Registration, Registration.id == Delegate.registration_id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state.not_in(IS_OUT),
            Delegate.state.not_in(GONE),
        )
    )

"""The changes that a company can make, by kind: what is now, what is wanted, and the verb.

A change is plain values by name, so that it can be kept in a request and shown as before and after
(domain/amendments.py). The names are those of the verb's own data, DelegateData or CompanyData, or
the keys of the trip's questions.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from webapp.db import db
from webapp.domain import answers, delegates, questions, registrations
from webapp.domain.audits import By
from webapp.domain.registrations import CompanyData, DelegateData
from webapp.models.amendment import AmendmentKind
from webapp.models.audit import Actor
from webapp.models.delegate import Delegate
from webapp.models.question import Asked, Sensitivity
from webapp.models.registration import Registration
from webapp.models.trip import Trip

OF_DELEGATE = tuple(field.name for field in fields(DelegateData))
OF_COMPANY = tuple(field.name for field in fields(CompanyData))
IDENTITY = ("given_name", "family_name", "email")  # who is replaced
BY_MAIL = "invited"  # True: the colleague is written to and fills in their own data


def person(data: DelegateData, *, invited: bool) -> dict[str, Any]:
    """A new delegate as the values of a change: with the data of the company, or invited by mail to
    fill them in."""
    return asdict(data) | {BY_MAIL: invited}


def now(
    registration: Registration,
    kind: AmendmentKind,
    wanted: Mapping[str, Any],
    delegate: Delegate | None = None,
) -> dict[str, Any]:
    """What stands now for each name in `wanted`; None where there is nothing."""
    current: dict[str, Any] = {}
    match kind:
        case AmendmentKind.EDIT | AmendmentKind.REPLACE:
            current = {name: getattr(delegate, name) for name in OF_DELEGATE}
        case AmendmentKind.WITHDRAW:
            current = {"state": delegate.state.value if delegate else None}
        case AmendmentKind.COMPANY:
            current = {name: getattr(registration, name) for name in OF_COMPANY}
        case AmendmentKind.ANSWERS:
            current = _answers(registration, delegate, wanted)
    return {name: current.get(name) for name in wanted}


def do(
    registration: Registration,
    kind: AmendmentKind,
    wanted: Mapping[str, Any],
    note: str,
    by: By,
    delegate: Delegate | None = None,
) -> None:
    """Run the verb of `kind` with these values; of data in parts, on top of what stands now.

    Raises what the verb raises: seats and delegates have their own refusals.
    """
    match kind:
        case AmendmentKind.ADD:
            _refuse_floods(wanted, by)
            delegates.add(registration, _data(wanted), by, invited=bool(wanted.get(BY_MAIL)))
        case AmendmentKind.COMPANY:
            data = {name: getattr(registration, name) for name in OF_COMPANY} | dict(wanted)
            registrations.change_company(registration, CompanyData(**data), by)
        case AmendmentKind.ANSWERS:
            answers.save(registration, delegate, dict(wanted), by)
        case _ if delegate is None:
            raise ValueError(f"{kind} needs a delegate")
        case AmendmentKind.EDIT:
            data = {name: getattr(delegate, name) for name in OF_DELEGATE} | dict(wanted)
            verb = delegates.fill if by.actor == Actor.DELEGATE else delegates.edit
            verb(delegate, DelegateData(**data), by)
        case AmendmentKind.REPLACE:
            _refuse_floods(wanted, by)
            delegates.replace(delegate, _data(wanted), by, invited=bool(wanted.get(BY_MAIL)))
        case AmendmentKind.WITHDRAW:
            delegates.withdraw(delegate, note, by)


class _TriedOut(Exception):
    """Ends what was only tried."""


def try_out(
    registration: Registration,
    kind: AmendmentKind,
    wanted: Mapping[str, Any],
    note: str,
    by: By,
    delegate: Delegate | None = None,
) -> None:
    """Do it and take it back, so that what cannot be done is refused when it is asked for and not
    weeks later. Raises what the verb raises."""
    try:
        with db.session.begin_nested():
            do(registration, kind, wanted, note, by, delegate)
            raise _TriedOut
    except _TriedOut:
        # What was read inside stands as it was there: a rollback forgets only what was written.
        db.session.expire_all()


def sensitive(trip: Trip, kind: AmendmentKind) -> frozenset[str]:
    """The keys of the trip's sensitive questions; none for what is not about answers."""
    if kind != AmendmentKind.ANSWERS:
        return frozenset()
    return frozenset(q.key for q in questions.of(trip) if q.sensitivity != Sensitivity.PLAIN)


def _answers(
    registration: Registration, delegate: Delegate | None, wanted: Mapping[str, Any]
) -> dict[str, Any]:
    asked = Asked.DELEGATE if delegate else Asked.COMPANY
    of_trip = questions.of(registration.trip, asked=asked)
    if delegate is None:
        given = answers.of_registration(registration)
    else:
        sealed = any(q.key in wanted and q.sensitivity != Sensitivity.PLAIN for q in of_trip)
        given = answers.of_delegate(delegate, private=sealed)
    return {question.key: given.get(question.id) for question in of_trip}


def _data(wanted: Mapping[str, Any]) -> DelegateData:
    given: dict[str, Any] = {name: wanted.get(name) for name in OF_DELEGATE}
    return DelegateData(**given)


def _refuse_floods(wanted: Mapping[str, Any], by: By) -> None:
    """The company's page needs no account: it must not become a way to flood a mailbox."""
    if by.actor == Actor.COMPANY:
        registrations.refuse_floods((wanted["email"],))

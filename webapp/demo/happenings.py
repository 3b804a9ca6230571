"""What happened in the sample tour after its companies applied: answers, scores, a payment, a
colleague who was invited, one who waits, an offer, places that are held. No letter stays."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete

from webapp import clock
from webapp.db import db
from webapp.demo.files import facts
from webapp.demo.registrations import delegate_data
from webapp.domain import (
    answers,
    audits,
    consents,
    criteria,
    delegates,
    held_places,
    payments,
    registrations,
)
from webapp.domain.criteria import Points
from webapp.domain.payments import PaymentData
from webapp.models.basis import Basis
from webapp.models.consent import Purpose
from webapp.models.mail import Mail
from webapp.models.registration import Registration, RegistrationState
from webapp.models.staff import Staff
from webapp.models.trip import Trip

NO_REASON = "Illustrative sample."


def load_happenings(trip: Trip, name: str, organizer: Staff) -> None:
    """Let happen what the data files have for the tour `name`, by the verbs that people have. The
    letters that come of it are taken out again: the samples are as if this were long ago."""
    for registration, said in _said(trip, name):
        _answer(registration, said)
        _change(registration, said)
        _judge(trip, registration, said, organizer)
    for block in facts("held").get(name, []):
        closes = trip.registration_closes_at or clock.now()
        until = clock.wall(closes, trip.zone)
        hold = held_places.Hold(
            block["places"],
            until,
            trip.zone,
            mail_domain=block["mail_domain"],
            note=block["note"],
        )
        held_places.hold(trip, hold, audits.by_staff(organizer))
    db.session.execute(delete(Mail).where(Mail.trip_id == trip.id))


def _said(trip: Trip, name: str) -> Iterator[tuple[Registration, dict[str, Any]]]:
    """The companies of the tour in the order in which the file has them, each with what it says."""
    by_mail = {each.coordinator_email: each for each in registrations.of_trip(trip)}
    for said in facts("registrations")[name]:
        yield by_mail[said["coordinator"]["email"]], said


def _answer(registration: Registration, said: dict[str, Any]) -> None:
    by = audits.by_company(registration)
    if "answers" in said:
        answers.save(registration, None, said["answers"], by)
    by_mail = {each.email: each for each in registration.delegates}
    for each in said["delegates"]:
        delegate = by_mail[each["email"]]
        own = audits.by_delegate(delegate)
        if "answers" in each:
            answers.save(registration, delegate, each["answers"], own)
        if "consents" in each:
            consents.set(delegate, map(Purpose, each["consents"]), delegate.language, own)


def _change(registration: Registration, said: dict[str, Any]) -> None:
    by = audits.by_company(registration)
    for each in said.get("joins", []):
        delegates.add(registration, delegate_data(each), by)
    for email in said.get("invites", []):
        delegates.invite(registration, email, registration.language, by)
    for delegate in registration.delegates:
        delegate.person.basis = Basis.ILLUSTRATIVE


def _judge(trip: Trip, registration: Registration, said: dict[str, Any], organizer: Staff) -> None:
    by = audits.by_staff(organizer)
    if "scores" in said:
        points = zip(criteria.of(trip), said["scores"], strict=True)
        given = {each.id: Points(number, NO_REASON) for each, number in points}
        criteria.score(registration, given, by)
    if "payment" in said:
        paid = said["payment"]
        day = clock.wall(clock.now(), trip.says_deadlines_in).date()
        day -= timedelta(days=paid["days_ago"])
        data = PaymentData(Decimal(paid["amount"]), day, paid["reference"])
        payments.record(registration, data, by)
    if said["state"] == RegistrationState.OFFERED:
        registrations.let_take_turn(registration, by)

"""Every letter the product writes: one function each, put into the outbox of the transaction.

A letter is a folder templates/mail/<letter>/ with subject.txt, body.txt and body.html, and a
function here that names its recipient, its key and its context. Adding one takes just that.
"""

from webapp import addresses
from webapp.mail import outbox
from webapp.mail.message import Attachment, Letter
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed
from webapp.models.mail import Mail
from webapp.models.registration import Registration


def registration_received(registration: Registration) -> Mail | None:
    """To the coordinator: what was sent, and the company's own link."""
    return outbox.put(_to_coordinator("registration_received", registration, version=0))


def registration_decided(registration: Registration) -> Mail | None:
    """To the coordinator: accepted, waiting, declined or cancelled, and why."""
    return outbox.put(
        _to_coordinator("registration_decided", registration, version=registration.decisions)
    )


def delegate_welcome(delegate: Delegate, feed: Feed, sessions: bytes) -> Mail | None:
    """To a delegate: the own link, the feed address, and the sessions so far as a file."""
    address = addresses.feed(feed.token)
    return outbox.put(
        _to_delegate(
            "delegate_welcome",
            delegate,
            version=0,
            context={"feed_address": address, "webcal_address": _webcal(address)},
            attachments=(Attachment("sessions.ics", "text/calendar", sessions),),
        )
    )


def delegate_status(delegate: Delegate, feed: Feed) -> Mail | None:
    """To a delegate: that the company was accepted, waits, or is out.

    With the feed address: whoever was declined before was told to remove the calendar.
    """
    version = delegate.registration.decisions
    context: dict[str, object] = {"feed_address": addresses.feed(feed.token)}
    return outbox.put(_to_delegate("delegate_status", delegate, version=version, context=context))


def _to_coordinator(name: str, registration: Registration, version: int) -> Letter:
    return Letter(
        name=name,
        key=f"{name}:registration-{registration.id}:{version}:{registration.coordinator_email}",
        to_email=registration.coordinator_email,
        to_name=registration.coordinator_name,
        language=registration.language,
        trip_id=registration.trip_id,
        registration_id=registration.id,
        context={
            "registration": registration,
            "trip": registration.trip,
            "company_link": addresses.company(registration.token),
            "trip_link": addresses.trip(registration.trip.slug),
        },
    )


def _to_delegate(
    name: str,
    delegate: Delegate,
    version: int,
    context: dict[str, object] | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> Letter:
    registration = delegate.registration
    return Letter(
        name=name,
        key=f"{name}:delegate-{delegate.id}:{version}:{delegate.email}",
        to_email=delegate.email,
        to_name=delegate.name,
        language=delegate.language,
        trip_id=registration.trip_id,
        registration_id=registration.id,
        context={
            "delegate": delegate,
            "registration": registration,
            "trip": registration.trip,
            "delegate_link": addresses.delegate(delegate.token),
            "agenda_link": addresses.agenda(registration.trip.slug),
            **(context or {}),
        },
        attachments=attachments,
    )


def _webcal(address: str) -> str:
    return "webcal" + address.removeprefix("https").removeprefix("http")

"""Things for tests, made by the product's own verbs where there is one."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from itertools import count
from uuid import UUID, uuid4

from sqlalchemy import select

from webapp import addresses, clock
from webapp.calendars import kept
from webapp.db import Words, db
from webapp.domain import (
    agendas,
    audits,
    charges,
    criteria,
    documents,
    drafts,
    feeds,
    held_places,
    payments,
    prices,
    prospect_lists,
    prospects,
    published,
    questions,
    registrations,
    releases,
    reminders,
    staffs,
)
from webapp.domain.agendas import ItemValues
from webapp.domain.entries import entry
from webapp.domain.instalments import Instalment
from webapp.domain.mailings import drafts as mailing_drafts
from webapp.domain.mailings import files as mailing_files
from webapp.domain.mailings import templates as mailing_templates
from webapp.domain.payments import PaymentData
from webapp.domain.prices import PriceData
from webapp.domain.question_rules import Option, QuestionValues
from webapp.domain.registrations import Application, DelegateData
from webapp.domain.reminders import ReminderValues
from webapp.models.agenda import AgendaItem, ItemKind
from webapp.models.amendment import Amendment, AmendmentKind
from webapp.models.criterion import Criterion
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.draft import Draft
from webapp.models.fee import Charge, FeeBasis, FeeItem, FeeKind, Payment
from webapp.models.held import HeldPlaces
from webapp.models.intake import Intake, IntakeState
from webapp.models.invitation import Invitation
from webapp.models.mail import Mail, MailState
from webapp.models.mailing import Anchor, Mailing, Reminder, ReminderKind
from webapp.models.organization import OrganizationKind
from webapp.models.place import Room, Stop, Venue
from webapp.models.prospect import Prospect
from webapp.models.question import AnswerKind, Asked, Question, Stage
from webapp.models.registration import Registration, RegistrationState
from webapp.models.release import Release
from webapp.models.staff import Role, Staff, TripRole
from webapp.models.track import Track
from webapp.models.trip import Trip, TripState

PASSWORD = "a long enough password"
numbers = count(1)


def make_trip(**values) -> Trip:
    """A tour in Provence that takes registrations now."""
    number = next(numbers)
    now = clock.now()
    given = {
        "slug": f"tour-{number}",
        "title": Words(en=f"Tour {number}", fr=f"Tournée {number}"),
        "summary": Words(en="Five days in the South.", fr="Cinq jours dans le Sud."),
        "state": TripState.ANNOUNCED,
        "starts_on": date(2027, 10, 25),
        "ends_on": date(2027, 10, 29),
        "zone": "Europe/Paris",
        "home_zone": "America/Los_Angeles",
        "registration_opens_at": now - timedelta(days=30),
        "registration_closes_at": now + timedelta(days=30),
        "created_at": now,
        "changed_at": now,
    } | values
    trip = Trip(**given)
    db.session.add(trip)
    db.session.flush()
    feeds.open_public(trip)
    return trip


def make_stop(trip: Trip, **values) -> Stop:
    given = {
        "position": len(trip.stops) + 1,
        "city": "Marseille",
        "country": "FR",
        "zone": "Europe/Paris",
        "starts_on": trip.starts_on,
        "ends_on": trip.ends_on,
    } | values
    stop = Stop(trip_id=trip.id, **given)
    db.session.add(stop)
    db.session.flush()
    db.session.expire(trip, ["stops"])
    return stop


def make_venue(**values) -> Venue:
    given = {
        "name": f"Palais {next(numbers)}",
        "city": "Marseille",
        "country": "FR",
        "zone": "Europe/Paris",
    } | values
    venue = Venue(**given)
    db.session.add(venue)
    db.session.flush()
    return venue


def make_room(venue: Venue, **values) -> Room:
    given = {"name": f"Salle {next(numbers)}", "capacity": 40} | values
    room = Room(venue_id=venue.id, **given)
    db.session.add(room)
    db.session.flush()
    db.session.expire(venue, ["rooms"])
    return room


def make_track(trip: Trip, key: str = "vip") -> Track:
    track = Track(trip_id=trip.id, key=key, name=Words(en=key.upper()), color="plum", position=1)
    db.session.add(track)
    db.session.flush()
    db.session.expire(trip, ["tracks"])
    return track


def item_values(**values) -> ItemValues:
    given = {
        "kind": ItemKind.VISIT,
        "title": Words(en="Visit of the shipyard", fr="Visite du chantier naval"),
        "starts_local": datetime(2027, 10, 26, 9, 0),
        "starts_zone": "Europe/Paris",
        "ends_local": datetime(2027, 10, 26, 10, 30),
        "ends_zone": "Europe/Paris",
    } | values
    return ItemValues(**given)


def make_item(trip: Trip, **values) -> AgendaItem:
    return agendas.add(trip, item_values(**values), audits.SYSTEM)


def publish(trip: Trip) -> Release:
    return releases.publish(trip, audits.SYSTEM)


def delegate_data(number: int = 1, **values) -> DelegateData:
    given = {
        "given_name": "Zoé",
        "family_name": f"O'Brien-Núñez {number}",
        "email": f"zoe{number}-{next(numbers)}@example.com",
        "phone": "+16195550101",
        "job_title": "Head of Sales",
        "language": "en",
    } | values
    return DelegateData(**given)


def application(size: int = 1, **values) -> Application:
    """An application with `size` delegates."""
    number = next(numbers)
    given = {
        "organization_name": f"Blue Wave Sensors {number}",
        "organization_kind": OrganizationKind.COMPANY,
        "country": "US",
        "website": None,
        "coordinator_name": "Ana Coordinator",
        "coordinator_email": f"ana{number}@example.com",
        "coordinator_phone": None,
        "language": "en",
        "objectives": None,
        "delegates": tuple(delegate_data(n) for n in range(1, size + 1)),
        "form_key": uuid4(),
    } | values
    return Application(**given)


def make_registration(
    trip: Trip,
    size: int = 1,
    state: RegistrationState = RegistrationState.SUBMITTED,
    **values,
) -> Registration:
    return registrations.record(trip, application(size, **values), state)


def make_question(trip: Trip, key: str, **values) -> Question:
    """A question of the trip's form, to each delegate with the application unless said otherwise.
    `options` are texts, which are also their values; `after` is a pair: a question, its answers."""
    after, when = values.pop("after", (None, ()))
    options = tuple(Option(Words(en=text), text) for text in values.pop("options", ()))
    given = {
        "stage": Stage.APPLY,
        "asked": Asked.DELEGATE,
        "kind": AnswerKind.TEXT,
        "label": Words(en=f"The {key}?", fr=f"Le {key} ?"),
        "depends_on_id": after.id if after else None,
        "depends_values": tuple(when),
    } | values
    return questions.add(trip, QuestionValues(options=options, **given), audits.SYSTEM, key=key)


def make_held(trip: Trip, places: int = 1, **values) -> HeldPlaces:
    """Places held for a mail domain, unless `values` says for whom, for thirty days."""
    until = (clock.now() + timedelta(days=30)).replace(tzinfo=None)
    given = {"places": places, "until_local": until, "zone": trip.zone}
    if "organization_id" not in values:
        given["mail_domain"] = f"held{next(numbers)}.example"
    return held_places.hold(trip, held_places.Hold(**given | values), audits.SYSTEM)


def make_criterion(trip: Trip, name: str = "Fit", **values) -> Criterion:
    """A criterion of a trip that no company has applied to yet."""
    return criteria.add(trip, criteria.Terms(Words(en=name), **values), audits.SYSTEM)


def make_staff(*, trip: Trip | None = None, role: Role = Role.ORGANIZER) -> Staff:
    """Somebody who runs everything, or has one role on one trip."""
    number = next(numbers)
    staff = staffs.create(
        f"staff{number}@example.org",
        f"Staff {number}",
        PASSWORD,
        audits.SYSTEM,
        runs_everything=trip is None,
    )
    if trip is not None:
        db.session.add(TripRole(staff_id=staff.id, trip_id=trip.id, role=role))
        db.session.flush()
        db.session.expire(staff, ["roles"])
    return staff


def make_intake(trip: Trip, **values) -> Intake:
    """An import that is done, without its sheet."""
    at = clock.now()
    given = {
        "filename": "delegates.csv",
        "storage_key": f"intakes/{next(numbers):040x}",
        "state": IntakeState.DONE,
        "created_at": at,
        "heard_at": at,
        "finished_at": at,
    } | values
    intake = Intake(trip_id=trip.id, **given)
    db.session.add(intake)
    db.session.flush()
    return intake


def utc(*parts: int) -> datetime:
    """An aware instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def make_fees(registration: Registration) -> None:
    """A price of its tour, and a line and a payment of the company."""
    trip = registration.trip
    terms = (Instalment(Decimal(100), days=30),)
    price = PriceData(
        Words(en="Participation", fr="Participation"),
        FeeKind.FEE, FeeBasis.COMPANY, Decimal(1000), Decimal(20), terms,
    )  # fmt: skip
    prices.add(trip.id, price, audits.SYSTEM)
    due_on = clock.now().date() + timedelta(days=30)
    charges.add(
        registration, "An extra night", Decimal(120), Decimal(10), due_on,
        lapses=False, by=audits.SYSTEM,
    )  # fmt: skip
    paid = PaymentData(Decimal(100), clock.now().date() - timedelta(days=1), "Transfer 1")
    payments.record(registration, paid, audits.SYSTEM)


def fee_ids(registration: Registration) -> dict[str, int]:
    """The ids of what `make_fees` made, as addresses name them."""
    of = registration.id
    return {
        "price_id": db.session.scalars(
            select(FeeItem.id).where(FeeItem.trip_id == registration.trip_id)
        ).one(),
        "charge_id": db.session.scalars(
            select(Charge.id).where(Charge.registration_id == of, Charge.fee_item_id.is_(None))
        ).one(),
        "payment_id": db.session.scalars(
            select(Payment.id).where(Payment.registration_id == of)
        ).one(),
    }


def make_draft(trip: Trip) -> Draft:
    """An application form that somebody began."""
    return drafts.save(
        trip.id, f"draft{next(numbers)}@example.com", "Ana", "en", [("organization_name", "Blue")]
    )


def make_prospect(trip: Trip, organization_name: str | None = None) -> Prospect:
    """A company that was invited to apply."""
    number = next(numbers)
    name = organization_name or f"Invited Company {number}"
    asked = prospect_lists.Asked(name, "Ana", f"invited{number}@example.com", "en")
    return prospects.ask(trip, [prospect_lists.Row(1, asked)], "Please come.", audits.SYSTEM)[0]


def make_amendment(registration: Registration) -> Amendment:
    """What a company asked for after the freeze: another first name of its first delegate."""
    delegate = registration.delegates[0]
    amendment = Amendment(
        trip_id=registration.trip_id,
        registration_id=registration.id,
        delegate_id=delegate.id,
        kind=AmendmentKind.EDIT,
        before={"given_name": delegate.given_name},
        wanted={"given_name": "Zoey"},
        asked_by=registration.coordinator_name,
        asked_at=clock.now(),
    )
    db.session.add(amendment)
    db.session.flush()
    return amendment


def make_document(registration: Registration, delegate: Delegate | None = None) -> Document:
    """A file that a company, or one of its delegates, sent."""
    pdf = b"%PDF-1.7\n%%EOF\n"
    return documents.take(registration, delegate, None, "facts.pdf", pdf, audits.SYSTEM)


def make_reminder(trip: Trip, kind: ReminderKind = ReminderKind.PROGRAM, **values) -> Reminder:
    """A reminder that is on: three days before the start at 9:00, unless said otherwise."""
    is_on = values.pop("is_on", True)
    given = {"anchor": Anchor.START, "days": -3, "minute": 9 * 60} | values
    return reminders.add(trip, ReminderValues(kind, **given), audits.SYSTEM, is_on=is_on)


def make_mail(registration: Registration, **values) -> Mail:
    """A letter of the company with its link, written and sent to an address of its own, with a
    calendar file. Its row alone: nothing is put for a worker."""
    number, at = next(numbers), clock.now()
    link, reader = addresses.company(registration.token), f"reader{number}@example.com"
    message = EmailMessage()
    message["From"], message["To"] = "Escale <escale@example.org>", f"Zoé Núñez <{reader}>"
    message["Subject"], message["Message-ID"] = f"Letter {number}", f"<{number}@example.org>"
    message.set_content(f"Your page: {link}\n")
    message.add_alternative(f'<p>Your page: <a href="{link}">{link}</a></p>', subtype="html")
    message.add_attachment("BEGIN:VCALENDAR\r\n", subtype="calendar", filename="sessions.ics")
    given = {
        "key": f"made:{number}",
        "letter": "registration_received",
        "trip_id": registration.trip_id,
        "registration_id": registration.id,
        "facts": {"state": "submitted"},
        "to_email": reader,
        "to_name": "Zoé Núñez",
        "language": "en",
        "subject": f"Letter {number}",
        "message_id": f"<{number}@example.org>",
        "message": bytes(message),
        "state": MailState.SENT,
        "attempts": 1,
        "due_at": at,
        "sent_at": at,
        "created_at": at,
    } | values
    mail = Mail(**given)
    db.session.add(mail)
    db.session.flush()
    return mail


def make_mailing(trip: Trip, **values) -> Mailing:
    """A draft of a message to all delegates, in both languages, unless `values` says otherwise."""
    given = {
        "subject": Words(en="News of {tour}", fr="Nouvelles : {tour}"),
        "body": Words(en="Dear {name},\n\nwelcome.", fr="Bonjour {name},\n\nbienvenue."),
    } | values
    return mailing_drafts.add(trip, mailing_drafts.Content(**given), audits.SYSTEM)


def make_messages(trip: Trip) -> None:
    """A message with a file, and a template."""
    mailing = make_mailing(trip)
    mailing_files.attach(mailing, "map.pdf", b"%PDF-1.7\n%%EOF\n", audits.SYSTEM)
    mailing_templates.keep(trip, mailing, "News", audits.SYSTEM, for_all=False)


def mailing_ids(trip: Trip) -> dict[str, int]:
    """The ids of what `make_messages` made, as addresses name them."""
    mailing = mailing_drafts.of_trip(trip)[0]
    return {
        "mailing_id": mailing.id,
        "file_id": mailing.files[0].id,
        "mailing_template_id": mailing_templates.of_trip(trip)[0].id,
    }


def make_invitation(delegate: Delegate, uid: UUID, **values) -> Invitation:
    """A published session as it was mailed to a delegate, who has not answered."""
    trip = delegate.registration.trip
    item = published.item(trip, uid)
    given = {
        "trip_id": trip.id,
        "delegate_id": delegate.id,
        "uid": uid,
        "email": delegate.email,
        "name": delegate.name,
        "sequence": item.sequence,
        "stamped_at": clock.now(),
        "ends_at": item.ends_at,
        "said": {"entry": kept.facts(entry(trip, item, delegate.language))},
        "created_at": clock.now(),
    } | values
    invitation = Invitation(**given)
    db.session.add(invitation)
    db.session.flush()
    return invitation

"""Every letter in each of its states, put as the product puts it, about one tour."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from tests.factories import (
    application,
    delegate_data,
    make_item,
    make_trip,
    publish,
    utc,
)
from tests.mail import posting
from tests.mail.cases_days import CASES_OF_DAYS
from tests.mail.cases_invitations import CASES_OF_INVITATIONS
from tests.mail.cases_messages import CASES_OF_MESSAGES
from tests.mail.cases_news import CASES_OF_NEWS
from webapp import clock, tokens
from webapp.db import Words, db
from webapp.domain import correspondence, feeds, registrations
from webapp.models.amendment import Amendment, AmendmentKind
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.draft import Draft
from webapp.models.fee import Charge, Payment
from webapp.models.mail import Mail
from webapp.models.prospect import Prospect
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

NOON = utc(2027, 9, 1, 12, 0)
REASONS = {
    "waitlisted": {"en": "All forty places are taken.", "fr": "Les quarante places sont prises."},
    "declined": {
        "en": "This tour is for makers of sensors.",
        "fr": "Cette mission s'adresse aux fabricants de capteurs.",
    },
}
# What may stand in a letter of these and nowhere else.
KEYS = ("the-link-of-the-company", "the-link-of-zoe", "the-link-of-tom", "the-secret-of-the-feed",
        "the-link-of-the-draft", "the-link-of-the-form")  # fmt: skip


def make_tour(**values) -> Trip:
    """A tour with deadlines and one published session."""
    given = {
        "slug": "invest-in-provence-2027",
        "title": Words(en="Invest in Provence", fr="Investir en Provence"),
        "starts_on": date(2027, 10, 30),
        "ends_on": date(2027, 11, 3),
        "registration_closes_at": utc(2027, 9, 15, 15, 0),
        "freezes_at": utc(2027, 10, 15, 16, 0),
        "details_due_at": utc(2027, 10, 1, 22, 0),
        "deadline_zone": "America/Los_Angeles",
        "contact_email": "tours@example.org",
    } | values
    trip = make_trip(**given)
    make_item(trip)
    publish(trip)
    return trip


def make_company(trip: Trip, language: str = "en", **values) -> Registration:
    """A company of two, with links that are the same in every run."""
    people = (
        delegate_data(given_name="Zoé", family_name="Núñez", email="zoe@bluewave.example",
                      job_title="Head of Sales", language=language),
        delegate_data(given_name="Tom", family_name="O'Brien", email="tom@bluewave.example",
                      job_title=None, language=language),
    )  # fmt: skip
    sent = application(
        delegates=people, language=language, organization_name="Blue Wave Sensors",
        coordinator_name="Ana Costa", coordinator_email="ana@bluewave.example", **values,
    )  # fmt: skip
    registration = registrations.record(trip, sent, RegistrationState.SUBMITTED)
    registration.reference = f"WAVE-{2344 + db.session.scalar(select(func.count(Registration.id)))}"
    _key(registration, "the-link-of-the-company")
    for delegate in registration.delegates:
        _key(delegate, f"the-link-of-{delegate.email[:3]}")
    feed = feeds.of_delegate(registration.delegates[0])
    feed.token_sealed = b"the-secret-of-the-feed"
    db.session.flush()
    return registration


def _key(thing: Registration | Delegate | Draft | Prospect, token: str) -> None:
    thing.token_sealed = token.encode()
    thing.token_digest = tokens.digest(tokens.new_token())


Case = Callable[[Registration], Mail]


def coordinator(letter: str, **facts) -> Case:
    return lambda registration: posting.write(letter, registration, **facts)


def delegate(letter: str, **facts) -> Case:
    return lambda registration: posting.write(letter, registration.delegates[0], **facts)


def address(letter: str, email: str, name: str, registration: Registration, **facts) -> Mail:
    assert correspondence.to_address(
        letter, registration.trip, email, name, registration.language, registration.id, **facts
    )
    return posting.written(posting.latest())


def decided(state: str) -> Case:
    def case(registration: Registration) -> Mail:
        reason = REASONS.get(state, {}).get(registration.language)
        return posting.write("registration_decided", registration, state=state, reason=reason)

    return case


def invited(again: bool) -> Case:
    def case(registration: Registration) -> Mail:
        reader = registration.delegates[0]
        reader.given_name = reader.family_name = ""
        reader.invited_at, reader.filled_at = clock.now(), None
        db.session.flush()
        return posting.write("delegate_invited", reader, coordinator="Ana Costa", again=again)

    return case


def changed(registration: Registration) -> Mail:
    changes = [
        {"what": "add", "who": "Tom O'Brien"},
        {"what": "invite", "who": "eva@bluewave.example"},
        {"what": "fill in", "who": "Eva Roux"},
        {"what": "edit", "who": "Zoé Núñez"},
        {"what": "replace", "who": "Tom O'Brien", "instead": "Kim Lee"},
        {"what": "withdraw", "who": "Eva Roux"},
        {"what": "company", "who": "Ana Costa"},
        {"what": "party", "who": None},
    ]
    return posting.write("registration_changed", registration, changes=changes)


def amendment(registration: Registration, kind: AmendmentKind, of: Delegate | None) -> Amendment:
    made = Amendment(
        trip_id=registration.trip_id, registration_id=registration.id, kind=kind, delegate=of,
        before={}, wanted={}, asked_by="Ana Costa", asked_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def amendment_asked(registration: Registration) -> Mail:
    made = amendment(registration, AmendmentKind.REPLACE, registration.delegates[0])
    return address(
        "amendment_asked", "tours@example.org", "", registration,
        kind="replace", amendment_id=made.id,
    )  # fmt: skip


def amendment_decided(*, accepted: bool) -> Case:
    def case(registration: Registration) -> Mail:
        made = amendment(registration, AmendmentKind.ADD, None)
        reason = None if accepted else REASONS["waitlisted"][registration.language]
        return posting.write(
            "amendment_decided", registration, made.id,
            kind="add", accepted=accepted, reason=reason, amendment_id=made.id,
        )  # fmt: skip

    return case


def charge(registration: Registration, **values) -> None:
    given = {
        "registration_id": registration.id,
        "name": Words(en="Participation", fr="Participation"),
        "net": Decimal(1000), "tax_rate": Decimal(20), "tax": Decimal(200),
        "due_on": date(2027, 9, 30), "created_at": clock.now(),
    } | values  # fmt: skip
    db.session.add(Charge(**given))
    db.session.flush()


def fees_due(*, overdue: bool) -> Case:
    def case(registration: Registration) -> Mail:
        charge(registration)
        charge(
            registration, name=Words(en="Hotel, five nights", fr="Hôtel, cinq nuits"),
            due_on=date(2027, 8, 20) if overdue else None, lapses=False,
        )  # fmt: skip
        return posting.write("fees_due", registration)

    return case


def paid(amount: str, *, leaves: bool) -> Case:
    def case(registration: Registration) -> Mail:
        charge(registration, net=Decimal(1000 if leaves else 500), tax=Decimal(0))
        payment = Payment(
            registration_id=registration.id, amount=Decimal(500), received_on=date(2027, 9, 1),
            recorded_at=clock.now(),
        )  # fmt: skip
        db.session.add(payment)
        db.session.flush()
        return posting.write(
            "payment_received", registration, amount=Decimal(amount), currency="EUR"
        )

    return case


def wanted(of: str) -> Case:
    def case(registration: Registration) -> Mail:
        due = registration.trip.details_due_at
        flight = {"label": {"en": "Arrival flight", "fr": "Vol d'arrivée"}, "due_at": due}
        papers = {"label": {"en": "Passport number", "fr": "Numéro de passeport"},
                  "due_at": due - timedelta(days=7)}  # fmt: skip
        if of == "delegate":
            return posting.write(
                "details_wanted", registration.delegates[0], stage="travel", due_at=due,
                lacks=[flight | {"who": None}, papers | {"who": None}],
            )  # fmt: skip
        return posting.write(
            "details_wanted", registration, stage="apply", due_at=None,
            lacks=[
                flight | {"who": "Tom O'Brien"},
                {"label": "NDA.pdf", "who": None, "due_at": None},
            ],
        )  # fmt: skip

    return case


def ended(registration: Registration) -> Mail:
    return address(
        "coordination_ended", "ana@bluewave.example", "Ana Costa", registration,
        to="Kim Lee", registration_id=registration.id,
    )  # fmt: skip


def links(registration: Registration) -> Mail:
    registration.coordinator_email = "ZOE@bluewave.example"
    db.session.flush()
    return address(
        "links_sent", "zoe@bluewave.example", "Zoé Núñez", registration,
        registration_ids=[registration.id], delegate_ids=[d.id for d in registration.delegates],
    )  # fmt: skip


def draft(registration: Registration) -> Mail:
    made = Draft(
        trip_id=registration.trip_id, email="ana@bluewave.example", name="Ana Costa",
        language=registration.language, values=b"[]", saved_at=clock.now(),
    )  # fmt: skip
    _key(made, "the-link-of-the-draft")
    db.session.add(made)
    db.session.flush()
    return address("draft_saved", made.email, made.name, registration, draft_id=made.id)


def prospect(letter: str) -> Case:
    def case(registration: Registration) -> Mail:
        made = Prospect(
            trip_id=registration.trip_id, organization_name="Blue Wave Sensors", name="",
            email=f"ana{registration.id}@bluewave.example", language=registration.language,
            note="We met in San Diego.\nYour sensors are just what the port looks for.",
            asked_at=clock.now(),
        )  # fmt: skip
        _key(made, "the-link-of-the-form")
        db.session.add(made)
        db.session.flush()
        return address(letter, made.email, "", registration, prospect_id=made.id)

    return case


def erased(registration: Registration) -> Mail:
    return address("person_erased", "zoe@bluewave.example", "Zoé Núñez", registration)


def partly_in(registration: Registration) -> Mail:
    """One of two waits, and one was invited and is known by the address alone."""
    zoe, tom = registration.delegates
    tom.state, tom.queued_at = DelegateState.WAITING, clock.now()
    zoe.given_name = zoe.family_name = ""
    db.session.flush()
    return posting.write("registration_received", registration, state="submitted")


CASES: dict[str, Case] = {
    **{
        f"registration_received-{state}": coordinator("registration_received", state=state)
        for state in ("submitted", "accepted", "waitlisted")
    },
    "registration_received-partly": partly_in,
    **{
        f"registration_decided-{state}": decided(state)
        for state in ("submitted", "accepted", "waitlisted", "declined", "cancelled", "offered")
    },
    "registration_changed-one": coordinator(
        "registration_changed", changes=[{"what": "withdraw", "who": "Tom O'Brien"}]
    ),
    "registration_changed-all": changed,
    "place_offered-one": coordinator(
        "place_offered", places=1, asked=1, ends_at=utc(2027, 9, 4, 12, 0)
    ),
    "place_offered-all": coordinator(
        "place_offered", places=2, asked=2, ends_at=utc(2027, 9, 4, 12, 0)
    ),
    "place_offered-some": coordinator(
        "place_offered", places=1, asked=2, ends_at=utc(2027, 9, 4, 12, 0)
    ),
    "place_lapsed-offer": coordinator("place_lapsed", why="offer"),
    "place_lapsed-unpaid": coordinator("place_lapsed", why="unpaid"),
    "place_confirmed": coordinator("place_confirmed"),
    "fees_due-first": fees_due(overdue=False),
    "fees_due-overdue": fees_due(overdue=True),
    "fees_due-nothing": coordinator("fees_due"),
    "payment_received-part": paid("500.00", leaves=True),
    "payment_received-all": paid("500.00", leaves=False),
    "payment_received-back": paid("-120.50", leaves=False),
    "amendment_asked": amendment_asked,
    "amendment_decided-accepted": amendment_decided(accepted=True),
    "amendment_decided-declined": amendment_decided(accepted=False),
    "coordination_handed-by": coordinator("coordination_handed", by="Ben Ray"),
    "coordination_handed-new_link": coordinator("coordination_handed", by=None),
    "coordination_ended": ended,
    "details_wanted-delegate": wanted("delegate"),
    "details_wanted-company": wanted("company"),
    **{
        f"delegate_welcome-{state}": delegate("delegate_welcome", state=state)
        for state in ("submitted", "accepted", "waitlisted")
    },
    "delegate_welcome-waiting": delegate(
        "delegate_welcome", state="accepted", delegate_state="waiting"
    ),
    "delegate_welcome-again": delegate("delegate_welcome", again=True),
    **{
        f"delegate_status-{state}": delegate(
            "delegate_status", state=state, delegate_state="coming"
        )
        for state in (
            "submitted",
            "accepted",
            "waitlisted",
            "declined",
            "cancelled",
            "lapsed",
            "offered",
        )
    },
    "delegate_status-waiting": delegate(
        "delegate_status", state="accepted", delegate_state="waiting"
    ),
    "delegate_in-accepted": delegate("delegate_in", state="accepted"),
    "delegate_in-submitted": delegate("delegate_in", state="submitted"),
    "delegate_invited-first": invited(again=False),
    "delegate_invited-again": invited(again=True),
    "delegate_replaced": delegate("delegate_replaced", by="Kim Lee"),
    "delegate_left-reason": delegate("delegate_left", reason="Zoé moves to another team."),
    "delegate_left": delegate("delegate_left", reason=None),
    "links_sent": links,
    "draft_saved": draft,
    "prospect_asked": prospect("prospect_asked"),
    "prospect_reminded": prospect("prospect_reminded"),
    "person_erased": erased,
    **CASES_OF_DAYS,
    **CASES_OF_INVITATIONS,
    **CASES_OF_MESSAGES,
    **CASES_OF_NEWS,
}

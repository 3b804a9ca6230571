"""Messages of organizers, as the product puts them, for each kind of reader."""

from collections.abc import Callable

from tests.mail import posting
from webapp import clock
from webapp.db import Words, db
from webapp.domain import audits, correspondence
from webapp.domain.mailings import audience, drafts, sending
from webapp.domain.mailings.audience import Audience, ToWhom
from webapp.models.mail import Mail
from webapp.models.mailing import Mailing
from webapp.models.registration import Registration
from webapp.models.staff import Staff

TO_DELEGATES = {
    "en": (
        "{name}, your week in {tour}",
        (
            "Dear {name},\n\nwelcome to {tour} ({dates}).\nYour data are due: {deadline}.\n\n"
            "Bring:\n- an identity document\n- good shoes & a hat\n\n"
            "1. Look at your agenda: {delegate_link}\n2. Tell {coordinator} of {company}\n\n"
            "Public program: {agenda_link}\nSurvey: https://survey.example/a?b=1&c=2\n\n"
            "{{braces}} stay."
        ),
    ),
    "fr": (
        "{name}, votre semaine : {tour}",
        (
            "Bonjour {name},\n\nbienvenue pour {tour} ({dates}).\nVos données : {deadline}.\n\n"
            "À prévoir :\n- une pièce d'identité\n- des chaussures solides & un chapeau\n\n"
            "Votre page : {delegate_link}"
        ),
    ),
}
TO_COORDINATORS = {
    "en": (
        "{company} and {tour}",
        "Dear {coordinator},\n\nplease look at the page of {company}:\n{company_link}\n\nYours",
    ),
    "fr": (
        "{company} et {tour}",
        "Bonjour {coordinator},\n\nvoici la page de {company} :\n{company_link}\n\nCordialement",
    ),
}


def draft(registration: Registration, texts: dict[str, tuple[str, str]], **values) -> Mailing:
    """A draft that says this."""
    content = drafts.Content(
        Words({language: subject for language, (subject, _body) in texts.items()}),
        Words({language: body for language, (_subject, body) in texts.items()}),
        **values,
    )
    return drafts.add(registration.trip, content, audits.SYSTEM)


def message(texts: dict[str, tuple[str, str]], to: ToWhom, *, is_news: bool = False):
    """What the first reader of the company gets."""

    def case(registration: Registration) -> Mail:
        registration.trip.contact_email = "tours@example.org"
        asked = Audience(to, frozenset({registration.organization_id}))
        mailing = draft(registration, texts, audience=asked, is_news=is_news)
        who = next(
            each
            for each in audience.people(registration.trip, asked, per_company=True)
            if each.registration_id == registration.id
        )
        assert correspondence.put([sending.told(registration.trip, mailing, who, None)])
        return posting.written(posting.latest())

    return case


def tested(registration: Registration) -> Mail:
    """A test of it, to a member of staff."""
    mailing = draft(registration, TO_DELEGATES)
    staff = Staff(
        email=f"sam{registration.id}@example.org", name="Sam Staff", password_hash="", active=True,
        language="en", created_at=clock.now(),
    )  # fmt: skip
    db.session.add(staff)
    db.session.flush()
    who = next(
        each
        for each in audience.people(registration.trip, Audience(), per_company=True)
        if each.registration_id == registration.id
    )
    assert sending.test(registration.trip, [who], staff, mailing_id=mailing.id)
    return posting.written(posting.latest())


CASES_OF_MESSAGES: dict[str, Callable[[Registration], Mail]] = {
    "message-delegate": message(TO_DELEGATES, ToWhom.DELEGATES),
    "message-news": message(TO_DELEGATES, ToWhom.DELEGATES, is_news=True),
    "message-coordinator": message(TO_COORDINATORS, ToWhom.COORDINATORS),
    "message_test": tested,
}

"""What a tour's form says and asks: its note, its rules, its fields and its own questions."""

import io
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.blueprints.forms import company_form, field_errors, hidden
from tests.domain import sample_files
from tests.factories import make_question, make_registration, make_trip
from webapp.db import Words, db, transaction
from webapp.domain import answers, documents
from webapp.models.criterion import Criterion
from webapp.models.mail import Mail
from webapp.models.question import AnswerKind, Asked
from webapp.models.registration import Party, Registration, RegistrationState
from webapp.models.trip import Order, Promotion


def address(trip) -> str:
    return f"/trips/{trip.slug}/register"


def send(client, trip, form):
    return client.post(address(trip), data=hidden(client, address(trip)) | form)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_the_note_the_window_with_its_zone_and_the_rules_are_said(client, session):
    with transaction():
        trip = make_trip(
            form_note=Words(en="Bring <business> cards.", fr="Apportez des cartes."),
            deadline_zone="America/Los_Angeles",
            registration_closes_at=datetime(2027, 1, 15, 8, 0, tzinfo=UTC),
            max_delegates=10,
            promotion=Promotion.OFFER,
            offer_hours=48,
            skips_parties=False,
            queue_order=Order.SCORE,
        )
        db.session.add(
            Criterion(trip_id=trip.id, position=1, name=Words(en="Export plan"), weight=2, most=5)
        )
        make_registration(trip, 4)

    page = text(client.get(address(trip)).get_data(as_text=True))

    for words in (
        "Bring &lt;business&gt; cards.",
        "Jan 15, 2027, 12:00 AM (Los Angeles time, UTC\u22128)",
        "6 places are left.",
        "nobody passes it.",
        "48 hours to take it",
        "Export plan up to 10 points",
    ):
        assert words in page


def test_the_form_asks_what_the_tour_wants(client, session):
    with transaction():
        trip = make_trip(
            form_fields={"website": "hidden", "objectives": "required", "phone": "hidden"}
        )
    page = client.get(address(trip)).get_data(as_text=True)

    refused = send(client, trip, company_form(1))
    taken = send(client, trip, company_form(1, objectives="Partners."))

    assert 'name="website"' not in page
    assert "delegates-0-phone" not in page
    assert field_errors(refused.get_data(as_text=True)) == {
        "objectives": "Please fill in this field."
    }
    assert taken.status_code == 303
    assert session.scalars(select(Registration)).one().organization.website is None


def test_a_colleague_who_is_invited_needs_no_name_and_gets_a_letter_to_fill_in_the_rest(
    client, session
):
    with transaction():
        trip = make_trip(form_fields={"job_title": "required"})
    empty = {f"delegates-1-{name}": "" for name in ("given_name", "family_name", "job_title")}
    form = company_form(2) | {"delegates-0-job_title": "Sales"} | empty

    refused = send(client, trip, form)
    taken = send(client, trip, form | {"delegates-1-invited": "y"})

    assert list(field_errors(refused.get_data(as_text=True))) == [
        "delegates-1-given_name",
        "delegates-1-family_name",
        "delegates-1-job_title",
    ]
    assert taken.status_code == 303
    people = session.scalars(select(Registration)).one().delegates
    assert [person.awaits_data for person in people] == [False, True]
    assert [m.letter for m in session.scalars(select(Mail).order_by(Mail.id))] == [
        "registration_received",
        "delegate_welcome",
        "delegate_invited",
    ]


def test_an_invited_colleague_still_needs_an_address(client, session):
    with transaction():
        trip = make_trip()
    form = company_form(1) | {"delegates-0-invited": "y", "delegates-0-email": ""}

    page = send(client, trip, form).get_data(as_text=True)

    assert list(field_errors(page)) == ["delegates-0-email"]


@pytest.mark.parametrize(
    ("party", "state"),
    [("all", RegistrationState.WAITLISTED), ("any", RegistrationState.SUBMITTED)],
)
def test_a_company_waits_as_it_says(client, session, party, state):
    with transaction():
        trip = make_trip(max_delegates=2)
        make_registration(trip, 1)

    sent = send(client, trip, company_form(2, waits_if_full="y", party=party))

    assert sent.status_code == 303
    last = session.scalars(select(Registration).order_by(Registration.id.desc())).first()
    assert (last.state, last.party) == (state, Party(party))


@pytest.fixture
def asking(session):
    """A tour that asks the company whether it exports, and where to only if it does; and each
    delegate for a size."""
    with transaction():
        trip = make_trip()
        company = {"asked": Asked.COMPANY, "required": True}
        exports = make_question(trip, "exports", kind=AnswerKind.YES_NO, **company)
        make_question(trip, "where", after=(exports, ["yes"]), **company)
        make_question(trip, "size", required=True)
        return trip


def answered(**values) -> dict[str, str]:
    given = {"own-q_exports": "yes", "own-q_where": "Japan", "delegates-0-own-q_size": "M"}
    return given | values


def test_the_tours_own_questions_are_asked_and_answered(client, asking, session):
    sent = send(client, asking, company_form(1) | answered())

    assert sent.status_code == 303
    registration = session.scalars(select(Registration)).one()
    of_company = answers.of_registration(registration)
    of_delegate = answers.of_delegate(registration.delegates[0], private=False)
    assert sorted(map(str, of_company.values())) == ["Japan", "True"]
    assert list(of_delegate.values()) == ["M"]


def test_what_is_missing_is_told_and_what_is_not_asked_is_not(client, asking, session):
    nothing = send(client, asking, company_form(1)).get_data(as_text=True)
    no_export = send(
        client, asking, company_form(1) | answered(**{"own-q_exports": "no", "own-q_where": ""})
    )

    assert list(field_errors(nothing)) == ["own-q_exports", "delegates-0-own-q_size"]
    assert "#own-q_exports" in nothing
    assert no_export.status_code == 303


def test_an_invited_colleague_answers_later(client, asking, session):
    form = company_form(1) | answered(**{"delegates-0-own-q_size": ""})

    assert send(client, asking, form | {"delegates-0-invited": "y"}).status_code == 303


def test_answers_survive_a_refused_form_a_removed_row_and_a_draft(client, asking):
    form = company_form(2, country="") | answered(**{"delegates-1-own-q_size": "XL"})

    refused = send(client, asking, form).get_data(as_text=True)
    fewer = send(client, asking, form | {"remove_delegate": "0"}).get_data(as_text=True)
    saved = client.get(send(client, asking, form | {"save_draft": "1"}).location)

    for page in (refused, fewer, saved.get_data(as_text=True)):
        assert 'value="Japan"' in page
        assert 'value="XL"' in page
    assert 'value="M"' not in fewer


def test_the_same_form_sent_twice_keeps_the_first_answers(client, asking, session):
    form = hidden(client, address(asking)) | company_form(1) | answered()
    first = client.post(address(asking), data=form)

    second = client.post(address(asking), data=form | {"own-q_where": "Chile"})

    assert second.location == first.location
    registration = session.scalars(select(Registration)).one()
    assert "Japan" in answers.of_registration(registration).values()


def test_sending_asks_once_for_questions_and_once_for_names_that_a_script_has_not_settled(
    client, session, statements
):
    with transaction():
        trip = make_trip()
    counts = []
    for choice in ("none", ""):
        name = f"Company{choice} of Its Own"
        form = hidden(client, address(trip)) | company_form(3, organization_name=name)
        with statements() as sent:
            answer = client.post(address(trip), data=form | {"says_to_be": choice})
        assert answer.status_code == 303
        counts.append(
            [
                sum(part in one for one in sent)
                for part in (
                    "FROM questions",
                    "FROM organization_aliases \nWHERE organization_aliases.name_key BETWEEN",
                )
            ]
        )

    assert counts == [[1, 0], [1, 1]]


@pytest.mark.parametrize(
    ("data", "most", "words"),
    [
        (b"<script>alert(1)</script>", documents.MOST_BEFORE, "We take PDF, PNG, JPEG"),
        (sample_files.PDF, 10, "its documents may have 20 MB together"),
    ],
)
def test_a_document_that_is_not_taken_is_told_and_nobody_is_registered(
    app, client, session, tmp_path, monkeypatch, data, most, words
):
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)
    monkeypatch.setattr(documents, "MOST_BEFORE", most)
    with transaction():
        trip = make_trip()
        make_question(trip, "facts", kind=AnswerKind.DOCUMENT, asked=Asked.COMPANY)
    page = client.get(address(trip)).get_data(as_text=True)
    [name] = re.findall(r'name="([^"]*q_facts)"', page)

    answer = send(client, trip, company_form(1) | {name: (io.BytesIO(data), "facts.pdf")})

    assert answer.status_code == 422
    assert words in text(answer.get_data(as_text=True))
    assert session.scalars(select(Registration)).all() == []

"""Importing many, as a browser without JavaScript does it."""

import io
import re
from html import unescape

import pytest
from sqlalchemy import func, select

from tasks import intakes as tasks
from tests.blueprints.forms import hidden, sign_in
from tests.domain.sheets.making import xlsx
from tests.factories import make_intake, make_registration, make_staff, make_trip
from webapp.blueprints.registrations import intake_words, merge_words, roster_words
from webapp.db import db, transaction
from webapp.domain import rosters
from webapp.domain.intakes import Why as LeftOut
from webapp.domain.merges import Sign
from webapp.domain.merges import Why as Refused
from webapp.i18n import LANGUAGES, speaking
from webapp.models.delegate import Delegate
from webapp.models.intake import Intake, IntakeState
from webapp.models.mail import Mail
from webapp.models.registration import Registration, RegistrationState

SHEET = (
    "Company;Country;First name;Last name;Email;Phone\n"
    "Blue Wave;FR;Zoé;Núñez;zoe@blue.example;+33 4 91 00 00 00\n"
    "Blue Wave;FR;Max;Lee;max@blue.example;\n"
    "Red Sea;US;;Kim;kim@red.example;\n"
    "Red Sea;US;Ann;Kim;ann@red.example;\n"
)
BYTES = SHEET.encode()


@pytest.fixture
def trip(app, client):
    """A tour, and an organizer of it who is signed in."""
    with transaction():
        trip = make_trip()
        staff = make_staff(trip=trip)
    sign_in(client, staff)
    return trip


def here(trip, path=""):
    return f"/organizer/trips/{trip.slug}/registrations/import{path}"


def send(client, trip, data, name="people.csv"):
    form = hidden(client, here(trip)) | {"file": (io.BytesIO(data), name)}
    return client.post(here(trip, "/upload"), data=form, content_type="multipart/form-data")


def look(client, trip, data=BYTES, **asked):
    """The page of the dry run, and what its form would send."""
    answer = send(client, trip, data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    path = answer.location + "".join(f"&{name}={value}" for name, value in asked.items())
    page = client.get(path)
    assert page.status_code == 200
    return page.get_data(as_text=True), hidden(client, path)


def start(client, trip, **asked):
    _page, form = look(client, trip, **asked)
    answer = client.post(here(trip, "/check"), data=form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def ledger(page):
    found = re.findall(r'<li><span>(.*?)</span><span class="num">(\d+)</span></li>', page)
    return {unescape(name): int(number) for name, number in found}


def test_from_a_sheet_to_delegates_with_links(client, trip):
    page, _form = look(client, trip)
    assert ledger(page) == {
        "Delegates to add": 3,
        "Delegates to change": 0,
        "Unchanged people": 0,
        "Rows left out": 1,
    }
    assert "Row 4, column C (First name): this must be filled in." in page
    assert db.session.scalar(select(func.count(Delegate.id))) == 0

    path = start(client, trip)
    waiting = client.get(path).get_data(as_text=True)
    assert '<progress class="progress" id="done" max="4" value="0">' in waiting
    assert 'hx-trigger="every 1s"' in waiting
    tasks.run()
    done = client.get(path).get_data(as_text=True)

    assert "<progress" not in done
    assert "hx-trigger" not in done
    assert ledger(done)["Delegates added"] == 3
    assert ledger(done)["Companies added: Accepted"] == 2
    assert "Row 4: Something is wrong with this row." in done
    assert db.session.scalar(select(func.count(Mail.id))) == 0
    rows = db.session.scalars(select(Registration).order_by(Registration.id)).all()
    assert [client.get(f"/r/{row.token}").status_code for row in rows] == [200, 200]
    assert [client.get(f"/d/{row.delegates[0].token}").status_code for row in rows] == [200, 200]


def test_the_same_sheet_once_more_has_nothing_to_do(client, trip):
    start(client, trip)
    tasks.run()

    page, form = look(client, trip)

    assert "There is nothing to import" in page
    assert ledger(page)["Unchanged people"] == 3
    answer = client.post(here(trip, "/check"), data=form)
    assert answer.status_code in (303, 422)
    assert db.session.scalar(select(func.count(Intake.id))) == 1


def test_state_and_letters_are_chosen_on_the_page(client, trip):
    start(client, trip, state="submitted", letters="y")
    tasks.run()

    states = db.session.scalars(select(Registration.state)).all()
    assert states == [RegistrationState.SUBMITTED] * 2
    assert db.session.scalar(select(func.count(Mail.id))) == 5


def test_columns_can_be_said_to_be_others(client, trip):
    odd = SHEET.replace("First name", "Vorname").replace("Last name", "Nachname").encode()
    page, _form = look(client, trip, odd)
    assert "No column is chosen for “First name”." in unescape(page)
    columns = dict(enumerate(("company", "country", "given_name", "family_name", "email", "phone")))

    page, _form = look(client, trip, odd, **{f"c{n}": name for n, name in columns.items()})

    assert ledger(page)["Delegates to add"] == 3


def test_a_known_company_is_offered_and_joined_only_when_said(client, trip):
    with transaction():
        known = make_registration(
            trip, organization_name="Blue Wave SAS", country="FR", state=RegistrationState.ACCEPTED
        )
    page, form = look(client, trip)
    assert "It is Blue Wave SAS, which is known" in unescape(page)
    assert form["c0"] == "company"

    start(client, trip, **{"join-0": "1"})
    tasks.run()

    names = [r.organization.name for r in db.session.scalars(select(Registration))]
    assert sorted(names) == ["Blue Wave SAS", "Red Sea"]
    assert len(known.everybody) == 3


def test_who_is_registered_by_another_company_is_named(client, trip):
    start(client, trip)
    tasks.run()

    page, _form = look(client, trip, SHEET.replace("Blue Wave", "Green Hill").encode())

    assert "Row 2: zoe@blue.example is registered for Blue Wave." in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "There is nothing in this sheet."),
        (b"%PDF-1.7", "We read XLSX and CSV files. This is something else."),
        (b"Email,Company\n", "There is nobody under the headers of this sheet."),
        (b"a@x.example\n" * 10_001, "This sheet has too many rows: at most 10000 at once."),
    ],
)
def test_what_is_no_sheet_is_refused_with_the_reason(client, trip, data, words):
    answer = send(client, trip, data)

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_no_file_is_asked_for(client, trip):
    answer = client.post(here(trip, "/upload"), data=hidden(client, here(trip)))

    assert answer.status_code == 422
    assert "Please choose a file." in answer.get_data(as_text=True)


def test_somebody_elses_file_is_not_found(client, trip):
    with transaction():
        other = make_staff(trip=trip)
    location = send(client, trip, SHEET.encode()).location
    client.post("/organizer/sign-out", data=hidden(client, "/organizer/"))
    sign_in(client, other)

    answer = client.get(location)

    assert (answer.status_code, answer.location) == (303, here(trip))


def test_markup_in_a_sheet_is_text(client, trip):
    page, _form = look(client, trip, SHEET.replace("Blue Wave", "<b>Blue</b>").encode())

    assert "<b>Blue</b>" not in page
    assert "&lt;b&gt;Blue&lt;/b&gt;" in page


def test_the_template_is_read_again(client, trip):
    answer = client.get(here(trip, "/template.xlsx"))

    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    header = ["Company", "First name", "Last name", "Email"]
    page, _form = look(client, trip, xlsx([header, ["Blue", "A", "Lee", "a@x.example"]]))
    assert ledger(page)["Delegates to add"] == 1


def test_one_that_failed_says_how_far_it_came(client, trip):
    with transaction():
        failed = make_intake(trip, state=IntakeState.FAILED, total=9, done=4)

    page = client.get(here(trip, f"/{failed.id}")).get_data(as_text=True)

    assert "It failed after 4 of 9 rows." in page
    assert "hx-trigger" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_words_for_everything_that_can_be_wrong(app, language):
    with app.test_request_context(), speaking(language):
        assert set(roster_words.FAULTS) == set(rosters.Fault) - {rosters.Fault.NO_COLUMN}
        assert set(roster_words.TROUBLES) == set(rosters.Trouble)
        assert set(intake_words.WHYS) == set(LeftOut)
        assert set(merge_words.SIGNS) == set(Sign)
        assert set(merge_words.REFUSALS) == set(Refused) - {Refused.STATES, Refused.TOO_MANY}

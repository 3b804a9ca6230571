"""Requests after the freeze as organizers read and decide them."""

from datetime import timedelta

import pytest

from tests.blueprints.forms import hidden, sign_in
from tests.blueprints.test_company import company, page, text_of
from tests.factories import make_staff
from webapp import clock
from webapp.db import transaction
from webapp.domain import amendments, audits, delegates
from webapp.models.amendment import AmendmentKind
from webapp.models.staff import Role


class Desk:
    """A frozen tour, a company with two requests, and who decides."""

    def __init__(self, role: Role = Role.ORGANIZER) -> None:
        self.company = company(size=2, freezes_at=clock.now() - timedelta(hours=1))
        with transaction():
            self.staff = make_staff(trip=self.company.trip, role=role)
            self.ana, self.ben = self.company.delegates
            self.edit = self.ask(AmendmentKind.EDIT, {"given_name": "Anna <b>"}, self.ana)
            self.leave = self.ask(AmendmentKind.WITHDRAW, {"state": "withdrawn"}, self.ben)

    def ask(self, kind, wanted, delegate):
        by = audits.by_company(self.company)
        return amendments.do_or_ask(self.company, kind, wanted, "because", by, delegate)

    @property
    def path(self) -> str:
        return f"/organizer/trips/{self.company.trip.slug}/registrations/requests"

    def send(self, client, path: str = "", **form):
        return client.post(self.path + path, data=hidden(client, self.path + path) | form)

    @property
    def states(self) -> tuple[str, str]:
        return self.edit.state.value, self.leave.state.value


@pytest.fixture
def desk(client, session):
    made = Desk()
    sign_in(client, made.staff)
    return made


def test_the_list_says_of_whom_what_and_why(client, desk):
    text = page(client, desk.path)

    assert f"Other data of a delegate: {desk.ana.name}" in text
    assert f"{desk.ben.name} does not come" in text
    assert "First name Zoé → Anna <b>" in text
    assert "because" in text
    assert "Anna <b>" not in client.get(desk.path).get_data(as_text=True)


def test_one_is_agreed_to_and_done(client, desk):
    answer = desk.send(client, f"/{desk.edit.id}", decision="accept", reason="fine")

    assert answer.status_code == 303
    assert (desk.ana.given_name, desk.states) == ("Anna <b>", ("accepted", "open"))
    assert "The organizers say: fine" in page(client, f"/r/{desk.company.token}")


def test_one_is_declined_with_a_reason_only(client, desk):
    path = f"/{desk.leave.id}"

    answer = desk.send(client, path, decision="decline", reason=" ")
    assert (answer.status_code, desk.states) == (422, ("open", "open"))
    assert "Please give a reason" in text_of(answer)

    desk.send(client, path, decision="decline", reason="the hotel is paid")
    assert desk.states == ("open", "declined")


def test_many_are_decided_at_once(client, desk):
    ids = [str(desk.edit.id), str(desk.leave.id)]

    answer = desk.send(client, amendments=ids, decision="accept", reason="")

    assert (answer.status_code, desk.states) == (303, ("accepted", "accepted"))
    assert "2 requests are decided." in page(client, desk.path)
    assert [d.given_name for d in desk.company.delegates] == ["Anna <b>"]


def test_what_cannot_be_done_is_said_and_the_others_are(client, desk):
    with transaction():
        delegates.withdraw(desk.ana, "", audits.SYSTEM)
    ids = [str(desk.edit.id), str(desk.leave.id), "999999", "x"]

    desk.send(client, amendments=ids, decision="accept", reason="")

    assert desk.states == ("open", "open")
    text = page(client, desk.path)
    assert "no longer part of the tour" in text
    assert "This is the last delegate of the company." in text


@pytest.mark.parametrize("form", [{"decision": "accept"}, {}])
def test_nothing_ticked_is_told(client, desk, form):
    answer = desk.send(client, **form)

    assert (answer.status_code, desk.states) == (422, ("open", "open"))


def test_a_button_that_is_not_there_decides_nothing(client, desk):
    answer = desk.send(client, f"/{desk.edit.id}", decision="nonsense", reason="x")

    assert (answer.status_code, desk.states) == (400, ("open", "open"))


def test_decided_twice_is_told(client, desk):
    path = f"/{desk.edit.id}"
    kept = hidden(client, desk.path + path) | {"decision": "accept"}

    codes = [client.post(desk.path + path, data=kept).status_code for _twice in range(2)]

    assert codes == [303, 422]
    assert desk.states == ("accepted", "open")


def test_a_reader_looks_only(client, session):
    desk = Desk(Role.READER)
    sign_in(client, desk.staff)

    assert "Decline" not in client.get(desk.path).get_data(as_text=True)
    form = hidden(client, "/organizer/") | {"decision": "accept"}
    for path in ("", f"/{desk.edit.id}"):
        assert client.post(desk.path + path, data=form).status_code == 404

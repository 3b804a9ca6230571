"""Sending, reading and deleting documents by the pages: who may, and what a browser makes of it."""

import io

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.domain import sample_files as made
from tests.factories import make_registration, make_staff, make_trip
from webapp.blueprints import uploads
from webapp.db import Words, db, transaction
from webapp.domain import audits, documents, staffs
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity, Stage
from webapp.models.staff import Role


@pytest.fixture(autouse=True)
def _files(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)


@pytest.fixture
def registration(session):
    with transaction():
        found = make_registration(make_trip(), 2)
        for key, sensitivity in (("passport", Sensitivity.TRAVEL), ("cv", Sensitivity.PLAIN)):
            session.add(
                Question(
                    trip_id=found.trip_id,
                    key=key,
                    position=1,
                    stage=Stage.APPLY,
                    asked=Asked.DELEGATE,
                    kind=AnswerKind.DOCUMENT,
                    label=Words(en=f"Your {key}", fr=f"Votre {key}"),
                    sensitivity=sensitivity,
                )
            )
    return found


def send(client, path, data=made.PDF, name="Our facts.pdf", **fields):
    """Fill in the form of the page, and send it whole: the client would leave large ones in files
    that nobody closes."""
    form = hidden(client, path) | fields
    file = {"file": FileStorage(io.BytesIO(data), name)} if data is not None else {}
    boundary, body = encode_multipart(form | file)
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(path, data=body, content_type=kind)


def question(registration, key):
    rows = db.session.query(Question).filter_by(trip_id=registration.trip_id, key=key)
    return rows.one()


def passport(registration):
    """A sensitive document of the first delegate."""
    me = registration.delegates[0]
    with transaction():
        return documents.take(
            registration, me, question(registration, "passport"), "my pass.pdf", made.PDF,
            audits.by_delegate(me),
        )  # fmt: skip


def test_a_company_sends_reads_and_deletes_a_document(client, registration):
    path = f"/r/{registration.token}/documents"
    assert send(client, path).status_code == 303

    [document] = documents.of_company(registration)
    page = client.get(path).get_data(as_text=True)
    assert "Our facts.pdf" in page
    answer = client.get(f"{path}/{document.id}")
    assert answer.data == made.PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Our facts.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    address = f"{path}/{document.id}"
    gone = client.post(f"{address}/delete", data=hidden(client, path))
    assert gone.status_code == 303
    assert client.get(address).status_code == 404


def test_who_is_not_accepted_is_told_when_it_is_too_much(client, registration, monkeypatch):
    monkeypatch.setattr(documents, "MOST_BEFORE", len(made.PDF) - 1)

    answer = send(client, f"/r/{registration.token}/documents")

    assert answer.status_code == 422
    assert field_errors(answer.get_data(as_text=True)) == {
        "file": "Until the company is accepted, its documents may have 20 MB together. Please "
        "delete one first."
    }


def test_a_file_is_served_as_what_it_is_not_as_what_it_is_called(client, registration):
    path = f"/r/{registration.token}/documents"
    send(client, path, made.png(), "Été.html")

    [document] = documents.of_company(registration)
    answer = client.get(f"{path}/{document.id}")

    assert answer.headers["Content-Type"] == "image/png"
    disposition = answer.headers["Content-Disposition"]
    assert (
        disposition == "attachment; filename=Ete.html.png; filename*=UTF-8''%C3%89t%C3%A9.html.png"
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "Please choose a file."),
        (b"", "This file is empty."),
        (b"<script>alert(1)</script>", "We take PDF, PNG, JPEG, DOCX, XLSX and ODT"),
        (made.PDF + b" " * documents.LARGEST, "This file is too large: 5 MB at most."),
        (made.docx(more={"word/vbaProject.bin": b"x"}), "This file holds macros"),
    ],
)
def test_what_is_not_taken_is_said_beside_the_field(client, registration, data, words):
    answer = send(client, f"/r/{registration.token}/documents", data)

    assert answer.status_code == 422, answer.get_data(as_text=True)
    assert field_errors(answer.get_data(as_text=True))["file"].startswith(words)
    assert documents.of_company(registration) == []


def test_only_addresses_that_take_files_take_much(app, client, registration):
    whole = made.PDF.replace(b"endobj", b"endobj" + b" " * (documents.LARGEST - len(made.PDF)))
    assert send(client, f"/r/{registration.token}/documents", whole).status_code == 303
    far = send(client, f"/r/{registration.token}/documents", b" " * (uploads.ONE + 1))
    assert far.status_code == 413
    other = client.post(f"/r/{registration.token}/cancel", data={"reason": "x" * len(whole)})
    assert other.status_code == 413
    assert set(uploads.LIMITS) <= {rule.endpoint for rule in app.url_map.iter_rules()}


def test_a_delegate_answers_a_question_with_a_file(client, registration):
    me = registration.delegates[0]
    path = f"/d/{me.token}/documents"
    asked = question(registration, "passport")

    assert send(client, path, question=str(asked.id)).status_code == 303
    assert send(client, path, question="999999").status_code == 422

    [document] = documents.of_delegate(me)
    assert (document.question_id, documents.is_sensitive(document)) == (asked.id, True)
    assert client.get(f"{path}/{document.id}").data == made.PDF


def test_what_a_delegate_sent_is_neither_the_companys_nor_a_colleagues(client, registration):
    document = passport(registration)
    other = make_registration(registration.trip, 1)
    db.session.commit()

    for path in (
        f"/r/{registration.token}",
        f"/d/{registration.delegates[1].token}",
        f"/r/{other.token}",
        f"/d/{other.delegates[0].token}",
    ):
        assert client.get(f"{path}/documents/{document.id}").status_code == 404
        form = hidden(client, f"{path}/documents")
        answer = client.post(f"{path}/documents/{document.id}/delete", data=form)
        assert answer.status_code == 404
        assert "my pass" not in client.get(f"{path}/documents").get_data(as_text=True)


def test_a_sensitive_document_is_opened_by_few_and_each_time_is_told(client, registration):
    document = passport(registration)
    with transaction():
        staff = make_staff(trip=registration.trip)
    sign_in(client, staff)
    path = f"/organizer/trips/{registration.trip.slug}/registrations/{registration.id}/documents"

    page = client.get(path).get_data(as_text=True)
    assert "Sealed document" in page
    assert "my pass" not in page
    form = hidden(client, path)
    assert client.get(f"{path}/{document.id}").status_code == 404
    assert client.post(f"{path}/{document.id}/open", data=form).status_code == 404

    with transaction():
        staffs.let_see_private(staff, registration.trip, True, audits.SYSTEM)
    assert "my pass.pdf" in client.get(path).get_data(as_text=True)
    assert client.get(f"{path}/{document.id}").status_code == 404  # a look is a deed
    assert client.post(f"{path}/{document.id}/open", data=form).data == made.PDF
    looks = [e for e in audits.of(document) if e.action == "look"]
    assert [e.staff_id for e in looks] == [staff.id]
    assert "my pass" not in str(looks[0].after)


def test_an_organizer_keeps_what_came_by_another_way(client, registration):
    with transaction():
        staff = make_staff(trip=registration.trip)
    sign_in(client, staff)
    path = f"/organizer/trips/{registration.trip.slug}/registrations/{registration.id}/documents"
    me = registration.delegates[0]

    sent = send(client, path, whose=str(me.id), question=str(question(registration, "cv").id))
    assert sent.status_code == 303
    assert send(client, path, question=str(question(registration, "cv").id)).status_code == 422

    [document] = documents.of_delegate(me)
    assert client.get(f"{path}/{document.id}").data == made.PDF
    assert audits.of(document)[0].staff_id == staff.id


def test_a_reader_looks_and_keeps_nothing(client, registration):
    with transaction():
        staff = make_staff(trip=registration.trip, role=Role.READER)
    sign_in(client, staff)
    path = f"/organizer/trips/{registration.trip.slug}/registrations/{registration.id}/documents"

    assert client.get(path).status_code == 200
    form = hidden(client, "/organizer/")
    assert client.post(path, data=form).status_code == 404

"""Documents: what is taken, what it is called, where it lies, and its end."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.domain import sample_files as made
from tests.factories import make_registration, make_trip
from webapp import clock, storage
from webapp.db import Words, transaction
from webapp.domain import audits, documents, media, registrations
from webapp.domain.media import Kind
from webapp.models.document import Document
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity, Stage
from webapp.models.registration import RegistrationState


@pytest.fixture
def folder(app, tmp_path, monkeypatch) -> Path:
    """Where the files of the test lie."""
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)
    return tmp_path / "files" / "documents"


@pytest.fixture
def registration(session, folder):
    with transaction():
        return make_registration(make_trip(), 2)


def question(session, trip, asked=Asked.COMPANY, sensitivity=Sensitivity.PLAIN, **values):
    given = {
        "key": f"q{asked}{sensitivity}",
        "position": 1,
        "stage": Stage.APPLY,
        "kind": AnswerKind.DOCUMENT,
        "label": Words(en="Statement"),
    } | values
    found = Question(trip_id=trip.id, asked=asked, sensitivity=sensitivity, **given)
    session.add(found)
    session.flush()
    return found


def take(registration, delegate=None, asked=None, name="Facts.pdf", data=made.PDF):
    return documents.take(registration, delegate, asked, name, data, audits.SYSTEM)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*"))


def test_it_is_kept_sealed_and_read_back_as_it_was_sent(registration, folder):
    with transaction():
        document = take(registration, name="C:\\fakepath\\Our facts.PDF")

    (path,) = files(folder)
    assert (document.filename, document.media_type) == ("Our facts.pdf", "application/pdf")
    assert (document.size, document.storage_key) == (len(made.PDF), f"documents/{path.name}")
    assert made.PDF not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert documents.open(document) == made.PDF
    [entry] = audits.of(document)
    assert (entry.action, entry.after) == (
        "upload",
        {
            "question": None,
            "delegate": None,
            "media_type": "application/pdf",
            "size": len(made.PDF),
        },
    )


def test_a_transaction_that_is_undone_leaves_no_file(registration, folder):
    with pytest.raises(RuntimeError), transaction():  # noqa: PT012
        take(registration)
        assert len(files(folder)) == 1
        raise RuntimeError

    assert files(folder) == []


def test_a_document_goes_with_its_file_once_that_is_committed(session, registration, folder):
    with transaction():
        document = take(registration)
    with pytest.raises(RuntimeError), transaction():  # noqa: PT012
        documents.remove(document, audits.SYSTEM)
        raise RuntimeError
    assert len(files(folder)) == 1

    with transaction():
        documents.remove(session.scalars(select(Document)).one(), audits.SYSTEM)

    assert files(folder) == []
    assert session.scalars(select(Document)).all() == []


def test_what_a_savepoint_took_back_is_not_deleted(session, registration, folder):
    with transaction():
        document = take(registration)
    with transaction():
        undone = session.begin_nested()
        documents.remove(document, audits.SYSTEM)
        undone.rollback()

    assert documents.open(session.scalars(select(Document)).one()) == made.PDF


def test_a_file_that_nobody_names_is_swept_when_it_is_old(registration, folder, hold_clock):
    with transaction():
        document = take(registration)
    stray = folder / ("0" * 40)
    stray.write_bytes(b"left by a process that was stopped")

    assert documents.sweep() == 0
    hold_clock(clock.now() + timedelta(hours=2))
    assert documents.sweep() == 1

    assert not stray.exists()
    assert documents.open(document) == made.PDF


def test_the_same_file_again_is_the_one_that_is_there(registration, folder):
    with transaction():
        first = take(registration)
    with transaction():
        again = take(registration, name="renamed.pdf")

    assert again.id == first.id
    assert len(files(folder)) == 1


def test_another_file_for_a_question_takes_the_place_of_the_first(session, registration, folder):
    with transaction():
        asked = question(session, registration.trip)
        take(registration, asked=asked)
        take(registration, data=made.png())
        take(registration, asked=asked, data=made.docx())

    there = documents.of_company(registration)
    assert [(d.media_type.rpartition(".")[2], d.question_id) for d in there] == [
        ("image/png", None),
        ("document", asked.id),
    ]
    assert len(files(folder)) == 2


def test_what_is_too_large_or_no_document_is_refused_and_leaves_nothing(registration, folder):
    with pytest.raises(documents.TooLarge), transaction():
        take(registration, data=made.PDF + b" " * documents.LARGEST)
    with pytest.raises(media.KindRefused), transaction():
        take(registration, name="passport.pdf", data=b"<script>alert(1)</script>")

    assert files(folder) == []
    assert documents.of_company(registration) == []


def test_each_holder_and_the_tour_have_a_limit(registration, folder, monkeypatch):
    monkeypatch.setattr(documents, "MOST_EACH", 2)
    delegate = registration.delegates[0]
    with transaction():
        for number in range(2):
            take(registration, delegate, data=made.PDF + b"\n" * number)
        take(registration)
    with pytest.raises(documents.TooMany) as refused, transaction():
        take(registration, delegate, data=made.png())
    assert not refused.value.of_trip
    monkeypatch.setattr(documents, "MOST_OF_TRIP", 3 * len(made.PDF) + 2)
    with pytest.raises(documents.TooMany) as refused, transaction():
        take(registration, registration.delegates[1], data=made.png())
    assert refused.value.of_trip
    assert len(files(folder)) == 3


def test_until_it_is_accepted_a_registration_fills_only_so_much(registration, folder, monkeypatch):
    monkeypatch.setattr(documents, "MOST_BEFORE", 2 * len(made.PDF) + 1)
    delegate = registration.delegates[0]
    with transaction():
        other = make_registration(registration.trip)
        take(registration, delegate)
        take(registration, data=made.PDF + b"\n")
        take(other)
    for state in (RegistrationState.SUBMITTED, RegistrationState.WAITLISTED):
        with transaction():
            registration.state = state
        with pytest.raises(documents.TooMuch), transaction():
            take(registration, registration.delegates[1], data=made.PDF + b"\n" * 2)
    assert len(files(folder)) == 3

    with transaction():
        registration.state = RegistrationState.ACCEPTED
    with transaction():
        assert take(registration, registration.delegates[1]).size == len(made.PDF)


def test_only_a_question_that_wants_a_document_of_them_is_answered(session, registration):
    other = question(session, make_trip())
    theirs = question(session, registration.trip, Asked.DELEGATE)
    words = question(session, registration.trip, key="words", kind=AnswerKind.TEXT)
    old = question(session, registration.trip, key="old", retired_at=clock.now())

    for asked in (other, theirs, words, old):
        with pytest.raises(documents.NotAsked):
            take(registration, asked=asked)
    assert take(registration, registration.delegates[0], theirs).question_id == theirs.id


def test_who_has_no_part_any_more_sends_nothing(session, registration):
    registrations.cancel(registration, "", audits.SYSTEM)
    assert registration.state == RegistrationState.CANCELLED

    with pytest.raises(documents.NoPart):
        take(registration)


def test_it_is_sensitive_as_its_question_is(session, registration):
    delegate = registration.delegates[0]
    passport = question(session, registration.trip, Asked.DELEGATE, Sensitivity.TRAVEL)

    assert documents.is_sensitive(take(registration, delegate, passport))
    assert not documents.is_sensitive(take(registration, delegate))


def test_nobody_finds_the_documents_of_another(session, registration):
    mine = take(registration)
    other = make_registration(registration.trip, 1)

    assert documents.find(registration, mine.id) is mine
    assert documents.find(other, mine.id) is None
    assert documents.of_delegate(registration.delegates[0]) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\boot.ini", "boot.ini.pdf"),
        ("photo.jpg.exe", "photo.jpg.exe.pdf"),
        ("a\r\nContent-Type: text\x00.pdf", "a Content-Type text.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("Été 🚢.pdf", "Été 🚢.pdf"),
        ('say "hi"; $(rm).pdf', "say hi (rm).pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("...", "document.pdf"),
        ("", "document.pdf"),
        ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name_and_says_what_the_file_is(sent, kept):
    assert documents.clean_name(sent, Kind.PDF) == kept


def test_a_jpeg_keeps_no_second_ending():
    assert documents.clean_name("Holiday.JPEG", Kind.JPEG) == "Holiday.jpg"


def test_a_file_that_is_gone_or_sealed_with_another_key_says_so(app, registration, folder):
    with transaction():
        document = take(registration)
    files(folder)[0].write_bytes(b"something else")
    with pytest.raises(storage.FileGone):
        documents.open(document)
    files(folder)[0].unlink()
    with pytest.raises(storage.FileGone):
        documents.open(document)


@pytest.mark.parametrize("key", ["../secret_key", "documents/../../secret_key", "documents/x", ""])
def test_a_key_names_a_file_of_its_folder_and_nothing_else(folder, key):
    with pytest.raises((storage.FileGone, ValueError)):
        storage.get(key)

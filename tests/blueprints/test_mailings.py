"""Messages of organizers, from an empty page to letters on their way, as a browser does it."""

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from tasks import mailings as tasks
from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import make_mailing, make_registration, make_staff, make_trip, utc
from webapp import clock
from webapp.db import Words, db, transaction
from webapp.domain import audits, reminders
from webapp.domain.mailings import describing, drafts, files, sending, templates
from webapp.domain.mailings.terms import Audience
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail, MailState
from webapp.models.mailing import Mailing, MailingState, MailingTemplate
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

NOW = utc(2027, 9, 1, 12, 0)
PDF = b"%PDF-1.7\n%%EOF\n"
TEXT = {
    "subject_en": "News of {tour}", "body_en": "Dear {name},\n\nhello.",
    "subject_fr": "Nouvelles", "body_fr": "Bonjour {name}",
    "to_whom": "delegates", "hold_minutes": "10",
}  # fmt: skip


@pytest.fixture
def trip(session, hold_clock) -> Trip:
    """A tour with a company of two, where the clock stands still."""
    hold_clock(NOW)
    with transaction():
        trip = make_trip()
        make_registration(trip, 2, RegistrationState.ACCEPTED)
        db.session.execute(db.delete(Mail))
        return trip


@pytest.fixture
def pages(client, trip) -> str:
    """Where an organizer who signed in finds the messages."""
    with transaction():
        staff = make_staff(trip=trip)
    sign_in(client, staff)
    return f"/organizer/trips/{trip.slug}/mails/messages"


def write(client, path: str, **values):
    form = hidden(client, path) | TEXT | {"save": "1"} | values
    return client.post(path, data=form, content_type="multipart/form-data")


def only() -> Mailing:
    return db.session.scalars(select(Mailing)).one()


def mails(*states: MailState) -> list[Mail]:
    query = select(Mail).where(Mail.letter == "message").order_by(Mail.id)
    return list(db.session.scalars(query.where(Mail.state.in_(states)) if states else query))


def text(answer) -> str:
    page = answer.get_data(as_text=True)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :])).split())


def test_from_an_empty_page_to_letters_that_are_held_then_undone_then_sent(client, pages):
    answer = write(client, f"{pages}/new", check="1")
    here = f"{pages}/{only().id}"
    assert (answer.status_code, answer.location) == (303, f"{here}/check")

    page = client.get(answer.location)
    assert "2 people would get this message" in text(page)
    assert "Send to 2 people" in text(page)
    answer = client.post(f"{here}/send", data=hidden(client, f"{here}/check"))
    assert (answer.status_code, answer.location) == (303, here)
    assert [m.state for m in mails()] == ["held", "held"]
    assert "Undo: nobody gets it" in text(client.get(here))

    client.post(f"{here}/undo", data=hidden(client, here))
    assert only().state == MailingState.DRAFT
    assert [m.state for m in mails()] == ["cancelled", "cancelled"]

    client.post(f"{here}/send", data=hidden(client, f"{here}/check"))
    client.post(f"{here}/go", data=hidden(client, here))
    assert only().state == MailingState.SENT
    assert len(mails(MailState.WAITING)) == 2
    page = text(client.get(here))
    assert "2 letters have not left yet." in page
    client.post(f"{here}/stop", data=hidden(client, here))
    assert len(mails(MailState.WAITING)) == 0
    assert "2 letters are stopped. 0 had left already." in text(client.get(here))


def test_what_was_typed_is_never_lost(client, pages):
    answer = write(client, f"{pages}/new", hold_minutes="soon", body_en="Long text <b>")

    assert answer.status_code == 422
    assert field_errors(answer.get_data(as_text=True)) == {
        "hold_minutes": "Please give a whole number."
    }
    assert "Long text &lt;b&gt;" in answer.get_data(as_text=True)
    assert write(client, f"{pages}/new", subject_en="", body_en="", body_fr="").status_code == 303
    here = f"{pages}/{only().id}/edit"
    assert write(client, here, body_en="x" * 20_001).status_code == 422
    assert write(client, here, body_en="é😀" * 1000).status_code == 303
    assert only().body["en"] == "é😀" * 1000


@pytest.mark.parametrize(
    ("field", "value"),
    [("to_whom", "all"), ("organization_ids", "999"), ("organization_ids", "9" * 40),
     ("organization_ids", "x"), ("stop_id", "-1"), ("track_id", "99999999999999999999"),
     ("item_uid", "no"), ("day", "2027-13-01"), ("states", "gone"), ("language", "de"),
     ("delegate_states", "withdrawn"), ("hold_minutes", "1441"), ("hold_minutes", ""),
     ("hold_minutes", "9" * 30), ("subject_en", "x" * 181)],
)  # fmt: skip
def test_nonsense_is_refused_beside_its_field(client, pages, field, value):
    answer = write(client, f"{pages}/new", **{field: value})

    assert answer.status_code == 422
    assert db.session.scalars(select(Mailing)).all() == []


def test_files_come_with_the_text_and_go_again(client, pages):
    sent = [(io.BytesIO(PDF), "map.pdf"), (io.BytesIO(b"MZ no"), "virus.exe")]
    answer = write(client, f"{pages}/new", files=sent)

    assert answer.status_code == 422
    assert "virus.exe: We take PDF" in field_errors(answer.get_data(as_text=True))["files"]
    assert "The text is saved." in text(answer)
    mailing = only()
    assert [(f.filename, f.size) for f in mailing.files] == [("map.pdf", len(PDF))]
    file_id, here = mailing.files[0].id, f"{pages}/{mailing.id}"
    answer = client.get(f"{here}/files/{file_id}")
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == "attachment; filename=map.pdf"
    write(client, f"{here}/edit", remove=str(file_id), body_en="Other")
    assert (only().files, only().body["en"]) == ([], "Other")
    assert client.get(f"{here}/files/{file_id}").status_code == 404


def test_a_full_disk_is_said_and_the_text_is_kept(client, pages, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("webapp.storage.os.fsync", full)
    answer = write(client, f"{pages}/new", files=[(io.BytesIO(PDF), "map.pdf")])

    assert answer.status_code == 422
    assert "disk is full" in field_errors(answer.get_data(as_text=True))["files"]
    assert only().subject["en"] == "News of {tour}"


def test_what_keeps_it_from_going_out_is_said_and_it_cannot_be_sent(client, pages, trip):
    with transaction():
        mailing = make_mailing(
            trip, subject=Words(en="S"), body=Words(en="{nmae} {company_link} {name")
        )
        delegate = db.session.scalars(select(Delegate)).first()
        delegate.language = "fr"
        here = f"{pages}/{mailing.id}"

    page = text(client.get(f"{here}/check"))

    assert "{nmae} is no placeholder. Do you mean {name}?" in page
    assert "{company_link} is for coordinators alone" in page
    assert "A brace is opened and not closed: {name" in page
    assert "1 person reads this message in a language that it is not written in (French)." in page
    assert "Send to" not in page
    form = hidden(client, f"{here}/check")
    assert client.post(f"{here}/send", data=form).status_code == 409
    assert mails() == []


@pytest.mark.parametrize(
    "forged",
    [{"number": "1"}, {"number": ""}, {"number": "x" * 99}, {"fingerprint": "0"},
     {"number": "9" * 40}],
)  # fmt: skip
def test_a_list_that_changed_is_shown_again_and_not_sent(client, pages, trip, forged):
    with transaction():
        here = f"{pages}/{make_mailing(trip).id}"
    form = hidden(client, f"{here}/check")

    answer = client.post(f"{here}/send", data=form | forged)

    assert answer.status_code == 409
    assert "It has changed since you looked at it" in text(answer)
    assert mails() == []


def test_somebody_who_registers_meanwhile_is_not_written_to_unseen(client, pages, trip):
    with transaction():
        here = f"{pages}/{make_mailing(trip).id}"
    form = hidden(client, f"{here}/check")
    with transaction():
        make_registration(trip, 1)

    answer = client.post(f"{here}/send", data=form)

    assert answer.status_code == 409
    assert "3 people would get this message" in text(answer)
    assert client.post(f"{here}/send", data=hidden(client, f"{here}/check")).status_code == 303


def test_a_double_click_sends_once(client, pages, trip):
    with transaction():
        here = f"{pages}/{make_mailing(trip).id}"
    form = hidden(client, f"{here}/check")

    first, second = (client.post(f"{here}/send", data=form) for _click in "12")

    assert [first.location, second.location] == [here, here]
    assert len(mails()) == 2


def test_the_previews_hold_nobody_s_key_and_nothing_runs_in_them(client, pages, trip):
    with transaction():
        body = Words(en="<script>alert(1)</script> {delegate_link}", fr="x")
        here = f"{pages}/{make_mailing(trip, body=body).id}"
    page = client.get(f"{here}/check").get_data(as_text=True)
    frames = re.findall(r'<iframe[^>]* src="([^"]*)"', page)
    keys = [each.token for each in db.session.scalars(select(Delegate))]

    assert len(frames) == 2
    for at in frames:
        answer = client.get(unescape(at))
        assert answer.status_code == 200
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert "&lt;script&gt;" in answer.get_data(as_text=True)
        assert not any(key in answer.get_data(as_text=True) + page for key in keys)


def test_a_test_goes_to_who_is_signed_in(client, pages, trip):
    with transaction():
        here = f"{pages}/{make_mailing(trip).id}"

    answer = client.post(f"{here}/test", data=hidden(client, f"{here}/check"))

    assert answer.location == f"{here}/check"
    (mail,) = db.session.scalars(select(Mail))
    assert (mail.letter, mail.mailing_id) == ("message_test", None)
    assert mail.to_email.startswith("staff")


def test_after_thirty_tests_in_an_hour_the_next_has_to_wait(client, pages, trip, hold_clock):
    with transaction():
        here = f"{pages}/{make_mailing(trip).id}"
    form = hidden(client, f"{here}/check")
    for number in range(sending.MOST_TESTS + 2):
        hold_clock(NOW + timedelta(seconds=number))
        client.post(f"{here}/test", data=form)

    found = len(list(db.session.scalars(select(Mail))))
    assert found == sending.MOST_TESTS
    assert "30 test letters within an hour" in client.get(f"{here}/check").get_data(as_text=True)
    hold_clock(clock.now() + timedelta(hours=1, minutes=1))
    client.post(f"{here}/test", data=hidden(client, f"{here}/check"))
    assert len(list(db.session.scalars(select(Mail)))) == found + 1


def test_the_overview_leads_to_the_messages_and_reminders_that_it_tells_of(client, pages, trip):
    by = audits.by_staff(make_staff(trip=trip))
    with transaction():
        kept, gone = make_mailing(trip), make_mailing(trip)
        reminder = reminders.add_usual(trip, by)[0]
        reminders.turn(reminder, by, on=True)
        audits.write(by, kept, "send", trip_id=trip.id, after={"letters": 3})
        audits.write(by, gone, "create", trip_id=trip.id)
        paths = f"{pages}/{kept.id}", f"{pages}/{gone.id}"
        drafts.remove(gone, by)
        reminder_id = reminder.id

    page = client.get(f"/organizer/trips/{trip.slug}/").get_data(as_text=True)
    links = re.findall(r'<a href="([^"]*)"', page[page.index('id="latest"') :])

    assert paths[0] in links
    assert paths[1] not in links
    assert f"/organizer/trips/{trip.slug}/mails/reminders/{reminder_id}" in links
    assert client.get(paths[0]).status_code == 200


def plan(client, here: str, **values):
    form = hidden(client, f"{here}/check") | {"at_zone": "Europe/Paris"} | values
    return client.post(f"{here}/plan", data=form)


def test_it_is_scheduled_on_the_clocks_of_the_tour_and_goes_by_itself(
    client, pages, trip, hold_clock
):
    with transaction():
        here = f"{pages}/{make_mailing(trip).id}"
    assert plan(client, here, at_local="2027-09-01T14:00").status_code == 422  # now
    assert plan(client, here, at_local="").status_code == 422
    assert plan(client, here, at_local="2027-09-02T08:00", at_zone="Paris").status_code == 422
    assert plan(client, here, at_local="2028-03-26T02:30").status_code == 422  # skipped
    twice = plan(client, here, at_local="2027-10-31T02:30")
    assert (twice.status_code, "Which of the two?" in text(twice)) == (422, True)

    assert plan(client, here, at_local="2027-10-31T02:30", at_fold="1").status_code == 303
    assert (only().state, only().planned_for) == ("scheduled", utc(2027, 10, 31, 1, 30))
    assert "Oct 31, 2027, 2:30 AM (Paris time, UTC+1)" in text(client.get(here))
    client.post(f"{here}/unplan", data=hidden(client, here))
    assert plan(client, here, at_local="2027-09-01T15:00").status_code == 303
    tasks.put_due()
    assert mails() == []
    hold_clock(NOW + timedelta(hours=1, minutes=1))
    tasks.put_due()
    assert (only().state, len(mails(MailState.WAITING))) == ("sent", 2)


def test_one_that_fails_keeps_its_problem_and_no_other_waiting(client, pages, trip, hold_clock):
    with transaction():
        bad, good = make_mailing(trip), make_mailing(trip)
        ids = bad.id, good.id
    for each in ids:
        assert plan(client, f"{pages}/{each}", at_local="2027-09-01T15:00").status_code == 303
    with transaction():
        db.session.get(Mailing, ids[0]).body = Words(en="{x", fr="{x")
    hold_clock(NOW + timedelta(hours=1, minutes=1))

    tasks.put_due()

    assert [db.session.get(Mailing, each).state for each in ids] == ["scheduled", "sent"]
    page = text(client.get(f"{pages}/{ids[0]}"))
    assert "It did not go out: something has to be mended first." in page
    assert "A brace is opened and not closed" in page
    assert "Did not go out" in text(client.get(pages))


def test_templates_and_copies(client, pages, trip):
    with transaction():
        mailing = make_mailing(trip)
        files.attach(mailing, "map.pdf", PDF, audits.SYSTEM)
        here = f"{pages}/{mailing.id}"
    form = hidden(client, here)
    assert client.post(f"{here}/template", data=form | {"name": " "}).status_code == 422
    client.post(f"{here}/template", data=form | {"name": "Mine", "for_all": "y"})
    (template,) = db.session.scalars(select(MailingTemplate))
    assert (template.name, template.trip_id) == ("Mine", trip.id)  # not who runs everything

    for start in (f"template={template.id}", f"copy={mailing.id}"):
        page = client.get(f"{pages}/new?{start}").get_data(as_text=True)
        assert "News of {tour}" in page, start
    for start in ("template=999", "copy=x", f"copy={'9' * 30}", "ready=nothing"):
        assert "News of {tour}" not in client.get(f"{pages}/new?{start}").get_data(as_text=True)
    assert "Before you leave" in client.get(f"{pages}/new?ready=welcome").get_data(as_text=True)
    write(client, f"{pages}/new?copy={mailing.id}", subject_en="The copy")
    copy = db.session.scalars(select(Mailing).order_by(Mailing.id.desc())).first()
    assert (copy.subject["en"], [f.filename for f in copy.files]) == ("The copy", ["map.pdf"])

    at = f"{pages}/templates/{template.id}/delete"
    client.post(at, data=hidden(client, pages))
    assert db.session.scalars(select(MailingTemplate)).all() == []
    client.post(f"{here}/delete", data=hidden(client, here))
    assert client.get(here).status_code == 404


def test_a_template_for_all_is_deleted_by_who_runs_everything(client, pages, trip):
    with transaction():
        mailing = make_mailing(trip)
        found = templates.keep(trip, mailing, "All", audits.SYSTEM, for_all=True)
        at, owner = f"{pages}/templates/{found.id}/delete", make_staff()
    form = hidden(client, pages)

    assert client.post(at, data=form).status_code == 404
    client.post("/organizer/sign-out", data=form)
    sign_in(client, owner)
    assert client.post(at, data=hidden(client, pages)).status_code == 303


def test_the_link_of_a_reader_counts_as_opened_once_it_is(client, trip, hold_clock):
    registration = db.session.scalars(select(Registration)).one()
    delegate, other = registration.delegates
    at = {"r": f"/r/{registration.token}", "d": f"/d/{delegate.token}"}

    assert client.post(f"{at['r']}/cancel").status_code == 400
    assert registration.opened_at is None
    for path in at.values():
        assert client.get(path).status_code == 200
    hold_clock(NOW + timedelta(days=1))
    for path in at.values():
        client.get(path)

    assert (registration.opened_at, delegate.opened_at, other.opened_at) == (NOW, NOW, None)


def test_staff_who_look_at_a_reader_s_page_open_nothing(client, pages, trip):
    registration = db.session.scalars(select(Registration)).one()

    assert client.get(f"/r/{registration.token}").status_code == 200

    db.session.expire_all()
    assert registration.opened_at is None


def test_ten_megabytes_of_text_are_no_error_of_ours(client, pages):
    form = hidden(client, f"{pages}/new") | TEXT
    answer = client.post(f"{pages}/new", data=form | {"body_en": "x" * 10_000_000})
    assert answer.status_code == 422
    nasty = "a\x00b\ud800\u202e😀".encode("utf-8", "surrogatepass")
    assert client.post(f"{pages}/new", data=form | {"body_en": nasty}).status_code == 303
    assert only().body["en"].endswith("😀")


def test_a_company_of_another_tour_is_no_choice_and_is_not_named(client, pages):
    with transaction():
        other = make_registration(make_trip(), 1, organization_name="Secret Harbour")
    here = f"{pages}/new"

    for forged in ({"organization_ids": ["", str(other.organization_id)]}, {"states": [""]},
                   {"organization_ids": [""]}, {"delegate_states": ["", "coming"]}):  # fmt: skip
        assert write(client, here, **forged).status_code == 422
    assert db.session.scalars(select(Mailing)).all() == []


def test_what_an_audience_names_of_another_tour_is_never_said(trip):
    other = make_registration(make_trip(), 1, organization_name="Secret Harbour")
    asked = Audience(organization_ids=frozenset({other.organization_id}))

    assert describing.names(trip, asked).companies == []


def test_a_subject_never_holds_the_key_of_its_reader(client, pages):
    write(client, f"{pages}/new", subject_en="{delegate_link}", check="1")

    page = text(client.get(f"{pages}/{only().id}/check"))

    assert "Subject (English): {delegate_link} is no placeholder." in page


def test_a_file_with_any_name_can_be_downloaded(client, pages):
    named = (io.BytesIO(PDF), "Cœur de Provence 東京.pdf")
    write(client, f"{pages}/new", files=named)

    answer = client.get(f"{pages}/{only().id}/files/{only().files[0].id}")

    said = answer.headers["Content-Disposition"]
    assert answer.data == PDF
    assert said.startswith("attachment; ")
    assert said.isascii()  # the web server refuses an answer whose header is not Latin
    assert "filename*=UTF-8''C%C5%93ur%20de%20Provence%20%E6%9D%B1%E4%BA%AC.pdf" in said
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"

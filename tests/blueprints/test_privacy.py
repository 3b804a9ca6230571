"""Own data by the pages: consents, the copy, erasure, how long it is kept, and who may look."""

import re

import pytest

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import delegate_data, make_registration, make_staff, make_trip
from webapp.db import transaction
from webapp.domain import audits, consents, feeds, privacy, retention, staffs
from webapp.domain.retention import DataKind
from webapp.models.consent import Purpose
from webapp.models.staff import Role


@pytest.fixture(autouse=True)
def _files(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)


@pytest.fixture
def registration(session):
    with transaction():
        return make_registration(make_trip(), 2)


def text(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def agree(client, delegate, *purposes, **fields):
    form = hidden(client, f"/d/{delegate.token}/privacy") | fields
    sent = {**form, "purposes": [purpose.value for purpose in purposes]}
    return client.post(f"/d/{delegate.token}/consents", data=sent)


def test_no_box_is_ticked_beforehand_and_each_is_given_by_itself(client, registration):
    me = registration.delegates[0]
    page = text(client, f"/d/{me.token}/privacy")
    boxes = re.findall(r'<input type="checkbox"[^>]*name="purposes"[^>]*>', page)
    assert len(boxes) == len(Purpose)
    assert [box for box in boxes if "checked" in box] == []

    assert agree(client, me, Purpose.PHOTO).status_code == 303

    assert set(consents.of(me)) == {Purpose.PHOTO}
    page = text(client, f"/d/{me.token}/privacy")
    boxes = re.findall(r'<input type="checkbox"[^>]*name="purposes"[^>]*>', page)
    assert ["photo" in box for box in boxes if "checked" in box] == [True]
    assert agree(client, me).status_code == 303
    assert consents.of(me) == {}
    assert "Taken back" in text(client, f"/d/{me.token}/privacy")


def test_the_words_that_were_read_are_kept_whatever_language_is_spoken_later(client, registration):
    me = registration.delegates[0]
    form = hidden(client, f"/d/{me.token}/privacy?lang=fr")
    client.post(f"/d/{me.token}/consents?lang=en", data={**form, "purposes": [Purpose.LIST.value]})

    consent = consents.of(me)[Purpose.LIST]
    assert (consent.language, consent.wording) == ("fr", consents.wording(Purpose.LIST, "fr"))


def test_words_that_nobody_read_are_not_agreed_to(client, registration):
    me = registration.delegates[0]

    for fields in ({"seen": "0" * 16}, {"seen": ""}, {"language": "fr"}, {"language": "xx"}):
        assert agree(client, me, Purpose.LIST, **fields).status_code == 409
    assert agree(client, me, csrf_token="").status_code == 400
    assert consents.of(me) == {}


def test_the_own_data_are_saved_as_a_file(client, registration):
    me = registration.delegates[0]
    path = f"/d/{me.token}/privacy"

    answer = client.post(f"{path}/export", data=hidden(client, path))

    slug = registration.trip.slug
    assert answer.headers["Content-Disposition"] == f'attachment; filename="my-data-{slug}.html"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    assert me.email in answer.get_data(as_text=True)
    assert audits.of(me)[0].action == "export"
    assert client.get(f"{path}/export").status_code == 405


def test_who_asks_to_be_erased_is_erased_by_an_organizer(client, registration):
    me = registration.delegates[0]
    own, feed = f"/d/{me.token}", feeds.of_delegate(me).token
    assert (
        client.post(f"{own}/privacy/erasure", data=hidden(client, f"{own}/privacy")).status_code
        == 303
    )
    assert "You have asked to be erased" in text(client, f"{own}/privacy")
    with transaction():
        staff = make_staff(trip=registration.trip)
    sign_in(client, staff)
    base = f"/organizer/trips/{registration.trip.slug}/registrations/privacy"
    person = f"{base}/people/{registration.id}/{me.id}"
    page = text(client, base)
    assert "1 person asks to be erased" in page
    assert f'href="{person}"' in page
    assert "asked to be erased" in text(client, person)

    form = hidden(client, person)
    wrong = client.post(person, data=form | {"reason": "asked", "typed": "else@example.com"})
    assert wrong.status_code == 422
    assert set(field_errors(wrong.get_data(as_text=True))) == {"typed"}
    assert client.post(person, data=form | {"typed": me.email}).status_code == 422
    email = me.email
    done = client.post(person, data=form | {"reason": "asked", "typed": email.upper()})

    assert done.status_code == 303
    assert email not in text(client, base)
    for gone in (own, f"{own}/privacy", f"/calendars/{feed}.ics", person):
        assert client.get(gone).status_code == 410, gone


def test_a_coordinator_of_others_is_not_erased_unseen(client, session):
    with transaction():
        mine = make_registration(
            make_trip(),
            delegates=(delegate_data(email="me@example.com"), delegate_data(2)),
            coordinator_email="me@example.com",
        )
        staff = make_staff(trip=mine.trip)
    sign_in(client, staff)
    me = mine.delegates[0]
    path = f"/organizer/trips/{mine.trip.slug}/registrations/privacy/people/{mine.id}/{me.id}"

    form = hidden(client, path) | {"reason": "asked", "typed": me.email}
    answer = client.post(path, data=form)

    assert answer.status_code == 422
    assert mine.reference in field_errors(answer.get_data(as_text=True))["typed"]
    assert me.erased_at is None


def test_a_copy_is_for_those_who_may_read_private_data(client, registration):
    me = registration.delegates[0]
    with transaction():
        staff = make_staff(trip=registration.trip)
    sign_in(client, staff)
    slug = registration.trip.slug
    path = f"/organizer/trips/{slug}/registrations/privacy/people/{registration.id}/{me.id}"
    form = hidden(client, path)
    assert client.post(f"{path}/export", data=form).status_code == 404

    with transaction():
        staffs.let_see_private(staff, registration.trip, True, audits.SYSTEM)
    answer = client.post(f"{path}/export", data=form)

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert [e.staff_id for e in audits.of(me) if e.action == "export"] == [staff.id]


def test_only_who_runs_everything_says_who_may_look(client, registration):
    trip = registration.trip
    with transaction():
        organizer, chief = make_staff(trip=trip), make_staff()
        stranger = make_staff(trip=make_trip())
    base = f"/organizer/trips/{trip.slug}/registrations/privacy"
    sign_in(client, organizer)
    form = hidden(client, base)
    path = f"{base}/staff/{organizer.id}"
    assert client.post(path, data=form | {"allowed": "yes"}).status_code == 404
    assert not organizer.sees_private_on(trip.id)
    client.post("/organizer/sign-out", data=form)
    sign_in(client, chief)

    form = hidden(client, base)
    assert client.post(path, data=form | {"allowed": "yes"}).status_code == 303
    assert organizer.sees_private_on(trip.id)
    [entry] = [e for e in audits.of(organizer) if e.action == "private data"]
    assert (entry.staff_id, entry.trip_id) == (chief.id, trip.id)
    assert client.post(path, data=form | {"allowed": "no"}).status_code == 303
    assert not organizer.sees_private_on(trip.id)
    for other in (stranger.id, chief.id, 10**9):
        refused = client.post(f"{base}/staff/{other}", data=form | {"allowed": "yes"})
        assert refused.status_code == 404


def test_organizers_set_the_days_and_readers_see_them(client, registration):
    trip = registration.trip
    with transaction():
        organizer, reader = make_staff(trip=trip), make_staff(trip=trip, role=Role.READER)
    base = f"/organizer/trips/{trip.slug}/registrations/privacy"
    sign_in(client, organizer)
    days = {kind.value: str(retention.days(trip, kind)) for kind in DataKind}
    form = hidden(client, base) | days

    wrong = client.post(f"{base}/days", data=form | {"health": "-1", "phones": "many"})
    assert wrong.status_code == 422
    assert set(field_errors(wrong.get_data(as_text=True))) == {"health", "phones"}
    assert 'value="many"' in wrong.get_data(as_text=True)
    assert client.post(f"{base}/days", data=form | {"health": "3", "scores": ""}).status_code == 303
    assert trip.retention == {"health": 3}

    client.post("/organizer/sign-out", data=form)
    sign_in(client, reader)
    page = text(client, base)
    assert "Diet, health and mobility" in page
    assert 'name="health"' not in page
    assert client.post(f"{base}/days", data=hidden(client, "/organizer/")).status_code == 404


def test_organizers_see_who_agreed_to_what(client, registration):
    me = registration.delegates[0]
    with transaction():
        consents.set(me, [Purpose.LIST], "en", audits.by_delegate(me))
        staff = make_staff(trip=registration.trip, role=Role.READER)
    sign_in(client, staff)

    page = text(client, f"/organizer/trips/{registration.trip.slug}/registrations/privacy")

    assert "1 of 2" in page
    assert page.count("Yes, since") == 1


def test_a_delegate_reads_until_when_it_is_kept(client, registration):
    me = registration.delegates[0]

    page = text(client, f"/d/{me.token}/privacy")

    assert "Oct 29, 2029" in page  # contacts, two years after the tour
    assert not privacy.has_asked(me)

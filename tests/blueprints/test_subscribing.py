"""Pages that give calendar addresses: how each program takes one, who fetched it, ending it."""

import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.blueprints.forms import hidden
from tests.factories import make_item, make_registration, make_trip, publish
from webapp import addresses
from webapp.db import Words, db, transaction
from webapp.domain import audits, feeds, fetches, registrations
from webapp.models.agenda import Attendance, Audience
from webapp.models.audit import AuditEntry
from webapp.models.feed import Feed
from webapp.models.registration import RegistrationState

GOOGLE = "Google-Calendar-Importer"


class Tour:
    """A published tour with one accepted delegate, who may choose a boat tour."""

    def __init__(self) -> None:
        self.trip = make_trip()
        self.add("Opening", 9)
        self.add("Boat tour", 14, attendance=Attendance.OPTIONAL)
        self.add("Dinner", 20, audience=Audience.DELEGATES)
        self.add("Crisis meeting", 21, audience=Audience.STAFF)
        publish(self.trip)
        self.add("Not published", 22)
        self.company = make_registration(self.trip, 1, RegistrationState.ACCEPTED)
        self.ana = self.company.delegates[0]

    def add(self, title: str, hour: int, **values) -> None:
        at = datetime(2027, 10, 26, hour)
        until = at + timedelta(minutes=50)
        words = Words(en=title, fr=f"{title} (fr)")
        make_item(self.trip, title=words, starts_local=at, ends_local=until, **values)

    def own_page(self, whose: str) -> str:
        return f"/d/{self.ana.token}" if whose == "delegate" else f"/r/{self.company.token}"

    def feed(self, whose: str) -> Feed | None:
        return (
            feeds.of_delegate(self.ana) if whose == "delegate" else feeds.of_company(self.company)
        )


@pytest.fixture
def tour(session):
    with transaction():
        return Tour()


def page(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text.replace("\N{NO-BREAK SPACE}", " "))


def press(client, here: str, path: str, **values) -> list[str]:
    """Press a button of the page `here`; which kinds of messages the next page shows."""
    form = {"csrf_token": hidden(client, here)["csrf_token"], **values}
    answer = client.post(path, data=form)
    assert (answer.status_code, answer.location.partition("#")[0]) == (303, here)
    return re.findall(r'flash flash--(\w+)" role="status"', page(client, here))


def links(text: str, host: str) -> list[str]:
    """The addresses on a page that lead to a host or have a scheme."""
    found = [unescape(each) for each in re.findall(r'href="([^"]*)"', text)]
    return [each for each in found if host in (urlsplit(each).netloc, urlsplit(each).scheme)]


def copied(text: str) -> list[str]:
    """The addresses that stand there to be copied."""
    return re.findall(r'type="text" readonly value="([^"]*)"', text)


def fetch(client, feed: Feed) -> int:
    return client.get(f"/calendars/{feed.token}.ics").status_code


def titles(body: bytes) -> list[str]:
    return [line.decode() for line in re.findall(rb"SUMMARY:(.*?)\r\n", body)]


@pytest.mark.parametrize("whose", ["delegate", "company"])
def test_each_button_leads_where_its_program_understands_it(client, tour, whose):
    """icalendar.md L1, L2, L3: webcal, with webcal inside Google's link, and the plain address."""
    text = page(client, tour.own_page(whose))
    address = addresses.feed(tour.feed(whose).token)
    webcal = address.replace("http://", "webcal://")

    assert copied(text) == [address]
    assert set(links(text, "webcal")) == {webcal}
    [google] = links(text, "calendar.google.com")
    assert google.startswith("https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2F")
    assert parse_qs(urlsplit(google).query) == {"cid": [webcal]}
    for host in ("outlook.live.com", "outlook.office.com"):
        [outlook] = links(text, host)
        assert urlsplit(outlook).path == "/calendar/0/addfromweb"
        assert parse_qs(urlsplit(outlook).query)["url"] == [address]


@pytest.mark.parametrize("whose", ["delegate", "company"])
def test_who_learns_a_secret_address_by_a_button_is_told_beside_it(client, tour, whose):
    """icalendar.md L4, S5: no link takes the secret elsewhere unsaid, and none has a referrer."""
    text = page(client, tour.own_page(whose))
    secret = tour.feed(whose).token

    told = "The button hands your secret address to Google."
    assert text.index(told) < text.index("calendar.google.com")
    assert "The buttons hand your secret address to Microsoft." in text
    for link in re.findall(r"<a [^>]*>", text):
        if secret in link and "webcal:" not in link.partition("?")[0]:
            assert 'rel="noopener noreferrer"' in link
    assert "hands your secret" not in page(client, f"/trips/{tour.trip.slug}/calendar")


def test_each_program_says_how_late_it_is(client, tour):
    """icalendar.md H19."""
    text = page(client, f"/trips/{tour.trip.slug}/calendar")
    found = re.findall(
        r'programs__name">.*?<span>(.*?)</span></h3> '
        r'<p class="programs__late">.*?</span> (.*?)</p>',
        text,
    )

    assert dict(found) == {
        "Apple: iPhone, iPad, Mac": "5 minutes to a week, as you set",
        "Google Calendar": "8 to 24 hours",
        "Outlook on the web, new Outlook": "3 hours and more",
        "Classic Outlook for Windows": "With send and receive, a day at most",
        "Thunderbird": "30 minutes",
        "Android without a computer": "As you set in the app",
        "Nextcloud, Home Assistant, vdirsyncer": (
            "4 hours, as this calendar asks; a day; whenever you run it"
        ),
    }


def test_the_public_calendar_has_an_address_in_each_language(client, tour):
    """icalendar.md H13: one address a language; the one that is read stands first."""
    here = f"/trips/{tour.trip.slug}/calendar"
    english = addresses.public_feed(tour.trip.slug)

    assert copied(page(client, here)) == [english, f"{english}?lang=fr"]
    assert copied(page(client, f"{here}?lang=fr")) == [f"{english}?lang=fr", english]
    assert f'href="{here}"' in page(client, f"/trips/{tour.trip.slug}/agenda?lang=en")


@pytest.mark.parametrize("whose", ["delegate", "company"])
def test_the_page_says_which_program_fetched_it_and_when(client, tour, hold_clock, whose):
    here = tour.own_page(whose)
    assert "No program has fetched it yet." in page(client, here)

    hold_clock(datetime.fromisoformat("2026-11-20T08:30:00+00:00"))
    client.get(f"/calendars/{tour.feed(whose).token}.ics", headers={"User-Agent": GOOGLE})
    with transaction():
        fetches.write()

    text = page(client, here)
    at = '<time datetime="2026-11-20T08:30:00+00:00">Nov 20, 2026, 9:30 AM (Paris time, UTC+1)'
    assert f"Last fetched by Google Calendar: {at}" in text


@pytest.mark.parametrize("whose", ["delegate", "company"])
def test_a_new_address_ends_the_old_one_at_once(client, tour, whose):
    """icalendar.md H14, S3."""
    here, old = tour.own_page(whose), tour.feed(whose)

    assert press(client, here, f"{here}/calendar") == ["success"]

    new = tour.feed(whose)
    assert (fetch(client, old), fetch(client, new)) == (410, 200)
    assert copied(page(client, here)) == [addresses.feed(new.token)]


@pytest.mark.parametrize("whose", ["delegate", "company"])
def test_a_calendar_is_stopped_and_opened_again(client, tour, whose):
    """icalendar.md H14, S3."""
    here, old = tour.own_page(whose), tour.feed(whose)

    assert press(client, here, f"{here}/calendar/stop") == ["success"]
    assert (fetch(client, old), tour.feed(whose)) == (410, None)
    assert copied(page(client, here)) == []
    assert "This calendar is stopped" in page(client, here)
    # What another window still offers does nothing, and says so.
    assert press(client, here, f"{here}/calendar") == ["warning"]
    assert press(client, here, f"{here}/calendar/stop") == ["warning"]
    assert tour.feed(whose) is None

    assert press(client, here, f"{here}/calendar/open") == ["success"]
    new = tour.feed(whose)
    assert (fetch(client, old), fetch(client, new)) == (410, 200)
    assert press(client, here, f"{here}/calendar/open") == ["success"]  # pressed twice: done once
    assert tour.feed(whose).token == new.token
    told = db.session.query(AuditEntry.actor, AuditEntry.action).filter_by(object_kind="feeds")
    assert told.order_by(AuditEntry.id).all() == [(whose, "revoke"), (whose, "open")]


@pytest.mark.parametrize("whose", ["delegate", "company"])
def test_whoever_is_out_gets_no_calendar(client, tour, whose):
    here = tour.own_page(whose)
    form = {"csrf_token": hidden(client, here)["csrf_token"]}
    with transaction():
        registrations.cancel(tour.company, "", audits.SYSTEM)
    before = db.session.query(Feed).count()

    for path in ("", "/stop", "/open"):
        assert client.post(f"{here}/calendar{path}", data=form).status_code == 303

    assert db.session.query(Feed).count() == before
    assert copied(page(client, here)) == []


def test_a_delegate_has_what_may_be_chosen_in_it_when_asked(client, tour):
    """icalendar.md E7: options are TENTATIVE and TRANSPARENT."""
    here, feed = f"/d/{tour.ana.token}", f"/calendars/{feeds.of_delegate(tour.ana).token}.ics"
    assert b"Boat tour" not in client.get(feed).data

    assert press(client, here, f"{here}/calendar/options", wanted="1") == ["success"]
    [boat] = [e for e in client.get(feed).data.split(b"BEGIN:VEVENT") if b"Boat tour" in e]
    assert b"\r\nSTATUS:TENTATIVE\r\n" in boat
    assert b"\r\nTRANSP:TRANSPARENT\r\n" in boat

    assert press(client, here, f"{here}/calendar/options", wanted="0") == ["success"]
    assert b"Boat tour" not in client.get(feed).data


def test_the_whole_agenda_is_one_file_to_download(client, tour):
    """icalendar.md H2, M1, M3: named as a download, without METHOD; nothing but what is public."""
    slug = tour.trip.slug
    path = f"/trips/{slug}/agenda.ics"
    text = page(client, f"/trips/{slug}/agenda")
    label = re.search(rf'<a [^>]*href="{path}">.*?</svg>(.*?)</a>', text)[1]
    assert label == "Download the whole agenda (.ics)"

    answer = client.get(path)

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{slug}.ics"'
    assert titles(answer.data) == ["Opening", "Boat tour"]
    assert b"METHOD" not in answer.data
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert titles(client.get(f"{path}?lang=fr").data) == ["Opening (fr)", "Boat tour (fr)"]


def test_a_delegate_downloads_what_is_theirs(client, tour):
    here = f"/d/{tour.ana.token}"
    assert "Download my agenda (.ics)" in page(client, here)

    answer = client.get(f"{here}/agenda.ics")

    name = f"{tour.trip.slug}-program.ics"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert titles(answer.data)[1:] == ["Opening", "Dinner"]  # after the bar of the whole tour
    assert b"METHOD" not in answer.data

"""What an operator types, and what is said when it is wrong: one line, exit code 2."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.domain.test_invitation_answers import answer
from tests.domain.tripfiles.example import there
from tests.factories import (
    application,
    make_item,
    make_mail,
    make_registration,
    make_staff,
    make_track,
    make_trip,
    make_venue,
    publish,
)
from tests.mail import reports
from tests.mail.test_returns import said
from webapp import clock
from webapp.db import db, transaction
from webapp.demo import files, organizer
from webapp.domain import (
    audits,
    bounces,
    correspondence,
    feeds,
    health,
    invitations,
    registrations,
    staffs,
    trips,
)
from webapp.mail import outbox, replies, returns
from webapp.models.feed import Feed
from webapp.models.invitation import Answer, Invitation
from webapp.models.mail import Mail, MailLane, MailState
from webapp.models.registration import RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.staff import Staff
from webapp.models.trip import Inviting, Trip

COMMANDS = [
    ["demo", "load"],
    ["demo", "links"],
    ["trip", "import"],
    ["trip", "export"],
    ["staff", "create"],
    ["feeds", "rebuild"],
    ["feeds", "check"],
    ["mail", "status"],
    ["mail", "retry"],
    ["mail", "bounce"],
    ["mail", "reply"],
    ["privacy", "purge"],
    ["privacy", "export"],
    ["privacy", "erase"],
    ["staff", "private"],
]


@pytest.fixture
def run(app):
    """`run("demo", "links")` types a command and says its exit code and both its outputs."""
    runner = app.test_cli_runner()

    def typed(*words, given=None):
        result = runner.invoke(args=list(words), input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return typed


def refused(result):
    """The one line that a refusal is, with nothing on standard output."""
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(run, words):
    result = run(*words, "--help")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: webapp {' '.join(words)}")
    assert len(result.stdout.splitlines()) > 4


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_an_option_that_is_none_is_one_line(run, words):
    line = refused(run(*words, "--nonsense"))

    assert line == f"escale: No such option '--nonsense'. (see webapp {' '.join(words)} --help)"


def test_a_command_that_is_none_is_one_line(run):
    line = refused(run("trip", "burn"))

    assert line == "escale: No such command 'burn'. (see webapp trip --help)"


def test_demo_load_asks_before_it_writes_into_a_database_of_your_own(app, run, monkeypatch):
    monkeypatch.setitem(app.config, "EMBEDDED", frozenset())

    line = refused(run("demo", "load"))

    assert line.startswith("escale: DATABASE_URL names a database of your own: add --yes if")
    assert db.session.scalars(select(Trip)).all() == []
    assert run("demo", "load", "--yes").exit_code == 0


def test_demo_load_and_links(app, run, client, monkeypatch):
    monkeypatch.setitem(app.config, "EMBEDDED", frozenset({"database"}))
    assert run("demo", "load").exit_code == 0

    told = json.loads(run("demo", "links", "--json").stdout)

    assert list(told) == ["organizer", "trips"]
    assert told["organizer"]["url"] == f"{app.config['PUBLIC_URL']}/organizer/"
    assert told["organizer"]["email"] == "organizer@escale.example"
    assert told["organizer"]["password"] == organizer.password()
    assert len(told["trips"]) == 4
    for trip in told["trips"]:
        assert list(trip) == [
            "slug",
            "page",
            "agenda",
            "register",
            "feed",
            "item",
            "company",
            "company_feed",
            "delegate",
            "delegate_feed",
        ]
        for name, address in trip.items():
            if name != "slug":
                assert address.startswith(app.config["PUBLIC_URL"] + "/"), name
                answer = client.get(address.removeprefix(app.config["PUBLIC_URL"]))
                assert answer.status_code == 200, address


def test_demo_links_for_people(app, run):
    run("demo", "load", "--yes")

    told = run("demo", "links").stdout

    assert told.startswith(f"organizer      {app.config['PUBLIC_URL']}/organizer/\n")
    assert "\ninvest-in-provence-2017\n  page           " in told


def test_demo_links_before_anything_is_loaded(run):
    told = json.loads(run("demo", "links", "--json").stdout)

    assert told["trips"] == []


def test_trip_export_and_import_say_the_same(run):
    run("demo", "load", "--yes")
    exported = run("trip", "export", "oceanology-2017").stdout

    result = run("trip", "import", "-", given=exported)

    assert result.exit_code == 0
    assert result.stdout.startswith("oceanology-2017: 24 items. ")
    assert run("trip", "export", "oceanology-2017").stdout == exported


def test_trip_import_of_a_file(run, tmp_path):
    path = tmp_path / "tour.json"
    path.write_bytes((files.FOLDER / "oceanology-2017.json").read_bytes())

    assert run("trip", "import", str(path)).exit_code == 0

    trip = there(trips.by_slug("oceanology-2017"))
    assert trip.release is None
    assert len(trip.members) == 18


def test_trip_import_tells_all_faults_in_one_line(run):
    data = json.loads((files.FOLDER / "oceanology-2017.json").read_text())
    data["trip"]["zone"] = "America/San_Diego"
    data["items"][3]["kind"] = "show"

    line = refused(run("trip", "import", "-", given=json.dumps(data)))

    assert line.startswith(
        'escale: <stdin>: $.trip.zone: "America/San_Diego" is no IANA zone: give one such as '
        '"Europe/Paris"; $.items[3].kind: "show" is not known here: use one of briefing, '
    )
    assert trips.by_slug("oceanology-2017") is None


def test_trip_import_counts_what_it_does_not_tell(run):
    data = json.loads((files.FOLDER / "oceanology-2017.json").read_text())
    for item in data["items"]:
        item["kind"] = "show"

    line = refused(run("trip", "import", "-", given=json.dumps(data)))

    assert line.endswith("; and 4 more")


@pytest.mark.parametrize("given", ["", "{", "[]", '{"escale": 2}'])
def test_trip_import_of_nonsense_is_one_line(run, given):
    assert refused(run("trip", "import", "-", given=given)).startswith("escale: <stdin>: $")


def test_trip_import_of_a_file_that_is_not_there(run, tmp_path):
    line = refused(run("trip", "import", str(tmp_path / "none.json")))

    assert "none.json" in line
    assert "No such file" in line


def test_trip_import_of_a_folder(run, tmp_path):
    assert "Is a directory" in refused(run("trip", "import", str(tmp_path)))


def test_trip_export_of_a_trip_that_is_none(run):
    assert refused(run("trip", "export", "atlantis")) == (
        'escale: no trip is called "atlantis"; known: there are none yet'
    )
    make_trip(slug="provence")
    assert refused(run("trip", "export", "atlantis")).endswith("; known: provence")


def test_staff_create_prints_a_password_once(run):
    result = run("staff", "create", "--email", "zoe@example.org", "--name", "Zoé", "--everything")

    password = result.stdout.splitlines()[1].removeprefix("password: ")
    staff = sign_in("zoe@example.org", password)
    assert (staff.name, staff.language, staff.runs_everything) == ("Zoé", "en", True)


def test_staff_create_takes_a_password_from_standard_input(run):
    result = run(
        "staff", "create", "--email", "zoe@example.org", "--name", "Zoé", "--language", "fr",
        "--password-stdin", given="correct horse battery\n",
    )  # fmt: skip

    staff = sign_in("zoe@example.org", "correct horse battery")
    assert (staff.language, staff.runs_everything) == ("fr", False)
    assert "correct horse" not in result.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "escale: Missing option '--email'. (see webapp staff create --help)"),
        (["--email", "zoe", "--name", "Zoé"], "escale: --email: An email address must have an @"),
        (["--email", "z@example.org", "--name", " "], "escale: --name: give 1 to 200 characters"),
        (["--email", "z@example.org", "--name", "x" * 201], "escale: --name: give 1 to 200"),
        (["--email", "z@example.org", "--name", "Z", "--language", "de"], "escale: Invalid value"),
        (
            ["--email", "z@example.org", "--name", "Z", "--password-stdin"],
            "escale: the password is too short: give at least 12 characters",
        ),
    ],
)
def test_staff_create_refuses_in_one_line(run, words, told):
    assert refused(run("staff", "create", *words, given="short\n")).startswith(told)
    assert db.session.scalars(select(Staff)).all() == []


def test_staff_create_refuses_an_address_that_is_taken(run):
    staff = make_staff()

    line = refused(run("staff", "create", "--email", staff.email.upper(), "--name", "Another"))

    assert line.endswith("has an account already")


def sign_in(email, password):
    return there(staffs.sign_in(email, password))


def prepared(trip):
    publish(trip)
    feeds.prepare()
    db.session.expire_all()


def test_feeds_check_finds_nothing_in_good_feeds(run):
    trip = make_trip()
    make_item(trip)
    make_registration(trip)
    prepared(trip)

    result = run("feeds", "check")

    assert (result.exit_code, result.stdout) == (0, "4 prepared feeds, 0 differ\n")


def test_feeds_check_tells_what_differs_and_no_address(run):
    trip = make_trip(slug="provence")
    make_item(trip)
    registration = make_registration(trip)
    prepared(trip)
    feed = feeds.of_company(registration)
    body = feeds.render(feed).replace(b"shipyard", b"shipwreck")
    db.session.execute(update(Feed).where(Feed.id == feed.id).values(body=body))
    db.session.expire_all()

    result = run("feeds", "check")

    assert result.exit_code == 1
    assert (
        f"feed {feed.id}: company of provence, en\n  --- prepared\n  +++ fresh\n" in result.stdout
    )
    assert "  -SUMMARY:Visit of the shipwreck\n  +SUMMARY:Visit of the shipyard\n" in result.stdout
    assert result.stdout.endswith("4 prepared feeds, 1 differ\n")
    assert feed.token not in result.output


def test_feeds_check_looks_at_calendars_of_every_kind(run):
    trip = make_trip(slug="provence")
    item = make_item(trip, host_id=make_registration(trip).organization_id)
    staff, venue = make_staff(), make_venue()
    with transaction():
        made = [
            feeds.open_track(make_track(trip), "en", audits.SYSTEM),
            feeds.open_venue(trip, venue, "fr", audits.SYSTEM),
            feeds.open_host(trip, there(item.host), "en", audits.SYSTEM),
            feeds.open_staff(trip, staff, "en", audits.SYSTEM),
        ]
    ids = [feed.id for feed in made]
    prepared(trip)
    db.session.execute(update(Feed).where(Feed.id.in_(ids)).values(body=b"old"))
    db.session.execute(update(ReleaseItem).values(ends_zone="Nowhere/Atall"))
    db.session.expire_all()

    result = run("feeds", "check")

    assert result.exit_code == 1
    kinds = [line.split(": ")[1].split(" of")[0] for line in result.stdout.splitlines()
             if line.startswith("feed ")]  # fmt: skip
    assert kinds == ["track", "venue", "host", "staff"]
    assert f"session of provence left out: {item.uid}: not a zone" in result.stdout
    assert result.stdout.endswith("8 prepared feeds, 4 differ\n")


def test_feeds_rebuild_mends_what_differs(run):
    trip = make_trip()
    make_item(trip)
    prepared(trip)
    feed = there(feeds.public(trip, "en"))
    stamp = feed.changed_at
    db.session.execute(update(Feed).where(Feed.id == feed.id).values(body=b"old"))
    db.session.expire_all()

    assert run("feeds", "rebuild").stdout == (
        "1 trips had feeds that were not right; all are prepared now\n"
    )

    assert run("feeds", "check").exit_code == 0
    assert there(feeds.public(trip, "en")).changed_at > stamp


def test_feeds_rebuild_leaves_good_feeds_alone(run):
    trip = make_trip()
    make_item(trip)
    prepared(trip)
    stamp = there(feeds.public(trip, "en")).changed_at

    assert run("feeds", "rebuild").stdout == (
        "0 trips had feeds that were not right; all are prepared now\n"
    )
    assert there(feeds.public(trip, "en")).changed_at == stamp


def test_mail_status_of_an_empty_outbox(run):
    assert run("mail", "status").stdout.splitlines() == [
        "waiting         0",
        "held            0",
        "sending         0",
        "sent            0",
        "bounced         0",
        "failed          0",
        "cancelled       0",
        "no letter is due",
        "0 worker processes worked within a minute",
        "0 addresses that mail comes back from",
    ]


def test_mail_status_names_errors_and_no_recipient(run):
    trip = make_trip()
    make_item(trip)
    publish(trip)
    registrations.submit(trip.id, application(2))
    first = there(db.session.scalars(select(Mail).order_by(Mail.id)).first())
    first.become(MailState.SENDING)
    first.become(MailState.FAILED)
    first.last_error = "550 no such\r\nmailbox"
    first.attempts = 1

    lines = run("mail", "status").stdout.splitlines()

    assert lines[0] == "waiting         2"
    assert lines[5] == "failed          1"
    assert lines[7].startswith("the oldest is due since 20")
    assert lines[10] == f"letter {first.id} ({first.letter}), failed, try 1: 550 no such mailbox"
    assert "@" not in "".join(lines)
    assert outbox.counts()[MailState.FAILED] == 1


def test_mail_status_does_not_name_the_people_whose_addresses_servers_repeat(run):
    trip = make_trip()
    publish(trip)
    registrations.submit(trip.id, application(1))
    words = (
        '550 5.1.1 <zoe.nunez+tour@example.com>: "zoe nunez"@example.com unknown',
        "550 zoe_n=example.com@relay.example (zoé@exemple.fr)",
    )
    for mail, error in zip(db.session.scalars(select(Mail)), words, strict=False):
        mail.last_error = error
    lane = {"closed_until": clock.now() + timedelta(minutes=5), "words": "tours@host.example: no"}
    db.session.add(MailLane(name="server", failures=3, changed_at=clock.now(), **lane))
    db.session.commit()

    lines = run("mail", "status").stdout

    assert "550 5.1.1 <...@example.com>: ...@example.com unknown" in lines
    assert "550 ...@relay.example (...@exemple.fr)" in lines
    assert "3 failures: ...@host.example: no" in lines
    assert not re.search(r"(?i)zoe|zoé|nunez|tours@", lines)


def test_mail_status_names_workers_and_ways_that_are_closed(run):
    health.beat("box:17")
    until = clock.now() + timedelta(minutes=5)
    lane = {"failures": 3, "closed_until": until, "words": "connection\nrefused"}
    db.session.add(MailLane(name="server", changed_at=clock.now(), **lane))
    bounces.mark("zoe@example.com", None, "no", None)
    db.session.commit()

    lines = run("mail", "status").stdout.splitlines()

    assert lines[8] == "1 worker processes worked within a minute"
    assert lines[9].startswith("worker box:17 since 20")
    assert lines[10] == (
        f"server: closed until {until:%Y-%m-%d %H:%M:%S} UTC after 3 failures: connection refused"
    )
    assert lines[11] == "1 addresses that mail comes back from"


def test_mail_retry_lets_all_failed_letters_of_a_tour_wait_anew(run):
    mine, other = make_registration(make_trip(), 1), make_registration(make_trip(), 1)
    failed = {"state": MailState.FAILED, "sent_at": None}
    mails = [make_mail(mine, **failed), make_mail(other, **failed), make_mail(mine)]
    gone = make_mail(mine, **failed, message=None, facts=None)
    marked = make_mail(mine, **failed)
    bounces.mark(marked.to_email, None, "no", None)
    db.session.commit()

    def states():
        return [there(db.session.get(Mail, each.id)).state.value for each in (*mails, gone, marked)]

    asked = run("mail", "retry", "--trip", mine.trip.slug, "--dry-run").stdout
    before = states()
    done = run("mail", "retry", "--trip", mine.trip.slug).stdout
    after = states()

    assert asked == "1 failed letters would be sent again\n"
    assert before == ["failed", "failed", "sent", "failed", "failed"]
    assert done == "1 failed letters wait to be sent again\n"
    assert after == ["waiting", "failed", "sent", "failed", "failed"]
    assert run("mail", "retry").stdout == "1 failed letters wait to be sent again\n"
    assert refused(run("mail", "retry", "--trip", "nowhere")) == (
        "escale: --trip: there is no tour 'nowhere'"
    )


def test_the_password_file_is_where_data_is_kept(app, run):
    run("demo", "load", "--yes")

    assert (Path(app.config["DATA_DIR"]) / "demo_organizer_password").is_file()


def test_a_report_from_a_mail_server_s_pipe_is_taken_in(app, run, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_BOUNCES", "bounces@escale.example")
    with transaction():
        correspondence.to_coordinator("place_confirmed", make_registration(make_trip(), 1), 1)
    mail = db.session.query(Mail).one()
    report = said(reports.QMAIL, "list@escale.example")
    envelope = returns.envelope_sender(mail.id)
    with transaction():
        mail.state = MailState.SENDING

    early = run("mail", "bounce", "--recipient", envelope, given=report)
    assert early.exit_code == 75  # a mail server offers it again
    with transaction():
        mail.state = MailState.SENT
    taken = run("mail", "bounce", "--recipient", envelope, given=report)

    assert (taken.exit_code, taken.stdout) == (0, f"taken in for letter {mail.id}\n")
    assert mail.state == MailState.BOUNCED


def test_what_is_no_report_is_done_with(run):
    result = run("mail", "bounce", given=b"\xff\x00 Hello")

    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)


def test_an_answer_from_a_mail_server_s_pipe_is_taken_in(app, run, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_REPLIES", "replies@escale.example")
    with transaction():
        trip = make_trip()
        make_item(trip)
        publish(trip)
        invitations.set_mode(trip, Inviting.ALL, audits.SYSTEM, hold_minutes=0)
        guest = make_registration(trip, 1, RegistrationState.ACCEPTED).delegates[0]
        invitations.reconcile(trip.id)
    row = db.session.query(Invitation).one()
    envelope, clear = replies.organizer(row.id), "From: x@y.example\r\nTo: replies@escale.example"
    given = answer(guest, "DECLINED", clock.now() - timedelta(minutes=1)).replace(
        f"From: Somebody <whoever@elsewhere.example>\r\nTo: {envelope}".encode(), clear.encode()
    )

    assert envelope.encode() not in given
    taken = run("mail", "reply", "--recipient", envelope, given=given)
    assert (taken.exit_code, taken.stdout) == (0, f"taken in for invitation {row.id}\n")
    db.session.expire_all()
    assert row.answer == Answer.DECLINED
    assert run("mail", "reply", "--recipient", envelope, given=given).stdout.startswith("it says")
    junk = run("mail", "reply", given=b"\xff\x00 Hello")
    assert (junk.exit_code, junk.stdout.count("\n")) == (0, 1)

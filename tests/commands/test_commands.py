"""What an operator types, and what is said when it is wrong: one line, exit code 2."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.domain.tripfiles.example import there
from tests.factories import (
    application,
    make_item,
    make_registration,
    make_staff,
    make_trip,
    publish,
)
from webapp.db import db
from webapp.demo import files, organizer
from webapp.domain import feeds, registrations, staffs, trips
from webapp.mail import outbox
from webapp.models.feed import Feed
from webapp.models.mail import Mail, MailState
from webapp.models.staff import Staff
from webapp.models.trip import Trip

COMMANDS = [
    ["demo", "load"],
    ["demo", "links"],
    ["trip", "import"],
    ["trip", "export"],
    ["staff", "create"],
    ["feeds", "rebuild"],
    ["feeds", "check"],
    ["mail", "status"],
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
        "waiting        0",
        "sending        0",
        "sent           0",
        "failed         0",
        "no letter is due",
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

    assert lines[0] == "waiting        2"
    assert lines[3] == "failed         1"
    assert lines[4].startswith("the oldest is due since 20")
    assert lines[5] == f"letter {first.id} ({first.letter}), failed, try 1: 550 no such mailbox"
    assert "@" not in "".join(lines)
    assert outbox.counts()[MailState.FAILED] == 1


def test_the_password_file_is_where_data_is_kept(app, run):
    run("demo", "load", "--yes")

    assert (Path(app.config["DATA_DIR"]) / "demo_organizer_password").is_file()

"""People's data by the command line: what it does, and what it says of bad input."""

import json
import re

import pytest
from sqlalchemy import select

from tests.commands.test_commands import refused, run  # noqa: F401  # a fixture
from tests.factories import delegate_data, make_registration, make_staff, make_trip, utc
from webapp.db import db, transaction
from webapp.domain import audits
from webapp.models.delegate import Delegate
from webapp.models.staff import Role

EMAIL = "oriane@example.com"


@pytest.fixture(autouse=True)
def _files(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)


@pytest.fixture
def oriane(session):
    with transaction():
        mine = make_registration(
            make_trip(), delegates=(delegate_data(email=EMAIL), delegate_data(2))
        )
        return mine.delegates[0]


def test_export_writes_one_file(run, oriane, tmp_path):  # noqa: F811
    path = tmp_path / "oriane.html"

    assert run("privacy", "export", EMAIL.upper(), "--output", str(path)).exit_code == 0

    page = path.read_text()
    assert page.startswith("<!doctype html>")
    data = re.search(r'id="data">(.*?)</script>', page, re.S)
    assert json.loads(data[1])["delegations"][0]["email"] == EMAIL
    assert run("privacy", "export", EMAIL).stdout.startswith("<!doctype html>")
    assert [e.action for e in audits.of(oriane)][:2] == ["export", "export"]


def test_erase_asks_once_more_and_then_does_it(run, oriane):  # noqa: F811
    line = refused(run("privacy", "erase", EMAIL, "--reason", "asked"))
    assert line == "escale: this cannot be taken back: add --yes if it is meant"

    done = run("privacy", "erase", EMAIL, "--reason", "asked", "--yes")

    assert done.stdout.startswith("erased: 1 delegations, 0 coordinations, ")
    assert db.session.scalars(select(Delegate.email).order_by(Delegate.id)).first() == (
        f"erased-d{oriane.id}@erased.invalid"
    )
    again = refused(run("privacy", "erase", EMAIL, "--reason", "asked", "--yes"))
    assert again == f"escale: nothing is held about {EMAIL}"


def test_purge_says_what_it_would_do_and_does_it(run, oriane, hold_clock):  # noqa: F811
    slug = oriane.registration.trip.slug
    assert run("privacy", "purge").stdout == "nothing is over\n"
    hold_clock(utc(2028, 2, 1))

    assert run("privacy", "purge", "--dry-run").stdout == f"{slug}: phones would be purged\n"
    assert oriane.phone is not None
    done = run("privacy", "purge", "--trip", slug)

    assert done.stdout == f"{slug}: phones, 2 purged\n"
    assert oriane.phone is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["purge", "--trip", "nowhere"], "--trip: there is no trip 'nowhere'"),
        (["export", "nobody@example.com"], "nothing is held about nobody@example.com"),
        (["export", "no address"], "not a mail address: 'no address'"),
        (["erase", "a@example.com", "--reason", " "], "--reason: say who asked, and when"),
    ],
)
def test_bad_input_is_one_line(run, words, told):  # noqa: F811
    assert refused(run("privacy", *words)) == f"escale: {told}"


def test_a_file_that_cannot_be_written_is_one_line(run, oriane, tmp_path):  # noqa: F811
    line = refused(run("privacy", "export", EMAIL, "--output", str(tmp_path)))

    assert line == f"escale: --output: {tmp_path}: Is a directory"


def test_who_may_read_private_data_is_said_here_too(run, session):  # noqa: F811
    with transaction():
        trip = make_trip()
        staff, stranger = make_staff(trip=trip, role=Role.READER), make_staff(trip=make_trip())

    assert run("staff", "private", staff.email, trip.slug, "yes").exit_code == 0
    session.expire_all()
    assert staff.sees_private_on(trip.id)
    assert run("staff", "private", staff.email, trip.slug, "no").exit_code == 0
    session.expire_all()
    assert not staff.sees_private_on(trip.id)
    line = refused(run("staff", "private", stranger.email, trip.slug, "yes"))
    assert line.endswith("give one with staff grant")

"""Staff accounts: passwords that are stored hashed, and roles on trips."""

import pytest

from tests.factories import PASSWORD, make_staff, make_trip
from webapp.domain import audits, staffs
from webapp.models.staff import Role


def create(email="ana@example.org", password=PASSWORD, **values):
    return staffs.create(
        email, "Ana", password, audits.SYSTEM, **({"runs_everything": False} | values)
    )


def test_an_account_is_opened_with_a_hashed_password_and_audited_without_it(session):
    staff = create()

    assert staff.password_hash.startswith("$argon2id$")
    assert PASSWORD not in staff.password_hash
    [entry] = audits.of(staff)
    assert (entry.action, entry.after) == ("create", {"email": "ana@example.org"})


@pytest.mark.parametrize("taken", ["ana@example.org", "ANA@Example.Org"])
def test_an_address_has_one_account(session, taken):
    create()

    with pytest.raises(staffs.EmailTaken):
        create(taken)


def test_a_short_password_is_refused(session):
    with pytest.raises(staffs.PasswordTooShort):
        create(password="x" * (staffs.SHORTEST_PASSWORD - 1))

    assert staffs.by_email("ana@example.org") is None


def test_only_the_right_password_of_an_active_account_signs_in(session):
    staff = create()

    assert staffs.sign_in("ANA@example.org", PASSWORD) is staff
    for email, password in (
        ("ana@example.org", PASSWORD + " "),
        ("ana@example.org", ""),
        ("ana@example.org", "x" * 100_000),
        ("nobody@example.org", PASSWORD),
        ("", ""),
    ):
        assert staffs.sign_in(email, password) is None
    staff.active = False
    session.flush()
    assert staffs.sign_in("ana@example.org", PASSWORD) is None
    assert not staff.is_active


def test_an_account_whose_stored_password_is_none_of_ours_opens_for_nobody(session):
    staff = create()
    staff.password_hash = "!"
    session.flush()

    assert staffs.sign_in("ana@example.org", PASSWORD) is None


def test_a_role_holds_on_its_own_trip_only(session):
    mine, other = make_trip(), make_trip()

    reader = make_staff(trip=mine, role=Role.READER)
    chief = make_staff()

    assert (reader.role_on(mine.id), reader.role_on(other.id)) == (Role.READER, None)
    assert (chief.role_on(mine.id), chief.role_on(other.id)) == (Role.ORGANIZER,) * 2

"""Accounts of staff."""

import secrets
import sys

import click
from email_validator import EmailNotValidError, validate_email

from webapp import addresses, i18n
from webapp.commands.tidy import BadInput, Group
from webapp.db import transaction
from webapp.domain import audits, staffs, trips
from webapp.models.staff import Role, Staff

staff = Group("staff", help="Accounts of the people who sign in.")


@staff.command("create")
@click.option("--email", required=True, help="Their mail address: what they sign in with.")
@click.option("--name", required=True, help="Their name, as colleagues read it.")
@click.option(
    "--language",
    type=click.Choice(list(i18n.LANGUAGES)),
    default="en",
    show_default=True,
    help="Language of their pages.",
)
@click.option("--everything", is_flag=True, help="Let them run every trip, those to come as well.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(email: str, name: str, language: str, everything: bool, password_stdin: bool) -> None:
    """Open an account. Without --password-stdin a password is made, and printed this once."""
    try:
        email = validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise BadInput(f"--email: {error}") from None
    name = name.strip()
    if not 0 < len(name) <= 200 or not name.isprintable():
        raise BadInput("--name: give 1 to 200 characters, in one line")
    password = _typed() if password_stdin else secrets.token_urlsafe(15)
    try:
        with transaction():
            staffs.create(
                email, name, password, audits.SYSTEM, runs_everything=everything, language=language
            )
    except staffs.EmailTaken:
        raise BadInput(f"--email: {email} has an account already") from None
    except staffs.PasswordTooShort:
        least = staffs.SHORTEST_PASSWORD
        raise BadInput(f"the password is too short: give at least {least} characters") from None
    click.echo(f"{email} may sign in at {addresses.organizer()}")
    if not password_stdin:
        click.echo(f"password: {password}")


@staff.command("grant")
@click.argument("email")
@click.argument("slug")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def grant(email: str, slug: str, role: str) -> None:
    """Give the account EMAIL a ROLE on the trip SLUG: organizer changes it, reader looks."""
    with transaction():
        trip = trips.by_slug(slug)
        if trip is None:
            raise BadInput(f"there is no trip {slug!r}")
        staffs.grant(_account(email), trip, Role(role), audits.SYSTEM)
    click.echo(f"{email} is {role} of {slug}")


@staff.command("private")
@click.argument("email")
@click.argument("slug")
@click.argument("allowed", type=click.Choice(["yes", "no"]))
def private(email: str, slug: str, allowed: str) -> None:
    """Let the account EMAIL read passports, diets and the like on the trip SLUG: yes or no.

    It needs a role there first (staff grant). Every look is written into the audit.
    """
    with transaction():
        trip = trips.by_slug(slug)
        if trip is None:
            raise BadInput(f"there is no trip {slug!r}")
        try:
            staffs.let_see_private(_account(email), trip, allowed == "yes", audits.SYSTEM)
        except staffs.NoRole:
            raise BadInput(f"{email} has no role on {slug}: give one with staff grant") from None
    click.echo(f"{email} {'reads' if allowed == 'yes' else 'does not read'} private data of {slug}")


@staff.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def password(email: str, password_stdin: bool) -> None:
    """Give the account EMAIL a new password, and sign it out everywhere."""
    new = _typed() if password_stdin else secrets.token_urlsafe(15)
    try:
        with transaction():
            staffs.set_password(_account(email), new, audits.SYSTEM)
    except staffs.PasswordTooShort:
        least = staffs.SHORTEST_PASSWORD
        raise BadInput(f"the password is too short: give at least {least} characters") from None
    click.echo(f"{email} has a new password" if password_stdin else f"password: {new}")


@staff.command("close")
@click.argument("email")
def close(email: str) -> None:
    """Close the account EMAIL: who is signed in with it is out at once."""
    with transaction():
        staffs.close(_account(email), audits.SYSTEM)
    click.echo(f"{email} is closed")


def _account(email: str) -> Staff:
    found = staffs.by_email(email)
    if found is None:
        raise BadInput(f"there is no account {email!r}")
    return found


def _typed() -> str:
    return sys.stdin.readline().rstrip("\r\n")

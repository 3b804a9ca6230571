"""People's data, as an operator serves requests about them."""

import sys
from pathlib import Path

import click

from tasks import housekeeping
from webapp import i18n
from webapp.commands.tidy import BadInput, Group
from webapp.db import transaction
from webapp.domain import audits, retention, trips
from webapp.domain import privacy as verbs

privacy = Group("privacy", help="People's data: purged by date, taken out, erased.")


@privacy.command("purge")
@click.option("--trip", "slug", help="Of this trip only.")
@click.option("--dry-run", is_flag=True, help="Print what is over, and purge nothing.")
def purge(slug: str | None, dry_run: bool) -> None:
    """Purge the data whose time is over, as the scheduler does every hour.

    Each kind of data has its own time: see "Data protection" on the page of a trip.
    """
    if slug is not None and trips.by_slug(slug) is None:
        raise BadInput(f"--trip: there is no trip {slug!r}")
    if dry_run:
        for duty in retention.due(slug):
            click.echo(f"{duty.slug}: {duty.kind.value} would be purged")
        return
    done = housekeeping.purge_due(slug)
    for duty, number in done.items():
        click.echo(f"{duty.slug}: {duty.kind.value}, {number} purged")
    if not done:
        click.echo("nothing is over")


@privacy.command("export")
@click.argument("email")
@click.option("--output", default="-", help='Where to write it; "-", as without: the terminal.')
@click.option("--language", type=click.Choice(list(i18n.LANGUAGES)), default="en")
def export(email: str, output: str, language: str) -> None:
    """Write everything that is held about whoever has the address EMAIL, as one HTML file.

    Sealed answers and documents are in it: give it to that person and to nobody else.
    """
    with transaction():
        subject = verbs.of_address(_address(email))
        if subject.is_empty:
            raise BadInput(f"nothing is held about {email}")
        page = verbs.export(subject, language)
        for delegate in subject.delegates:
            verbs.exported(delegate, audits.SYSTEM)
    try:
        if output == "-":
            sys.stdout.buffer.write(page)
        else:
            Path(output).write_bytes(page)
    except OSError as error:
        raise BadInput(f"--output: {output}: {error.strerror}") from None


@privacy.command("erase")
@click.argument("email")
@click.option("--reason", required=True, help="Who asked, and when: it stays in the audit.")
@click.option("--yes", is_flag=True, help="Really: it cannot be taken back.")
def erase(email: str, reason: str, yes: bool) -> None:
    """Erase whoever has the address EMAIL, in every trip: links and calendars end, answers and
    files go, names are blanked; what is counted stays counted."""
    if not reason.strip():
        raise BadInput("--reason: say who asked, and when")
    if not yes:
        raise BadInput("this cannot be taken back: add --yes if it is meant")
    try:
        with transaction():
            done = verbs.erase_address(_address(email), audits.SYSTEM, reason)
    except verbs.AlreadyErased:
        raise BadInput(f"nothing is held about {email}") from None
    except verbs.StillCoordinates as error:
        named = ", ".join(error.references)
        raise BadInput(f"{email} coordinates {named}: hand that over or cancel it first") from None
    click.echo(
        f"erased: {done.delegations} delegations, {done.coordinations} coordinations, "
        f"{done.letters} letters, {done.documents} documents"
    )
    if done.keeps_person:
        click.echo("the name stays where it is published: in a session or at a signing")


def _address(email: str) -> str:
    if "@" not in email or len(email) > 254 or not email.isprintable():
        raise BadInput(f"not a mail address: {email!r}")
    return email

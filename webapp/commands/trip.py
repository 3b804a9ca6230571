"""Trips as files: bringing one in, taking one out."""

import json
from typing import BinaryIO

import click

from webapp import addresses
from webapp.commands.tidy import BadInput, Group
from webapp.db import transaction
from webapp.domain import tripfiles, trips

MOST_FAULTS = 20

trip = Group("trip", help="Bring trips in and take them out, as files.")


@trip.command("import")
@click.argument("file", type=click.File("rb"))
def bring_in(file: BinaryIO) -> None:
    """Add the trip that FILE describes, or bring it up to FILE ("-" reads standard input).

    The agenda changes in the draft; what is published stays until an organizer publishes. Nothing
    is removed, and importing the same file again changes nothing.
    """
    try:
        data = tripfiles.read(file.read(tripfiles.LARGEST + 1))
        with transaction():
            found = tripfiles.load(data)
            slug = found.slug
    except tripfiles.FileFaults as error:
        raise BadInput(_summary(getattr(file, "name", "<stdin>"), error)) from None
    click.echo(f"{slug}: {len(data.get('items') or [])} items. {addresses.trip(slug)}")


@trip.command("export")
@click.argument("slug")
def take_out(slug: str) -> None:
    """Print the trip SLUG as a file: its draft agenda, with internal notes, without people."""
    found = trips.by_slug(slug)
    if found is None:
        known = ", ".join(each.slug for each in trips.every()) or "there are none yet"
        raise BadInput(f'no trip is called "{slug}"; known: {known}')
    click.echo(json.dumps(tripfiles.dump(found), ensure_ascii=False, indent=2))


def _summary(name: str, error: tripfiles.FileFaults) -> str:
    told = "; ".join(map(str, error.faults[:MOST_FAULTS]))
    more = len(error.faults) - MOST_FAULTS
    return f"{name}: {told}" + (f"; and {more} more" if more > 0 else "")

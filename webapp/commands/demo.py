"""The demonstration tours."""

import json
from typing import Any

import click
from flask import current_app

from webapp import clock
from webapp.commands.tidy import BadInput, Group
from webapp.db import transaction
from webapp.demo import links as addresses_of
from webapp.demo import loader

demo = Group("demo", help="The demonstration tours, and where to look at them.")


@demo.command("load")
@click.option("--yes", is_flag=True, help="Write into a database of your own, not only a built-in.")
def load(yes: bool) -> None:
    """Load three real tours, the partnership, and one sample tour to come.

    Loading again changes nothing that is there; once the sample tour takes no registrations any
    more, another one is added.
    """
    if "database" not in current_app.config["EMBEDDED"] and not yes:
        raise BadInput(
            "DATABASE_URL names a database of your own: add --yes if the demonstration tours and "
            "a demonstration organizer really belong there"
        )
    with transaction():
        loaded = [trip.slug for trip in loader.load(clock.now().date())]
    click.echo(f"demonstration tours: {', '.join(loaded)}")


@demo.command("links")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def links(as_json: bool) -> None:
    """Print the addresses to try, with the demonstration organizer's password."""
    found = addresses_of.links()
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    organizer = found["organizer"]
    click.echo(f"organizer      {organizer['url']}")
    click.echo(f"               {organizer['email']}  {organizer['password'] or '(own password)'}")
    for trip in found["trips"]:
        click.echo(f"\n{trip['slug']}")
        for name, address in trip.items():
            if name != "slug" and address:
                click.echo(f"  {name.replace('_', ' '):14} {address}")

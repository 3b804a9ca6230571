"""What an operator types: `./escale flask <group> <command>`. One module a noun."""

from flask import Flask

from webapp.commands import demo, feeds, mail, privacy, staff, trip


def register(app: Flask) -> None:
    """Give the application its commands."""
    for group in (demo.demo, trip.trip, staff.staff, feeds.feeds, mail.mail, privacy.privacy):
        app.cli.add_command(group)

"""Bring the database of a starting copy up to date: schema, and the demonstration tours."""

import os
import sys
from contextlib import redirect_stdout

from flask import Flask
from flask.cli import ScriptInfo


def prepare(links_fd: int, *, with_demo: bool) -> None:
    """Migrate; with_demo, load the demonstration tours and write their addresses to `links_fd`.

    Runs in a process of its own, which loads the product once for the three commands. What they
    say goes to stderr, the log.
    """
    from wsgi import app

    with redirect_stdout(sys.stderr):
        _command(app, "db", "upgrade")
        if with_demo:
            _command(app, "demo", "load")
        # Feeds hold addresses: after a start on another port or of another version they may differ.
        _command(app, "feeds", "rebuild")
    if with_demo:
        with os.fdopen(links_fd, "w") as links, redirect_stdout(links):
            _command(app, "demo", "links", "--json")


def check_database() -> None:
    """Prove on an empty database that the migrations make what the models say, and can go back.

    Raises SystemExit with a code other than 0 when they do not.
    """
    from webapp import create_app
    from webapp.embedded.services import services

    with services() as config:
        app = create_app(config)
        for command in (["upgrade"], ["check"], ["downgrade", "base"], ["upgrade"]):
            _command(app, "db", *command)


def _command(app: Flask, *words: str) -> None:
    script = ScriptInfo(create_app=lambda: app)
    app.cli.main(args=list(words), prog_name="flask", obj=script, standalone_mode=False)

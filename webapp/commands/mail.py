"""The outbox, as an operator looks at it."""

import click
from sqlalchemy import select

from webapp import clock
from webapp.commands.tidy import Group
from webapp.db import db
from webapp.mail import outbox
from webapp.models.mail import Mail

ERRORS_SHOWN = 10

mail = Group("mail", help="The letters that Escale writes.")


@mail.command("status")
def status() -> None:
    """Print how many letters stand in each state, since when the oldest waits, the last errors.

    Recipients are not named.
    """
    for state, number in outbox.counts().items():
        click.echo(f"{state.value:8} {number:7}")
    due = outbox.oldest_due()
    if due is None:
        click.echo("no letter is due")
    else:
        minutes = (clock.now() - due).total_seconds() / 60
        click.echo(f"the oldest is due since {due:%Y-%m-%d %H:%M:%S} UTC ({minutes:.0f} minutes)")
    failed = select(Mail).where(Mail.last_error.is_not(None)).order_by(Mail.id.desc())
    for row in db.session.scalars(failed.limit(ERRORS_SHOWN)):
        said = " ".join((row.last_error or "").split())
        click.echo(f"letter {row.id} ({row.letter}), {row.state.value}, try {row.attempts}: {said}")

"""The outbox, as an operator looks at it."""

import re
import sys
from collections.abc import Iterator

import click
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from webapp import clock
from webapp.commands.tidy import BadInput, Group
from webapp.db import db, transaction
from webapp.domain import audits, bounces, health, invitations, mail_health, mail_retries, trips
from webapp.mail import outbox, replies, returns
from webapp.models.mail import Bounce, Mail

ERRORS_SHOWN = 10
RETRIED_AT_ONCE = 100  # letters of one transaction
LOCAL_PART = re.compile(r'(?:"[^"]*"|[^\s<>"(),:;@]+)@(?=[\w\[])')
TEMPORARY = 75  # EX_TEMPFAIL of sysexits.h: a mail server tries again

mail = Group("mail", help="The letters that Escale writes.")


@mail.command("status")
def status() -> None:
    """Print how many letters stand in each state, since when the oldest waits, which workers live,
    whether the mail server answers, how many addresses mail comes back from, the last errors.

    Recipients are not named.
    """
    for state, number in outbox.counts().items():
        click.echo(f"{state.value:9} {number:7}")
    due = outbox.oldest_due()
    if due is None:
        click.echo("no letter is due")
    else:
        minutes = (clock.now() - due).total_seconds() / 60
        click.echo(f"the oldest is due since {due:%Y-%m-%d %H:%M:%S} UTC ({minutes:.0f} minutes)")
    for line in (*_workers(), *_lanes(), _addresses()):
        click.echo(line)
    failed = select(Mail).where(Mail.last_error.is_not(None)).order_by(Mail.id.desc())
    for row in db.session.scalars(failed.limit(ERRORS_SHOWN)):
        said = _unnamed(row.last_error)
        click.echo(f"letter {row.id} ({row.letter}), {row.state.value}, try {row.attempts}: {said}")


def _unnamed(words: str | None) -> str:
    """What a server said, on one line, without the names in the addresses that it repeats."""
    return LOCAL_PART.sub("...@", " ".join((words or "").split()))


def _workers() -> Iterator[str]:
    alive = mail_health.alive()
    yield f"{len(alive)} worker processes worked within a minute"
    for sign in health.workers():
        if sign.worker in alive:
            since = f" since {sign.started_at:%Y-%m-%d %H:%M:%S} UTC" if sign.started_at else ""
            yield f"worker {sign.worker}{since}, last sign {sign.at:%Y-%m-%d %H:%M:%S} UTC"


def _lanes() -> Iterator[str]:
    """The ways that are closed now, and why."""
    for lane in outbox.lanes():
        if lane.closed_until is not None and lane.closed_until > clock.now():
            said = _unnamed(lane.words)
            until = f"{lane.closed_until:%Y-%m-%d %H:%M:%S} UTC"
            yield f"{lane.name}: closed until {until} after {lane.failures} failures: {said}"


def _addresses() -> str:
    marked = select(func.count()).select_from(Bounce).where(Bounce.cleared_at.is_(None))
    return f"{db.session.scalar(marked)} addresses that mail comes back from"


@mail.command("retry")
@click.option("--trip", "slug", metavar="SLUG", help="Only the letters of this tour.")
@click.option("--dry-run", is_flag=True, help="Say how many there are, and change nothing.")
def retry(slug: str | None, dry_run: bool) -> None:
    """Let all failed letters be sent again, with all their tries: once what made them fail is
    mended. Those to addresses that mail comes back from stay."""
    trip = trips.by_slug(slug) if slug else None
    if slug and trip is None:
        raise BadInput(f"--trip: there is no tour {slug!r}")
    ids = mail_retries.failed(trip)
    if dry_run:
        click.echo(f"{len(ids)} failed letters would be sent again")
        return
    number = 0
    for start in range(0, len(ids), RETRIED_AT_ONCE):
        with transaction():
            batch = ids[start : start + RETRIED_AT_ONCE]
            number += mail_retries.send_again(batch, audits.SYSTEM)
    click.echo(f"{number} failed letters wait to be sent again")


@mail.command("bounce")
@click.option("--recipient", help="The envelope's recipient; Postfix: ${recipient}.")
def bounce(recipient: str | None) -> None:
    """Take in a report of a letter that came back, from standard input: for a mail server's pipe.

    Ends with 0, also when the message is no report of ours. Ends with 75 when it has to be offered
    again later: the database does not answer, or it is not written yet that the letter was sent.
    """
    report = returns.read(sys.stdin.buffer.read(returns.MOST_READ), recipient)
    if report is None:
        click.echo("not a report of a letter of ours: nothing was done")
        return
    try:
        with transaction():
            found = bounces.take(report)
    except (bounces.NotSentYet, OperationalError):
        raise SystemExit(TEMPORARY) from None
    click.echo(f"taken in for letter {found.id}" if found else "the letter is not there any more")


@mail.command("reply")
@click.option("--recipient", help="The envelope's recipient; Postfix: ${recipient}.")
def reply(recipient: str | None) -> None:
    """Take in what a calendar program answered to an invitation, from standard input: for a mail
    server's pipe.

    Ends with 0, also when the message answers no invitation of ours. Ends with 75 when it has to be
    offered again later: the database does not answer.
    """
    found = replies.read(sys.stdin.buffer.read(returns.MOST_READ), recipient)
    if found is None:
        click.echo("not an answer to an invitation of ours: nothing was done")
        return
    try:
        with transaction():
            taken = invitations.take(*found)
    except OperationalError:
        raise SystemExit(TEMPORARY) from None
    click.echo(
        f"taken in for invitation {taken.id}" if taken else "it says nothing new: nothing was done"
    )

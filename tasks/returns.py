"""Taking in what other servers say of our letters, and what calendar programs answer."""

from celery import shared_task
from flask import current_app

from webapp.db import transaction
from webapp.domain import bounces, invitations, opt_outs
from webapp.mail import mailbox, replies, returns


@shared_task(name="returns.poll")
def poll() -> None:
    """Read what is new in the mailbox of MAIL_INTAKE_URL, each message in a transaction of its own.

    A message is marked only after what it says was committed: one that a worker died over is read
    again, and says nothing new then. Without the setting no mailbox is read.

    What was put while its address was marked or cleared, or while its reader asked for no more of
    it, is put right first.
    """
    with transaction():
        bounces.mend()
        opt_outs.mend()
    url = current_app.config["MAIL_INTAKE_URL"]
    if not url:
        return
    try:
        with mailbox.connect(url) as wire:
            for uid in mailbox.new(wire):
                if _take(mailbox.fetch(wire, uid)):
                    mailbox.taken(wire, uid)
    except mailbox.MailboxAway as away:
        current_app.logger.warning("the mailbox of reports cannot be read: %s", away)


def _take(content: bytes) -> bool:
    """Whether the message is done with."""
    if (found := replies.read(content)) is not None:
        with transaction():
            invitations.take(*found)
        return True
    report = returns.read(content)
    if report is None:
        return True
    try:
        with transaction():
            bounces.take(report)
    except bounces.NotSentYet:
        return False
    return True

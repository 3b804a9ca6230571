"""Sending what waits in the outbox."""

import os
import socket
from datetime import timedelta
from smtplib import SMTP

from celery import shared_task
from flask import current_app

from webapp import clock
from webapp.db import transaction, wake
from webapp.domain import correspondence
from webapp.mail import outbox, smtp
from webapp.mail.outbox import Claimed

BATCHES = 20  # of one call; beat calls again, so no call runs for long
# A letter started later might still be on the wire when its row is rescued for another worker.
LATEST_START = outbox.STUCK_AFTER - timedelta(seconds=6 * smtp.TIMEOUT)


@shared_task(name="outbox.send")
def send() -> None:
    """Write and send what is due, batch by batch, one connection a batch.

    Three steps that are committed apart: whoever dies between two leaves rows that the next call
    finds as they are. What one call leaves over, the next one takes up at once.
    """
    worker = f"{socket.gethostname()}:{os.getpid()}"
    for _batch in range(BATCHES):
        with transaction():
            written = correspondence.write_due()
        with transaction():
            batch = outbox.claim(worker)
        if not written and not batch:
            return
        if not _send_batch(batch):
            return
    wake({outbox.SEND})


@shared_task(name="outbox.rescue")
def rescue() -> None:
    """Take back what a worker that died had claimed."""
    with transaction():
        rescued = outbox.rescue()
    if rescued:
        current_app.logger.warning("rescued %d letters from a worker that stopped", rescued)
        send()


def _send_batch(batch: list[Claimed]) -> bool:
    """Send a batch over one connection, or over another one once the server has closed it: the
    letter at which it did must not spoil the tries of those after it.

    Says whether there was a server to send to.
    """
    rest = list(batch)
    while rest:
        try:
            with smtp.connect(current_app.config["MAIL_URL"]) as wire:
                while rest and smtp.is_open(wire):
                    _send_one(wire, rest.pop(0))
        except smtp.Refused as refused:  # there is no server to talk to
            for claimed in rest:
                with transaction():
                    outbox.put_back(claimed, refused.words)
            return False
    return True


def _send_one(wire: SMTP, claimed: Claimed) -> None:
    try:
        if clock.now() - claimed.at > LATEST_START:
            raise smtp.Refused("not tried: the server was too slow before", for_good=False)
        smtp.deliver(wire, current_app.config["MAIL_FROM"], claimed.to_email, claimed.content)
    except smtp.Refused as refused:
        with transaction():
            outbox.settle_refused(claimed, refused.words, for_good=refused.for_good)
    else:
        with transaction():
            outbox.settle_sent(claimed)

"""Sending what waits in the outbox."""

import os
import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from celery import shared_task
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from webapp import clock
from webapp.db import db, transaction, wake
from webapp.domain import bounces, correspondence, health
from webapp.mail import lanes, outbox, smtp
from webapp.mail.outbox import Claimed, Settled
from webapp.mail.smtp import Line, Refused, Step
from webapp.models.mail import Outcome, Urgency

CALL = 5.0  # seconds of one call: then other tasks have their turn
ROUND = 0.5  # seconds of one round: what is urgent waits no longer behind what is not
FIRST, MOST = 10, 100  # letters of a round
WRITES = 30  # letters written in one go
# When what was tried is written: after so many letters or seconds, whichever comes first. So much
# is sent twice when a worker is killed: fifty letters to a fast server, one to a slow one.
GROUP, MOMENT = 50, 0.05
PAUSE = 0.2  # seconds, while all that is due waits for its turn
PATIENCE = 120.0  # seconds for a database that is away when it has to be told what was sent
# A letter started later might still be on the wire when its row is rescued for another worker.
LATEST_START = outbox.STUCK_AFTER - timedelta(seconds=6 * smtp.TIMEOUT)
Found = TypeVar("Found")


@dataclass(slots=True)
class Round:
    """What a worker holds between claim and settle: `rest` was not tried, `tried` not written."""

    rest: list[Claimed]
    tried: list[Settled] = field(default_factory=list)
    refused: list[tuple[Claimed, Refused]] = field(default_factory=list)  # for good
    number: int = 0  # of letters that were tried
    began: float = field(default_factory=time.monotonic)
    written_at: float = field(default_factory=time.monotonic)
    is_suspect: bool = False  # whether the way to the server was not as it should be lately
    problem: str | None = None  # why the rest cannot be tried now

    @property
    def is_over(self) -> bool:
        """Whether the rest is not to be tried any more."""
        if not self.rest or self.problem is not None:
            return True
        if clock.now() - self.rest[0].at > LATEST_START:
            return True
        return self.number > 0 and time.monotonic() - self.began > ROUND


@shared_task(name="outbox.send")
def send() -> None:
    """Write and send what is due, round by round.

    Three steps that are committed apart: whoever dies between two leaves rows that the next call
    finds as they are. What one call leaves over, the next one takes up at once.
    """
    worker, letters, end = f"{socket.gethostname()}:{os.getpid()}", FIRST, time.monotonic() + CALL
    _keep_time()
    with transaction():
        health.beat(worker)
        outbox.release_held()
    with closing(Line(current_app.config["MAIL_URL"])) as line, outbox.keep_connection():
        while time.monotonic() < end:
            _keep_time()
            with transaction():
                written = correspondence.write_due(WRITES)
            with transaction():
                batch = outbox.claim(worker, letters)
            if batch:
                letters = _send_round(line, batch)
            elif not written and not _is_paced():
                return
    wake({outbox.SEND})


@shared_task(name="outbox.rescue")
def rescue() -> None:
    """Take back what a worker that died had claimed."""
    _keep_time()
    with transaction():
        rescued = outbox.rescue()
    if rescued:
        current_app.logger.warning("rescued %d letters from a worker that stopped", rescued)
        send()


def _keep_time() -> None:
    """Go by the database's clock: a worker on a machine whose clock is wrong would seem to have
    died long ago, and another one would send what it holds."""
    with transaction():
        clock.follow(db.session.scalars(select(func.clock_timestamp())).one())


def _is_paced() -> bool:
    """Wait a moment if there are letters that wait for nothing but their turn."""
    if not lanes.is_rationed():
        return False
    with transaction():
        if not outbox.oldest_due() or not lanes.gate(1).letters:
            return False
    time.sleep(PAUSE)
    return True


def _send_round(line: Line, batch: list[Claimed]) -> int:
    """Try the letters of a batch. What there was no time or no server for waits again, its try not
    counted. Returns how many letters the next round should take."""
    first = batch[0]
    now = Round(list(batch), is_suspect=first.is_probe or first.failures > 0)
    try:
        line.ready()
        now.began = time.monotonic()  # how long it takes to be greeted says nothing of a letter
        while not now.is_over:
            _try(line, now)
            _look_after(line, now, is_probe=first.is_probe)
            if _is_to_be_written(now):
                _settle(now)
    except Refused as away:  # there is no server to talk to
        now.problem = words = _said(away)
        _settle(now)
        _surely(lambda: lanes.fail(words, is_away=True, is_probe=first.is_probe))
    _settle(now)
    if now.rest:
        _surely(lambda: outbox.give_back(now.rest, now.problem))
    return _pace(now)


def _pace(now: Round) -> int:
    """How many letters fill a round at the pace of this one."""
    if not now.number:
        return FIRST
    spent = max(time.monotonic() - now.began, 0.001)
    return max(1, min(MOST, int(now.number * ROUND / spent)))


def _try(line: Line, now: Round) -> None:
    """Try the first of the rest. Raises Refused when there is no server to try it on."""
    claimed = now.rest[0]
    outcome, code = Outcome.ACCEPTED, None
    try:
        answer = line.deliver(claimed.sender, claimed.to_email, claimed.content)
        code, words = answer.code, answer.words
    except Refused as refused:
        if refused.step == Step.CONNECTION:
            raise
        outcome = Outcome.REFUSED if refused.for_good else Outcome.LATER
        code, words = refused.code, refused.words
        if refused.is_of_address:
            now.refused.append((claimed, refused))
    del now.rest[0]
    now.number += 1
    now.tried.append(Settled(claimed, outcome, code, words, clock.now()))


def _look_after(line: Line, now: Round, *, is_probe: bool) -> None:
    """Tell all processes how the server does: letters in a row at which the connection breaks close
    the way to it, an answer opens it."""
    if not line.is_open:
        last = now.tried[-1]
        _settle(now)
        words = f"{last.code or ''} {last.words}".strip()
        if _surely(lambda: lanes.fail(words, is_away=False, is_probe=is_probe)):
            now.problem = words
        now.is_suspect = True
    elif now.is_suspect:
        _surely(lanes.succeed)
        now.is_suspect = False


def _is_to_be_written(now: Round) -> bool:
    """In groups or after a moment, but at once what somebody waits for."""
    if not now.tried:
        return False
    return (
        len(now.tried) >= GROUP
        or now.tried[-1].claimed.urgency == Urgency.SOON
        or time.monotonic() - now.written_at > MOMENT
    )


def _settle(now: Round) -> None:
    """Write what was tried, and mark the addresses that are to blame."""
    tried, refused = now.tried, now.refused
    if tried:
        settled = _surely(lambda: outbox.settle(tried))
        for claimed, why in refused:
            if claimed.id in settled:
                _mark(claimed, why)
    now.tried, now.refused, now.written_at = [], [], time.monotonic()


def _mark(claimed: Claimed, why: Refused) -> None:
    _surely(lambda: bounces.mark(claimed.to_email, why.enhanced, _said(why), claimed.id))


def _said(refused: Refused) -> str:
    return f"{refused.code or ''} {refused.words}".strip()


def _surely(verb: Callable[[], Found]) -> Found:
    """Do what has to be done after the wire, in a transaction of its own. A database that is away
    is waited for: what the server took must not be forgotten."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with transaction():
                return verb()
        except OperationalError:
            if time.monotonic() > end:
                raise
            db.session.remove()
            time.sleep(PAUSE)

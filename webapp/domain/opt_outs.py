"""Letters that a reader asked for no more of: by topic, tour by tour, with one click.

A link names a letter or a delegate by number, with a keyed digest: whoever has it speaks for the
address that stands there, and learns nothing about it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from webapp import addresses, clock, tokens
from webapp.db import db
from webapp.mail import outbox
from webapp.mail.letters import UNWANTED
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail, OptOut, Topic
from webapp.models.registration import Registration

MARK = 24  # hexadecimal digits of the digest: 96 bits
_TOKEN = re.compile(rf"([md])([0-9]{{1,18}})-([0-9a-f]{{{MARK}}})")


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a link belongs to: an address (lower case) and a tour."""

    trip_id: int
    email: str


def token(thing: Mail | Delegate) -> str:
    """The secret of the link by which its reader, or a delegate, says what letters they want."""
    name = f"{'m' if isinstance(thing, Mail) else 'd'}{thing.id}"
    return f"{name}-{_mark(name)}"


def link(mail: Mail) -> str | None:
    """The whole address that a letter carries; None for one whose topic cannot be refused."""
    if mail.topic is None or mail.trip_id is None:
        return None
    return addresses.stop(token(mail), mail.topic)


def reader(secret: str) -> Reader | None:
    """Whom the secret belongs to; None for any other text, and when nobody has the address now."""
    found = _TOKEN.fullmatch(secret)
    if found is None or not tokens.same(found[3], _mark(found[1] + found[2])):
        return None
    if found[1] == "m":
        row = select(Mail.trip_id, Mail.to_email).where(Mail.id == int(found[2]))
    else:
        row = (
            select(Registration.trip_id, Delegate.email)
            .join(Delegate.registration)
            .where(Delegate.id == int(found[2]), Delegate.erased_at.is_(None))
        )
    known = db.session.execute(row).one_or_none()
    if known is None or known[0] is None:
        return None
    return Reader(known[0], known[1].lower())


def _mark(name: str) -> str:
    return tokens.keyed_digest(current_app.secret_key, "stop letters", name)[:MARK]


def of(who: Reader) -> frozenset[Topic]:
    """The topics of which they want no more letters."""
    return frozenset(
        db.session.scalars(
            select(OptOut.topic).where(OptOut.trip_id == who.trip_id, OptOut.email == who.email)
        )
    )


def set_all(who: Reader, unwanted: Collection[Topic]) -> None:
    """Let them get no letters of these topics, and those of all others. What waits for them of
    such a topic is cancelled."""
    db.session.execute(
        delete(OptOut).where(
            OptOut.trip_id == who.trip_id,
            OptOut.email == who.email,
            OptOut.topic.not_in(list(unwanted)),
        )
    )
    for topic in unwanted:
        stop(who, topic)


def stop(who: Reader, topic: Topic) -> None:
    """No more letters of one topic; what waits is cancelled. Said twice it is said once."""
    db.session.execute(
        insert(OptOut)
        .values(trip_id=who.trip_id, email=who.email, topic=topic, at=clock.now())
        .on_conflict_do_nothing()
    )
    outbox.stop_all(
        Mail.trip_id == who.trip_id,
        func.lower(Mail.to_email) == who.email,
        Mail.topic == topic,
        why=UNWANTED,
    )


def mend() -> int:
    """Cancel what was put while its reader asked for no more of it; how many."""
    unwanted = exists().where(
        OptOut.trip_id == Mail.trip_id,
        OptOut.email == func.lower(Mail.to_email),
        OptOut.topic == Mail.topic,
    )
    return outbox.stop_all(Mail.topic.is_not(None), unwanted, why=UNWANTED)

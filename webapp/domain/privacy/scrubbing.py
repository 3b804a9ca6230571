"""Taking one human out of texts that tell of others too: audit rows, requests, letters, reports.

Whole names, addresses and telephone numbers are looked for, as they were ever written down. A name
of one word is taken out only where it stands alone: in a sentence it may be somebody else's.
"""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, delete, func, or_, select

from webapp.db import db
from webapp.models.amendment import Amendment
from webapp.models.audit import AuditEntry
from webapp.models.criterion import Score
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.fee import Charge
from webapp.models.intake import Intake
from webapp.models.mail import Bounce, Mail, MailAttempt, MailState, OptOut
from webapp.models.registration import Registration

NOBODY = "N. N."  # what a name becomes: understood in every language
ERASED_DOMAIN = "erased.invalid"  # no mail is ever delivered to .invalid (RFC 2606)
ERASED_LETTER = "person_erased"  # the last one, which still has its address
NOT_SENT = frozenset({MailState.WAITING, MailState.HELD, MailState.FAILED, MailState.CANCELLED})
# What may stay in the audit of a delegate: nothing that people typed.
SAFE_FACTS = frozenset(
    {"state", "delegate", "question", "media_type", "size", "item", "title", "tracks", "consents",
     "position", "registration", "answers", "documents", "letters", "amendments", "count", "kind"}
)  # fmt: skip
_PERSONAL = ("given_name", "family_name", "email", "phone", "job_title", "name", "instead",
             "coordinator", "coordinator_name", "coordinator_phone")  # fmt: skip


def erased_address(kind: str, row_id: int) -> str:
    """The address of nobody that stands in a row from now on; each row's is another."""
    return f"erased-{kind}{row_id}@{ERASED_DOMAIN}"


@dataclass(frozen=True)
class Marks:
    """What tells of one human: `whole` is taken out wherever it stands, `alone` only where it is
    all that a text says."""

    whole: frozenset[str]
    alone: frozenset[str]

    @property
    def emails(self) -> frozenset[str]:
        """The mail addresses among them, in lower case."""
        return frozenset(word.lower() for word in self.whole if "@" in word)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        words = sorted(self.whole, key=len, reverse=True)
        if not words:
            return None
        inside = "|".join(re.escape(word) for word in words)
        return re.compile(rf"(?<!\w)(?:{inside})(?!\w)", re.IGNORECASE)

    def out_of(self, value: Any) -> Any:
        """A text, list or mapping without the human: NOBODY stands there instead."""
        match value:
            case str():
                if value.strip().casefold() in self.alone:
                    return NOBODY
                return self._pattern.sub(NOBODY, value) if self._pattern else value
            case dict():
                return {key: self.out_of(part) for key, part in value.items()}
            case list():
                return [self.out_of(part) for part in value]
        return value

    def within(self, *columns: Any) -> ColumnElement[bool]:
        """Whether one of the columns (texts or JSON) may hold a mark, for the database."""
        words = {*self.whole, *self.alone}
        # In JSON a quote or a backslash stands with a backslash before it.
        written = words | {json.dumps(word, ensure_ascii=False)[1:-1] for word in words}
        return or_(
            *(
                cast(column, Text).icontains(word, autoescape=True)
                for column in columns
                for word in sorted(written)
            )
        )


def marks_of(names: Iterable[str], emails: Iterable[str], phones: Iterable[str]) -> Marks:
    """The marks of somebody with these whole names, addresses and numbers."""
    said = {name.strip() for name in names} - {"", NOBODY}
    whole = {name for name in said if " " in name}
    whole |= {text for text in (*emails, *phones) if text}
    return Marks(frozenset(whole), frozenset(name.casefold() for name in said - whole))


def marks_of_delegate(delegate: Delegate) -> Marks:
    """The marks of a delegate: as the data stand, and as the audit says that they once stood."""
    names = set(_orders(delegate.given_name, delegate.family_name))
    emails, phones = {delegate.email}, {delegate.phone or ""}
    for entry in _entries(delegate):
        for facts in (entry.before or {}, entry.after or {}):
            given, family = facts.get("given_name"), facts.get("family_name")
            names |= _orders(given or delegate.given_name, family or delegate.family_name)
            names |= {str(facts.get("name") or "")} if entry.action != "replace" else set()
            emails |= {facts.get("email") or ""}
            phones |= {facts.get("phone") or ""}
    return marks_of(names, emails, phones)


def scrub_delegate(delegate: Delegate, marks: Marks) -> None:
    """Take a delegate out of everything of the tour that is told about the registration."""
    for entry in _entries(delegate):
        entry.before, entry.after = safe(entry.before), safe(entry.after)
        entry.reason = None
    for request in db.session.scalars(
        select(Amendment).where(Amendment.delegate_id == delegate.id)
    ):
        request.before, request.wanted, request.note, request.reason = {}, {}, None, None
    for registration in _joined(delegate.registration):
        _scrub_registration(registration, marks)
    scrub_trip(delegate.registration.trip_id, marks)


def scrub_trip(trip_id: int, marks: Marks) -> None:
    """Take somebody out of the audit, the requests and the reports of imports of a tour."""
    texts = (AuditEntry.before, AuditEntry.after, AuditEntry.reason, AuditEntry.actor_name)
    for entry in db.session.scalars(
        select(AuditEntry).where(AuditEntry.trip_id == trip_id, marks.within(*texts))
    ):
        entry.before, entry.after = marks.out_of(entry.before), marks.out_of(entry.after)
        entry.reason = marks.out_of(entry.reason)
        if entry.staff_id is None:  # a member of staff of the same name is somebody else
            entry.actor_name = marks.out_of(entry.actor_name)
    for intake in db.session.scalars(
        select(Intake).where(Intake.trip_id == trip_id, marks.within(Intake.report))
    ):
        intake.report = marks.out_of(intake.report)
    _scrub_requests(trip_id, marks)
    db.session.flush()


def scrub_letters(rows: Sequence[Mail], marks: Marks, nobody: str) -> int:
    """Take somebody out of these letters: what was sent loses its body, what waits is written
    anew. Letters to the human lose the address, and those that wait are not sent; how many."""
    for mail in rows:
        is_theirs = mail.to_email.lower() in marks.emails
        if is_theirs and mail.state in NOT_SENT:
            db.session.delete(mail)
            continue
        mail.message = None
        mail.facts = None if is_theirs else marks.out_of(mail.facts)
        mail.subject = marks.out_of(mail.subject)
        mail.last_error = marks.out_of(mail.last_error)
        _scrub_attempts(mail, marks)
        if is_theirs:
            mail.to_email, mail.to_name = nobody, NOBODY
            mail.key = f"{mail.letter}:erased:{mail.id}"
    db.session.flush()
    return len(rows)


def forget_addresses(trip_id: int, emails: Collection[str]) -> None:
    """Forget of these addresses (lower case) which letters of the tour they wanted no more of, and
    that mail came back from them: that, for every tour."""
    db.session.execute(delete(OptOut).where(OptOut.trip_id == trip_id, OptOut.email.in_(emails)))
    db.session.execute(delete(Bounce).where(Bounce.email.in_(emails)))


def _scrub_attempts(mail: Mail, marks: Marks) -> None:
    """Servers name the address that they refuse."""
    for attempt in db.session.scalars(select(MailAttempt).where(MailAttempt.mail_id == mail.id)):
        attempt.words = marks.out_of(attempt.words)


def letters_about(registration: Registration, marks: Marks) -> Sequence[Mail]:
    """All letters of a registration, and of those that were merged into it, since any may name any
    of its people; and those of the tour to the human. Not the one that tells of the erasure."""
    of_theirs = Mail.registration_id.in_([each.id for each in _joined(registration)])
    return _letters(or_(of_theirs, _to_them(registration.trip_id, marks)))


def letters_to(trip_id: int, marks: Marks) -> Sequence[Mail]:
    """The letters of a tour, or of none, to the human. Not the one that tells of the erasure."""
    return _letters(_to_them(trip_id, marks))


def _to_them(trip_id: int, marks: Marks) -> ColumnElement[bool]:
    of_no_other = or_(Mail.trip_id == trip_id, Mail.trip_id.is_(None))
    return func.lower(Mail.to_email).in_(marks.emails) & of_no_other


def _letters(condition: ColumnElement[bool]) -> Sequence[Mail]:
    query = select(Mail).where(Mail.letter != ERASED_LETTER, condition)
    return db.session.scalars(query.order_by(Mail.id)).all()


def _joined(registration: Registration) -> list[Registration]:
    """The registration and those of the tour that were merged into it, or into one of these: their
    requests and letters stayed with them."""
    found, new = [registration], [registration.reference]
    while new:
        into = select(AuditEntry.object_id).where(
            AuditEntry.object_kind == Registration.__tablename__,
            AuditEntry.trip_id == registration.trip_id,
            AuditEntry.action == "merge",
            AuditEntry.after["into"].astext.in_(new),
        )
        known = [each.id for each in found]
        rows = db.session.scalars(
            select(Registration).where(Registration.id.in_(into), Registration.id.not_in(known))
        ).all()
        found += rows
        new = [each.reference for each in rows]
    return found


def safe(facts: dict[str, Any] | None) -> dict[str, Any] | None:
    """What an audit row of a delegate may go on saying."""
    return facts and {key: value for key, value in facts.items() if key in SAFE_FACTS}


def _entries(delegate: Delegate) -> Sequence[AuditEntry]:
    """The audit of a delegate and of the documents sent for this one."""
    documents = select(Document.id).where(Document.delegate_id == delegate.id)
    return db.session.scalars(
        select(AuditEntry).where(
            or_(
                (AuditEntry.object_kind == Delegate.__tablename__)
                & (AuditEntry.object_id == delegate.id),
                (AuditEntry.object_kind == Document.__tablename__)
                & AuditEntry.object_id.in_(documents),
            )
        )
    ).all()


def _scrub_requests(trip_id: int, marks: Marks) -> None:
    """Of whichever company: another one may have asked for the same human."""
    texts = (Amendment.before, Amendment.wanted, Amendment.note, Amendment.reason)
    for amendment in db.session.scalars(
        select(Amendment).where(
            Amendment.trip_id == trip_id, marks.within(*texts, Amendment.asked_by)
        )
    ):
        amendment.before = _without(amendment.before, marks)
        amendment.wanted = _without(amendment.wanted, marks)
        amendment.note = marks.out_of(amendment.note)
        amendment.reason = marks.out_of(amendment.reason)
        amendment.asked_by = marks.out_of(amendment.asked_by)


def _without(facts: dict[str, Any], marks: Marks) -> dict[str, Any]:
    """A colleague who was, or was asked for, and is this human: nothing that was typed stays."""
    if str(facts.get("email") or "").lower() in marks.emails:
        return {key: value for key, value in facts.items() if key not in _PERSONAL}
    out: dict[str, Any] = marks.out_of(facts)
    return out


def _scrub_registration(registration: Registration, marks: Marks) -> None:
    registration.objectives = marks.out_of(registration.objectives)
    registration.reason = marks.out_of(registration.reason)
    rows = select(Score).where(Score.registration_id == registration.id, Score.reason.is_not(None))
    for score in db.session.scalars(rows):
        score.reason = marks.out_of(score.reason)
    for charge in db.session.scalars(
        select(Charge).where(
            Charge.registration_id == registration.id, Charge.waived_reason.is_not(None)
        )
    ):
        charge.waived_reason = marks.out_of(charge.waived_reason)


def _orders(given: str, family: str) -> set[str]:
    return {f"{given} {family}".strip(), f"{family} {given}".strip()}

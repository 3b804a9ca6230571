"""How each kind of data is counted and purged, a batch at a time. Whether its time is over,
`retention` says; the caller holds the tour."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import Text

from webapp import storage
from webapp.db import db
from webapp.domain import audits, documents, privacy
from webapp.domain.mailings import files
from webapp.domain.privacy.scrubbing import ERASED_DOMAIN, ERASED_LETTER, NOBODY
from webapp.models.amendment import Amendment
from webapp.models.audit import Actor, AuditEntry
from webapp.models.criterion import Score
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.draft import Draft
from webapp.models.intake import Intake
from webapp.models.mail import Bounce, Hold, Mail, MailAttempt, MailState, OptOut
from webapp.models.mailing import Mailing, MailingFile
from webapp.models.person import Person
from webapp.models.prospect import Prospect
from webapp.models.question import PrivateAnswer, Question, Sensitivity
from webapp.models.registration import Registration
from webapp.models.trip import Trip

LATEST = datetime.max.replace(tzinfo=UTC)
WHY = "retention"
# What people typed goes out of the audit; what was done, when, and every state stay.
TYPED = ("given_name", "family_name", "name", "email", "phone", "job_title", "instead",
         "coordinator", "coordinator_name", "coordinator_email", "coordinator_phone", "objectives",
         "note", "who")  # fmt: skip
OF_ANSWERS = ("answers", "amendments", "people", "intakes")  # of these all values were typed
_SETTLED = (MailState.SENT, MailState.FAILED, MailState.BOUNCED, MailState.CANCELLED)


def count(trip: Trip, kind: str, before: datetime = LATEST) -> int:
    """How many rows of that kind the tour holds; of what goes by age, older than `before`."""
    wanted = [query.subquery() for query in _rows(trip, kind, before)]
    return sum(db.session.scalar(select(func.count()).select_from(each)) or 0 for each in wanted)


def purge(trip: Trip, kind: str, before: datetime, limit: int) -> int:
    """Purge up to `limit` rows of that kind; how many there were."""
    done = 0
    for query in _rows(trip, kind, before):
        found = list(db.session.scalars(query.order_by("id").limit(limit - done)))
        for row in found:
            _PURGES[type(row)](row, kind)
        done += len(found)
        db.session.flush()
        if done >= limit:
            break
    if kind == "phones" and done:
        _phones_of_texts(trip)
    if kind == "contacts" and done:
        _texts(trip)
    return done


def loose_letters(before: datetime, limit: int) -> int:
    """Delete sent letters that told of an erasure, and empty those of no tour from before; forget
    marked addresses that are nobody's any more."""
    in_use = or_(_is_in_use(Bounce.email), _holds_letters(Bounce.email))
    db.session.execute(delete(Bounce).where(Bounce.at < before, not_(in_use)))
    told = select(Mail.id).where(Mail.letter == ERASED_LETTER, Mail.state == MailState.SENT)
    gone = db.session.execute(
        delete(Mail).where(Mail.id.in_(told.limit(limit))).returning(Mail.id)
    ).all()
    old = select(Mail).where(
        Mail.trip_id.is_(None),
        Mail.created_at < before,
        _is_settled(),
        or_(Mail.message.is_not(None), _is_somebodys(Mail.to_email)),
    )
    rows = db.session.scalars(old.order_by(Mail.id).limit(limit)).all()
    for mail in rows:
        _mail(mail, "contacts")
    db.session.flush()
    return len(gone) + len(rows)


def _rows(trip: Trip, kind: str, before: datetime) -> list[Select[Any]]:
    """The rows that are purged for a kind; each query's rows drop out of it once they are."""
    of_trip = Registration.trip_id == trip.id
    match kind:
        case "contacts":
            people = select(Delegate).join(Delegate.registration)
            return [
                people.where(of_trip, Delegate.erased_at.is_(None)),
                select(Registration).where(of_trip, _is_somebodys(Registration.coordinator_email)),
                select(Prospect).where(Prospect.trip_id == trip.id, _is_somebodys(Prospect.email)),
                select(Mail).where(
                    Mail.trip_id == trip.id, _is_settled(), _is_somebodys(Mail.to_email)
                ),
            ]
        case "phones":
            people = select(Delegate).join(Delegate.registration)
            return [
                people.where(of_trip, Delegate.phone.is_not(None)),
                select(Registration).where(of_trip, Registration.coordinator_phone.is_not(None)),
            ]
        case "travel" | "health":
            sealed = select(PrivateAnswer).join(PrivateAnswer.question)
            files = select(Document).join(Document.question)
            asked = (Question.trip_id == trip.id, Question.sensitivity == Sensitivity(kind))
            return [sealed.where(*asked), files.where(*asked)]
        case "documents":
            sent = select(MailingFile).join(MailingFile.mailing)
            return [
                select(Document).join(Document.registration).where(of_trip),
                sent.where(Mailing.trip_id == trip.id),
            ]
        case "scores":
            return [select(Score).join(Score.registration).where(of_trip)]
        case "letters":
            held = (Mail.trip_id == trip.id, _is_settled())
            return [select(Mail).where(*held, or_(Mail.message.is_not(None), _has_facts()))]
        case "drafts":
            return [select(Draft).where(Draft.trip_id == trip.id, Draft.saved_at < before)]
    return [
        select(Intake).where(
            Intake.trip_id == trip.id, Intake.created_at < before, Intake.storage_key != ""
        )
    ]


def _is_somebodys(address: Any) -> ColumnElement[bool]:
    return not_(func.coalesce(address, "").endswith(f"@{ERASED_DOMAIN}", autoescape=True))


def _is_settled() -> ColumnElement[bool]:
    """Letters that are not to be sent: nor those held for an address until their time is over."""
    return or_(Mail.state.in_(_SETTLED), Mail.hold == Hold.ADDRESS)


def _holds_letters(address: Any) -> ColumnElement[bool]:
    """Whether letters are held for the address (lower case)."""
    return exists().where(func.lower(Mail.to_email) == address, Mail.hold == Hold.ADDRESS)


def _is_in_use(address: Any) -> ColumnElement[bool]:
    """Whether somebody has the address (lower case): of some tour, a host or a speaker."""
    return or_(
        exists().where(func.lower(Person.email) == address),
        exists().where(func.lower(Delegate.email) == address),
        exists().where(func.lower(Registration.coordinator_email) == address),
        exists().where(func.lower(Prospect.email) == address),
    )


def _has_facts() -> ColumnElement[bool]:
    return Mail.facts.is_not(None)


def _delegate(delegate: Delegate, kind: str) -> None:
    if kind == "phones":
        delegate.phone = None
    else:
        privacy.forget_delegate(delegate, audits.SYSTEM, WHY, is_alone=False)


def _registration(registration: Registration, kind: str) -> None:
    if kind == "phones":
        registration.coordinator_phone = None
    else:
        privacy.forget_coordinator(registration, audits.SYSTEM, WHY, is_alone=False)
        registration.objectives = None


def _prospect(prospect: Prospect, kind: str) -> None:
    privacy.forget_prospect(prospect, audits.SYSTEM, WHY, is_alone=False)


def _mailing_file(file: MailingFile, kind: str) -> None:
    files.drop([file])


def _document(document: Document, kind: str) -> None:
    documents.remove_all([document])


def _score(score: Score, kind: str) -> None:
    score.registration.score = None
    db.session.delete(score)


def _mail(mail: Mail, kind: str) -> None:
    if mail.state == MailState.HELD:
        mail.become(MailState.CANCELLED)
        mail.hold = None
    _empty(mail)
    if kind == "contacts":
        _nobodys(mail)


def _empty(mail: Mail) -> None:
    mail.message = mail.facts = mail.last_error = None
    db.session.execute(
        update(MailAttempt)
        .where(MailAttempt.mail_id == mail.id)
        .values(words=None)
        .execution_options(synchronize_session=False)
    )


def _nobodys(mail: Mail) -> None:
    mail.key = f"{mail.letter}:erased:{mail.id}"
    mail.to_email, mail.to_name = f"erased-m{mail.id}@{ERASED_DOMAIN}", NOBODY
    mail.subject = ""


def _intake(intake: Intake, kind: str) -> None:
    if storage.KEY.fullmatch(intake.storage_key):
        storage.drop(intake.storage_key)
    intake.storage_key = ""


def _delete(row: Draft, kind: str) -> None:
    db.session.delete(row)


_PURGES: dict[type, Callable[[Any, str], None]] = {
    Delegate: _delegate,
    Registration: _registration,
    Prospect: _prospect,
    PrivateAnswer: _delete,
    Document: _document,
    MailingFile: _mailing_file,
    Score: _score,
    Mail: _mail,
    Draft: _delete,
    Intake: _intake,
}


def _phones_of_texts(trip: Trip) -> None:
    """Telephone numbers go out of the audit and of requests as well."""
    names = ("phone", "coordinator_phone")
    _without_keys(AuditEntry, AuditEntry.trip_id == trip.id, ("before", "after"), names)
    _without_keys(Amendment, Amendment.trip_id == trip.id, ("before", "wanted"), names)


def _texts(trip: Trip) -> None:
    """What the audit, requests and imports say in people's words: with the last name they go."""
    of_trip = AuditEntry.trip_id == trip.id
    _without_keys(AuditEntry, of_trip, ("before", "after"), TYPED)
    typed = AuditEntry.object_kind.in_(OF_ANSWERS)
    by_others = AuditEntry.actor.in_((Actor.COMPANY, Actor.DELEGATE))
    about_others = AuditEntry.object_kind.in_(("delegates", "registrations", *OF_ANSWERS))
    _set(AuditEntry, of_trip & typed, before=None, after=None)
    _set(AuditEntry, of_trip & by_others, actor_name=NOBODY)
    _set(AuditEntry, of_trip & about_others & (AuditEntry.action != "erase"), reason=None)
    blank: dict[str, Any] = {"before": {}, "wanted": {}, "note": None, "reason": None}
    _set(Amendment, Amendment.trip_id == trip.id, asked_by=NOBODY, **blank)
    _without_keys(Intake, Intake.trip_id == trip.id, ("report",), ("left_out", "problem"))
    db.session.execute(delete(OptOut).where(OptOut.trip_id == trip.id))


def _without_keys(
    model: Any, condition: ColumnElement[bool], columns: tuple[str, ...], names: tuple[str, ...]
) -> None:
    keys = array(tuple(literal(name, Text()) for name in names))
    for name in columns:
        column = getattr(model, name)
        _set(model, condition & column.has_any(keys), **{name: column.op("-")(keys)})


def _set(model: Any, condition: ColumnElement[bool], **values: Any) -> None:
    """Update many rows at once; what was read of them is forgotten."""
    db.session.execute(
        update(model).where(condition).values(**values).execution_options(synchronize_session=False)
    )
    db.session.expire_all()

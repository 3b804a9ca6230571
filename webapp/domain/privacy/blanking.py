"""Blanking rows: what is left of a human is a row without a name, so that places, companies and
choices can still be counted. Without letters, and without touching places."""

from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select, update

from webapp import clock, tokens
from webapp.db import db
from webapp.domain import audits, documents, feeds
from webapp.domain.audits import By
from webapp.domain.privacy import scrubbing
from webapp.domain.privacy.scrubbing import NOBODY, Marks, erased_address
from webapp.domain.privacy.subjects import family
from webapp.models.agenda import ItemPerson
from webapp.models.amendment import Amendment, AmendmentState
from webapp.models.audit import AuditEntry
from webapp.models.consent import Consent
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed
from webapp.models.invitation import Invitation
from webapp.models.partnership import AgreementPerson
from webapp.models.person import Person, PersonAlias
from webapp.models.prospect import Prospect, ProspectState
from webapp.models.question import Answer, PrivateAnswer
from webapp.models.registration import Registration
from webapp.models.track import TrackMember


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, in numbers; and whether the person's own row stays, and why: it is that of
    somebody who takes part in another tour, or is named in a session or at a signing."""

    delegations: int = 0
    coordinations: int = 0
    letters: int = 0
    documents: int = 0
    keeps_person: bool = False

    def __add__(self, other: "Erasure") -> "Erasure":
        return Erasure(
            self.delegations + other.delegations,
            self.coordinations + other.coordinations,
            self.letters + other.letters,
            self.documents + other.documents,
            self.keeps_person or other.keeps_person,
        )


def forget_delegate(delegate: Delegate, by: By, reason: str, *, is_alone: bool = True) -> Erasure:
    """Blank a delegate and all that hangs on one, without a letter and without touching places.
    For `erase` and for retention, which does not take one out of texts (`is_alone` False) since it
    empties all of them. The caller holds the trip; one who is erased already is left alone."""
    if delegate.erased_at is not None:
        return Erasure()
    marks = scrubbing.marks_of_delegate(delegate)
    nobody = erased_address("d", delegate.id)
    registration = delegate.registration
    _close_requests(delegate, marks, by, reason)
    letters = 0
    if is_alone:
        scrubbing.scrub_delegate(delegate, marks)
        about = scrubbing.letters_about(registration, marks)
        letters = scrubbing.scrub_letters(about, marks, nobody)
    files = documents.remove_all(documents.of_delegate(delegate))
    _end_feeds(delegate)
    _drop_rows(delegate)
    delegate.given_name, delegate.family_name, delegate.email = "", NOBODY, nobody
    delegate.phone = delegate.job_title = None
    delegate.token_sealed = tokens.new_token().encode()  # its digest stays: the address says 410
    delegate.erased_at = clock.now()
    db.session.flush()
    audits.write(
        by,
        delegate,
        "erase",
        trip_id=registration.trip_id,
        after={"letters": letters, "documents": files},
        reason=marks.out_of(reason),
    )
    feeds.outdate_registration(registration)
    keeps = not forget_person(delegate.person)
    return Erasure(delegations=1, letters=letters, documents=files, keeps_person=keeps)


def forget_coordinator(
    registration: Registration, by: By, reason: str, *, is_alone: bool = True
) -> Erasure:
    """Blank who speaks for a company; the company's link ends. The caller holds the trip."""
    nobody = erased_address("r", registration.id)
    if registration.coordinator_email == nobody:
        return Erasure()
    marks = _marks_of_coordinator(registration)
    letters = 0
    if is_alone:
        about = scrubbing.letters_about(registration, marks)
        letters = scrubbing.scrub_letters(about, marks, nobody)
        scrubbing.scrub_trip(registration.trip_id, marks)
    registration.coordinator_name, registration.coordinator_email = NOBODY, nobody
    registration.coordinator_phone = None
    token = tokens.new_token()
    registration.token_digest, registration.token_sealed = tokens.digest(token), token.encode()
    db.session.flush()
    audits.write(
        by,
        registration,
        "erase",
        trip_id=registration.trip_id,
        after={"letters": letters},
        reason=marks.out_of(reason),
    )
    return Erasure(coordinations=1, letters=letters)


def forget_prospect(prospect: Prospect, by: By, reason: str, *, is_alone: bool = True) -> None:
    """Blank whom an invitation to apply was sent to, with the letters that went there; it is taken
    back if it still stands. The caller holds the trip."""
    nobody = erased_address("p", prospect.id)
    if prospect.email == nobody:
        return
    marks = scrubbing.marks_of([prospect.name], [prospect.email], [])
    before = prospect.state
    if prospect.may_become(ProspectState.WITHDRAWN):
        prospect.become(ProspectState.WITHDRAWN)
        audits.write(
            by,
            prospect,
            "withdraw",
            trip_id=prospect.trip_id,
            before={"state": before},
            after={"state": prospect.state},
            reason=reason,
        )
    if is_alone:
        scrubbing.scrub_letters(scrubbing.letters_to(prospect.trip_id, marks), marks, nobody)
        scrubbing.scrub_trip(prospect.trip_id, marks)
    prospect.name, prospect.note, prospect.email = NOBODY, None, nobody
    token = tokens.new_token()
    prospect.token_digest, prospect.token_sealed = tokens.digest(token), token.encode()
    db.session.flush()


def forget_person(person: Person) -> bool:
    """Blank the human behind, with other names and addresses, unless somebody who still has a part
    somewhere is the same; says whether it is blanked."""
    people = family(person)
    ids = [each.id for each in people]
    used = (
        select(Delegate.id).where(Delegate.person_id.in_(ids), Delegate.erased_at.is_(None)),
        select(ItemPerson.person_id).where(ItemPerson.person_id.in_(ids)),
        select(AgreementPerson.person_id).where(AgreementPerson.person_id.in_(ids)),
    )
    if any(db.session.scalar(query.limit(1)) is not None for query in used):
        return False
    for each in people:
        each.given_name, each.family_name, each.email = "", NOBODY, None
    db.session.execute(delete(PersonAlias).where(PersonAlias.person_id.in_(ids)))
    of_people = (AuditEntry.object_kind == Person.__tablename__) & AuditEntry.object_id.in_(ids)
    db.session.execute(
        update(AuditEntry)
        .where(of_people)
        .values(before=None, after=None, reason=None)
        .execution_options(synchronize_session="fetch")
    )
    db.session.flush()
    return True


def _marks_of_coordinator(registration: Registration) -> Marks:
    """The marks of who speaks for a company."""
    return scrubbing.marks_of(
        [registration.coordinator_name],
        [registration.coordinator_email],
        [registration.coordinator_phone or ""],
    )


def _close_requests(delegate: Delegate, marks: Marks, by: By, reason: str) -> None:
    """Those about the delegate, and those of any company that would bring the same human in."""
    is_asked_for = func.lower(Amendment.wanted["email"].astext).in_(marks.emails)
    for amendment in db.session.scalars(
        select(Amendment).where(
            Amendment.trip_id == delegate.registration.trip_id,
            Amendment.state == AmendmentState.OPEN,
            or_(Amendment.delegate_id == delegate.id, is_asked_for),
        )
    ):
        before = amendment.state
        amendment.become(AmendmentState.WITHDRAWN)
        amendment.decided_at = clock.now()
        audits.write(
            by,
            amendment,
            "take back",
            trip_id=amendment.trip_id,
            before={"state": before},
            after={"state": amendment.state, "kind": amendment.kind},
            reason=marks.out_of(reason),
        )
    db.session.flush()


def _end_feeds(delegate: Delegate) -> None:
    feeds.close_delegate(delegate)
    db.session.execute(
        update(Feed)
        .where(Feed.delegate_id == delegate.id)
        .values(token_sealed=None, body=None, etag=None)
        .execution_options(synchronize_session="fetch")
    )


def _drop_rows(delegate: Delegate) -> None:
    """Answers and invitations go; consents end, and stay as what was agreed to, by nobody that has
    a name."""
    for model in (Answer, PrivateAnswer, TrackMember, Invitation):
        db.session.execute(
            delete(model)
            .where(model.delegate_id == delegate.id)
            .execution_options(synchronize_session="fetch")
        )
    db.session.execute(
        update(Consent)
        .where(Consent.delegate_id == delegate.id, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )
    db.session.expire(delegate, ["tracks"])

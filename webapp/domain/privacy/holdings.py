"""Everything that is held about one human, as plain values that JSON can hold.

Keys are English and stay; instants are ISO 8601 in UTC. No secret is among them: no link, no
calendar address. Documents come with their octets, as far as MOST_CARRIED goes.
"""

import base64
import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from webapp import i18n, storage
from webapp.db import Facts, db
from webapp.domain import consents, documents
from webapp.domain.privacy import traces
from webapp.domain.privacy.subjects import Subject
from webapp.models.amendment import Amendment
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.feed import Feed
from webapp.models.invitation import Invitation
from webapp.models.pick import Pick
from webapp.models.question import Answer, AnswerKind, PrivateAnswer, Question
from webapp.models.registration import Registration
from webapp.models.trip import Trip

MOST_CARRIED = 25 * 1024 * 1024  # octets of documents in one file; more are only named


def of(subject: Subject, private: Collection[int] | None = None) -> Facts:
    """What is held about `subject`. Sealed answers and documents to sensitive questions are shown
    of the tours whose ids are in `private`, of all when it is None; of others they are counted."""
    carried = _Room(MOST_CARRIED)
    return {
        "people": [
            {"given_name": each.given_name, "family_name": each.family_name, "email": each.email}
            for each in subject.people
        ],
        "other_names": [
            {"given_name": each.given_name, "family_name": each.family_name, "email": each.email}
            for each in subject.aliases
        ],
        "delegations": [
            _delegation(each, private is None or each.registration.trip_id in private, carried)
            for each in subject.delegates
        ],
        "coordinated": [_coordinated(each) for each in subject.coordinated],
        "invitations_to_apply": [
            {
                "tour": _tour(each.trip),
                "company": each.organization_name,
                "name": each.name,
                "email": each.email,
                "state": each.state.value,
                "note": each.note,
                "asked_at": traces.said_at(each.asked_at),
                "reminders": each.reminders,
            }
            for each in subject.prospects
        ],
        "begun_forms": [
            {
                "tour": _tour(each.trip),
                "email": each.email,
                "saved_at": traces.said_at(each.saved_at),
            }
            for each in subject.drafts
        ],
        "letters": traces.letters(subject),
        "refused_letters": traces.refused_letters(subject),
        "history": traces.history(subject),
    }


class _Room:
    """How many octets of documents may still come along."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, size: int) -> bool:
        if size > self.left:
            return False
        self.left -= size
        return True


def _delegation(delegate: Delegate, private: bool, carried: _Room) -> Facts:
    registration = delegate.registration
    return {
        "tour": _tour(registration.trip),
        "company": registration.organization.name,
        "registration": registration.reference,
        "registration_state": registration.state.value,
        "state": delegate.state.value,
        "given_name": delegate.given_name,
        "family_name": delegate.family_name,
        "email": delegate.email,
        "phone": delegate.phone,
        "job_title": delegate.job_title,
        "language": delegate.language,
        "invited_at": traces.said_at(delegate.invited_at),
        "filled_at": traces.said_at(delegate.filled_at),
        "left_at": traces.said_at(delegate.left_at),
        "tracks": [i18n.words(track.name) for track in delegate.tracks],
        "answers": _answers(delegate, private),
        "consents": [
            {
                "purpose": each.purpose.value,
                "wording": each.wording,
                "language": each.language,
                "given_at": traces.said_at(each.given_at),
                "withdrawn_at": traces.said_at(each.withdrawn_at),
            }
            for each in consents.history(delegate)
        ],
        "documents": [
            _document(each, private, carried) for each in documents.of_delegate(delegate)
        ],
        "sessions": _sessions(delegate),
        "calendars": _calendars(delegate),
        "invitations": _invitations(delegate),
        "requests": _requests(delegate),
    }


def _answers(delegate: Delegate, private: bool) -> list[Facts]:
    plain = db.session.scalars(
        select(Answer).where(Answer.delegate_id == delegate.id).options(joinedload(Answer.question))
    ).all()
    sealed = db.session.scalars(
        select(PrivateAnswer)
        .where(PrivateAnswer.delegate_id == delegate.id)
        .options(joinedload(PrivateAnswer.question), undefer(PrivateAnswer.value))
    ).all()
    found = [(each.question, each.value, each.answered_at, False) for each in plain]
    found += [
        (each.question, json.loads(each.value) if private else None, each.answered_at, True)
        for each in sealed
    ]
    return [
        {
            "key": question.key,
            "question": i18n.words(question.label),
            "value": value,
            "said": said(question, value) if private or not is_sealed else None,
            "sealed": is_sealed,
            "answered_at": traces.said_at(at),
        }
        for question, value, at, is_sealed in sorted(found, key=lambda each: each[0].position)
    ]


def said(question: Question, value: Any) -> str:
    """An answer as it reads: the labels of options, "yes" and "no" left to the page."""
    labels = {option["value"]: i18n.words(option["label"]) for option in question.options}
    if question.kind in (AnswerKind.CHOICE, AnswerKind.CHOICES):
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(each, str(each)) for each in chosen)
    return "" if value is None or isinstance(value, bool) else str(value)


def _document(document: Document, private: bool, carried: _Room) -> Facts:
    hidden = documents.is_sensitive(document) and not private
    facts: Facts = {
        "filename": None if hidden else document.filename,
        "media_type": document.media_type,
        "size": document.size,
        "sha256": document.sha256,
        "uploaded_at": traces.said_at(document.uploaded_at),
        "question": i18n.words(document.question.label) if document.question else None,
        "sealed": documents.is_sensitive(document),
        "content": None,
    }
    if not hidden and carried.take(document.size):
        try:
            facts["content"] = base64.b64encode(documents.open(document)).decode()
        except storage.FileGone:
            carried.left += document.size
    return facts


def _sessions(delegate: Delegate) -> list[Facts]:
    rows = db.session.scalars(
        select(Pick)
        .where(Pick.delegate_id == delegate.id)
        .options(joinedload(Pick.item))
        .order_by(Pick.id)
    )
    return [
        {
            "title": i18n.words(pick.item.title),
            "starts_local": pick.item.starts_local.isoformat(timespec="minutes"),
            "zone": pick.item.starts_zone,
            "state": pick.state.value,
            "chosen_at": traces.said_at(pick.queued_at),
        }
        for pick in rows
    ]


def _calendars(delegate: Delegate) -> list[Facts]:
    rows = db.session.scalars(select(Feed).where(Feed.delegate_id == delegate.id).order_by(Feed.id))
    return [
        {
            "language": feed.language,
            "opened_at": traces.said_at(feed.created_at),
            "ended_at": traces.said_at(feed.revoked_at),
        }
        for feed in rows
    ]


def _invitations(delegate: Delegate) -> list[Facts]:
    rows = db.session.scalars(
        select(Invitation).where(Invitation.delegate_id == delegate.id).order_by(Invitation.id)
    )
    return [
        {
            "title": row.said["entry"]["title"],
            "starts_local": row.said["entry"]["starts"]["local"][:16],
            "zone": row.said["entry"]["starts"]["zone"],
            "email": row.email,
            "name": row.name,
            "state": row.state.value,
            "answer": row.answer.value,
            "mailed_at": traces.said_at(row.stamped_at),
            "answered_at": traces.said_at(row.answered_at),
        }
        for row in rows
    ]


def _requests(delegate: Delegate) -> list[Facts]:
    rows = db.session.scalars(
        select(Amendment).where(Amendment.delegate_id == delegate.id).order_by(Amendment.id)
    )
    return [
        {
            "kind": each.kind.value,
            "state": each.state.value,
            "before": each.before,
            "wanted": each.wanted,
            "note": each.note,
            "reason": each.reason,
            "asked_at": traces.said_at(each.asked_at),
        }
        for each in rows
    ]


def _coordinated(registration: Registration) -> Facts:
    return {
        "tour": _tour(registration.trip),
        "company": registration.organization.name,
        "registration": registration.reference,
        "registration_state": registration.state.value,
        "name": registration.coordinator_name,
        "email": registration.coordinator_email,
        "phone": registration.coordinator_phone,
        "language": registration.language,
        "objectives": registration.objectives,
        "submitted_at": traces.said_at(registration.submitted_at),
        "authority_declared_at": traces.said_at(registration.authority_declared_at),
    }


def _tour(trip: Trip) -> Facts:
    return {
        "title": i18n.words(trip.title),
        "slug": trip.slug,
        "starts_on": trip.starts_on.isoformat(),
        "ends_on": trip.ends_on.isoformat(),
        "zone": trip.zone,
    }

"""The letters of a tour in pages: filtered, searched and paged by the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, null, or_, select

from webapp.db import db
from webapp.domain.listings import searching
from webapp.models.mail import Hold, Mail, MailState
from webapp.models.organization import Organization
from webapp.models.registration import Registration
from webapp.models.trip import Trip

SIZE = 50
MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for. `letter` is a kind of webapp/mail/letters.py; `text` is words that each
    stand somewhere in the reader's name or address, the company or the subject, whatever their case
    and accents; the ids are of the message, the reminder or the version that it belongs to."""

    state: MailState | None = None
    letter: str | None = None
    text: str = ""
    mailing_id: int | None = None
    reminder_id: int | None = None
    release_id: int | None = None

    @property
    def narrows(self) -> bool:
        """Whether anything but the state is asked for."""
        belongs = self.mailing_id or self.reminder_id or self.release_id
        return bool(self.letter or self.text or belongs)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. `due_at` is when a waiting or held letter is sent, or tried next."""

    id: int
    letter: str
    subject: str
    to_name: str
    to_email: str
    registration_id: int | None
    organization: str | None
    state: MailState
    hold: Hold | None
    attempts: int
    last_error: str | None
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None

    @property
    def is_written(self) -> bool:
        """Whether a worker has written it: until then it has no subject."""
        return bool(self.subject)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list; `counts` of each state within the other filters."""

    rows: list[Row]
    counts: dict[MailState, int]
    total: int
    number: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // SIZE))

    @property
    def moves(self) -> bool:
        """Whether what it shows may be otherwise in some seconds: a letter is on the wire, or one
        of those shown is about to be."""
        soon = any(row.state == MailState.WAITING and not row.attempts for row in self.rows)
        return soon or bool(self.counts[MailState.SENDING])


def page(trip: Trip, filters: Filters, number: int = 1) -> Page:
    """One page of the letters of a trip, SIZE at most, the newest first. Two statements, however
    many letters there are; the page itself is found without going through all of them."""
    number = min(max(1, number), MOST_PAGES)
    counts, wanted = _found(trip, filters, number)
    rows = {row.id: Row(*row) for row in db.session.execute(_rows(wanted))} if wanted else {}
    total = sum(counts.values()) if filters.state is None else counts[filters.state]
    return Page([rows[each] for each in wanted], counts, total, number)


def _found(trip: Trip, filters: Filters, number: int) -> tuple[dict[MailState, int], list[int]]:
    """How many letters the filters find in each state, and the ids of one page, in one statement.

    Texts are gone through once, for both; without a text, both find their own way by an index.
    """
    matching = _matching(trip, filters)
    found = matching.cte("found") if filters.text else matching.subquery("found")
    counted = select(null().label("id"), found.c.state, func.count()).group_by(found.c.state)
    again = found if filters.text else matching.subquery("again")
    listed = (
        select(again.c.id, null(), null())
        .order_by(again.c.id.desc())
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )
    if filters.state is not None:
        listed = listed.where(again.c.state == filters.state)
    counts, wanted = dict.fromkeys(MailState, 0), []
    for mail_id, state, figure in db.session.execute(counted.union_all(listed)):
        if mail_id is None:
            counts[MailState(state)] = figure
        else:
            wanted.append(mail_id)
    return counts, sorted(wanted, reverse=True)


def _matching(trip: Trip, filters: Filters) -> Any:
    """Id and state of the letters that the filters find, whatever their state."""
    conditions = [Mail.trip_id == trip.id]
    if filters.letter is not None:
        conditions.append(Mail.letter == filters.letter)
    if filters.mailing_id is not None:
        conditions.append(Mail.mailing_id == filters.mailing_id)
    if filters.reminder_id is not None:
        conditions.append(Mail.reminder_id == filters.reminder_id)
    if filters.release_id is not None:
        conditions.append(Mail.release_id == filters.release_id)
    wanted = searching.words(filters.text)
    if not wanted:
        return select(Mail.id, Mail.state).where(*conditions)
    # OFFSET 0 keeps the planner from writing the text out again at each place that asks for it.
    text = func.concat_ws(" ", Mail.to_name, Mail.to_email, Mail.subject).label("text")
    texts = select(Mail.id, Mail.state, Mail.registration_id, text).where(*conditions)
    letters = texts.offset(0).subquery("letters")
    return select(letters.c.id, letters.c.state).where(
        *(
            or_(word.is_in(letters.c.text), letters.c.registration_id.in_(_companies(trip, word)))
            for word in wanted
        )
    )


def _companies(trip: Trip, word: searching.Word) -> Select[Any]:
    """The registrations of companies whose name holds the word: few, so asked once."""
    return (
        select(Registration.id)
        .join(Organization, Registration.organization_id == Organization.id)
        .where(Registration.trip_id == trip.id, word.is_in(Organization.name))
    )


def _rows(wanted: list[int]) -> Any:
    """The lines of the letters with these ids."""
    return (
        select(
            Mail.id,
            Mail.letter,
            Mail.subject,
            Mail.to_name,
            Mail.to_email,
            Mail.registration_id,
            Organization.name,
            Mail.state,
            Mail.hold,
            Mail.attempts,
            Mail.last_error,
            Mail.created_at,
            Mail.due_at,
            Mail.sent_at,
        )
        .outerjoin(Registration, Mail.registration_id == Registration.id)
        .outerjoin(Organization, Registration.organization_id == Organization.id)
        .where(Mail.id.in_(wanted))
    )

"""What belongs to one human, across tours: found by the person behind a delegate and by address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from webapp.db import db
from webapp.models.delegate import Delegate
from webapp.models.draft import Draft
from webapp.models.person import Person, PersonAlias
from webapp.models.prospect import Prospect
from webapp.models.registration import Registration


@dataclass(frozen=True, slots=True)
class Subject:
    """One human: the mail addresses (lower case), and every row that is theirs. `trip_ids` says
    that only these tours were looked at; None: all."""

    emails: frozenset[str]
    people: tuple[Person, ...]
    aliases: tuple[PersonAlias, ...]
    delegates: tuple[Delegate, ...]
    coordinated: tuple[Registration, ...]
    prospects: tuple[Prospect, ...]
    drafts: tuple[Draft, ...]
    trip_ids: frozenset[int] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is held."""
        return not (
            self.people or self.delegates or self.coordinated or self.prospects or self.drafts
        )


def of_delegate(delegate: Delegate) -> Subject:
    """What belongs to whoever holds this delegate's link: all that stands under the address that
    the link was sent to, in all tours. (Another address gets another link, domain/delegates, so
    that nobody reads about somebody else by changing an address.)"""
    email = delegate.email.lower()
    people = [each for each in family(delegate.person) if (each.email or "").lower() == email]
    return _subject(frozenset({email}), people, _delegates(_at(email), None), None)


def of_person(person: Person, trip_ids: Iterable[int] | None = None) -> Subject:
    """What belongs to this human, under whatever names and addresses merges brought together; of
    these tours only, where some are named."""
    people = family(person)
    scope = None if trip_ids is None else frozenset(trip_ids)
    delegates = _delegates(Delegate.person_id.in_([each.id for each in people]), scope)
    emails = {(each.email or "").lower() for each in people}
    emails |= {(each.email or "").lower() for each in _aliases(people)}
    emails |= {each.email.lower() for each in delegates}
    return _subject(frozenset(emails - {""}), people, delegates, scope)


def of_address(email: str) -> Subject:
    """What belongs to whoever has this mail address, in all tours, coordinators too."""
    wanted = email.lower()
    delegates = _delegates(_at(wanted), None)
    found = {each.person_id: each.person for each in delegates}
    found |= {
        each.id: each
        for each in db.session.scalars(select(Person).where(func.lower(Person.email) == wanted))
    }
    aliases = select(PersonAlias).where(func.lower(PersonAlias.email) == wanted)
    found |= {each.person_id: each.person for each in db.session.scalars(aliases)}
    people = {each.id: each for person in found.values() for each in family(person)}
    if not people:
        return _subject(frozenset({wanted}), [], [], None)
    known = [of_person(each) for each in people.values()]
    emails = frozenset({wanted}).union(*(each.emails for each in known))
    everything = {each.id: each for subject in known for each in subject.delegates}
    return _subject(emails, list(people.values()), list(everything.values()), None)


def family(person: Person) -> list[Person]:
    """The person, the one it was merged into, and those that were merged into that one."""
    root, seen = person, {person.id}
    while root.merged_into_id is not None and root.merged_into_id not in seen:
        root = db.session.get_one(Person, root.merged_into_id)
        seen.add(root.id)
    found, new = {root.id: root}, [root.id]
    while new:
        rows = db.session.scalars(select(Person).where(Person.merged_into_id.in_(new))).all()
        new = [each.id for each in rows if each.id not in found]
        found |= {each.id: each for each in rows}
    return list(found.values())


def _subject(
    emails: frozenset[str],
    people: Sequence[Person],
    delegates: Sequence[Delegate],
    trip_ids: frozenset[int] | None,
) -> Subject:
    coordinated = select(Registration).where(func.lower(Registration.coordinator_email).in_(emails))
    prospects = select(Prospect).where(func.lower(Prospect.email).in_(emails))
    drafts = select(Draft).where(func.lower(Draft.email).in_(emails))
    if trip_ids is not None:
        coordinated = coordinated.where(Registration.trip_id.in_(trip_ids))
        prospects = prospects.where(Prospect.trip_id.in_(trip_ids))
        drafts = drafts.where(Draft.trip_id.in_(trip_ids))
    return Subject(
        emails=emails,
        people=tuple(people),
        aliases=tuple(_aliases(people)),
        delegates=tuple(delegates),
        coordinated=tuple(db.session.scalars(coordinated.order_by(Registration.id))),
        prospects=tuple(db.session.scalars(prospects.order_by(Prospect.id))),
        drafts=tuple(db.session.scalars(drafts.order_by(Draft.id))),
        trip_ids=trip_ids,
    )


def _at(email: str) -> ColumnElement[bool]:
    return func.lower(Delegate.email) == email


def _delegates(condition: ColumnElement[bool], trip_ids: frozenset[int] | None) -> list[Delegate]:
    query = (
        select(Delegate)
        .join(Delegate.registration)
        .where(condition, Delegate.erased_at.is_(None))
        .options(joinedload(Delegate.person))
        .order_by(Delegate.id)
    )
    if trip_ids is not None:
        query = query.where(Registration.trip_id.in_(trip_ids))
    return list(db.session.scalars(query))


def _aliases(people: Sequence[Person]) -> Sequence[PersonAlias]:
    ids = [each.id for each in people]
    return db.session.scalars(
        select(PersonAlias).where(PersonAlias.person_id.in_(ids)).order_by(PersonAlias.id)
    ).all()

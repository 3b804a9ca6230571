"""Two rows of one human become one."""

from typing import Any

from sqlalchemy import delete, func, select, update

from webapp.db import db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.domain.merges import touching
from webapp.domain.merges.refusing import MergeRefused, Why
from webapp.models.agenda import ItemPerson
from webapp.models.delegate import GONE, Delegate
from webapp.models.partnership import AgreementPerson
from webapp.models.person import Person, PersonAlias
from webapp.models.registration import Registration
from webapp.models.release import ReleaseItem


def merge_people(keep: Person, drop: Person, by: By, reason: str) -> None:
    """Make `drop` the same human as `keep`: delegates, sessions and agreements hang on the kept
    one, which is found by the other's mail address too. What companies gave as data of their
    delegates stays as they gave it. The audit row of `drop` holds what was moved.

    Holds every tour that has to do with either. Raises MergeRefused, also for two delegates of one
    registration: one of them withdraws first.
    """
    if not reason.strip():
        raise MergeRefused(Why.REASON_MISSING)
    if keep.id == drop.id:
        raise MergeRefused(Why.SAME)
    trip_ids = _hold(keep.id, drop.id)
    if keep.merged_into_id or drop.merged_into_id:
        raise MergeRefused(Why.MERGED)
    _refuse_one_registration(keep, drop)
    facts: dict[str, Any] = {
        "given_name": drop.given_name,
        "family_name": drop.family_name,
        "email": drop.email,
        "delegates": _moved(Delegate, keep, drop),
        "agreements": _moved(AgreementPerson, keep, drop),
        "merged": _merged_before(keep, drop),
    }
    facts |= _move_items(keep, drop)
    _move_values(keep, drop)
    db.session.add(
        PersonAlias(
            person_id=keep.id,
            given_name=drop.given_name,
            family_name=drop.family_name,
            email=drop.email,
        )
    )
    drop.merged_into_id = keep.id
    db.session.flush()
    for trip_id in trip_ids or (None,):
        audits.write(
            by,
            drop,
            "merge",
            trip_id=trip_id,
            before=facts,
            after={"merged_into": keep.id, "name": keep.name},
            reason=reason,
        )
    db.session.flush()
    db.session.expire_all()


def _hold(*ids: int) -> tuple[int, ...]:
    wanted = touching.by_people(ids).trip_ids
    for trip_id in wanted:
        seats.hold(trip_id)
    db.session.scalars(
        select(Person).where(Person.id.in_(ids)).order_by(Person.id).with_for_update()
    ).all()
    if set(touching.by_people(ids).trip_ids) - set(wanted):
        raise MergeRefused(Why.MEANWHILE)
    return wanted


def _refuse_one_registration(keep: Person, drop: Person) -> None:
    twice = db.session.execute(
        select(Registration.reference)
        .join(Delegate, Delegate.registration_id == Registration.id)
        .where(Delegate.person_id.in_([keep.id, drop.id]), Delegate.state.not_in(GONE))
        .group_by(Registration.id)
        .having(func.count(Delegate.person_id.distinct()) > 1)
    ).first()
    if twice:
        raise MergeRefused(Why.SAME_REGISTRATION, older=twice[0])


def _moved(table: Any, keep: Person, drop: Person) -> list[int]:
    return sorted(
        db.session.scalars(
            update(table)
            .where(table.person_id == drop.id)
            .values(person_id=keep.id)
            .returning(table.id)
            .execution_options(synchronize_session=False)
        )
    )


def _merged_before(keep: Person, drop: Person) -> list[int]:
    """Who was merged into the other one before, and the names they went by, follow."""
    _moved(PersonAlias, keep, drop)
    return sorted(
        db.session.scalars(
            update(Person)
            .where(Person.merged_into_id == drop.id)
            .values(merged_into_id=keep.id)
            .returning(Person.id)
            .execution_options(synchronize_session=False)
        )
    )


def _move_items(keep: Person, drop: Person) -> dict[str, list[list[Any]]]:
    """What they do in sessions: once in each role."""
    there = {
        (item_id, role)
        for item_id, role in db.session.execute(
            select(ItemPerson.item_id, ItemPerson.role).where(ItemPerson.person_id == keep.id)
        )
    }
    facts: dict[str, list[list[Any]]] = {"item_people": [], "item_people_twice": []}
    rows = db.session.execute(
        select(ItemPerson.item_id, ItemPerson.role, ItemPerson.position).where(
            ItemPerson.person_id == drop.id
        )
    ).all()
    for item_id, role, position in rows:
        is_twice = (item_id, role) in there
        facts["item_people_twice" if is_twice else "item_people"].append(
            [item_id, role.value, position]
        )
        which = (
            ItemPerson.item_id == item_id,
            ItemPerson.person_id == drop.id,
            ItemPerson.role == role,
        )
        deed = delete(ItemPerson) if is_twice else update(ItemPerson).values(person_id=keep.id)
        db.session.execute(deed.where(*which).execution_options(synchronize_session=False))
    return facts


def _move_values(keep: Person, drop: Person) -> None:
    """A version that is restored names the one that is kept."""
    named = ReleaseItem.values["people"].contains([[drop.id]])
    for row in db.session.scalars(select(ReleaseItem).where(named)):
        values = dict(row.values or {})
        people = [
            (keep.id if number == drop.id else number, *rest) for number, *rest in values["people"]
        ]
        row.values = values | {"people": [list(each) for each in dict.fromkeys(people)]}
    db.session.flush()

"""Which tours have to do with an organization or a person, so that their organizers are asked."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import exists, or_, select, union

from webapp.db import db
from webapp.models.agenda import AgendaItem, ItemCompany, ItemPerson
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed
from webapp.models.held import HeldPlaces
from webapp.models.partnership import AgreementPerson, Partnership
from webapp.models.place import Stop
from webapp.models.registration import Registration
from webapp.models.trip import TripMember, TripPartner


@dataclass(frozen=True, slots=True)
class Touched:
    """The tours, by id in order, and whether the public pages of the partnership are among what a
    merge would change: those are of whoever runs everything."""

    trip_ids: tuple[int, ...]
    is_public_face: bool


def by_organizations(ids: Iterable[int]) -> Touched:
    """What has to do with these organizations."""
    wanted = list(ids)
    rows = union(
        select(Registration.trip_id).where(
            or_(Registration.organization_id.in_(wanted), Registration.says_to_be_id.in_(wanted))
        ),
        select(TripPartner.trip_id).where(TripPartner.organization_id.in_(wanted)),
        select(TripMember.trip_id).where(TripMember.organization_id.in_(wanted)),
        select(HeldPlaces.trip_id).where(HeldPlaces.organization_id.in_(wanted)),
        select(Stop.trip_id).where(Stop.local_host_id.in_(wanted)),
        select(AgendaItem.trip_id).where(AgendaItem.host_id.in_(wanted)),
        select(Feed.trip_id).where(Feed.host_id.in_(wanted)),
        select(AgendaItem.trip_id)
        .join(ItemCompany, ItemCompany.item_id == AgendaItem.id)
        .where(ItemCompany.organization_id.in_(wanted)),
    )
    face = exists().where(Partnership.representative_id.in_(wanted))
    return Touched(tuple(sorted(db.session.scalars(rows))), _says(face))


def by_people(ids: Iterable[int]) -> Touched:
    """What has to do with these people."""
    wanted = list(ids)
    rows = union(
        select(Registration.trip_id)
        .join(Delegate, Delegate.registration_id == Registration.id)
        .where(Delegate.person_id.in_(wanted)),
        select(AgendaItem.trip_id)
        .join(ItemPerson, ItemPerson.item_id == AgendaItem.id)
        .where(ItemPerson.person_id.in_(wanted)),
    )
    face = exists().where(AgreementPerson.person_id.in_(wanted))
    return Touched(tuple(sorted(db.session.scalars(rows))), _says(face))


def _says(condition: object) -> bool:
    return bool(db.session.scalar(select(condition)))  # type: ignore[call-overload]

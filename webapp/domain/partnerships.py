"""The public face: the partnership, its regions, agreements and articles."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.db import db
from webapp.models.basis import Source
from webapp.models.partnership import Agreement, AgreementPerson, Partnership, Region


def first() -> Partnership | None:
    """The partnership that the front page tells of, with all that its page shows."""
    return db.session.scalars(
        select(Partnership)
        .order_by(Partnership.id)
        .limit(1)
        .options(
            selectinload(Partnership.regions).selectinload(Region.facts),
            selectinload(Partnership.agreements)
            .selectinload(Agreement.people)
            .joinedload(AgreementPerson.person),
            selectinload(Partnership.articles),
            selectinload(Partnership.representative),
        )
    ).one_or_none()


def sources() -> dict[str, Source]:
    """Every source by its key, for footnotes."""
    return {source.key: source for source in db.session.scalars(select(Source))}

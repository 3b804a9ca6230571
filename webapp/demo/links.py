"""Where to look at the demonstration: whole addresses, each working now."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp import addresses
from webapp.db import db
from webapp.demo import organizer
from webapp.demo.files import facts
from webapp.demo.loader import demonstration_tours
from webapp.domain import feeds, published
from webapp.models.basis import Basis
from webapp.models.feed import Feed
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip


def links() -> dict[str, Any]:
    """The addresses of DESIGN section 3, the latest tour first: there one can register. What is not
    there (any more) is None.

    Only sample companies are named: the links of others are their own.
    """
    tours = reversed(demonstration_tours())
    return {
        "organizer": {
            "url": addresses.organizer(),
            "email": facts("staff")["email"],
            "password": organizer.password(),
        },
        "trips": [_of_trip(trip) for trip in tours if trip.is_public],
    }


def _of_trip(trip: Trip) -> dict[str, str | None]:
    items = published.items(trip)
    company = _company(trip)
    return {
        "slug": trip.slug,
        "page": addresses.trip(trip.slug),
        "agenda": addresses.agenda(trip.slug),
        "register": addresses.register(trip.slug),
        "feed": addresses.public_feed(trip.slug),
        "item": addresses.item_file(trip.slug, items[0].uid) if items else None,
        **_of_company(company),
    }


def _of_company(company: Registration | None) -> dict[str, str | None]:
    if company is None:
        return dict.fromkeys(("company", "company_feed", "delegate", "delegate_feed"))
    delegate = company.delegates[0]
    return {
        "company": addresses.company(company.token),
        "company_feed": _address(feeds.of_company(company)),
        "delegate": addresses.delegate(delegate.token),
        "delegate_feed": _address(feeds.of_delegate(delegate)),
    }


def _address(feed: Feed | None) -> str | None:
    return addresses.feed(feed.token) if feed else None


def _company(trip: Trip) -> Registration | None:
    """The first accepted sample company."""
    query = select(Registration).where(
        Registration.trip_id == trip.id,
        Registration.basis == Basis.ILLUSTRATIVE,
        Registration.state == RegistrationState.ACCEPTED,
    )
    return db.session.scalars(
        query.order_by(Registration.id).options(selectinload(Registration.delegates)).limit(1)
    ).first()

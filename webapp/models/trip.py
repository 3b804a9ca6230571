"""A delegation tour."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Facts, Short, Words
from webapp.models.basis import Based
from webapp.models.organization import Organization
from webapp.models.place import Stop
from webapp.models.release import Release
from webapp.models.states import Stateful
from webapp.models.track import Track


class TripState(StrEnum):
    """A draft is seen by staff alone; a withdrawn trip answers 410."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class Window(StrEnum):
    """Where a trip stands with its registration."""

    NONE = "none"
    BEFORE = "before"
    OPEN = "open"
    CLOSED = "closed"


class Order(StrEnum):
    """In what order companies are served: as they arrived, or by score (then as they arrived)."""

    ARRIVAL = "arrival"
    SCORE = "score"


class Promotion(StrEnum):
    """What a place that comes up means to the company whose turn it is: an offer to answer by a
    deadline, a place at once, or a place that it holds while the organizers decide."""

    OFFER = "offer"
    AT_ONCE = "at_once"
    REVIEW = "review"


class Inviting(StrEnum):
    """Which sessions are mailed as invitations besides standing in the feed: none, those that
    change after a delegate had them, or every one that asks for it."""

    FEED = "feed"
    CHANGES = "changes"
    ALL = "all"


class Trip(Stateful, Based, Base):
    """A delegation tour. Dates are local to `zone`, both inclusive; limits None mean no limit."""

    __tablename__ = "trips"
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        sa.CheckConstraint(
            "registration_opens_at < registration_closes_at", name="window_in_order"
        ),
        sa.CheckConstraint("max_delegates > 0", name="max_delegates_positive"),
        sa.CheckConstraint("max_organizations > 0", name="max_organizations_positive"),
        sa.CheckConstraint("max_per_organization > 0", name="max_per_organization_positive"),
        sa.CheckConstraint("margin_minutes BETWEEN 0 AND 240", name="margin_within_hours"),
        sa.CheckConstraint("arrival_minutes BETWEEN 0 AND 240", name="arrival_within_hours"),
        sa.CheckConstraint("offer_hours BETWEEN 1 AND 2160", name="offer_within_90_days"),
        sa.CheckConstraint("NOT is_template OR state = 'draft'", name="template_is_draft"),
    )
    MOVES: ClassVar = {
        TripState.DRAFT: frozenset({TripState.ANNOUNCED, TripState.WITHDRAWN}),
        TripState.ANNOUNCED: frozenset({TripState.CANCELLED, TripState.WITHDRAWN}),
        TripState.CANCELLED: frozenset({TripState.ANNOUNCED, TripState.WITHDRAWN}),
        TripState.WITHDRAWN: frozenset(),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[Short] = mapped_column(unique=True)
    uid: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)  # of its all-day bar
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    title: Mapped[Words]
    summary: Mapped[Words]
    kind: Mapped[Words | None]
    state: Mapped[TripState] = mapped_column(default=TripState.DRAFT)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    zone: Mapped[Short]
    home_zone: Mapped[Short | None]  # where most delegates live: shown beside, never instead
    max_delegates: Mapped[int | None]
    max_organizations: Mapped[int | None]
    max_per_organization: Mapped[int] = mapped_column(default=10)
    registration_opens_at: Mapped[datetime | None]
    registration_closes_at: Mapped[datetime | None]
    deadline_zone: Mapped[Short | None]  # the zone that deadlines are said in; None: `zone`
    freezes_at: Mapped[datetime | None]  # from then on a change is a request
    details_due_at: Mapped[datetime | None]  # the second stage's answers: travel details
    accepts_at_once: Mapped[bool] = mapped_column(default=False)  # where there is room
    queue_order: Mapped[Order] = mapped_column(default=Order.ARRIVAL)
    promotion: Mapped[Promotion] = mapped_column(default=Promotion.OFFER)
    offer_hours: Mapped[int] = mapped_column(default=72)
    # Whether a smaller party may take the places that are too few for the one before it.
    skips_parties: Mapped[bool] = mapped_column(default=True)
    form_note: Mapped[Words | None]  # what the organizers say above the application form
    form_fields: Mapped[Facts] = mapped_column(default=dict)  # {field: required|optional|hidden}
    currency: Mapped[Short] = mapped_column(default="EUR")  # ISO 4217, of all its fees
    retention: Mapped[Facts] = mapped_column(default=dict)  # {kind of data: days after the end}
    contact_email: Mapped[str | None]
    inviting: Mapped[Inviting] = mapped_column(default=Inviting.FEED, server_default="feed")
    inviting_since: Mapped[datetime | None]  # None: it never did
    inviting_goes_at: Mapped[datetime | None]  # until then all are held (domain/invitations)
    # Moves with all that every calendar of the trip is made of: VEVENTs kept under it stay right.
    calendar_number: Mapped[int] = mapped_column(default=0, server_default="0")
    is_template: Mapped[bool] = mapped_column(default=False)  # to start others from; never public
    # How clashes are judged (domain/clashes): levels by rule, km/h by mode; empty: the defaults.
    clash_levels: Mapped[Facts] = mapped_column(default=dict)
    travel_speeds: Mapped[Facts] = mapped_column(default=dict)
    margin_minutes: Mapped[int] = mapped_column(default=10)  # on top of every way
    arrival_minutes: Mapped[int] = mapped_column(default=45)  # after a flight from abroad
    created_at: Mapped[datetime]
    release_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("releases.id", use_alter=True, ondelete="SET NULL")
    )
    release: Mapped[Release | None] = relationship(foreign_keys=[release_id], post_update=True)
    stops: Mapped[list[Stop]] = relationship(order_by=Stop.position)
    tracks: Mapped[list[Track]] = relationship(order_by=Track.position)
    partners: Mapped[list["TripPartner"]] = relationship(order_by="TripPartner.position")
    members: Mapped[list["TripMember"]] = relationship(order_by="TripMember.position")

    def window(self, at: datetime) -> Window:
        """Where registration stands at the aware instant `at`."""
        opens, closes = self.registration_opens_at, self.registration_closes_at
        if closes is None or self.state != TripState.ANNOUNCED:
            return Window.NONE
        if opens is not None and at < opens:
            return Window.BEFORE
        return Window.OPEN if at < closes else Window.CLOSED

    @property
    def is_public(self) -> bool:
        return self.state in (TripState.ANNOUNCED, TripState.CANCELLED)

    @property
    def says_deadlines_in(self) -> str:
        """The IANA zone in which its deadlines are told."""
        return self.deadline_zone or self.zone

    def is_frozen(self, at: datetime) -> bool:
        """Whether what a company changes at the aware instant `at` is a request."""
        return self.freezes_at is not None and at >= self.freezes_at


class TripPartner(Based, Base):
    """An organization that carries a trip, and how."""

    __tablename__ = "trip_partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organizations.id"))
    role: Mapped[Words]
    position: Mapped[int] = mapped_column(default=0)
    organization: Mapped[Organization] = relationship()


class TripMember(Based, Base):
    """An organization known to have travelled, from the sources, without registering here."""

    __tablename__ = "trip_members"

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organizations.id"))
    position: Mapped[int] = mapped_column(default=0)
    note: Mapped[Words | None]
    organization: Mapped[Organization] = relationship()

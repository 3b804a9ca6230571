"""What a trip costs a company, what it owes and what it paid. No card is ever charged here."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Facts, Name, Short, Words
from webapp.models.registration import Registration

Money = sa.Numeric(12, 2)  # in the trip's currency
Rate = sa.Numeric(5, 2)  # percent


class FeeKind(StrEnum):
    """A fee; a deposit that is given back; an aid, which is negative."""

    FEE = "fee"
    DEPOSIT = "deposit"
    AID = "aid"


class FeeBasis(StrEnum):
    """How often it counts: once for a company, or for each delegate who comes."""

    COMPANY = "company"
    DELEGATE = "delegate"


class FeeItem(Base):
    """One line of a trip's price list. `instalments` are {"percent": "50.00", and either "due_on":
    ISO date or "days": days after acceptance}; their percents make 100. Amounts are net."""

    __tablename__ = "fee_items"
    __table_args__ = (
        sa.CheckConstraint("tax_rate BETWEEN 0 AND 100", name="tax_rate_within"),
        sa.CheckConstraint("(kind = 'aid') = (net < 0)", name="only_aid_is_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[Words]
    kind: Mapped[FeeKind] = mapped_column(default=FeeKind.FEE)
    basis: Mapped[FeeBasis] = mapped_column(default=FeeBasis.COMPANY)
    net: Mapped[Decimal] = mapped_column(Money)
    tax_rate: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0))
    instalments: Mapped[list[Facts]] = mapped_column(default=list)
    retired_at: Mapped[datetime | None]


class Charge(Base):
    """What one company owes, by one date: an instalment of a price, or a line of its own.

    `lapses`: unpaid at the end of `due_on` (in the zone of the deadlines), the place is lost and
    passes on. A waived or void charge is owed no more. (domain.md rules 10 to 13.) `form_key` comes
    from the form that made it, so that a double click makes one row (domain/form_keys.py).
    """

    __tablename__ = "charges"
    __table_args__ = (sa.UniqueConstraint("registration_id", "form_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    fee_item_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("fee_items.id", ondelete="SET NULL")
    )
    instalment: Mapped[int] = mapped_column(default=0)  # of the item, from 0
    name: Mapped[Words]
    kind: Mapped[FeeKind] = mapped_column(default=FeeKind.FEE)
    quantity: Mapped[int] = mapped_column(default=1)
    net: Mapped[Decimal] = mapped_column(Money)  # of all of the quantity
    tax_rate: Mapped[Decimal] = mapped_column(Rate)
    tax: Mapped[Decimal] = mapped_column(Money)
    due_on: Mapped[date | None]
    lapses: Mapped[bool] = mapped_column(default=True)
    waived_at: Mapped[datetime | None]
    waived_reason: Mapped[str | None]
    voided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    form_key: Mapped[uuid.UUID | None]
    registration: Mapped[Registration] = relationship()

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax

    @property
    def is_owed(self) -> bool:
        return self.waived_at is None and self.voided_at is None


class Payment(Base):
    """Money that came in, or (negative) was given back, as an organizer recorded it. `form_key` as
    a charge has one."""

    __tablename__ = "payments"
    __table_args__ = (sa.UniqueConstraint("registration_id", "form_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    amount: Mapped[Decimal] = mapped_column(Money)
    received_on: Mapped[date]
    reference: Mapped[Name | None]  # of the transfer, or how it came
    purchase_order: Mapped[Short | None]
    recorded_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="SET NULL"))
    voided_at: Mapped[datetime | None]  # recorded by mistake
    voided_reason: Mapped[str | None]
    form_key: Mapped[uuid.UUID | None]
    registration: Mapped[Registration] = relationship()

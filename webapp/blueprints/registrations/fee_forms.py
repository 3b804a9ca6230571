"""The forms of fees: a price with its instalments, a line, a payment, a reason."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField

from webapp.blueprints.fields import day, line, whole
from webapp.blueprints.labels import FEE_BASES, FEE_KINDS, choices
from webapp.blueprints.registrations.amounts import AmountField
from webapp.db import Words
from webapp.domain import charges, instalments, payments, prices
from webapp.domain.instalments import MOST_DAYS, MOST_INSTALMENTS, Instalment
from webapp.domain.payments import PaymentData
from webapp.domain.prices import PriceData
from webapp.errors import DomainError
from webapp.models.fee import FeeBasis, FeeItem, FeeKind

SPARE = 2  # empty rows for further instalments
HUNDRED = Decimal(100)


class PriceForm(FlaskForm):
    """A price of the list. `of` makes it with its rows of instalments."""

    name_en = line(_l("Name in English"), most=120)
    name_fr = line(_l("Name in French"), most=120, optional=True)
    kind = SelectField(
        _l("Kind"), description=_l("Aid is always taken off, with or without a minus.")
    )
    basis = RadioField(_l("Counts"))
    net = AmountField(_l("Net amount"))
    tax_rate = AmountField(_l("Tax in percent"), is_money=False)
    rows: tuple[int, ...] = ()
    currency = "EUR"

    @classmethod
    def of(cls, currency: str, item: FeeItem | None, sent: int = 0) -> "PriceForm":
        """The form of a price, or of a new one; `sent` is how many rows the request brings."""
        known = instalments.read(item.instalments) if item else ()
        count = min(max(len(known) + SPARE, sent, 3), MOST_INSTALMENTS)
        shown: dict[str, Any] = {"tax_rate": Decimal(0), "kind": "fee", "basis": "company"}
        if item:
            shown = {
                "name_en": item.name.get("en"), "name_fr": item.name.get("fr"), "kind": item.kind,
                "basis": item.basis, "net": item.net, "tax_rate": item.tax_rate,
            }  # fmt: skip
        for row, each in enumerate(known or (Instalment(HUNDRED, days=30),)):
            shown |= {f"percent_{row}": each.percent, f"due_on_{row}": each.due_on}
            shown[f"days_{row}"] = each.days
        form = _with_rows(count)(data=shown)
        form.currency = currency
        form.kind.choices = choices(FEE_KINDS)
        form.basis.choices = choices(FEE_BASES)
        return form

    def values(self) -> PriceData:
        """What was typed, as the domain wants it. Only after `validate`."""
        kind, net = FeeKind(self.kind.data), self.net.data
        return PriceData(
            name=Words({"en": self.name_en.data, "fr": self.name_fr.data or ""}),
            kind=kind,
            basis=FeeBasis(self.basis.data),
            net=-abs(net) if kind == FeeKind.AID else net,
            tax_rate=self.tax_rate.data,
            instalments=tuple(
                Instalment(self[f"percent_{row}"].data, self[f"due_on_{row}"].data, days)
                for row in self.rows
                if self._is_filled(row)
                for days in [self[f"days_{row}"].data]
            ),
        )

    def validate(self, extra_validators: Any = None) -> bool:
        fine = bool(super().validate(extra_validators))
        for row in self.rows:
            if self._is_filled(row) and not self[f"percent_{row}"].errors:
                fine = self._check_row(row) and fine
        return fine

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        match error:
            case instalments.InstalmentsDoNotAddUp(total=total):
                words = _("The instalments make %(total)s %% together; they have to make 100 %%.",
                          total=f"{total.normalize():f}")  # fmt: skip
                self["percent_0"].errors = [words]
            case prices.KindFixed():
                self.kind.errors = [
                    _("Companies were charged this price, so it cannot turn from or into aid.")
                ]
            case prices.WrongSign():
                self.net.errors = [_("Only aid lowers what is owed. Choose aid, or give no minus.")]
            case charges.AmountRefused():
                self.net.errors = [_("This amount is too large or too fine.")]
            case charges.TaxRefused():
                self.tax_rate.errors = [_("A rate of tax lies between 0 and 100 percent.")]
            case prices.TooManyPrices():
                self.name_en.errors = [_("The list is full. Retire a price that is not used.")]
            case _:
                raise error

    def _is_filled(self, row: int) -> bool:
        return any(
            self[f"{name}_{row}"].raw_data and self[f"{name}_{row}"].raw_data[0].strip()
            for name in ("percent", "due_on", "days")
        )

    def _check_row(self, row: int) -> bool:
        percent, days = self[f"percent_{row}"], self[f"days_{row}"]
        due_on = self[f"due_on_{row}"]
        # A field that was left empty, or could not be read, holds no number.
        if not isinstance(percent.data, Decimal) or not 0 < percent.data <= HUNDRED:
            percent.errors = [_("Please give a share between 0 and 100 percent.")]
        elif not due_on.errors and not days.errors and (due_on.data is None) == (days.data is None):
            due_on.errors = [_("Please give either a date or a number of days.")]
        else:
            return not (due_on.errors or days.errors)
        return False


def _with_rows(count: int) -> type[PriceForm]:
    """The form with so many rows: flat fields, so that each has a name that says its row."""
    fields: dict[str, Any] = {"rows": tuple(range(count))}
    for row in range(count):
        number = row + 1
        fields[f"percent_{row}"] = AmountField(
            _l("Share of instalment %(number)d in percent", number=number),
            is_money=False, optional=True,
        )  # fmt: skip
        fields[f"due_on_{row}"] = day(
            _l("Instalment %(number)d is due on", number=number), needed=False
        )
        fields[f"days_{row}"] = whole(
            _l("or so many days after acceptance (%(number)d)", number=number), 0, MOST_DAYS
        )
    return type("PriceFormWithRows", (PriceForm,), fields)


class MoneyForm(FlaskForm):
    """A form with an amount in a currency. `form_key` tells one form from the next, so that a
    double click records nothing twice."""

    form_key = HiddenField(default=lambda: str(uuid4()))
    currency = "EUR"

    @classmethod
    def of(cls, currency: str, **shown: Any) -> Any:
        """The empty form, or the one that was sent."""
        form = cls(data=shown)
        form.currency = currency
        return form

    def key(self) -> UUID:
        """The form's key; a new one where none, or nonsense, was sent."""
        try:
            return UUID(self.form_key.data)
        except ValueError:
            return uuid4()


class LineForm(MoneyForm):
    """A line of its own for one company."""

    name = line(_l("What for"), most=120)
    net = AmountField(_l("Net amount"), description=_l("With a minus it is taken off."))
    tax_rate = AmountField(_l("Tax in percent"), is_money=False)
    due_on = day(_l("Due on"), needed=False)
    lapses = BooleanField(_l("The place is lost if this is not paid by then"))

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        match error:
            case charges.TaxRefused():
                self.tax_rate.errors = [_("A rate of tax lies between 0 and 100 percent.")]
            case charges.DatePassed():
                self.due_on.errors = [_("This day has passed.")]
            case charges.AmountRefused():
                self.net.errors = [_("This amount is zero, too large or too fine.")]
            case _:
                raise error


class PaymentForm(MoneyForm):
    """Money that came in or was given back."""

    amount = AmountField(_l("Amount"), description=_l("With a minus for money that you gave back."))
    received_on = day(_l("Received on"))
    reference = line(_l("Reference of the transfer, or how it came"), most=200, optional=True)
    purchase_order = line(_l("Purchase order number"), most=64, optional=True)

    def values(self) -> PaymentData:
        """What was typed, as the domain wants it. Only after `validate`."""
        return PaymentData(
            self.amount.data,
            self.received_on.data,
            self.reference.data or None,
            self.purchase_order.data or None,
            self.key(),
        )

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        match error:
            case payments.NotYet():
                self.received_on.errors = [_("This day has not begun yet.")]
            case payments.MoreThanWasPaid():
                self.amount.errors = [_("That is more than the company has paid.")]
            case charges.AmountRefused():
                self.amount.errors = [_("This amount is zero, too large or too fine.")]
            case _:
                raise error


class ReasonForm(FlaskForm):
    """Why a payment is taken back."""

    reason = line(_l("Reason"), most=500)


class LineActForm(ReasonForm):
    """What becomes of a line, and why; the date only where it gets another one."""

    due_on = day(_l("New date"), needed=False)

"""Amounts of money as people type them: "1 234,50", "1,234.50", "1234.5". Never guessed: what two
readers would read differently is asked about."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, Form, StringField
from wtforms.validators import Optional, StopValidation

from webapp.blueprints.fields import clean_line
from webapp.domain import money
from webapp.i18n import current_language
from webapp.i18n import money as said

GROUPS = {"en": ",", "fr": " "}  # what parts thousands in the language of the reader
MOST_TYPED = 40


class NoAmount(ValueError):
    """The text is no number, or one with too many decimals."""


class Unclear(ValueError):
    """The text may be read as `whole`, with a separator for thousands, or as `part` of that."""

    def __init__(self, whole: Decimal, part: Decimal) -> None:
        super().__init__(f"{whole} or {part}")
        self.whole = whole
        self.part = part


def read(text: str, language: str, decimals: int) -> Decimal:
    """The number that `text` says to a reader of `language` ("en" or "fr").

    Where both signs stand, the last parts the decimals. One sign alone parts decimals when one or
    two digits follow; when three follow, it parts thousands where the reader's language writes them
    so ("1,234" in English), and else nobody knows. Raises Unclear and NoAmount.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("\N{MINUS SIGN}", "-")
    plain = plain.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("'", " ")
    sign = -1 if plain.startswith("-") else 1
    whole, part = _split(plain.lstrip("+-").strip(), language)
    if len(part) > decimals and part.strip("0"):
        raise NoAmount
    return sign * Decimal(f"{whole}.{part or 0}")


def _split(text: str, language: str) -> tuple[str, str]:
    """The digits before and after the decimal sign."""
    found = re.fullmatch(r"(\d[\d .,]*?)(?:([.,])(\d{1,2}))?", text, re.ASCII)
    if found is None:
        raise NoAmount
    head, sign, part = found[1], found[2], found[3] or ""
    inside = {each for each in head if not each.isdigit()}
    if sign in inside or len(inside) > 1:
        raise NoAmount
    for each in inside:
        if not re.fullmatch(rf"[1-9]\d{{0,2}}({re.escape(each)}\d{{3}})+", head, re.ASCII):
            raise NoAmount
        is_alone = not sign and head.count(each) == 1 and each != " "
        if is_alone and each != GROUPS[language]:
            raise Unclear(Decimal(head.replace(each, "")), Decimal(head.replace(each, ".")))
    return re.sub(r"[ .,]", "", head), part


class Given:
    """The field must hold an amount; zero is one."""

    field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if field.data is None or field.data == "":
            raise StopValidation(_("Please give an amount."))


class AmountField(StringField):
    """An amount in the currency of the form (`form.currency`), or a number with two decimals."""

    data: Any  # as typed, then a Decimal or None

    def __init__(self, *args: Any, optional: bool = False, is_money: bool = True, **kw: Any):
        first = Optional() if optional else Given()
        attributes = {"inputmode": "decimal", "autocomplete": "off", **kw.pop("render_kw", {})}
        super().__init__(*args, validators=[first], render_kw=attributes, **kw)
        self.is_money = is_money

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return plain(self.data) if isinstance(self.data, Decimal) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = clean_line(valuelist[0]) if valuelist else ""

    def pre_validate(self, form: Form) -> None:
        text = self.data
        if not text or isinstance(text, Decimal):
            return
        self.data = None
        currency = form.currency
        try:
            if len(text) > MOST_TYPED:
                raise NoAmount
            digits = money.decimals(currency) if self.is_money else 2
            self.data = read(text, current_language(), digits)
        except Unclear as unclear:
            raise StopValidation(_question(unclear, currency if self.is_money else "")) from unclear
        except NoAmount as wrong:
            raise StopValidation(_wrong(currency if self.is_money else "")) from wrong


def plain(amount: Decimal) -> str:
    """An amount as it can be typed: without a separator for thousands."""
    text = f"{amount:.2f}".removesuffix(".00")
    return text.replace(".", ",") if current_language() == "fr" else text


def _question(unclear: Unclear, currency: str) -> str:
    if not currency:
        return _("This may be read in two ways. Please write it without a separator for thousands.")
    return _(
        "Is this %(whole)s, or %(part)s? Please write it without a separator for thousands.",
        whole=said(unclear.whole, currency),
        part=str(unclear.part).replace(".", "," if current_language() == "fr" else "."),
    )


def _wrong(currency: str) -> str:
    if not currency:
        return _("Please give a number with two decimals at most.")
    if not money.decimals(currency):
        return _("Please give an amount in %(currency)s, without decimals.", currency=currency)
    return _(
        "Please give an amount in %(currency)s, like %(example)s.",
        currency=currency,
        example=plain(Decimal("1234.50")),
    )

"""Form fields as we want them: trimmed, bounded, and with words that say what to mend."""

import re
import unicodedata
from functools import cache
from typing import Any

import phonenumbers
from babel import Locale
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    DateTimeLocalField,
    Field,
    Form,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional, StopValidation, ValidationError

from webapp import clock
from webapp.i18n import LANGUAGES, current_language

# Line ends and tabs may stand in a text; other control characters and lone surrogates may not,
# nor may characters that are not seen but turn or hide what stands beside them.
UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
    r"\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
MAIN_COUNTRIES = ("FR", "US")


def clean(value: Any) -> Any:
    """A typed text without unprintable characters and without blanks at its ends."""
    return UNPRINTABLE.sub("", value).strip() if isinstance(value, str) else value


def clean_line(value: Any) -> Any:
    """The same for a text of one line: runs of blanks are single spaces, but a no-break space, as
    French has before a colon, stays what it is."""
    return re.sub(r"[ \t\r\n\f\v]+", " ", clean(value)) if isinstance(value, str) else value


class NotBlank:
    """The field must hold more than blanks."""

    field_flags = {"required": True}

    def __init__(self, message: Any = None) -> None:
        self.message = message or _l("Please fill in this field.")

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data:
            field.errors = []
            raise StopValidation(str(self.message))


def at_most(length: int) -> Length:
    """No more than `length` characters."""
    return Length(max=length, message=_l("This is too long: %(max)d characters at most."))


def line(label: Any, *, most: int = 200, optional: bool = False, **kwargs: Any) -> StringField:
    """One line of text."""
    first = Optional() if optional else NotBlank()
    validators = [first, at_most(most), *kwargs.pop("also", ())]
    return StringField(label, validators, filters=[clean_line], **kwargs)


def paragraph(label: Any, *, most: int = 4000, **kwargs: Any) -> TextAreaField:
    """Several lines of text, which may be left empty."""
    return TextAreaField(
        label, [Optional(), at_most(most), *kwargs.pop("also", ())], filters=[clean], **kwargs
    )


class WholeNumberField(IntegerField):
    """An integer; what is none stays in the field as it was typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = clean_line(valuelist[0]) if valuelist else ""
        if text and not re.fullmatch(r"[0-9]{1,9}", text):
            raise ValueError(_("Please give a whole number."))
        self.data = int(text) if text else None


def whole(
    label: Any, least: int, most: int, *, needed: bool = False, **kwargs: Any
) -> WholeNumberField:
    """A whole number between two others, both included; it may be left empty unless `needed`."""
    message = _l("Please give a number from %(min)d to %(max)d.")
    first = NotBlank() if needed else Optional()
    return WholeNumberField(label, [first, NumberRange(least, most, message)], **kwargs)


def day(label: Any, *, needed: bool = True, **kwargs: Any) -> DateField:
    """A date."""
    first = NotBlank(_l("Please give a date.")) if needed else Optional()
    return DateField(label, [first, InYears()], **kwargs)


def wall_time(label: Any, missing: Any = None, **kwargs: Any) -> DateTimeLocalField:
    """A date and a time of day, without a zone; optional unless `missing` says what is asked."""
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    first = Optional() if missing is None else NotBlank(missing)
    return DateTimeLocalField(label, [first], format=formats, **kwargs)


class InYears:
    """The date lies in the years in which anybody travels."""

    def __call__(self, form: Form, field: Field) -> None:
        if field.data is None:  # no date at all, which the field has said
            return
        if not clock.EARLIEST.date() <= field.data <= clock.LATEST.date():
            raise ValidationError(_("Please check the year."))


class ZoneName:
    """The text is the name of a zone of the IANA database."""

    def __call__(self, form: Form, field: Field) -> None:
        if field.data and field.data not in clock.zone_names():
            raise ValidationError(_("We do not know this time zone. Write it like Europe/Paris."))


def time_zone(label: Any, *, optional: bool = False, **kwargs: Any) -> StringField:
    """The name of a time zone; a page offers the list of them as `zones`."""
    attributes = {
        "list": "zones", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none",
    }  # fmt: skip
    return line(
        label, most=64, optional=optional, also=(ZoneName(),), render_kw=attributes, **kwargs
    )


def language(label: Any) -> SelectField:
    """One of the languages we speak; the reader's own stands first chosen."""
    return SelectField(
        label, choices=[SelectChoice(*pair) for pair in LANGUAGES.items()], default=current_language
    )


class MailAddress:
    """The text is a mail address as one can be written to; kept in its normal form."""

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data:
            return
        try:
            field.data = validate_email(field.data, check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise ValidationError(
                _("This is not a mail address. Write it like name@company.com.")
            ) from error
        if not field.data.isascii():
            raise ValidationError(_("We cannot write to addresses with accents or other scripts."))


class NoAddress:
    """The text holds no web address: names go into letters to people who never asked for one."""

    def __call__(self, form: Form, field: Field) -> None:
        # Mail programs make a link of "example.com/x" too.
        if re.search(r"://|\bwww\.|\w\.[a-z]{2,}/\S", field.data or "", re.IGNORECASE):
            raise ValidationError(_("Please leave web addresses out of this field."))


class PhoneNumber:
    """The text is a telephone number; kept as E.164. A number without a country code is read in
    the country of the form's `country` field."""

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data:
            field.data = None
            return
        country = getattr(form, "phone_country", None)
        try:
            number = phonenumbers.parse(field.data, country)
        except phonenumbers.NumberParseException as error:
            raise ValidationError(self._words()) from error
        if not phonenumbers.is_possible_number(number) or number.extension:
            raise ValidationError(self._words())
        field.data = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def _words(self) -> str:
        return _(
            "This is not a telephone number. Write it with its country code: +33 4 91 00 00 00."
        )


class WebAddress:
    """The text is a web address; "https://" is added where it was left out."""

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data:
            field.data = None
            return
        text = field.data if "://" in field.data else f"https://{field.data}"
        if not re.fullmatch(r"https?://[^\s/@<>\"']+\.[^\s/@.<>\"']{2,}(/[^\s<>\"']*)?", text):
            raise ValidationError(_("This is not a web address. Write it like www.company.com."))
        field.data = text


def countries() -> list[SelectChoice]:
    """All countries by name in the reader's language, the two of the partnership first."""
    return [SelectChoice("", ""), *_countries(current_language())]


@cache
def _countries(language: str) -> tuple[SelectChoice, ...]:
    """Looked up and sorted once: every form that is sent asks for them."""
    names: dict[str, str] = dict(Locale(language).territories)
    codes = [code for code in names if re.fullmatch(r"[A-Z]{2}", code) and code not in NO_COUNTRY]
    rest = sorted(
        (code for code in codes if code not in MAIN_COUNTRIES), key=lambda c: _sorted(names[c])
    )
    return tuple(SelectChoice(code, names[code]) for code in (*MAIN_COUNTRIES, *rest))


NO_COUNTRY = frozenset({"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"})


def _sorted(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name) if c.isascii()).casefold()

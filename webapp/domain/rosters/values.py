"""What one cell says of somebody: an address, a telephone number, names, a language, a country."""

import re
from functools import cache

import phonenumbers
from babel import Locale
from email_validator import EmailNotValidError, validate_email

from webapp import i18n
from webapp.domain.sheets import vocabulary
from webapp.domain.sheets.fields import folded

LONGEST_MAIL = 254
_WEB = re.compile(r"://|\bwww\.", re.IGNORECASE)
_SITE = re.compile(r"https?://[^\s/@<>\"']+\.[^\s/@.<>\"']{2,}(/[^\s<>\"']*)?")
_WRITTEN_TO = re.compile(r"[^<>]*<([^<>]+)>")  # Zoé Martin <zoe@example.com>


def mail(said: str) -> str | None:
    """The mail address in its normal form, or None: none that can be written to."""
    found = _WRITTEN_TO.fullmatch(said)
    text = (found[1] if found else said).strip().removeprefix("mailto:")
    if len(text) > LONGEST_MAIL:
        return None
    try:
        address = validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None
    return address if address.isascii() else None


def phone(said: str, country: str | None) -> str | None:
    """The telephone number as E.164, or None. Without a country code it is one of `country`; a
    spreadsheet that took it for a number has lost its plus, or the zeros before it."""
    text = re.sub(r"^\s*00", "+", said)
    # With the country's own zero, or as it stands; else the digits begin with a country's code.
    tries: list[tuple[str, str | None]] = [(text, country)] if country else []
    tries += [(f"+{text.lstrip('+ ')}", None)]
    for each, home in tries:
        try:
            number = phonenumbers.parse(each, home)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number) and not number.extension:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def language(said: str) -> str | None:
    """One of the languages that we write letters in, or None."""
    code = vocabulary.language_code(said)
    return code if code in i18n.LANGUAGES else None


def country(said: str) -> str | None:
    """The ISO 3166 code of a country by its code or its name in English or French, or None."""
    return _countries().get(folded(said))


def website(said: str) -> str | None:
    """A web address, with "https://" where that was left out, or None."""
    text = said if "://" in said else f"https://{said}"
    return text if _SITE.fullmatch(text) else None


def has_address(said: str) -> bool:
    """Whether a name holds a web address: names go into letters to people who never asked."""
    return bool(_WEB.search(said))


def both_names(said: str) -> tuple[str, str]:
    """First and last name of a cell that holds both: "DUPONT, Marie", "Marie DUPONT", else the
    first word and the rest."""
    before, comma, after = said.partition(",")
    if comma:
        return after.strip(), before.strip()
    words = said.split()
    loud = [word for word in words if len(word) > 1 and word == word.upper() and word.isalpha()]
    quiet = [word for word in words if word not in loud]
    if loud and quiet:
        return " ".join(quiet), " ".join(loud)
    return " ".join(words[:1]), " ".join(words[1:])


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {"usa": "US", "uk": "GB", "etats unis d amerique": "US"}
    for spoken in i18n.LANGUAGES:
        for code, named in Locale(spoken).territories.items():
            if re.fullmatch(r"[A-Z]{2}", code) and code not in ("EU", "EZ", "UN", "ZZ"):
                found.setdefault(code.lower(), code)
                found.setdefault(folded(named), code)
    return found

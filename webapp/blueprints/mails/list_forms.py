"""What an organizer asks of the list of letters, as the address says it."""

from collections.abc import Mapping
from typing import Any

from webapp.blueprints.fields import clean_line
from webapp.blueprints.letter_names import LETTER_NAMES
from webapp.domain.mail_lists import Filters
from webapp.models.mail import MailState

LONGEST_TEXT = 200
# What a letter belongs to, by its name in the address.
BELONGS = {"mailing": "mailing_id", "reminder": "reminder_id", "release": "release_id"}


def filters_of(args: Mapping[str, Any]) -> Filters:
    """The filters that an address names; what is none of them counts for nothing."""
    kind = args.get("kind", "")
    return Filters(
        state=next((state for state in MailState if state == args.get("state")), None),
        letter=kind if kind in LETTER_NAMES else None,
        text=clean_line(args.get("q", ""))[:LONGEST_TEXT],
        **{field: _number(args.get(name, "")) for name, field in BELONGS.items()},
    )


def query_of(filters: Filters) -> dict[str, str]:
    """The same filters as the query of an address, without what is not asked for."""
    said: dict[str, Any] = {
        "state": filters.state.value if filters.state else "",
        "q": filters.text,
        "kind": filters.letter or "",
        **{name: getattr(filters, field) or "" for name, field in BELONGS.items()},
    }
    return {name: str(value) for name, value in said.items() if value}


def kinds() -> list[tuple[str, str]]:
    """(letter, name) of every kind, by name in the reader's language."""
    named = [(letter, str(name)) for letter, name in LETTER_NAMES.items()]
    return sorted(named, key=lambda pair: pair[1].casefold())


def _number(text: str) -> int | None:
    """An id of a row; None for what is none."""
    is_id = text.isascii() and text.isdecimal() and len(text) <= 18
    return int(text) if is_id and int(text) else None

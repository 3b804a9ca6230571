"""The pages that the tab "Mails" of a tour leads to."""

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

# In the order in which they stand; one is shown once its page exists.
ROOMS: tuple[tuple[str, Any], ...] = (
    ("mails_organizer.listing", _l("Letters")),
    ("mailings_organizer.listing", _l("Messages")),
    ("reminders_organizer.listing", _l("Reminders")),
    ("hosts_organizer.page", _l("Hosts and speakers")),
    ("wordings_organizer.listing", _l("Wordings")),
    ("addresses_organizer.listing", _l("Addresses")),
)


def rooms() -> list[tuple[str, Any]]:
    """(endpoint, name) of each page that the product has."""
    return [(endpoint, name) for endpoint, name in ROOMS if endpoint in current_app.view_functions]

"""The letters of a tour as organizers look at them: the list, and one of them."""

from webapp.domain.mail_lists.paging import SIZE, Filters, Page, Row, page
from webapp.domain.mail_lists.single import (
    Origin,
    attempts,
    cause,
    history,
    one,
    origin,
    purged_at,
)

__all__ = [
    "SIZE",
    "Filters",
    "Origin",
    "Page",
    "Row",
    "attempts",
    "cause",
    "history",
    "one",
    "origin",
    "page",
    "purged_at",
]

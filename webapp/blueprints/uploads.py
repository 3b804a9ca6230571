"""How much a request may carry: forms stay small, and a few addresses take files.

The limit has to stand before anything reads the form, and the check against forgery reads it before
any view: hence by endpoint, as soon as the address is known.
"""

from typing import Any

from flask import Flask, request

from webapp.domain.documents import LARGEST

# One file, and room to say in words that it is too large; far larger is 413.
ONE = 2 * LARGEST + 1024 * 1024
# Several documents asked for on one page, with the answers beside them.
SEVERAL = 6 * LARGEST + 1024 * 1024
LIMITS = {
    "documents_company.upload": ONE,
    "documents_delegate.upload": ONE,
    "documents_organizer.upload": ONE,
    "mailings_organizer.edit": SEVERAL,
    "mailings_organizer.new": SEVERAL,
    "registrations_public.register": SEVERAL,
    "drafts_public.draft": SEVERAL,
    "prospects_public.invited": SEVERAL,
    "registrations_company_data.answers_page": SEVERAL,
    "registrations_company_delegates.answers": SEVERAL,
    "registrations_delegate_data.answers": SEVERAL,
}


def init_app(app: Flask) -> None:
    """Let the addresses of LIMITS take more than the others."""

    @app.url_value_preprocessor
    def make_room(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if request.method == "POST" and endpoint in LIMITS:
            request.max_content_length = LIMITS[endpoint]

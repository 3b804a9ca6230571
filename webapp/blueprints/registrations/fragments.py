"""What the other parts show on the organizer's page of one registration."""

from typing import Any

from webapp.blueprints.registrations import fee_pages
from webapp.blueprints.registrations.amendments import amendments_context
from webapp.blueprints.registrations.answer_shown import answers_context
from webapp.blueprints.registrations.documents_staff import registration_documents_context
from webapp.models.registration import Registration


def contexts(registration: Registration) -> dict[str, Any]:
    """What the fragments of the page want besides `registration`, `trip` and `may_change`."""
    return {
        **amendments_context(registration),
        **answers_context(registration),
        **registration_documents_context(registration),
        **fee_pages.fees_context(registration),
    }

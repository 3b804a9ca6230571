"""What a company owes, to print: for whoever holds its link."""

from flask import Blueprint, render_template

from webapp.blueprints.guards import company_registration
from webapp.blueprints.registrations import fee_pages

bp = Blueprint("fees_company", __name__, url_prefix="/r/<token>")


@bp.get("/statement")
def statement(token: str) -> str:
    """The statement of a company: what was charged, paid and is owed. It is no invoice."""
    registration = company_registration(token)
    context = fee_pages.fees_context(registration)
    return render_template(
        "registrations/statement.html",
        registration=registration,
        trip=registration.trip,
        today=fee_pages.today(context["statement"]),
        **context,
    )

"""Mail addresses of hosts, speakers, interpreters and guides."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField

from webapp.blueprints import guards
from webapp.blueprints.fields import MailAddress, line
from webapp.db import transaction
from webapp.domain import audits, host_addresses
from webapp.models.person import Person
from webapp.models.staff import Role

bp = Blueprint("hosts_organizer", __name__, url_prefix="/organizer/trips/<slug>/mails/hosts")
bp.before_request(guards.staff_only)


class AddressForm(FlaskForm):
    """The address of one of them; empty: none."""

    person = HiddenField()
    email = line(
        _l("Email"), most=254, optional=True, also=(MailAddress(),), render_kw={"type": "email"}
    )


@bp.route("", methods=["GET", "POST"])
def page(slug: str) -> str | Response | tuple[str, int]:
    """Who does something in a session, and the addresses that they are written to at."""
    is_change = request.method == "POST"
    trip = guards.staff_trip(slug, Role.ORGANIZER if is_change else Role.READER)
    form = AddressForm()
    if form.validate_on_submit() and _keep(slug, form):
        return redirect(url_for(".page", slug=slug), 303)
    hosts = host_addresses.of_trip(trip)
    shown = render_template(
        "organizer/hosts.html",
        trip=trip,
        hosts=hosts,
        forms={each.person.id: _form_of(each.person, form) for each in hosts},
        missing=host_addresses.missing(hosts),
    )
    return (shown, 422) if is_change else shown


def _form_of(person: Person, sent: AddressForm) -> AddressForm:
    """What was sent about this person, else what is known; each field has an id of its own."""
    is_sent = sent.person.data == str(person.id)
    form = sent if is_sent else AddressForm(None, email=person.email)
    form.email.id = f"email-{person.id}"
    return form


def _keep(slug: str, form: AddressForm) -> bool:
    """Write the address down, or say beside it why not."""
    trip, number = guards.staff_trip(slug, Role.ORGANIZER), form.person.data or ""
    person_id = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0
    try:
        with transaction():
            by = audits.by_staff(guards.me())
            host_addresses.give(trip, person_id, form.email.data or None, by)
    except host_addresses.AddressTaken as taken:
        words = _(
            "This is the address of %(name)s. Name that person in the session instead.",
            name=taken.name,
        )
        form.email.errors = [*form.email.errors, words]
        return False
    except host_addresses.NotTheirs:
        flash(
            _("This person is in no session any more, or gives the address as a delegate."), "error"
        )
        return True
    flash(_("Saved."), "success")
    return True

"""The words for what the domain refuses of a session, next to the field that it is about."""

from datetime import datetime

from flask_babel import gettext as _

from webapp import clock, i18n
from webapp.blueprints.agendas.forms import ItemForm
from webapp.domain.agendas import EndsBeforeStart, TimeRefused


def tell(form: ItemForm, error: TimeRefused | EndsBeforeStart) -> None:
    """Say it, and ask about an hour that occurs twice."""
    if isinstance(error, EndsBeforeStart):
        form.ends_local.errors = [_("The end must come after the start.")]
        return
    local, zone = form[f"{error.end}_local"], form[f"{error.end}_zone"]
    if isinstance(error.cause, clock.UnknownZone):
        zone.errors = [_("We do not know this time zone. Write it like Europe/Paris.")]
        return
    local.errors = [refusal(error)]
    if isinstance(error.cause, clock.WallTimeTwice):
        setattr(form, f"ask_{error.end}_fold", True)


def refusal(error: TimeRefused) -> str:
    """Why a wall time cannot stand."""
    match error.cause:
        case clock.YearRefused():
            return _("Please check the year.")
        case clock.WallTimeMissing(before=before, after=after):
            return _(
                "The clocks skip this time. The nearest that exist are %(before)s and %(after)s.",
                before=_spoken(before),
                after=_spoken(after),
            )
    return _("This time occurs twice, as the clocks go back. Say which one you mean.")


def _spoken(local: datetime) -> str:
    return f"{i18n.date_short(local)}, {i18n.clock_time(local)}"

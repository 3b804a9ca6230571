"""What a turn of the waiting list waits for, in words."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp import clock, i18n
from webapp.domain.queues import Turn, WaitsFor


def waits_for(turn: Turn) -> str:
    """Why it does not come up now, with the figures."""
    match turn.waits_for:
        case WaitsFor.DECISION:
            return _("In reserve: it comes up when you say so.")
        case WaitsFor.COMPANY_PLACE:
            return _("The tour has no place left for another organization.")
        case WaitsFor.OWN_LIMIT:
            return _own_limit(turn)
        case WaitsFor.TOO_MANY:
            return _("It asks for more places than the whole tour has.")
        case WaitsFor.SEATS:
            return _seats(turn)
        case WaitsFor.THOSE_BEFORE:
            return _("The places that are free are kept for those before it.")
    return _("Nothing: it comes up with the next change of the list.")


def since(at: datetime, zone: str) -> str:
    """The turn of one that waits, to the second: two forms may come within one minute."""
    aware = at.astimezone(clock.zone_info(zone))
    local = aware.replace(tzinfo=None)
    return _(
        "Since %(date)s, %(time)s (%(zone)s)",
        date=i18n.date_short(local),
        time=local.strftime("%H:%M:%S"),
        zone=i18n.zone_name(zone, local, aware.fold),
    )


def _own_limit(turn: Turn) -> str:
    if turn.delegate is not None or not turn.company:
        return _("The organization has as many places as one may have.")
    return ngettext(
        "The organization may have %(num)d more place, and asks for %(asks)d.",
        "The organization may have %(num)d more places, and asks for %(asks)d.",
        turn.company,
        asks=turn.asks,
    )


def _seats(turn: Turn) -> str:
    if not turn.seats:
        return _("No place is free.")
    return ngettext(
        "Only %(num)d place is free, of the %(asks)d that it waits for together.",
        "Only %(num)d places are free, of the %(asks)d that it waits for together.",
        turn.seats,
        asks=turn.asks,
    )

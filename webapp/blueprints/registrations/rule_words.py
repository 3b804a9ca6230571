"""The rules of a tour's places, each in a sentence as companies read it."""

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp import i18n
from webapp.models.trip import Order, Promotion, Trip


def rule_words(trip: Trip) -> list[str]:
    """How places are given, who is served first, who may pass whom, what a place that comes up
    means, and what happens after the freeze: a sentence or two each, in the reader's language."""
    return [*_limits(trip), _given(trip), *queue_words(trip), *_deadlines(trip)]


def queue_words(trip: Trip) -> list[str]:
    """Only those of the waiting list."""
    return [_order(trip), _parties(trip), _promotion(trip)]


def _limits(trip: Trip) -> list[str]:
    most = trip.max_per_organization
    one = ngettext(
        "At most %(num)d person of one organization.",
        "At most %(num)d people of one organization.",
        most,
    )
    return [text for text in (_of_the_tour(trip), one) if text]


def _of_the_tour(trip: Trip) -> str:
    people, companies = trip.max_delegates, trip.max_organizations
    if people is not None and companies is not None:
        return _(
            "The tour has %(people)d places for delegates, of %(companies)d organizations at most.",
            people=people,
            companies=companies,
        )
    if people is not None:
        return ngettext(
            "The tour has %(num)d place for delegates.",
            "The tour has %(num)d places for delegates.",
            people,
        )
    if companies is not None:
        return ngettext(
            "The tour takes %(num)d organization.",
            "The tour takes %(num)d organizations.",
            companies,
        )
    return ""


def _given(trip: Trip) -> str:
    if trip.accepts_at_once:
        return _("Where there is room, a company is accepted as soon as it applies.")
    return _("The organizers decide on each application; until then the company holds its places.")


def _order(trip: Trip) -> str:
    if trip.queue_order == Order.SCORE:
        return _(
            "On the waiting list the higher score comes first, by criteria that were written "
            "beforehand; of equal scores, the one that applied first."
        )
    return _(
        "On the waiting list, whoever applied first is served first: what counts is the second at "
        "which we received the application."
    )


def _parties(trip: Trip) -> str:
    if trip.skips_parties:
        return _(
            "A company that waits says whether it comes with all of its people or takes as many "
            "places as there are. Places that are too few for the one whose turn it is may go to "
            "a smaller party behind it."
        )
    return _(
        "A company that waits says whether it comes with all of its people or takes as many places "
        "as there are. Places that are too few for the one whose turn it is wait for it: nobody "
        "passes it."
    )


def _promotion(trip: Trip) -> str:
    match trip.promotion:
        case Promotion.AT_ONCE:
            return _(
                "When a place comes up, the company whose turn it is has it at once, and is told "
                "by mail."
            )
        case Promotion.REVIEW:
            return _(
                "When a place comes up, the company whose turn it is holds it while the organizers "
                "decide."
            )
    return ngettext(
        "When a place comes up, the company whose turn it is gets an offer by mail. It has "
        "%(num)d hour to take it; after that the place passes on.",
        "When a place comes up, the company whose turn it is gets an offer by mail. It has "
        "%(num)d hours to take it; after that the place passes on.",
        trip.offer_hours,
    )


def _deadlines(trip: Trip) -> list[str]:
    zone = trip.says_deadlines_in
    said = []
    if trip.freezes_at is None:
        said.append(_("Companies change their delegates themselves, at any time."))
    else:
        said.append(
            _(
                "Until %(date)s companies change their delegates themselves. From then on a change "
                "is a request, which the organizers agree to or decline.",
                date=i18n.datetime_in(trip.freezes_at, zone),
            )
        )
    if trip.details_due_at is not None:
        said.append(
            _(
                "Travel details are due by %(date)s.",
                date=i18n.datetime_in(trip.details_due_at, zone),
            )
        )
    return said

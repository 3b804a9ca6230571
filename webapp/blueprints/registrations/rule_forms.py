"""The form of a tour's limits and deadlines."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import Optional

from webapp import clock
from webapp.blueprints.agendas.item_refusals import refusal
from webapp.blueprints.fields import time_zone, wall_time, whole
from webapp.blueprints.labels import ORDERS, PROMOTIONS, choices
from webapp.domain import enrolling
from webapp.domain.enrolling import (
    CURRENCIES,
    CurrencyFixed,
    LimitBelowTaken,
    Rules,
    RulesChanged,
    WindowOutOfOrder,
)
from webapp.domain.item_values import TimeRefused
from webapp.errors import DomainError
from webapp.models.trip import Order, Promotion, Trip

PASSES = (SelectChoice("0", _l("The first pass")), SelectChoice("1", _l("The second pass")))
PARTIES = (
    SelectChoice("yes", _l("They may go to a smaller party behind it")),
    SelectChoice("no", _l("They wait for it: nobody passes it")),
)


def _fold(value: Any) -> int | None:
    return int(value) if value in ("0", "1", 0, 1) else None


def which_pass() -> RadioField:
    """Which of the two times is meant when the clocks show one twice."""
    return RadioField(_l("Which of the two?"), [Optional()], coerce=_fold, choices=list(PASSES))


class RulesForm(FlaskForm):
    """Window, deadlines, limits and the rules of the queue. `seen` is the mark of the rules that
    the page showed; `ask_<end>_fold` is set when a time occurs twice."""

    seen = HiddenField()
    zone = time_zone(
        _l("Time zone of all deadlines"),
        description=_l("Companies read each of them with this zone."),
    )
    opens_local = wall_time(
        _l("Registration opens"), description=_l("Empty: as soon as announced.")
    )
    opens_fold = which_pass()
    closes_local = wall_time(
        _l("Registration closes"), description=_l("Empty: the tour takes no registrations here.")
    )
    closes_fold = which_pass()
    freezes_local = wall_time(
        _l("Changes become requests"),
        description=_l("From then on you agree to each change. Empty: never."),
    )
    freezes_fold = which_pass()
    details_local = wall_time(
        _l("Travel details are due"),
        description=_l("What you ask once a company is accepted. Empty: no date."),
    )
    details_fold = which_pass()
    max_delegates = whole(_l("Most delegates"), 1, 100_000, description=_l("Empty: no limit."))
    max_organizations = whole(
        _l("Most organizations"), 1, 100_000, description=_l("Empty: no limit.")
    )
    max_per_organization = whole(_l("Most delegates of one organization"), 1, 1_000, needed=True)
    accepts_at_once = BooleanField(_l("Accept at once where there is room, without a decision"))
    queue_order = RadioField(_l("Who is served first"), choices=lambda: choices(ORDERS))
    promotion = RadioField(_l("When a place comes up"), choices=lambda: choices(PROMOTIONS))
    offer_hours = whole(
        _l("Hours to take an offer"), 1, 2160, needed=True, description=_l("24 is a day.")
    )
    parties = RadioField(_l("Places too few for the company whose turn it is"), choices=PARTIES)
    currency = SelectField(_l("Currency of fees"))

    ask_opens_fold = ask_closes_fold = ask_freezes_fold = ask_details_fold = False

    @classmethod
    def of(cls, trip: Trip) -> "RulesForm":
        """The form of a tour as it stands; what was sent stands above what is stored."""
        rules = enrolling.rules_of(trip)
        form = cls(
            obj=rules,
            seen=enrolling.fingerprint(trip),
            parties="yes" if rules.skips_parties else "no",
        )
        known = dict.fromkeys((rules.currency, *CURRENCIES))
        form.currency.choices = [SelectChoice(code, code) for code in known]
        for end in enrolling.ENDS:
            setattr(form, f"ask_{end}_fold", getattr(rules, f"{end}_fold") is not None)
            if form.is_submitted() and f"{end}_fold" not in request.form:
                form[f"{end}_fold"].data = None  # silence is no answer (DESIGN rule 2)
        return form

    def rules(self) -> Rules:
        """What was typed, as the domain wants it. Only after `validate`."""
        plain = ("zone", "max_delegates", "max_organizations", "max_per_organization")
        times = [f"{end}_{part}" for end in enrolling.ENDS for part in ("local", "fold")]
        return Rules(
            **{name: self[name].data for name in (*plain, *times, "offer_hours", "currency")},
            accepts_at_once=bool(self.accepts_at_once.data),
            queue_order=Order(self.queue_order.data),
            promotion=Promotion(self.promotion.data),
            skips_parties=self.parties.data == "yes",
        )

    def tell(self, error: DomainError, trip: Trip) -> None:
        """Say next to the field what the domain refused."""
        match error:
            case RulesChanged():
                self.seen.data = enrolling.fingerprint(trip)
                self.form_errors = [
                    _(
                        "A colleague has saved other rules meanwhile. What you typed is still "
                        "here; the sentences beside it say how it stands now. Save once more to "
                        "put yours in their place."
                    )
                ]
            case WindowOutOfOrder():
                self.closes_local.errors = [_("Registration must close after it opens.")]
            case LimitBelowTaken(limit=limit, taken=taken, held=held):
                self[limit].errors = [_low_limit(limit, taken, held)]
            case CurrencyFixed():
                self.currency.errors = [_("Companies have been charged in the other one.")]
            case TimeRefused(end=end):
                self[f"{end}_local"].errors = [refusal(error)]
                if isinstance(error.cause, clock.WallTimeTwice):
                    setattr(self, f"ask_{end}_fold", True)
            case _:
                raise error


def _low_limit(limit: str, taken: int, held: int) -> str:
    if limit == "max_per_organization":
        return ngettext(
            "One organization has %(num)d place already.",
            "One organization has %(num)d places already.",
            taken,
        )
    if held:
        return _("%(taken)d are taken already, and %(held)d are held.", taken=taken, held=held)
    return _("%(taken)d are taken already.", taken=taken)

"""The form of places that are held."""

import re
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms.validators import ValidationError

from webapp import clock
from webapp.blueprints.agendas.item_refusals import refusal
from webapp.blueprints.fields import line, paragraph, time_zone, wall_time, whole
from webapp.blueprints.registrations.rule_forms import which_pass
from webapp.domain import organizations
from webapp.domain.held_places import Ended, HeldTwice, Hold, MoreThanFree, UntilPassed
from webapp.domain.item_values import TimeRefused
from webapp.errors import DomainError
from webapp.models.held import HeldPlaces
from webapp.models.organization import Organization
from webapp.models.trip import Trip

DOMAIN = re.compile(r"@?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)


class _TermsForm(FlaskForm):
    """How many places, and until when."""

    places = whole(_l("Places"), 1, 10_000, needed=True)
    until_local = wall_time(_l("Held until"), _l("Please give a date and a time."))
    until_fold = which_pass()
    zone = time_zone(_l("Time zone"))
    note = paragraph(_l("Note"), most=1000, description=_l("For you and your colleagues."))

    ask_until_fold = False

    def silence(self) -> None:
        """What was not answered was not answered (DESIGN rule 2)."""
        if self.is_submitted() and "until_fold" not in request.form:
            self.until_fold.data = None

    def hold(self, **whom: Any) -> Hold:
        """What was typed, as the domain wants it. Only after `validate`."""
        return Hold(
            places=int(self.places.data or 0),
            until_local=self.until_local.data,
            zone=self.zone.data,
            until_fold=self.until_fold.data,
            note=self.note.data or None,
            **whom,
        )

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        match error:
            case MoreThanFree(left=left):
                self.places.errors = [
                    ngettext(
                        "Only %(num)d more place is free.",
                        "Only %(num)d more places are free.",
                        left,
                    )
                ]
            case UntilPassed():
                self.until_local.errors = [_("This has passed already.")]
            case Ended():
                self.form_errors = [_("These places are not held any longer.")]
            case TimeRefused():
                self.until_local.errors = [refusal(error)]
                self.ask_until_fold = isinstance(error.cause, clock.WallTimeTwice)
            case _:
                raise error


class HoldForm(_TermsForm):
    """Places to hold, for a company that is known or for everybody who writes from a domain."""

    organization = line(
        _l("For the organization"),
        optional=True,
        description=_l("Choose one that Escale knows."),
        render_kw={"list": "known", "autocomplete": "off"},
    )
    mail_domain = line(
        _l("Or for everybody with a mail address at"),
        most=190,
        optional=True,
        description=_l("For example: example.com."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )

    found: Organization | None = None

    @classmethod
    def of(cls, trip: Trip) -> "HoldForm":
        """An empty form; times are meant in the zone of the tour's deadlines."""
        form = cls(zone=trip.says_deadlines_in)
        form.silence()
        return form

    def validate_organization(self, field: Any) -> None:
        self.found = organizations.by_name(field.data)
        if self.found is None:
            raise ValidationError(_("We know no organization of this name."))

    def validate_mail_domain(self, field: Any) -> None:
        if not DOMAIN.fullmatch(field.data):
            raise ValidationError(_("This is not a mail domain. Write it like example.com."))

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """All fields, then that one of the two says for whom."""
        good = bool(super().validate(*args, **kwargs))
        if bool(self.organization.data) == bool(self.mail_domain.data):
            self.organization.errors = [_("Give either an organization or a mail domain.")]
            good = False
        return good

    def wanted(self) -> Hold:
        """What was typed. Only after `validate`."""
        if self.found is not None:
            return self.hold(organization_id=self.found.merged_into_id or self.found.id)
        return self.hold(mail_domain=self.mail_domain.data.lstrip("@").lower())

    def tell(self, error: DomainError) -> None:
        """Say next to the field what the domain refused."""
        if isinstance(error, HeldTwice):
            field = self.organization if self.organization.data else self.mail_domain
            field.errors = [_("Places are held for it already. Change that number below.")]
            return
        super().tell(error)


class TermsForm(_TermsForm):
    """Other terms of places that are held."""

    @classmethod
    def of(cls, block: HeldPlaces, zone: str) -> "TermsForm":
        """The form of a block, its date on the clocks of `zone`."""
        local = clock.wall(block.until_at, zone)
        fold = None
        if clock.is_doubled(local, zone):
            fold = int(clock.instant(local, zone, 1) == block.until_at)
        form = cls(obj=block, until_local=local, until_fold=fold, zone=zone)
        form.ask_until_fold = fold is not None
        form.silence()
        return form

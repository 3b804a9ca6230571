"""Forms of the organizers' page of calendars."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from webapp import i18n
from webapp.blueprints.labels import INVITINGS, choices
from webapp.domain import feeds, subscriptions
from webapp.domain.audits import By
from webapp.models.feed import Feed
from webapp.models.trip import Inviting, Trip


def languages() -> list[SelectChoice]:
    """The languages that calendars are written in, in words."""
    return [SelectChoice(code, i18n.language_name(code)) for code in i18n.LANGUAGES]


class OpenForm(FlaskForm):
    """Of what a calendar is opened, and in which language."""

    what = SelectField(_l("Of what"), [InputRequired(_l("Please choose."))])
    language = SelectField(_l("Language"), choices=languages)

    @classmethod
    def of(cls, trip: Trip) -> "OpenForm":
        """The form with all that a calendar of this trip can be of; what was sent, if it was."""
        form = cls()
        form._things = _things(trip)
        form.what.choices = [
            SelectChoice(key, name, optgroup=group)
            for key, (group, name, _n) in form._things.items()
        ]
        return form

    def open(self, trip: Trip, by: By) -> Feed:
        """Open it, or find the one that is in force. The form has been validated."""
        _group, _name, thing = self._things[self.what.data]
        language: str = self.language.data
        match self.what.data.partition("-")[0]:
            case "track":
                return feeds.open_track(thing, language, by)
            case "venue":
                return feeds.open_venue(trip, thing, language, by)
        return feeds.open_host(trip, thing, language, by)


class InvitingForm(FlaskForm):
    """Which sessions are mailed as invitations."""

    inviting = RadioField(
        _l("What is mailed as an invitation"),
        [InputRequired(_l("Please choose."))],
        choices=lambda: choices(INVITINGS),
        coerce=Inviting,
    )


def _things(trip: Trip) -> dict[str, tuple[str, str, Any]]:
    """What calendars can be of: (group, name, thing) by a key."""
    groups: list[tuple[str, str, Sequence[Any]]] = [
        ("track", _("Tracks"), trip.tracks),
        ("venue", _("Venues"), subscriptions.venues(trip)),
        ("host", _("Hosts"), subscriptions.hosts(trip)),
    ]
    return {
        f"{kind}-{thing.id}": (group, _name(thing.name), thing)
        for kind, group, things in groups
        for thing in things
    }


def _name(name: Any) -> str:
    return name if isinstance(name, str) else i18n.words(name)

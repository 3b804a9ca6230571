"""An audience in one sentence: "Delegates of 3 companies who are in Visit of ITER"."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from babel.lists import format_list
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from webapp.db import db
from webapp.domain.mailings.terms import Audience, ToWhom
from webapp.i18n import current_language, date_long, language_name, listed, words
from webapp.models.organization import Organization
from webapp.models.place import Stop
from webapp.models.registration import Registration, RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.track import Track
from webapp.models.trip import Trip

NAMED = 3  # companies that are named; more are counted


@dataclass(frozen=True, slots=True)
class Names:
    """What the things that an audience asks for are called; empty where they are gone."""

    companies: list[str] = field(default_factory=list)
    stop: str = ""
    track: str = ""
    item: str = ""


def names(trip: Trip, asked: Audience) -> Names:
    """Look up the names, one statement for each that is asked for; never of another tour's."""
    companies: list[str] = []
    if 0 < len(asked.organization_ids) <= NAMED:
        query = (
            select(Organization.name)
            .join(Registration, Registration.organization_id == Organization.id)
            .where(Registration.trip_id == trip.id, Organization.id.in_(asked.organization_ids))
            .distinct()
        )
        companies = sorted(db.session.scalars(query))
    stop = db.session.get(Stop, asked.stop_id) if asked.stop_id else None
    track = db.session.get(Track, asked.track_id) if asked.track_id else None
    item = None
    if asked.item_uid:
        item = db.session.scalar(
            select(ReleaseItem.title).where(
                ReleaseItem.release_id == trip.release_id, ReleaseItem.uid == asked.item_uid
            )
        )
    gone = _("(no longer there)")
    return Names(
        companies,
        stop.city if stop and stop.trip_id == trip.id else gone,
        words(track.name) if track and track.trip_id == trip.id else gone,
        words(item) if item else gone,
    )


def sentence(asked: Audience, called: Names, labels: dict[str, str]) -> str:
    """The audience in a sentence of the reader's language; `labels` are the names of states."""
    parts = [_who(asked, called), *_conditions(asked, called, labels)]
    if len(parts) == 1:
        return _("%(who)s.", who=parts[0])
    return _("%(who)s: %(conditions)s.", who=parts[0], conditions=listed(parts[1:]))


def _who(asked: Audience, called: Names) -> str:
    number = len(asked.organization_ids)
    if number and called.companies:
        company = listed(called.companies)
        return {
            ToWhom.DELEGATES: _("Delegates of %(company)s", company=company),
            ToWhom.COORDINATORS: _("Coordinators of %(company)s", company=company),
            ToWhom.BOTH: _("Coordinators and delegates of %(company)s", company=company),
        }[asked.to_whom]
    if number:
        return {
            ToWhom.DELEGATES: ngettext(
                "Delegates of %(num)d company", "Delegates of %(num)d companies", number
            ),
            ToWhom.COORDINATORS: ngettext(
                "Coordinators of %(num)d company", "Coordinators of %(num)d companies", number
            ),
            ToWhom.BOTH: ngettext(
                "Coordinators and delegates of %(num)d company",
                "Coordinators and delegates of %(num)d companies",
                number,
            ),
        }[asked.to_whom]
    return {
        ToWhom.DELEGATES: _("Delegates of all companies"),
        ToWhom.COORDINATORS: _("Coordinators of all companies"),
        ToWhom.BOTH: _("Coordinators and delegates of all companies"),
    }[asked.to_whom]


def _conditions(asked: Audience, called: Names, labels: dict[str, str]) -> Iterator[str]:
    yield from _of_states(asked, labels)
    if asked.day and asked.stop_id:
        yield _("with a session on %(day)s in %(city)s", day=date_long(asked.day), city=called.stop)
    elif asked.day:
        yield _("with a session on %(day)s", day=date_long(asked.day))
    elif asked.stop_id:
        yield _("with a session in %(city)s", city=called.stop)
    if asked.track_id:
        yield _("who follow the track %(track)s", track=called.track)
    if asked.item_uid and asked.waits:
        yield _("who wait for a place in “%(session)s”", session=called.item)
    elif asked.item_uid:
        yield _("who are in “%(session)s”", session=called.item)
    yield from _of_readers(asked)


def _of_readers(asked: Audience) -> Iterator[str]:
    if asked.missing:
        yield _("whose data are missing")
    if asked.unpaid:
        yield _("whose company has not paid")
    if asked.unopened:
        yield _("who have not opened their link yet")
    if asked.language:
        yield _("who read %(language)s", language=language_name(asked.language))


def _of_states(asked: Audience, labels: dict[str, str]) -> Iterator[str]:
    states = [labels[each.value] for each in RegistrationState if each in asked.states]
    if states:
        yield _("whose registration is in the state “%(states)s”", states=_either(states))
    people = sorted(labels[each.value] for each in asked.delegate_states)
    if people:
        yield _("whose participation is in the state “%(states)s”", states=_either(people))


def _either(states: list[str]) -> str:
    return format_list(states, style="or", locale=current_language())

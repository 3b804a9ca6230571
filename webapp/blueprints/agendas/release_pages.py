"""What the pages around publishing show."""

from collections.abc import Callable, Sequence
from itertools import chain

from flask import render_template
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from webapp import clock, i18n
from webapp.blueprints.agendas import clash_words, difference_words
from webapp.blueprints.agendas.days import by_day
from webapp.blueprints.agendas.difference_words import Named, Row
from webapp.blueprints.agendas.release_forms import CompareForm, PublishForm, title
from webapp.domain import affected, agendas, item_names, releases, telling
from webapp.domain.affected import Summary
from webapp.domain.releases import Difference
from webapp.models.release import Release
from webapp.models.trip import Trip


class ConfirmForm(FlaskForm):
    """Nothing but the token against forgery."""


def told(trip: Trip, release: Release) -> str:
    """What was done with a version that was just published or planned."""
    if release.planned_for and release.number is None:
        at = i18n.datetime_in(release.planned_for, trip.zone)
        return _("Planned: it comes out on %(instant)s, as it is now.", instant=at)
    if release.tells:
        return _(
            "%(version)s is published. Calendars follow; whom it concerns is written to.",
            version=title(release),
        )
    return _("%(version)s is published. Calendars follow.", version=title(release))


def publish(trip: Trip, form: PublishForm, *, changed: bool = False, blocked: bool = False) -> str:
    """The page where one publishes, with what was typed."""
    differences = releases.differences(trip)
    form.seen.data = releases.fingerprint(differences)
    planned = releases.planned(trip)
    planned_changes = releases.would_change(trip, planned) if planned else []
    found = releases.clashes_of(trip) if differences else []
    reach = affected.summary(affected.of(differences, trip))
    if not form.is_submitted():
        form.tells.data = _tells_by_default(trip, reach)
    history = releases.history(trip)
    return render_template(
        "organizer/publish.html",
        trip=trip,
        form=form,
        changed=changed,
        blocked=blocked,
        differences=[each for each in differences if not each.held],
        held=[each for each in differences if each.held],
        clashes=found,
        clash_lines=clash_words.lines(found, agendas.draft(trip)) if found else {},
        reach=reach,
        planned=planned,
        planned_changes=planned_changes,
        planned_reach=affected.summary(affected.of(planned_changes, trip)),
        zones=_zones(trip),
        releases=history,
        letters=telling.standings(trip),
        told=telling.standing(trip, history[0]) if history else None,
        rows=_rows(differences, planned_changes),
    )


def compare(
    trip: Trip,
    form: CompareForm,
    chosen: tuple[int, int] | None,
    history: Sequence[Release],
) -> str:
    """Two versions side by side, or the question which."""
    known = {release.number: release for release in history}
    older, newer = (known[number] for number in chosen) if chosen else (None, None)
    found = releases.between(older, newer) if newer else []
    return render_template(
        "organizer/release_compare.html",
        trip=trip,
        form=form,
        older=older,
        newer=newer,
        differences=found,
        releases=history,
        rows=_rows(found),
    )


def version(trip: Trip, release: Release) -> str:
    """One version: what it changed, and all that it says."""
    before = releases.find(trip, release.number - 1) if release.number else None
    found = releases.between(before, release)
    return render_template(
        "organizer/release.html",
        trip=trip,
        release=release,
        differences=found if before else [],
        told=telling.standing(trip, release),
        days=by_day(release.items),
        rows=_rows(found),
    )


def restore(trip: Trip, release: Release, form: ConfirmForm) -> str:
    """What restoring would change in the draft, and the button that does it."""
    found = releases.restoring(trip, release)
    return render_template(
        "organizer/release_restore.html",
        trip=trip,
        release=release,
        form=form,
        differences=found,
        rows=_rows(found),
    )


def restored(trip: Trip, release: Release, losses: Sequence[Difference]) -> str:
    """What could not be brought back."""
    return render_template(
        "organizer/release_restored.html",
        trip=trip,
        release=release,
        differences=losses,
        rows=_rows(losses),
    )


def _tells_by_default(trip: Trip, reach: Summary) -> bool:
    """Of the first version nobody knew anything before; of a tour that is over it is too late."""
    over = clock.wall(clock.now(), trip.zone).date() > trip.ends_on
    return bool(trip.release_id and reach.people and not over)


def _rows(*found: Sequence[Difference]) -> Callable[[Difference], list[Row]]:
    """How templates ask what to say of a difference; the names of companies are read once."""
    numbers = difference_words.company_ids(chain(*found))
    names = item_names.names([{"company_ids": numbers}])["company_ids"]
    named = Named({number: str(name) for number, name in names.items()})
    return lambda difference: difference_words.rows(difference, named)


def _zones(trip: Trip) -> list[str]:
    near = dict.fromkeys([trip.zone, *(stop.zone for stop in trip.stops)])
    if trip.home_zone:
        near[trip.home_zone] = None
    return [*near, *sorted(clock.zone_names() - set(near))]

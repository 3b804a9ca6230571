"""What each calendar holds: whose items, and what each is to its holder. (DESIGN rule 4.)

For many feeds of one trip at a time: people, tracks and choices are read in a handful of statements
however many feeds there are, and who sees which item is decided over the items at hand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, load_only

from webapp.db import db
from webapp.domain import published
from webapp.domain.entries import Face
from webapp.domain.published import Own, Viewer
from webapp.models.agenda import Attendance, Audience
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.feed import Feed, Scope
from webapp.models.organization import Organization
from webapp.models.registration import Registration, RegistrationState
from webapp.models.release import ReleaseItem

Part = tuple[ReleaseItem, Face]
NOBODY = -1  # the company of those who follow a track: no item is for it by name


@dataclass(slots=True)
class Circle:
    """The delegates that some feeds are about, with their registrations and organizations, by
    their ids and by the ids of their registrations; what each follows and chose."""

    delegates: dict[int, Delegate] = field(default_factory=dict)
    companies: dict[int, list[Delegate]] = field(default_factory=dict)
    own: Own = field(default_factory=Own)


def of_many(
    feeds: Sequence[Feed], items: Sequence[ReleaseItem], circle: Circle
) -> dict[int, list[Part]]:
    """What each of these feeds of one trip holds of its published `items`, in their order, by the
    feeds' ids; those that hold the same share the list. `circle` is theirs."""
    eyes = Eyes(items)
    return {feed.id: _parts(feed, eyes, circle) for feed in feeds}


class Eyes:
    """What people see of some items, and what they have of it. Colleagues mostly see and have the
    same, so it is remembered."""

    def __init__(self, items: Sequence[ReleaseItem]) -> None:
        self.items = items
        self._named = {key for item in items for key in item.organization_ids}
        self._seen: dict[Viewer, list[ReleaseItem]] = {}
        self._own: dict[tuple[Viewer, frozenset[UUID], bool], list[Part]] = {}

    def seen(self, who: Viewer) -> list[ReleaseItem]:
        """All that somebody may see."""
        who = self._anybody(who)
        if who not in self._seen:
            self._seen[who] = [item for item in self.items if who.sees(item)]
        return self._seen[who]

    def own(self, who: Viewer, chosen: frozenset[UUID], *, with_options: bool) -> list[Part]:
        """What is part of the program, and the options with these UIDs; with options also the
        others. One that is called off stays too, so that it says so (icalendar.md E9)."""
        key = (self._anybody(who), chosen, with_options)
        if key not in self._own:
            parts = []
            for item in self.seen(who):
                if item.attendance == Attendance.MANDATORY or item.uid in chosen:
                    parts.append((item, Face.ATTENDED))
                elif with_options:
                    parts.append((item, Face.OPTION))
            self._own[key] = parts
        return self._own[key]

    def _anybody(self, who: Viewer) -> Viewer:
        """Where no item is for the company by name, it makes no difference which one it is."""
        if who.organization_id in self._named:
            return who
        return Viewer(who.state, NOBODY, who.track_ids)


def _parts(feed: Feed, eyes: Eyes, circle: Circle) -> list[Part]:
    match feed.scope:
        case Scope.TRIP:
            return _shown(item for item in eyes.items if item.audience == Audience.EVERYBODY)
        case Scope.TRACK:
            # All that a delegate sees who follows it and no other.
            tracks = frozenset({feed.track_id or NOBODY})
            return _shown(eyes.seen(Viewer(RegistrationState.ACCEPTED, NOBODY, tracks)))
        case Scope.VENUE:
            here = (i for i in eyes.items if feed.venue_id in (i.venue_id, i.to_venue_id))
            return _at_a_place(here)
        case Scope.HOST:
            return _at_a_place(item for item in eyes.items if item.host_id == feed.host_id)
        case Scope.STAFF:
            return [(item, Face.STAFF) for item in eyes.items]
        case Scope.COMPANY:
            coming = circle.companies.get(feed.registration_id or 0, [])
            return _of_people(coming, circle, eyes, with_options=False)
        case Scope.DELEGATE:
            delegate = circle.delegates.get(feed.delegate_id or 0)
            people = [delegate] if delegate else []
            return _of_people(people, circle, eyes, with_options=feed.with_options)


def _shown(items: Iterable[ReleaseItem]) -> list[Part]:
    """What a calendar shows that is nobody's own: an optional item takes nobody's time."""
    optional = Attendance.OPTIONAL
    return [(i, Face.SEEN if i.attendance == optional else Face.ATTENDED) for i in items]


def _at_a_place(items: Iterable[ReleaseItem]) -> list[Part]:
    """What somebody receives: it takes their time, optional or not. Not what is the team's own."""
    return [(item, Face.ATTENDED) for item in items if item.audience != Audience.STAFF]


def _of_people(
    people: Sequence[Delegate], circle: Circle, eyes: Eyes, *, with_options: bool
) -> list[Part]:
    """What delegates of one company are in; with options what they may choose besides, what they
    wait for among it."""
    if not people:
        return []
    who = published.viewer_of(people[0].registration, people, circle.own.tracks)
    chosen = [circle.own.chosen.get(person.id, frozenset()) for person in people]
    return eyes.own(who, frozenset().union(*chosen), with_options=with_options and who.is_accepted)


def circle_of(feeds: Sequence[Feed], *, has_options: bool) -> Circle:
    """Who the feeds are about: one statement for the people, one for what they follow, and one for
    what they chose if there is something to choose. While it is held, what it names is not read
    again for each feed."""
    circle = Circle()
    ids = [feed.delegate_id for feed in feeds if feed.delegate_id is not None]
    companies = [feed.registration_id for feed in feeds if feed.registration_id is not None]
    if not ids and not companies:
        return circle
    for delegate in _people(ids, companies):
        circle.delegates[delegate.id] = delegate
        if delegate.state == DelegateState.COMING:
            circle.companies.setdefault(delegate.registration_id, []).append(delegate)
    circle.own = published.own_of(circle.delegates, has_options=has_options)
    return circle


def _people(ids: Sequence[int], companies: Sequence[int]) -> Iterable[Delegate]:
    """The delegates with these ids, and those who come for these registrations. Only what
    calendars need: the keys are not unsealed."""
    coming = Delegate.registration_id.in_(companies) & (Delegate.state == DelegateState.COMING)
    of_registration = contains_eager(Delegate.registration)
    return db.session.scalars(
        select(Delegate)
        .join(Delegate.registration)
        .join(Registration.organization)
        .where(or_(Delegate.id.in_(ids), coming))
        .options(
            load_only(
                Delegate.registration_id,
                Delegate.state,
                Delegate.given_name,
                Delegate.family_name,
                Delegate.email,
            ),
            of_registration.load_only(
                Registration.state, Registration.organization_id, Registration.trip_id
            ),
            of_registration.contains_eager(Registration.organization).load_only(Organization.name),
        )
    ).all()

"""Guards and loaders: the only ways a view gets a thing is one that checks. (DESIGN rule 12.)

Whoever may not see a thing gets 404, the same as for a thing that is not there.
"""

from typing import cast
from urllib.parse import urlencode

from flask import abort, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.domain import (
    agendas,
    delegates,
    places,
    published,
    registrations,
    stops,
    tracks,
    trips,
)
from webapp.domain.clashes import settings as clash_settings
from webapp.domain.published import Stamp
from webapp.models.agenda import AgendaItem
from webapp.models.clash import TravelTime
from webapp.models.delegate import Delegate
from webapp.models.place import Room, Stop, Venue
from webapp.models.registration import Registration
from webapp.models.staff import Role, Staff
from webapp.models.track import Track
from webapp.models.trip import Trip, TripState


def staff_only() -> Response | None:
    """Before each request of a staff blueprint: sign in first, then come back to a page."""
    if current_user.is_authenticated:
        g.staff_language = current_user.language
        return None
    if request.method != "GET":
        abort(404)
    query = urlencode({"next": request.full_path.rstrip("?")})
    return redirect(f"{url_for('staff_public.sign_in')}?{query}")


def me() -> Staff:
    """The member of staff who is signed in. Only behind `staff_only`."""
    return cast(Staff, current_user._get_current_object())


def owner_only() -> None:
    """404 unless the signed-in staff runs everything."""
    if not me().runs_everything:
        abort(404)


def public_trip(slug: str) -> Trip:
    """A trip that everybody may see, else 404; 410 for one that was withdrawn."""
    trip = trips.by_slug(slug)
    if trip is None or trip.state == TripState.DRAFT:
        abort(404)
    _not_withdrawn(trip)
    return trip


def public_stamp(slug: str) -> Stamp:
    """What a page of a trip that everybody may see depends on; else 404 or 410, as public_trip."""
    found = published.stamp(slug)
    if found is None or found.state == TripState.DRAFT:
        abort(404)
    if found.state == TripState.WITHDRAWN:
        abort(410)
    return found


def staff_trip(slug: str, role: Role = Role.READER) -> Trip:
    """A trip on which the signed-in staff has `role` (an organizer may all that a reader may)."""
    trip = trips.by_slug(slug)
    mine = me().role_on(trip.id) if trip else None
    if trip is None or mine is None or (role == Role.ORGANIZER and mine != Role.ORGANIZER):
        abort(404)
    return trip


def staff_trips() -> list[Trip]:
    """The trips that the signed-in staff has a part in, the latest first."""
    return [trip for trip in trips.every() if me().role_on(trip.id)]


def trip_registration(trip: Trip, registration_id: int) -> Registration:
    """A registration of this trip, else 404."""
    return registrations.find(trip, registration_id) or abort(404)


def trip_item(trip: Trip, item_id: int) -> AgendaItem:
    """An item of this trip's draft, else 404."""
    return agendas.find(trip, item_id) or abort(404)


def trip_stop(trip: Trip, stop_id: int) -> Stop:
    """A stop of this trip, else 404."""
    return stops.find(trip, stop_id) or abort(404)


def trip_track(trip: Trip, track_id: int) -> Track:
    """A track of this trip, else 404."""
    return tracks.find(trip, track_id) or abort(404)


def venue(venue_id: int) -> Venue:
    """A venue, which all tours share and all staff may look at, else 404."""
    return places.find(venue_id) or abort(404)


def may_change_venue(found: Venue) -> bool:
    """Whether the signed-in staff organizes every trip that uses the venue."""
    return all(me().role_on(trip_id) == Role.ORGANIZER for trip_id in places.trip_ids(found))


def own_venue(venue_id: int) -> Venue:
    """A venue that the signed-in staff may change, else 404."""
    found = venue(venue_id)
    return found if may_change_venue(found) else abort(404)


def venue_room(found: Venue, room_id: int) -> Room:
    """A room of this venue, else 404."""
    return places.find_room(found, room_id) or abort(404)


def trip_travel_time(trip: Trip, travel_id: int) -> TravelTime:
    """A way between venues that this trip's organizers know, else 404."""
    return clash_settings.find_travel_time(trip, travel_id) or abort(404)


def template(slug: str) -> Trip:
    """A template, else 404."""
    found = trips.by_slug(slug)
    return found if found and found.is_template else abort(404)


def company_registration(token: str) -> Registration:
    """The registration whose company holds this link, else 404."""
    found = registrations.by_token(token) or abort(404)
    _not_withdrawn(found.trip)
    return found


def link_delegate(token: str) -> Delegate:
    """The delegate who holds this link, else 404."""
    found = delegates.by_token(token) or abort(404)
    _not_withdrawn(found.registration.trip)
    return found


def _not_withdrawn(trip: Trip) -> None:
    if trip.state == TripState.WITHDRAWN:
        abort(410)


def registration_delegate(registration: Registration, delegate_id: int) -> Delegate:
    """A delegate of this registration, else 404."""
    found = next((d for d in registration.delegates if d.id == delegate_id), None)
    return found or abort(404)

"""Guards and loaders: the only ways a view gets a thing is one that checks. (DESIGN rule 12.)

Whoever may not see a thing gets 404, the same as for a thing that is not there.
"""

from typing import cast
from urllib.parse import urlencode

from flask import abort, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.blueprints import openings
from webapp.domain import (
    agendas,
    amendments,
    bounces,
    charges,
    criteria,
    delegates,
    drafts,
    held_places,
    intakes,
    mail_lists,
    opt_outs,
    payments,
    places,
    prices,
    prospects,
    published,
    questions,
    registrations,
    reminders,
    stops,
    tracks,
    trips,
)
from webapp.domain.clashes import settings as clash_settings
from webapp.domain.mailings import drafts as mailings
from webapp.domain.mailings import templates as mailing_templates
from webapp.domain.merges import Touched
from webapp.domain.opt_outs import Reader
from webapp.domain.published import Stamp
from webapp.models.agenda import AgendaItem
from webapp.models.amendment import Amendment
from webapp.models.clash import TravelTime
from webapp.models.criterion import Criterion
from webapp.models.delegate import Delegate
from webapp.models.draft import Draft
from webapp.models.fee import Charge, FeeItem, Payment
from webapp.models.held import HeldPlaces
from webapp.models.intake import Intake
from webapp.models.mail import Bounce, Mail
from webapp.models.mailing import Mailing, MailingTemplate, Reminder
from webapp.models.place import Room, Stop, Venue
from webapp.models.prospect import Prospect, ProspectState
from webapp.models.question import Question
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


def stop_reader(token: str) -> tuple[Reader, Trip]:
    """Whose letters a link stops, and of which tour; else 404."""
    who = opt_outs.reader(token)
    trip = trips.by_id(who.trip_id) if who else None
    if who is None or trip is None:
        abort(404)
    return who, trip


def trip_mail(trip: Trip, mail_id: int) -> Mail:
    """A letter of this trip, else 404."""
    return mail_lists.one(trip, mail_id) or abort(404)


def trip_reminder(trip: Trip, reminder_id: int) -> Reminder:
    """A reminder of this trip, else 404."""
    return reminders.find(trip, reminder_id) or abort(404)


def trip_bounce(trip: Trip, bounce_id: int) -> Bounce:
    """An address of this trip that mail comes back from, else 404."""
    return bounces.find(trip, bounce_id) or abort(404)


def sees_private(trip: Trip) -> None:
    """404 unless the signed-in staff may read what is sealed on this trip (DESIGN rule 11)."""
    if not me().sees_private_on(trip.id):
        abort(404)


def staff_trips() -> list[Trip]:
    """The trips that the signed-in staff has a part in, the latest first."""
    return [trip for trip in trips.every() if me().role_on(trip.id)]


def trip_registration(trip: Trip, registration_id: int) -> Registration:
    """A registration of this trip, else 404."""
    return registrations.find(trip, registration_id) or abort(404)


def trip_held(trip: Trip, held_id: int) -> HeldPlaces:
    """A block of places of this trip, else 404."""
    return held_places.find(trip, held_id) or abort(404)


def trip_criterion(trip: Trip, criterion_id: int) -> Criterion:
    """A criterion of this trip, else 404."""
    return criteria.find(trip, criterion_id) or abort(404)


def trip_amendment(trip: Trip, amendment_id: int) -> Amendment:
    """A request of a company of this trip, else 404."""
    return amendments.find(trip, amendment_id) or abort(404)


def company_amendment(registration: Registration, amendment_id: int) -> Amendment:
    """A request of this company, else 404."""
    found = amendments.find(registration.trip, amendment_id)
    return found if found and found.registration_id == registration.id else abort(404)


def may_merge(touched: Touched) -> bool:
    """Whether the signed-in staff organizes every trip that a merge has to do with; what the public
    pages of the partnership say is changed by whoever runs everything."""
    if touched.is_public_face and not me().runs_everything:
        return False
    return all(me().role_on(trip_id) == Role.ORGANIZER for trip_id in touched.trip_ids)


def trip_intake(trip: Trip, intake_id: int) -> Intake:
    """An import of this trip, else 404."""
    return intakes.find(trip, intake_id) or abort(404)


def trip_question(trip: Trip, question_id: int) -> Question:
    """A question of this trip's form, retired or not, else 404."""
    return questions.find(trip, question_id) or abort(404)


def trip_price(trip: Trip, price_id: int) -> FeeItem:
    """A price of this trip, else 404."""
    return prices.find(trip, price_id) or abort(404)


def registration_charge(registration: Registration, charge_id: int) -> Charge:
    """A charge of this registration, else 404."""
    return charges.find(registration, charge_id) or abort(404)


def registration_payment(registration: Registration, payment_id: int) -> Payment:
    """A payment of this registration, else 404."""
    return payments.find(registration, payment_id) or abort(404)


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
    openings.seen(found)
    return found


def link_delegate(token: str) -> Delegate:
    """The delegate who holds this link, else 404; 410 for one who withdrew, was replaced or
    erased."""
    found = delegates.by_token(token) or abort(404)
    _not_withdrawn(found.registration.trip)
    if found.is_gone or found.erased_at is not None:
        abort(410)
    openings.seen(found)
    return found


def saved_draft(slug: str, token: str) -> Draft:
    """The form that was begun and saved under this link, of a trip that everybody may see, else
    404; 410 for a trip that was withdrawn."""
    found = drafts.by_token(token) or abort(404)
    return found if found.trip_id == public_trip(slug).id else abort(404)


def invited_prospect(slug: str, token: str) -> Prospect:
    """The invitation to apply under this link, of a trip that everybody may see, else 404; 410 for
    one that was taken back."""
    found = prospects.by_token(token) or abort(404)
    if found.trip_id != public_trip(slug).id:
        abort(404)
    return abort(410) if found.state == ProspectState.WITHDRAWN else found


def trip_mailing(trip: Trip, mailing_id: int) -> Mailing:
    """A message of this trip, else 404."""
    return mailings.find(trip, mailing_id) or abort(404)


def trip_mailing_template(trip: Trip, template_id: int) -> MailingTemplate:
    """A template of messages that the signed-in staff may change: of this trip, or of all trips for
    whoever runs everything; else 404."""
    found = mailing_templates.find(trip, template_id) or abort(404)
    return found if found.trip_id is not None or me().runs_everything else abort(404)


def trip_prospect(trip: Trip, prospect_id: int) -> Prospect:
    """An invitation to apply of this trip, else 404."""
    return prospects.find(trip, prospect_id) or abort(404)


def _not_withdrawn(trip: Trip) -> None:
    if trip.state == TripState.WITHDRAWN:
        abort(410)


def registration_anybody(registration: Registration, delegate_id: int) -> Delegate:
    """A delegate of this registration, also one who left, else 404; 410 for one who was erased."""
    found = next((d for d in registration.everybody if d.id == delegate_id), None) or abort(404)
    return found if found.erased_at is None else abort(410)


def registration_delegate(registration: Registration, delegate_id: int) -> Delegate:
    """A delegate of this registration, else 404."""
    found = next((d for d in registration.delegates if d.id == delegate_id), None)
    return found or abort(404)

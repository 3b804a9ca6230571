"""The tours, as everybody and as organizers see them."""

from webapp.blueprints.trips import (
    copies,
    layout,
    organizer,
    places,
    public,
    settings,
    stops,
    tracks,
)

# The pages that lay out a tour are routes of one blueprint, which importing them fills.
LAYOUT = (places, settings, stops, tracks)
BLUEPRINTS = (public.bp, organizer.bp, layout.bp, copies.bp)

"""The tours, as everybody and as organizers see them."""

from webapp.blueprints.trips import organizer, public

BLUEPRINTS = (public.bp, organizer.bp)

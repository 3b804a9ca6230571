"""The agenda, as everybody reads it and as organizers make it."""

from webapp.blueprints.agendas import organizer, public, releases

BLUEPRINTS = (public.bp, organizer.bp, releases.bp)

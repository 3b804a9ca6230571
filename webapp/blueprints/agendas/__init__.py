"""The agenda, as everybody reads it and as organizers make it."""

from webapp.blueprints.agendas import board, clashes, organizer, public, releases, schedules, sheets

BLUEPRINTS = (public.bp, organizer.bp, board.bp, clashes.bp, releases.bp, sheets.bp, schedules.bp)

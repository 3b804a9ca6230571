"""Calendar addresses."""

from webapp.blueprints.calendars import public

BLUEPRINTS = (public.bp,)

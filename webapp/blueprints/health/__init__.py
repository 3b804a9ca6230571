"""For machines: alive, fit to serve, metrics, robots."""

from webapp.blueprints.health import public

BLUEPRINTS = (public.bp,)

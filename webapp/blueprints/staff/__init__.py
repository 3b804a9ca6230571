"""Signing in and out."""

from webapp.blueprints.staff import public

BLUEPRINTS = (public.bp,)

"""Registering: the form, the company's page, the delegate's page, the organizer's decisions."""

from webapp.blueprints.registrations import company, delegate, organizer, public

BLUEPRINTS = (public.bp, company.bp, delegate.bp, organizer.bp)

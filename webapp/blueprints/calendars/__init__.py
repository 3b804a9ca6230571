"""Calendar addresses, and the pages that give them."""

from webapp.blueprints.calendars import (
    company,
    delegate,
    downloads,
    invitations,
    organizer,
    public,
    subscribing,
)

BLUEPRINTS = (
    public.bp,
    downloads.bp,
    subscribing.bp,
    company.bp,
    delegate.bp,
    invitations.bp,
    organizer.bp,
)

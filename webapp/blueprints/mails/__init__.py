"""Letters: what waits in the outbox, and what arrived in the built-in inbox."""

from webapp.blueprints.mails import inbox, organizer

BLUEPRINTS = (organizer.bp, inbox.bp)

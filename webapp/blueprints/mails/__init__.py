"""Letters: what waits in the outbox, and what arrived in the built-in inbox."""

from webapp.blueprints.mails import (
    addresses,
    hosts,
    inbox,
    letter,
    mailing_deeds,
    mailings,
    opt_outs,
    organizer,
    reminders,
    wordings,
)

BLUEPRINTS = (
    organizer.bp,
    mailings.bp,
    addresses.bp,
    inbox.bp,
    opt_outs.bp,
    wordings.bp,
    reminders.bp,
    hosts.bp,
)
PARTS = (letter, mailing_deeds)  # modules that add to the blueprint of another

"""Bringing in sheets of many people, batch by batch."""

from celery import shared_task
from flask import current_app

from webapp.db import transaction
from webapp.domain import intakes


@shared_task(name="intakes.run")
def run() -> None:
    """Bring in every sheet that waits, or whose worker died. One that fails is tried again later,
    and keeps no other waiting."""
    with transaction():
        due = intakes.due()
    for intake_id in due:
        try:
            _bring_in(intake_id)
        except Exception as error:  # whatever it is, the others come in
            with transaction():
                intakes.stumble(intake_id, type(error).__name__)
            current_app.logger.error("import %d stumbled", intake_id, exc_info=error)


def _bring_in(intake_id: int) -> None:
    with transaction():
        work = intakes.load(intake_id)
    if work is None:
        return
    more = True
    while more:
        with transaction():
            more = intakes.advance(work)

"""Messages of organizers that were scheduled, and those whose time to be undone is over."""

from celery import shared_task
from flask import current_app

from webapp.db import is_busy, transaction
from webapp.domain.mailings import sending


@shared_task(name="mailings.put_due")
def put_due() -> None:
    """Put every scheduled message that is due, each in a transaction of its own: one that fails
    says so on its page, is tried again later, and keeps no other waiting."""
    with transaction():
        sending.settle()
        due = sending.due()
    for mailing_id in due:
        try:
            with transaction():
                sending.put_planned(mailing_id)
        except Exception as error:  # noqa: BLE001  # whatever it is, the others go out
            _tell(mailing_id, error)


def _tell(mailing_id: int, error: Exception) -> None:
    if is_busy(error):
        return
    with transaction():
        is_news = sending.tell_problem(mailing_id, type(error).__name__)
    if is_news:
        current_app.logger.error("message %d did not go out", mailing_id, exc_info=error)

"""Letters that go out by themselves because their time has come."""

from celery import shared_task
from flask import current_app

from webapp.db import is_busy, transaction
from webapp.domain import reminders


@shared_task(name="reminders.run")
def run() -> None:
    """Let every reminder that is due go out, each in a transaction of its own: one that fails is
    told of on its page, tried again next time, and keeps no other waiting."""
    with transaction():
        reminders.expire()
        due = reminders.due()
    for reminder_id, due_at in due:
        try:
            with transaction():
                reminders.run(reminder_id, due_at)
        except Exception as error:  # noqa: BLE001  # whatever it is, the others go out
            _tell(reminder_id, error)


@shared_task(name="reminders.offers")
def offers() -> None:
    """Remind every company that was offered places of answering before the offer ends."""
    with transaction():
        reminders.remind_of_ending()


def _tell(reminder_id: int, error: Exception) -> None:
    if is_busy(error):
        return
    with transaction():
        is_news = reminders.tell_problem(reminder_id, type(error).__name__)
    if is_news:
        current_app.logger.error("reminder %d did not go out", reminder_id, exc_info=error)

"""Publishing what was planned, once its instant has come; writing to those whom it concerns."""

from celery import shared_task
from flask import current_app

from webapp.db import is_busy, transaction
from webapp.domain import releases, telling


@shared_task(name="releases.publish_due")
def publish_due() -> None:
    """Let every planned release that is due come out, each in a transaction of its own: one that
    fails is told of on its page, tried again next time, and keeps no other waiting."""
    with transaction():
        due = releases.due()
    for release_id in due:
        try:
            with transaction():
                releases.come_out(release_id)
        except Exception as error:  # noqa: BLE001  # whatever it is, the others come out
            _tell(release_id, error)


@shared_task(name="releases.tell_due")
def tell_due() -> None:
    """Put the letters about every version that is told of, each in a transaction of its own: one
    that fails is told of on its page, tried again next time, and keeps no other waiting."""
    with transaction():
        due = telling.due()
    for release_id in due:
        try:
            with transaction():
                telling.tell(release_id)
        except Exception as error:  # noqa: BLE001  # whatever it is, the others are told of
            _tell_nobody_told(release_id, error)


def _tell_nobody_told(release_id: int, error: Exception) -> None:
    if is_busy(error):
        return
    with transaction():
        is_news = telling.tell_problem(release_id, type(error).__name__)
    if is_news:
        current_app.logger.error("nobody is told of release %d", release_id, exc_info=error)


def _tell(release_id: int, error: Exception) -> None:
    if is_busy(error):
        return
    with transaction():
        is_news = releases.tell_problem(release_id, type(error).__name__)
    if is_news:
        current_app.logger.error("release %d did not come out", release_id, exc_info=error)

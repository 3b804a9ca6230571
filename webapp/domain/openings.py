"""Since when a link has been opened: by its reader, or by a scanner that follows links in mails."""

import sqlalchemy as sa

from webapp import clock
from webapp.db import db
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration


def note(model: type[Registration] | type[Delegate], row_id: int) -> None:
    """Write down that the link of this row was opened, unless that is known. Waits for nobody: a
    row that somebody changes right now is noted the next time."""
    table = model.__table__
    free = (
        sa.select(table.c.id)
        .where(table.c.id == row_id, table.c.opened_at.is_(None))
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    db.session.execute(
        sa.update(model)
        .where(model.id == free)
        .values(opened_at=clock.now())
        .execution_options(synchronize_session=False)
    )

"""Letters for tests: put into the outbox by the product's own verbs, and written."""

from sqlalchemy import select

from webapp.db import db
from webapp.domain import correspondence
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.registration import Registration


def put(letter: str, reader: Registration | Delegate, version=0, **facts) -> Mail:
    """The row of a letter to a coordinator or a delegate, not written yet; it must be a new one."""
    if isinstance(reader, Delegate):
        assert correspondence.to_delegate(letter, reader, version, **facts)
    else:
        assert correspondence.to_coordinator(letter, reader, version, **facts)
    return latest()


def write(letter: str, reader: Registration | Delegate, version=0, **facts) -> Mail:
    """The same, written as a worker writes it."""
    return written(put(letter, reader, version, **facts))


def written(mail: Mail) -> Mail:
    """The letter once everything that waits is written."""
    while correspondence.write_due():
        pass
    assert mail.last_error is None
    return mail


def received(registration: Registration, version=0) -> Mail:
    """The letter that an application causes, written."""
    return write("registration_received", registration, version)


def latest() -> Mail:
    """The letter that was put last."""
    return db.session.scalars(select(Mail).order_by(Mail.id.desc()).limit(1)).one()

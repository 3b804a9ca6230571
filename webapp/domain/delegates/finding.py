"""Finding a delegate by the secret in the link, and what is known of one."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp import tokens
from webapp.db import db
from webapp.domain.registrations import DelegateData
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration


def by_token(token: str) -> Delegate | None:
    """The delegate who holds this secret, or None; also one who has left."""
    return db.session.scalars(
        select(Delegate)
        .where(Delegate.token_digest == tokens.digest(token))
        .options(
            joinedload(Delegate.registration).joinedload(Registration.trip),
            joinedload(Delegate.registration).joinedload(Registration.organization),
        )
    ).one_or_none()


def data_of(delegate: Delegate) -> DelegateData:
    """What is known of a delegate now, as a company gives it."""
    return DelegateData(
        delegate.given_name,
        delegate.family_name,
        delegate.email,
        delegate.phone,
        delegate.job_title,
        delegate.language,
    )

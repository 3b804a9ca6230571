"""Organizations: when two spellings are one name, and finding or adding one."""

import re
import unicodedata

from sqlalchemy import func, select

from webapp.db import db
from webapp.models.basis import Basis
from webapp.models.organization import Organization, OrganizationKind

LEGAL_FORMS = re.compile(
    r"inc|incorporated|llc|llp|ltd|limited|corp|corporation|co|company|plc|gmbh|ag|bv|nv|spa|srl"
    r"|sa|sas|sasu|sarl|eurl|sci|scop|snc|se"
)


def name_key(name: str) -> str:
    """What two spellings of one name share: no case, accents, punctuation or legal form."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.sub(r"[^\w\s]", "", plain.replace("-", " ").replace("'", " ")).split()
    kept = [word for word in words if not LEGAL_FORMS.fullmatch(word)]
    return " ".join(kept or words)[:200]


def find_or_add(
    name: str, kind: OrganizationKind, country: str | None, website: str | None
) -> Organization:
    """The organization with this very name (but for case) in this country, else a new one.

    Other spellings are not joined here: that is for a human to confirm. What is known of a found
    organization stays as it is, since whoever types its name is not known.
    """
    found = db.session.scalars(
        select(Organization)
        .where(
            Organization.name_key == name_key(name),
            func.lower(Organization.name) == func.lower(name),
            Organization.country == country,
        )
        .order_by(Organization.id)
    ).first()
    if found:
        return found
    made = Organization(
        name=name,
        name_key=name_key(name),
        kind=kind,
        country=country,
        website=website,
        basis=Basis.REAL,
    )
    db.session.add(made)
    db.session.flush()
    return made

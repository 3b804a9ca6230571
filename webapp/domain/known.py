"""Companies that are known already: recognised by a name that is almost the same, and offered.

Nobody is joined to a known company by name alone. (domain.md rule 27.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from sqlalchemy import (
    ColumnElement,
    Integer,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.db import db
from webapp.domain.mailboxes import domain_of, is_public
from webapp.domain.organizations import name_key
from webapp.models.organization import Organization, OrganizationAlias
from webapp.models.registration import IS_OUT, Registration, RegistrationState
from webapp.models.trip import Trip

LEAST = 3  # letters and digits of a name before anything is said
MOST = 5  # names that are offered
LONGEST = 200  # characters of a name that are looked at: its column's
MOST_LOOKED_AT = 2_000  # rows that a typed name is compared with
BEGUN = 0.6  # of a known name must have been typed before it is offered: nobody walks the list
LAST = "\U0010ffff"  # sorts after whatever may follow a beginning
JOINING = frozenset({"and", "et", "und"})  # what "&" is read as; longest: JOINED letters
JOINED = 3


@dataclass(frozen=True, slots=True)
class Match:
    """A known company with a name like the one typed, and whether it takes part in the tour."""

    organization_id: int
    name: str
    is_registered: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    organization_id: int
    name: str
    key: str
    country: str | None
    is_registered: bool


def similar(name: str, country: str | None, trip: Trip | None = None) -> list[Match]:
    """The known companies that somebody who types `name` may mean, the likeliest first, MOST at
    most: the same but for case, accents, legal form, spaces and "&"; with a slip or two of the
    fingers; half-typed; or with more behind the name. Of one country before others.

    Names that share no first letter with what was typed are not looked at, so that one statement
    over an index finds the candidates, however many companies there are.
    """
    key = name_key(name[:LONGEST])
    solid = _solid(key)
    if len(solid) < LEAST:
        return []
    ranked: dict[int, tuple[tuple[float, bool, bool, str], _Candidate]] = {}
    for candidate in _candidates(key, solid, trip):
        distance = _distance(key, candidate.key)
        if distance is None:
            continue
        rank = (
            distance,
            candidate.country != country,
            not candidate.is_registered,
            candidate.name.casefold(),
        )
        known = ranked.get(candidate.organization_id)
        if known is None or rank < known[0]:
            ranked[candidate.organization_id] = (rank, candidate)
    best = [candidate for _rank, candidate in sorted(ranked.values(), key=lambda pair: pair[0])]
    return list(_once(best))[:MOST]


def offered(organization_id: int, name: str, country: str | None, trip: Trip) -> Match | None:
    """The match with this id among those that `similar` offers for the name, or None: what comes
    from a form is believed only where it was offered."""
    found = similar(name, country, trip)
    return next((match for match in found if match.organization_id == organization_id), None)


def vouched(organization: Organization, email: str) -> bool:
    """Whether the address speaks for the company: its domain is that of the company's website, or
    of a coordinator whose registration of it an organizer accepted. Mailboxes that anybody can have
    never speak for one, nor does what nobody has looked at."""
    domain = domain_of(email)
    if not domain or is_public(domain):
        return False
    if domain == _host(organization.website):
        return True
    earlier = func.lower(func.split_part(Registration.coordinator_email, "@", 2))
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Registration.organization_id == organization.id,
                    Registration.state == RegistrationState.ACCEPTED,
                    Registration.decided_by_id.is_not(None),
                    earlier == domain,
                )
            )
        )
    )


def _candidates(key: str, solid: str, trip: Trip | None) -> Sequence[_Candidate]:
    """Rows by the index over keys: those with a first letter of what was typed and about its
    length, those that go on from it, and those that it goes on from. Aliases count as names."""
    target = aliased(Organization)
    by_name = select(
        func.coalesce(Organization.merged_into_id, Organization.id).label("id"),
        Organization.name_key.label("key"),
    ).where(_near(Organization.name_key, key, solid))
    by_alias = select(OrganizationAlias.organization_id, OrganizationAlias.name_key).where(
        _near(OrganizationAlias.name_key, key, solid)
    )
    found = union_all(by_name, by_alias).subquery()
    rows = db.session.execute(
        select(found.c.id, target.name, found.c.key, target.country, _registered(found.c.id, trip))
        .join(target, target.id == found.c.id)
        .limit(MOST_LOOKED_AT)
    )
    return [_Candidate(*row) for row in rows]


def _registered(organization_id: ColumnElement[int], trip: Trip | None) -> ColumnElement[bool]:
    if trip is None:
        return false()
    return exists().where(
        Registration.organization_id == organization_id,
        Registration.trip_id == trip.id,
        Registration.state.not_in(IS_OUT),
    )


def _near(column: InstrumentedAttribute[str], key: str, solid: str) -> ColumnElement[bool]:
    size = func.length(func.replace(column, " ", ""), type_=Integer)
    slips = _slips(len(solid)) + JOINED
    begun = column.between(key, key + LAST) & (size <= int(len(solid) / BEGUN) + JOINED)
    close = size.between(len(solid) - slips, len(solid) + slips) & _shares_a_part(column, solid)
    near = [column.between(letter, letter + LAST) & close for letter in sorted(set(solid[:2]))]
    return or_(begun, column.in_(_beginnings(key) or [literal(key)]), *near)


def _shares_a_part(column: InstrumentedAttribute[str], solid: str) -> ColumnElement[bool]:
    """Of a text in so many parts one is left whole by the slips that are forgiven, since a slip
    spoils two parts at most: what shares none is another name, and not worth a closer look."""
    count = min(2 * _slips(len(solid)) + 1, len(solid))
    cuts = [round(number * len(solid) / count) for number in range(count + 1)]
    parts = {solid[start:end] for start, end in pairwise(cuts)}
    text = func.replace(column, " ", "")
    return or_(*(text.contains(part, autoescape=True) for part in sorted(parts)))


def _beginnings(key: str) -> list[str]:
    """What whole words of a name may be the known name, with something added behind it."""
    words = key.split()
    heads = [" ".join(words[:count]) for count in range(1, len(words))]
    return [head for head in heads if len(_solid(head)) >= max(LEAST, BEGUN * len(_solid(key)))]


def _distance(key: str, known: str) -> float | None:
    """How far a known key is from what was typed: 0 for the same, letters for slips; more for one
    that is half-typed or has something added; None for another name."""
    if key == known:
        return 0
    typed, other = _solid(key), _solid(known)
    if typed == other:
        return 0.5
    slips = slips_between(typed, other, _slips(len(typed)))
    if slips is not None:
        return slips
    if known.startswith(key) and len(typed) >= BEGUN * len(other):
        return 4
    return 5 if known in _beginnings(key) else None


def slips_between(one: str, other: str, most: int) -> int | None:
    """How many slips of the fingers lead from one text to the other: a letter left out, added,
    wrong, or two that changed places; None for more than `most`. (Optimal string alignment, in a
    band of `most` to each side.)"""
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i] + [most + 1] * len(other)
        for j in range(max(1, i - most), min(len(other), i + most) + 1):
            same = letter == other[j - 1]
            row[j] = min(last[j - 1] + (not same), last[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other[j - 1]:
                row[j] = min(row[j], before[j - 2] + 1)
        if min(row) > most:
            return None
        before, last = last, row
    return last[-1] if last[-1] <= most else None


def _slips(length: int) -> int:
    """How many slips are forgiven in a name of so many letters: short names differ by one."""
    return 0 if length < 5 else 1 if length < 9 else 2


def _solid(key: str) -> str:
    """A key without spaces and without what joins its words."""
    return "".join(word for word in key.split() if word not in JOINING) or key.replace(" ", "")


def _once(best: Sequence[_Candidate]) -> Iterator[Match]:
    """Each name once: two companies of one name cannot be told apart by it. The one that takes part
    in the tour stands for them."""
    names: dict[str, _Candidate] = {}
    for candidate in best:
        name = candidate.name.casefold()
        if name not in names or (candidate.is_registered and not names[name].is_registered):
            names[name] = candidate
    for candidate in names.values():
        yield Match(candidate.organization_id, candidate.name, candidate.is_registered)


def _host(website: str | None) -> str | None:
    host = urlsplit(website).hostname if website else None
    return host.lower().removeprefix("www.") if host else None

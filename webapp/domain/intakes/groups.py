"""The rows of a sheet by company, in the order in which the companies first appear."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from webapp.domain.rosters.rows import Company, Row


@dataclass(slots=True)
class Group:
    """One company of a sheet and its rows. `mark` finds it again in the same sheet: the name but
    for case, with the country where two companies have one name. `joined` is the organization that
    somebody said it is."""

    mark: str
    company: Company
    rows: list[Row] = field(default_factory=list)
    joined: int | None = None

    @property
    def people(self) -> list[Row]:
        """The rows without a fault."""
        return [row for row in self.rows if row.data is not None]


def of_rows(rows: Iterable[Row], joins: Mapping[str, int | str] | None = None) -> list[Group]:
    """The companies that the rows name, each with what its rows together say of it. A row that
    names none is in no group."""
    by_name: dict[str, list[Group]] = {}
    found: list[Group] = []
    for row in rows:
        if row.company is None:
            continue
        alike = by_name.setdefault(row.company.name.casefold(), [])
        group = next((g for g in alike if _may_be(g.company, row.company)), None)
        if group is None:
            mark = row.company.name.casefold()
            group = Group(f"{mark} ({row.company.country})" if alike else mark, row.company)
            alike.append(group)
            found.append(group)
        group.company = both(group.company, row.company)
        group.rows.append(row)
    return _joined(found, joins or {})


def _may_be(one: Company, other: Company) -> bool:
    return one.country is None or other.country is None or one.country == other.country


def both(one: Company, other: Company) -> Company:
    """What the first of two rows says, and what it leaves out from the second."""
    if one.coordinator_email is None and other.coordinator_email is not None:
        one = replace(
            one,
            coordinator_name=other.coordinator_name,
            coordinator_email=other.coordinator_email,
            coordinator_phone=other.coordinator_phone,
        )
    return replace(one, country=one.country or other.country, website=one.website or other.website)


def _joined(groups: list[Group], joins: Mapping[str, int | str]) -> list[Group]:
    """The groups as somebody joined them: to an organization, or to a group before."""
    kept: dict[str, Group] = {}
    for group in groups:
        to = joins.get(group.mark)
        other = kept.get(to) if isinstance(to, str) else None
        if other is not None:
            other.rows += group.rows
            other.company = both(other.company, group.company)
        else:
            group.joined = to if isinstance(to, int) else None
            kept[group.mark] = group
    return list(kept.values())

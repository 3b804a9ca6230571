"""What a reader picks out of a public agenda: by day, city, track, kind and language.

A page holds every item, and hides those that do not match: so a script shows others without asking
the server again, and without one the same form asks for the page anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from webapp import i18n
from webapp.blueprints.agendas.days import Arrangement, track_of
from webapp.domain.item_words import ITEM_KINDS
from webapp.models.release import ReleaseItem

FACETS = ("day", "city", "track", "kind", "language")


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of the form: its name in the address, its label, (value, text) of its options."""

    name: str
    label: str
    options: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What an address asks for: the arrangement, and for some facets the one value that counts."""

    by: Arrangement
    values: tuple[tuple[str, str], ...]

    @property
    def chosen(self) -> dict[str, str]:
        """The facets that are narrowed, each with its value."""
        return dict(self.values)

    def matches(self, item: ReleaseItem) -> bool:
        """Whether the item has the wanted value in each facet."""
        found = facets(item) if self.values else {}
        return all(value in found[name] for name, value in self.values)

    def address(self, by: Arrangement) -> dict[str, str]:
        """The query of the same wish in another arrangement."""
        return ({} if by == Arrangement.DAY else {"by": by.value}) | self.chosen


def wish(arguments: Mapping[str, str]) -> Wish:
    """What the query of an address asks for; what is not understood is left out."""
    by = arguments.get("by")
    return Wish(
        next((each for each in Arrangement if each.value == by), Arrangement.DAY),
        tuple((name, arguments[name][:200]) for name in FACETS if arguments.get(name)),
    )


def facets(item: ReleaseItem) -> dict[str, list[str]]:
    """The values of an item in each facet. A leg is in both its cities, and on both its days."""
    days = {item.starts_local.date().isoformat(), item.ends_local.date().isoformat()}
    return {
        "day": sorted(days) if item.is_leg else [item.starts_local.date().isoformat()],
        "city": [city for city in dict.fromkeys((item.city, item.to_city)) if city],
        "track": [track_of(item)] if item.track_name else [],
        "kind": [item.kind.value],
        "language": list(item.languages),
    }


def choices(items: Iterable[ReleaseItem], language: str) -> list[Choice]:
    """The fields of the form: of each facet that tells these items apart, what it may be."""
    items = list(items)
    tracks = {track_of(item): item.track_name.pick(language) for item in items if item.track_name}
    kinds = {item.kind for item in items}
    days = sorted({item.starts_local.date() for item in items})
    spoken = {code: i18n.language_name(code) for item in items for code in item.languages}
    cities = sorted({city for item in items for city in facets(item)["city"]})
    found = [
        Choice("day", _("Day"), [(day.isoformat(), i18n.date_long(day)) for day in days]),
        Choice("city", _("City"), [(city, city) for city in cities]),
        Choice("track", _("Track"), list(tracks.items())),
        Choice(
            "kind", _("Kind"), [(k.value, str(ITEM_KINDS[k])) for k in ITEM_KINDS if k in kinds]
        ),
        Choice("language", _("Language"), sorted(spoken.items(), key=lambda pair: pair[1])),
    ]
    # One track is a choice too: most items are of none.
    return [each for each in found if len(each.options) > (0 if each.name == "track" else 1)]

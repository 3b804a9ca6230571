"""Which of some items overlap."""

from collections.abc import Iterator, Sequence

from webapp.domain.clashes.plans import Visit


def overlaps(visits: Sequence[Visit]) -> Iterator[tuple[Visit, Visit]]:
    """Every pair that overlaps, of items in order of start. What has ended is dropped for good, so
    it takes as long as there are items and pairs."""
    going: list[Visit] = []
    for visit in visits:
        start = visit.starts.at
        going = [each for each in going if each.ends.at > start]
        for each in going:
            yield each, visit
        going.append(visit)

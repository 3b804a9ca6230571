"""Dates and times as a trip file writes them."""

import re
from datetime import UTC, date, datetime
from typing import Any

YEARS = range(1990, 2200)


def as_day(value: Any) -> date | None:
    """The date that a text of a file says, or None."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            read = date.fromisoformat(value)
        except ValueError:
            return None
        return read if read.year in YEARS else None
    return None


def as_local(value: Any) -> datetime | None:
    """The wall time, naive, that a text of a file says, or None."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", value):
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            return None
        return read if read.year in YEARS else None
    return None


def as_instant(value: Any) -> datetime | None:
    """The instant, aware UTC, that a text of a file says, or None."""
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return read.astimezone(UTC) if read.tzinfo is not None and read.year in YEARS else None


def written(local: datetime) -> str:
    """A wall time as a file writes it: to the minute, unless it has seconds."""
    return local.isoformat(timespec="seconds" if local.second else "minutes")

"""An Entry as plain values, to keep what was said once, and back."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from webapp.calendars.event import Entry, Moment

INSTANTS = ("created_at", "changed_at")


def facts(entry: Entry) -> dict[str, Any]:
    """`entry` as JSON has it: instants and wall times as ISO 8601."""
    plain = asdict(entry)
    for name in INSTANTS:
        plain[name] = plain[name].isoformat()
    for name in ("starts", "ends"):
        plain[name]["local"] = plain[name]["local"].isoformat()
    return plain | {"categories": list(entry.categories)}


def entry(kept: dict[str, Any]) -> Entry:
    """The Entry that `facts` kept. What a later version of it has besides takes its default."""
    names = {field.name for field in fields(Entry)}
    given = {name: value for name, value in kept.items() if name in names}
    given |= {name: datetime.fromisoformat(given[name]) for name in INSTANTS}
    for name in ("starts", "ends"):
        moment = given[name]
        local = datetime.fromisoformat(moment["local"])
        given[name] = Moment(local, moment["zone"], moment["fold"])
    return Entry(**given | {"categories": tuple(given.get("categories", ()))})

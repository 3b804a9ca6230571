"""What a form had shown when it was opened, so that nobody overwrites what came since.

A form keeps the fingerprint of the values that it shows and sends it back; under the lock it is
held against what stands then.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from webapp.errors import DomainError


class ChangedMeanwhile(DomainError):
    """Since the form was shown somebody changed these keys, which the form would set back; `now`
    holds their values."""

    def __init__(self, now: Mapping[str, Any]) -> None:
        super().__init__(", ".join(now))
        self.now = dict(now)


def fingerprint(values: Mapping[str, Any]) -> str:
    """What a form keeps of the values that it shows: their names, and a digest of each."""
    return " ".join(f"{key}:{_digest(value)}" for key, value in values.items())


def refreshed(seen: str, now: Mapping[str, Any]) -> str:
    """The fingerprint of a form that shows these values by now."""
    kept = [part for part in seen.split() if part.rpartition(":")[0] not in now]
    return " ".join([*kept, fingerprint(now)]).strip()


def was_shown(seen: str, key: str, value: Any) -> bool:
    """Whether the form had shown just this value: nobody typed another."""
    return f"{key}:{_digest(value)}" in seen.split()


def refuse_stale(seen: str | None, now: Mapping[str, Any], typed: Mapping[str, Any]) -> None:
    """Raise ChangedMeanwhile for what stands now neither as it was shown nor as it was typed. None:
    the change comes from no form."""
    if seen is None:
        return
    changed = {
        key: value
        for key, value in now.items()
        if not was_shown(seen, key, value) and not same(typed.get(key), value)
    }
    if changed:
        raise ChangedMeanwhile(changed)


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same; nothing is nothing, however it is written."""
    return _digest(one) == _digest(other)


def is_empty(value: Any) -> bool:
    """Whether nothing was given: None, an empty text or list."""
    return value is None or value == "" or value == []


def _digest(value: Any) -> str:
    text = "" if is_empty(value) else json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]

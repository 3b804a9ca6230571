"""From text to a checked trip file."""

import json
from collections import Counter
from typing import Any

from webapp.domain.tripfiles.faults import Fault, FileFaults, shown
from webapp.domain.tripfiles.shape import check

LARGEST = 5_000_000  # octets


def read(text: str | bytes) -> dict[str, Any]:
    """The trip file (version 1, JSON in UTF-8) that `text` holds, checked whole.

    Raises FileFaults holding every fault with its JSON path and what to mend. Faults of JSON
    itself hide all others; faults of shape hide those of meaning (references, times).
    """
    if len(text) > LARGEST:
        raise _broken(f"a trip file has at most {LARGEST:,} octets")
    try:
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _broken(f"octet {error.start} is not UTF-8: save the file as UTF-8") from error
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _broken(f"this is no JSON ({error.msg}, {where})") from error
    except RecursionError as error:
        raise _broken("lists and objects stand too deep in each other") from error
    except ValueError as error:  # digits without end
        raise _broken(shown(str(error))) from error
    return check(data)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        (double, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise _broken(f'the field "{shown(double)}" stands twice in one object: keep one')
    return found


def _refuse(constant: str) -> Any:
    raise _broken(f"{constant} is no number of JSON")


def _broken(mend: str) -> FileFaults:
    return FileFaults([Fault("$", mend)])

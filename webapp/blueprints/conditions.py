"""Whether a reader has the bytes already: conditional requests. (RFC 9110 13, icalendar.md H4-H6.)

Our own and not Werkzeug's: that one takes a malformed list for a match, and the tags are wanted
before the bytes are read.
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

ANY = frozenset("*")
# Every quantifier is possessive: no header, however long, is gone through twice.
_ELEMENT = r'[ \t]*+(?:(?:W/)?+"[!#-~\x80-\xff]*+"[ \t]*+)?+'
_LIST = re.compile(rf"{_ELEMENT}(?:,{_ELEMENT})*+")
_OURS = re.compile(r'"([0-9a-f]{32})"')  # the form of webapp.calendars.feed.etag


def tags(if_none_match: str | None) -> frozenset[str] | None:
    """The tags of an If-None-Match that can be ours, weak or not, or ANY for `*`; none of a list
    that is malformed. None without a header: only then does a date count (H5)."""
    if if_none_match is None:
        return None
    if if_none_match.strip(" \t") == "*":
        return ANY
    if not _LIST.fullmatch(if_none_match):
        return frozenset()
    return frozenset(_OURS.findall(if_none_match))


def is_since(if_modified_since: str | None, changed_at: datetime) -> bool:
    """Whether nothing changed after the date of an If-Modified-Since, in whole seconds; a date that
    cannot be read is as none (H6)."""
    if not if_modified_since:
        return False
    if if_modified_since == http_date(changed_at):
        return True
    try:
        since = parsedate_to_datetime(if_modified_since)
        aware = since if since.tzinfo else since.replace(tzinfo=UTC)
        return changed_at.replace(microsecond=0) <= aware
    except (TypeError, ValueError, OverflowError, IndexError):
        return False


@lru_cache(maxsize=1024)
def http_date(at: datetime) -> str:
    """An aware instant as HTTP writes it, its fraction of a second cut off."""
    return format_datetime(at.astimezone(UTC), usegmt=True)

"""Many sessions as a calendar to subscribe to, one of them as a file to download."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from webapp.calendars.event import Entry, Span, event, starts_at, tzids
from webapp.calendars.line import address, escaped, folded, phrase, prose
from webapp.calendars.zones import vtimezone

PRODID = "-//Escale//Escale"  # what wrote it; the language of its texts follows: "//EN"
EMPTY_ZONE = "Europe/Paris"  # a calendar needs one component; one without events has this (F11)

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_COLOR = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A VEVENT ready to be put into calendars: `body` is folded octets, CRLF at the end.

    `tzids` are the zones it names; `starts_at`, an aware instant, and `uid` give its place.
    """

    uid: str
    starts_at: datetime
    tzids: tuple[str, ...]
    body: bytes


def block(item: Entry | Span) -> Block:
    """The VEVENT of `item` with what `join` must know of it. Depends on `item` alone."""
    return Block(item.uid, starts_at(item), tzids(item), event(item))


def feed(
    name: str,
    entries: Iterable[Entry],
    *,
    description: str = "",
    spans: Iterable[Span] = (),
    url: str = "",
    refresh_hours: int = 4,
    color: str = "",
    language: str = "en",
) -> bytes:
    """The calendar `name` of `entries` and `spans`, in the order of their start, then UID.

    The same octets for the same arguments, whatever the order of the events (H3). `url` is the web
    page of the calendar, never the address of a secret feed (N7); `color` a CSS3 name (N6);
    `refresh_hours` what readers are asked to wait between two polls, one at least (N2, N3).

    There is no METHOD, ORGANIZER, ATTENDEE, VALARM, SOURCE nor a UID of the calendar (M1, M2, E11,
    N5, N7). Raises ValueError for a UID that occurs twice (U4), a name of which no text is left, a
    refresh under an hour, a color that is no name, a URL or a language tag that is none.
    """
    items: list[Entry | Span] = [*spans, *entries]
    return join(
        name,
        map(block, items),
        description=description,
        url=url,
        refresh_hours=refresh_hours,
        color=color,
        language=language,
    )


def join(
    name: str,
    blocks: Iterable[Block],
    *,
    description: str = "",
    url: str = "",
    refresh_hours: int = 4,
    color: str = "",
    language: str = "en",
) -> bytes:
    """`feed` for VEVENTs that were written before, in this calendar or in another."""
    name, description = phrase(name), prose(description)
    if not name:
        raise ValueError("a calendar needs a name")
    if refresh_hours < 1:
        raise ValueError(f"readers are asked to wait an hour at least, not {refresh_hours}")
    if color and not _COLOR.fullmatch(color):
        raise ValueError(f"a color of a calendar is a CSS3 name, not {color!r}")
    lines = [f"NAME:{escaped(name)}", f"X-WR-CALNAME:{escaped(name)}"]
    if description:
        lines += [f"DESCRIPTION:{escaped(description)}", f"X-WR-CALDESC:{escaped(description)}"]
    if url:
        lines.append(f"URL:{address(url)}")
    if color:
        lines.append(f"COLOR:{color}")
    lines += [
        f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh_hours}H",
        f"X-PUBLISHED-TTL:PT{refresh_hours}H",
    ]
    return calendar(lines, blocks, language)


def file(entry: Entry, *, language: str = "en") -> bytes:
    """One session as a file to download: the VEVENT of the feeds, same UID (U3), no METHOD (M3).

    Raises ValueError for a language that is no tag.
    """
    return calendar([], [block(entry)], language)


def files(entries: Iterable[Entry], *, language: str = "en") -> bytes:
    """Several sessions as one file to take in: the VEVENTs of the feeds, no METHOD (M3). It has no
    name, so that programs put them into a calendar that is there.

    Raises ValueError for a UID that occurs twice, or a language that is no tag.
    """
    return calendar([], map(block, entries), language)


def etag(body: bytes) -> str:
    """The entity tag of a body, without its quotes: changes if and only if an octet does (H3)."""
    return sha256(body).hexdigest()[:32]


def calendar(properties: list[str], blocks: Iterable[Block], language: str) -> bytes:
    """A whole VCALENDAR: properties, a VTIMEZONE for each zone named, then the events (F9, Z1).

    `properties` are content lines. Raises ValueError for a UID that occurs twice (U4), a language
    that is no tag.
    """
    if not _LANGUAGE.fullmatch(language):
        raise ValueError(f"not the tag of a language: {language!r}")
    ordered = sorted(blocks, key=lambda block: (block.starts_at, block.uid))
    seen: set[str] = set()
    for each in ordered:
        if each.uid in seen:
            raise ValueError(f"the UID {each.uid} occurs twice in one calendar")
        seen.add(each.uid)
    zones = sorted({tzid for each in ordered for tzid in each.tzids})
    if not ordered:
        zones = [EMPTY_ZONE]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}//{language.upper()}"]
    head += ["CALSCALE:GREGORIAN", *properties]
    return b"".join(
        [
            *map(folded, head),
            *map(vtimezone, zones),
            *(each.body for each in ordered),
            folded("END:VCALENDAR"),
        ]
    )

"""What a guest's calendar program answers: one REPLY out of a message that anybody could send."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_READ = 64 * 1024  # octets of a calendar: an answer has one VEVENT
FIRST_YEAR = 2000  # a clock that says less was never set: it says nothing
_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,[^;:]*)?)*):(.*)')
_PARTSTAT = re.compile(r';PARTSTAT="?([A-Za-z-]+)"?', re.IGNORECASE)
_STAMP = re.compile(r"(\d{8}T\d{6})Z")
_NUMBER = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: to which UID, of which SEQUENCE (0 if it says none), made when (aware UTC, None
    if it does not say), and by address (lower case) which PARTSTAT, in capitals."""

    uid: str
    sequence: int
    stamped_at: datetime | None
    answers: tuple[tuple[str, str], ...]

    def of(self, email: str) -> str | None:
        """What the guest says: the one there is, whatever their address is by now; of several that
        of `email`; else None."""
        if len(self.answers) == 1:
            return self.answers[0][1]
        return dict(self.answers).get(email.lower())


def read(content: bytes) -> Reply | None:
    """The REPLY of a calendar object; None for any other method, garbage, several sessions. Never
    raises, whatever comes."""
    text = _FOLD.sub("", content[:MOST_READ].decode("utf-8", "replace"))
    found = [match.groups() for line in text.splitlines() if (match := _LINE.fullmatch(line))]
    named = [(name.upper(), params, value.strip()) for name, params, value in found]
    if ("METHOD", "REPLY") not in [(name, value.upper()) for name, _params, value in named]:
        return None
    inside = _event(named)
    uids = {value for name, _params, value in inside if name == "UID"}
    if len(uids) != 1:
        return None
    return Reply(
        uid=uids.pop(),
        sequence=_sequence(inside),
        stamped_at=_stamped(inside),
        answers=tuple(_answers(inside)),
    )


Lines = list[tuple[str, str, str]]


def _event(named: Lines) -> Lines:
    """The lines of the VEVENTs, without those of alarms and the like in them."""
    inside: Lines = []
    depth: list[str] = []
    for name, params, value in named:
        if name == "BEGIN":
            depth.append(value.upper())
        elif name == "END":
            depth = depth[:-1]
        elif depth[-1:] == ["VEVENT"]:
            inside.append((name, params, value))
    return inside


def _sequence(inside: Lines) -> int:
    said = [value for name, _params, value in inside if name == "SEQUENCE"]
    return int(said[0]) if said and _NUMBER.fullmatch(said[0]) else 0


def _stamped(inside: Lines) -> datetime | None:
    for name, _params, value in inside:
        if name == "DTSTAMP" and (found := _STAMP.fullmatch(value)):
            try:
                at = datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            except ValueError:
                return None
            return at if at.year >= FIRST_YEAR else None
    return None


def _answers(inside: Lines) -> list[tuple[str, str]]:
    found = {}
    for name, params, value in inside:
        said = _PARTSTAT.search(params)
        if name == "ATTENDEE" and said:
            found[re.sub("(?i)^mailto:", "", value).lower()] = said[1].upper()
    return list(found.items())

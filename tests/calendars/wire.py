"""A reader of our own, stricter than any in use: what it lets through keeps to the wire format."""

import re
from dataclasses import dataclass, field

NAME = re.compile(r"[A-Z0-9-]+")
LINE = re.compile(r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"]*"|[^";:,]*))*):(.*)', re.DOTALL)
PARAMETER = re.compile(r';([A-Z0-9-]+)=(?:"([^"]*)"|([^";:,]*))')
TEXT = re.compile(r"(?:[^\\;,]|\\[\\;,n])*")
ESCAPE = re.compile(r"\\(.)")
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f]")
TEXTS = {
    "DESCRIPTION",
    "LOCATION",
    "NAME",
    "SUMMARY",
    "TZNAME",
    "X-WR-CALDESC",
    "X-WR-CALNAME",
}


@dataclass(slots=True)
class Component:
    """BEGIN to END: `lines` are (name, parameters, value as it stands), `parts` the components."""

    name: str
    lines: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        """The value of the one property `name`: a TEXT unescaped, others as they stand."""
        value = self.raw(name)
        return text(value) if name in TEXTS else value

    def raw(self, name: str) -> str:
        found = [value for own, _, value in self.lines if own == name]
        assert len(found) == 1, f"{name} stands {len(found)} times in {self.name}"
        return found[0]

    def parameters(self, name: str) -> dict[str, str]:
        return next(parameters for own, parameters, _ in self.lines if own == name)

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.lines]

    def all(self, name: str) -> list["Component"]:
        return [part for part in self.parts if part.name == name]


def text(value: str) -> str:
    """A TEXT value unescaped; the strict grammar of F6."""
    assert TEXT.fullmatch(value), f"not a TEXT: {value!r}"
    return ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], value)


def lines(octets: bytes) -> list[str]:
    """The content lines, unfolded. Holds F1 to F5."""
    assert octets.endswith(b"\r\n")
    physical = octets.removesuffix(b"\r\n").split(b"\r\n")
    unfolded: list[str] = []
    for line in physical:
        assert 0 < len(line) <= 75, f"{len(line)} octets: {line!r}"
        words = line.decode()  # by itself: no sequence is cut (F3)
        assert not CONTROL.search(words), f"control character: {line!r}"
        if words[0] in " \t":
            assert words[0] == " "
            assert len(words) > 1, "a continuation that holds nothing"
            unfolded[-1] += words[1:]
        else:
            unfolded.append(words)
    assert not unfolded[0].startswith("\ufeff")
    return unfolded


def component(octets: bytes) -> Component:
    """The one component that `octets` are. Holds F1 to F9, F13."""
    root = Component("")
    open_ones = [root]
    for line in lines(octets):
        found = LINE.fullmatch(line)
        assert found, f"not a content line: {line!r}"
        name, raw, value = found.groups()
        match name:
            case "BEGIN":
                part = Component(value)
                open_ones[-1].parts.append(part)
                open_ones.append(part)
            case "END":
                assert open_ones.pop().name == value
            case _:
                assert not open_ones[-1].parts, f"{name} after a component (F9)"
                parameters = {key: quoted or plain for key, quoted, plain in PARAMETER.findall(raw)}
                open_ones[-1].lines.append((name, parameters, value))
                if name in TEXTS:
                    text(value)
    assert open_ones == [root]
    assert len(root.parts) == 1
    return root.parts[0]

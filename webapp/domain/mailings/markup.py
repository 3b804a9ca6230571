"""Plain text as organizers write it, as a page: paragraphs, lists, and links, and nothing else.

A blank line ends a paragraph; lines that begin with "-", "*" or "•" are a list, with "1." a
numbered one; a web or mail address becomes a link. Everything is escaped. What is filled in for a
placeholder is words of somebody else: it makes no list and no link, unless it is one of our links.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from webapp.domain.mailings.wording import LINKS, Placeholder, split

_ITEM = re.compile(r"\s{0,3}[-*•]\s+(?=\S)")
_NUMBER = re.compile(r"\s{0,3}\d{1,3}[.)]\s+(?=\S)")
_LINK = re.compile(
    r"https?://[^\s<>\"]+|(?<![\w.@/])www\.[^\s<>\"]+\.[^\s<>\"]+"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_AFTER = ".,;:!?'»”)]"  # that end a sentence more often than an address
MOST = 20_000  # characters that are looked at for links in one line


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: "p", "ul" or "ol"."""

    tag: str
    lines: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """The paragraphs and lists of a text that is not filled in yet."""
    found: list[Block] = []
    for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines: list[str] = []
        tag = "p"
        for line in part.split("\n"):
            its = _tag(line)
            if its != tag and lines:
                found.append(Block(tag, tuple(lines)))
                lines = []
            tag = its
            if line.strip():
                lines.append(line)
        if lines:
            found.append(Block(tag, tuple(lines)))
    return found


def page(text: str, values: Mapping[str, str]) -> Markup:
    """The text as HTML, with its placeholders filled in."""
    return Markup("\n").join(_block(block, values) for block in blocks(text))


def _tag(line: str) -> str:
    if _ITEM.match(line):
        return "ul"
    return "ol" if _NUMBER.match(line) else "p"


def _block(block: Block, values: Mapping[str, str]) -> Markup:
    if block.tag == "p":
        said = Markup("<br>\n").join(_line(line.strip(), values) for line in block.lines)
        return Markup("<p>{}</p>").format(said)
    mark = _ITEM if block.tag == "ul" else _NUMBER
    items = Markup("\n").join(
        Markup("<li>{}</li>").format(_line(mark.sub("", line, count=1).strip(), values))
        for line in block.lines
    )
    return Markup("<{0}>\n{1}\n</{0}>").format(Markup(block.tag), items)  # noqa: S704  # "ul", "ol"


def _line(text: str, values: Mapping[str, str]) -> Markup:
    """One line: links in what the organizers wrote, and placeholders."""
    said = Markup()
    typed = ""
    for piece in split(text):
        if not isinstance(piece, Placeholder):
            typed += piece  # a brace that was doubled may be part of an address
            continue
        said += Markup().join(_linked(typed))
        typed = ""
        value = values.get(piece, f"{{{piece}}}")
        is_link = piece in LINKS and value.startswith(("https://", "http://"))
        said += _anchor(value, value) if is_link else escape(value)
    return said + Markup().join(_linked(typed))


def _linked(text: str) -> Iterator[Markup]:
    """A text with its addresses as links."""
    end = 0
    for match in _LINK.finditer(text[:MOST]):
        address = match[0].rstrip(_AFTER)
        if match[0][len(address) :].startswith(")") and "(" in address:
            address += ")"  # of the address itself: .../Port_(Marseille)
        if address.casefold() in ("http://", "https://"):
            continue
        yield escape(text[end : match.start()])
        end = match.start() + len(address)
        yield _anchor(_target(address), address)
    yield escape(text[end:])


def _target(address: str) -> str:
    start = address.lower()
    if start.startswith(("https://", "http://")):
        return address
    return f"https://{address}" if start.startswith("www.") else f"mailto:{address}"


def _anchor(target: str, shown: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(target, shown)

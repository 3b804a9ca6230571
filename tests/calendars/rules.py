"""The numbered rules of calendars: which there are, what docs/calendars.md says of each, and which
numbers a test names."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "calendars.md"
# How far each letter counts, and those numbers that are no MUST or MUST NOT.
LAST = {
    "F": 15, "U": 5, "R": 7, "T": 12, "Z": 9, "E": 13, "N": 9, "X": 4, "M": 4, "I": 10, "P": 10,
    "H": 20, "L": 4, "S": 6,
}  # fmt: skip
SOFTER = {
    "T3", "T11", "Z8", "Z9", "E4", "E5", "N3", "N4", "N6", "N8", "X1", "I4", "I5", "P5", "H2",
    "H19", "L1", "L2", "L3", "L4",
}  # fmt: skip
NUMBERS = {f"{letter}{number}" for letter, last in LAST.items() for number in range(1, last + 1)}

_ROW = re.compile(r"\| ([A-Z]\d+) \| ([^|]*) \| (.*) \| ([^|]*) \|")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_NAMED = re.compile(r"\b([A-Z])(\d{1,2})\b(?:(?: to |–|-)(?:\1)?(\d{1,2})\b)?")


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of one rule; `tests` are (path, name)."""

    number: str
    level: str
    words: str
    tests: tuple[tuple[str, str], ...]


def rows() -> list[Row]:
    """The rows of docs/calendars.md, in its order."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if match := _ROW.fullmatch(line):
            number, level, words, held = match.groups()
            found.append(Row(number, level, words, tuple(_TEST.findall(held))))
    return found


@cache
def named(path: str) -> dict[str, frozenset[str]]:
    """The rules that each test of a file names: in its own name, or in the words of its source."""
    source = (ROOT / path).read_text(encoding="utf-8")
    lines = source.splitlines()
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            words = "\n".join(lines[first - 1 : node.end_lineno])
            found[node.name] = _numbers(node.name.replace("_", " ").upper()) | _numbers(words)
    return found


def _numbers(words: str) -> frozenset[str]:
    words = words.replace(" TO ", " to ")
    several = (
        product(letter, range(int(first), int(last or first) + 1))
        for letter, first, last in _NAMED.findall(words)
    )
    return frozenset(f"{letter}{number}" for each in several for letter, number in each) & NUMBERS

"""What is wrong with a trip file, and how that is said."""

from dataclasses import dataclass
from typing import Any

from webapp.errors import DomainError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file: where (a JSON path), and what to mend."""

    path: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}: {self.mend}"


class FileFaults(DomainError):
    """A trip file cannot be taken as it is; `faults` is everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


class Faults(list[Fault]):
    """Collects the faults of one file."""

    def say(self, path: str, mend: str) -> None:
        self.append(Fault(path, mend))


def kind_of(value: Any) -> str:
    """How JSON calls the kind of a value."""
    if value is None:
        return "null"
    kinds = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
    }
    return kinds.get(type(value), "an object")


def shown(value: str) -> str:
    """A text from the file as a message may show it: short, and in one line."""
    printable = "".join(c if c.isprintable() else "?" for c in value)
    return printable if len(printable) <= 40 else printable[:39] + "…"


def said(value: Any) -> str:
    """A value from the file as a message may show it."""
    return f'"{shown(value)}"' if isinstance(value, str) else kind_of(value)

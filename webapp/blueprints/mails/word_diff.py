"""Two texts word by word: what went, what came, what stayed."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that is in both texts, only in the old one, or only in the new one."""

    kind: Literal["same", "gone", "new"]
    text: str


def diff(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in order: those that are the same or gone make up the old one, those
    that are the same or new the new one."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    for _tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[i1:i2] == new[j1:j2]:
            pieces.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i1 < i2:
            pieces.append(Piece("gone", "".join(old[i1:i2])))
        if j1 < j2:
            pieces.append(Piece("new", "".join(new[j1:j2])))
    return pieces


def _words(text: str) -> list[str]:
    """The words with the blanks behind each, so that joined they are the text."""
    return re.findall(r"\S+\s*|^\s+", text)

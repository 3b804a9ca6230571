"""Organizers' own words for the texts of letters, by tour, letter and language.

A letter that is written from now on says them; those that are written already stay as they are.
(`texts`: what can be said otherwise; `checks`: what may be said; `reading`: for whoever writes
letters and for pages; `keeping`: the verbs.)
"""

from webapp.domain.wordings import texts
from webapp.domain.wordings.checks import Fault, Problem, WordsRefused
from webapp.domain.wordings.keeping import Edit, copy, drop, keep, reset, save, take_along
from webapp.domain.wordings.reading import (
    Count,
    Key,
    Standing,
    Words,
    counts,
    gone,
    of,
    of_batch,
    standing,
    worded,
)
from webapp.domain.wordings.texts import EVERY, OWN, Part, Text, Twin, letters

__all__ = [
    "EVERY",
    "OWN",
    "Count",
    "Edit",
    "Fault",
    "Key",
    "Part",
    "Problem",
    "Standing",
    "Text",
    "Twin",
    "Words",
    "WordsRefused",
    "copy",
    "counts",
    "drop",
    "gone",
    "keep",
    "letters",
    "of",
    "of_batch",
    "reset",
    "save",
    "standing",
    "take_along",
    "texts",
    "worded",
]

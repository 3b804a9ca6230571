"""The interchange format of trips: a JSON file that describes one trip whole.

`read` checks a text, `load` writes its rows, `dump` makes a file of them again, `shift` moves a
file by whole days. What a file may hold stands in `shape`.
"""

from webapp.domain.tripfiles.dumping import dump
from webapp.domain.tripfiles.faults import Fault, FileFaults
from webapp.domain.tripfiles.loading import load
from webapp.domain.tripfiles.reading import LARGEST, read
from webapp.domain.tripfiles.shape import VERSION, check
from webapp.domain.tripfiles.shifting import shift

__all__ = ["LARGEST", "VERSION", "Fault", "FileFaults", "check", "dump", "load", "read", "shift"]

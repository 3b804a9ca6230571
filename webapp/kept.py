"""Things kept in the memory of a process, with a limit."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """Things by their keys, the one asked for longest ago thrown out first; `limit` in octets.

    The key, or the thing itself, holds all that tells whether it still counts.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.octets = 0
        self._things: OrderedDict[Hashable, tuple[Thing, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Thing | None:
        """The thing with that key, or None."""
        with self._lock:
            found = self._things.get(key)
            if found is None:
                return None
            self._things.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, thing: Thing, octets: int) -> None:
        """Keep a thing of so many octets, unless it is more than all that may be kept."""
        if octets > self.limit:
            return
        with self._lock:
            _gone, before = self._things.pop(key, (None, 0))
            self._things[key] = (thing, octets)
            self.octets += octets - before
            while self.octets > self.limit:
                _key, (_thing, size) = self._things.popitem(last=False)
                self.octets -= size

    def drop(self, key: Hashable) -> None:
        """Forget the thing with that key, if there is one."""
        with self._lock:
            _gone, size = self._things.pop(key, (None, 0))
            self.octets -= size

    def things(self) -> list[Thing]:
        """All that is kept, the one asked for longest ago first."""
        with self._lock:
            return [thing for thing, _octets in self._things.values()]

"""Which selectors want a key: one key, a prefix, a range, or everything.

``Matcher`` finds the entries for a key in time that grows with the entries found and with the
number of distinct prefix lengths, not with the number of selectors: exact keys are a dict, prefixes
a dict for each length, ranges bisected segments. Predicates are not matched here: they are asked
last, about events that a selector wants already.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Generic, TypeVar

import msgspec

from commaok.watch.events import Event

EntryT = TypeVar("EntryT")

Predicate = Callable[[Event], bool]
"""Whether a watcher wants an event that its selector wants. Cheap, and the same at every call."""


class Key(msgspec.Struct, frozen=True):
    """One key."""

    key: bytes

    def wants(self, key: bytes) -> bool:
        """Whether it is that key."""
        return key == self.key


class Prefix(msgspec.Struct, frozen=True):
    """Every key that starts with ``prefix``; the empty one is every key."""

    prefix: bytes

    def wants(self, key: bytes) -> bool:
        """Whether ``key`` starts with the prefix."""
        return key.startswith(self.prefix)


class Range(msgspec.Struct, frozen=True):
    """Every key from ``start`` on that is below ``end``; without an end, to the last key."""

    start: bytes
    end: bytes | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"the range from {self.start!r} to {self.end!r} is empty")

    def wants(self, key: bytes) -> bool:
        """Whether ``key`` lies in the range."""
        return self.start <= key and (self.end is None or key < self.end)


Selector = Key | Prefix | Range

EVERYTHING: Final = Prefix(b"")
"""Every key."""


class Matcher(Generic[EntryT]):
    """Entries under selectors, one entry a selector, found by key."""

    def __init__(self) -> None:
        self._keys: dict[bytes, EntryT] = {}
        self._prefixes: dict[int, dict[bytes, EntryT]] = {}
        self._by_length: tuple[tuple[int, dict[bytes, EntryT]], ...] = ()
        self._ranges: dict[Range, EntryT] = {}
        # The keyspace cut at every range's ends: where a segment starts, and who covers it.
        self._starts: list[bytes] = []
        self._covers: list[tuple[EntryT, ...]] = []
        self._cut = True

    def __len__(self) -> int:
        return len(self._keys) + sum(map(len, self._prefixes.values())) + len(self._ranges)

    def values(self) -> Iterator[EntryT]:
        """Every entry."""
        yield from self._keys.values()
        for _, prefixes in self._by_length:
            yield from prefixes.values()
        yield from self._ranges.values()

    def get(self, selector: Selector) -> EntryT | None:
        """The entry under exactly this selector."""
        match selector:
            case Key(key):
                return self._keys.get(key)
            case Prefix(prefix):
                return self._prefixes.get(len(prefix), {}).get(prefix)
            case Range():
                return self._ranges.get(selector)

    def add(self, selector: Selector, entry: EntryT) -> None:
        """Put an entry under a selector; raises ValueError if there is one."""
        if self.get(selector) is not None:
            raise ValueError(f"{selector} has an entry")
        match selector:
            case Key(key):
                self._keys[key] = entry
            case Prefix(prefix):
                self._prefixes.setdefault(len(prefix), {})[prefix] = entry
                if len(self._by_length) != len(self._prefixes):
                    self._by_length = tuple(sorted(self._prefixes.items()))
            case Range():
                self._ranges[selector] = entry
                self._cut = False

    def remove(self, selector: Selector) -> None:
        """Take the entry under a selector away; raises KeyError if there is none."""
        match selector:
            case Key(key):
                del self._keys[key]
            case Prefix(prefix):
                of_length = self._prefixes[len(prefix)]
                del of_length[prefix]
                if not of_length:
                    del self._prefixes[len(prefix)]
                    self._by_length = tuple(sorted(self._prefixes.items()))
            case Range():
                del self._ranges[selector]
                self._cut = False

    def find(self, key: bytes) -> Sequence[EntryT]:
        """The entries of all selectors that want ``key``, each once."""
        found: list[EntryT] = []
        if self._keys:
            entry = self._keys.get(key)
            if entry is not None:
                found.append(entry)
        for length, prefixes in self._by_length:
            # A key shorter than the length is no prefix of that length, and so not in the dict.
            entry = prefixes.get(key[:length])
            if entry is not None:
                found.append(entry)
        if self._ranges:
            if not self._cut:
                self._cut_segments()
            segment = bisect_right(self._starts, key) - 1
            if segment >= 0:
                found.extend(self._covers[segment])
        return found

    def _cut_segments(self) -> None:
        """Cut the segments anew, once for any number of changes; what overlaps costs the most."""
        opens: dict[bytes, list[Range]] = {}
        closes: dict[bytes, list[Range]] = {}
        for one in self._ranges:
            opens.setdefault(one.start, []).append(one)
            if one.end is not None:
                closes.setdefault(one.end, []).append(one)
        self._starts = sorted(opens.keys() | closes.keys())
        self._covers = []
        covering: dict[Range, EntryT] = {}
        for start in self._starts:
            for one in closes.get(start, ()):
                del covering[one]
            for one in opens.get(start, ()):
                covering[one] = self._ranges[one]
            self._covers.append(tuple(covering.values()))
        self._cut = True

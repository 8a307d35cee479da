"""Which mutexes are held where in a function.

A mutex is known by the path it is reached by (``s.mu``, or ``s`` where it is embedded). Each
``Lock`` begins a critical section of its own, so that two sections of one mutex are told apart.
"""

import re
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import text_of
from commaok.scan.flow import Flow, inner_literals

_LOCKING: Final = re.compile(rb"([A-Za-z_][\w.]*)\s*\.\s*(R?Lock|R?Unlock)\(\)")


@dataclass(frozen=True, slots=True)
class Section:
    """A mutex that is held, and where its critical section began."""

    mutex: str
    start: int
    exclusive: bool


Held = frozenset[Section]


class LockFlow(Flow[Held]):
    """Follows locks through one function and the literals in it."""

    def __init__(self, function: Node, held: Held = frozenset()) -> None:
        super().__init__()
        self._known: dict[tuple[int, int], frozenset[Held]] = {}
        self.body(function, frozenset((held,)))

    def at(self, node: Node) -> frozenset[Held]:
        """What is held where a node stands, one set a way of getting there; empty: never there."""
        inside = [
            span for span in self._known if span[0] <= node.start_byte and node.end_byte <= span[1]
        ]
        return self._known[min(inside, key=lambda span: span[1] - span[0])] if inside else _NEVER

    def sections(self, node: Node) -> Held:
        """The sections that are open where a node stands, however it was reached."""
        ways = self.at(node)
        return frozenset.intersection(*ways) if ways else frozenset()

    def plain(self, node: Node, facts: frozenset[Held]) -> frozenset[Held]:
        """Locks taken and given back by a statement."""
        span = (node.start_byte, node.end_byte)
        self._known[span] = self._known.get(span, frozenset()) | facts
        literals = list(inner_literals(node)) if b"func" in (node.text or b"") else []
        for literal in literals:
            self.body(literal, _NOTHING if node.type == "go_statement" else facts)
        if node.type in ("defer_statement", "go_statement"):
            return facts
        for found in _LOCKING.finditer(node.text or b""):
            start = node.start_byte + found.start()
            if any(inner.start_byte <= start < inner.end_byte for inner in literals):
                continue
            facts = frozenset(_after(held, found, start) for held in facts)
        return facts


def _after(held: Held, found: re.Match[bytes], start: int) -> Held:
    mutex, what = text_of(found[1]), found[2]
    if what.endswith(b"nlock"):
        gone = max((one.start for one in held if one.mutex == mutex), default=-1)
        return frozenset(one for one in held if one.start != gone)
    return held | {Section(mutex, start, what == b"Lock")}


_NEVER: Final[frozenset[Held]] = frozenset()
_NOTHING: Final[frozenset[Held]] = frozenset((frozenset(),))

__all__ = ["Held", "LockFlow", "Section"]

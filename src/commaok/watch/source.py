"""Where events come from: what a ``Source`` gives, whatever server stands behind it.

``EtcdSource``, ``MemorySource`` and ``KubernetesSource`` are sources; ``Reflector`` and ``Hub``
consume them. A source hides no fault and retries nothing: each failure is one of
``commaok.watch.errors``, and what it means is the consumer's to decide.
"""

import sys
from collections.abc import AsyncGenerator
from typing import Final, Protocol

import msgspec

from commaok.watch.events import Event, KeyValue, Position, Revision

END: Final = sys.maxsize
"""The ``sub`` of a position behind every event of its revision."""


def through(revision: Revision) -> Position:
    """The position behind everything up to and including ``revision``."""
    return Position(revision, END)


class Page(msgspec.Struct, frozen=True, gc=False):
    """A part of a list; all pages of one list stand at the same ``position``."""

    objects: tuple[KeyValue, ...]
    position: Position


class Batch(msgspec.Struct, frozen=True, gc=False):
    """Events in order, whole revisions only; behind them the watch stands at ``position``.

    Without events it is a bookmark: everything that the watch is due up to ``position`` has been
    delivered. A bookmark at the position before says only that the server is there.
    """

    events: tuple[Event, ...]
    position: Position


class EventStream(Protocol):
    """One open watch. One reader at a time."""

    async def read(self) -> Batch:
        """The next batch, in order; cancelling loses nothing.

        Raises Disconnected, Compacted, Expired, Rewound or Malformed; the stream is over then.
        Every batch that arrived is handed out before the error is raised.
        """
        ...

    def request_progress(self) -> None:
        """Ask for a bookmark; a server that is there answers once the watch is caught up."""
        ...

    async def close(self) -> None:
        """End the watch and release its connection; what was not read is dropped."""
        ...


class Source(Protocol):
    """A store of keys, of which one range is looked at."""

    def pages(self) -> AsyncGenerator[Page, None]:
        """List everything at one position, at least one page, in the order of keys.

        Raises Unavailable, Malformed, or Compacted or Expired when history passed the list
        before its last page.
        """
        ...

    async def head(self) -> Revision:
        """The store's present revision, agreed by its majority: never a lagging replica's.

        Raises Unavailable.
        """
        ...

    def watch(self, after: Position) -> EventStream:
        """Every event of the range behind ``after``. Whether the server agrees, reading tells.

        A position inside a revision (``sub`` below ``END``) goes on with the rest of it.
        """
        ...

    async def close(self) -> None:
        """Release the source's connections."""
        ...

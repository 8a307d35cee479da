"""The words of a watch, as etcd defines them (https://etcd.io/docs/v3.6/learning/api/)."""

import enum
from typing import NamedTuple, NewType

import msgspec

Revision = NewType("Revision", int)
"""etcd's store revision; each mutating transaction takes exactly one."""

WatchId = NewType("WatchId", int)
"""The id of a watch on one stream."""

NOW = Revision(0)
"""As the start of a watch: from the store's present revision on. No event has revision 0."""

ANY_ID = WatchId(0)
"""As the id of a watch: the server chooses. Clients choose from 1."""


class Position(NamedTuple):
    """Where an event stands: its revision, and its index among the events of that revision."""

    main: Revision
    sub: int


class EventKind(enum.IntEnum):
    """What a change did to its key; the numbers are etcd's."""

    PUT = 0
    DELETE = 1


class KeyValue(msgspec.Struct, frozen=True, gc=False):
    """A key as the store held it at ``mod_revision``."""

    key: bytes
    value: bytes
    create_revision: Revision
    mod_revision: Revision
    version: int
    lease: int

    @property
    def incarnation(self) -> int | str:
        """What stays while a key is changed, and differs after delete and recreate."""
        return self.create_revision


class Event(msgspec.Struct, frozen=True, gc=False):
    """One committed change of one key.

    ``prev`` is the state before the change: only present where the watch asked for it, the key
    existed, and its history is not compacted. Of a delete, only ``key`` and ``mod_revision`` are
    set, as etcd sends it.
    """

    kind: EventKind
    key: bytes
    value: bytes
    create_revision: Revision
    mod_revision: Revision
    version: int
    lease: int
    prev: KeyValue | None

    def state(self) -> KeyValue:
        """The state after a put."""
        return KeyValue(
            self.key,
            self.value,
            self.create_revision,
            self.mod_revision,
            self.version,
            self.lease,
        )


def prefix_end(prefix: bytes) -> bytes:
    """The smallest key above all that start with ``prefix``: ``[prefix, end)`` is the prefix.

    A prefix that has no upper neighbour (empty, or all ``0xff``) ends at ``b"\\0"``, which in
    etcd's API means "to the end of the keyspace".
    """
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else b"\0"

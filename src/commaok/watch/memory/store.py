"""A multi-version store with etcd's semantics (https://etcd.io/docs/v3.6/learning/data_model/)."""

import bisect
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from commaok.watch.etcd.client import Delete, Put
from commaok.watch.events import NOW, Event, EventKind, KeyValue, Revision

TO_THE_END: Final = b"\0"


class CompactedError(Exception):
    """The revision asked for is compacted."""


class FutureError(Exception):
    """The revision asked for has not come yet."""


class Backup(msgspec.Struct, frozen=True):
    """A store as it was."""

    revision: Revision
    compacted: Revision
    versions: dict[bytes, tuple[KeyValue, ...]]
    log: tuple[Event, ...]


class MemoryStore:
    """Keys with their history; every mutating transaction takes one revision.

    ``keeps_tombstones`` False drops the delete that a compaction stops at, as etcd did before
    3.5.16 (#18089). ``on_commit`` are called after each change of the store, a compaction too.
    """

    def __init__(self, *, cluster_id: int = 1, keeps_tombstones: bool = True) -> None:
        self.revision = Revision(1)
        self.compacted = Revision(0)
        self.cluster_id = cluster_id
        self.keeps_tombstones = keeps_tombstones
        self.on_commit: list[Callable[[], None]] = []
        self._versions: dict[bytes, list[KeyValue]] = {}
        self._log: list[Event] = []

    def put(self, key: bytes, value: bytes) -> Revision:
        """Set a key; returns the revision of the change."""
        return self.txn([Put(key, value)])

    def delete(self, key: bytes, range_end: bytes = b"") -> tuple[Revision, int]:
        """Remove a key or range; returns the store's revision and how many keys went."""
        gone = len(self._keys(key, range_end, self.revision))
        return self.txn([Delete(key, range_end)]), gone

    def txn(self, operations: Sequence[Put | Delete]) -> Revision:
        """Do all at one revision, in order; raises ValueError when a key is written twice."""
        main = Revision(self.revision + 1)
        events: list[Event] = []
        for operation in operations:
            match operation:
                case Put(key, value):
                    events.append(self._put(key, value, main))
                case Delete(key, range_end):
                    events += [
                        self._tombstone(one, main)
                        for one in self._keys(key, range_end, self.revision)
                    ]
        if len({event.key for event in events}) < len(events):
            raise ValueError("duplicate key given in txn request")
        if events:
            self.revision = main
            self._log += events
            for event in events:
                self._versions.setdefault(event.key, []).append(event.state())
            self._tell()
        return self.revision

    def range(
        self, key: bytes, range_end: bytes = b"", *, revision: Revision = NOW
    ) -> list[KeyValue]:
        """The keys of the range as they were at ``revision``, in order.

        Raises CompactedError or FutureError where the store does not know.
        """
        if revision > self.revision:
            raise FutureError
        if revision and revision < self.compacted:
            raise CompactedError
        return self._keys_at(key, range_end, revision or self.revision)

    def compact(self, revision: Revision) -> None:
        """Forget what was superseded at or before ``revision``.

        Raises CompactedError or FutureError when that is no revision to compact at.
        """
        if revision <= self.compacted:
            raise CompactedError
        if revision > self.revision:
            raise FutureError
        self.compacted = revision
        self._log = [event for event in self._log if self._survives(event)]
        for key, versions in list(self._versions.items()):
            latest = _at(versions, revision)
            first = 0 if latest is None else versions.index(latest)
            kept = versions[first:]
            if kept[0].mod_revision <= revision and not kept[0].version:
                del kept[0]
            if kept:
                self._versions[key] = kept
            else:
                del self._versions[key]
        self._tell()

    def events(self, start: Revision, *, limit: int = 0) -> list[Event]:
        """What is left of the events from ``start`` on: whole revisions, about ``limit`` events."""
        first = bisect.bisect_left(self._log, start, key=_revision)
        if not limit or len(self._log) - first <= limit:
            return self._log[first:]
        boundary = self._log[first + limit - 1].mod_revision
        return self._log[first : bisect.bisect_right(self._log, boundary, key=_revision)]

    def before(self, event: Event) -> KeyValue | None:
        """The state that ``event`` changed, if there was one and its history is not compacted."""
        if event.mod_revision <= self.compacted:
            return None
        state = _at(self._versions.get(event.key, []), Revision(event.mod_revision - 1))
        return state if state is not None and state.version else None

    def backup(self) -> Backup:
        """All there is, to restore from."""
        versions = {key: tuple(versions) for key, versions in self._versions.items()}
        return Backup(self.revision, self.compacted, versions, tuple(self._log))

    def restore(self, backup: Backup, *, cluster_id: int | None = None) -> None:
        """Be as at ``backup`` again: the revisions since never happened.

        A restored etcd is a new cluster if it is given a new ``cluster_id``.
        """
        self.revision, self.compacted = backup.revision, backup.compacted
        self.cluster_id = self.cluster_id if cluster_id is None else cluster_id
        self._versions = {key: list(versions) for key, versions in backup.versions.items()}
        self._log = list(backup.log)
        self._tell()

    def copy(self) -> "MemoryStore":
        """Another store with the same history, that nobody listens to."""
        copy = MemoryStore(cluster_id=self.cluster_id, keeps_tombstones=self.keeps_tombstones)
        copy.restore(self.backup())
        return copy

    def _tell(self) -> None:
        for told in self.on_commit:
            told()

    def _put(self, key: bytes, value: bytes, main: Revision) -> Event:
        old = _at(self._versions.get(key, []), self.revision)
        lives = old is not None and old.version
        created, version = (old.create_revision, old.version + 1) if old and lives else (main, 1)
        return Event(EventKind.PUT, key, value, created, main, version, 0, None)

    def _tombstone(self, key: bytes, main: Revision) -> Event:
        return Event(EventKind.DELETE, key, b"", NOW, main, 0, 0, None)

    def _keys(self, key: bytes, range_end: bytes, revision: Revision) -> list[bytes]:
        return [one.key for one in self._keys_at(key, range_end, revision)]

    def _keys_at(self, key: bytes, range_end: bytes, revision: Revision) -> list[KeyValue]:
        keys = sorted(one for one in self._versions if in_range(one, key, range_end))
        states = [_at(self._versions[one], revision) for one in keys]
        return [state for state in states if state is not None and state.version]

    def _survives(self, event: Event) -> bool:
        if event.mod_revision > self.compacted:
            return True
        if event.mod_revision < self.compacted:
            return False
        return event.kind is EventKind.PUT or self.keeps_tombstones


def in_range(key: bytes, lo: bytes, range_end: bytes) -> bool:
    """Whether etcd's range ``[lo, range_end)`` holds ``key``."""
    if not range_end:
        return key == lo
    return lo <= key and (range_end == TO_THE_END or key < range_end)


def with_previous(event: Event, previous: KeyValue | None) -> Event:
    """The event as a watch with ``prev_kv`` gets it."""
    return msgspec.structs.replace(event, prev=previous)


def _revision(event: Event) -> Revision:
    return event.mod_revision


def _at(versions: list[KeyValue], revision: Revision) -> KeyValue | None:
    """The version that held at ``revision``; a tombstone has version 0."""
    for version in reversed(versions):
        if version.mod_revision <= revision:
            return version
    return None

"""The objects an informer knows, and the pure functions that bring them forward."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from commaok.watch.changes import Added, Change, Deleted, Modified
from commaok.watch.errors import Missed
from commaok.watch.events import Event, EventKind, KeyValue, Position, Revision

PUT: Final = EventKind.PUT

IndexBy = Callable[[KeyValue], Iterable[Hashable]]
"""Under which values an index finds an object."""

Transform = Callable[[KeyValue], KeyValue]
"""What is kept of an object; its key and revisions must stay as they are."""


class Difference(msgspec.Struct, frozen=True):
    """What leads from known objects to listed ones: first ``gone`` leave, then ``put`` come.

    A key of another incarnation is in both: it was deleted and created again.
    """

    gone: tuple[bytes, ...]
    put: tuple[KeyValue, ...]

    def __len__(self) -> int:
        return len(self.gone) + len(self.put)


def difference(known: Mapping[bytes, KeyValue], listed: Mapping[bytes, KeyValue]) -> Difference:
    """What a list shows to have changed; puts are in the order they were committed."""
    gone = [key for key in known if key not in listed]
    put = []
    for key, new in listed.items():
        old = known.get(key)
        if old is None:
            put.append(new)
        elif old.incarnation != new.incarnation:
            gone.append(key)
            put.append(new)
        # The value as well: in a store restored from a backup revisions come again.
        elif old.mod_revision != new.mod_revision or old.value != new.value:
            put.append(new)
    put.sort(key=_modified)
    return Difference(tuple(gone), tuple(put))


def contradiction(old: KeyValue | None, event: Event) -> str | None:
    """Why ``event`` cannot be the next of its key after ``old``, or None if it can.

    Etcd counts the versions of a key, so that the next event of a key tells whether the one
    before it arrived. Kubernetes has no such count (version 0): there only the UID can tell.
    """
    if event.kind is EventKind.DELETE:
        return "a key that was not there is deleted" if old is None else None
    if old is None:
        return f"a new key has version {event.version}" if event.version > 1 else None
    if event.version:
        if event.create_revision != old.create_revision:
            return "a key that was there is created"
        if event.version != old.version + 1:
            return f"version {old.version} is followed by {event.version}"
    elif event.state().incarnation != old.incarnation:
        return "a key that was there is created"
    return None


class Cache:
    """Objects by key, and by indexes."""

    def __init__(
        self, *, indexes: Mapping[str, IndexBy] | None = None, transform: Transform | None = None
    ) -> None:
        self._objects: dict[bytes, KeyValue] = {}
        self._transform = transform
        self._is_plain = transform is None and not indexes
        self._index_by = dict(indexes or {})
        self._indexed: dict[str, dict[Hashable, dict[bytes, KeyValue]]] = {
            name: {} for name in self._index_by
        }

    @property
    def objects(self) -> Mapping[bytes, KeyValue]:
        """A live view of everything."""
        return MappingProxyType(self._objects)

    def found(self, index: str, value: Hashable) -> Iterator[KeyValue]:
        """What ``index`` has under ``value``; raises KeyError for an index that is not there."""
        return iter(tuple(self._indexed[index].get(value, {}).values()))

    def follow(self, event: Event, revision: Revision, sub: int) -> Change:
        """The change that ``event`` makes; raises Missed when it does not follow what is known."""
        key = event.key
        old = self._objects.get(key)
        # What most events are, at a third of the cost: the next version of a known object.
        if (
            old is not None
            and self._is_plain
            and event.kind is PUT
            and event.version == old.version + 1
            and event.create_revision == old.create_revision
        ):
            self._objects[key] = new = event.state()
            return Modified(revision, sub, old, new)
        if why := contradiction(old, event):
            raise Missed(why, position=Position(revision, sub))
        if event.kind is PUT:
            return self.put(event.state(), revision, sub, synthesised=False)
        return self.delete(key, revision, sub, synthesised=False)

    def put(self, new: KeyValue, revision: Revision, sub: int, *, synthesised: bool) -> Change:
        """The object has a new state; the change that makes."""
        if self._transform is not None:
            new = self._transform(new)
        old = self._objects.get(new.key)
        # What may raise comes before what changes.
        entries = self._entries(new)
        self._unindex(old)
        self._objects[new.key] = new
        for name, value in entries:
            self._indexed[name].setdefault(value, {})[new.key] = new
        if old is None:
            return Added(revision, sub, None, new, synthesised)
        return Modified(revision, sub, old, new, synthesised)

    def delete(self, key: bytes, revision: Revision, sub: int, *, synthesised: bool) -> Deleted:
        """The object is gone; the change that makes."""
        old = self._objects[key]
        self._unindex(old)
        del self._objects[key]
        return Deleted(revision, sub, old, None, synthesised)

    def _entries(self, one: KeyValue) -> list[tuple[str, Hashable]]:
        if not self._index_by:
            return []
        return [(name, value) for name, by in self._index_by.items() for value in by(one)]

    def _unindex(self, old: KeyValue | None) -> None:
        if old is None:
            return
        for name, value in self._entries(old):
            under = self._indexed[name].get(value, {})
            under.pop(old.key, None)
            if not under:
                self._indexed[name].pop(value, None)


def _modified(one: KeyValue) -> Revision:
    return one.mod_revision

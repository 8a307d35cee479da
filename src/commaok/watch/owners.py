"""Who controls an object: uid to controller, from the owner references that objects carry.

An owner reference's ``controller`` has three states, and each means something else: absent (nobody
said), false (an owner that says it is not the controller) and true. A truth test makes the first
two one, and dereferencing an absent one is a panic in Go. Here they stay apart to the end: an
object without a controller is listed as an orphan with the reason it is one.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, NewType

import msgspec

Uid = NewType("Uid", str)
"""The identity of an object for its whole life; a recreated object has another one."""


class OwnerReference(msgspec.Struct, frozen=True, rename="camel"):
    """One entry of ``metadata.ownerReferences``; ``controller`` None is absent, or null."""

    api_version: str
    kind: str
    name: str
    uid: Uid
    controller: bool | None = None


class Kind(NamedTuple):
    """A kind of object without its version, which one object can be read in several of."""

    group: str
    name: str

    @classmethod
    def of(cls, api_version: str, kind: str) -> "Kind":
        """From ``apps/v1`` and ``ReplicaSet``; the core group is the empty one."""
        group, slash, _ = api_version.rpartition("/")
        return cls(group if slash else "", kind)


class Owned(msgspec.Struct, frozen=True):
    """An object as the index needs it: its identity, its kind, and its owner references."""

    uid: Uid
    kind: Kind
    references: tuple[OwnerReference, ...] = ()

    @classmethod
    def from_object(cls, parsed: Mapping[str, object]) -> "Owned":
        """From an object's JSON.

        Raises msgspec.ValidationError on anything that is not what the API promises: a reference
        that cannot be read must not look like one that is not there.
        """
        head = msgspec.convert(parsed, _Head)
        return cls(
            head.metadata.uid,
            Kind.of(head.api_version, head.kind),
            tuple(head.metadata.owner_references or ()),
        )


class _Metadata(msgspec.Struct, frozen=True, rename="camel"):
    uid: Uid
    # The API server writes null as well as nothing for an empty list, depending on its version.
    owner_references: list[OwnerReference] | None = None


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    api_version: str
    kind: str
    metadata: _Metadata


class OrphanReason(enum.Enum):
    """Why nobody controls an object."""

    NO_REFERENCES = "no owner references"
    CONTROLLER_ABSENT = "no owner reference says whether it is the controller"
    CONTROLLER_FALSE = "every owner reference that says so is not the controller"
    OWNER_GONE = "the controller is gone"


class Orphan(msgspec.Struct, frozen=True):
    """An object nobody controls, why, and the owner references it has nevertheless."""

    uid: Uid
    kind: Kind
    reason: OrphanReason
    references: tuple[OwnerReference, ...]


class TwoControllers(ValueError):
    """An object names two controllers, which the API refuses: whatever sent it is no API."""


def controller_of(references: Iterable[OwnerReference]) -> OwnerReference | None:
    """The reference whose ``controller`` is true, if there is one; raises TwoControllers."""
    chosen = None
    for reference in references:
        if reference.controller is True:
            if chosen is not None:
                raise TwoControllers(f"{chosen.uid} and {reference.uid} both control one object")
            chosen = reference
    return chosen


class OwnerIndex:
    """uid to controller, and controller to what it controls, kept by the events of a watch.

    Feed it the objects and, for ``OWNER_GONE``, their owners too. Until the owners' kind was
    listed once (``replace``), an owner that was not seen is not known to be gone: such objects are
    ``unresolved``, never orphans. A new process knows nothing until it lists, and all it knows
    then comes from the lists: nothing is carried over.
    """

    def __init__(self) -> None:
        self._objects: dict[Uid, Owned] = {}
        self._controllers: dict[Uid, OwnerReference] = {}
        # A dict for its order: iteration must not depend on the hash seed.
        self._controlled: dict[Uid, dict[Uid, None]] = {}
        self._listed: set[Kind] = set()

    def __len__(self) -> int:
        return len(self._objects)

    def __contains__(self, uid: object) -> bool:
        return uid in self._objects

    def apply(self, owned: Owned) -> None:
        """An object was created, or is now this: its controller is set, changed or cleared.

        Raises ValueError for an empty uid and TwoControllers for two; the index is unchanged then.
        """
        if owned.uid == "":
            raise ValueError(f"a {owned.kind.name} without a uid cannot be indexed")
        controller = controller_of(owned.references)
        self._unlink(owned.uid)
        self._objects[owned.uid] = owned
        if controller is not None:
            self._controllers[owned.uid] = controller
            self._controlled.setdefault(controller.uid, {})[owned.uid] = None

    def remove(self, uid: Uid) -> bool:
        """An object was deleted; False if it was not there. What it controlled is orphaned now."""
        if uid not in self._objects:
            return False
        self._unlink(uid)
        del self._objects[uid]
        return True

    def replace(self, kind: Kind, objects: Iterable[Owned]) -> None:
        """Rebuild everything of one kind from a complete list of it, across all namespaces.

        What the list does not have is gone. Raises as ``apply`` does, or ValueError for an object
        of another kind, before anything is changed.
        """
        listed = list(objects)
        for owned in listed:
            if owned.kind != kind:
                raise ValueError(f"a {owned.kind.name} in a list of {kind.name}")
            if owned.uid == "":
                raise ValueError(f"a {kind.name} without a uid cannot be indexed")
            controller_of(owned.references)
        stay = {owned.uid for owned in listed}
        for uid in [one.uid for one in self._objects.values() if one.kind == kind]:
            if uid not in stay:
                self.remove(uid)
        for owned in listed:
            self.apply(owned)
        self._listed.add(kind)

    def controller(self, uid: Uid) -> OwnerReference | None:
        """The controller of an object, whether or not it still exists.

        None if it has none. Raises KeyError for an object that is not in the index, which is
        something else.
        """
        if uid not in self._objects:
            raise KeyError(uid)
        return self._controllers.get(uid)

    def controlled_by(self, uid: Uid) -> tuple[Uid, ...]:
        """What names this uid as its controller, in the order it came."""
        return tuple(self._controlled.get(uid, ()))

    def reason(self, uid: Uid) -> OrphanReason | None:
        """Why nobody controls an object; None if somebody does, or may. KeyError as above."""
        controller = self.controller(uid)
        if controller is not None:
            gone = controller.uid not in self._objects and self._is_listed(controller)
            return OrphanReason.OWNER_GONE if gone else None
        references = self._objects[uid].references
        if not references:
            return OrphanReason.NO_REFERENCES
        if any(reference.controller is None for reference in references):
            return OrphanReason.CONTROLLER_ABSENT
        return OrphanReason.CONTROLLER_FALSE

    def orphans(self) -> Iterator[Orphan]:
        """Every object that nobody controls, with the reason."""
        for owned in list(self._objects.values()):
            reason = self.reason(owned.uid)
            if reason is not None:
                yield Orphan(owned.uid, owned.kind, reason, owned.references)

    def unresolved(self) -> tuple[Uid, ...]:
        """Objects whose controller was not seen and whose kind was not listed: cannot be judged."""
        return tuple(
            uid
            for uid, controller in self._controllers.items()
            if controller.uid not in self._objects and not self._is_listed(controller)
        )

    def _is_listed(self, reference: OwnerReference) -> bool:
        return Kind.of(reference.api_version, reference.kind) in self._listed

    def _unlink(self, uid: Uid) -> None:
        controller = self._controllers.pop(uid, None)
        if controller is None:
            return
        siblings = self._controlled[controller.uid]
        del siblings[uid]
        if not siblings:
            del self._controlled[controller.uid]

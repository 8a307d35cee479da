"""What a consumer of an informer is told: changes of objects, and how the stream was rebuilt.

``Notice`` is the union that a consumer matches on::

    match notice:
        case Added(new=new): ...
        case Modified(old=old, new=new): ...
        case Deleted(old=old): ...
        case Resynced(reason=reason): ...
        case Bookmark(position=position): ...
"""

import msgspec

from commaok.watch.errors import WatchError
from commaok.watch.events import KeyValue, Position, Revision


class Change(msgspec.Struct, frozen=True, gc=False):
    """One object became another; ``old`` and ``new`` are the states, as far as there are any.

    ``revision`` and ``sub`` are where the change stands. ``synthesised`` tells a change that was
    seen from one that a relist inferred: that one stands at the list's revision, and may sum up
    several events.
    """

    revision: Revision
    sub: int
    old: KeyValue | None
    new: KeyValue | None
    synthesised: bool = False

    @property
    def position(self) -> Position:
        """Where the change stands among all."""
        return Position(self.revision, self.sub)

    @property
    def key(self) -> bytes:
        """The key that changed."""
        state = self.new if self.new is not None else self.old
        assert state is not None
        return state.key


class Added(Change, frozen=True, gc=False):
    """A key that was not there is; ``new`` is its state."""

    new: KeyValue


class Modified(Change, frozen=True, gc=False):
    """The same incarnation of a key has a new state."""

    old: KeyValue
    new: KeyValue


class Deleted(Change, frozen=True, gc=False):
    """A key is gone; ``old`` is the last state that was known."""

    old: KeyValue


class Resynced(msgspec.Struct, frozen=True):
    """The stream was rebuilt from a list: the ``synthesised`` changes that follow lead to it.

    Of the events in (``since``, ``to``] only their sum is known. ``since`` is None for the first
    list, and ``reason`` for a list that nothing went wrong before. The notice itself stands at
    ``sub`` of the list's revision: behind every event, before the changes that follow.
    """

    since: Position | None
    to: Position
    reason: WatchError | None
    synthesised: int
    sub: int

    @property
    def position(self) -> Position:
        """Where the notice stands."""
        return Position(self.to.main, self.sub)


class Bookmark(msgspec.Struct, frozen=True, gc=False):
    """Everything up to ``position`` has been delivered."""

    position: Position


Notice = Change | Resynced | Bookmark

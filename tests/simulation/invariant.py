"""What every consumer is owed, checked against what the store committed."""

from collections.abc import Sequence

from commaok.watch.changes import Added, Bookmark, Deleted, Modified, Notice, Resynced
from commaok.watch.errors import Rewound
from commaok.watch.events import Event, EventKind, KeyValue, Position


class Violated(AssertionError):
    pass


class Ledger:
    """One consumer's account: its own copy of the state, and the events it has been told of."""

    def __init__(self, name: str, history: Sequence[tuple[Position, Event]]) -> None:
        self.name = name
        self._history = history  # grows; restarts with the list object at a rewind
        self._at = 0
        self._known: dict[bytes, KeyValue] = {}
        self._synthesised = 0
        self._started = False
        self.position: Position | None = None
        self.told: list[str] = []
        self.resyncs = 0

    def account(
        self, notice: Notice, histories: Sequence[Sequence[tuple[Position, Event]]]
    ) -> None:
        """Raise Violated if ``notice`` is not what comes next."""
        self.told.append(_in_words(notice))
        match notice:
            case Resynced():
                self._resync(notice, histories)
            case Bookmark(position):
                self._has_all_to(position)
            case Added() | Modified() | Deleted():
                self._change(notice)

    def _resync(
        self, notice: Resynced, histories: Sequence[Sequence[tuple[Position, Event]]]
    ) -> None:
        if self._synthesised:
            raise Violated(f"{self.name}: a list inside a list")
        if self._started and notice.reason is None:
            raise Violated(f"{self.name}: a list that nobody accounts for")
        if isinstance(notice.reason, Rewound):
            self._history = histories[-1]
            self._at = 0
        elif self._started and notice.since is not None:
            self._has_all_to(notice.since)
        if isinstance(notice.reason, Rewound):
            self.position = None
        if self.position is not None and notice.to.main < self.position.main:
            raise Violated(f"{self.name}: taken back from {self.position} to {notice.to}")
        self._started = True
        self.resyncs += 1
        self._synthesised = notice.synthesised
        while self._at < len(self._history) and self._history[self._at][0] <= notice.to:
            self._at += 1
        self.position = notice.to

    def _has_all_to(self, position: Position) -> None:
        if self._at < len(self._history) and self._history[self._at][0] <= position:
            missing = self._history[self._at]
            raise Violated(
                f"{self.name}: {missing[0]} {missing[1].key!r} was skipped at {position}"
            )

    def _change(self, change: Added | Modified | Deleted) -> None:
        self._agrees(change)
        if change.synthesised:
            self._synthesised -= 1
            if self._synthesised < 0:
                raise Violated(f"{self.name}: more was made up than announced")
        else:
            if self._synthesised:
                raise Violated(f"{self.name}: an event inside a list")
            self._is_next(change)
            self.position = change.position

    def _agrees(self, change: Added | Modified | Deleted) -> None:
        """Old is what this consumer knew, and new follows from it."""
        old = self._known.get(change.key)
        if change.old != old:
            raise Violated(f"{self.name}: {change.key!r} was {old}, not {change.old}")
        match change:
            case Added(new=new):
                self._known[new.key] = new
            case Modified(new=new):
                if new.incarnation != change.old.incarnation:
                    raise Violated(f"{self.name}: {new.key!r} recreated in one change")
                self._known[new.key] = new
            case Deleted():
                del self._known[change.key]

    def _is_next(self, change: Added | Modified | Deleted) -> None:
        if self._at >= len(self._history):
            raise Violated(f"{self.name}: {change.position} was never committed")
        position, event = self._history[self._at]
        if position != change.position or event.key != change.key:
            raise Violated(f"{self.name}: {change.position} came, {position} was due")
        if (event.kind is EventKind.DELETE) != isinstance(change, Deleted):
            raise Violated(f"{self.name}: {position} is of another kind")
        if change.new is not None and change.new != event.state():
            raise Violated(f"{self.name}: {position} has another state")
        self._at += 1

    def settle(self, state: Sequence[KeyValue]) -> None:
        """At the end: everything was delivered, and the consumer's copy is the store's state."""
        if self._synthesised:
            raise Violated(f"{self.name}: {self._synthesised} changes of a list never came")
        if self._at < len(self._history):
            raise Violated(f"{self.name}: {self._history[self._at][0]} never came")
        if self._known != {one.key: one for one in state}:
            raise Violated(f"{self.name}: its copy is not the store's state")


def _in_words(notice: Notice) -> str:
    match notice:
        case Resynced(since, to, reason, synthesised):
            return f"resynced {since} {to} {type(reason).__name__} {synthesised}"
        case Bookmark(position):
            return f"bookmark {position}"
    return f"{type(notice).__name__} {notice.position} {notice.key!r} {notice.synthesised}"

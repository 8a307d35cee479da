"""What can go wrong with a watch, one class a reason::

    CommaokError
    └── WatchError
        ├── Disconnected            the stream ended; nothing is lost, resume
        ├── Unavailable             a call was not answered; try again
        ├── Malformed               input that cannot be what the server committed
        ├── HandlerFailed           a handler raised, and its policy ends the stream
        └── EventLoss               events may be gone; what was missed is named by positions
            ├── Compacted           etcd has no history from the position any more
            ├── Expired             another history window has passed the position (410 Gone)
            ├── Rewound             the store is older than what was seen: restored from backup
            ├── Missed              an event contradicts the state: one before it never arrived
            ├── SlowConsumer        the consumer fell behind its bound; says where to resume
            └── Stalled             the connection carried nothing, not even progress

An ``EventLoss`` is an account, not a crash: whoever holds a cache rebuilds it and tells its
consumers with ``commaok.watch.changes.Resynced``, whose ``reason`` is one of these.
"""

from commaok.errors import CommaokError
from commaok.watch.events import Position, Revision


class WatchError(CommaokError):
    """Something happened to a watch that its user may want to know."""


class Disconnected(WatchError):
    """The stream carries nothing any more; what it delivered stands.

    ``clean`` tells an end of stream in order from a broken connection. Neither means "done".
    """

    def __init__(self, reason: str, *, clean: bool) -> None:
        super().__init__(f"The watch stream ended ({reason}).", "Resume from the last position.")
        self.reason = reason
        self.clean = clean


class Unavailable(WatchError):
    """The server did not answer a read, or could not."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(
            f"{server} did not answer ({reason}).", "Is it running, and is the address right?"
        )
        self.server = server
        self.reason = reason


class Malformed(WatchError):
    """The server sent something that cannot be read, or that no store can have committed."""

    def __init__(self, what: str, *, position: Position | None = None) -> None:
        after = f" after {_said(position)}" if position is not None else ""
        super().__init__(
            f"The server sent something malformed{after}: {what}.",
            "If it stays, look at the server and at what stands between.",
        )
        self.what = what
        self.position = position


class HandlerFailed(WatchError):
    """A handler raised at ``position`` and may not be tried again; ``__cause__`` is what it raised.

    The change was not processed: resume from before ``position``.
    """

    def __init__(self, handler: str, position: Position) -> None:
        super().__init__(
            f"The handler {handler} raised at {_said(position)}.",
            "Mend it, or let it be retried (retry=).",
        )
        self.handler = handler
        self.position = position


class EventLoss(WatchError):
    """Events after ``position`` may be gone; None when nothing had been processed yet."""

    def __init__(self, cause: str, remedy: str, *, position: Position | None) -> None:
        super().__init__(cause, remedy)
        self.position = position


class Compacted(EventLoss):
    """The server no longer has the history after ``position``; relist to go on.

    Lost to this watcher: everything in (position, compacted_at) that a relist cannot show.
    """

    def __init__(self, position: Position | None, compacted_at: Revision) -> None:
        super().__init__(
            f"History after {_said(position)} is compacted (oldest is {compacted_at}).",
            f"Relist, or start at {compacted_at}.",
            position=position,
        )
        self.compacted_at = compacted_at


class Expired(EventLoss):
    """A history window has passed ``position``: Kubernetes' 410 Gone, or a ``Hub``'s window.

    ``oldest`` is the first position that can still be resumed after, where it is known.
    """

    def __init__(self, position: Position | None, oldest: Position | None = None) -> None:
        known = f" (oldest is {_said(oldest)})" if oldest is not None else ""
        super().__init__(
            f"The history window has passed {_said(position)}{known}.",
            "Relist to go on.",
            position=position,
        )
        self.oldest = oldest


class Rewound(EventLoss):
    """The store's present is older than what it showed before, or it is another store.

    Etcd's revisions only grow, unless the store was restored from a backup. Everything known
    of revisions after ``now`` never happened as far as the store is concerned.
    """

    def __init__(self, position: Position, now: Revision) -> None:
        super().__init__(
            f"The store is at revision {now}, but {_said(position)} was seen: it was restored "
            "from a backup, or replaced.",
            "Rebuild every state made from it.",
            position=position,
        )
        self.now = now


class Missed(EventLoss):
    """An event that does not follow from the state before it: at least one never arrived."""

    def __init__(self, what: str, *, position: Position) -> None:
        super().__init__(
            f"An event before {_said(position)} never arrived: {what}.",
            "Relist; and look at the server: it broke its own guarantee.",
            position=position,
        )
        self.what = what


class SlowConsumer(EventLoss):
    """The consumer fell behind its bound and was ended; ``resume_from`` is what it has processed.

    Nothing is lost while that position is inside the history.
    """

    def __init__(self, resume_from: Position) -> None:
        super().__init__(
            f"The consumer fell too far behind; it had processed {_said(resume_from)}.",
            "Resume from there, and consume faster or raise the bound.",
            position=resume_from,
        )
        self.resume_from = resume_from


class Stalled(EventLoss):
    """The connection carried nothing for ``seconds``, though progress was asked for: half-open."""

    def __init__(self, position: Position, seconds: float) -> None:
        super().__init__(
            f"The watch has carried nothing for {seconds:g} s, after {_said(position)}.",
            "Connect again and resume.",
            position=position,
        )
        self.seconds = seconds


def _said(position: Position | None) -> str:
    return "the start" if position is None else f"revision {position.main}"

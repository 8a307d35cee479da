"""What an experiment brings: variants of one component, each built into a subject for a trial."""

import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from commaok.audit.history import History, Subject
from commaok.lab.faults import FaultKind
from commaok.watch.events import Event, Revision, WatchId


class Subscription(msgspec.Struct, frozen=True):
    """One watcher that a subject must keep: its id, and the prefix it wants everything under."""

    watch_id: WatchId
    prefix: bytes


class Journal:
    """Where a subject says what it did; the auditor judges it.

    One a subject. Only what is written here counts as delivered.
    """

    def __init__(self, subject: Subject, history: History) -> None:
        self._subject = subject
        self._history = history

    def delivered(self, watch_id: WatchId, event: Event) -> None:
        """The watcher's consumer has taken the event."""
        self._history.delivered(self._subject, watch_id, event, time.monotonic())

    def broke(self, kind: FaultKind, watch_ids: list[WatchId], possible_at: float = 0.0) -> None:
        """A fault has just hit these watchers; they can be served again from ``possible_at``."""
        now = time.monotonic()
        self._history.broke(self._subject, kind.value, watch_ids, now, max(now, possible_at))

    def restarted(self) -> None:
        """An operator has just restarted the subject."""
        self._history.restarted(self._subject, time.monotonic())


class Running(Protocol):
    """A component under test, as a trial handles it."""

    async def start(self) -> None:
        """Be ready: every subscription is registered."""

    async def run(self) -> None:
        """Work until cancelled."""

    async def stop(self) -> None:
        """Release everything; called once, also after a failed start."""

    async def restart(self) -> None:
        """What an operator does: forget everything and start again."""

    async def caught_up(self, revision: Revision) -> None:
        """Return once all that the server will still send up to ``revision`` has been handled."""

    def running(self) -> list[WatchId]:
        """The watchers that are registered and served."""

    def relying_on(self, link: int) -> list[WatchId]:
        """Those whose events come through this link, or that wait for it to come back."""

    def first_due(self, watch_id: WatchId) -> Revision:
        """The first revision that is due to a watcher: behind its first registration."""

    def fail_consumer(self, watch_id: WatchId) -> None:
        """Let this watcher's consumer fail at the next event it gets."""

    def counts(self) -> dict[str, int]:
        """Whatever the component counts about itself, by name."""


class Site(msgspec.Struct, frozen=True):
    """What a trial gives a subject: links to the server, subscriptions, and its journal."""

    endpoints: tuple[str, ...]
    subscriptions: tuple[Subscription, ...]
    journal: Journal


class Variant(msgspec.Struct, frozen=True):
    """One version of the component. ``source`` is the code in which it differs from the others."""

    name: Subject
    title: str
    source: str
    build: Callable[[Site], Running]


class Experiment(msgspec.Struct, frozen=True):
    """Variants of a component, from before its fix to after it.

    ``hazard`` is the catalogue's id, ``question`` what the experiment answers. Where somebody
    published a loss before and after the fix, the report sets it beside the measured one.
    """

    name: str
    hazard: str
    title: str
    question: str
    variants: tuple[Variant, ...]
    claimed_loss_before: float | None = None
    claimed_loss_after: float | None = None

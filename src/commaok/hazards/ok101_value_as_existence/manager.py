"""A WatchManager: watchers under client-chosen ids, on a few shared etcd streams.

This is the component of the story, whole: it registers, dispatches, notices dead streams and
failed consumers, cleans up and registers again. What decides its fate are the two lines that
``variants.py`` varies: whether an id *is held* in the registry, and *where* a watcher starts
again.
"""

import abc
import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from typing import Final

from commaok.hazards.ok101_value_as_existence.stream import Refused, Stream
from commaok.lab.experiment import Site, Subscription
from commaok.lab.faults import FaultKind
from commaok.watch.etcd import StreamEnded, WatchRequest, WatchResponse
from commaok.watch.events import NOW, Event, Position, Revision, WatchId

RETRY_SECONDS: Final = (0.02, 0.16)
"""First and longest pause before another try to connect or to register."""


class ConsumerFailed(Exception):
    """A watcher's consumer raised; the event it was given is not delivered."""


class Watcher:
    """A registered watcher: hands events to its consumer and remembers the last one taken.

    ``skip`` events of revision ``start`` were delivered in an earlier life: a consumer can fail
    in the middle of a transaction, and a watch can only start at a whole revision.
    """

    def __init__(self, client: "Client", *, start: Revision, skip: int) -> None:
        self.client = client
        self._start = start
        self._skip = skip

    def take(self, response: WatchResponse) -> None:
        """Deliver a response's events; raises ConsumerFailed."""
        for event in response.events:
            if self._skip and event.mod_revision == self._start:
                self._skip -= 1
            else:
                self.client.consume(event)


class Client:
    """Who subscribed: outlives its watchers, and knows what it has."""

    def __init__(self, subscription: Subscription, site: Site) -> None:
        self.id = subscription.watch_id
        self.prefix = subscription.prefix
        self.position: Position | None = None
        self.first_due: Revision = NOW
        self.fails_next = False
        self._journal = site.journal

    def begins_at(self, revision: Revision) -> None:
        """Its first registration took effect: everything from ``revision`` on is due to it."""
        if self.position is None:
            self.first_due = revision
            self.position = Position(revision, -1)

    def consume(self, event: Event) -> None:
        """Take one event; raises ConsumerFailed if it was told to."""
        if self.fails_next:
            self.fails_next = False
            self._journal.broke(FaultKind.CONSUMER, [self.id])
            raise ConsumerFailed
        self._journal.delivered(self.id, event)
        if self.position is not None and self.position.main == event.mod_revision:
            self.position = Position(event.mod_revision, self.position.sub + 1)
        else:
            self.position = Position(event.mod_revision, 0)


class WatchManager(abc.ABC):
    """Keeps every subscription registered; ``variants.py`` decides the two lines that matter.

    ``watchers`` is the map of the story: an id whose watcher broke stands in it as None until it
    is cleaned up. ``placed`` says on which stream an id lives: an id may live on one stream
    only, or its events would come twice.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._clients = {one.watch_id: Client(one, site) for one in site.subscriptions}
        self.watchers: dict[WatchId, Watcher | None] = {}
        self.placed: dict[WatchId, Stream] = {}
        self._streams: list[Stream] = []
        self._refused: set[WatchId] = set()
        self._awaiting: dict[WatchId, int] = {}
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._counts: Counter[str] = Counter()

    @abc.abstractmethod
    def holds(self, watch_id: WatchId) -> bool:
        """Whether the registry holds this id, so that there is something to clean up."""

    @abc.abstractmethod
    def resume_at(self, client: Client) -> Position | None:
        """The last position ``client`` has, to go on behind it; None is from now."""

    async def register(self, watch_id: WatchId, resume: Position | None) -> None:
        """Register a watcher under its id; raises Refused or StreamEnded."""
        client = self._clients[watch_id]
        stream = self.placed.get(watch_id)
        if stream is None:
            stream = await self._choose_stream(watch_id)
        elif not stream.alive:
            # A living stream is etcd's to judge; one that is gone only we remember.
            raise Refused("registry", f"id {watch_id} is held by a stream that is gone")
        start, skip = (NOW, 0) if resume is None else (resume.main, resume.sub + 1)

        def enter(created: WatchResponse) -> None:
            client.begins_at(Revision(created.revision + 1))
            self._awaiting.pop(watch_id, None)
            self.placed[watch_id] = stream
            self.watchers[watch_id] = Watcher(client, start=start, skip=skip)

        request = WatchRequest.prefix(client.prefix, start=start, watch_id=watch_id)
        await stream.create(request, enter)

    def clean_up(self, watch_id: WatchId) -> None:
        """Cancel what is left of a broken watcher and release its id."""
        if self.holds(watch_id):
            del self.watchers[watch_id]
            stream = self.placed.pop(watch_id)
            if stream.alive:
                stream.cancel(watch_id)

    def _broke(self, watch_id: WatchId) -> None:
        """A watcher is dead: mark it, clean up behind it, and have it registered again."""
        self.watchers[watch_id] = None
        self.clean_up(watch_id)
        self._spawn(self._repair(watch_id))

    async def _repair(self, watch_id: WatchId) -> None:
        resume = self.resume_at(self._clients[watch_id])
        pause = _Pause()
        while True:
            try:
                await self.register(watch_id, resume)
            except Refused as refused:
                self._counts[f"refused by {refused.by}"] += 1
                self._refused.add(watch_id)
                self._awaiting.pop(watch_id, None)
            except StreamEnded:
                self._refused.discard(watch_id)
            else:
                self._refused.discard(watch_id)
                return
            await pause.sleep()

    async def _choose_stream(self, watch_id: WatchId) -> Stream:
        """The id's own stream, or the next one on which the id is not spent; waits until it lives.

        Going wherever there is a living stream would put everybody on the first one back after
        a cut.
        """
        while True:
            own = watch_id % len(self._streams)
            order = [*self._streams[own:], *self._streams[:own]]
            chosen = next((one for one in order if watch_id not in one.spent), None)
            if chosen is None:
                self._add_stream()
                continue
            self._awaiting[watch_id] = chosen.link
            if chosen.alive:
                return chosen
            self._changed.clear()
            await self._changed.wait()

    def _add_stream(self) -> None:
        slot = len(self._streams)
        self._streams.append(self._open(slot))
        self._spawn(self._keep_stream(slot))

    def _open(self, slot: int) -> Stream:
        link = slot % len(self._site.endpoints)
        return Stream(link, self._site.endpoints[link])

    async def _keep_stream(self, slot: int) -> None:
        """Have a stream in this slot, a new one whenever it ends."""
        pause = _Pause()
        while True:
            stream = self._streams[slot]
            ended = StreamEnded("the manager stopped", clean=True)
            try:
                while True:
                    for response in await stream.read():
                        if not stream.handled(response):
                            self._handle(stream, response)
                    if not self._changed.is_set():
                        pause = _Pause()
                        self._changed.set()
            except StreamEnded as reason:
                ended = reason
            finally:
                stream.end(ended)
                closing = asyncio.create_task(stream.close())
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
            self._counts["streams lost"] += 1
            for watch_id in [one for one, home in self.placed.items() if home is stream]:
                if self.watchers[watch_id] is not None:
                    self._broke(watch_id)
            await pause.sleep()
            self._streams[slot] = self._open(slot)

    def _handle(self, stream: Stream, response: WatchResponse) -> None:
        watch_id = response.watch_id
        watcher = self.watchers.get(watch_id)
        if watcher is None or self.placed[watch_id] is not stream:
            self._counts["events for nobody"] += len(response.events)
        elif response.canceled:
            self._counts["cancelled by etcd"] += 1
            self._broke(watch_id)
        else:
            try:
                watcher.take(response)
            except ConsumerFailed:
                self._counts["consumers failed"] += 1
                self._broke(watch_id)

    # As a trial handles it (commaok.lab.experiment.Running).

    async def start(self) -> None:
        """Open the streams and register everybody from now."""
        for _ in self._site.endpoints:
            self._add_stream()
        await asyncio.gather(*(self._first_time(watch_id) for watch_id in self._clients))

    async def _first_time(self, watch_id: WatchId) -> None:
        pause = _Pause()
        while True:
            try:
                return await self.register(watch_id, None)
            except StreamEnded:
                await pause.sleep()

    async def run(self) -> None:
        """Work until cancelled; raises what went wrong inside."""
        await self._failed

    async def stop(self) -> None:
        """Release everything."""
        while self._tasks:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*self._closing, return_exceptions=True)
        self._streams.clear()
        self._refused.clear()
        self._awaiting.clear()
        self.watchers.clear()
        self.placed.clear()

    async def restart(self) -> None:
        """Stop, forget, and start again from now, as a new process would."""
        await self.stop()
        await self.start()

    async def caught_up(self, revision: Revision) -> None:
        """Return once every stream has delivered what it will up to ``revision``.

        A watcher that is refused will get nothing more, and is not waited for.
        """
        while len(self.running()) + len(self._refused) < len(self._clients):
            await asyncio.sleep(0.02)
        while any(stream.bookmark < revision for stream in self._streams):
            for stream in self._streams:
                stream.ask_progress()
            await asyncio.sleep(0.05)

    def running(self) -> list[WatchId]:
        """The watchers that are registered and served."""
        return [one for one, watcher in self.watchers.items() if watcher is not None]

    def relying_on(self, link: int) -> list[WatchId]:
        """Those whose events come through this link, or that wait for it to come back."""
        served = [one for one in self.running() if self.placed[one].link == link]
        return served + [one for one, awaited in self._awaiting.items() if awaited == link]

    def first_due(self, watch_id: WatchId) -> Revision:
        """The first revision that is due to a watcher: behind its first registration."""
        return self._clients[watch_id].first_due

    def fail_consumer(self, watch_id: WatchId) -> None:
        """Let a running watcher's consumer fail at the next event."""
        if self.watchers.get(watch_id) is not None:
            self._clients[watch_id].fails_next = True

    def counts(self) -> dict[str, int]:
        """Refusals by whom, streams lost, consumers failed, events that came for nobody."""
        return dict(self._counts)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not self._failed.done():
            self._failed.set_exception(error)


class _Pause:
    """Growing pauses with jitter between tries."""

    def __init__(self) -> None:
        self._seconds, self._longest = RETRY_SECONDS

    async def sleep(self) -> None:
        await asyncio.sleep(self._seconds * random.uniform(0.5, 1.0))
        self._seconds = min(2 * self._seconds, self._longest)

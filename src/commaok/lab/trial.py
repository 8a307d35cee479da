"""One trial: a writer, a recorder, one fault schedule, and every variant beside the others.

All variants see the same writes and the same faults at the same moments, so that what differs
between them is theirs.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from commaok.audit.history import History, Subject
from commaok.audit.measure import Measurement, measure
from commaok.audit.truth import TruthRecorder
from commaok.errors import MachineError
from commaok.lab.etcd import EtcdServer
from commaok.lab.experiment import Journal, Running, Site, Subscription, Variant
from commaok.lab.faults import Fault, FaultKind, schedule
from commaok.lab.proxy import Link
from commaok.lab.tasks import alongside
from commaok.lab.workload import Workload, write
from commaok.watch.etcd import EtcdClient
from commaok.watch.events import Revision, WatchId, prefix_end

SAMPLE_SECONDS: Final = 0.1
PATIENCE_SECONDS: Final = 20.0
GRACE_SECONDS: Final = 0.4
"""After its bookmark a stream is heard this much longer: servers before 3.5.8 let a bookmark
overtake events (etcd #15220), and a watcher that resumes is served within 0.1 s."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What every trial of a run has in common; ``docs/lab.md`` explains each.

    Seconds, and faults per second. Nothing breaks in the last ``quiet_seconds``, so that every
    watcher has time to show whether it recovered. ``expected_share`` of the watchers should be
    running (the article's range is 200 to 500): an operator who sees fewer for
    ``operator_seconds`` on end restarts the subject.
    """

    watchers: int = 200
    streams: int = 8
    seconds: float = 12.0
    quiet_seconds: float = 2.0
    fault_rate: float = 28.0
    workload: Workload = Workload()
    expected_share: float = 0.4
    operator_seconds: float = 4.0

    def subscriptions(self) -> tuple[Subscription, ...]:
        """The watchers, dealt to the workload's prefixes in turn."""
        return tuple(
            Subscription(WatchId(number + 1), self.workload.prefix(number % self.workload.prefixes))
            for number in range(self.watchers)
        )


class Observed(msgspec.Struct, frozen=True):
    """One variant in one trial: the auditor's judgement, and what was seen from outside.

    ``running`` is the number of watchers running, sampled every ``SAMPLE_SECONDS``.
    """

    measurement: Measurement
    running: tuple[int, ...]
    counts: dict[str, int]


class Stuck(MachineError):
    """A subject did not get ready, or did not come to rest: its loss is unknown."""

    def __init__(self, subject: Subject, what: str) -> None:
        super().__init__(
            f"Variant {subject!r} did not {what} within {PATIENCE_SECONDS:.0f} s, so its loss is "
            "unknown.",
            "The machine may be overloaded: lower --watchers, --write-rate or --fault-rate.",
        )


async def run_trial(
    server: EtcdServer, variants: Sequence[Variant], plan: Plan, *, seed: int
) -> dict[Subject, Observed]:
    """Run all variants through the faults of ``seed`` and let the auditor judge them.

    Raises what the server, the recorder or a subject raises; everything is stopped by then.
    """
    history = History()
    async with alongside(server.watch_over()), contextlib.AsyncExitStack() as stack:
        writer = await stack.enter_async_context(EtcdClient(server.endpoint))
        stages = [
            await stack.enter_async_context(_staged(server, variant, plan, history))
            for variant in variants
        ]
        first = Revision((await writer.status()).revision + 1)
        recorder = TruthRecorder(writer, history, start=first)
        async with alongside(recorder.run(), *(stage.subject.run() for stage in stages)):
            started = time.monotonic()
            async with alongside(*(work for stage in stages for work in stage.observing(plan))):
                head = await _act(writer, stages, plan, history, seed)
            await recorder.reached(head)
            for stage in stages:
                await stage.settle(head)
            await asyncio.sleep(GRACE_SECONDS)
    measured = await asyncio.to_thread(
        measure, history, head=head, start=started, seconds=plan.seconds
    )
    return {
        stage.variant.name: Observed(
            measured[stage.variant.name], tuple(stage.running), stage.subject.counts()
        )
        for stage in stages
    }


@asynccontextmanager
async def _staged(
    server: EtcdServer, variant: Variant, plan: Plan, history: History
) -> AsyncIterator["_Stage"]:
    """A variant behind links of its own, registered, and stopped at the end."""
    links = [await Link.open(server.address) for _ in range(plan.streams)]
    try:
        journal = Journal(variant.name, history)
        endpoints = tuple(link.endpoint for link in links)
        subject = variant.build(Site(endpoints, plan.subscriptions(), journal))
        stage = _Stage(variant, subject, links, journal)
        try:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await subject.start()
            except TimeoutError:
                raise Stuck(variant.name, "register its watchers") from None
            for one in plan.subscriptions():
                due = subject.first_due(one.watch_id)
                end = prefix_end(one.prefix)
                history.watched(variant.name, one.watch_id, one.prefix, end, due)
            yield stage
        finally:
            await stage.stop()
    finally:
        for link in links:
            await link.close()


async def _act(
    writer: EtcdClient, stages: Sequence["_Stage"], plan: Plan, history: History, seed: int
) -> Revision:
    """Write while things break, until the last fault is over; returns the last revision."""
    faults = schedule(
        seed,
        rate=plan.fault_rate,
        seconds=max(plan.seconds - plan.quiet_seconds, 0.0),
        links=plan.streams,
        watchers=plan.watchers,
    )
    striking = asyncio.create_task(_strike(stages, faults))
    try:
        for sent in await write(writer, plan.workload, seed=seed, seconds=plan.seconds):
            history.sent(sent.revision, sent.at)
        await striking
    finally:
        striking.cancel()
    return (await writer.status()).revision


async def _strike(stages: Sequence["_Stage"], faults: Sequence[Fault]) -> None:
    start = time.monotonic()
    async with asyncio.TaskGroup() as striking:
        for fault in faults:
            await asyncio.sleep(start + fault.at - time.monotonic())
            for stage in stages:
                striking.create_task(stage.strike(fault))


class _Stage:
    """A variant with its own links to the server."""

    def __init__(
        self, variant: Variant, subject: Running, links: list[Link], journal: Journal
    ) -> None:
        self.variant = variant
        self.subject = subject
        self.links = links
        self.journal = journal
        self.running: list[int] = []
        self._restarting: asyncio.Task[None] | None = None
        self._cut_until = 0.0

    def observing(self, plan: Plan) -> tuple[Coroutine[object, object, None], ...]:
        """What watches this stage while the writer writes."""
        return self._sample(), self._operate(plan)

    async def settle(self, head: Revision) -> None:
        """Wait until the subject is at rest, with everything up to ``head``; raises Stuck."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                if self._restarting is not None:
                    await self._restarting  # the writer's end does not stop an operator half-way
                await self.subject.caught_up(head)
        except TimeoutError:
            raise Stuck(self.variant.name, "catch up after the last write") from None

    async def stop(self) -> None:
        """Stop the subject, in whatever state it is."""
        if self._restarting is not None:
            self._restarting.cancel()
            await asyncio.gather(self._restarting, return_exceptions=True)
        await self.subject.stop()

    async def strike(self, fault: Fault) -> None:
        """Let one fault happen, and see it end if it has an end."""
        match fault.kind:
            case FaultKind.RESET:
                hit = self.subject.relying_on(fault.target)
                self.links[fault.target].reset()
                self.journal.broke(fault.kind, hit)
            case FaultKind.STALL:
                hit = self.subject.relying_on(fault.target)
                self.links[fault.target].stall()
                self.journal.broke(fault.kind, hit)
            case FaultKind.CONSUMER:
                self.subject.fail_consumer(WatchId(fault.target + 1))
            case FaultKind.DELAY:
                self.links[fault.target].delay = fault.delay
                self.journal.broke(fault.kind, [])  # late is not silent: nobody has to recover
                await asyncio.sleep(fault.seconds)
                self.links[fault.target].delay = 0.0
            case FaultKind.CUT:
                await self._cut(fault)

    async def _cut(self, fault: Fault) -> None:
        until = time.monotonic() + fault.seconds
        self._cut_until = max(self._cut_until, until)
        hit = [one for number in range(len(self.links)) for one in self.subject.relying_on(number)]
        for link in self.links:
            link.refuse()
        self.journal.broke(fault.kind, hit, self._cut_until)
        await asyncio.sleep(fault.seconds)
        if time.monotonic() >= self._cut_until:
            for link in self.links:
                link.accept()

    async def _sample(self) -> None:
        start = time.monotonic()
        while True:
            self.running.append(len(self.subject.running()))
            due = start + len(self.running) * SAMPLE_SECONDS
            await asyncio.sleep(due - time.monotonic())

    async def _operate(self, plan: Plan) -> None:
        """The operator: restarts a subject that is below its expected range for too long."""
        enough = plan.expected_share * plan.watchers
        good_at = time.monotonic()
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            now = time.monotonic()
            if len(self.subject.running()) >= enough:
                good_at = now
            elif now - good_at >= plan.operator_seconds:
                self.journal.restarted()
                self._restarting = asyncio.create_task(self.subject.restart())
                await asyncio.shield(self._restarting)
                good_at = time.monotonic()

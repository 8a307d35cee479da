"""Work that runs beside other work, and fails as one error rather than as a group."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager


@asynccontextmanager
async def alongside(*work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Run ``work`` until the block ends, then cancel it.

    If one piece fails, the block is cancelled, the rest too, and its error is raised.
    """
    with first_failure():
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(piece) for piece in work]
            yield
            for task in tasks:
                task.cancel()


@contextmanager
def first_failure() -> Iterator[None]:
    """Raise a task group's first failure instead of the group."""
    try:
        yield
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures

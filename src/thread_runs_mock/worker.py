"""Uses a blocking store without holding up the event loop."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from thread_runs_mock.store import Key, Store, StoreError

T = TypeVar("T")

_BATCH = 256
"""Jobs that share a transaction at most."""


class _Job(NamedTuple):
    key: Key
    run: Callable[[], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class Worker:
    """One thread that does all jobs on a store. Those that came while it was busy share the next transaction.

    So a disk that takes 5 ms to write is waited for once, and not by each of 64 clients in turn.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="thread-runs-mock-store", daemon=True)
        self._thread.start()

    async def run(self, key: Key, job: Callable[[], T]) -> T:
        """Do the job; its result is returned once what it wrote is committed.

        Raises:
            StoreError: It could not be kept.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(key, job, future, loop))
        return await future

    def close(self) -> None:
        """Finish what was asked for, and end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        open_ = True
        while open_:
            batch: list[_Job] = []
            while len(batch) < _BATCH and (not batch or not self._jobs.empty()):
                job = self._jobs.get()
                if job is None:
                    open_ = False
                    break
                batch.append(job)
            self._do(batch)

    def _do(self, batch: list[_Job]) -> None:
        outcomes: list[tuple[_Job, Any, Exception | None]] = []
        try:
            with self._store.transaction():
                # In the same order everywhere: replicas that lock rows in turn never wait for one another in a ring.
                for job in sorted(batch, key=lambda job: job.key):
                    try:
                        outcomes.append((job, job.run(), None))
                    except StoreError:
                        raise
                    except Exception as error:
                        outcomes.append((job, None, error))
        except StoreError as error:
            outcomes = [(job, None, error) for job in batch]
        for loop in {job.loop for job in batch}:
            mine = [outcome for outcome in outcomes if outcome[0].loop is loop]
            # The loop is closed where the server did not wait for its requests.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, mine)


def _settle(outcomes: list[tuple[_Job, Any, Exception | None]]) -> None:
    for job, result, error in outcomes:
        if job.future.cancelled():
            # Its request was given up.
            continue
        if error is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(error)

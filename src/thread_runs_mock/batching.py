"""Use a blocking store without blocking the event loop."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from thread_runs_mock.stores import Key, Store, StoreError

T = TypeVar("T")

_BATCH = 256
"""The most jobs that share a transaction."""


@dataclass(frozen=True, slots=True)
class _Job:
    key: Key
    run: Callable[[], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class _Outcome:
    job: _Job
    result: Any = None
    error: Exception | None = None


class StoreThread:
    """One thread that does all jobs on a store. Those that arrive while it is busy share the next transaction.

    So a disk that takes 5 ms to write is waited for once, and not by each of 64 clients in turn.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="thread-runs-mock-store", daemon=True)
        self._thread.start()

    async def run(self, key: Key, job: Callable[[], T]) -> T:
        """Do the job. Its result is returned once its changes are committed.

        Raises:
            StoreError: It could not be stored.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(key, job, future, loop))
        return await future

    def close(self) -> None:
        """Finish all pending jobs, and end the thread."""
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
        outcomes: list[_Outcome] = []
        try:
            with self._store.transaction():
                # The same order in all processes, so that replicas that lock rows cannot deadlock.
                for job in sorted(batch, key=lambda job: job.key):
                    try:
                        outcomes.append(_Outcome(job, job.run()))
                    except StoreError:
                        raise
                    except Exception as error:
                        outcomes.append(_Outcome(job, error=error))
        except StoreError as error:
            outcomes = [_Outcome(job, error=error) for job in batch]
        for loop in {job.loop for job in batch}:
            own = [outcome for outcome in outcomes if outcome.job.loop is loop]
            # The loop is closed where the server did not wait for its requests.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_resolve, own)


def _resolve(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        future = outcome.job.future
        if future.cancelled():
            # The request was abandoned.
            continue
        if outcome.error is None:
            future.set_result(outcome.result)
        else:
            future.set_exception(outcome.error)

"""The state that the application, its pages and its faults share."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Protocol, TypeVar

from thread_runs_mock import errors
from thread_runs_mock.batching import StoreThread
from thread_runs_mock.clock import Clock
from thread_runs_mock.recording import Recorder
from thread_runs_mock.script import Script
from thread_runs_mock.secrets import Secrets
from thread_runs_mock.service import Service
from thread_runs_mock.stores import Key, Store, StoreError

T = TypeVar("T")

log = logging.getLogger("thread_runs_mock")


class FaultControl(Protocol):
    """Which faults are switched on."""

    def rates(self) -> list[dict[str, Any]] | None:
        """Return the faults that happen at random, each with `name`, `share` and `value`; None if faults are off."""

    def known(self) -> list[dict[str, str]]:
        """Return every fault with `name` and `summary`."""

    def choose(self, text: str | None) -> None:
        """Switch faults on, with rates as `--faults` takes them, or off with None. Raises ValueError."""


@dataclass
class State:
    """The parts of a running mock.

    Attributes:
        script: Responses to give before the usual ones.
        secrets: What is neither recorded nor shown.
        recorder: The last requests.
        settings: How the mock was started, for people.
        faults: Which faults are switched on; None if what serves the application knows none.
        random: Where new identifiers come from.
    """

    service: Service
    store: Store
    script: Script
    clock: Clock
    random: Random
    settings: Mapping[str, str] = field(default_factory=dict)
    faults: FaultControl | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.secrets = Secrets.of(self.service.document)
        self.recorder = Recorder(self.secrets)
        self.thread = StoreThread(self.store) if self.store.blocking else None

    async def with_store(self, key: Key, job: Callable[[], T]) -> T:
        """Run a job on the store, without blocking other requests.

        Raises:
            ApiError: 503; the store failed.
        """
        try:
            return job() if self.thread is None else await self.thread.run(key, job)
        except StoreError as error:
            log.error("%s", error)
            raise errors.store_failed() from None

    def new_request_id(self) -> bytes:
        """Return a new `x-request-id`."""
        return b"req_%024x" % self.random.getrandbits(96)

    def close(self) -> None:
        """Finish the pending work of the store, and close it."""
        if self.thread:
            self.thread.close()
        self.store.close()

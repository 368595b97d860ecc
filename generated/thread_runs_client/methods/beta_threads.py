# Generated from openapi.yaml by `make generate`. Do not edit.
"""Groups of methods: `runs`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..sending import AsyncSender, Sender
    from .beta_threads_runs import AsyncRuns, Runs


class Threads:
    """Groups of methods: `runs`."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    @cached_property
    def runs(self) -> Runs:
        """Runs of an assistant on a thread."""
        from .beta_threads_runs import Runs  # noqa: PLC0415

        return Runs(self._sender)


class AsyncThreads:
    """Groups of methods: `runs`."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    @cached_property
    def runs(self) -> AsyncRuns:
        """Runs of an assistant on a thread."""
        from .beta_threads_runs import AsyncRuns  # noqa: PLC0415

        return AsyncRuns(self._sender)

# Generated from openapi.yaml by `make generate`. Do not edit.
"""Groups of methods: `threads`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..sending import AsyncSender, Sender
    from .beta_threads import AsyncThreads, Threads


class Beta:
    """Groups of methods: `threads`."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    @cached_property
    def threads(self) -> Threads:
        """Groups of methods: `runs`."""
        from .beta_threads import Threads  # noqa: PLC0415

        return Threads(self._sender)


class AsyncBeta:
    """Groups of methods: `threads`."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    @cached_property
    def threads(self) -> AsyncThreads:
        """Groups of methods: `runs`."""
        from .beta_threads import AsyncThreads  # noqa: PLC0415

        return AsyncThreads(self._sender)

# Generated from openapi.yaml by `make generate`. Do not edit.
"""The methods of the client: one for each operation of the spec, in groups"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..sending import AsyncSender, Sender
    from .beta import AsyncBeta, Beta


class Methods:
    """The groups of methods, which send through `_sender`"""

    _sender: Sender

    @cached_property
    def beta(self) -> Beta:
        """Groups of methods: `threads`."""
        from .beta import Beta  # noqa: PLC0415

        return Beta(self._sender)


class AsyncMethods:
    """The groups of methods, which send through `_sender`"""

    _sender: AsyncSender

    @cached_property
    def beta(self) -> AsyncBeta:
        """Groups of methods: `threads`."""
        from .beta import AsyncBeta  # noqa: PLC0415

        return AsyncBeta(self._sender)

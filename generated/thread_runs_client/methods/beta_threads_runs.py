# Generated from openapi.yaml by `make generate`. Do not edit.
"""Runs of an assistant on a thread."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from .. import operations
from ..deprecation import deprecated
from ..types import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from ..models import Run
    from ..requests import Request
    from ..sending import AsyncSender, CallOptions, RawResponse, Sender
    from ..types import Unset


class Runs:
    """Runs of an assistant on a thread."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    @cached_property
    def with_raw_response(self) -> RunsWithRawResponse:
        """The same methods, which return the HTTP response: status, headers, body, and the result by `parse()`"""
        return RunsWithRawResponse(self._sender)

    @deprecated("The operation modifyRun is deprecated: the vendor has retired its own endpoint.")
    def update(
        self,
        run_id: str,
        *,
        thread_id: str,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        **options: Unpack[CallOptions],
    ) -> Run:
        """Modify run.

        Changes the metadata of one run and returns the whole run. Nothing but `metadata` changes.

        The server decides whether new pairs replace the stored ones or are merged into them key by key, and
        what `null` does. An empty body (`{}`) changes nothing.

        Args:
            run_id: Identifier of the run to modify. At least 1 character.
            thread_id: Identifier of the thread that the run belongs to. At least 1 character.
            metadata: The pairs to store. If it is omitted, nothing changes; null is not the same as omitting it. At
                most 16 entries, keys: at most 64 characters, values: at most 512 characters.
            options: Options of this call, see `CallOptions`: `deadline`, `extra_body`, `extra_headers`,
                `extra_query`, `max_retries`, `strict`, `timeout`.

        Raises:
            InvalidRequestError: A ValueError: a value exceeds a limit of the spec. Nothing was sent.
            ValueError: A path parameter or an option is not valid. Nothing was sent.
            APIError: The call failed; the subclass tells why.
        """
        request = _update(
            thread_id=thread_id,
            run_id=run_id,
            metadata=metadata,
        )
        return self._sender.send(request, options).parse()


class RunsWithRawResponse:
    """`Runs`, whose methods return HTTP responses"""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    @deprecated("The operation modifyRun is deprecated: the vendor has retired its own endpoint.")
    def update(
        self,
        run_id: str,
        *,
        thread_id: str,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        **options: Unpack[CallOptions],
    ) -> RawResponse[Run]:
        """Modify run. See `Runs.update`."""
        request = _update(
            thread_id=thread_id,
            run_id=run_id,
            metadata=metadata,
        )
        return self._sender.send(request, options)


class AsyncRuns:
    """Runs of an assistant on a thread."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    @cached_property
    def with_raw_response(self) -> AsyncRunsWithRawResponse:
        """The same methods, which return the HTTP response: status, headers, body, and the result by `parse()`"""
        return AsyncRunsWithRawResponse(self._sender)

    @deprecated("The operation modifyRun is deprecated: the vendor has retired its own endpoint.")
    async def update(
        self,
        run_id: str,
        *,
        thread_id: str,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        **options: Unpack[CallOptions],
    ) -> Run:
        """Modify run. See `Runs.update`."""
        request = _update(
            thread_id=thread_id,
            run_id=run_id,
            metadata=metadata,
        )
        return (await self._sender.send(request, options)).parse()


class AsyncRunsWithRawResponse:
    """`AsyncRuns`, whose methods return HTTP responses"""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    @deprecated("The operation modifyRun is deprecated: the vendor has retired its own endpoint.")
    async def update(
        self,
        run_id: str,
        *,
        thread_id: str,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        **options: Unpack[CallOptions],
    ) -> RawResponse[Run]:
        """Modify run. See `Runs.update`."""
        request = _update(
            thread_id=thread_id,
            run_id=run_id,
            metadata=metadata,
        )
        return await self._sender.send(request, options)


def _update(**arguments: Any) -> Request[Run]:
    return operations.MODIFY_RUN.request(arguments, _responses().modify_run)


@cache
def _responses() -> Any:
    """Import what reads responses at the first call. It needs attrs and the models."""
    from .. import responses  # noqa: PLC0415

    return responses

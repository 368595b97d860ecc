"""The operations as methods, in the places where the vendor's SDK has them: `client.beta.threads.runs`.

The generated models and endpoints are imported by the first call, so that programs start sooner.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from thread_runs_client.types import UNSET, Unset

from ._deprecated import deprecated
from ._options import CallOptions, Timeout

if TYPE_CHECKING:
    from thread_runs_client.models import ModifyRunRequest, Run

    from ._client import AsyncClient, Client
    from ._raw_response import RawResponse

MODIFY_RUN_DEPRECATED = "The operation modifyRun is deprecated: the vendor has shut its own endpoint down."


class Runs:
    """Runs of an assistant on a thread."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    @cached_property
    def with_raw_response(self) -> "RunsWithRawResponse":
        """The same methods, answering the HTTP response: status, headers with the request id, body, and the Run."""
        return RunsWithRawResponse(self._client)

    @deprecated(MODIFY_RUN_DEPRECATED)
    def update(
        self,
        run_id: str,
        *,
        thread_id: str,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        extra_headers: Mapping[str, str] | None = None,
        timeout: Timeout | Unset = UNSET,
        max_retries: int | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> "Run":
        """Change the metadata of a run; answer the whole run.

        A failed call is repeated, see `max_retries` of `Client`. That is safe here: a modify says which values the
        pairs shall have, so sending it twice leaves the run as sending it once does.

        Args:
            run_id: Identifier of the run.
            thread_id: Identifier of the thread the run belongs to.
            metadata: The pairs to store. None is sent as null; left out, nothing is sent and nothing changes.
            extra_headers: Headers for this call; they win over those of the client.
            timeout: Seconds to wait for each step of this call, instead of the client's.
            max_retries: How often this call may be repeated, instead of the client's.
            deadline: Seconds this call may take in all, retries included, instead of the client's.

        Raises:
            InvalidRequestError: a ValueError; the metadata breaks limits of the contract. Nothing was sent.
            ValueError: an id is not a string, empty, `.` or `..`, or an option is out of range. Nothing was sent.
            APIError: the call did not end in a Run; its subclasses say why.
        """
        options = CallOptions(extra_headers, timeout, max_retries, deadline)
        return _modify_run(self._client, options, run_id, thread_id, metadata).parse()


class AsyncRuns:
    """Runs of an assistant on a thread, for asyncio and trio."""

    def __init__(self, client: "AsyncClient") -> None:
        self._client = client

    @cached_property
    def with_raw_response(self) -> "AsyncRunsWithRawResponse":
        """The same methods, answering the HTTP response: status, headers with the request id, body, and the Run."""
        return AsyncRunsWithRawResponse(self._client)

    @deprecated(MODIFY_RUN_DEPRECATED)
    async def update(
        self,
        run_id: str,
        *,
        thread_id: str,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        extra_headers: Mapping[str, str] | None = None,
        timeout: Timeout | Unset = UNSET,
        max_retries: int | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> "Run":
        """Change the metadata of a run; answer the whole run. Arguments and errors are those of `Runs.update`."""
        options = CallOptions(extra_headers, timeout, max_retries, deadline)
        return (await _modify_run_async(self._client, options, run_id, thread_id, metadata)).parse()


class RunsWithRawResponse:
    """`Runs`, answering HTTP responses."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    @deprecated(MODIFY_RUN_DEPRECATED)
    def update(
        self,
        run_id: str,
        *,
        thread_id: str,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        extra_headers: Mapping[str, str] | None = None,
        timeout: Timeout | Unset = UNSET,
        max_retries: int | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> "RawResponse[Run]":
        """Do what `Runs.update` does; the Run is what `parse()` of the response returns."""
        options = CallOptions(extra_headers, timeout, max_retries, deadline)
        return _modify_run(self._client, options, run_id, thread_id, metadata)


class AsyncRunsWithRawResponse:
    """`AsyncRuns`, answering HTTP responses."""

    def __init__(self, client: "AsyncClient") -> None:
        self._client = client

    @deprecated(MODIFY_RUN_DEPRECATED)
    async def update(
        self,
        run_id: str,
        *,
        thread_id: str,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        extra_headers: Mapping[str, str] | None = None,
        timeout: Timeout | Unset = UNSET,
        max_retries: int | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> "RawResponse[Run]":
        """Do what `Runs.update` does; the Run is what `parse()` of the response, not awaited, returns."""
        options = CallOptions(extra_headers, timeout, max_retries, deadline)
        return await _modify_run_async(self._client, options, run_id, thread_id, metadata)


def _modify_run(
    client: "Client", options: CallOptions, run_id: str, thread_id: str, metadata: Any
) -> "RawResponse[Run]":
    from thread_runs_client.api.runs import modify_run

    return client.call(modify_run, options, thread_id=thread_id, run_id=run_id, body=_modify_run_request(metadata))


async def _modify_run_async(
    client: "AsyncClient", options: CallOptions, run_id: str, thread_id: str, metadata: Any
) -> "RawResponse[Run]":
    from thread_runs_client.api.runs import modify_run

    return await client.call(
        modify_run, options, thread_id=thread_id, run_id=run_id, body=_modify_run_request(metadata)
    )


def _modify_run_request(metadata: Any) -> "ModifyRunRequest":
    """Return the body of the request; without metadata it is the empty object, which changes nothing."""
    from thread_runs_client.models import Metadata, ModifyRunRequest

    pairs = Metadata.from_dict(metadata) if isinstance(metadata, Mapping) else metadata
    return ModifyRunRequest(metadata=pairs)


class Threads:
    """Threads, as far as they have runs."""

    def __init__(self, client: "Client") -> None:
        self.runs = Runs(client)


class AsyncThreads:
    """Threads, as far as they have runs, for asyncio and trio."""

    def __init__(self, client: "AsyncClient") -> None:
        self.runs = AsyncRuns(client)


class Beta:
    """What needs the `OpenAI-Beta` header."""

    def __init__(self, client: "Client") -> None:
        self.threads = Threads(client)


class AsyncBeta:
    """What needs the `OpenAI-Beta` header, for asyncio and trio."""

    def __init__(self, client: "AsyncClient") -> None:
        self.threads = AsyncThreads(client)

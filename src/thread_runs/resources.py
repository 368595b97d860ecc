"""The operations as methods, in the places where the vendor's SDK has them: `client.beta.threads.runs`."""

import sys
from collections.abc import Mapping
from typing import cast

from thread_runs_client import AuthenticatedClient
from thread_runs_client.api.runs import modify_run
from thread_runs_client.models import Metadata, ModifyRunRequest, Run
from thread_runs_client.types import UNSET, Unset

if sys.version_info >= (3, 13):
    from warnings import deprecated
else:
    from typing_extensions import deprecated


class Runs:
    """Runs of an assistant on a thread."""

    def __init__(self, client: AuthenticatedClient) -> None:
        self._client = client

    @deprecated("The operation modifyRun is deprecated: the vendor has shut its own endpoint down.")
    def update(self, run_id: str, *, thread_id: str, metadata: Mapping[str, str] | Unset | None = UNSET) -> Run:
        """Change the metadata of a run; answer the whole run.

        Args:
            run_id: Identifier of the run.
            thread_id: Identifier of the thread the run belongs to.
            metadata: The pairs to store. None is sent as null; left out, nothing is sent and nothing changes.

        Raises:
            ValueError: an id is not a string, empty, `.` or `..`; nothing was sent.
            APIError: the call did not end in a Run; its subclasses say why.
        """
        body = modify_run_request(metadata)
        response = modify_run.sync_detailed(thread_id, run_id, client=self._client, body=body)
        # Whatever is not a Run was raised beneath.
        return cast(Run, response.parsed)


class AsyncRuns:
    """Runs of an assistant on a thread, for asyncio and trio."""

    def __init__(self, client: AuthenticatedClient) -> None:
        self._client = client

    @deprecated("The operation modifyRun is deprecated: the vendor has shut its own endpoint down.")
    async def update(self, run_id: str, *, thread_id: str, metadata: Mapping[str, str] | Unset | None = UNSET) -> Run:
        """Change the metadata of a run; answer the whole run. Arguments and errors are those of `Runs.update`."""
        body = modify_run_request(metadata)
        response = await modify_run.asyncio_detailed(thread_id, run_id, client=self._client, body=body)
        return cast(Run, response.parsed)


def modify_run_request(metadata: Mapping[str, str] | Unset | None) -> ModifyRunRequest:
    """Return the body of the request; without metadata it is the empty object, which changes nothing."""
    pairs = Metadata.from_dict(metadata) if isinstance(metadata, Mapping) else metadata
    return ModifyRunRequest(metadata=pairs)


class Threads:
    """Threads, as far as they have runs."""

    def __init__(self, client: AuthenticatedClient) -> None:
        self.runs = Runs(client)


class AsyncThreads:
    """Threads, as far as they have runs, for asyncio and trio."""

    def __init__(self, client: AuthenticatedClient) -> None:
        self.runs = AsyncRuns(client)


class Beta:
    """What needs the `OpenAI-Beta` header."""

    def __init__(self, client: AuthenticatedClient) -> None:
        self.threads = Threads(client)


class AsyncBeta:
    """What needs the `OpenAI-Beta` header, for asyncio and trio."""

    def __init__(self, client: AuthenticatedClient) -> None:
        self.threads = AsyncThreads(client)

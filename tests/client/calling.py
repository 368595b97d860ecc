"""One call on a client of either kind, so that one test shows what both do."""

from collections.abc import Callable
from typing import Any

import pytest

from thread_runs import AsyncClient, Client

KEY = "sk-secret-4711"
Update = Callable[..., Any]
IGNORE_DEPRECATION = pytest.mark.filterwarnings("ignore:The operation modifyRun is deprecated:DeprecationWarning")


async def update(kind: type[Client | AsyncClient], url: str, call: dict[str, Any] | None = None, **options: Any) -> Any:
    """Make a client with `options`, call `update` with `call`, close the client; return the Run."""
    arguments = {"run_id": "run_1", "thread_id": "thread_1", **(call or {})}
    if kind is Client:
        with Client(KEY, base_url=url, **options) as client:
            return client.beta.threads.runs.update(**arguments)
    async with AsyncClient(KEY, base_url=url, **options) as client:
        return await client.beta.threads.runs.update(**arguments)


async def call(client: Any, **arguments: Any) -> Any:
    """Call `update` on a client of either kind; return the Run."""
    answer = client.beta.threads.runs.update("run_1", thread_id="thread_1", **arguments)
    return answer if isinstance(client, Client) else await answer


def http_client(library: Any, kind: type[Client | AsyncClient], **options: Any) -> Any:
    """Return a client of the HTTP library, blocking or asynchronous as `kind` is."""
    return getattr(library, kind.__name__)(**options)


async def close(client: Any) -> None:
    """Close a client of ours or of an HTTP library, blocking or asynchronous."""
    closed = client.aclose() if hasattr(client, "aclose") else client.close()
    if closed is not None:
        await closed


both = pytest.mark.parametrize("kind", [Client, AsyncClient])

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


both = pytest.mark.parametrize("kind", [Client, AsyncClient])

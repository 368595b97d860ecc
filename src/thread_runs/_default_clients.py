"""`DefaultHttpx2Client` and `DefaultAsyncHttpx2Client`: clients of httpx2 with the defaults of this package."""

from typing import TYPE_CHECKING, Any

from ._config import DEFAULT_TIMEOUTS
from ._connections import MAX_CONNECTIONS, MAX_KEEPALIVE_CONNECTIONS
from ._deadlines import KEEPALIVE, keep_deadlines
from ._http_library import client_class

if TYPE_CHECKING:
    import httpx2
    from httpx2 import AsyncClient as _AsyncClient
    from httpx2 import Client as _Client
else:
    try:
        import httpx2
    except ImportError as error:
        raise ImportError("httpx2 is not installed: pip install 'thread-runs[httpx2]'") from error
    _Client, _AsyncClient = client_class(httpx2, "Client"), client_class(httpx2, "AsyncClient")


def _defaults(options: dict[str, Any]) -> dict[str, Any]:
    limits = httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_KEEPALIVE_CONNECTIONS)
    return {"timeout": httpx2.Timeout(**DEFAULT_TIMEOUTS), "limits": limits, **options}


class DefaultHttpx2Client(_Client):
    """An `httpx2.Client` with the timeouts, limits and TCP keep-alive of `Client`, which any argument replaces.

    >>> client = Client(http_client=DefaultHttpx2Client(proxy="http://127.0.0.1:8080"))
    """

    def __init__(self, **options: Any) -> None:
        """Take the arguments of `httpx2.Client`."""
        super().__init__(**_defaults(options))
        keep_deadlines(httpx2, self, KEEPALIVE)


class DefaultAsyncHttpx2Client(_AsyncClient):
    """An `httpx2.AsyncClient` with the timeouts, limits and TCP keep-alive of `AsyncClient`."""

    def __init__(self, **options: Any) -> None:
        """Take the arguments of `httpx2.AsyncClient`."""
        super().__init__(**_defaults(options))
        keep_deadlines(httpx2, self, KEEPALIVE)

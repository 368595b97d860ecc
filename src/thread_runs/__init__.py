"""A client for one operation, *modify run*, generated from its OpenAPI spec.

Public names are imported when they are first used, so `import thread_runs` is fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thread_runs_client.models import Run as Run
    from thread_runs_client.sending import RawResponse as RawResponse
    from thread_runs_client.types import UNSET as UNSET
    from thread_runs_client.types import UnknownObject as UnknownObject
    from thread_runs_client.types import Unset as Unset

    from ._client import AsyncClient as AsyncClient
    from ._client import Client as Client
    from ._default_clients import DefaultAsyncHttpx2Client as DefaultAsyncHttpx2Client
    from ._default_clients import DefaultHttpx2Client as DefaultHttpx2Client
    from ._errors import APIConnectionError as APIConnectionError
    from ._errors import APIError as APIError
    from ._errors import APIResponseError as APIResponseError
    from ._errors import APIResponseValidationError as APIResponseValidationError
    from ._errors import APIStatusError as APIStatusError
    from ._errors import APITimeoutError as APITimeoutError
    from ._errors import AuthenticationError as AuthenticationError
    from ._errors import BadRequestError as BadRequestError
    from ._errors import ConflictError as ConflictError
    from ._errors import InternalServerError as InternalServerError
    from ._errors import InvalidRequestError as InvalidRequestError
    from ._errors import NonConformingResponseWarning as NonConformingResponseWarning
    from ._errors import NotFoundError as NotFoundError
    from ._errors import PermissionDeniedError as PermissionDeniedError
    from ._errors import Problem as Problem
    from ._errors import RateLimitError as RateLimitError
    from ._errors import ServerDeprecationWarning as ServerDeprecationWarning
    from ._errors import ThreadRunsError as ThreadRunsError
    from ._errors import UnprocessableEntityError as UnprocessableEntityError

    __version__: str

__all__ = [
    "UNSET",
    "APIConnectionError",
    "APIError",
    "APIResponseError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncClient",
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "ConflictError",
    "DefaultAsyncHttpx2Client",
    "DefaultHttpx2Client",
    "InternalServerError",
    "InvalidRequestError",
    "NonConformingResponseWarning",
    "NotFoundError",
    "PermissionDeniedError",
    "Problem",
    "RateLimitError",
    "RawResponse",
    "Run",
    "ServerDeprecationWarning",
    "ThreadRunsError",
    "UnknownObject",
    "UnprocessableEntityError",
    "Unset",
    "__version__",
]

_HOMES = {
    "AsyncClient": "._client",
    "Client": "._client",
    "DefaultAsyncHttpx2Client": "._default_clients",
    "DefaultHttpx2Client": "._default_clients",
    "RawResponse": "thread_runs_client.sending",
    "Run": "thread_runs_client.models",
    "UNSET": "thread_runs_client.types",
    "UnknownObject": "thread_runs_client.types",
    "Unset": "thread_runs_client.types",
    "__version__": "thread_runs_client.facts",
}


if not TYPE_CHECKING:  # pragma: no branch
    # With `__getattr__`, a type checker would accept any name.

    def __getattr__(name: str) -> Any:
        """Import a public name on first use (PEP 562). Names that are not in `_HOMES` are in `_errors`."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(_HOMES.get(name, "._errors"), __name__)
        value = getattr(module, "VERSION" if name == "__version__" else name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

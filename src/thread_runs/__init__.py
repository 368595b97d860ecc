"""A client for one operation, *modify run*, generated from its OpenAPI contract.

What is named here is imported when it is first used: `import thread_runs` by itself costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thread_runs_client.models import Run as Run
    from thread_runs_client.types import UNSET as UNSET
    from thread_runs_client.types import UnknownObject as UnknownObject

    from .client import AsyncClient as AsyncClient
    from .client import Client as Client
    from .errors import APIConnectionError as APIConnectionError
    from .errors import APIError as APIError
    from .errors import APIResponseError as APIResponseError
    from .errors import APIResponseValidationError as APIResponseValidationError
    from .errors import APIStatusError as APIStatusError
    from .errors import APITimeoutError as APITimeoutError
    from .errors import AuthenticationError as AuthenticationError
    from .errors import BadRequestError as BadRequestError
    from .errors import ConflictError as ConflictError
    from .errors import InternalServerError as InternalServerError
    from .errors import InvalidRequestError as InvalidRequestError
    from .errors import NotFoundError as NotFoundError
    from .errors import PermissionDeniedError as PermissionDeniedError
    from .errors import Problem as Problem
    from .errors import RateLimitError as RateLimitError
    from .errors import ServerDeprecationWarning as ServerDeprecationWarning
    from .errors import ThreadRunsError as ThreadRunsError
    from .errors import UnprocessableEntityError as UnprocessableEntityError
    from .raw_response import RawResponse as RawResponse

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
    "InternalServerError",
    "InvalidRequestError",
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
    "__version__",
]

_HOMES = {
    "AsyncClient": ".client",
    "Client": ".client",
    "RawResponse": ".raw_response",
    "Run": "thread_runs_client.models",
    "UNSET": "thread_runs_client.types",
    "UnknownObject": "thread_runs_client.types",
    "__version__": "thread_runs_client.contract",
}


def __getattr__(name: str) -> Any:
    """Import what `name` is (PEP 562); the rest of the public names are errors."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_HOMES.get(name, ".errors"), __name__)
    value = getattr(module, "VERSION" if name == "__version__" else name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

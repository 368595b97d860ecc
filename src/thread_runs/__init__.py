"""A client for one operation, *modify run*, generated from its OpenAPI contract."""

from thread_runs_client.contract import VERSION
from thread_runs_client.models import Run
from thread_runs_client.types import UNSET, UnknownObject

from .client import AsyncClient, Client
from .errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ThreadRunsError,
    UnprocessableEntityError,
)

__version__ = VERSION

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
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "Run",
    "ThreadRunsError",
    "UnknownObject",
    "UnprocessableEntityError",
    "__version__",
]

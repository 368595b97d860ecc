"""What both clients share: their settings, and how a call is prepared and its response read."""

import dataclasses
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from thread_runs_client.facts import SERVER_URL
from thread_runs_client.sending import RawResponse
from thread_runs_client.types import UNSET, Unset

from ._call import Call, default_timeouts
from ._config import Config
from ._connections import Connections
from ._errors import ThreadRunsError
from ._reading import Reader
from ._request_limits import check_request
from ._settings import Setting

if TYPE_CHECKING:
    from thread_runs_client.requests import Request
    from thread_runs_client.sending import CallOptions

    from ._http_library import (
        AnyTimeout,
        AnyURL,
    )

    Timeout = float | AnyTimeout | None
    ApiKey = str | Callable[[], str | Awaitable[str]] | None

T = TypeVar("T")
Responses = Literal["tolerant", "strict"]

_NO_KEY = (
    "The API key is missing: pass api_key=..., or set the environment variable OPENAI_API_KEY. "
    "For a server that takes no key pass api_key=None."
)


class BaseClient:
    """The settings, which `Client` and `AsyncClient` share."""

    _config: Config
    _connections: Connections
    _owns_connections: bool
    _reader: Reader
    _closed = False

    api_key: Setting[Any, "ApiKey"] = Setting("The key, the function that returns it, or None.")
    base_url: Setting[str, "str | AnyURL"] = Setting("Where the server is.")
    organization: Setting[str | None, str | None] = Setting("The value of the header `OpenAI-Organization`.")
    project: Setting[str | None, str | None] = Setting("The value of the header `OpenAI-Project`.")
    max_retries: Setting[int, int] = Setting("How often a failed call is repeated.")
    deadline: Setting[float | None, float | None] = Setting("Seconds that a whole call may take.")
    default_headers: Setting[Mapping[str, str], Mapping[str, str]] = Setting("The headers of every request.")
    default_query: Setting[Mapping[str, Any], Mapping[str, Any]] = Setting("The query parameters of every request.")
    strict: Setting[bool, bool] = Setting("Whether the limits of the spec are checked before sending.")
    responses: Setting[Responses, Responses] = Setting("Whether responses that do not conform to the spec are errors.")
    max_response_bytes: Setting[int, int] = Setting("The most bytes of a body that are read.")

    def _set_up(
        self, kind: str, transport: Any, http_client: Any, connections: dict[str, Any], **settings: Any
    ) -> None:
        self._connections = Connections(kind, transport=transport, http_client=http_client, **connections)
        self._owns_connections = True
        self._reader = Reader()
        key = settings.pop("api_key")
        if isinstance(key, Unset):
            key = os.environ.get("OPENAI_API_KEY")
            if not key:
                raise ThreadRunsError(_NO_KEY)
        for name, variable in {"organization": "OPENAI_ORG_ID", "project": "OPENAI_PROJECT_ID"}.items():
            settings[name] = settings[name] or os.environ.get(variable) or None
        self._config = Config(
            library=self._connections.library,
            api_key=key,
            base_url=settings.pop("base_url") or os.environ.get("OPENAI_BASE_URL") or SERVER_URL,
            default_headers=dict(_mapping("default_headers", settings.pop("default_headers"))),
            default_query=dict(_mapping("default_query", settings.pop("default_query"))),
            **settings,
        )

    @property
    def timeout(self) -> "Timeout":
        """The timeout of each step of a call: seconds, None, or a timeout object of httpx or httpx2."""
        if not isinstance(self._config.timeout, Unset):
            return self._config.timeout
        timeout: Timeout = self._connections.library.Timeout(**default_timeouts(self._config, self._connections))
        return timeout

    @timeout.setter
    def timeout(self, value: "Timeout") -> None:
        self._change(timeout=value)

    @property
    def is_closed(self) -> bool:
        """Whether this client or its HTTP client has been closed."""
        return self._closed or self._connections.is_closed

    def with_options(
        self,
        *,
        api_key: "ApiKey | Unset" = UNSET,
        base_url: "str | AnyURL | Unset" = UNSET,
        organization: str | Unset | None = UNSET,
        project: str | Unset | None = UNSET,
        timeout: "Timeout | Unset" = UNSET,
        max_retries: int | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
        default_headers: Mapping[str, str] | None = None,
        set_default_headers: Mapping[str, str] | None = None,
        default_query: Mapping[str, Any] | None = None,
        set_default_query: Mapping[str, Any] | None = None,
        strict: bool | Unset = UNSET,
        responses: Responses | Unset = UNSET,
        max_response_bytes: int | Unset = UNSET,
    ) -> Self:
        """Return another client with some settings changed. It shares the connections of this one.

        `default_headers` and `default_query` are added to those of this client; `set_default_headers` and
        `set_default_query` replace them. Closing this client closes the connections; closing the other one does not.
        """
        changes: dict[str, Any] = {
            "api_key": api_key,
            "base_url": base_url,
            "organization": organization,
            "project": project,
            "timeout": timeout,
            "max_retries": max_retries,
            "deadline": deadline,
            "strict": strict,
            "responses": responses,
            "max_response_bytes": max_response_bytes,
        }
        changes = {name: value for name, value in changes.items() if not isinstance(value, Unset)}
        for name, added, replaced in (
            ("default_headers", default_headers, set_default_headers),
            ("default_query", default_query, set_default_query),
        ):
            if added is not None and replaced is not None:
                raise ValueError(f"only one of {name} and set_{name} can be given")
            if added is not None:
                changes[name] = _united(getattr(self._config, name), _mapping(name, added), name == "default_headers")
            elif replaced is not None:
                changes[name] = dict(_mapping(f"set_{name}", replaced))
        other = object.__new__(type(self))
        other._connections = self._connections
        other._owns_connections = False
        other._reader = self._reader
        other._closed = self._closed
        other._config = self._config
        other._change(**changes)
        return other

    copy = with_options

    def _change(self, **changes: Any) -> None:
        self._config = dataclasses.replace(self._config, **changes)

    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(type(self), name) and not name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no setting {name!r}")
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        # A client whose constructor raised has no settings. Tools that show local variables may still print it.
        config = getattr(self, "_config", None)
        return f"{type(self).__name__}({'' if config is None else f'base_url={config.base_url!r}'})"

    def __reduce__(self) -> str:
        raise TypeError(
            f"{type(self).__name__} holds a key and connections: do not pickle it, make one where you need it"
        )

    def _prepared(self, request: "Request[Any]", options: "CallOptions") -> Call:
        strict = options.get("strict", UNSET)
        if self._config.strict if isinstance(strict, Unset) else strict:
            check_request(request)
        return Call(self._config, self._connections, request, options, closed=self._closed)

    def _raw(self, request: "Request[T]", response: Any, call: Call) -> RawResponse[T]:
        strict = self._config.responses == "strict"
        return RawResponse(response, partial(self._reader.parse, request, response, strict), call.retries_taken)


def _mapping(option: str, value: Any) -> Mapping[str, Any]:
    """Return `value`, or an empty mapping for None. Raises TypeError if it is something else."""
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(f"{option} must be a mapping of names to values, got {type(value).__name__}")
    return value or {}


def _united(old: Mapping[str, Any], new: Mapping[str, Any], ignore_case: bool) -> dict[str, Any]:
    """Return `old` with the values of `new`, which replace those of the same name."""
    names = {name.lower() if ignore_case else name for name in new}
    kept = {name: value for name, value in old.items() if (name.lower() if ignore_case else name) not in names}
    return {**kept, **new}

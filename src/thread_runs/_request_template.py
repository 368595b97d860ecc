"""The parts of a request that are the same in each attempt of a call: method, address, headers, body."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._config import Config, checked_headers, checked_query
from ._http_library import request_with_content
from ._query import as_text, merged

if TYPE_CHECKING:
    from thread_runs_client.requests import Request

    from ._connections import Connections

_FRAMING = {"content-length", "transfer-encoding"}


class RequestTemplate:
    """The request of a call, from which the request of each attempt is made.

    Args:
        config: the settings of the client.
        connections: the connections of the client.
        request: the request, as the spec describes it.
        given: the options of the call that were given.

    Attributes:
        url: the address, an object of the library.

    Raises:
        TypeError, ValueError: an option, or the address, is not valid.
    """

    def __init__(
        self, config: Config, connections: "Connections", request: "Request[Any]", given: Mapping[str, Any]
    ) -> None:
        self._connections = connections
        self._library = connections.library
        self.method = request.operation.method
        self.url = self._address(config, request, given)
        self._headers = dict(config.headers)
        for name, value in request.headers.items():
            self._headers[name.lower()] = (name, value)
        self._body = _with_extra_body(request.body, given.get("extra_body"))
        if "json" in self._body:
            self._body = {"content": _json_bytes(self._body["json"])}
            self._headers.setdefault("content-type", ("Content-Type", "application/json"))
        if "extra_headers" in given:
            self._headers |= checked_headers("extra_headers", given["extra_headers"])
        content = self._body.get("content")
        self._content = content if isinstance(content, bytes) and not self._headers.keys() & _FRAMING else b""

    @property
    def has_authorization(self) -> bool:
        """Whether the headers of the client or of the call authorize it."""
        return "authorization" in self._headers

    def request(self, http: Any, key: str | None, timeouts: Mapping[str, float | None]) -> Any:
        """Return the request of one attempt, to be sent by `http`, with `key` and `timeouts`."""
        headers = self._headers
        if key is not None:
            headers = {**headers, "authorization": ("Authorization", f"Bearer {key}")}
        extensions = {"timeout": timeouts}
        pairs = tuple(headers.values())
        if self._connections.borrowed:
            same_headers = self._connections.headers(pairs)
            return http.build_request(self.method, self.url, headers=same_headers, extensions=extensions, **self._body)
        if "host" not in headers:
            pairs = (("Host", self.url.netloc.decode("ascii")), *pairs)
        same_headers = self._connections.headers(pairs)
        if self._content:
            return request_with_content(
                self._library, self.method, self.url, same_headers, http.cookies, extensions, self._content
            )
        return self._library.Request(
            self.method, self.url, headers=same_headers, cookies=http.cookies, extensions=extensions, **self._body
        )

    def _address(self, config: Config, request: "Request[Any]", given: Mapping[str, Any]) -> Any:
        extra = checked_query("extra_query", given["extra_query"]) if "extra_query" in given else []
        query = merged(config.query, request.query, extra) if request.query or extra else config.query
        address = config.prefix + request.path + (f"?{as_text(query)}" if query else "")
        try:
            return self._library.URL(address)
        except self._library.InvalidURL as error:
            raise ValueError(f"the address of the request is not valid: {error}") from None


def _with_extra_body(body: Mapping[str, Any], extra: Any) -> Mapping[str, Any]:
    """Return the arguments of the body with the properties of `extra` added; they replace those of the same name."""
    if extra is None:
        return body
    if not isinstance(extra, Mapping):
        raise TypeError(f"extra_body must be a mapping of names to values, got {type(extra).__name__}")
    kind = "data" if "data" in body or "files" in body else "json"
    properties = body.get(kind) or {}
    if "content" in body or not isinstance(properties, Mapping):
        raise TypeError("extra_body can only be added to a body that is an object or a form")
    return {**body, kind: {**properties, **extra}}


def _json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()

"""Finds the operation of a request."""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from thread_runs_mock import errors
from thread_runs_mock.operations import Operation
from thread_runs_mock.recording import text_of
from thread_runs_mock.service import Service
from thread_runs_mock.stores import Key

MAX_PATH = 2000
"""The most bytes of a path; a database cannot index much more."""


# Stands for a slash inside an identifier while the slashes outside are looked at; no text decodes to it.
_SLASH = "\udc2f"


@dataclass(frozen=True, slots=True)
class Route:
    """The operation of a request, the key of its resource and the texts of its path parameters."""

    operation: Operation
    key: Key
    texts: list[str]


class Routes:
    """The paths of a service, as patterns."""

    def __init__(self, service: Service) -> None:
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in service.operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        # OpenAPI: a path without parameters is matched before one with them.
        self._patterns = [
            (_pattern(service.base_path, path), by_path[path])
            for path in sorted(by_path, key=lambda path: path.count("{"))
        ]

    def find(self, method: str, raw_path: bytes) -> Route:
        """Return the route of a request.

        They are decoded once: `a%2Fb` is one identifier.

        Raises:
            ApiError: 404 for an unknown path, 405 for another method, 414 for a path that is too long.
        """
        if len(raw_path) > MAX_PATH:
            raise errors.url_too_long(len(raw_path), MAX_PATH)
        path = decoded = text_of(raw_path)
        if "%" in path:
            try:
                parts = [unquote_to_bytes(part).decode() for part in path.split("/")]
            except UnicodeDecodeError:
                raise errors.unknown_url(method, path) from None
            decoded = "/".join([part.replace("/", _SLASH) for part in parts])
        for pattern, operations in self._patterns:
            if match := pattern.fullmatch(decoded):
                operation = operations.get(method)
                if operation is None:
                    raise errors.wrong_method(method, path, ", ".join(sorted(operations)))
                key, *texts = match.groups()
                if decoded is path:
                    return Route(operation, key, texts)
                texts = [text.replace(_SLASH, "/") for text in texts]
                return Route(operation, operation.key(texts), texts)
        raise errors.unknown_url(method, path)


def _pattern(base_path: str, path: str) -> re.Pattern[str]:
    """Its first group is the key: what leads to the last identifier. Where none is escaped, they are the path."""
    # An empty segment names nothing.
    parts = [r"([^/]+)" if part.startswith("{") else re.escape(part) for part in path.split("/")]
    resource, identifier, action = "/".join(parts).rpartition(r"([^/]+)")
    return re.compile(f"{re.escape(base_path)}({resource}{identifier}){action}")

"""Which operation a request is for."""

import re
from urllib.parse import unquote_to_bytes

from thread_runs_mock import errors
from thread_runs_mock.recording import text_of
from thread_runs_mock.spec import Operation, Spec

MAX_PATH = 2000
"""Bytes of a path; a database cannot index much more."""


# Stands for a slash inside an identifier while the slashes outside are looked at; no text decodes to it.
_SLASH = "\udc2f"


class Routes:
    """The paths of a spec, as patterns."""

    def __init__(self, spec: Spec) -> None:
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in spec.operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        # OpenAPI: a path without parameters is matched before one with them.
        self._patterns = [
            (_pattern(spec.base_path + path), by_path[path])
            for path in sorted(by_path, key=lambda path: path.count("{"))
        ]

    def find(self, method: str, raw_path: bytes) -> tuple[Operation, list[str]]:
        """The operation and the texts of its path parameters, decoded once: `a%2Fb` is one identifier.

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
                texts = match.groups()
                return operation, [text.replace(_SLASH, "/") for text in texts] if decoded is not path else list(texts)
        raise errors.unknown_url(method, path)


def _pattern(path: str) -> re.Pattern[str]:
    # An empty segment names nothing.
    parts = [r"([^/]+)" if part.startswith("{") else re.escape(part) for part in path.split("/")]
    return re.compile("/".join(parts))

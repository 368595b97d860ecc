"""Which operation a request is for."""

from urllib.parse import unquote_to_bytes

from thread_runs_mock import errors
from thread_runs_mock.spec import Operation, Spec


class Routes:
    """The paths of a spec, by their number of segments."""

    def __init__(self, spec: Spec) -> None:
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in spec.operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        self._by_length: dict[int, list[tuple[list[str | None], dict[str, Operation]]]] = {}
        # OpenAPI: a path without parameters is matched before one with them.
        for path in sorted(by_path, key=lambda path: path.count("{")):
            segments = [None if part.startswith("{") else part for part in (spec.base_path + path).split("/")]
            self._by_length.setdefault(len(segments), []).append((segments, by_path[path]))

    def find(self, method: str, raw_path: bytes) -> tuple[Operation, list[str]]:
        """The operation and the texts of its path parameters, decoded once: `a%2Fb` is one identifier.

        Raises:
            ApiError: 404 for an unknown path, 405 for another method.
        """
        path = text_of(raw_path)
        try:
            parts = [unquote_to_bytes(part).decode() if "%" in part else part for part in path.split("/")]
        except UnicodeDecodeError:
            raise errors.unknown_url(method, path) from None
        for segments, operations in self._by_length.get(len(parts), []):
            pairs = list(zip(segments, parts, strict=True))
            # An empty segment names nothing.
            if all(part == segment or (segment is None and part) for segment, part in pairs):
                operation = operations.get(method)
                if operation is None:
                    raise errors.wrong_method(method, path, ", ".join(sorted(operations)))
                return operation, [part for segment, part in pairs if segment is None]
        raise errors.unknown_url(method, path)


def text_of(raw_path: bytes) -> str:
    """The path as it was sent, fit for messages and logs."""
    return raw_path.decode("ascii", "backslashreplace")

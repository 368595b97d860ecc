"""The document that the mock serves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from thread_runs_mock.error_bodies import ErrorBodies
from thread_runs_mock.operation_parts import STORED, Role
from thread_runs_mock.operations import Operation, unescaped
from thread_runs_mock.reading import Reader
from thread_runs_mock.stores import Item, Key
from thread_runs_spec import PACKAGED
from thread_runs_spec.document import Spec, SpecError
from thread_runs_spec.servers import Server, servers

DEFAULT_PORT = 4010


@dataclass(frozen=True)
class Service:
    """The served document, with everything derived from it.

    Attributes:
        document: The OpenAPI document.
        source: Its text, as it was read.
        base_path: The path of the server entry that the mock uses.
        error_bodies: Writes errors in the form of the document.
    """

    document: Spec
    source: bytes
    base_path: str
    default_port: int
    operations: tuple[Operation, ...]
    error_bodies: ErrorBodies

    @property
    def title(self) -> str:
        return str(self.document.root["info"].get("title", ""))

    @property
    def version(self) -> str:
        return str(self.document.root["info"].get("version", ""))

    def seeds(self) -> Iterator[Item]:
        """Yield the resources in the examples."""
        for operation in self.operations:
            if operation.role in STORED or operation.role is Role.CREATE:
                yield from self._items(operation, operation.examples)
            elif operation.listing is not None:
                for example in operation.examples:
                    yield from self._items(operation, operation.listing.resources(example))

    def _items(self, operation: Operation, resources: Iterable[Any]) -> Iterator[Item]:
        homes = [home for home in self._homes if home.path == operation.resource_path]
        for resource in resources:
            if homes and (values := homes[0].identity(resource)):
                yield homes[0].item(values, resource)

    @cached_property
    def _homes(self) -> list[Operation]:
        return [each for each in self.operations if each.role in STORED and each.path == each.resource_path]

    def home(self, resource: Any) -> tuple[Operation, list[str]] | None:
        """Return an operation on a resource, and the identifiers for its path."""
        homes = [(operation, values) for operation in self._homes if (values := operation.identity(resource))]
        longest = max((len(values) for _, values in homes), default=0)
        homes = [home for home in homes if len(home[1]) == longest]
        if len({operation.path for operation, _ in homes}) > 1:
            # Resources of several kinds may carry the same identifiers.
            homes.sort(key=lambda home: home[0].response is not None and not home[0].response.is_valid(resource))
        return next(iter(homes), None)

    def home_at(self, key: Key) -> tuple[Operation, list[str]] | None:
        """Return an operation on the resource with this key, and the identifiers in its path."""
        parts = key.split("/")
        for operation in self._homes:
            template = operation.path.split("/")
            if len(template) == len(parts) and all(
                segment.startswith("{") or segment == part for segment, part in zip(template, parts, strict=True)
            ):
                named = [part for segment, part in zip(template, parts, strict=True) if segment.startswith("{")]
                return operation, [unescaped(part) for part in named]
        return None


def load(path: str | Path | None = None) -> Service:
    """Read a document, by default the one that this package serves.

    Raises:
        SpecError: The file cannot be read, is not an OpenAPI document, or cannot be served.
    """
    path = Path(path or PACKAGED)
    try:
        return _read(str(path), path.read_bytes())
    except OSError as error:
        raise SpecError(str(path), error.strerror or str(error)) from None


@lru_cache(maxsize=8)
def _read(name: str, source: bytes) -> Service:
    """The service of a document. Tests start a mock many times with the same one."""
    try:
        document = Spec.parse(name, source.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SpecError(name, "not UTF-8 text") from None
    server = _local_server(document)
    port = server.variables.get("port", "")
    reader = Reader(document)
    return Service(
        document=document,
        source=source,
        base_path=server.base_path,
        default_port=int(port) if port.isdecimal() else DEFAULT_PORT,
        operations=reader.operations(),
        error_bodies=reader.error_bodies(),
    )


def _local_server(document: Spec) -> Server:
    """The entry with a port to choose, or else the first."""
    entries = servers(document.at(()))
    return next((server for server in entries if "port" in server.variables), entries[0])

"""Documented responses, which a request or a script can ask for instead of the usual one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from thread_runs_mock import strict_json
from thread_runs_mock.samples import samples
from thread_runs_spec import operations as written
from thread_runs_spec import schemas
from thread_runs_spec.content import MediaType

# These depend on the request.
_OWN_HEADERS = frozenset({"x-request-id", "content-length", "content-type"})


@dataclass(frozen=True)
class Documented:
    """One documented response of an operation, with one of its examples.

    Attributes:
        status_key: The status as the document has it: `429`, `5XX` or `default`.
        status: The status, or of several the first.
        example: The example's name; empty if it has none.
        headers: The documented headers that have an example, and the content type.
    """

    status_key: str
    status: int
    example: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def covers(self, code: int) -> bool:
        """Return whether the response documents a status."""
        if self.status_key.isdecimal():
            return code == self.status
        return self.status_key == "default" or code // 100 == self.status // 100


@dataclass(frozen=True)
class Choice:
    """The choice of a documented response: by status, by the name of its example, or by both."""

    code: int | None = None
    example: str | None = None

    def __str__(self) -> str:
        parts = [f"code={self.code}"] if self.code is not None else []
        return ", ".join([*parts, f"example={self.example}"] if self.example is not None else parts)

    def find(self, responses: Iterable[Documented]) -> tuple[int, Documented] | None:
        """Return the status and the first documented response that fits, or None."""
        for response in responses:
            if self.code is not None and not response.covers(self.code):
                continue
            if self.example in (None, response.example):
                return self.code or response.status, response
        return None


def documented_responses(operation: written.Operation) -> Iterator[Documented]:
    """Yield every documented response of an operation with each of its examples, in the document's order.

    One without an example has a body made from its schema.
    """
    for response in operation.responses:
        headers = {
            header.name.lower(): value
            for header in response.headers
            if header.name.lower() not in _OWN_HEADERS and (value := _header_example(header)) is not None
        }
        media = response.content.json or next(iter(response.content), None)
        bodies = {"": b""}
        if media is not None:
            headers["content-type"] = "application/json" if "*" in media.name else media.name
            bodies = {example.name: encoded(example.value, media) for example in media.examples}
            if not bodies:
                bodies = {"": _made(media)}
        pairs = tuple((name.encode(), value.encode()) for name, value in headers.items())
        for name, body in bodies.items():
            yield Documented(response.status, response.code, name, pairs, body)


def listing(responses: Iterable[Documented]) -> str:
    """Return the documented statuses with their examples: `200 (documented, queued), 429 (rateLimit)`."""
    names: dict[str, list[str]] = {}
    for response in responses:
        known = names.setdefault(response.status_key, [])
        if response.example and response.example not in known:
            known.append(response.example)
    return ", ".join(f"{status} ({', '.join(known)})" if known else status for status, known in names.items())


def encoded(value: Any, media: MediaType) -> bytes:
    """Return the bytes of an example."""
    return value.encode() if isinstance(value, str) and not media.is_json else strict_json.encode(value)


def _made(media: MediaType) -> bytes:
    if media.schema is None:
        return b""
    value = next(samples(media.schema))
    return encoded(value, media) if media.is_json or isinstance(value, str) else b""


def _header_example(header: written.Header) -> str | None:
    values = [example.value for example in header.examples]
    if header.schema is not None:
        found = schemas.keywords(header.schema)
        values += [found.get("example"), found.get("default")]
        if header.required:
            values.append(next(samples(header.schema)))
    value = next((value for value in values if value is not None), None)
    return value if value is None or isinstance(value, str) else strict_json.encode(value).decode()

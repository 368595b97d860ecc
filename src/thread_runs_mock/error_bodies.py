"""The response to a rejected request, in the form that the spec documents for its status."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

from thread_runs_mock import strict_json
from thread_runs_mock.error_forms import Form, read_form
from thread_runs_mock.errors import ApiError, InvalidRequestError
from thread_runs_mock.messages import JSON, Pairs, Response
from thread_runs_mock.operations import Operation
from thread_runs_mock.validation import Schemas
from thread_runs_spec import media_types
from thread_runs_spec import operations as written
from thread_runs_spec.content import MediaType
from thread_runs_spec.document import Pointer

MESSAGE_HEADER = b"x-mock-error"
"""Holds the message of an error whose documented body has no place for it."""
_LONGEST = 1000
"""Characters of a message in a header."""
_UNPROCESSABLE = 422


class ErrorBodies:
    """Writes the errors of the operations of a document.

    An error has the body that the operation documents for its status: for the status itself, its class (`4XX`) or
    `default`. If the operation does not document the status, the error has the form of the operation's other errors, or
    else the form that most operations of the document use. If the document has no error body at all, the error has the
    envelope of this package's spec.
    """

    def __init__(self, operations: Sequence[written.Operation], schemas: Schemas) -> None:
        self._operations = {(operation.method, operation.path): operation for operation in operations}
        self._schemas = schemas
        self._forms: dict[tuple[Pointer, bool], Form | None] = {}

    def response(self, error: ApiError, operation: Operation | None) -> Response:
        """Return the response for an error.

        If the message does not fit in the body, the header `x-mock-error` holds it.

        Args:
            operation: The operation that was requested; None if the request matches no operation.
        """
        declared = None if operation is None else self._operations[operation.method, operation.path]
        status = error.status
        documented = declared.response(status) if declared is not None else None
        if documented is None and declared is not None and isinstance(error, InvalidRequestError):
            documented = declared.response(_UNPROCESSABLE)
            status = status if documented is None else _UNPROCESSABLE
        response = documented or self._similar(declared, status)
        headers: Pairs
        if response is None:
            headers, body, has_message = JSON, strict_json.encode(error.envelope), True
        else:
            headers, body, has_message = self._written(response, error, status, own=response is documented)
        if operation is not None and documented is not None:
            headers += _required_headers(operation, documented, {name for name, _ in error.headers})
        headers += tuple(error.headers)
        if not has_message:
            headers += ((MESSAGE_HEADER, json.dumps(str(error)[:_LONGEST])[1:-1].encode()),)
        return Response(status, headers, body)

    def _similar(self, operation: written.Operation | None, status: int) -> written.Response | None:
        """The documented error whose form an undocumented one gets."""
        own = _errors(operation) if operation is not None else ()
        same_status = [each for each in self._all if each.status == str(status)]
        return next(iter(own), None) or next(iter([*same_status, *self._all]), None)

    @cached_property
    def _all(self) -> list[written.Response]:
        """The errors of all operations that have a body, the most common form first."""
        found = [each for operation in self._operations.values() for each in _errors(operation)]
        counts = Counter(_media(each).node.pointer for each in found)
        return sorted(found, key=lambda each: -counts[_media(each).node.pointer])

    def _written(
        self, response: written.Response, error: ApiError, status: int, *, own: bool
    ) -> tuple[Pairs, bytes, bool]:
        """Return the content type, the body, and whether the body holds the message.

        Args:
            own: Whether the response documents this very status.
        """
        if not response.content:
            return (), b"", False
        media = _media(response)
        name = media.name if "*" not in media.name else "application/json" if media.is_json else "text/plain"
        headers: Pairs = JSON if name == "application/json" else ((b"content-type", name.encode()),)
        if name.startswith("text/"):
            return headers, str(error).encode(), True
        if not media.is_json:
            example = next((example.value for example in media.examples), "")
            return headers, example.encode() if isinstance(example, str) else b"", False
        form = self._form(media, own=own and response.status.isdecimal())
        if form is None or (form.is_envelope and form.is_valid(error.envelope)):
            return headers, strict_json.encode(error.envelope), True
        body, has_message = form.filled(error, status)
        return headers, strict_json.encode(body), has_message

    def _form(self, media: MediaType, *, own: bool) -> Form | None:
        key = media.node.pointer, own
        if key not in self._forms:
            self._forms[key] = read_form(
                media.schema,
                [example.value for example in media.examples],
                self._schemas.validator,
                own=own,
                problem=media_types.essence(media.name) == "application/problem+json",
            )
        return self._forms[key]


def _errors(operation: written.Operation) -> Iterator[written.Response]:
    """Yield the documented client errors that have a body."""
    for response in operation.responses:
        if (response.status.startswith("4") or response.status == "default") and response.content:
            yield response


def _media(response: written.Response) -> MediaType:
    return response.content.json or next(iter(response.content))


def _required_headers(operation: Operation, response: written.Response, given: set[bytes]) -> Pairs:
    """The required headers of the documented response that the error does not set itself."""
    names = {header.name.lower().encode() for header in response.headers if header.required} - given
    documented = next(each for each in operation.documented if each.status_key == response.status)
    return tuple(header for header in documented.headers if header[0] in names - {b"content-type"})

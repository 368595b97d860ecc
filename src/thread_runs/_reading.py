"""Parses responses, and reports where they do not conform to the spec."""

from typing import TYPE_CHECKING, Any, TypeVar

from ._errors import APIResponseValidationError, NonConformingResponseWarning
from ._warnings import warn_caller

if TYPE_CHECKING:
    from thread_runs_client.requests import Request

    from ._http_library import AnyResponse

T = TypeVar("T")

_MOST_SHOWN = 10


class Reader:
    """Parses the responses to one client and its copies. Threads may share it."""

    def __init__(self) -> None:
        self._warned: set[frozenset[str]] = set()

    def parse(self, request: "Request[T]", response: "AnyResponse", strict: bool) -> T:
        """Return the result of `response`.

        Missing fields and values of another type cause one NonConformingResponseWarning for each set of fields; with
        `strict`, they are an error.

        Raises APIResponseValidationError if the body cannot be read as what the spec describes.
        """
        problems: list[Any] = []
        try:
            result = request.parse(response, problems)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            text = f"the body is not what the spec describes: {error.args[0] if error.args else error}"
            raise APIResponseValidationError(text, response=response) from None
        if problems:
            self._report(problems, response, strict)
        return result

    def _report(self, problems: list[Any], response: "AnyResponse", strict: bool) -> None:
        # All items of an array may have the same problem.
        different = list(dict.fromkeys(map(str, problems)))
        shown = different[:_MOST_SHOWN]
        if len(different) > len(shown):
            shown.append(f"and {len(different) - len(shown)} more")
        text = "; ".join(shown)
        if strict:
            raise APIResponseValidationError(f"the body does not conform to the spec: {text}", response=response)
        fields = frozenset(problem.path for problem in problems)
        if fields not in self._warned:
            self._warned.add(fields)
            host = response.request.url.host
            message = f"The server {host} sent a response that does not conform to the spec: {text}."
            warn_caller(message, NonConformingResponseWarning)

# Generated from openapi.yaml by `make generate`. Do not edit.
"""Operations as data, and the request of an operation for the arguments of a call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from .bodies import Body, body_of
from .parameters import Parameter, path_segment, query_pairs, simple
from .types import UNSET
from .writing import sendable

if TYPE_CHECKING:
    import httpx
    import httpx2

    from .paging import Paging

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Parse(Protocol[T_co]):
    """Returns the result of a response, and appends to `problems` what does not conform to the spec."""

    def __call__(self, response: "httpx.Response | httpx2.Response", problems: list[Any]) -> T_co: ...


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """One request as the spec describes it. The client adds its base URL, its credentials and the options.

    Attributes:
        operation: what the spec says about the operation.
        path: the percent-encoded path, which begins with `/`.
        query: names and values of the query, in order, not yet encoded.
        headers: the headers that the spec describes.
        body: the body as keyword arguments of `httpx.Client.build_request`: nothing, or `json`, or `content`, or
            `data` with or without `files`.
        values: the parameters by their argument's name, and the body under `None`, as JSON values. The client
            compares them with the limits of the spec before it sends.
        parse: returns the result of a response with a success status, and appends to a list what does not conform to
            the spec. Raises ValueError if the body is something else altogether.
    """

    operation: "Operation"
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: dict[str, Any]
    values: Mapping[str | None, Any] = field(repr=False)
    parse: "Parse[T]" = field(repr=False)


@dataclass(frozen=True)
class Operation:
    """What the spec says about one operation.

    Attributes:
        id: the operationId.
        group: where the method is: `("beta", "threads", "runs")` for `client.beta.threads.runs`.
        name: the name of the method.
        function: the name of the function in `responses` that parses its response.
        path: the path template.
        accept: the media type to ask for; empty if the response has only one.
        deprecated: why the operation is deprecated; empty if it is not.
        shown: the properties of the result that the command line shows (`x-cli-show`).
    """

    id: str
    group: tuple[str, ...]
    name: str
    function: str
    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    accept: str = ""
    summary: str = ""
    description: str = ""
    deprecated: str = ""
    paging: "Paging | None" = None
    shown: tuple[str, ...] = ()

    def request(self, arguments: Mapping[str, Any], parse: Parse[T]) -> Request[T]:
        """Return the request for the arguments of a call.

        Raises ValueError if a path parameter would address another resource, or something is not a file.
        """
        path = self.path
        query: list[tuple[str, str]] = []
        headers: dict[str, str] = {"Accept": self.accept} if self.accept else {}
        cookies: list[tuple[str, str]] = []
        values: dict[str | None, Any] = {}
        for parameter in self.parameters:
            value = parameter.default
            if parameter.argument is not None:
                value = sendable(arguments.get(parameter.argument, value))
            if value is UNSET or (value is None and parameter.location != "path"):
                continue
            if parameter.location == "path":
                path = path.replace("{" + parameter.name + "}", path_segment(parameter, value))
            elif parameter.location == "query":
                query += query_pairs(parameter, value)
            elif parameter.location == "header":
                headers[parameter.name] = simple(parameter, value)
            else:
                cookies.append((parameter.name, simple(parameter, value)))
            if parameter.argument is not None:
                values[parameter.argument] = value
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies)
        body: dict[str, Any] = {}
        if self.body is not None:
            body = body_of(self.body, arguments, headers, values)
        return Request(self, path, query, headers, body, values, parse)

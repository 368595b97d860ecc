"""Valid requests through a generated package, if it can express them.

Packages in two forms are understood: those that this project generates, and those of openapi-python-client as it is.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any, Protocol

import httpx

from thread_runs_conformance.credentials import Credentials
from thread_runs_conformance.exchange import same_json
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.options import OptionsError
from thread_runs_conformance.values.samples import parameter_value
from thread_runs_conformance.wire import Wire

ABSENT: Any = object()
"""No body at all."""


class NotExpressibleError(Exception):
    """The generated package has no way to send this request; nothing was sent."""


class GeneratedClient(Protocol):
    """Sends requests through a generated package."""

    def call(self, operation: Operation, values: Mapping[str, str], body: Any, *, asynchronous: bool) -> Any:
        """Send a request and return the parsed response; None if it is not a success.

        Raises:
            NotExpressibleError: The package cannot express the request.
            Exception: Whatever the package raises.
        """

    def close(self) -> None:
        """Close all connections."""


def generated_client(package: str, wire: Wire, credentials: Credentials) -> GeneratedClient:
    """The client of a generated package.

    Raises:
        OptionsError: The package cannot be imported.
    """
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise OptionsError(f"--client names a package that cannot be imported: {error}") from None
    if find_spec(f"{package}.operations") is not None:
        return _OurClient(package, wire, credentials)
    return _StockClient(package, wire, credentials)


class _OurClient:
    """A client that this project generated: its operations are data."""

    def __init__(self, package: str, wire: Wire, credentials: Credentials) -> None:
        self._wire = wire
        self._credentials = credentials
        timeout = httpx.Timeout(wire.timeout)
        self._sync = httpx.Client(transport=wire.transport(), timeout=timeout)
        self._async = httpx.AsyncClient(transport=wire.async_transport(), timeout=timeout)
        operations = importlib.import_module(f"{package}.operations").OPERATIONS
        self._responses = importlib.import_module(f"{package}.responses")
        self._operations = {_plain(operation.id): operation for operation in operations}

    def call(self, operation: Operation, values: Mapping[str, str], body: Any, *, asynchronous: bool) -> Any:
        generated = self._operations.get(_plain(operation.id))
        if generated is None:
            raise NotExpressibleError(f"the generated package has no operation {operation.id}")
        parse = getattr(self._responses, generated.function)
        request = generated.request(self._arguments(generated, operation, values, body), parse)
        if not same_json(request.body.get("json", ABSENT), body):
            raise NotExpressibleError("the typed request says something else")
        headers, query = self._credentials.applied(operation)
        sent = {
            "method": generated.method,
            "url": self._wire.base_url + request.path,
            "params": [*request.query, *query.items()],
            "headers": {**headers, **request.headers},
            **request.body,
        }
        response = self._wire.run(self._async.request(**sent)) if asynchronous else self._sync.request(**sent)
        return parse(response, []) if response.is_success else None

    def _arguments(self, generated: Any, operation: Operation, values: Mapping[str, str], body: Any) -> dict[str, Any]:
        known = {_plain(name): value for name, value in values.items()}
        others = {_plain(each.name): each for each in operation.parameters if each.written.location != "path"}
        arguments: dict[str, Any] = {}
        for parameter in generated.parameters:
            name = _plain(parameter.name)
            if parameter.argument is None:
                continue
            if name in known:
                arguments[parameter.argument] = known[name]
            elif parameter.required and name in others:
                arguments[parameter.argument] = parameter_value(others[name])
        if body is ABSENT:
            return arguments
        properties = generated.body.properties if generated.body is not None else ()
        if not properties:
            return {**arguments, "body": body}
        if not isinstance(body, dict):
            raise NotExpressibleError("the body has no class of its own")
        names = {one.name: one.argument for one in properties}
        return arguments | {names[name]: value for name, value in body.items() if name in names}

    def close(self) -> None:
        self._sync.close()
        self._wire.run(self._async.aclose())


class _StockClient:
    """A client of the unmodified openapi-python-client: a module with functions for each operation."""

    def __init__(self, package_name: str, wire: Wire, credentials: Credentials) -> None:
        package = importlib.import_module(package_name)
        self._wire = wire
        common: dict[str, Any] = {
            "base_url": wire.base_url,
            "timeout": httpx.Timeout(wire.timeout),
            "headers": dict(credentials.headers),
        }
        if credentials.bearer:
            common["token"] = credentials.bearer
        make = package.AuthenticatedClient if credentials.bearer else package.Client
        query = dict(credentials.query)
        self._sync = make(**common, httpx_args={"transport": wire.transport(), "params": query})
        self._async = make(**common, httpx_args={"transport": wire.async_transport(), "params": query})
        api = importlib.import_module(f"{package_name}.api")
        self._modules = {
            _plain(info.name.rpartition(".")[2]): info.name
            for info in pkgutil.walk_packages(api.__path__, f"{package_name}.api.")
            if not info.ispkg
        }

    def call(self, operation: Operation, values: Mapping[str, str], body: Any, *, asynchronous: bool) -> Any:
        name = self._modules.get(_plain(operation.id))
        if name is None:
            raise NotExpressibleError(f"the generated package has no function for {operation.id}")
        module = importlib.import_module(name)
        function = module.asyncio_detailed if asynchronous else module.sync_detailed
        arguments = self._arguments(function, operation, values, body)
        if asynchronous:
            return self._wire.run(function(client=self._async, **arguments)).parsed
        return function(client=self._sync, **arguments).parsed

    def _arguments(
        self, function: Callable[..., Any], operation: Operation, values: Mapping[str, str], body: Any
    ) -> dict[str, Any]:
        signature = inspect.signature(function, eval_str=True).parameters
        known = {_plain(name): value for name, value in values.items()}
        others = {_plain(each.name): each for each in operation.parameters if each.written.location != "path"}
        arguments: dict[str, Any] = {}
        for name, parameter in signature.items():
            if name == "body":
                if body is not ABSENT:
                    arguments[name] = _typed_body(parameter.annotation, body)
            elif _plain(name) in known:
                arguments[name] = _typed_value(parameter.annotation, known[_plain(name)])
            elif name != "client" and parameter.default is inspect.Parameter.empty and _plain(name) in others:
                arguments[name] = parameter_value(others[_plain(name)])
        return arguments

    def close(self) -> None:
        self._sync.get_httpx_client().close()
        self._wire.run(self._async.get_async_httpx_client().aclose())


def _typed_value(annotation: Any, text: str) -> Any:
    if annotation is str:
        return text
    if annotation not in (int, float) and getattr(annotation, "__name__", "") != "UUID":
        raise NotExpressibleError(f"the path value {text} would have to be a {annotation}")
    try:
        value = annotation(text)
    except ValueError:
        value = None
    if str(value) != text:
        raise NotExpressibleError(f"the path value {text} is not of the type {annotation}")
    return value


def _typed_body(annotation: Any, body: Any) -> Any:
    if not hasattr(annotation, "from_dict"):
        raise NotExpressibleError("the body has no class of its own")
    try:
        typed = annotation.from_dict(body)
        again = typed.to_dict()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotExpressibleError(str(error)) from None
    if not same_json(again, body):
        raise NotExpressibleError("the typed request says something else")
    return typed


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())

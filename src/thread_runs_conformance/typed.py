"""Requests through the generated client: the only way in which valid requests are sent, if it can express them."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from thread_runs_conformance.exchange import same_json
from thread_runs_conformance.spec import Operation
from thread_runs_conformance.wire import Wire

PACKAGE = "thread_runs_client"
ABSENT: Any = object()
"""No body at all."""


class NotExpressibleError(Exception):
    """The typed client has no way to send this request."""


class TypedClient:
    """The functions of the generated package, found by the names in the contract."""

    def __init__(self, wire: Wire, key: str) -> None:
        package = importlib.import_module(PACKAGE)
        self._wire = wire
        common = {"base_url": wire.base_url, "token": key, "timeout": httpx.Timeout(wire.timeout)}
        self._sync = package.AuthenticatedClient(**common, httpx_args={"transport": wire.transport()})
        self._async = package.AuthenticatedClient(**common, httpx_args={"transport": wire.async_transport()})
        api = importlib.import_module(f"{PACKAGE}.api")
        self._modules = {
            _plain(info.name.rpartition(".")[2]): info.name
            for info in pkgutil.walk_packages(api.__path__, f"{PACKAGE}.api.")
            if not info.ispkg
        }

    def call(self, operation: Operation, values: Mapping[str, str], body: Any, *, asynchronous: bool) -> Any:
        """Call the generated function; returns what it parsed.

        Raises:
            NotExpressibleError: It cannot express the request; nothing was sent.
            Exception: Whatever the generated function raises.
        """
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
        examples = {_plain(parameter.name): parameter.example for parameter in operation.parameters}
        arguments: dict[str, Any] = {}
        for name, parameter in signature.items():
            if name == "body":
                if body is not ABSENT:
                    arguments[name] = _typed_body(parameter.annotation, body)
            elif _plain(name) in known:
                arguments[name] = known[_plain(name)]
            elif name != "client" and parameter.default is inspect.Parameter.empty:
                arguments[name] = examples.get(_plain(name))
        return arguments

    def close(self) -> None:
        self._sync.get_httpx_client().close()
        self._wire.run(self._async.get_async_httpx_client().aclose())


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

"""Requests through the generated package: the only way in which valid requests are sent, if it can express them."""

import importlib
import re
from collections.abc import Mapping
from typing import Any

import httpx

from thread_runs_conformance.exchange import same_json
from thread_runs_conformance.spec import Operation
from thread_runs_conformance.wire import Wire

PACKAGE = "thread_runs_client"
ABSENT: Any = object()
"""No body at all."""


class NotExpressibleError(Exception):
    """The generated package has no way to send this request."""


class TypedClient:
    """The operations of the generated package, found by their ids in the spec."""

    def __init__(self, wire: Wire, key: str) -> None:
        self._wire = wire
        headers = {"Authorization": f"Bearer {key}"}
        timeout = httpx.Timeout(wire.timeout)
        self._sync = httpx.Client(transport=wire.transport(), headers=headers, timeout=timeout)
        self._async = httpx.AsyncClient(transport=wire.async_transport(), headers=headers, timeout=timeout)
        operations = importlib.import_module(f"{PACKAGE}.operations").OPERATIONS
        self._responses = importlib.import_module(f"{PACKAGE}.responses")
        self._operations = {_plain(operation.id): operation for operation in operations}

    def call(self, operation: Operation, values: Mapping[str, str], body: Any, *, asynchronous: bool) -> Any:
        """Send the request that the package makes; returns the parsed response, None if its status is no success.

        Raises:
            NotExpressibleError: The package cannot express the request; nothing was sent.
            Exception: Whatever the package raises.
        """
        generated = self._operations.get(_plain(operation.id))
        if generated is None:
            raise NotExpressibleError(f"the generated package has no operation {operation.id}")
        parse = getattr(self._responses, generated.function)
        request = generated.request(self._arguments(generated, operation, values, body), parse)
        if not same_json(request.body.get("json", ABSENT), body):
            raise NotExpressibleError("the typed request says something else")
        sent = {
            "method": generated.method,
            "url": self._wire.base_url + request.path,
            "params": request.query,
            "headers": request.headers,
            **request.body,
        }
        response = self._wire.run(self._async.request(**sent)) if asynchronous else self._sync.request(**sent)
        return parse(response, []) if response.is_success else None

    def _arguments(self, generated: Any, operation: Operation, values: Mapping[str, str], body: Any) -> dict[str, Any]:
        known = {_plain(name): value for name, value in values.items()}
        examples = {_plain(parameter.name): parameter.example for parameter in operation.parameters}
        arguments: dict[str, Any] = {}
        for parameter in generated.parameters:
            if parameter.argument is not None and (parameter.required or _plain(parameter.name) in known):
                name = _plain(parameter.name)
                arguments[parameter.argument] = known.get(name, examples.get(name))
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


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())

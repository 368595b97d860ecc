"""Call every method of the generated client on PYTHONPATH against the mock of its spec, and check what it returns.

Used by `scripts.try_spec`, in a process of its own: the client imports the generated package by its name.
"""

import asyncio
import inspect
import io
import json
import re
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import thread_runs_mock
from thread_runs import APIError, AsyncClient, Client
from thread_runs_client.operations import OPERATIONS, SCHEMAS
from thread_runs_client.paging import AsyncPager, Page
from thread_runs_client.requests import Operation
from thread_runs_spec import operations as spec_operations
from thread_runs_spec.document import Spec
from thread_runs_spec.schemas import json_schema


def sample(schema: Any, depth: int = 0) -> Any:
    """Return a small value for a schema without annotations. Deeper than a few levels only what is required."""
    if not isinstance(schema, dict) or depth > 8:
        return {}
    if "$ref" in schema:
        return sample(SCHEMAS.get(schema["$ref"], {}), depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for union in ("anyOf", "oneOf"):
        if schema.get(union):
            return sample(next((one for one in schema[union] if one != {"type": "null"}), {}), depth + 1)
    value: Any = None
    if schema.get("allOf"):
        parts = [sample(part, depth + 1) for part in schema["allOf"]]
        value = {key: item for part in parts if isinstance(part, dict) for key, item in part.items()} or parts[0]
    kind = schema.get("type", "object" if "properties" in schema else None)
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    if kind == "object":
        properties = schema.get("properties", {})
        own = {name: sample(properties.get(name, {}), depth + 1) for name in schema.get("required", [])}
        return {**(value if isinstance(value, dict) else {}), **own}
    if value is not None:
        return value
    if kind == "array":
        return [sample(schema.get("items", {}), depth + 1) for _ in range(schema.get("minItems", 0))]
    return _scalar(kind, schema)


_FORMATS = {
    "date-time": "2025-01-02T03:04:05Z",
    "date": "2025-01-02",
    "uuid": "12345678-1234-4234-8234-123456789abc",
    "email": "a@example.com",
    "uri": "https://example.com/",
}


def _scalar(kind: Any, schema: dict[str, Any]) -> Any:
    if kind in ("integer", "number"):
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1 if "exclusiveMinimum" in schema else 1)
        step = schema.get("multipleOf", 1)
        return min(max(low, step), schema.get("maximum", float("inf")))
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    if schema.get("format") == "binary":
        return io.BytesIO(b"data")
    text = _FORMATS.get(schema.get("format", ""), "abc")
    wanted = schema.get("pattern")
    if wanted and not re.search(wanted, text):
        candidates = ("a", "A", "1", "abc-1", "2025-01-02", "en", "US", "#ffffff", "12345", "v1", "1.0.0")
        text = next((one for one in candidates if re.search(wanted, one)), text)
    return text.ljust(schema.get("minLength", 0), "a")[: schema.get("maxLength", 1000)]


def arguments(operation: Operation, described: spec_operations.Operation) -> dict[str, Any]:
    """Return the required arguments: the examples of the spec, else samples."""
    examples = {(one.name, one.location): one.examples[0].value for one in described.parameters if one.examples}
    found: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.argument and (parameter.required or (parameter.name, parameter.location) in examples):
            example = examples.get((parameter.name, parameter.location))
            found[parameter.argument] = sample(parameter.schema) if example is None else example
    body = operation.body
    if body is None:
        return found
    if body.properties:
        value = sample(body.schema)
        return found | {one.argument: value.get(one.name, sample({})) for one in body.properties if one.required}
    if body.required:
        found["body"] = {"text": "text", "binary": b"data"}.get(body.kind) or sample(body.schema)
    return found


def method_of(client: Any, operation: Operation) -> Any:
    for name in (*operation.group, operation.name):
        client = getattr(client, name)
    return client


def expected(method: Any) -> Any:
    """Return what the signature of a method declares that it returns, as text."""
    return inspect.signature(method).return_annotation


def fits(value: Any, annotation: str) -> bool:
    """Return whether a value is of the type that an annotation names, as far as its outermost part goes."""
    if isinstance(value, Page):
        return annotation.startswith("Page[") and isinstance(value.response, object)
    names = re.sub(r"\[.*\]", "", annotation.replace("builtins.", ""))
    for name in names.split(" | "):
        kind = {"None": type(None), "Any": object, "Literal": object, "datetime.datetime": object}.get(name)
        if kind is None:
            kind = vars(__import__("builtins")).get(name)
        if kind is float:
            kind = (int, float)
        if kind is None:
            kind = next((one for one in type(value).__mro__ if one.__name__ == name.removesuffix("Model")), None)
        if kind is not None and isinstance(value, kind):
            return True
    return False


async def call_all(path: Path) -> list[str]:
    """Return what went wrong, one line for each method."""
    spec = Spec.parse(path.name, path.read_text("utf-8"))
    described = {one.name: one for one in spec_operations.operations(spec)}
    if not spec.is_31:
        # The mock serves OpenAPI 3.1: the same document, with its schemas written as JSON Schema.
        path = Path(tempfile.mkdtemp()) / "upgraded.json"
        path.write_text(json.dumps({**json_schema(spec, spec.root), "openapi": "3.1.0"}), "utf-8")
    failures = []
    with thread_runs_mock.serve(path) as server:
        client = Client("sk-test", base_url=server.base_url, max_retries=0)
        asynchronous = AsyncClient("sk-test", base_url=server.base_url, max_retries=0)
        for operation in OPERATIONS:
            source = described[operation.id]
            given: Mapping[str, Any] = arguments(operation, source)
            # What is stored is for the tests of the mock: here every call gets its documented success.
            prefer = {"extra_headers": {"Prefer": f"code={source.success_code}"}}
            try:
                method = method_of(client, operation)
                result = method(**given, **prefer)
                if not fits(result, str(expected(method))):
                    failures.append(f"{operation.id}: {type(result).__name__} is not {expected(method)}")
                raw = getattr(parent_of(client, operation).with_raw_response, operation.name)(**given, **prefer)
                raw.parse()
                pending = method_of(asynchronous, operation)(**arguments(operation, source), **prefer)
                later = await pending
                if not isinstance(pending, AsyncPager) and type(later) is not type(result):
                    failures.append(f"{operation.id}: the asynchronous method returns {type(later).__name__}")
            except (APIError, ValueError, TypeError, KeyError, AttributeError) as error:
                failures.append(f"{operation.id}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
        client.close()
        await asynchronous.close()
    return failures


def parent_of(client: Any, operation: Operation) -> Any:
    for name in operation.group:
        client = getattr(client, name)
    return client


def main() -> None:
    warnings.simplefilter("ignore")
    failures = asyncio.run(call_all(Path(sys.argv[1])))
    print(json.dumps({"methods": len(OPERATIONS), "failures": failures}))


if __name__ == "__main__":
    main()

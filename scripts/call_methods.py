"""Call every method of the generated client on PYTHONPATH against the mock of its spec, and check what it returns.

Used by `scripts.try_spec`, in a process of its own: the client imports the generated package by its name.
"""

import asyncio
import builtins
import copy
import inspect
import io
import json
import re
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs

import thread_runs_mock
from thread_runs import APIError, AsyncClient, Client
from thread_runs_client.operations import OPERATIONS
from thread_runs_client.paging import AsyncPager, Page
from thread_runs_client.requests import Operation
from thread_runs_spec import operations as spec_operations
from thread_runs_spec.content import Example
from thread_runs_spec.document import Spec
from thread_runs_spec.schemas import json_schema
from thread_runs_spec.standard_output import tolerate_closed_stdout


class Samples:
    """Small values for the schemas of a document in OpenAPI 3.1."""

    def __init__(self, root: dict[str, Any], *, full: bool = False, member: int = 0) -> None:
        """`full` values have all properties, not only the required ones. `member` chooses among those of a union."""
        self._root = root
        self._full = full
        self._member = member

    def of(self, schema: Any, depth: int = 0) -> Any:
        """Return a value for a schema. Deeper than a few levels it has only what is required."""
        if not isinstance(schema, dict) or depth > 40:
            return {}
        if "$ref" in schema:
            return self.of(self._at(schema["$ref"]), depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        for union in ("anyOf", "oneOf"):
            if schema.get(union) and "properties" not in schema:
                members = [one for one in schema[union] if one != {"type": "null"}] or [{}]
                return self.of(members[self._member % len(members)], depth + 1)
        parts = [self.of(part, depth + 1) for part in schema.get("allOf", [])]
        kind = schema.get("type", "object" if "properties" in schema else None)
        kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
        if kind == "object" or any(isinstance(part, dict) for part in parts):
            merged = {key: item for part in parts if isinstance(part, dict) for key, item in part.items()}
            properties = schema.get("properties", {})
            names = list(properties) if self._full and depth < 4 else schema.get("required", [])
            # A part of an allOf may require what another part describes.
            own = [name for name in names if name in properties or name not in merged]
            return {**{name: self.of(properties.get(name, {}), depth + 1) for name in own}, **merged}
        if parts:
            return parts[0]
        if kind == "array":
            return [
                self.of(schema.get("items", {}), depth + 1) for _ in range(max(schema.get("minItems", 0), depth < 6))
            ]
        return _scalar(kind, schema)

    def _at(self, reference: str) -> Any:
        value: Any = self._root
        for part in reference.split("/")[1:]:
            value = value[part.replace("~1", "/").replace("~0", "~")]
        return value


_MEMBERS = 8
"""Members of a union that are tried: a value of one may be one of another, too, which `oneOf` forbids."""
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


def servable(spec: Spec) -> dict[str, Any]:
    """Return the document as the mock can serve it: in OpenAPI 3.1, with an example of each success."""
    root = {**json_schema(spec, copy.deepcopy(spec.root)), "openapi": "3.1.0"}
    _drop_old_keywords(root)
    for operation in spec_operations.operations(spec):
        if not any(response.is_success or response.status == "default" for response in operation.responses):
            _at(root, operation.node.pointer)["responses"][str(operation.success_code)] = {"description": "Done."}
        for response in operation.responses:
            node = next((one for one in (response.content.json, *response.content) if one is not None), None)
            value = _at(root, node.node.pointer if node is not None else ())
            if node is not None and not (node.examples and all(_is_valid(root, value, one) for one in node.examples)):
                value.pop("examples", None)
                value.pop("example", None)
                made = valid_sample(root, value.get("schema", {})) if node.is_json else "text"
                # Where none could be made the mock tries by itself, and names what it cannot serve.
                if not node.is_json or _accepts(root, value.get("schema", {}), made):
                    value["example"] = made
    return root


def _drop_old_keywords(node: Any) -> None:
    """Remove keywords that only OpenAPI 3.0 has from documents of 3.1, because the mock rejects them."""
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _drop_old_keywords(child)
    for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(node, dict) and isinstance(node.get(keyword), bool):
            del node[keyword]


def _at(root: dict[str, Any], pointer: Sequence[str]) -> Any:
    value: Any = root
    for part in pointer:
        value = value[int(part) if isinstance(value, list) else part]
    return value


def _is_valid(root: dict[str, Any], media_type: dict[str, Any], example: Example) -> bool:
    return _accepts(root, media_type.get("schema", {}), example.value)


def _accepts(root: dict[str, Any], schema: dict[str, Any], value: Any) -> bool:
    whole = {**schema, "components": root.get("components", {})}
    return jsonschema_rs.Draft202012Validator(whole).is_valid(value)


def valid_sample(root: dict[str, Any], schema: Any) -> Any:
    """Return a value that the schema accepts, if a small or a full one does, of any member of its unions."""
    validator = jsonschema_rs.Draft202012Validator({**schema, "components": root.get("components", {})})
    first = None
    for member in range(_MEMBERS):
        for full in (False, True):
            made = Samples(root, full=full, member=member).of(schema)
            first = made if first is None else first
            if validator.is_valid(json.loads(json.dumps(made, default=lambda _: "file"))):
                return made
    return first


def arguments(root: dict[str, Any], operation: Operation, described: spec_operations.Operation) -> dict[str, Any]:
    """Return the required arguments: the examples of the spec, else samples."""
    examples = {
        (one.name, one.location): one.examples[0].value
        for one in described.parameters
        if one.examples and one.schema is not None and _accepts(root, one.schema.value, one.examples[0].value)
    }
    found: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.argument and (parameter.required or (parameter.name, parameter.location) in examples):
            example = examples.get((parameter.name, parameter.location))
            found[parameter.argument] = Samples(root, full=True).of(parameter.schema) if example is None else example
    body = operation.body
    if body is None:
        return found
    if body.properties:
        value = valid_sample(root, body.schema)
        taken = [one for one in body.properties if one.required or one.name in value]
        return found | {one.argument: value.get(one.name, {}) for one in taken}
    if body.required:
        scalar = body.schema.get("type") in ("integer", "number", "boolean")
        whole = None if scalar else {"text": "text", "binary": b"data"}.get(body.kind)
        found["body"] = valid_sample(root, body.schema) if whole is None else whole
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
        kind: Any = {"None": type(None), "Any": object, "Literal": object, "datetime.datetime": object}.get(name)
        if kind is None:
            kind = vars(builtins).get(name)
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
    root = servable(spec)
    path = Path(tempfile.mkdtemp()) / "openapi.json"
    path.write_text(json.dumps(root, ensure_ascii=False), "utf-8")
    failures = []
    with thread_runs_mock.serve(path) as server:
        client = Client("sk-test", base_url=server.base_url, max_retries=0)
        asynchronous = AsyncClient("sk-test", base_url=server.base_url, max_retries=0)
        for operation in OPERATIONS:
            source = described[operation.id]
            given = arguments(root, operation, source)
            # What is stored is for the tests of the mock: here every call gets its documented success.
            prefer = {"extra_headers": {"Prefer": f"code={source.success_code}"}}
            try:
                method = method_of(client, operation)
                result = method(**given, **prefer)
                if not fits(result, str(expected(method))):
                    failures.append(f"{operation.id}: {type(result).__name__} is not {expected(method)}")
                raw = getattr(parent_of(client, operation).with_raw_response, operation.name)(
                    **arguments(root, operation, source), **prefer
                )
                raw.parse()
                pending = method_of(asynchronous, operation)(**arguments(root, operation, source), **prefer)
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
    sys.exit(bool(failures))


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()

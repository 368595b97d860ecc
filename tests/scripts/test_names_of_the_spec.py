"""src/ contains no names of operations, parameters, properties and schemas of the spec: all are derived from it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from thread_runs_spec.document import Spec
from thread_runs_spec.operations import operations

ROOT = Path(__file__).parents[2]
SPEC: dict[str, Any] = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))
DATA = ("example", "examples", "value", "default")

# The names of the conventions for lists and resources in docs/mock.md.
CONVENTIONS = frozenset(
    {"create", "list", "retrieve", "delete", "limit", "order", "after", "before"}
    | {"data", "has_more", "first_id", "last_id"}
)
# Names of the spec that have another meaning in the code, with that meaning.
WORDS = {
    **dict.fromkeys(("description", "name", "object", "parameters", "schema", "type"), "OpenAPI and JSON Schema"),
    "id": "the identifier of a resource, by the conventions of REST",
    "code": "codes of findings, errors and scripted responses",
    "error": "states of cases, and the member of a body that holds an error",
    "message": "the text of an error",
    "param": "the member of the mock's errors that names a parameter",
    "reason": "the member of reports, and a local variable",
    "status": "the status of HTTP",
    "strict": "the option of the client, and the policy of Python's codecs",
}
# Names that are allowed in one file, with the reason.
IN_FILE = {
    ("Run", "thread_runs/__init__.py"): "exported for convenience, as docs/your-own-spec.md says",
    ("created_at", "thread_runs_mock/operations.py"): "one of several names of a time, by the conventions of REST",
    ("created_at", "thread_runs_mock/reading.py"): "one of several names of a time, by the conventions of REST",
    ("metadata", "thread_runs_conformance/command_line.py"): "the option --metadata, which names a kind of map",
    ("Metadata", "thread_runs_mock/building.py"): "the option --metadata, as the status page shows it",
    ("json_schema", "thread_runs_conformance/spec.py"): "a function that returns JSON Schema",
    ("json_schema", "thread_runs_spec/schemas.py"): "a function that returns JSON Schema",
}


def properties(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield from node["properties"]
        for key, value in node.items():
            if key not in DATA:
                yield from properties(value)
    elif isinstance(node, list):
        for value in node:
            yield from properties(value)


@cache
def names() -> frozenset[str]:
    """All names in the spec, except those of the conventions of REST."""
    found = {*properties(SPEC), *SPEC["components"]["schemas"]}
    for item in SPEC["paths"].values():
        for operation in item.values():
            found |= {operation["operationId"], operation["x-fern-sdk-method-name"]}
            found |= set(operation["x-fern-sdk-group-name"])
    document = Spec.parse("openapi.yaml", (ROOT / "openapi.yaml").read_text("utf-8"))
    found |= {parameter.name for operation in operations(document) for parameter in operation.parameters}
    return frozenset(found - CONVENTIONS)


def is_distinctive(name: str) -> bool:
    """Whether a name is not an English word. Then it must not even be a part of a text or an identifier."""
    return bool(re.search(r"[_-]|[a-z][A-Z]", name))


def uses(source: str) -> Iterator[tuple[str, int]]:
    """Yield each name of the spec that is written in the code, and its line. Docstrings and comments are prose."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    plain = {name for name in names() if not is_distinctive(name)}
    distinctive = {name: re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.I) for name in names() - plain}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            if node.value in plain:
                yield node.value, line
            yield from ((name, line) for name, pattern in distinctive.items() if pattern.search(node.value))
        identifiers = (getattr(node, field, None) for field in ("id", "attr", "arg", "name"))
        yield from ((text, line) for text in identifiers if isinstance(text, str) and text in distinctive)


def modules() -> list[Path]:
    return sorted((ROOT / "src").rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_no_name_of_the_spec_is_written_by_hand(path: Path) -> None:
    file = path.relative_to(ROOT / "src").as_posix()
    found = [(name, line) for name, line in uses(path.read_text("utf-8")) if name not in WORDS]
    assert [f"{file}:{line}: {name}" for name, line in found if (name, file) not in IN_FILE] == []


def test_every_exception_is_needed() -> None:
    found = {
        (name, path.relative_to(ROOT / "src").as_posix())
        for path in modules()
        for name, _ in uses(path.read_text("utf-8"))
    }
    assert set(WORDS) <= {name for name, _ in found}
    assert set(IN_FILE) <= found


@pytest.mark.parametrize(
    "source",
    [
        'path = "/threads/{thread_id}"',
        "run.required_action",
        'read(body["metadata"])',
        "def f(thread_id): ...",
        'x = f"{a} modifyRun"',
    ],
)
def test_a_name_of_the_spec_is_found(source: str) -> None:
    assert list(uses(source))


def test_prose_is_ignored() -> None:
    assert list(uses('"""modifyRun changes `metadata`."""\nname = 1  # thread_id')) == []

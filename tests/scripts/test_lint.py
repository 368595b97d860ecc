"""The spec, and the linter that checks it."""

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.lint import lint
from thread_runs_spec.document import Spec

ROOT = Path(__file__).parents[2]
RUN_PATH = "/threads/{thread_id}/runs/{run_id}"


def run_lint(spec: Path) -> tuple[int, str]:
    """Exit status of the command, and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.lint", "--spec", str(spec)], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def test_the_spec_follows_every_rule() -> None:
    assert run_lint(ROOT / "openapi.yaml") == (0, "")


def test_a_finding_names_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "openapi.yaml"
    file.write_text(
        (ROOT / "openapi.yaml").read_text("utf-8").replace("    Usage:\n", "    Usage:\n      title: Use\n"), "utf-8"
    )
    line = file.read_text("utf-8").splitlines().index("    Usage:") + 1
    sentence = "Usage has a title, which the generator ignores: its name is that of the component"
    assert run_lint(file) == (1, f"{file}:{line}: {sentence}\n")
    file.write_text("openapi: 3.1.0\n", "utf-8")
    assert run_lint(file) == (1, f"lint: {file}: `info` is not an object\n")


def schema(document: Any, name: str) -> Any:
    return document["components"]["schemas"][name]


def operation(document: Any) -> Any:
    return document["paths"][RUN_PATH]["post"]


FAULTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "example too long": (
        lambda d: d["components"]["examples"]["ModifyRunDocumented"]["value"]["metadata"].update(k="v" * 513),
        "/components/examples/ModifyRunDocumented/value/metadata/k: example ModifyRunDocumented: ",
    ),
    "example of the wrong type": (
        lambda d: d["components"]["examples"]["RunQueued"]["value"].update(parallel_tool_calls="yes"),
        "/components/examples/RunQueued/value/parallel_tool_calls: example RunQueued: ",
    ),
    "example lacks a property": (
        lambda d: schema(d, "Run")["required"].append("project_id"),
        'example RunDocumented: "project_id" is a required property',
    ),
    "header example": (
        lambda d: d["components"]["headers"]["RetryAfter"].update(example="soon"),
        'RetryAfter/example: example: "soon" is not of type "integer"',
    ),
    "reserved property": (
        lambda d: schema(d, "Run")["properties"].update({"class": {"type": "string", "description": "A class."}}),
        "Run/class: Python reserves this name, so the attribute would be `class_`",
    ),
    "reserved parameter": (
        lambda d: operation(d)["parameters"].append(
            {"name": "from", "in": "query", "schema": {"type": "string", "description": "Where to begin."}}
        ),
        "modifyRun: Python reserves the name `from`, so the argument would be `from_`",
    ),
    "property named like a method": (
        lambda d: schema(d, "Run")["properties"].update({"keys": {"type": "string", "description": "Keys."}}),
        "Run/keys: Python reserves this name, so the attribute would be `keys_`",
    ),
    "nullable": (lambda d: schema(d, "Run")["properties"]["id"].update(nullable=True), "has no `nullable`"),
    "nullable component": (
        lambda d: schema(d, "Metadata").update(type=["object", "null"]),
        "Metadata is nullable",
    ),
    "title": (lambda d: schema(d, "Usage").update(title="Use"), "Usage has a title"),
    "two names": (
        lambda d: d["components"]["schemas"].update(USAGE=copy.deepcopy(schema(d, "Usage"))),
        "USAGE and Usage would become one module",
    ),
    "unused": (
        lambda d: d["components"]["schemas"].update(Extra={"type": "string", "description": "x"}),
        "schemas/Extra is not used",
    ),
    "no description of a schema": (lambda d: schema(d, "Run").pop("description"), "Run has no description"),
    "no description of a property": (
        lambda d: schema(d, "Run")["properties"]["id"].pop("description"),
        "Run/id has no description",
    ),
    "inline object": (
        lambda d: schema(d, "Run")["properties"].update(extra={"type": "object", "description": "x"}),
        "Run/properties/extra: an object or enum without a name",
    ),
    "inline enum": (
        lambda d: schema(d, "Run")["properties"].update(extra={"enum": ["a"], "description": "x"}),
        "Run/properties/extra: an object or enum without a name",
    ),
    "const elsewhere": (
        lambda d: schema(d, "Run")["properties"].update(extra={"const": "a", "description": "x"}),
        "Run/properties/extra: `const` outside the property `type`",
    ),
    "const not first": (
        lambda d: schema(d, "FunctionTool")["properties"].update(
            type=schema(d, "FunctionTool")["properties"].pop("type")
        ),
        "FunctionTool/properties/type: a property with `const` must come first",
    ),
    "property names without a type": (
        lambda d: schema(d, "Metadata")["propertyNames"].pop("type"),
        "`propertyNames` without `type: string`",
    ),
    "open request": (
        lambda d: schema(d, "ModifyRunRequest").pop("additionalProperties"),
        "modifyRun: the request allows unknown properties",
    ),
    "security of the document": (
        lambda d: d.update(security=[{"bearerAuth": []}]),
        "security of the whole document is ignored",
    ),
    "no operationId": (lambda d: operation(d).pop("operationId"), "post has no operationId"),
    "no security": (lambda d: operation(d).pop("security"), "modifyRun has no security"),
    "description of a parameter": (
        lambda d: operation(d)["parameters"][0]["schema"].pop("description"),
        "the parameter thread_id has no description inside its schema",
    ),
    "a method that repeats its group": (
        lambda d: operation(d).pop("x-fern-sdk-method-name"),
        "`client.beta.threads.runs.modify_run` repeats the name of its group",
    ),
    "a method that is no name": (
        lambda d: operation(d).update({"x-fern-sdk-method-name": "update-run"}),
        "'update-run' is not a name in Python: `update_run`",
    ),
    "a reserved method": (
        lambda d: operation(d).update({"x-fern-sdk-method-name": "with_raw_response"}),
        "`beta.threads.runs.with_raw_response` is another method already",
    ),
    "a group that is a member of the client": (
        lambda d: operation(d).update({"x-fern-sdk-group-name": ["close"]}),
        "the client has a member `close`: the group is called `close_`",
    ),
    "an argument that is an option": (
        lambda d: schema(d, "ModifyRunRequest")["properties"].update(timeout={"type": "number", "description": "x"}),
        "`timeout` has a meaning in every call: the argument is called `timeout_`",
    ),
    "two arguments of one name": (
        lambda d: schema(d, "ModifyRunRequest")["properties"].update(run_id={"type": "string", "description": "x"}),
        "two arguments would be called `run_id`: one is called `body_run_id`",
    ),
    "pages of nothing": (
        lambda d: operation(d).update({"x-fern-pagination": {"cursor": "$request.after"}}),
        "x-fern-pagination needs cursor, next_cursor and results",
    ),
    "a body of two media types": (
        lambda d: operation(d)["requestBody"]["content"].update({"text/plain": {"schema": {"type": "string"}}}),
        "the body is sent as application/json, never as text/plain",
    ),
    "no example": (
        lambda d: operation(d)["responses"]["200"]["content"]["application/json"].pop("examples"),
        "has no example",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_rule_reports_its_violation(spec: dict[str, Any], name: str) -> None:
    spoil, sentence = FAULTS[name]
    document = copy.deepcopy(spec)
    spoil(document)
    findings = lint(Spec.parse("openapi.yaml", yaml.safe_dump(document, sort_keys=False)))
    assert [text for _, text in findings if sentence in text], findings


def test_the_documented_run_is_that_of_the_page(examples: dict[str, Any]) -> None:
    # The vendor's own spec rejects it because of `instructions: null` and five more nulls, which servers send.
    documented = examples["RunDocumented"]
    assert documented["id"] == "run_abc123"
    assert [name for name, value in documented.items() if value is None] == [
        *("expires_at", "cancelled_at", "failed_at", "last_error", "instructions", "incomplete_details"),
    ]
    assert "required_action" not in documented


def test_every_status_has_an_example(spec: dict[str, Any], examples: dict[str, Any]) -> None:
    statuses = {value["status"] for name, value in examples.items() if name.startswith("Run")}
    assert statuses == set(schema(spec, "RunStatus")["enum"])


def test_a_parameter_may_have_the_description_of_the_schema_that_it_refers_to(
    spec: dict[str, Any], tmp_path: Path
) -> None:
    document = copy.deepcopy(spec)
    document["components"]["schemas"]["Order"] = {"description": "How to sort.", "type": "string", "enum": ["asc"]}
    by_reference = {"name": "order", "in": "query", "schema": {"$ref": "#/components/schemas/Order"}}
    operation(document)["parameters"].append(by_reference)
    file = tmp_path / "openapi.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    assert run_lint(file) == (0, "")

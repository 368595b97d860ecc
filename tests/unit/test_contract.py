"""The contract itself: what openapi.yaml says, and that its examples keep it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

SPEC: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "openapi.yaml").read_text("utf-8"))
MODIFY_RUN = SPEC["paths"]["/threads/{thread_id}/runs/{run_id}"]["post"]


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = SPEC
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def media_types() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of the contract that has examples, with what it is of."""
    yield from MODIFY_RUN["requestBody"]["content"].items()
    for status, response in MODIFY_RUN["responses"].items():
        for media_type in resolve(response)["content"].values():
            yield status, media_type
        for name, header in resolve(response)["headers"].items():
            header = resolve(header)
            yield f"{status} {name}", {"schema": header["schema"], "examples": {name: {"value": header["example"]}}}
    for parameter in MODIFY_RUN["parameters"]:
        example = {"value": parameter["example"]}
        yield parameter["name"], {"schema": parameter["schema"], "examples": {"example": example}}


EXAMPLES = [
    pytest.param(media_type["schema"], resolve(example)["value"], id=f"{name} {key}")
    for name, media_type in media_types()
    for key, example in media_type["examples"].items()
]


@pytest.mark.parametrize(("schema", "value"), EXAMPLES)
def test_every_example_keeps_its_schema(schema: dict[str, Any], value: Any) -> None:
    document = {**schema, "components": SPEC["components"]}
    jsonschema_rs.Draft202012Validator(document, validate_formats=True).validate(value)


def test_every_example_is_used() -> None:
    text = json.dumps(SPEC["paths"]) + json.dumps(SPEC["components"]["responses"])
    assert [name for name in SPEC["components"]["examples"] if f"#/components/examples/{name}" not in text] == []


def test_every_schema_and_property_is_described() -> None:
    missing = [name for name, schema in SPEC["components"]["schemas"].items() if not schema.get("description")]
    for name, schema in SPEC["components"]["schemas"].items():
        missing += [
            f"{name}.{key}" for key, value in schema.get("properties", {}).items() if "description" not in value
        ]
    assert missing == []


def test_nothing_uses_what_openapi_31_does_not_have() -> None:
    assert '"nullable"' not in json.dumps(SPEC)


def test_every_status_that_looks_different_has_an_example() -> None:
    runs = [value["value"] for name, value in SPEC["components"]["examples"].items() if name.startswith("Run")]
    assert {run["status"] for run in runs} == set(SPEC["components"]["schemas"]["RunStatus"]["enum"])


def test_the_documented_run_is_that_of_the_page() -> None:
    # The vendor's own contract refuses it for `instructions: null` and five more nulls; servers send it.
    documented = SPEC["components"]["examples"]["RunDocumented"]["value"]
    assert documented["id"] == "run_abc123"
    assert [name for name, value in documented.items() if value is None] == [
        *("expires_at", "cancelled_at", "failed_at", "last_error", "instructions", "incomplete_details"),
    ]
    assert "required_action" not in documented

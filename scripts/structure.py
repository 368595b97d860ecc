"""Read an OpenAPI document and check its structure, so that nothing that reads it meets what it cannot be.

The structure is checked against the published schemas of OpenAPI, which openapi-spec-validator ships, and against that
of JSON Schema 2020-12. Importing openapi-spec-validator itself takes longer than most commands.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs

from thread_runs_spec.document import Node, Spec, SpecError
from thread_runs_spec.structure import Kind

_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_LONGEST = 200
_NO_REFERENCE = '"$ref" is a required property'


def read_spec(name: str, text: str) -> Spec:
    """Read YAML or JSON. Raises SpecError, which names the line and the pointer, if it is not valid."""
    spec = Spec.parse(name, text)
    version = ".".join(str(spec.root["openapi"]).split(".")[:2])
    validator = _document_validator(version)
    if validator is None:
        raise SpecError(name, f"OpenAPI {spec.root['openapi']} is not supported: use 3.0, 3.1 or 3.2", ("openapi",))
    _check(validator, spec.at(()))
    if spec.is_31:
        whole: tuple[str, ...] | None = None
        for node, kind in spec.walk():
            # A schema is checked with everything inside it.
            if kind is Kind.SCHEMA and (whole is None or node.pointer[: len(whole)] != whole):
                whole = node.pointer
                _check(_schema_validator(), node)
    return spec


@cache
def _document_validator(version: str) -> jsonschema_rs.Validator | None:
    found = find_spec("openapi_spec_validator")
    assert found is not None
    assert found.origin is not None
    path = Path(found.origin).parent / "resources" / "schemas" / f"v{version}" / "schema.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text("utf-8"))) if path.is_file() else None


@cache
def _schema_validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({"$schema": _SCHEMA, "$ref": _SCHEMA})


def _check(validator: jsonschema_rs.Validator, node: Node) -> None:
    errors = list(validator.iter_errors(node.value))
    if errors:
        # The deepest error is the most specific; many others only follow from it.
        error = max(errors, key=lambda one: len(one.instance_path))
        pointer = (*node.pointer, *map(str, error.instance_path))
        unexpected = getattr(error.kind, "unexpected", [])
        if unexpected and (key := node.spec.find((*pointer, unexpected[0]))):
            raise key.error("OpenAPI has no such field here")
        place = node.spec.find(pointer) or node
        raise place.error(_message(error))


def _message(error: Any) -> str:
    branches = [branch for branch in getattr(error.kind, "context", []) if branch]
    if branches:
        # What was not meant as a reference does not lack one.
        branches = [branch for branch in branches if branch[0].message != _NO_REFERENCE] or branches
        error = min(branches, key=len)[0]
    text = " ".join(str(error.message).split())
    return text if len(text) <= _LONGEST else f"...{text[-_LONGEST:]}"

"""The suite judges the mock of specs with other errors and identifiers, and finds nothing."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from thread_runs_conformance.__main__ import main

PROBLEM = {
    "application/problem+json": {
        "schema": {
            "type": "object",
            "required": ["title", "status"],
            "properties": {"title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}},
            "additionalProperties": False,
        }
    }
}
FLAT = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
        }
    }
}


def document(content: Any, identifier: Any, example: Any) -> Any:
    error = {"description": "It was not done.", **({"content": content} if content else {})}
    thing = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": identifier, "note": {"type": "string", "maxLength": 9}},
    }
    shown = {
        "description": "The thing.",
        "content": {"application/json": {"schema": thing, "example": {"id": example, "note": ""}}},
    }
    answers = {"200": shown, "400": error, "404": error}
    change = {
        "type": "object",
        "properties": {"note": {"type": "string", "maxLength": 9}},
        "additionalProperties": False,
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": identifier}],
                "get": {"operationId": "readThing", "responses": answers},
                "patch": {
                    "operationId": "changeThing",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": change}}},
                    "responses": answers,
                },
            }
        },
    }


@pytest.mark.parametrize(
    ("content", "identifier", "example"),
    [
        (PROBLEM, {"type": "string", "format": "uuid"}, "efdbb9d1-02c2-4bc3-afb7-6788d8782b1e"),
        (FLAT, {"type": "integer"}, 7),
        (None, {"type": "string"}, "thing_1"),
    ],
)
@pytest.mark.parametrize("only", ["readThing", "limits"])
def test_the_mock_of_another_spec_conforms_to_it(
    tmp_path: Path, content: Any, identifier: Any, example: Any, only: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "things.yaml"
    path.write_text(yaml.safe_dump(document(content, identifier, example)), "utf-8")
    status = main(["--spec", str(path), "--profile", "quick", "--only", only])
    assert status == 0, capsys.readouterr().out

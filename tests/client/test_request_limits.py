"""Limits of the spec are checked before sending."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import generate
from thread_runs import AsyncClient, BadRequestError, Client, InvalidRequestError, _keywords, _request_limits
from thread_runs_client.operations import OPERATIONS, SCHEMAS
from thread_runs_client.parameters import Parameter
from thread_runs_client.requests import Operation, Request

from .calling import IGNORE_DEPRECATION, both, update
from .scripted_server import ScriptedServer

pytestmark = IGNORE_DEPRECATION

BAD: list[tuple[Any, list[str]]] = [
    ({f"k{n}": "v" for n in range(17)}, ["metadata: 17 pairs, at most 16 allowed"]),
    ({"k" * 65: "v"}, [f"metadata.{'k' * 65}: the name: 65 characters, at most 64 allowed"]),
    ({"k": "v" * 513}, ["metadata.k: 513 characters, at most 512 allowed"]),
    ({"k": 1}, ["metadata.k: expected a string, got an integer"]),
    ({"k": None}, ["metadata.k: expected a string, got null"]),
    ({"k": True}, ["metadata.k: expected a string, got a boolean"]),
    ({"k": b"v"}, ["metadata.k: expected a string, got a bytes"]),
    ({1: "v"}, ["metadata.1: the name: expected a string, got an integer"]),
    ({"k": "\ud800"}, ["metadata.k: half of a surrogate pair, which is not text"]),
    ({"a\nb": 1}, ["metadata.'a\\nb': expected a string, got an integer"]),
    ({"k" * 200: "v"}, [f"metadata.{'k' * 100}…: the name: 200 characters, at most 64 allowed"]),
    ("abc", ["metadata: expected an object or null, got a string"]),
    (["k", "v"], ["metadata: expected an object or null, got an array"]),
]


@both
@pytest.mark.parametrize(("metadata", "problems"), BAD)
async def test_a_request_that_exceeds_a_limit_is_not_sent(
    server: ScriptedServer, kind: type[Client | AsyncClient], metadata: Any, problems: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"^metadata") as caught:
        await update(kind, server.url, {"metadata": metadata})
    assert isinstance(caught.value, InvalidRequestError)
    assert [f"{problem.key}: {problem.message}" for problem in caught.value.problems] == problems
    assert server.requests == []


def test_every_problem_is_listed_at_once_and_no_value_quoted(server: ScriptedServer) -> None:
    metadata: dict[str, Any] = {f"k{n}": "v" for n in range(15)} | {
        "long": "secret" * 100,
        "number": 4711,
        "x" * 65: "v",
    }
    with Client("k", base_url=server.url) as client, pytest.raises(InvalidRequestError) as caught:
        client.beta.threads.runs.update("run_1", thread_id="thread_1", metadata=metadata)
    assert {problem.key for problem in caught.value.problems} == {
        "metadata",
        "metadata.long",
        "metadata.number",
        "metadata." + "x" * 65,
    }
    assert "secret" not in str(caught.value)
    assert "4711" not in str(caught.value)
    assert str(caught.value).count("; ") == 3


@both
async def test_the_limits_themselves_are_allowed(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run)
    metadata = {f"{n:02}" + "ä" * 62: "漢" * 512 for n in range(16)}
    await update(kind, server.url, {"metadata": metadata})
    assert server.bodies == [{"metadata": metadata}]


@both
async def test_not_strict_leaves_it_to_the_server(server: ScriptedServer, kind: type[Client | AsyncClient]) -> None:
    server.then("400 Bad Request", {"error": {"message": "Too long."}})
    with pytest.raises(BadRequestError, match="Too long"):
        await update(kind, server.url, {"metadata": {"k": "v" * 513}}, strict=False)
    assert server.bodies == [{"metadata": {"k": "v" * 513}}]


def test_every_keyword_of_the_requests_is_checked() -> None:
    def keywords(schema: Any) -> set[str]:
        if not isinstance(schema, dict):
            return set().union(*map(keywords, schema)) if isinstance(schema, list) else set()
        inner = [value for keyword, value in schema.items() if keyword != "properties"]
        return set(schema).union(*map(keywords, [*inner, *schema.get("properties", {}).values()]))

    limits = [one.schema for operation in OPERATIONS for one in (*operation.parameters, operation.body) if one]
    used = set().union(*map(keywords, [*limits, *SCHEMAS.values()]))
    assert used - _keywords.KEYWORDS == set(), "these keywords of the spec are not checked before sending"


def test_the_limits_follow_the_spec(tmp_path: Path, spec: dict[str, Any]) -> None:
    schemas = spec["components"]["schemas"]
    changed = {
        **spec,
        "components": {
            **spec["components"],
            "schemas": {
                **schemas,
                "Metadata": {
                    **schemas["Metadata"],
                    "maxProperties": 2,
                    "minProperties": 1,
                    "propertyNames": {"type": "string", "maxLength": 3, "minLength": 2},
                    "additionalProperties": {"type": "string", "enum": ["a", "b"]},
                },
                "ModifyRunRequest": {
                    **schemas["ModifyRunRequest"],
                    "required": ["priority"],
                    "propertyNames": {"type": "string", "maxLength": 20},
                    "minProperties": 0,
                    "properties": {
                        **schemas["ModifyRunRequest"]["properties"],
                        "priority": {"type": "integer", "minimum": 1, "maximum": 9},
                        "extra": {"type": "object", "additionalProperties": True, "x-internal": 1},
                        "labels": {
                            "type": "array",
                            "uniqueItems": True,
                            "items": {"type": "string", "maxLength": 4},
                            "maxItems": 2,
                        },
                    },
                },
            },
        },
    }
    path = tmp_path / "openapi.yaml"
    path.write_text(yaml.safe_dump(changed, sort_keys=False), "utf-8")
    generate.generate(path, tmp_path / "thread_runs_client")
    program = """
import json, sys
from thread_runs._errors import InvalidRequestError
from thread_runs._request_limits import check_request
from thread_runs_client.operations import MODIFY_RUN
from thread_runs_client.requests import Request
for body in json.loads(sys.argv[1]):
    try:
        check_request(Request(MODIFY_RUN, "/", [], {}, {}, {None: body}, None))
        print("fine")
    except InvalidRequestError as error:
        print(error)
"""
    bodies = """[
        {"priority": 1, "metadata": {"key": "a"}, "labels": ["x"], "extra": {"y": 1}},
        {"metadata": {}, "priority": 0},
        {"metadata": {"k": "c", "long": "a", "abc": "b"}, "priority": 10.5, "labels": ["x", "y", "longer"], "other": 1},
        {"metadata": null, "labels": "x"},
        []
    ]"""
    source = Path(_request_limits.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", program, bodies],
        env={
            **os.environ,
            "PYTHONPATH": f"{tmp_path}:{source}",
        },
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.splitlines() == [
        "fine",
        "metadata: 0 pairs, at least 1 allowed; priority: 0, at least 1 allowed",
        "other: the spec has no such property; metadata: 3 pairs, at most 2 allowed; "
        "metadata.k: the name: 1 characters, at least 2 allowed; "
        "metadata.long: the name: 4 characters, at most 3 allowed; metadata.k: expected one of 'a', 'b'; "
        "priority: expected an integer, got a number; priority: 10.5, at most 9 allowed; "
        "labels[2]: 6 characters, at most 4 allowed; labels: 3 items, at most 2 allowed",
        "labels: expected an array, got a string; priority: is required",
        "the body: expected an object, got an array",
    ]


KEYWORDS: list[tuple[Any, Any, str | None]] = [
    ({"type": "string", "pattern": "^a+$"}, "aaa", None),
    ({"type": "string", "pattern": "^a+$"}, "b", "does not match the pattern ^a+$"),
    # Not a pattern for Python: for the server to check.
    ({"pattern": r"^\p{L}+$"}, "1", None),
    ({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5, None),
    ({"exclusiveMinimum": 0}, 0, "0, more than 0 allowed"),
    ({"exclusiveMaximum": 1}, 1, "1, less than 1 allowed"),
    ({"multipleOf": 5}, 10, None),
    ({"multipleOf": 5}, 12, "expected a multiple of 5"),
    ({"uniqueItems": True}, ["a", "b"], None),
    ({"uniqueItems": True}, ["a", "a"], "an item is given twice"),
    ({"const": "a"}, "a", None),
    ({"const": "a"}, "b", "expected 'a'"),
    ({"anyOf": [{"minLength": 2}, {"minLength": 3, "const": "a"}]}, "b", "1 characters, at least 2 allowed"),
    ({"allOf": [{"minLength": 2}, {"maxLength": 3}]}, "a", "1 characters, at least 2 allowed"),
    ({"oneOf": [{"type": "string"}, {"type": "null"}]}, 1, "expected a string or null, got an integer"),
    ({"anyOf": [True, {"type": "null"}]}, 1, None),
    ({"items": False}, [1], "the spec allows no value here"),
    ({"patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": False}, {"x-a": "1"}, None),
    ({"patternProperties": {"^x-": {"type": "string"}}}, {"x-a": 1}, "expected a string, got an integer"),
    ({"patternProperties": {"^x-": {"type": "string"}}}, {"y": 1}, None),
    ({"patternProperties": {"^x-": {"type": "string"}}}, 1, None),
    ({"type": "string", "format": "binary"}, b"data", None),
]


@pytest.mark.parametrize(("schema", "value", "problem"), KEYWORDS)
def test_a_parameter_is_checked_against_its_schema(schema: Any, value: Any, problem: str | None) -> None:
    parameter = Parameter(argument="value", name="value", location="query", schema=schema)
    operation = Operation("search", ("things",), "search", "search", "GET", "/things", (parameter,))
    request = Request(operation, "/things", [], {}, {}, {"value": value}, lambda response, problems: None)
    if problem is None:
        _request_limits.check_request(request)
    else:
        with pytest.raises(InvalidRequestError) as caught:
            _request_limits.check_request(request)
        assert [one.message for one in caught.value.problems] == [problem]

"""Any OpenAPI 3.1 document is served without a change of code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import thread_runs_mock
from thread_runs_spec import PACKAGED
from thread_runs_spec.document import SpecError, pointer_text

from .conftest import DOCUMENTED, HEADERS

Change = Callable[[Any], None]
WriteSpec = Callable[[Change], Path]
Start = Callable[..., httpx.Client]
RUN = "/threads/{thread_id}/runs/{run_id}"


def respond(schema: Any, **media: Any) -> Any:
    return {"200": {"description": "ok", "content": {"application/json": {"schema": schema, **media}}}}


def grown(document: Any) -> None:
    """The spec with operations that it may gain."""
    paths = document["paths"]
    modify = paths[RUN]["post"]
    identifiers, beta = modify["parameters"][:2], modify["parameters"][2]
    run = {"$ref": "#/components/schemas/Run"}
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/ReplaceRunRequest"}}}
    document["components"]["schemas"]["ReplaceRunRequest"] = {
        "type": "object",
        "properties": {"metadata": {"type": "object"}, "temperature": {}, "model": {}},
    }
    document["security"] = [{"bearerAuth": []}]
    paths[RUN] = {
        "parameters": identifiers,
        "post": {**modify, "parameters": [beta]},
        "get": {"operationId": "retrieveRun", "responses": modify["responses"]},
        "put": {"requestBody": {"required": True, "content": body}, "responses": respond(run)},
        "patch": {"requestBody": {"content": body}, "responses": respond(run)},
        "delete": {
            "security": [],
            "responses": respond(True, example={"id": "run_0", "object": "thread.run.deleted", "deleted": True}),
        },
    }
    paths[RUN + "/cancel"] = {
        "post": {"operationId": "cancelRun", "parameters": identifiers, "responses": modify["responses"]}
    }
    paths[RUN + "/steps"] = {
        "get": {
            "parameters": [
                *identifiers,
                {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                {"name": "ids", "in": "query", "schema": {"type": "array", "maxItems": 2}},
                {"name": "X-Trace", "in": "header", "required": True, "schema": {"maxLength": 3}},
                {"name": "Accept", "in": "header", "required": True, "schema": {"const": "no"}},
                {"name": "theme", "in": "cookie", "required": True, "schema": {"const": "no"}},
            ],
            "responses": respond({"type": "object"}, example={"data": [], "run_id": "run_0"}),
        }
    }
    paths["/threads/{thread_id}/runs"] = {
        "get": {"parameters": identifiers[:1], "responses": respond({"type": "array"}, example=[1])},
        "post": {
            "parameters": identifiers[:1],
            "requestBody": {"content": {"text/csv": {}, "application/*": {}}},
            "responses": {"2XX": respond(run, example=_example(document))["200"]},
        },
    }
    paths["/threads/{thread_id}/runs/latest"] = {
        "get": {"parameters": identifiers[:1], "responses": respond({"type": "string"}, example="latest")}
    }
    paths["/health"] = {"get": {"security": [{}], "responses": {"204": {"description": "well"}}}}
    paths["/threads/{thread_id}"] = {
        "delete": {"parameters": identifiers[:1], "responses": {"204": {"description": "gone"}}},
        "post": {"parameters": identifiers[:1], "responses": {"default": {"description": "done"}}},
        "trace": {"parameters": identifiers[:1], "responses": respond(True, example=1)},
    }
    paths["/days/{day}"] = {
        "get": {
            "parameters": [{"name": "day", "in": "path", "required": True}],
            "responses": respond({"type": "object"}, example={"rain": True}),
        }
    }
    paths["/numbers/{number}"] = {
        "get": {
            "parameters": [{"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "responses": respond({"type": "object"}, examples={"seven": {"value": {"number": 7}}}),
        }
    }


def _example(document: Any) -> Any:
    return document["components"]["examples"]["RunDocumented"]["value"]


def test_operations_on_one_resource_share_it(write_spec: WriteSpec, start: Start, documented_run: Any) -> None:
    client = start(spec=write_spec(grown))
    changed = client.post(DOCUMENTED, json={"metadata": {"k": "v"}}).json()
    assert changed["metadata"] == {"user_id": "user_abc123", "k": "v"}
    assert client.get(DOCUMENTED).json() == changed
    assert client.post(f"{DOCUMENTED}/cancel").json() == changed

    patched = client.patch(DOCUMENTED, json={"temperature": 0.5, "metadata": {"l": "w"}}).json()
    assert patched == {**changed, "temperature": 0.5, "metadata": {**changed["metadata"], "l": "w"}}
    assert client.patch(DOCUMENTED).json() == patched
    assert client.patch(DOCUMENTED, json={"model": 1}).json()["error"]["param"] == "model"
    assert client.get(DOCUMENTED).json() == patched

    replaced = client.put(DOCUMENTED, json={"metadata": {"m": "x"}, "model": "small"}).json()
    without = {name: value for name, value in patched.items() if name != "temperature"}
    assert replaced == {**without, "metadata": {"m": "x"}, "model": "small"}
    assert client.put(DOCUMENTED, json={"metadata": {}}).json()["error"]["param"] == "model"

    deleted = httpx.delete(f"{client.base_url}{DOCUMENTED[1:]}")
    assert deleted.json() == {"id": "run_abc123", "object": "thread.run.deleted", "deleted": True}
    for response in (client.get(DOCUMENTED), client.post(f"{DOCUMENTED}/cancel"), client.delete(DOCUMENTED)):
        assert response.status_code == 404
        assert response.json()["error"]["message"] == "No run found with id 'run_abc123'."


def test_a_thread_is_known_once_it_had_a_run(write_spec: WriteSpec, start: Start, documented_run: Any) -> None:
    client = start(spec=write_spec(grown), runs=[{**documented_run, "thread_id": "t"}])
    assert client.get("/threads/none/runs/x").json()["error"]["message"] == "No thread found with id 'none'."
    assert client.get("/threads/t/runs/x").json()["error"]["message"] == "No run found with id 'x'."
    assert client.delete("/threads/t/runs/run_abc123").status_code == 200
    assert client.get("/threads/t/runs/x").json()["error"]["message"] == "No run found with id 'x'."


def test_other_operations_answer_their_example(write_spec: WriteSpec, start: Start) -> None:
    client = start(spec=write_spec(grown))
    steps = f"{DOCUMENTED}/steps"
    trace = {"x-trace": "a"}
    assert client.get(steps, headers=trace).json() == {"data": [], "run_id": "run_abc123"}
    assert client.get("/threads/t/runs").json() == [1]
    assert client.get("/threads/t/runs/latest").json() == "latest"
    created = client.post("/threads/t/runs", content="a,b", headers={"content-type": "text/csv"})
    assert (created.status_code, created.json()["thread_id"]) == (200, "t")
    assert client.post("/threads/t/runs", json={}).json()["thread_id"] == "t"
    for path in ("/health", "/threads/t"):
        response = client.request("GET" if path == "/health" else "POST", path)
        assert response.content == b""
        assert "content-type" not in response.headers
        assert response.headers["x-request-id"]
    assert client.delete("/threads/t").status_code == 404
    assert client.get("/numbers/7").json() == {"number": 7}
    assert client.get("/days/monday").status_code == 404
    assert client.get("/numbers/8").json()["error"]["message"] == "No number found with id '8'."


def test_parameters_are_checked(write_spec: WriteSpec, start: Start) -> None:
    client = start(spec=write_spec(grown))
    steps = f"{DOCUMENTED}/steps"

    def error(path: str, **headers: str) -> Any:
        response = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return response.status_code, response.json().get("error", {}).get("message")

    assert error(steps) == (400, "Missing required parameter: 'X-Trace'.")
    assert error(steps, x_trace="abcd")[1].startswith("Invalid 'X-Trace': string too long.")
    assert error(f"{steps}?limit=5&ids=a&ids=b", x_trace="a") == (200, None)
    assert error(f"{steps}?limit=101", x_trace="a") == (
        400,
        "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead.",
    )
    for text, kind in (
        ("x", "string"),
        ("", "string"),
        ("[]", "string"),
        ("1.5", "number"),
        ("true", "boolean"),
    ):
        message = f"Invalid type for 'limit': expected an integer, but got a {kind} instead."
        assert error(f"{steps}?limit={text}", x_trace="a") == (400, message)
    assert error(f"{steps}?ids=1&ids=2&ids=3", x_trace="a")[1].startswith("Invalid 'ids': array too long.")
    assert error("/numbers/seven")[1].startswith("Invalid type for 'number'")


def test_create_missing_makes_runs_for_every_operation(write_spec: WriteSpec, start: Start) -> None:
    client = start(spec=write_spec(grown), create_missing=True)
    assert client.get("/threads/t/runs/r").json()["id"] == "r"
    assert client.post("/threads/t/runs/s/cancel").json()["id"] == "s"
    assert client.delete("/threads/t/runs/u").json()["id"] == "u"
    assert client.get("/numbers/8").json() == {"number": 8}


def test_json_document(tmp_path: Path, document: Any, start: Start, documented_run: Any) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document), "utf-8")
    assert start(spec=path).post(DOCUMENTED, json={}).json() == documented_run


def test_servers_decide_the_base_path(write_spec: WriteSpec) -> None:
    def no_servers(document: Any) -> None:
        del document["servers"]

    def relative(document: Any) -> None:
        document["servers"] = [{"url": "/{version}/", "variables": {"version": {"default": "v9"}}}]

    for change, path in ((no_servers, ""), (relative, "/v9")):
        with thread_runs_mock.serve(spec=write_spec(change)) as server:
            assert server.base_url.endswith(path or server.base_url[-5:])
            response = httpx.post(server.base_url + DOCUMENTED, json={}, headers=HEADERS)
            assert response.status_code == 200


FAULTS = {
    "type": ({"a": 1}, "Invalid type for 'p.a': expected a string, but got an integer instead."),
    "null": ({"a": None}, "Invalid type for 'p.a': expected a string, but got null instead."),
    "enum": ({"e": "z"}, "Invalid value for 'p.e': 'z'. Supported values are: 'a', 1."),
    "const": ({"c": 2}, "Invalid value for 'p.c': 2. Supported values are: 'one'."),
    "required": ({"o": {}}, "Missing required parameter: 'p.o.r'."),
    "object": ({"o": []}, "Invalid type for 'p.o': expected an o object, but got an array instead."),
    "pattern": (
        {"x": "1"},
        "Invalid 'p.x': string does not match pattern. Expected a string that matches the ",
    ),
    "minLength": (
        {"s": ""},
        "Invalid 'p.s': string too short. Expected a string with minimum length 1, but got a ",
    ),
    "maxItems": (
        {"l": [1, 2]},
        "Invalid 'p.l': array too long. Expected an array with maximum length 1, but got ",
    ),
    "items": ({"l": [{}]}, "Invalid type for 'p.l[0]': expected an integer, but got an object instead."),
    "minimum": (
        {"n": 0},
        "Invalid 'p.n': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    ),
    "exclusiveMaximum": (
        {"n": 9.5},
        "Invalid 'p.n': number above maximum value. Expected a value < 9, but got 9.5 ",
    ),
    "minProperties": ({"m": {}}, "Invalid 'p.m': not enough properties. Expected an object with at least 1 "),
    "name pattern": (
        {"m": {"B": 1}},
        "Invalid property name in 'p.m': 'B' does not satisfy 'pattern' of the schema.",
    ),
    "name length": (
        {"m": {"": 1}},
        "Invalid property name in 'p.m': '' is too short. Expected a string with minimum",
    ),
    "oneOf several": ({"u": 5}, "Invalid 'p.u': the value does not satisfy 'oneOf' of the schema."),
    "oneOf none": (
        {"u": "x"},
        "Invalid type for 'p.u': expected an integer or a number, but got a string instead.",
    ),
    "not": ({"t": "x"}, "Invalid 'p.t': the value does not satisfy 'not' of the schema."),
    "false": ({"f": 1}, "Invalid 'p.f': the value does not satisfy 'falseSchema' of the schema."),
    "unevaluated": ({"w": {"v": 1}}, "Unknown parameter: 'p.w.v'."),
    "tagged": (
        {"g": {"type": "b", "b": 1}},
        "Invalid type for 'p.g.b': expected a string, but got an integer instead.",
    ),
    "only null": ({"z": 1}, "Invalid type for 'p.z': expected null, but got an integer instead."),
}
PROPERTIES = {
    "a": {"type": "string"},
    "e": {"enum": ["a", 1]},
    "c": {"const": "one"},
    "o": {"type": "object", "required": ["r"]},
    "x": {"pattern": "^[a-z]$"},
    "s": {"minLength": 1},
    "l": {"maxItems": 1, "items": {"type": "integer"}},
    "n": {"minimum": 1, "exclusiveMaximum": 9},
    "m": {"minProperties": 1, "propertyNames": {"pattern": "^[a-z]*$", "minLength": 1}},
    "u": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "t": {"not": {"type": "string"}},
    "f": False,
    "w": {"unevaluatedProperties": False},
    "g": {
        "anyOf": [
            {"properties": {"type": {"const": "a"}}, "required": ["type"]},
            {"properties": {"type": {"const": "b"}, "b": {"type": "string"}}, "required": ["type"]},
        ]
    },
    "z": {"anyOf": [{"type": "null"}, {"type": ["null"]}]},
}


def test_every_kind_of_fault_has_a_text(write_spec: WriteSpec, start: Start) -> None:
    def change(document: Any) -> None:
        document["components"]["schemas"]["ModifyRunRequest"]["properties"] = {
            "p": {"type": "object", "properties": PROPERTIES}
        }

    client = start(spec=write_spec(change))
    for name, (value, message) in FAULTS.items():
        response = client.post(DOCUMENTED, json={"p": value})
        assert response.status_code == 400, name
        assert response.json()["error"]["message"].startswith(message), name
    response = client.post(DOCUMENTED, json=[])
    assert response.json()["error"] == {
        "message": "Invalid type for the request body: expected an object, but got an array instead.",
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_type",
    }


def test_limits_come_from_the_spec(write_spec: WriteSpec, start: Start) -> None:
    def change(document: Any) -> None:
        metadata = document["components"]["schemas"]["Metadata"]
        metadata["maxProperties"] = 2
        metadata["propertyNames"]["maxLength"] = 9

    client = start(spec=write_spec(change))
    message = client.post(DOCUMENTED, json={"metadata": {"a": "", "b": ""}}).json()["error"]["message"]
    assert message.startswith("Invalid 'metadata': too many properties. Expected an object with at most 2 prop")
    assert client.post(DOCUMENTED, json={"metadata": {"a" * 9: ""}}).status_code == 200


def test_a_body_that_is_not_an_object_changes_nothing(write_spec: WriteSpec, start: Start, documented_run: Any) -> None:
    def change(document: Any) -> None:
        document["paths"][RUN]["post"]["requestBody"]["content"]["application/json"]["schema"] = True

    client = start(spec=write_spec(change))
    assert client.post(DOCUMENTED, json=[]).json() == documented_run


def set_in(path: str, value: Any) -> Change:
    def change(document: Any) -> None:
        *parents, last = path.split(" ")
        for step in parents:
            document = document[step]
        document[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_in("openapi", "2.0"), ": not an OpenAPI 3 document"),
        (set_in("paths", []), ":LINE: `paths` is not an object"),
        (set_in(f"paths {RUN}", {"$ref": "other.yaml"}), ":LINE: PATH: $ref 'other.yaml' leaves the document"),
        (set_in(f"paths {RUN}", {"$ref": "#/nowhere"}), ":LINE: PATH: $ref leads to /nowhere, which does not exist"),
        (
            set_in(f"paths {RUN} post parameters", []),
            ":LINE: PATH/post: the path parameter 'thread_id' is not declared",
        ),
        (
            set_in("paths /a-{b}", {"get": {"parameters": [{"name": "b", "in": "path"}], "responses": {}}}),
            ":LINE: /paths/~1a-{b}/get: a path parameter must be a whole segment of the path, unlike 'a-{b}'",
        ),
        (
            set_in("paths /a", {"get": {"responses": respond({"type": "string", "pattern": "^a+$"})}}),
            ":LINE: /paths/~1a/get/responses/200/content/application~1json: there is no example, and none could be "
            "made from the schema: Invalid",
        ),
        (
            set_in("components schemas Metadata", {"type": "strin"}),
            ":LINE: PATH/post/responses/200/content/application~1json/schema: invalid schema: ",
        ),
        (
            set_in("components schemas Metadata propertyNames", {"$ref": "http://localhost/a"}),
            ":LINE: /components/schemas/Metadata/propertyNames: $ref 'http://localhost/a' leaves the document",
        ),
        (
            set_in("components schemas Usage", {"type": "string"}),
            ":LINE: /components/examples/RunDocumented/value: the example 'documented' violates its schema: Invalid "
            "type for 'usage'",
        ),
        (
            set_in("components examples RunQueued value temperature", float("nan")),
            ":LINE: /components/examples/RunQueued/value/temperature: not JSON data: .nan is not a finite number",
        ),
    ],
)
def test_a_document_that_cannot_be_served(change: Change, message: str, write_spec: WriteSpec) -> None:
    path = write_spec(change)
    with pytest.raises(SpecError) as caught:
        thread_runs_mock.create_app(spec=path)
    message = message.replace("LINE", str(caught.value.line)).replace("PATH", pointer_text(("paths", RUN)))
    assert str(caught.value).startswith(f"{path}{message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a: [", ":2: not YAML: did not find expected node content"),
        (b"\xff\xff", ": not UTF-8 text"),
        (b"", ": not an OpenAPI 3 document"),
    ],
)
def test_a_file_that_is_not_a_document(text: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_bytes(text)
    with pytest.raises(SpecError) as caught:
        thread_runs_mock.create_app(spec=path)
    assert str(caught.value).startswith(f"{path}{message}")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("You must provide it.", "`x-mock` of a parameter is an object with the texts code, form, malformed, missing"),
        ({"absent": "You must provide it."}, "`x-mock` of a parameter is an object with the texts"),
        ({"missing": 1}, "`x-mock` of a parameter is an object with the texts"),
        ({"form": "("}, "`form` is not a regular expression: missing ), unterminated subpattern"),
    ],
)
def test_invalid_texts_of_the_errors_of_a_parameter(tmp_path: Path, texts: Any, message: str) -> None:
    document = yaml.safe_load(PACKAGED.read_text("utf-8"))
    parameters = document["paths"]["/threads/{thread_id}/runs/{run_id}"]["post"]["parameters"]
    (header,) = (one for one in parameters if one["in"] == "header")
    header["x-mock"] = texts
    file = tmp_path / "openapi.yaml"
    file.write_text(yaml.safe_dump(document), "utf-8")
    with pytest.raises(SpecError) as caught:
        thread_runs_mock.create_app(spec=file)
    assert message in str(caught.value)


def test_dates_in_yaml_stay_text(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {}\npaths: {/day: {get: {responses: {200: {content: {application/json: "
        "{example: 2026-08-26}}}}}}}\n",
        "utf-8",
    )
    assert start(spec=path).get("/day").json() == "2026-08-26"


def test_nothing_to_make_missing_runs_from(write_spec: WriteSpec) -> None:
    with pytest.raises(SpecError, match="no example that missing resources could be made from"):
        thread_runs_mock.create_app(spec=write_spec(set_in("paths", {})), create_missing=True)


def test_a_property_that_the_response_does_not_have_is_accepted_and_not_stored(tmp_path: Path) -> None:
    document = yaml.safe_load(PACKAGED.read_text("utf-8"))
    request = document["components"]["schemas"]["ModifyRunRequest"]
    request["properties"]["priority"] = {"type": "integer"}
    request["required"] = ["priority"]
    del document["paths"]["/threads/{thread_id}/runs/{run_id}"]["post"]["requestBody"]["content"]["application/json"][
        "examples"
    ]
    file = tmp_path / "openapi.yaml"
    file.write_text(yaml.safe_dump(document), "utf-8")
    with thread_runs_mock.serve(file) as server, httpx.Client(base_url=server.base_url, headers=HEADERS) as client:
        run = client.post(DOCUMENTED, json={"priority": 1, "metadata": {"a": "1"}}).json()
    assert "priority" not in run
    assert run["metadata"]["a"] == "1"

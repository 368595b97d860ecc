"""Errors have the body that the spec declares for their status."""

import copy
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import yaml

import thread_runs_mock
from thread_runs_mock.server import base_url, in_thread, listen

PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "default": "about:blank"},
        "status": {"type": "integer", "minimum": 100, "maximum": 599},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
    },
}
VALIDATION_ERROR = {
    "type": "object",
    "required": ["loc", "msg", "type"],
    "properties": {
        "loc": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
        "msg": {"type": "string"},
        "type": {"type": "string"},
    },
}
TEXT = {"type": "string"}


def an_object(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split(), "additionalProperties": False}


def json_of(schema: Any, *examples: Any) -> dict[str, Any]:
    named = {"examples": {f"e{number}": {"value": each} for number, each in enumerate(examples)}} if examples else {}
    return {"application/json": {"schema": schema, **named}}


JSON_API = an_object(status=TEXT, title=TEXT, detail=TEXT, source={"type": "object"})
GOOGLE = an_object(error=an_object("code message", code={"type": "integer"}, message=TEXT), trace=TEXT)
TEXT_OR_NULL = {"type": ["string", "null"]}
JSON = "application/json"
MESSAGE = "Missing required parameter: 'name'."
# For each form: the documented status and its content, then the expected content type and body without `name`.
FORMS: dict[str, tuple[str, Any, str | None, Any]] = {
    # RFC 9457, with the names of the members but without an example.
    "problem": (
        "400",
        {"application/problem+json": {"schema": PROBLEM}},
        "application/problem+json",
        {"type": "about:blank", "status": 400, "title": "Bad Request", "detail": MESSAGE},
    ),
    # RFC 9457, figure 2: the problem type and its title are those of the example.
    "problem-example": (
        "400",
        {
            "application/problem+json": {
                "schema": PROBLEM,
                "example": {
                    "type": "https://example.net/validation-error",
                    "title": "Your request is not valid.",
                    "errors": [{"detail": "must be a positive integer", "pointer": "#/age"}],
                },
            }
        },
        "application/problem+json",
        {"type": "https://example.net/validation-error", "title": "Your request is not valid.", "detail": MESSAGE},
    ),
    "class": (
        "4XX",
        json_of(an_object("code message", code={"type": "integer"}, message=TEXT)),
        JSON,
        {"code": 400, "message": MESSAGE},
    ),
    "default": (
        "default",
        json_of(an_object("code", code=TEXT, message=TEXT)),
        JSON,
        {"code": "missing_required_parameter", "message": MESSAGE},
    ),
    "default-example": (
        "default",
        json_of({"type": "object"}, {"code": "oops", "title": "Oops", "message": "It broke"}),
        JSON,
        {"code": "missing_required_parameter", "title": "Bad Request", "message": MESSAGE},
    ),
    "codes": (
        "400",
        json_of(an_object("code", code={"enum": ["bad_request", "gone"]}, message=TEXT)),
        JSON,
        {"code": "bad_request", "message": MESSAGE},
    ),
    "detail": ("400", json_of(an_object("detail", detail=TEXT)), JSON, {"detail": MESSAGE}),
    "text": ("400", {"text/plain": {"schema": TEXT}}, "text/plain", MESSAGE),
    "json-text": ("400", json_of(TEXT), JSON, MESSAGE),
    "texts": (
        "400",
        json_of(an_object("errors", errors={"type": "array", "items": TEXT})),
        JSON,
        {"errors": [MESSAGE]},
    ),
    # JSON:API.
    "json-api": (
        "400",
        {
            "application/vnd.api+json": {
                "schema": an_object("errors", errors={"type": "array", "minItems": 1, "items": JSON_API})
            }
        },
        "application/vnd.api+json",
        {"errors": [{"status": "400", "title": "Bad Request", "detail": MESSAGE}]},
    ),
    # FastAPI.
    "validation": (
        "422",
        json_of(an_object(detail={"type": "array", "items": VALIDATION_ERROR})),
        JSON,
        {"detail": [{"loc": [], "msg": MESSAGE, "type": "invalid_request_error"}]},
    ),
    # OAuth 2.0, RFC 6749, section 5.2.
    "oauth": (
        "400",
        json_of(an_object("error", error=TEXT, error_description=TEXT)),
        JSON,
        {"error": "missing_required_parameter", "error_description": MESSAGE},
    ),
    # Spring.
    "spring": (
        "400",
        json_of(
            an_object(
                "status error",
                timestamp={"type": "string", "format": "date-time"},
                status={"type": "integer"},
                error=TEXT,
                message=TEXT,
                path=TEXT,
            )
        ),
        JSON,
        {"status": 400, "error": "Bad Request", "message": MESSAGE},
    ),
    "google": (
        "400",
        json_of(an_object("error", error=an_object("code message", code={"type": "integer"}, message=TEXT))),
        JSON,
        {"error": {"code": 400, "message": MESSAGE}},
    ),
    # The example omits the member that holds the message.
    "sparse": (
        "400",
        json_of(GOOGLE, {"trace": "t1"}),
        JSON,
        {"trace": "t1", "error": {"code": 400, "message": MESSAGE}},
    ),
    # JSend, by an example.
    "fail": (
        "400",
        json_of({}, {"status": "fail", "data": {"title": "A title is required"}}),
        JSON,
        {"status": "fail", "data": {"title": MESSAGE}},
    ),
    "error-text": ("400", json_of(an_object("error", error=TEXT)), JSON, {"error": MESSAGE}),
    "one-text": (
        "400",
        json_of(an_object("problemText", problemText=TEXT, flag={"type": "boolean"})),
        JSON,
        {"problemText": MESSAGE},
    ),
    "referenced": ("400", "#/components/responses/Bad", JSON, {"fault": {"parameter": "name", "reason": MESSAGE}}),
    "union": (
        "400",
        json_of({"oneOf": [an_object("reason", reason=TEXT), an_object("number", number={"type": "integer"})]}),
        JSON,
        {"reason": MESSAGE},
    ),
    "invalid-example": ("400", json_of(an_object("message", message=TEXT), {"message": 1}), JSON, {"message": MESSAGE}),
    "range": ("400", {"*/*": {"schema": an_object("message", message=TEXT)}}, JSON, {"message": MESSAGE}),
}
# Bodies that have no place for the message.
WITHOUT_PLACE: dict[str, tuple[str, Any, str | None, bytes]] = {
    "no-body": ("400", None, None, b""),
    "fixed": ("400", json_of(an_object("ok", ok={"const": False})), JSON, b'{"ok":false}'),
    "short": (
        "400",
        json_of(an_object("message", message={"type": "string", "maxLength": 9})),
        JSON,
        b'{"message":""}',
    ),
    "list": ("400", json_of({"type": "array", "maxItems": 0}), JSON, b"[]"),
    "xml": ("400", {"application/xml": {"example": "<error/>"}}, "application/xml", b"<error/>"),
    "xml-without-example": ("400", {"application/xml": {"schema": an_object("m", m=TEXT)}}, "application/xml", b""),
    "unsatisfiable": (
        "400",
        json_of(an_object("code", code={"type": "string", "pattern": "^E[0-9]+$"})),
        JSON,
        b'{"code":"string"}',
    ),
}
# The spec only says that the body is JSON.
ENVELOPE: dict[str, tuple[str, Any, str | None, Any]] = {
    "anything": ("400", json_of({}), JSON, None),
    "object": ("400", json_of({"type": "object"}), JSON, None),
    "no-schema": ("400", {JSON: {}}, JSON, None),
    "envelope": (
        "400",
        json_of(
            an_object(
                "error", error=an_object("message type", message=TEXT, type=TEXT, param=TEXT_OR_NULL, code=TEXT_OR_NULL)
            )
        ),
        JSON,
        None,
    ),
}


def document(forms: Any) -> dict[str, Any]:
    new = {
        "required": True,
        "content": {JSON: {"schema": {"type": "object", "required": ["name"], "properties": {"name": TEXT}}}},
    }
    made = {"description": "made", "content": {JSON: {"schema": {"type": "object"}, "example": {"id": 1}}}}
    paths = {}
    for name, (status, content, *_) in forms.items():
        error: dict[str, Any] = {"description": "an error"}
        if isinstance(content, str):
            error = {"$ref": content}
        elif content is not None:
            error["content"] = content
        paths[f"/{name}"] = {"post": {"requestBody": new, "responses": {"201": made, status: error}}}
    fault = an_object("fault", fault=an_object("parameter", parameter=TEXT, reason=TEXT))
    bad = {"description": "an error", "content": json_of({"$ref": "#/components/schemas/Fault"})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Errors", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Fault": fault}, "responses": {"Bad": bad}},
    }


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    path = tmp_path_factory.mktemp("errors") / "errors.yaml"
    path.write_text(yaml.safe_dump(document({**FORMS, **WITHOUT_PLACE, **ENVELOPE}), sort_keys=False), "utf-8")
    with thread_runs_mock.serve(path) as server, httpx.Client(base_url=server.base_url) as client:
        yield client


@pytest.mark.parametrize("name", FORMS)
def test_the_message_is_in_the_place_that_the_form_has_for_it(client: httpx.Client, name: str) -> None:
    status, content, content_type, expected = FORMS[name]
    response = client.post(f"/{name}", json={})
    assert response.status_code == (422 if status == "422" else 400)
    assert response.headers["content-type"] == content_type
    if content_type == "text/plain":
        assert response.text == expected
    else:
        assert response.json() == expected
        if isinstance(content, dict):
            (media,) = content.values()
            jsonschema_rs.validate(media["schema"], response.json())
    assert "x-mock-error" not in response.headers


@pytest.mark.parametrize("name", WITHOUT_PLACE)
def test_a_header_has_the_message_if_the_body_has_no_place_for_it(client: httpx.Client, name: str) -> None:
    _, _, content_type, expected = WITHOUT_PLACE[name]
    response = client.post(f"/{name}", json={})
    assert response.status_code == 400
    assert response.headers.get("content-type") == content_type
    assert response.content == expected
    assert response.headers["x-mock-error"] == MESSAGE


@pytest.mark.parametrize("name", ENVELOPE)
def test_without_a_documented_form_the_error_has_the_envelope(client: httpx.Client, name: str) -> None:
    response = client.post(f"/{name}", json={})
    details = {"type": "invalid_request_error", "param": "name", "code": "missing_required_parameter"}
    assert response.json() == {"error": {"message": MESSAGE, **details}}


def test_a_header_is_ascii_on_one_line(client: httpx.Client) -> None:
    response = client.post("/no-body", json={"name": "a"}, headers=[(b"prefer", 'example="é\t"'.encode())])
    assert response.headers["x-mock-error"].startswith("Invalid 'Prefer' header: example=\\u00c3\\u00a9\\t")


def test_a_status_that_is_not_documented_has_the_form_of_the_others(client: httpx.Client) -> None:
    response = client.post("/problem-example", content="{}", headers={"content-type": "text/plain"})
    assert response.status_code == 415
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"].startswith("Unsupported content type")
    # It is not of the problem type that 400 has.
    assert (response.json()["type"], response.json()["title"]) == ("about:blank", "Unsupported Media Type")


def test_a_request_that_matches_no_operation_gets_the_most_common_form(
    tmp_path: Path, start: Callable[..., httpx.Client]
) -> None:
    spec = document({name: FORMS[name] for name in ("detail", "problem", "referenced")})
    spec["paths"]["/again"] = {"post": copy.deepcopy(spec["paths"]["/referenced"]["post"])}
    path = tmp_path / "errors.json"
    path.write_text(json.dumps(spec), "utf-8")
    client = start(spec=path)
    assert client.get("/nothing").json() == {"fault": {"reason": "Unknown request URL: GET /nothing.", "parameter": ""}}


def test_documented_headers_that_are_required_are_sent(tmp_path: Path, start: Callable[..., httpx.Client]) -> None:
    spec = document({"problem": FORMS["problem"]})
    spec["paths"]["/problem"]["post"]["responses"]["400"]["headers"] = {
        "X-Trace": {"required": True, "schema": {"type": "string", "example": "abc"}},
        "X-Hint": {"schema": {"type": "string", "example": "none"}},
    }
    path = tmp_path / "errors.json"
    path.write_text(json.dumps(spec), "utf-8")
    response = start(spec=path).post("/problem", json={})
    assert response.headers["x-trace"] == "abc"
    assert "x-hint" not in response.headers


def test_faults_and_replays_have_the_form_too(tmp_path: Path) -> None:
    path, recording = tmp_path / "errors.yaml", tmp_path / "recording.jsonl"
    path.write_text(yaml.safe_dump(document({"class": FORMS["class"]})), "utf-8")
    with thread_runs_mock.serve(path, faults="", record=recording) as server:
        response = httpx.post(f"{server.base_url}/class", json={"name": "a"}, headers={"prefer": "fault=503-burst"})
        assert response.json() == {"code": 503, "message": "The mock was asked to answer with status 503."}
        response = httpx.post(f"{server.base_url}/class", json={"name": "a"}, headers={"prefer": "fault=none"})
        assert (response.status_code, response.json()["code"]) == (400, 400)
    with thread_runs_mock.serve(path, replay=recording) as server:
        response = httpx.get(f"{server.base_url}/class")
        assert response.json()["message"] == "The recording has no further response for GET /class."


def test_a_status_without_a_phrase_has_the_title_error(tmp_path: Path, start: Callable[..., httpx.Client]) -> None:
    path = tmp_path / "errors.yaml"
    path.write_text(yaml.safe_dump(document({"spring": FORMS["spring"]})), "utf-8")
    response = start(spec=path, faults="").post("/spring", json={"name": "a"}, headers={"prefer": "fault=status"})
    assert (response.status_code, response.json()["status"], response.json()["error"]) == (520, 520, "Error")


def not_http(base_url: str) -> bytes:
    url = httpx.URL(base_url)
    with socket.create_connection((url.host, url.port or 0)) as connection:
        connection.sendall(b"no http\r\n\r\n")
        return connection.makefile("rb").read()


def test_data_that_is_not_http_is_rejected_in_the_form_of_the_spec(tmp_path: Path) -> None:
    path = tmp_path / "errors.yaml"
    path.write_text(yaml.safe_dump(document({"problem": FORMS["problem"]})), "utf-8")
    with thread_runs_mock.serve(path) as server:
        received = not_http(server.base_url)
    assert b"content-type: application/problem+json\r\n" in received
    assert b'"detail":"We could not parse your HTTP request."' in received


def test_the_server_of_another_application_rejects_with_the_envelope() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError

    sock = listen("127.0.0.1", 0)
    with in_thread(application, sock):
        received = not_http(base_url(sock, ""))
    assert received.endswith(
        b'{"error":{"message":"We could not parse your HTTP request.",'
        b'"type":"invalid_request_error","param":null,"code":null}}'
    )

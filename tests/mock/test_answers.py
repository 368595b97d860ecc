"""Documented answers that are asked for: by a header, by a script, from Python."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import thread_runs_mock
from thread_runs_mock.script import ScriptError

from .conftest import DOCUMENTED, HEADERS


def prefer(client: httpx.Client, value: str) -> httpx.Response:
    return client.post(DOCUMENTED, json={"metadata": {"k": "v"}}, headers={"Prefer": value})


def example(document: Any, name: str) -> Any:
    return document["components"]["examples"][name]["value"]


@pytest.mark.parametrize(
    ("value", "status", "name"),
    [
        ("code=429", 429, "ErrorRateLimit"),
        ("code=429, example=rateLimit", 429, "ErrorRateLimit"),
        ("example=rateLimit", 429, "ErrorRateLimit"),
        ('Code="401" ; strict, EXAMPLE="wrong\\Key"', 401, "ErrorWrongKey"),
        ("respond-async, code=400, code=500, example=keyTooLong", 400, "ErrorKeyTooLong"),
        ("example=queued", 200, "RunQueued"),
        ("code=200", 200, "RunDocumented"),
        ("code=503", 503, "ErrorServer"),
        ("example=serverError", 500, "ErrorServer"),
    ],
)
def test_prefer(client: httpx.Client, document: Any, value: str, status: int, name: str) -> None:
    before = client.post(DOCUMENTED, json={}).json()
    response = prefer(client, value)
    assert (response.status_code, response.json()) == (status, example(document, name))
    assert response.headers["preference-applied"] == value
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-request-id"].startswith("req_")
    assert response.headers.get("retry-after") == ("20" if status == 429 else None)
    assert client.post(DOCUMENTED, json={}).json() == before


def test_every_documented_response_can_be_requested(client: httpx.Client, document: Any) -> None:
    operation = document["paths"]["/threads/{thread_id}/runs/{run_id}"]["post"]
    for status, response in operation["responses"].items():
        if "$ref" in response:
            response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        for name, node in response["content"]["application/json"]["examples"].items():
            code = status.replace("X", "0")
            answer = prefer(client, f"code={code}, example={name}")
            assert (answer.status_code, answer.json()) == (
                int(code),
                example(document, node["$ref"].rpartition("/")[2]),
            )


@pytest.mark.parametrize("value", ["", "wait=10", "return=minimal; foo, handling=lenient", "=", '"', "x" * 5000])
def test_other_preferences_are_ignored(client: httpx.Client, value: str) -> None:
    response = prefer(client, value)
    assert response.json()["metadata"]["k"] == "v"
    assert "preference-applied" not in response.headers


@pytest.mark.parametrize("value", ["code=418", "code=abc", "code", "example=none", "code=429, example=keyTooLong"])
def test_an_answer_that_is_not_documented(client: httpx.Client, value: str) -> None:
    response = prefer(client, value)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["message"].startswith(f"Invalid 'Prefer' header: {value.partition(' ')[0].rstrip(',')}")
    assert "429 (rateLimit)" in error["message"]
    assert (error["param"], error["code"]) == ("Prefer", "invalid_preference")


def test_a_malformed_request_is_reported_first(client: httpx.Client) -> None:
    response = client.post(DOCUMENTED, json={"x": 1}, headers={"Prefer": "code=200"})
    assert response.json()["error"]["code"] == "unknown_parameter"


SCRIPT = [{"code": 429, "times": 2}, {}, {"example": "serverError"}]


def statuses(client: httpx.Client, count: int) -> list[int]:
    return [client.post(DOCUMENTED, json={}).status_code for _ in range(count)]


def test_script(start: Callable[..., httpx.Client], tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text("- {code: 429, times: 2}\n- {}\n- example: serverError\n", "utf-8")
    for script in (SCRIPT, path, str(path)):
        client = start(script=script)
        # Neither a broken request nor one with a preference takes a step.
        assert client.post(DOCUMENTED, json={"x": 1}).status_code == 400
        assert statuses(client, 1) == [429]
        assert prefer(client, "code=409").status_code == 409
        assert statuses(client, 4) == [429, 200, 500, 200]


def test_an_empty_script(start: Callable[..., httpx.Client], tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text("", "utf-8")
    assert statuses(start(script=path), 1) == [200]


def test_a_step_waits_for_an_operation_that_documents_it(
    start: Callable[..., httpx.Client], write_spec: Callable[..., Path]
) -> None:
    def change(document: Any) -> None:
        operation = document["paths"]["/threads/{thread_id}/runs/{run_id}"]["post"]
        other = {**operation, "operationId": "other", "responses": {"200": operation["responses"]["200"]}}
        document["paths"]["/others/{thread_id}/{run_id}"] = {"post": other}

    client = start(spec=write_spec(change), script=[{"code": 429}])
    assert client.post("/others/thread_abc123/run_abc123", json={}).status_code == 200
    assert statuses(client, 2) == [429, 200]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([{"code": 418}], "step 1: code=418 is not documented. The documented responses are: 200 (documented, "),
        ([{}, {"example": "x"}], "step 2: example=x is not documented."),
        ([{"code": "429"}], "step 1: expected code to be an integer, but got '429'"),
        ([{"example": 1}], "step 1: expected example to be a string, but got 1"),
        ([{"times": True}], "step 1: expected times to be an integer, but got True"),
        ([{"times": 0}], "step 1: expected times to be 1 or more, but got 0"),
        ([{"status": 1}], "step 1: unknown property 'status'; a step has code, example and times"),
        (["429"], "step 1: expected an object with code, example or times"),
        ({"code": 429}, "expected an array of steps"),
        (3, "expected an array of steps"),
    ],
)
def test_bad_script(steps: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ScriptError) as caught:
        thread_runs_mock.create_app(script=steps)
    assert str(caught.value).startswith(message)
    path = tmp_path / "script.json"
    path.write_text(json.dumps(steps), "utf-8")
    with pytest.raises(ScriptError) as caught:
        thread_runs_mock.create_app(script=path)
    assert str(caught.value).startswith(f"{path}: {message}")


@pytest.mark.parametrize(
    ("content", "message"), [(b"- {", "line 1: not YAML: "), (b"\xff\xfe\xff", "not YAML: "), (None, "No such file")]
)
def test_bad_script_file(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ScriptError) as caught:
        thread_runs_mock.create_app(script=path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_answer_next() -> None:
    with thread_runs_mock.serve() as server, httpx.Client(base_url=server.base_url, headers=HEADERS) as client:
        server.answer_next(code=429, example="rateLimit", times=2)
        server.answer_next(500)
        assert statuses(client, 4) == [429, 429, 500, 200]
        with pytest.raises(ValueError, match="code=418 is not documented"):
            server.answer_next(418)
        server.answer_next(500)
        server.clear()
        assert statuses(client, 1) == [200]
        assert len(server.requests) == 1


def answers_spec(write_spec: Callable[..., Path], responses: Any, components: Any = None) -> Path:
    def change(document: Any) -> None:
        document["paths"]["/threads/{thread_id}/runs/{run_id}"]["post"]["responses"].update(responses)
        document["components"]["headers"].update(components or {})

    return write_spec(change)


def test_other_forms_of_documentation(start: Callable[..., httpx.Client], write_spec: Callable[..., Path]) -> None:
    path = answers_spec(
        write_spec,
        {
            "402": {"description": "plain", "content": {"text/plain": {"example": "Pay first."}}},
            "410": {"description": "empty"},
            "4XX": {
                "description": "one example",
                "content": {"application/json": {"schema": {"type": "object"}, "example": {"a": 1}}},
                "headers": {
                    "X-Named": {"examples": {"one": {"value": "1"}}},
                    "X-Default": {"schema": {"type": "integer", "default": 2}},
                    "X-None": {"schema": {"type": "integer"}},
                },
            },
            "default": {
                "description": "no example",
                "content": {"application/json": {"examples": {"far": {"externalValue": "http://a/"}}}},
            },
        },
    )
    client = start(spec=path)
    assert prefer(client, "code=402").text == "Pay first."
    assert prefer(client, "code=402").headers["content-type"] == "text/plain"
    gone = prefer(client, "code=410")
    assert (gone.status_code, gone.content, "content-type" in gone.headers) == (410, b"", False)
    other = prefer(client, "code=418")
    assert (other.status_code, other.json()) == (418, {"a": 1})
    assert (other.headers["x-named"], other.headers["x-default"], other.headers.get("x-none")) == ("1", "2", None)
    documented = prefer(client, "example=none").json()["error"]["message"]
    assert documented.endswith(", 5XX (serverError), 402, 410, 4XX, default")
    default = prefer(client, "code=302")
    assert (default.status_code, default.content) == (302, b"")


def test_an_invalid_status_is_an_error(write_spec: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match=r":\d+: /paths/.*/4xy: '4xy' is not the status of a response"):
        thread_runs_mock.create_app(spec=answers_spec(write_spec, {"4xy": {"description": ""}}))

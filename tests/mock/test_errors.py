"""The mock responds with the error examples of the spec."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import thread_runs_mock

from .conftest import DOCUMENTED, HEADERS

JSON = {"content-type": "application/json"}


def body(value: Any) -> dict[str, Any]:
    return {"content": json.dumps(value), "headers": JSON}


REQUESTS: dict[str, tuple[int, str, dict[str, Any]]] = {
    "ErrorMissingBeta": (400, DOCUMENTED, {"json": {}, "headers": {"openai-beta": "assistants=v1"}}),
    "ErrorMalformedBeta": (400, DOCUMENTED, {"json": {}, "headers": {"openai-beta": "v1"}}),
    "ErrorBodyNotJson": (400, DOCUMENTED, {"content": "{", "headers": JSON}),
    "ErrorUnknownProperty": (400, DOCUMENTED, body({"x": 1})),
    "ErrorMetadataNotAnObject": (400, DOCUMENTED, body({"metadata": "a"})),
    "ErrorTooManyPairs": (400, DOCUMENTED, body({"metadata": {f"k{n}": "" for n in range(17)}})),
    "ErrorKeyTooLong": (400, DOCUMENTED, body({"metadata": {"k" * 65: ""}})),
    "ErrorValueTooLong": (400, DOCUMENTED, body({"metadata": {"k": "v" * 513}})),
    "ErrorValueNotAString": (400, DOCUMENTED, body({"metadata": {"k": 1}})),
    "ErrorMissingKey": (401, DOCUMENTED, {"json": {}, "headers": {"authorization": ""}}),
    "ErrorWrongKey": (401, DOCUMENTED, {"json": {}, "headers": {"authorization": "Bearer sk-wrong-abcd"}}),
    "ErrorUnknownRun": (404, "/threads/thread_abc123/runs/run_x", body({})),
    "ErrorUnknownThread": (404, "/threads/thread_x/runs/run_abc123", body({})),
    "ErrorBodyTooLarge": (413, DOCUMENTED, {"content": b" " * 1024 * 1025, "headers": JSON}),
    "ErrorWrongContentType": (415, DOCUMENTED, {"content": "{}", "headers": {"content-type": "text/plain"}}),
}
# Only a server that shares its runs, checks rights or limits rates gets into these.
ON_DEMAND = {"ErrorNotAllowed", "ErrorConflict", "ErrorUnprocessable", "ErrorRateLimit", "ErrorServer"}


def test_every_error_example_is_covered(document: Any) -> None:
    examples = {name for name in document["components"]["examples"] if name.startswith("Error")}
    assert examples == REQUESTS.keys() | ON_DEMAND


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """One server for all tests: a rejected request changes nothing."""
    key = HEADERS["Authorization"].removeprefix("Bearer ")
    with (
        thread_runs_mock.serve(api_key=key) as server,
        httpx.Client(base_url=server.base_url, headers=HEADERS) as client,
    ):
        yield client


@pytest.mark.parametrize("name", REQUESTS)
def test_error_example(name: str, client: httpx.Client, document: Any) -> None:
    status, path, request = REQUESTS[name]
    before = client.post(DOCUMENTED, json={}).json()

    response = client.post(path, **request)

    assert response.status_code == status
    assert response.json() == document["components"]["examples"][name]["value"]
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-request-id"].startswith("req_")
    assert client.post(DOCUMENTED, json={}).json() == before


def test_a_missing_beta_header_is_rejected_like_another_version(client: httpx.Client, document: Any) -> None:
    headers = {"authorization": HEADERS["Authorization"]}
    response = httpx.post(f"{client.base_url}{DOCUMENTED[1:]}", json={}, headers=headers)
    assert response.status_code == 400
    assert response.json() == document["components"]["examples"]["ErrorMissingBeta"]["value"]


@pytest.mark.parametrize("authorization", ["Bearer", "Basic abc", "sk-test-1234"])
def test_no_bearer_key(client: httpx.Client, authorization: str) -> None:
    response = client.post(DOCUMENTED, json={}, headers={"authorization": authorization})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_short_key_is_not_shown(start: Callable[..., httpx.Client]) -> None:
    response = start(api_key="right").post(DOCUMENTED, json={}, headers={"authorization": "bearer wrong"})
    assert response.status_code == 401
    assert response.json()["error"]["message"] == "Incorrect API key provided: …."


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b'{"metadata": {"k": "\xed\xa0\x80"}}',
        b'{"metadata": {"k": "\\ud800"}}',
        b'{"metadata": {"\\udc00": ""}}',
        b'{"metadata": NaN}',
        b'{"metadata": -Infinity}',
        b'{"metadata": 1e999}',
        b'{"metadata": ' + b"9" * 5000 + b"}",
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b'{"metadata": ' + b"[" * 200 + b"]" * 200 + b"}",
        b"[" * 500_000,
        b'{"a":' * 100_000,
        "{}".encode("utf-16"),
    ],
)
def test_what_is_not_json(client: httpx.Client, text: bytes) -> None:
    response = client.post(DOCUMENTED, content=text, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["message"] == "We could not parse the JSON body of your request."


def test_the_first_of_several_violations_is_reported(client: httpx.Client) -> None:
    def first(text: str) -> str:
        response = client.post(DOCUMENTED, content=text, headers=JSON)
        return str(response.json()["error"]["message"])

    long = '"' + "v" * 513 + '"'
    assert "'metadata.k'" in first(f'{{"z": 1, "metadata": {{"k": {long}, "a": 1}}}}')
    assert "'zzz...zzz'" in first(f'{{"metadata": {{"{"z" * 65}": "", "{"a" * 65}": "", "k": {long}}}}}')
    assert "too many" in first(json.dumps({"metadata": {str(n) * 65: "" for n in range(17)}}))
    assert first('{"y": 1, "x": 1}') == "Unknown parameter: 'y'."


def test_missing_content_type(client: httpx.Client) -> None:
    response = client.post(DOCUMENTED, content="{}")
    assert response.status_code == 415
    assert response.json()["error"]["message"].startswith("Missing content type.")


def test_a_streamed_body_over_the_limit(client: httpx.Client) -> None:
    response = client.post(DOCUMENTED, content=(b" " * 100_000 for _ in range(11)), headers=JSON)
    assert response.status_code == 413


@pytest.mark.parametrize(
    "path", ["/", "/threads", "/threads//runs/run_abc123", f"{DOCUMENTED}/", "/threads/%FF/runs/x"]
)
def test_unknown_path(client: httpx.Client, path: str) -> None:
    response = client.post(path, json={})
    assert response.status_code == 404
    assert response.json()["error"]["message"] == f"Unknown request URL: POST /v1{path}."


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"])
def test_another_method(client: httpx.Client, method: str) -> None:
    response = client.request(method, DOCUMENTED)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    if method == "HEAD":
        assert not response.content
    else:
        assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "pairs",
    [{"42": 1}, {"a": "", "007": 1}, {"7": "text", "07": 1}, {"+7": 1}, {"0" * 65: None}],
    ids=lambda pairs: str([*pairs]),
)
def test_keys_that_are_numbers_are_reported_as_keys(client: httpx.Client, pairs: dict[str, Any]) -> None:
    answer = client.post(DOCUMENTED, json={"metadata": pairs})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, f"metadata.{list(pairs)[-1]}")


def test_the_first_of_two_keys_for_one_number_is_reported(client: httpx.Client) -> None:
    answer = client.post(DOCUMENTED, json={"metadata": {"07": 1, "7": 2}})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "metadata.07")


def test_violations_in_large_bodies_are_reported_exactly(client: httpx.Client) -> None:
    pairs = {f"{n:070}": "" for n in range(13_000)}
    error = client.post(DOCUMENTED, json={"metadata": pairs}).json()["error"]
    assert "got an object with 13000 properties instead" in error["message"]


def test_a_path_that_is_too_long(client: httpx.Client) -> None:
    response = client.post(f"/threads/{'t' * 2000}/runs/r", json={})
    assert response.status_code == 414
    assert "expected at most 2000 bytes, but got 2019." in response.json()["error"]["message"]


def test_each_request_is_checked_though_headers_and_paths_repeat(start: Callable[..., httpx.Client]) -> None:
    client = start(api_key="sk-test-1234")
    changes: list[tuple[dict[str, str], int]] = [
        ({}, 200),
        ({"Authorization": "Bearer sk-other"}, 401),
        ({"OpenAI-Beta": "assistants=v1"}, 400),
        ({"Content-Type": "text/plain"}, 415),
    ]
    for path, known in ((DOCUMENTED, 200), ("/threads/thread_abc123/runs/none", 404)) * 2:
        for headers, status in changes * 2:
            # The body has the same length each time, so that the headers are the same as before.
            for body, found in (("{}", known), ("{]", 400)):
                sent = {"Content-Type": "application/json", **headers}
                expected = found if status == 200 else status
                assert client.post(path, content=body, headers=sent).status_code == expected

"""What a modify does to the stored run, and to no other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import thread_runs_mock
from tests import deep

from .conftest import DOCUMENTED, HEADERS

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=64)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def metadata(client: httpx.Client, sent: Any = None) -> Any:
    response = client.post(DOCUMENTED, json={} if sent is None else {"metadata": sent})
    assert response.status_code == 200, response.text
    return response.json()["metadata"]


def test_documented_call(client: httpx.Client, documented_run: Any) -> None:
    response = client.post(DOCUMENTED, json={"metadata": {"user_id": "user_abc123"}})
    assert response.status_code == 200
    assert response.json() == documented_run
    assert response.headers["content-type"] == "application/json"


def test_starts_with_every_example(client: httpx.Client, document: Any) -> None:
    examples = document["components"]["examples"]
    runs = [example["value"] for name, example in examples.items() if name.startswith("Run")]
    assert len(runs) >= 11
    for run in runs:
        assert client.post(f"/threads/{run['thread_id']}/runs/{run['id']}", json={}).json() == run


def test_only_the_metadata_of_that_run_changes(client: httpx.Client, documented_run: Any) -> None:
    other = "/threads/thread_abc123/runs/run_queued"
    before = client.post(other, json={}).json()
    client.post(DOCUMENTED, json={"metadata": {"k": "v"}})
    assert client.post(DOCUMENTED, json={}).json() == {
        **documented_run,
        "metadata": {"user_id": "user_abc123", "k": "v"},
    }
    assert client.post(other, json={}).json() == before


def test_merge_keeps_the_order_of_keys(client: httpx.Client) -> None:
    assert list(metadata(client, {"b": "1", "a": "2"})) == ["user_id", "b", "a"]
    assert metadata(client, {"b": "3", "user_id": ""}) == {"user_id": "", "b": "3", "a": "2"}
    assert metadata(client, {}) == {"user_id": "", "b": "3", "a": "2"}


def test_merge_past_the_limit_changes_nothing(client: httpx.Client) -> None:
    full = metadata(client, {f"k{n}": "" for n in range(15)})
    assert len(full) == 16
    response = client.post(DOCUMENTED, json={"metadata": {"k0": "x", "one": "", "two": ""}})
    assert response.status_code == 400
    assert response.json()["error"] == {
        "message": "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
        "but got an object with 18 properties instead.",
        "type": "invalid_request_error",
        "param": "metadata",
        "code": "object_above_max_properties",
    }
    assert metadata(client) == full
    assert metadata(client, {"k0": "x"}) == {**full, "k0": "x"}


def test_replace(start: Callable[..., httpx.Client]) -> None:
    client = start(metadata="replace")
    assert metadata(client, {"a": "1"}) == {"a": "1"}
    assert metadata(client) == {"a": "1"}
    assert metadata(client, {f"k{n}": "" for n in range(16)}) == {f"k{n}": "" for n in range(16)}
    assert metadata(client, {}) == {}


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_null_removes_all_pairs(start: Callable[..., httpx.Client], mode: str) -> None:
    client = start(metadata=mode)
    assert client.post(DOCUMENTED, json={"metadata": None}).json()["metadata"] == {}
    assert metadata(client) == {}


def test_pairs_for_a_run_that_had_null(client: httpx.Client) -> None:
    path = "/threads/thread_abc123/runs/run_queued"
    assert client.post(path, json={}).json()["metadata"] is None
    assert client.post(path, json={"metadata": {"__proto__": "a"}}).json()["metadata"] == {"__proto__": "a"}


def test_the_last_of_duplicate_keys_is_used(client: httpx.Client) -> None:
    text = '{"metadata": {"k": "1", "k": "2"}}'
    response = client.post(DOCUMENTED, content=text, headers={"content-type": "Application/JSON; charset=utf-8"})
    assert response.json()["metadata"]["k"] == "2"


def test_brackets_in_text_do_not_count_as_nesting(client: httpx.Client) -> None:
    assert metadata(client, {"k": "[{" * 100})["k"] == "[{" * 100


def test_limits_count_characters(client: httpx.Client) -> None:
    pairs = {f"{n:02}" + "🦔" * 62: "e\u0301" * 256 for n in range(15)}
    assert metadata(client, pairs) == {"user_id": "user_abc123", **pairs}


@pytest.mark.deep
def test_any_text_comes_back_as_it_was() -> None:
    with (
        thread_runs_mock.serve(metadata="replace") as server,
        httpx.Client(base_url=server.base_url, headers=HEADERS) as client,
    ):

        @hypothesis.seed(deep.seed())
        @settings(database=None, max_examples=deep.examples(100), deadline=None)
        @given(st.dictionaries(KEYS, VALUES, max_size=16))
        def check(pairs: dict[str, str]) -> None:
            assert list(metadata(client, pairs).items()) == list(pairs.items())
            assert metadata(client) == pairs

        check()


@pytest.mark.deep
def test_create_missing_takes_any_identifier(document: Any) -> None:
    example = document["components"]["examples"]["RunInProgress"]
    assert example["x-mock-create-missing"] is True
    identifiers = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
    with thread_runs_mock.serve(create_missing=True) as server, httpx.Client(headers=HEADERS) as client:

        @hypothesis.seed(deep.seed())
        @settings(database=None, max_examples=deep.examples(60), deadline=None)
        @given(identifiers, identifiers)
        def check(thread_id: str, run_id: str) -> None:
            # Written by hand where a client would resolve the dots.
            thread, run = (quote(text, safe="").replace(".", "%2E") for text in (thread_id, run_id))
            response = client.post(f"{server.base_url}/threads/{thread}/runs/{run}", json={})
            assert response.status_code == 200, response.text
            expected = {**example["value"], "thread_id": thread_id, "id": run_id}
            assert response.json() == expected

        check()


def test_created_runs_keep_their_state(start: Callable[..., httpx.Client], documented_run: Any) -> None:
    client = start(create_missing=True)
    path = "/threads/a%2Fb/runs/%25"
    assert client.post(path, json={"metadata": {"k": "v"}}).json()["metadata"]["k"] == "v"
    run = client.post(path, json={}).json()
    assert (run["thread_id"], run["id"], run["metadata"]["k"]) == ("a/b", "%", "v")
    assert client.post(DOCUMENTED, json={}).json() == documented_run


def test_a_property_of_any_value(start: Callable[..., httpx.Client], write_spec: Callable[..., Path]) -> None:
    def change(document: Any) -> None:
        for name in ("ModifyRunRequest", "Run"):
            document["components"]["schemas"][name]["properties"]["note"] = True

    client = start(spec=write_spec(change))
    for note in (None, 1, ["a"]):
        assert client.post(DOCUMENTED, json={"note": note}).json()["note"] == note
        assert client.post(DOCUMENTED, json={}).json()["note"] == note

"""Runs from a file or from Python, and the errors for bad ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import thread_runs_mock
from thread_runs_mock.loading import RunsError

from .conftest import DOCUMENTED


@pytest.fixture
def run(documented_run: Any) -> Callable[[str], Any]:
    return lambda identifier: {
        **documented_run,
        "thread_id": "thread_1",
        "id": identifier,
        "metadata": {"a": "ü"},
    }


def as_lines(runs: list[Any]) -> str:
    return "".join(json.dumps(run) + "\r\n" for run in runs)


def as_indented(runs: list[Any]) -> str:
    return json.dumps(runs, indent=2)


def as_indented_objects(runs: list[Any]) -> str:
    return "\n".join(json.dumps(run, indent=2) for run in runs)


def as_array_of_lines(runs: list[Any]) -> str:
    return " [" + ",\n".join(json.dumps(run, ensure_ascii=False) for run in runs) + "\n]\n"


@pytest.mark.parametrize("form", [as_lines, as_indented, as_indented_objects, as_array_of_lines])
def test_forms(
    form: Callable[[list[Any]], str],
    run: Callable[[str], Any],
    tmp_path: Path,
    start: Callable[..., httpx.Client],
) -> None:
    runs = [run("run_1"), run("run_2"), {**run("run_abc123"), "thread_id": "thread_abc123"}]
    path = tmp_path / "runs"
    path.write_text(form(runs), "utf-8")
    client = start(runs=path)
    for expected in runs:
        assert client.post(f"/threads/{expected['thread_id']}/runs/{expected['id']}", json={}).json() == expected
    assert client.post("/threads/thread_abc123/runs/run_queued", json={}).status_code == 200


@pytest.mark.parametrize("text", ["", "[]", " \n", "[ ]\n"])
def test_no_runs(text: str, tmp_path: Path, start: Callable[..., httpx.Client]) -> None:
    path = tmp_path / "runs"
    path.write_text(text, "utf-8")
    assert start(runs=path).post(DOCUMENTED, json={}).status_code == 200


def test_runs_from_python_are_copied(run: Callable[[str], Any], start: Callable[..., httpx.Client]) -> None:
    given = run("run_1")
    client = start(runs=[given])
    given["metadata"]["later"] = ""
    assert client.post("/threads/thread_1/runs/run_1", json={}).json()["metadata"] == {"a": "ü"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1: not JSON: Expecting property name enclosed in double quotes"),
        ("RUN\n{", "line 2: not JSON: Expecting property name enclosed in double quotes"),
        ("[RUN\n RUN2]", "line 2: not JSON: expected ',' or ']' in the array"),
        ("[RUN,\n]", "line 2: not JSON: the array ends with a comma"),
        ("[RUN", "line 1: not JSON: expected ',' or ']' in the array"),
        ("[", "line 1: not JSON: the array does not end"),
        ("[RUN]\n\nRUN2", "line 3: not JSON: something follows the array"),
        ("[\n\n  NaN]", "line 3: not JSON: NaN is not JSON"),
        ("RUN\n\n3", "line 3: expected an object with the identifiers that its path needs"),
        ('RUN\n{"id": "run_1"}', "line 2: expected an object with the identifiers"),
        ('{"id": "r", "thread_id": "t"}', "line 1: Missing required parameter: 'assistant_id'."),
        ("RUN\nBROKEN", "line 2: Invalid value for 'status': 'done'. Supported values are: 'queued', "),
        ("RUN\nRUN", "line 2: /threads/thread_1/runs/run_1 occurs twice"),
        ("NAMELESS", "line 1: Invalid 'run_id': string too short."),
        ("[" * 100_000, "line 1: not JSON: maximum recursion depth exceeded"),
        ('{"id": "r", "thread_id": "\\ud800"}', "line 1: not JSON: 'utf-8' codec"),
    ],
)
def test_bad_file(text: str, message: str, run: Callable[[str], Any], tmp_path: Path) -> None:
    named = {
        "RUN2": run("run_2"),
        "RUN": run("run_1"),
        "BROKEN": {**run("run_3"), "status": "done"},
        "NAMELESS": run(""),
    }
    for name, value in named.items():
        text = text.replace(name, json.dumps(value))
    path = tmp_path / "runs.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(RunsError) as caught:
        thread_runs_mock.create_app(runs=path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_empty_lines(run: Callable[[str], Any], tmp_path: Path, start: Callable[..., httpx.Client]) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text(f"\n{json.dumps(run('run_1'))}\n \n\n{json.dumps(run('run_2'))}\n\n", "utf-8")
    client = start(runs=path)
    for identifier in ("run_1", "run_2"):
        assert client.post(f"/threads/thread_1/runs/{identifier}", json={}).json() == run(identifier)


@pytest.mark.parametrize("size", range(3_000_000, 3_000_004))
def test_a_large_array_is_read_incrementally(
    size: int, run: Callable[[str], Any], tmp_path: Path, start: Callable[..., httpx.Client]
) -> None:
    path = tmp_path / "runs.json"
    runs = [{**run(f"run_{n}"), "instructions": "é" * (size // 2)} for n in range(3)]
    path.write_text(" " * (size % 4) + json.dumps(runs, ensure_ascii=False), "utf-8")
    client = start(runs=path)
    for expected in runs:
        assert client.post(f"/threads/thread_1/runs/{expected['id']}", json={}).json() == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" + " " * ((1 << 20) - 3) + "12" + "34]", "line 1: expected an object"),
        ("{" + "\n" * (1 << 21) + "]", f"line {(1 << 21) + 1}: not JSON: Expecting property name"),
    ],
)
def test_a_large_bad_file(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    path.write_text(text, "utf-8")
    with pytest.raises(RunsError) as caught:
        thread_runs_mock.create_app(runs=path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_bytes_that_are_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    path.write_bytes(b'["\n' + "é".encode()[:1])
    with pytest.raises(RunsError, match=r"line 2: not UTF-8$"):
        thread_runs_mock.create_app(runs=path)


def test_not_utf8(run: Callable[[str], Any], tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_bytes(json.dumps(run("run_1")).encode() + b"\n\xff")
    with pytest.raises(RunsError, match=r"line 2: not UTF-8$"):
        thread_runs_mock.create_app(runs=path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(RunsError, match=r"none: No such file or directory$"):
        thread_runs_mock.create_app(runs=str(tmp_path / "none"))


def test_bad_run_from_python(run: Callable[[str], Any]) -> None:
    with pytest.raises(RunsError, match=r"^runs\[1\]: Invalid type for 'model': expected a string"):
        thread_runs_mock.create_app(runs=[run("run_1"), {**run("run_2"), "model": None}])
    with pytest.raises(RunsError, match=r"^runs\[0\]: not JSON: "):
        thread_runs_mock.create_app(runs=[{**run("run_1"), "model": b""}])
    nested: list[Any] = []
    for _ in range(101):
        nested = [nested]
    with pytest.raises(RunsError, match=r"^runs\[0\]: not JSON: nested more than 100 levels deep"):
        thread_runs_mock.create_app(runs=[{**run("run_1"), "model": nested}])

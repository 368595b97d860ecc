"""Runs each row of docs/coming-from-the-sdk.md: the SDK's line with the SDK, and ours, against the mock."""

import re
from pathlib import Path
from typing import Any

import pytest

import thread_runs_mock

PAGE = Path(__file__).parents[2] / "docs" / "coming-from-the-sdk.md"
ROW = re.compile(r"^\| ([\dx., ]+) \| `(.+)` \| `(.+)` \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text("utf-8"))
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def names_of(lines: list[str], url: str) -> dict[str, Any]:
    """Run the lines one after the other in one namespace; return the names they define."""
    names: dict[str, Any] = {"URL": url}
    for line in lines:
        exec(compile(line, line, "exec"), names)
    for value in list(names.values()):
        if hasattr(value, "beta") and not isinstance(value, type):
            value.close()
    return names


def test_every_row_of_the_page_is_found() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    assert len(ROWS) == len([line for line in lines if re.match(r"\| \d\.x", line)]) > 20


def test_each_line_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    with thread_runs_mock.serve(create_missing=True) as server:
        ours = names_of([line for _, _, line in ROWS], server.base_url)
        theirs = names_of([line for versions, line, _ in ROWS if "3.x" in versions], server.base_url)
    assert ours["data"]["metadata"] == theirs["data"]["metadata"] == {"a": "b"}
    assert ours["absent"] is theirs["absent"] is True
    assert ours["raw"].status_code == theirs["raw"].status_code == 200
    assert ours["request_id"].startswith("req_")
    assert theirs["request_id"].startswith("req_")

"""What softens a verdict, what a side can be, and the reports for pull requests."""

import datetime
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from scripts.diff import __main__ as diff

ROOT = Path(__file__).parents[2]
OLD = """\
openapi: 3.1.0
info: {title: Things, version: 1.4.0}
servers: [{url: https://api.example.com}]
paths:
  /things:
    get:
      operationId: getThing
      parameters:
        - {name: page, in: query, deprecated: true, x-sunset: SUNSET, schema: {type: integer}}
      responses:
        "200":
          description: A thing.
          content:
            application/json:
              schema:
                type: object
                properties:
                  name: {type: string}
                  size: {type: integer, deprecated: true, x-sunset: SUNSET}
  /others:
    get:
      operationId: getOther
      deprecated: true
      x-sunset: SUNSET
      responses:
        "204": {description: Nothing.}
"""
OPERATION = OLD[OLD.index("  /others:") :]
PROPERTY = "                  size: {type: integer, deprecated: true, x-sunset: SUNSET}\n"
PARAMETER = (
    "      parameters:\n"
    "        - {name: page, in: query, deprecated: true, x-sunset: SUNSET, schema: {type: integer}}\n"
)
REMOVALS = pytest.mark.parametrize(
    "removed", [OPERATION, PROPERTY, PARAMETER], ids=["operation", "property", "parameter"]
)


class Sides:
    """Two files in a folder, and the command that compares them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.old, self.new = folder / "old.yaml", folder / "new.yaml"
        self._accepted = folder / "accepted-changes.yaml"
        self._capsys = capsys

    def write(self, old: str, new: str, accepted: str | None = None) -> None:
        self.old.write_text(old, "utf-8")
        self.new.write_text(new, "utf-8")
        if accepted is not None:
            self._accepted.write_text(accepted, "utf-8")

    def run(self, *arguments: str) -> tuple[int, str, str]:
        named = ["--base", str(self.old), "--head", str(self.new), "--accepted", str(self._accepted), "--spec-only"]
        status = diff.main([*named, *arguments])
        printed = self._capsys.readouterr()
        return status, printed.out, printed.err

    def changes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("--format", "json")[1])["differences"]
        return found


@pytest.fixture
def sides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Sides:
    return Sides(tmp_path, capsys)


# x-sunset


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day is 2026-06-15."""
    day = datetime.datetime(2026, 6, 15, tzinfo=datetime.UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(day.timestamp())))


def removal(sides: Sides, removed: str, sunset: str) -> dict[str, Any]:
    old, less = OLD.replace("SUNSET", sunset), OLD.replace(removed, "").replace("SUNSET", sunset)
    sides.write(old, less)
    (change,) = sides.changes()
    return change


@REMOVALS
@pytest.mark.parametrize("sunset", ["2026-06-14", "2026-06-15", "2026-01-01T00:00:00Z"])
def test_what_is_removed_after_its_sunset_breaks_nobody(sides: Sides, today: None, removed: str, sunset: str) -> None:
    change = removal(sides, removed, sunset)
    assert (change["rule"], change["callers"]) == ("removed-after-sunset", "non-breaking")
    assert change["change"].endswith(f", as announced for {sunset[:10]}")
    assert sides.run()[0] == 0


@REMOVALS
def test_what_is_removed_before_its_sunset_breaks_callers(sides: Sides, today: None, removed: str) -> None:
    change = removal(sides, removed, "2026-06-16")
    assert change["callers"] == "breaking"
    assert change["change"].endswith("; it was deprecated, but its x-sunset 2026-06-16 has not passed")
    assert sides.run()[0] == 1


@pytest.mark.parametrize("sunset", ["soon", "2026-13-01", "'14 June 2026'"])
def test_a_sunset_that_is_not_a_date_has_no_effect(sides: Sides, today: None, sunset: str) -> None:
    change = removal(sides, OPERATION, sunset)
    assert change["callers"] == "breaking"
    assert change["change"].endswith("; it was deprecated without a date in x-sunset")


def test_a_sunset_without_a_deprecation_has_no_effect(sides: Sides, today: None) -> None:
    old = OLD.replace("      deprecated: true\n", "").replace("SUNSET", "2026-01-01")
    sides.write(old, old[: old.index("  /others:")])
    (change,) = sides.changes()
    assert (change["rule"], change["callers"]) == ("operation-removed", "breaking")


def test_the_announcement_must_be_in_the_previous_release(sides: Sides, today: None) -> None:
    """What is deprecated and removed in one step was never announced."""
    announced = OLD.replace("SUNSET", "2026-01-01")
    sides.write(announced.replace("      deprecated: true\n      x-sunset: 2026-01-01\n", ""), announced)
    assert {one["callers"] for one in sides.changes()} == {"non-breaking", "note"}
    sides.write(
        announced.replace("      deprecated: true\n      x-sunset: 2026-01-01\n", ""),
        announced[: announced.index("  /others:")],
    )
    assert [one["callers"] for one in sides.changes()] == ["breaking"]


# accepted-changes.yaml

ACCEPTED = """\
- rule: property-removed
  pointer: /paths/~1things/get/responses/200/content/application~1json/schema/properties/name
  reason: No server sends it.
  until: 1.4.0
"""
NAME = "                  name: {type: string}\n"


def test_an_accepted_break_passes_and_is_shown_with_its_reason(sides: Sides) -> None:
    old = OLD.replace("SUNSET", "2099-01-01")
    sides.write(old, old.replace(NAME, ""))
    assert sides.run()[0] == 1
    sides.write(old, old.replace(NAME, ""), ACCEPTED)
    for form in ("text", "markdown", "github", "changelog"):
        status, printed, _ = sides.run("--format", form)
        assert (status, "No server sends it." in printed) == (0, True), printed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("properties/name", "properties/other", "matches no change"),
        ("property-removed", "property-gone", "there is no rule property-gone"),
        ("1.4.0", "1.3.9", "accepted until 1.3.9, but info.version is 1.4.0"),
        ("No server sends it.", "''", "reason is empty"),
        ("  until: 1.4.0\n", "", "an entry has exactly the texts pointer, reason, rule, until"),
    ],
)
def test_an_entry_that_accepts_nothing_fails(sides: Sides, old: str, new: str, said: str) -> None:
    text = OLD.replace("SUNSET", "2099-01-01")
    sides.write(text, text.replace(NAME, ""), ACCEPTED.replace(old, new))
    status, printed, error = sides.run()
    assert (status, printed) == (2, "")
    assert error.startswith("diff: accepted-changes.yaml:1: ")
    assert said in error
    assert error.count("\n") == 1


# --fail-on


def test_fail_on_names_what_fails(sides: Sides) -> None:
    text = OLD.replace("SUNSET", "2099-01-01")
    sides.write(text, text.replace("A thing.", "The thing."))
    assert [sides.run("--fail-on", value)[0] for value in ("breaking", "any", "none")] == [0, 1, 0]
    sides.write(text, text.replace(NAME, ""))
    assert [sides.run("--fail-on", value)[0] for value in ("breaking", "any", "none")] == [1, 1, 0]
    sides.write(text, text)
    assert sides.run("--fail-on", "any")[0] == 0


# Reports for a pull request


def test_markdown_says_the_conclusion_first_and_escapes_cells(sides: Sides) -> None:
    text = OLD.replace("SUNSET", "2099-01-01").replace("name: {type: string}", "name: {type: string, pattern: 'a|b'}")
    sides.write(text, text.replace("'a|b'", "'a|b|c'").replace(PROPERTY.replace("SUNSET", "2099-01-01"), ""))
    printed = sides.run("--format", "markdown")[1]
    assert printed.startswith("### This change breaks callers\n\nVersion: a major step from 1.4.0, so 2.0.0 or higher")
    row = next(line for line in printed.splitlines() if "pattern" in line)
    assert row.count("|") - row.count("\\|") == 4, row
    assert f"| `{sides.new}:18` |" in row


def test_github_annotates_the_changed_lines_and_escapes_them(sides: Sides) -> None:
    text = OLD.replace("SUNSET", "2099-01-01")
    sides.write(text, text.replace("name: {type: string}", "name: {type: string, enum: ['50%', 'a,b:c']}"))
    *annotations, last = sides.run("--format", "github")[1].splitlines()
    assert all(line.startswith("::") for line in annotations)
    assert any(f"file={sides.new},line=18,title=enum-added::" in line and "50%25" in line for line in annotations)
    assert last.startswith("::notice title=version::") or last.startswith("::error title=version::")


# Released packages as sides


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.diff", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", env={**os.environ, **variables})


def changed(wheel: Path, folder: Path) -> Path:
    """Write a copy of a wheel in which the spec has no `top_p`."""
    copy = folder / wheel.name
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == "thread_runs_spec/openapi.yaml":
                assert b"\n        top_p:\n" in text
                text = text.replace(b"\n        top_p:\n", b"\n        top_q:\n", 1)
            target.writestr(name, text)
    return copy


@pytest.mark.slow
def test_a_wheel_is_a_side_with_its_spec_and_its_package(wheel: Path, tmp_path: Path) -> None:
    same = call("--base", str(wheel), "--head", str(wheel), "--fail-on", "any")
    assert (same.returncode, same.stderr) == (0, "")
    assert f"{wheel}:openapi.yaml against {wheel}:openapi.yaml: 0 differences" in same.stdout
    other = call("--base", "HEAD", "--head", str(changed(wheel, tmp_path)), "--format", "json", "--fail-on", "none")
    found = json.loads(other.stdout)
    assert "top_p renamed to top_q" in str(found["differences"])
    assert found["python_not_compared"] is None


@pytest.mark.slow
def test_a_released_package_is_downloaded_from_the_index(wheel: Path, tmp_path: Path) -> None:
    version = wheel.name.split("-")[1]
    offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheel.parent)}
    same = call("--base", f"thread-runs=={version}", "--head", str(wheel), "--fail-on", "any", **offline)
    assert (same.returncode, same.stderr) == (0, "")
    assert "0 differences" in same.stdout
    missing = call("--base", "thread-runs==99.0.0", **offline)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert missing.stderr.startswith("diff: thread-runs==99.0.0: cannot be downloaded: ")
    assert missing.stderr.count("\n") == 1


def test_a_file_that_is_not_a_wheel_gets_one_line(tmp_path: Path) -> None:
    file = tmp_path / "thread_runs-1.0.0-py3-none-any.whl"
    file.write_text("text", "utf-8")
    done = call("--base", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"diff: {file}: not a wheel\n")

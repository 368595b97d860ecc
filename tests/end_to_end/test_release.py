"""`make release` in a clone of the repository."""

import json
import re
import shutil
from pathlib import Path

import pytest

from .clone import Clone


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone in which 7.0.0 can be released."""
    clone = Clone(tmp_path_factory.mktemp("prepared") / "clone")
    clone.set_version("7.0.0")
    clone.run("generate")
    clone.note("Something that users see.")
    clone.commit("Change something")
    return clone


@pytest.fixture
def clone(prepared: Clone, tmp_path: Path) -> Clone:
    shutil.copytree(prepared.folder, tmp_path / "clone", symlinks=True)
    return Clone.at(tmp_path / "clone")


def test_a_release_and_the_one_after_it(clone: Clone) -> None:
    status, printed = clone.run("release")
    assert status == 0, printed
    assert clone.git("tag") == "v7.0.0"
    assert clone.git("log", "-1", "--format=%s") == "Release 7.0.0"
    assert clone.git("status", "--porcelain") == ""
    changelog = (clone.folder / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"## \[Unreleased\]\n\n## \[7\.0\.0\] - \d{4}-\d\d-\d\d\n\n### Changed\n\n- Something", changelog)

    assert clone.run("release")[1].startswith("release: v7.0.0 exists already")
    clone.set_version("7.0.1")
    clone.run("generate")
    clone.commit("Raise the version")
    status, printed = clone.run("release")
    assert status == 1
    assert "has nothing under Unreleased" in printed

    # A field less breaks callers: 7.0.1 does not say so.
    clone.replace("openapi.yaml", "\n        top_p:\n", "\n        top_q:\n")
    clone.run("generate")
    clone.note("`top_p` is gone.")
    clone.commit("Remove a field")
    status, printed = clone.run("release")
    assert status == 1
    assert "raise it to 8.0.0" in printed
    clone.set_version("8.0.0")
    clone.run("generate")
    clone.commit("Raise the version again")
    status, printed = clone.run("release")
    assert status == 0, printed
    notes = clone.git("tag", "--list", "--format=%(contents)", "v8.0.0")
    assert "### Changed\n\n- `top_p` is gone." in notes
    assert "### Spec\n\n- " in notes
    assert "### Python names\n\n- " in notes


def test_a_tree_that_is_not_clean(clone: Clone) -> None:
    (clone.folder / "new.txt").touch()
    status, printed = clone.run("release")
    assert status == 1
    assert "not clean" in printed
    assert clone.git("tag") == ""


def test_drift(clone: Clone) -> None:
    clone.replace("generated/thread_runs_client/facts.py", "Facts", "Truths")
    clone.commit("Edit by hand")
    status, printed = clone.run("release")
    assert status == 1
    assert "run `make generate`" in printed
    assert clone.git("tag") == ""


def test_a_release_that_fails_leaves_everything_as_it_was(clone: Clone) -> None:
    before = clone.git("rev-parse", "HEAD")
    hook = clone.folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no commits on Wednesdays >&2\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    status, printed = clone.run("release")
    assert status == 1
    assert printed.startswith("release: nothing was released, and the tree was restored: git commit: no commits on")
    # The commit succeeds, the tag does not.
    hook = hook.rename(hook.with_name("reference-transaction"))
    hook.write_text('#!/bin/sh\n[ "$1" = prepared ] && grep --quiet refs/tags/ && exit 1\nexit 0\n', "utf-8")
    status, printed = clone.run("release")
    assert status == 1
    assert printed.startswith("release: nothing was released, and the tree was restored: git tag: ")
    assert (clone.git("status", "--porcelain"), clone.git("tag"), clone.git("rev-parse", "HEAD")) == ("", "", before)
    hook.unlink()
    clone.git("config", "user.useConfigOnly", "true")
    clone.git("config", "--unset", "user.email")
    nobody = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "EMAIL": ""}
    status, printed = clone.run("release", **nobody)
    assert status == 1
    assert printed.count("\n") == 1
    assert (clone.git("status", "--porcelain"), clone.git("tag"), clone.git("rev-parse", "HEAD")) == ("", "", before)


def test_a_changelog_that_cannot_be_written_is_left_as_it_was(clone: Clone) -> None:
    clone.note("many words " * 20_000)
    clone.commit("Note a lot")
    before = clone.git("rev-parse", "HEAD")
    changelog = (clone.folder / "CHANGELOG.md").read_bytes()
    # No file may be larger than 150 KiB. For Python that is an error like a full disk.
    status, printed = clone.run("release", shell="ulimit -f 150")
    assert (status, printed) == (1, "release: nothing was released, and the tree was restored: File too large\n")
    assert (clone.git("status", "--porcelain"), clone.git("tag"), clone.git("rev-parse", "HEAD")) == ("", "", before)
    assert (clone.folder / "CHANGELOG.md").read_bytes() == changelog


def test_an_accepted_break_is_released_and_recorded(clone: Clone) -> None:
    assert clone.run("release")[0] == 0
    clone.replace("openapi.yaml", "\n        top_p:\n", "\n        top_q:\n")
    clone.set_version("7.1.0")
    clone.run("generate")
    clone.note("`top_p` is gone.")
    clone.commit("Rename a field")
    status, printed = clone.run("release")
    assert (status, "raise it to 8.0.0" in printed) == (1, True)
    pointer = "/components/schemas/Run/properties/top_p"
    reason = "No server ever sent it."
    status, printed = clone.run("diff", "--format", "json")
    rules = [one for one in json.loads(printed)["differences"] if one["callers"] == "breaking"]
    names = [one for one in json.loads(printed)["python"] if one["verdict"] == "breaking"]
    entries = [*((one["rule"], one["old"]["path"]) for one in rules), *(("python-name", one["name"]) for one in names)]
    lines = [
        f"- {{rule: {rule}, pointer: {place}, reason: {reason}, until: 7.1.0}}\n"
        for rule, place in dict.fromkeys(entries)
    ]
    assert pointer in "".join(lines)
    (clone.folder / "accepted-changes.yaml").write_text("".join(lines), "utf-8")
    clone.commit("Accept it")
    status, printed = clone.run("release")
    assert status == 0, printed
    assert f"accepted: {reason}" in printed
    assert not (clone.folder / "accepted-changes.yaml").exists()
    assert clone.git("status", "--porcelain") == ""


def test_a_clone_without_tags_is_not_released(clone: Clone, tmp_path: Path) -> None:
    assert clone.run("release")[0] == 0
    clone.set_version("7.0.1")
    clone.run("generate")
    clone.note("Something else.")
    clone.commit("Change more")
    shallow = tmp_path / "shallow"
    clone.git("clone", "--quiet", "--depth=1", f"file://{clone.folder}", str(shallow))
    lacking = Clone.at(shallow)
    status, printed = lacking.run("release")
    assert (status, lacking.git("tag")) == (1, "")
    assert "git fetch --unshallow --tags" in printed

"""Release the version that the spec states: write its section of CHANGELOG.md, commit it, tag it.

Refuses when the tree is not clean, the generated package is out of date, the tag exists, the version is too low for
what has changed since the last release, or nothing is noted under Unreleased. Whatever fails, the tree, the branch and
the tags are left as they were.
"""

import contextlib
import datetime
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.check import drift
from scripts.diff.__main__ import judge
from scripts.diff.judgement import Judgement
from scripts.diff.render import as_changelog
from scripts.diff.sources import InputError, find_side, last_release, working_tree
from scripts.generate import GenerationError
from scripts.repository import (
    ACCEPTED,
    CHANGELOG,
    GENERATED,
    ROOT,
    SPEC,
    GitError,
    changed_paths,
    git,
    git_text,
    sentence,
)
from thread_runs_spec.document import Spec, SpecError
from thread_runs_spec.standard_output import tolerate_closed_stdout

UNRELEASED = "## [Unreleased]"


class ReleaseError(Exception):
    """The release is not possible. The message says what to do first."""


def judgement() -> Judgement | None:
    """Compare with the last release; None if there is none.

    Raises ReleaseError if the changes contradict the version, and InputError or SpecError if nothing can be compared.
    """
    name = last_release()
    if name is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        found = judge(find_side(name, Path(folder)), working_tree(), ACCEPTED, Path(folder))
    version = found.version
    if not version.sufficient:
        raise ReleaseError(
            f"info.version is {version.stated}, but the changes since {version.base} are a {version.step} step: "
            f"raise it to {version.required} (`make diff` shows why)"
        )
    return found


def noted(changelog: str) -> str:
    """Return the text under Unreleased. Raises ReleaseError if there is none."""
    found = re.search(rf"^{re.escape(UNRELEASED)}\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    notes = found[1].strip() if found else ""
    if not re.search(r"^- ", notes, re.MULTILINE):
        raise ReleaseError(f"{CHANGELOG.name} has nothing under Unreleased: describe what changes for users")
    return notes


def require_clean_tree() -> None:
    """Raise ReleaseError, with the first few paths, if anything is not committed."""
    if changed := changed_paths():
        shown = ", ".join(changed[:3]) + (", ..." if len(changed) > 3 else "")
        raise ReleaseError(f"the tree is not clean ({shown}): commit or remove what `git status` shows")


def replace(path: Path, text: str) -> None:
    """Replace the content of a file in one step: it has either the old or the new content."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, "utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@contextlib.contextmanager
def undone_on_failure(paths: list[Path]) -> Iterator[None]:
    """Restore the branch and the files if something fails, even if the disk is full.

    Raises ReleaseError instead of what failed.
    """
    before = git_text("rev-parse", "HEAD")
    kept = {path: path.with_name(f".{path.name}.before") for path in paths}
    try:
        for path, copy in kept.items():
            copy.unlink(missing_ok=True)
            # A second name for the same content, which takes no space.
            copy.hardlink_to(path)
        yield
    except BaseException as error:
        outcome = undo(before, kept)
        if not isinstance(error, GitError | OSError):
            raise
        raise ReleaseError(f"nothing was released, {outcome}: {sentence(error)}") from None
    finally:
        for copy in kept.values():
            copy.unlink(missing_ok=True)


def undo(before: str, kept: dict[Path, Path]) -> str:
    """Restore the files and the commit of the branch, and return the outcome in words."""
    try:
        for path, copy in kept.items():
            if copy.exists():
                copy.replace(path)
        if git_text("rev-parse", "HEAD") != before:
            git("reset", "--quiet", "--hard", before)
    except (GitError, OSError) as error:
        return f"but the tree could not be restored ({sentence(error)}); run `git reset --hard {before[:12]}`"
    return "and the tree was restored"


def release() -> str:
    """Release the stated version and return its notes. Raises ReleaseError, with nothing changed, if it may not be."""
    require_clean_tree()
    if drift(SPEC, GENERATED):
        raise ReleaseError(f"{GENERATED.relative_to(ROOT)} is out of date: run `make generate` and commit the result")
    version = Spec.parse(SPEC.name, SPEC.read_text("utf-8")).root["info"]["version"]
    tag = f"v{version}"
    if git_text("tag", "--list", tag):
        raise ReleaseError(f"{tag} exists already: raise info.version in {SPEC.name}")
    found = judgement()
    changelog = CHANGELOG.read_text("utf-8")
    notes = noted(changelog)
    section = "\n\n".join(filter(None, [notes, as_changelog(found) if found else ""]))
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    released = f"## [{version}] - {today}\n\n{section}"
    paths = [path for path in (CHANGELOG, ACCEPTED) if path.exists()]
    with undone_on_failure(paths):
        replace(CHANGELOG, changelog.replace(f"{UNRELEASED}\n\n{notes}", f"{UNRELEASED}\n\n{released}"))
        # The entries applied to this release, and the changelog has them now.
        ACCEPTED.unlink(missing_ok=True)
        git("commit", "--quiet", "--message", f"Release {version}", "--", *(path.name for path in paths))
        message = f"Release {version}\n\n{section}\n"
        git("tag", "--annotate", tag, "--cleanup=verbatim", "--message", message)
    return released


def main() -> None:
    try:
        print(release())
    except (ReleaseError, InputError, SpecError, GenerationError, GitError, OSError) as error:
        sys.exit(f"release: {sentence(error)}")
    print("\nTagged. Next: git push --follow-tags, make publish INDEX_URL=...")


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()

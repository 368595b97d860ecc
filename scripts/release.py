"""Release the version that the contract states: write its section of CHANGELOG.md, commit it, tag it.

Refuses, and changes nothing, when the tree is not clean, the generated package is out of date, the tag exists, the
version is too low for what has changed since the last release, or nothing was noted under Unreleased.
"""

import datetime
import json
import re
import subprocess
import sys
from typing import Any

import yaml

from scripts.check import drift
from scripts.repository import GENERATED, ROOT, SPEC

CHANGELOG = ROOT / "CHANGELOG.md"
UNRELEASED = "## [Unreleased]"


class ReleaseError(Exception):
    """This cannot be released; the message says what has to be done first."""


def git(*arguments: str) -> str:
    """Return what git prints; raises ReleaseError if it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise ReleaseError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def difference() -> dict[str, Any]:
    """Return the comparison with the last release; raises ReleaseError if it contradicts the version."""
    command = [sys.executable, "-m", "scripts.diff", "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode > 1:
        raise ReleaseError(done.stderr.strip())
    found: dict[str, Any] = json.loads(done.stdout)
    version = found.get("version")
    if version and not version["sufficient"]:
        raise ReleaseError(
            f"info.version is {version['stated']}, but the changes since {version['base']} are a {version['step']} "
            f"step: raise it to {version['required']} (`make diff` shows why)"
        )
    return found


def noted(changelog: str) -> str:
    """Return what stands under Unreleased; raises ReleaseError if nothing does."""
    found = re.search(rf"^{re.escape(UNRELEASED)}\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    notes = found[1].strip() if found else ""
    if not re.search(r"^- ", notes, re.MULTILINE):
        raise ReleaseError(f"{CHANGELOG.name} notes nothing under Unreleased: say there what users will see")
    return notes


def derived(found: dict[str, Any]) -> str:
    """Return what changed in the contract and in the Python names as sections; empty for a first release."""
    contract = [one for one in found.get("differences", []) if one["rule"] != "version"]
    names = [one for one in found.get("python", []) if one["verdict"] != "note"]
    sections = {
        "Contract": [f"- {one['change']} ({one['callers']} for callers)" for one in contract],
        "Python names": [f"- `{one['name']}`: {one['words']} ({one['verdict']})" for one in names],
    }
    return "\n\n".join(f"### {title}\n\n" + "\n".join(lines) for title, lines in sections.items() if lines)


def release() -> str:
    """Release the stated version and return its notes; raises ReleaseError, with nothing changed, if it may not be."""
    if git("status", "--porcelain"):
        raise ReleaseError("the tree is not clean: commit or remove what `git status` shows")
    if drift(SPEC, GENERATED):
        raise ReleaseError(f"{GENERATED.relative_to(ROOT)} is out of date: run `make generate` and commit the result")
    version = yaml.safe_load(SPEC.read_text("utf-8"))["info"]["version"]
    tag = f"v{version}"
    if git("tag", "--list", tag):
        raise ReleaseError(f"{tag} exists already: raise info.version in {SPEC.name}")
    found = difference()
    changelog = CHANGELOG.read_text("utf-8")
    notes = noted(changelog)
    section = "\n\n".join(filter(None, [notes, derived(found)]))
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    released = f"## [{version}] - {today}\n\n{section}"
    CHANGELOG.write_text(changelog.replace(f"{UNRELEASED}\n\n{notes}", f"{UNRELEASED}\n\n{released}"), "utf-8")
    git("commit", "--quiet", "--message", f"Release {version}", "--", CHANGELOG.name)
    git("tag", "--annotate", tag, "--cleanup=verbatim", "--message", f"Release {version}\n\n{section}\n")
    return released


def main() -> None:
    try:
        print(release())
    except ReleaseError as error:
        sys.exit(f"release: {error}")
    print("\nTagged. Next: git push --follow-tags, make publish INDEX_URL=...")


if __name__ == "__main__":
    main()

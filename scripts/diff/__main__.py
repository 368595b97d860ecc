"""Say what a change of openapi.yaml means: every difference, its verdict, the version that follows, the Python names.

The version is that of the package, so a break for callers decides it: a major step, and below 1.0, where SemVer
section 4 leaves it free, a minor one. Anything else that moves the contract or adds a name is a minor step (below 1.0
a patch, so that `~=0.3.1` stays safe for callers), notes alone are a patch.

Exit codes: 0, or 1 if the change breaks callers and info.version does not say so, or 2 for bad input.
"""

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import griffe

from scripts.diff.compare import compare as compare_specs
from scripts.diff.python_api import ApiChange, compare_packages
from scripts.diff.report import Change
from scripts.diff.rules import GRAVITY, TABLE, Verdict, gravest
from scripts.repository import GENERATED as GENERATED_PACKAGE
from scripts.repository import ROOT, SPEC
from scripts.validation import parse_valid
from thread_runs_spec.document import Node, Spec, SpecError, pointer_text

PACKAGE = GENERATED_PACKAGE.name
GENERATED = GENERATED_PACKAGE.relative_to(ROOT).as_posix()
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:[-+.]?[0-9A-Za-z.+-]+)?")


class InputError(Exception):
    """What was asked for cannot be compared; the message says why in one line."""


@dataclass(frozen=True)
class Base:
    """What to compare with: its spec, and the git revision it came from, if it is no file."""

    spec: Spec
    revision: str | None


@dataclass(frozen=True)
class Version:
    """The version that follows. `step` is major, minor, patch or none; `says_so`: info.version is at least that."""

    base: str
    stated: str
    step: str
    required: str
    says_so: bool


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    except FileNotFoundError:
        raise InputError("git is not installed: name a file with BASE=") from None


def last_release() -> str | None:
    """Return the newest tag v1.2.3 that the checked-out commit comes after. Raises InputError outside of git."""
    if git("rev-parse", "--git-dir").returncode != 0:
        raise InputError("not a git repository: name a file with BASE=")
    found = git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    return found.stdout.decode().strip() if found.returncode == 0 else None


def read_file(path: Path) -> Spec:
    try:
        return parse_valid(
            path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path), path.read_text()
        )
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text") from None


def read_base(name: str) -> Base:
    """Read BASE: a file if there is one of that name, else a git revision."""
    path = Path(name)
    if path.is_file():
        return Base(read_file(path.resolve()), None)
    if git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").returncode != 0:
        raise InputError(f"BASE={name}: neither a file nor a git revision")
    found = git("show", f"{name}:./{SPEC.name}")
    if found.returncode != 0:
        raise InputError(f"BASE={name}: that revision has no {SPEC.name}")
    try:
        return Base(parse_valid(f"{name}:{SPEC.name}", found.stdout.decode()), name)
    except UnicodeDecodeError:
        raise InputError(f"{name}:{SPEC.name}: not UTF-8 text") from None


def release(spec: Spec) -> tuple[int, int, int]:
    """Return info.version as numbers, without what marks a pre-release. Raises InputError if it is no such version."""
    text = spec.root["info"].get("version")
    found = VERSION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise InputError(f"{spec.name}: info.version is {text!r}, not MAJOR.MINOR.PATCH")
    return int(found[1]), int(found[2]), int(found[3])


def version_that_follows(old: Spec, new: Spec, changes: list[Change], api: list[ApiChange]) -> Version:
    moved = [change.rule for change in changes if change.rule.name != "version"]
    # A break for servers alone moves the contract and breaks no caller.
    for_servers = [min(rule.servers, Verdict.NON_BREAKING, key=GRAVITY.index) for rule in moved]
    grave = gravest([*(rule.callers for rule in moved), *for_servers, *(change.verdict for change in api)])
    step = {None: "none", Verdict.NOTE: "patch", Verdict.NON_BREAKING: "minor", Verdict.BREAKING: "major"}[grave]
    major, minor, patch = release(old)
    if major == 0:
        step = {"major": "minor", "minor": "patch"}.get(step, step)
    required = {
        "none": (major, minor, patch),
        "patch": (major, minor, patch + 1),
        "minor": (major, minor + 1, 0),
        "major": (major + 1, 0, 0),
    }[step]
    stated = release(new)
    texts = (str(old.root["info"]["version"]), str(new.root["info"]["version"]), step, ".".join(map(str, required)))
    return Version(*texts, says_so=stated >= required)


def python_changes(base: Base, spec: Path) -> tuple[list[ApiChange], str | None]:
    """Return how the generated package changes, or why that cannot be told."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder) / "old" / PACKAGE, ROOT / GENERATED
        if base.revision is None:
            generate(Path(base.spec.name), old)
        elif git("cat-file", "-e", f"{base.revision}:./{GENERATED}").returncode == 0:
            archive = git("archive", "--format=zip", base.revision, "--", GENERATED)
            with zipfile.ZipFile(io.BytesIO(archive.stdout)) as files:
                files.extractall(Path(folder) / "tree")
            old = Path(folder) / "tree" / GENERATED
        else:
            return [], f"{base.revision} holds no {GENERATED}"
        if spec != SPEC:
            new = Path(folder) / "new" / PACKAGE
            generate(spec, new)
        if not new.is_dir():
            raise InputError(f"{GENERATED} is not there: run `make generate` first")
        try:
            return compare_packages(old, new), None
        except griffe.GriffeError as error:
            raise InputError(f"the generated package cannot be read: {' '.join(str(error).split())}") from None


def generate(spec: Path, output: Path) -> None:
    command = [sys.executable, "-m", "scripts.generate", "--spec", str(spec), "--output", str(output)]
    output.parent.mkdir(parents=True)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InputError(f"{spec}: cannot be generated: {' '.join((done.stderr or done.stdout).split())}")


def place(node: Node) -> str:
    return f"{node.spec.name}:{node.line}"


def as_json(
    base: Base, new: Spec, changes: list[Change], api: list[ApiChange], untold: str | None, version: Version
) -> dict[str, Any]:
    def at(node: Node | None) -> dict[str, Any] | None:
        return None if node is None else {"path": pointer_text(node.pointer), "line": node.line}

    return {
        "base": base.spec.name,
        "spec": new.name,
        "callers": gravest([change.rule.callers for change in changes]),
        "servers": gravest([change.rule.servers for change in changes]),
        "version": vars(version),
        "differences": [
            {
                "rule": change.rule.name,
                "direction": change.direction,
                "change": change.words,
                "callers": change.rule.callers,
                "servers": change.rule.servers,
                "reason": change.rule.reason,
                "old": at(change.old),
                "new": at(change.new),
                "used_in": change.used_in,
            }
            for change in changes
        ],
        "python": [vars(change) for change in api],
        "python_not_compared": untold,
    }


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def as_text(base: Base, new: Spec, changes: list[Change], api: list[ApiChange], untold: str | None) -> list[str]:
    lines = [f"{new.name} against {base.spec.name}: {counted(len(changes), 'difference')}"]
    for verdict in reversed(Verdict):
        group = [change for change in changes if change.rule.callers is verdict]
        if group:
            lines += ["", f"{verdict.capitalize()} for callers: {len(group)}"]
        for change in group:
            direction = "" if change.direction == "any" else f" [{change.direction}]"
            lines += [
                f"  {place(change.place)}: {change.words}{direction}",
                f"    {pointer_text(change.place.pointer)}",
                f"    callers: {change.rule.callers}, servers: {change.rule.servers}. {change.rule.reason}",
            ]
            lines += [f"    in {use}" for use in change.used_in]
    lines += ["", f"Python names and signatures: {untold or counted(len(api), 'change')}"]
    for one in api:
        lines.append(f"  {one.verdict}: {one.name}: {one.words} (generated/{one.file}:{one.line})")
    return lines


def conclusion(version: Version) -> str:
    if version.step == "none":
        head = f"Version: nothing calls for a new one after {version.base}"
    else:
        head = f"Version: a {version.step} step from {version.base}, so {version.required} or higher"
    return f"{head}; info.version is {version.stated}: {'right' if version.says_so else 'too low'}."


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="diff.py", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--base", default="", help="a file or git revision to compare with; default: the last release tag"
    )
    parser.add_argument("--spec", type=Path, default=SPEC, help="the spec that is judged; default: openapi.yaml")
    parser.add_argument("--spec-only", action="store_true", help="leave the generated package out")
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument("--rules", action="store_true", help="print the table of rules and stop")
    options = parser.parse_args(arguments)
    if options.rules:
        print(TABLE.read_text(), end="")
        return 0
    try:
        name = options.base or last_release()
        if name is None:
            shallow = git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
            hint = " This clone is shallow: fetch the tags if there should be one." if shallow else ""
            message = f"No release tag (v1.2.3) yet: nothing to compare with.{hint}"
            print(json.dumps({"base": None, "message": message}) if options.json else message)
            return 0
        return compare(read_base(name), options.spec.resolve(), options.spec_only, options.json)
    except (InputError, SpecError) as error:
        print(f"diff.py: {error}", file=sys.stderr)
        return 2


def compare(base: Base, path: Path, spec_only: bool, json_wanted: bool) -> int:
    new = read_file(path)
    changes = compare_specs(base.spec, new)
    api, untold = ([], "left out") if spec_only else python_changes(base, path)
    version = version_that_follows(base.spec, new, changes, api)
    breaks = Verdict.BREAKING in [*(change.rule.callers for change in changes), *(change.verdict for change in api)]
    if json_wanted:
        print(json.dumps(as_json(base, new, changes, api, untold, version), indent=2, default=str))
    else:
        print("\n".join([*as_text(base, new, changes, api, untold), "", conclusion(version)]))
        if breaks and not version.says_so:
            print(f"This breaks callers: raise info.version to {version.required}, or take the change back.")
    return 1 if breaks and not version.says_so else 0


if __name__ == "__main__":
    sys.exit(main())

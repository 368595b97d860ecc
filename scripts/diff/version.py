"""Derive the version that follows from a set of changes.

The version is that of the package, so a break for callers decides it: a major step, and below 1.0, where SemVer
section 4 leaves it free, a minor one. Anything else that changes the spec or adds a name is a minor step (below 1.0 a
patch, so that `~=0.3.1` stays safe for callers). Notes alone are a patch.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from scripts.diff.changes import Change
from scripts.diff.python_api import ApiChange
from scripts.diff.rules import Verdict, milder, worst
from scripts.diff.sources import InputError
from thread_runs_spec.document import Spec

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:[-+.]?[0-9A-Za-z.+-]+)?")
Release = tuple[int, int, int]


@dataclass(frozen=True)
class Version:
    """The version that follows.

    Attributes:
        base, stated: `info.version` of the old and of the new spec.
        step: major, minor, patch or none.
        required: The lowest version that is right.
        sufficient: Whether the stated version is at least the required one.
    """

    base: str
    stated: str
    step: str
    required: str
    sufficient: bool


def parse_release(text: str) -> Release | None:
    """Return a version as three numbers, without what marks a pre-release; None if it is not MAJOR.MINOR.PATCH."""
    found = _VERSION.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def release_of(spec: Spec) -> Release:
    """Return `info.version` as numbers. Raises InputError if it is not MAJOR.MINOR.PATCH."""
    text = spec.root["info"].get("version")
    found = parse_release(text) if isinstance(text, str) else None
    if found is None:
        raise InputError(f"{spec.name}: info.version is {text!r}, not MAJOR.MINOR.PATCH")
    return found


def next_version(old: Spec, new: Spec, changes: Iterable[Change], api: Iterable[ApiChange]) -> Version:
    """Return the version that follows from the changes of the spec and of the Python names."""
    moved = [change for change in changes if change.rule.name != "version"]
    # A break for servers alone changes the spec and breaks no caller.
    for_servers = [milder(change.rule.servers, Verdict.NON_BREAKING) for change in moved]
    most = worst([*(change.callers for change in moved), *for_servers, *(change.effective for change in api)])
    step = {None: "none", Verdict.NOTE: "patch", Verdict.NON_BREAKING: "minor", Verdict.BREAKING: "major"}[most]
    major, minor, patch = release_of(old)
    if major == 0:
        step = {"major": "minor", "minor": "patch"}.get(step, step)
    required = {
        "none": (major, minor, patch),
        "patch": (major, minor, patch + 1),
        "minor": (major, minor + 1, 0),
        "major": (major + 1, 0, 0),
    }[step]
    stated = release_of(new)
    texts = (str(old.root["info"]["version"]), str(new.root["info"]["version"]), step, ".".join(map(str, required)))
    return Version(*texts, sufficient=stated >= required)

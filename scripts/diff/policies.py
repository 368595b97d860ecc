"""What may soften a verdict: a removal that was announced and is due, and a break that was reviewed and accepted.

`accepted-changes.yaml` lists accepted changes:

    - rule: property-removed
      pointer: /components/schemas/Run/properties/top_p
      reason: No server ever sent it.
      until: 1.5.0

`pointer` is that of the change in the old or the new spec; for a Python name it is the name, and the rule is
`python-name`. The entry counts for versions up to `until`. `make release` moves it into the changelog.
"""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from scripts.diff.changes import Change
from scripts.diff.python_api import ApiChange
from scripts.diff.rules import RULES, Direction, Verdict, rule
from scripts.diff.sources import InputError
from scripts.diff.version import parse_release
from thread_runs_spec.document import Node, SpecError, pointer_text
from thread_runs_spec.yaml_reader import read

PYTHON_RULE = "python-name"
_KEYS = {"rule", "pointer", "reason", "until"}


@dataclass(frozen=True)
class Accepted:
    """One entry of accepted-changes.yaml and its line."""

    rule: str
    pointer: str
    reason: str
    until: str
    line: int


def read_accepted(name: str, text: str) -> list[Accepted]:
    """Read accepted-changes.yaml. Raises InputError with the line of what is wrong."""
    try:
        content, lines = read(name, text)
    except SpecError as error:
        raise InputError(str(error)) from None
    if not isinstance(content or [], list):
        raise InputError(f"{name}: not a list of accepted changes")
    return [_entry(name, entry, lines[(str(index),)]) for index, entry in enumerate(content or [])]


def _entry(name: str, entry: Any, line: int) -> Accepted:
    place = f"{name}:{line}"
    if not isinstance(entry, dict) or entry.keys() != _KEYS or not all(isinstance(one, str) for one in entry.values()):
        raise InputError(f"{place}: an entry has exactly the texts {', '.join(sorted(_KEYS))}")
    if entry["rule"] != PYTHON_RULE and entry["rule"] not in {one for one, _ in RULES}:
        raise InputError(f"{place}: there is no rule {entry['rule']} (`make diff RULES=1` lists them)")
    if parse_release(entry["until"]) is None:
        raise InputError(f"{place}: until is {entry['until']!r}, not MAJOR.MINOR.PATCH")
    if not entry["reason"].strip():
        raise InputError(f"{place}: reason is empty")
    return Accepted(entry["rule"], entry["pointer"], entry["reason"], entry["until"], line)


def accept(
    changes: Sequence[Change], api: Sequence[ApiChange], entries: Sequence[Accepted], stated: str, name: str
) -> tuple[list[Change], list[ApiChange]]:
    """Return the changes with those marked that an entry accepts, and the Python names that follow from them.

    Raises InputError for an entry that has expired or that matches nothing.
    """
    used: set[int] = set()

    def entry_for(rule_name: str, pointers: Sequence[str]) -> Accepted | None:
        for entry in entries:
            if entry.rule == rule_name and entry.pointer in pointers:
                used.add(entry.line)
                return entry
        return None

    found: list[Change] = []
    for change in changes:
        pointers = [pointer_text(node.pointer) for node in (change.old, change.new) if node is not None]
        entry = entry_for(change.rule.name, pointers)
        found.append(replace(change, accepted=entry.reason) if entry else change)
    names: list[ApiChange] = []
    for one in api:
        entry = entry_for(PYTHON_RULE, [one.name])
        cause = next((change for change in found if _explains(change, one)), None)
        reason = entry.reason if entry else cause.softened if cause else None
        names.append(replace(one, accepted=reason) if reason else one)
    for entry in entries:
        place = f"{name}:{entry.line}: {entry.rule} at {entry.pointer}"
        if (parse_release(stated) or (0, 0, 0)) > (parse_release(entry.until) or (0, 0, 0)):
            raise InputError(f"{place}: accepted until {entry.until}, but info.version is {stated}: remove the entry")
        if entry.line not in used:
            raise InputError(f"{place}: matches no change: remove the entry or correct it")
    return found, names


def _explains(change: Change, name: ApiChange) -> bool:
    """Whether a removal of a Python name follows from a change that is accepted or due."""
    if change.softened is None or change.old is None or name.verdict is not Verdict.BREAKING:
        return False
    old = change.old.pointer
    words = {_python_name(part) for part in old[-1:]}
    if change.rule.name.startswith(("operation", "removed-after-sunset")) and isinstance(change.old.value, dict):
        words.add(_python_name(str(change.old.value.get("operationId", ""))))
    holder = name.name.split(".")
    if name.name.endswith(".__init__") or "parameter" in name.words:
        return any(re.search(rf"\bparameter {re.escape(word)}\b", name.words) for word in words if word)
    if "type changed" in name.words or "result changed" in name.words:
        return holder[-1] in words
    return name.words == "removed" and any(word in holder for word in words if word)


def _python_name(text: str) -> str:
    """Return the Python name that the generator makes of a name in the spec."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|\W+", "_", text)
    return spaced.strip("_").lower()


# Removals that were announced

_REMOVALS = ("operation-removed", "property-removed", "parameter-removed")


def apply_sunset(changes: Sequence[Change], today: datetime.date) -> list[Change]:
    """Return the changes, with a new verdict for removals that `deprecated` and `x-sunset` announced."""
    return [_judged_again(change, today) if change.rule.name.startswith(_REMOVALS) else change for change in changes]


def _judged_again(change: Change, today: datetime.date) -> Change:
    node = change.old
    if node is None or not _flag(node, "deprecated"):
        return change
    date = _flag(node, "x-sunset")
    sunset = _date(date)
    if sunset is None:
        return replace(change, words=f"{change.words}; it was deprecated without a date in x-sunset")
    if sunset > today:
        return replace(change, words=f"{change.words}; it was deprecated, but its x-sunset {sunset} has not passed")
    words = f"{change.words}, as announced for {sunset}"
    return replace(change, rule=rule("removed-after-sunset", Direction.ANY), words=words)


def _flag(node: Node, key: str) -> Any:
    for one in (node, node.resolve()):
        if isinstance(one.value, dict) and key in one.value:
            return one.value[key]
    return None


def _date(value: Any) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None

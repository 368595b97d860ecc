"""Write a judgement as text, JSON, Markdown, GitHub annotations, or sections of a changelog."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from scripts.diff.changes import Change
from scripts.diff.judgement import Judgement
from scripts.diff.python_api import ApiChange
from scripts.diff.renames import find
from scripts.diff.rules import Verdict, worst
from scripts.diff.version import Version
from thread_runs_spec.document import Node, pointer_text


def _place(node: Node) -> str:
    return f"{node.spec.name}:{node.line}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _direction(change: Change) -> str:
    return "" if change.direction == "any" else f" [{change.direction}]"


def _groups(changes: Sequence[Change]) -> list[tuple[Verdict, list[Change]]]:
    groups = [(verdict, [one for one in changes if one.callers is verdict]) for verdict in reversed(Verdict)]
    return [(verdict, group) for verdict, group in groups if group]


def _conclusion(version: Version) -> str:
    if version.step == "none":
        head = f"Version: nothing requires a new one after {version.base}"
    else:
        head = f"Version: a {version.step} step from {version.base}, so {version.required} or higher"
    return f"{head}; info.version is {version.stated}: {'right' if version.sufficient else 'too low'}."


def _advice(judgement: Judgement) -> list[str]:
    if not judgement.refused:
        return []
    return [
        f"This breaks callers: raise info.version to {judgement.version.required}, take the change back, or accept it "
        "in accepted-changes.yaml."
    ]


def as_text(judgement: Judgement) -> str:
    changes = judgement.changes
    lines = [f"{judgement.new.name} against {judgement.old.name}: {_counted(len(changes), 'difference')}"]
    for verdict, group in _groups(changes):
        lines += ["", f"{verdict.capitalize()} for callers: {len(group)}"]
        for change in group:
            rule = change.rule
            lines += [
                f"  {_place(change.place)}: {change.words}{_direction(change)}",
                f"    {pointer_text(change.place.pointer)} ({rule.name})",
                f"    callers: {rule.callers}, servers: {rule.servers}. {rule.reason}",
            ]
            lines += [f"    accepted: {change.accepted}"] if change.accepted else []
            lines += [f"    in {use}" for use in change.used_in]
    names = judgement.not_compared or _counted(len(judgement.api), "change")
    lines += ["", f"Python names and signatures: {names}"]
    for one in judgement.api:
        accepted = f"; accepted: {one.accepted}" if one.accepted else ""
        lines.append(f"  {one.verdict}: {one.name}: {one.words} (generated/{one.file}:{one.line}){accepted}")
    lines += ["", _conclusion(judgement.version), *_advice(judgement)]
    return "\n".join(lines)


def as_json(judgement: Judgement) -> str:
    def at(node: Node | None) -> dict[str, Any] | None:
        return None if node is None else {"path": pointer_text(node.pointer), "line": node.line}

    document = {
        "base": judgement.old.name,
        "spec": judgement.new.name,
        "callers": worst(change.callers for change in judgement.changes),
        "servers": worst(change.rule.servers for change in judgement.changes),
        "breaks": judgement.breaks,
        "version": vars(judgement.version),
        "differences": [
            {
                "rule": change.rule.name,
                "direction": change.direction,
                "change": change.words,
                "callers": change.rule.callers,
                "servers": change.rule.servers,
                "reason": change.rule.reason,
                "accepted": change.accepted,
                "old": at(change.old),
                "new": at(change.new),
                "used_in": change.used_in,
            }
            for change in judgement.changes
        ],
        "python": [vars(one) for one in judgement.api],
        "python_not_compared": judgement.not_compared,
    }
    return json.dumps(document, indent=2)


def as_markdown(judgement: Judgement) -> str:
    """Write a comment for a pull request: the conclusion first, then a table for each verdict."""
    state = "breaks callers" if judgement.breaks else "does not break callers"
    lines = [f"### This change {state}", "", _conclusion(judgement.version), *_advice(judgement)]
    for verdict, group in _groups(judgement.changes):
        table = ["| where | change | why |", "|---|---|---|"]
        for change in group:
            why = f"accepted: {change.accepted}" if change.accepted else change.rule.reason
            cells = (f"`{_place(change.place)}`", f"{change.words}{_direction(change)}", why)
            table.append(f"| {' | '.join(map(_cell, cells))} |")
        lines += ["", *_folded(f"{verdict.capitalize()} for callers: {len(group)}", table, verdict is Verdict.NOTE)]
    if judgement.api:
        table = ["| name | change | verdict |", "|---|---|---|"]
        for one in judgement.api:
            table.append(f"| `{one.name}` | {_cell(one.words)} | {one.effective} |")
        lines += ["", *_folded(f"Python names: {len(judgement.api)}", table, folded=True)]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _folded(title: str, table: list[str], folded: bool) -> list[str]:
    if folded:
        return [f"<details><summary>{title}</summary>", "", *table, "", "</details>"]
    return [f"**{title}**", "", *table]


def as_github(judgement: Judgement) -> str:
    """Write workflow commands that annotate the changed lines: an error where the version is too low for a break."""
    lines = []
    for change in judgement.changes:
        level = _level(change.callers, judgement)
        if level is not None:
            node = _nearest(change, judgement)
            lines.append(
                _command(level, node.spec.name, node.line, change.rule.name, f"{change.words}. {_why(change)}")
            )
    for one in judgement.api:
        level = _level(one.effective, judgement)
        if level == "error" or (level is not None and one.accepted):
            lines.append(_command(level, f"generated/{one.file}", one.line, "python-name", f"{one.name}: {one.words}"))
    lines.append(_command("error" if judgement.refused else "notice", "", 0, "version", _conclusion(judgement.version)))
    return "\n".join(lines)


def _why(change: Change) -> str:
    return f"Accepted: {change.accepted}" if change.accepted else change.rule.reason


def _level(verdict: Verdict, judgement: Judgement) -> str | None:
    serious = "error" if judgement.refused else "warning"
    return {Verdict.BREAKING: serious, Verdict.NON_BREAKING: "notice"}.get(verdict)


def _nearest(change: Change, judgement: Judgement) -> Node:
    """Return the place of the change in the new spec, or the closest remaining place."""
    if change.new is not None:
        return change.new
    pointer = change.place.pointer
    while (found := find(judgement.new, pointer)) is None:
        pointer = pointer[:-1]
    return found


def _command(level: str, file: str, line: int, title: str, message: str) -> str:
    place = f"file={_property(file)},line={max(line, 1)}," if file else ""
    text = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{level} {place}title={_property(title)}::{text}"


def _property(text: str) -> str:
    for character, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(character, code)
    return text


def as_changelog(judgement: Judgement) -> str:
    """Write what changed in the spec and in the Python names as sections of CHANGELOG.md; empty if nothing did."""
    spec = [one for one in judgement.changes if one.rule.name != "version"]
    names = [one for one in judgement.api if one.verdict is not Verdict.NOTE]
    sections = {
        "Spec": [f"- {one.words} ({_verdict(one.rule.callers, one.accepted)} for callers)" for one in _distinct(spec)],
        "Python names": [_name_line(one) for one in names],
    }
    return "\n\n".join(f"### {title}\n\n" + "\n".join(lines) for title, lines in sections.items() if lines)


def _distinct(changes: Sequence[Change]) -> list[Change]:
    """Leave out a change in one direction that has the words and the verdict of the one in the other."""
    return list({(one.words, one.rule.callers, one.place.pointer): one for one in changes}.values())


def _verdict(verdict: Verdict, accepted: str | None) -> str:
    return f"{verdict}, accepted: {accepted};" if accepted else verdict


def _name_line(one: ApiChange) -> str:
    return f"- `{one.name}`: {one.words} ({_verdict(one.verdict, one.accepted).rstrip(';')})"


FORMATS: dict[str, Callable[[Judgement], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "github": as_github,
    "changelog": as_changelog,
}
"""What `--format` takes."""

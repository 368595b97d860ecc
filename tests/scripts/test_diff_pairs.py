"""`make diff` reaches the verdicts that were reasoned out in diff/pairs.yaml."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.diff import __main__ as diff
from scripts.diff import compare
from scripts.diff.rules import RULES
from scripts.validation import parse_valid
from thread_runs_spec.document import Node, Spec, SpecError

FOLDER = Path(__file__).parent / "diff_pairs"
BASE: dict[str, Any] = yaml.safe_load((FOLDER / "base.yaml").read_text("utf-8"))
DATA: dict[str, Any] = yaml.safe_load((FOLDER / "pairs.yaml").read_text("utf-8"))
PAIRS: list[dict[str, Any]] = DATA["pairs"]


def holder_of(document: Any, path: str) -> tuple[Any, Any]:
    """Return what holds the value at `path`, and the key or index to find it under."""
    for alias, meaning in DATA["aliases"].items():
        if path.startswith(alias):
            path = meaning + path.removeprefix(alias)
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    for part in way:
        document = document[int(part) if isinstance(document, list) else part]
    return document, int(last) if isinstance(document, list) and last != "-" else last


def edited(document: Any, operations: list[list[Any]]) -> Any:
    """Apply RFC 6902 operations to a copy of `document`."""
    document = copy.deepcopy(document)
    for name, path, *rest in operations:
        holder, key = holder_of(document, path)
        if name == "move":
            value = holder.pop(key)
            holder, key = holder_of(document, rest[0])
        elif name == "remove":
            del holder[key]
            continue
        else:
            value = rest[0]
        if name != "replace" and isinstance(holder, list):
            holder.insert(len(holder) if key == "-" else key, value)
        else:
            assert name != "replace" or isinstance(holder, list) or key in holder, f"{path} is not there"
            holder[key] = value
    return document


def specs(pair: dict[str, Any]) -> tuple[Any, Any]:
    version = [["replace", "/info/version", pair["from"]]] if "from" in pair else []
    base = edited(BASE, [*pair.get("before", []), *version])
    return base, edited(base, pair["edit"])


def gravest(verdicts: list[str]) -> str:
    return max(verdicts, key=["none", "note", "non-breaking", "breaking"].index, default="none")


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"] for pair in PAIRS])
def test_the_verdict_is_the_one_that_was_reasoned_out(
    pair: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, changed = specs(pair)
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(base), "utf-8")
    new.write_text(json.dumps(changed), "utf-8")

    code = diff.main(["--base", str(old), "--spec", str(new), "--spec-only", "--json"])

    printed = capsys.readouterr().out
    report = json.loads(printed)
    found = report["differences"]
    assert report["callers"] == (None if pair["callers"] == "none" else pair["callers"]), printed
    assert report["servers"] == (None if pair["servers"] == "none" else pair["servers"]), printed
    assert report["version"]["step"] == pair["step"]
    assert code == (1 if pair["callers"] == "breaking" else 0)
    assert len(found) == pair.get("changes", len(found)), printed
    assert pair.get("says", "") in json.dumps(found, ensure_ascii=False).replace('\\"', '"')
    for direction, verdicts in pair.get("by_direction", {}).items():
        here = [one for one in found if one["direction"] == direction]
        assert {reader: gravest([one[reader] for one in here]) for reader in verdicts} == verdicts, printed


def test_every_pair_says_why() -> None:
    assert len(PAIRS) >= 60
    assert len({pair["name"] for pair in PAIRS}) == len(PAIRS)
    assert [pair["name"] for pair in PAIRS if not pair["because"].endswith(".")] == []


def test_every_row_of_the_table_has_a_pair() -> None:
    reached = set()
    for pair in PAIRS:
        old, new = specs(pair)
        for change in compare.compare(Spec("old", old, {}), Spec("new", new, {})):
            reached.add((change.rule.name, change.rule.direction))
    assert [f"{name} in {direction}" for name, direction in RULES if (name, direction) not in reached] == []


def mutations() -> Iterator[tuple[str, Any]]:
    """Yield copies of the base with one value dropped or altered, for every nineteenth place in it."""
    root = Node(Spec("base", BASE, {}), (), BASE)
    places, stack = [], [root]
    while stack:
        node = stack.pop()
        stack.extend(node.children())
        places.append(node)
    for node in places[1::19]:
        for dropped in (True, False):
            document = copy.deepcopy(BASE)
            path = "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in node.pointer)
            holder, key = holder_of(document, path)
            if dropped:
                del holder[key]
            else:
                holder[key] = {"z": 1} if not isinstance(node.value, str) else f"{node.value}z"
            yield f"{'without' if dropped else 'altered'} {path}", document


def test_no_difference_passes_in_silence() -> None:
    old = Spec("old", BASE, {})
    silent, told = [], 0
    for name, document in mutations():
        try:
            changes = compare.compare(old, parse_valid("new", json.dumps(document)))
        except SpecError:
            continue
        told += 1
        if not changes:
            silent.append(name)
    assert silent == []
    assert told > 20

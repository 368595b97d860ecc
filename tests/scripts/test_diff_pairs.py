"""`make diff` reaches the verdicts that were reasoned out in diff_pairs/pairs.yaml."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.diff import __main__ as diff
from scripts.diff.compare import compare
from scripts.structure import read_spec
from thread_runs_spec.document import Node, Spec, SpecError

from .diff_documents import BASE, edited, gravest, read_pairs

DATA: dict[str, Any] = read_pairs("pairs.yaml")
PAIRS: list[dict[str, Any]] = DATA["pairs"]


def specs(pair: dict[str, Any]) -> tuple[Any, Any]:
    version = [["replace", "/info/version", pair["from"]]] if "from" in pair else []
    base = edited(BASE, [*pair.get("before", []), *version], DATA["aliases"])
    return base, edited(base, pair["edit"], DATA["aliases"])


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"] for pair in PAIRS])
def test_the_verdict_is_the_one_that_was_reasoned_out(
    pair: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, changed = specs(pair)
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(base), "utf-8")
    new.write_text(json.dumps(changed), "utf-8")

    code = diff.main(["--base", str(old), "--head", str(new), "--spec-only", "--format", "json"])

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


def test_every_pair_has_a_reason() -> None:
    assert len(PAIRS) >= 60
    assert len({pair["name"] for pair in PAIRS}) == len(PAIRS)
    assert [pair["name"] for pair in PAIRS if not pair["because"].endswith(".")] == []


def mutations() -> Iterator[tuple[str, Any]]:
    """Yield copies of the base with one value dropped or altered, for every seventh place in it."""
    root = Node(Spec("base", BASE, {}), (), BASE)
    places, stack = [], [root]
    while stack:
        node = stack.pop()
        stack.extend(node.children())
        places.append(node)
    for node in places[1::7]:
        for dropped in (True, False):
            document = copy.deepcopy(BASE)
            holder: Any = document
            for part in node.pointer[:-1]:
                holder = holder[int(part) if isinstance(holder, list) else part]
            key = int(node.pointer[-1]) if isinstance(holder, list) else node.pointer[-1]
            if dropped:
                del holder[key]
            else:
                holder[key] = {"z": 1} if not isinstance(node.value, str) else f"{node.value}z"
            yield f"{'without' if dropped else 'altered'} {'/'.join(node.pointer)}", document


def test_no_difference_passes_in_silence() -> None:
    old = Spec("old", BASE, {})
    silent, count = [], 0
    for name, document in mutations():
        try:
            changes = compare(old, read_spec("new", json.dumps(document)))
        except SpecError:
            continue
        count += 1
        if not changes:
            silent.append(name)
    assert silent == []
    assert count > 60

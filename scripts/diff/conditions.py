"""Judge `not`, and `if` with `then` and `else`."""

from collections.abc import Iterator

from scripts.diff.arrays import RULES
from scripts.diff.changes import Change, describe
from scripts.diff.effective import Schema
from scripts.diff.objects import one_schema
from scripts.diff.walk import Walk
from thread_runs_spec.document import Node

_INVERSE = {"more": "fewer", "fewer": "more", "other": "other"}
_BRANCHES = ("then", "else")


def judge(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    yield from _not(before, after, walk)
    yield from _if(before, after, walk)
    # What a string holds once it is decoded.
    name = "contentSchema"
    yield from one_schema(name, before.keywords.get(name, []), after.keywords.get(name, []), walk)


def _not(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = before.keywords.get("not", []), after.keywords.get("not", [])
    _visit(walk, *old, *new)
    if not old and not new:
        return
    if len(old) > 1 or len(new) > 1:
        # Several parts of an allOf exclude something. They are not one schema, so each removed or added one counts.
        relation = "same" if _texts(old) == _texts(new) else "other"
    elif old and new:
        relation = _INVERSE.get(walk.relation(old, new), "same")
    else:
        relation = "fewer" if new else "more"
    if relation != "same":
        nodes = before.first("not"), after.first("not")
        yield walk.change(RULES[relation], describe("not", *nodes), *nodes)


def _texts(nodes: list[Node]) -> list[str]:
    return sorted(repr(node.value) for node in nodes)


def _if(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = ([branch for branch in _BRANCHES if branch in schema.keywords] for schema in (before, after))
    old = old if "if" in before.keywords else []
    new = new if "if" in after.keywords else []
    for schema in (before, after):
        _visit(walk, *(node for name in ("if", *_BRANCHES) for node in schema.keywords.get(name, [])))
    if not old and not new:
        return
    nodes = before.first("if"), after.first("if")
    if not old or not new:
        yield walk.change("limit-loosened" if old else "limit-tightened", describe("if", *nodes), *nodes)
        for name in _BRANCHES:
            pair = before.first(name), after.first(name)
            if any(pair):
                yield walk.change("limit-loosened" if old else "limit-tightened", describe(name, *pair), *pair)
    elif walk.relation(before.keywords["if"], after.keywords["if"]) != "same":
        yield walk.change("condition-changed", describe("if", *nodes), *nodes)
    else:
        for name in _BRANCHES:
            yield from _branch(name, before.keywords.get(name, []), after.keywords.get(name, []), walk)


def _branch(name: str, old: list[Node], new: list[Node], walk: Walk) -> Iterator[Change]:
    if old and new:
        relation = walk.relation(old, new)
        if relation != "same":
            yield walk.change(RULES[relation], describe(name, old[0], new[0]), old[0], new[0])
    else:
        yield from one_schema(name, old, new, walk)


def _visit(walk: Walk, *nodes: Node) -> None:
    for node in nodes:
        walk.context.visit(node)

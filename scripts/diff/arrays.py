"""Judge the keywords for arrays: items at fixed positions, other items, and items that an array must contain."""

from collections.abc import Iterator, Sequence

from scripts.diff.changes import Change, describe
from scripts.diff.effective import Schema
from scripts.diff.objects import one_schema, skip
from scripts.diff.walk import Walk
from thread_runs_spec.document import Node


def judge(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    if before.may_be("array") and after.may_be("array"):
        for one in (_items, _contains):
            yield from one(before, after, walk)
        name = "unevaluatedItems"
        yield from one_schema(name, before.keywords.get(name, []), after.keywords.get(name, []), walk)
    else:
        skip(("items", "prefixItems", "contains", "unevaluatedItems"), before, after, walk)


def _items(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old_places, new_places = _places(before), _places(after)
    old_rest, new_rest = before.keywords.get("items", []), after.keywords.get("items", [])
    for index in range(max(len(old_places), len(new_places))):
        old = old_places[index] if index < len(old_places) else old_rest
        new = new_places[index] if index < len(new_places) else new_rest
        yield from one_schema(f"item {index}", old, new, walk)
    if old_places or new_places or (old_rest and new_rest) or (_is_false(old_rest) or _is_false(new_rest)):
        yield from one_schema("items", old_rest, new_rest, walk)
    elif old_rest or new_rest:
        nodes = before.first("items"), after.first("items")
        if not Schema(old_rest or new_rest).allows_anything:
            yield walk.change("schema-removed" if old_rest else "schema-added", describe("items", *nodes), *nodes)
        for node in (*old_rest, *new_rest):
            walk.context.visit(node)


def _is_false(nodes: Sequence[Node]) -> bool:
    return any(node.value is False for node in nodes)


def _places(schema: Schema) -> list[list[Node]]:
    """The schemas of each place of a tuple; several where several parts describe it."""
    lists = [node.children() for node in schema.keywords.get("prefixItems", [])]
    return [[items[index] for items in lists if index < len(items)] for index in range(max(map(len, lists), default=0))]


def _contains(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = before.keywords.get("contains", []), after.keywords.get("contains", [])
    for node in (*old, *new):
        walk.context.visit(node)
    (least, _), (most, _) = before.size("minContains"), before.size("maxContains")
    (least_now, _), (most_now, _) = after.size("minContains"), after.size("maxContains")
    had = (1 if least is None else least, most) if old else (0, None)
    has = (1 if least_now is None else least_now, most_now) if new else (0, None)
    relation = "same"
    if old and new:
        relation = walk.relation(old, new)
    elif old or new:
        relation = "fewer" if new else "more"
    if old and new and had != has:
        nodes = before.first("minContains", "maxContains"), after.first("minContains", "maxContains")
        tighter = has[0] > had[0] or (has[1] is not None and (had[1] is None or has[1] < had[1]))
        looser = has[0] < had[0] or (had[1] is not None and (has[1] is None or has[1] > had[1]))
        rule = "condition-changed" if tighter and looser else "limit-tightened" if tighter else "limit-loosened"
        yield walk.change(rule, f"number of items that match contains changed from {had} to {has}", *nodes)
    elif had == has == (0, None):
        return
    if relation != "same":
        if old and new and (had[1] is not None or has[1] is not None):
            # If more items match a schema, fewer arrays satisfy `maxContains`.
            relation = "other"
        yield walk.change(RULES[relation], describe("contains", *_firsts(old, new)), *_firsts(old, new))


RULES = {"more": "limit-loosened", "fewer": "limit-tightened", "other": "condition-changed"}
"""The rule for a schema that allows more, fewer or other values than before."""


def _firsts(old: Sequence[Node], new: Sequence[Node]) -> tuple[Node | None, Node | None]:
    return old[0] if old else None, new[0] if new else None

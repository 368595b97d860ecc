"""Judge what schemas say of objects: properties, which of them are required, and which others are allowed."""

from collections.abc import Iterable, Iterator, Sequence

from scripts.diff.changes import Change, brief, describe
from scripts.diff.effective import Schema
from scripts.diff.rules import Direction
from scripts.diff.walk import Walk
from thread_runs_spec.document import Node, canonical

_KEYWORDS = (
    *("properties", "patternProperties", "additionalProperties", "propertyNames", "unevaluatedProperties"),
    "dependentSchemas",
)


def judge(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    if before.may_be("object") and after.may_be("object"):
        for one in (_properties, _required, _additional, _by_pattern, _names, _unevaluated, _dependent):
            yield from one(before, after, walk)
    else:
        skip(_KEYWORDS, before, after, walk)


def skip(keywords: Iterable[str], before: Schema, after: Schema, walk: Walk) -> None:
    """Account for the schemas in keywords that mean nothing for the types that one of the sides allows."""
    for node in (node for schema in (before, after) for name in keywords for node in schema.keywords.get(name, [])):
        walk.context.skip(node)


def _properties(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    removed = [name for name in before.properties if name not in after.properties]
    added = [name for name in after.properties if name not in before.properties]
    renamed = _renamed(removed, added, before, after, walk)
    for name, new_name in renamed.items():
        words = f"property {name} renamed to {new_name}"
        yield walk.change("property-renamed", words, before.properties[name][0], after.properties[new_name][0])
    for name in removed:
        if name not in renamed:
            rule = "property-removed-closed" if after.is_closed else "property-removed"
            rule = _rule_if_sent(before.properties[name], rule, walk)
            yield from _each(rule, f"property {name} removed", before.properties[name], [], walk)
    for name in added:
        if name not in renamed.values():
            need = name in after.required
            rule = _rule_if_sent(after.properties[name], "property-added-required" if need else "property-added", walk)
            words = f"{'required' if need else 'optional'} property {name} added"
            yield from _each(rule, words, [], after.properties[name], walk)
    for name in before.properties.keys() & after.properties.keys():
        yield from _property(name, before, after, walk)


def _each(rule: str, words: str, old: Sequence[Node], new: Sequence[Node], walk: Walk) -> Iterator[Change]:
    """Yield one change; other parts that describe the same property are compared with nothing and so accounted for."""
    yield walk.change(rule, words, old[0] if old else None, new[0] if new else None)
    for node in (*old[1:], *new[1:]):
        walk.context.visit(node)


def _property(name: str, before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = before.properties[name], after.properties[name]
    if len(old) == len(new) == 1 and walk.context.unchanged.equal(old[0], new[0]):
        yield from walk.compare(old, new)
        return
    was, now = Schema(old), Schema(new)
    for flag in ("readOnly", "writeOnly"):
        had, has = _flag(was, flag), _flag(now, flag)
        if had != has:
            rule = "read-only" if flag == "readOnly" else "write-only"
            if not has:
                need = name in after.required and flag == "readOnly" and walk.direction is Direction.REQUEST
                rule += "-lifted-required" if need else "-lifted"
            nodes = was.first(flag), now.first(flag)
            yield walk.change(rule, f"property {name}: {describe(flag, *nodes)}", *nodes)
    hidden_before, hidden_after = _hidden(was, walk), _hidden(now, walk)
    if not hidden_before and not hidden_after:
        yield from walk.compare(old, new)
    elif (
        hidden_before
        and hidden_after
        and [canonical(node.value) for node in old] != [canonical(node.value) for node in new]
    ):
        yield walk.change(_hidden_rule(walk), f"property {name} changed", old[0], new[0])


def _flag(schema: Schema, name: str) -> bool:
    return any(value is True for value in schema.values_of(name))


def _hidden(schema: Schema, walk: Walk) -> bool:
    """Whether a property is not sent in this direction."""
    return _flag(schema, "readOnly" if walk.direction is Direction.REQUEST else "writeOnly")


def _hidden_rule(walk: Walk) -> str:
    return "read-only-property" if walk.direction is Direction.REQUEST else "write-only-property"


def _rule_if_sent(nodes: Sequence[Node], rule: str, walk: Walk) -> str:
    return _hidden_rule(walk) if _hidden(Schema(nodes), walk) else rule


def _renamed(removed: list[str], added: list[str], before: Schema, after: Schema, walk: Walk) -> dict[str, str]:
    """Pair a removed property with the only added one that has an equal schema with more than a type."""

    def equal(name: str, other: str) -> bool:
        old, new = before.properties[name][0].value, after.properties[other][0].value
        if not isinstance(old, dict) or not (len(old) > 1 or "$ref" in old):
            return False
        same = canonical(walk.context.renames.applied(old)) == canonical(new)
        return same and (name in before.required) == (other in after.required)

    pairs = [(name, other) for name in removed for other in added if equal(name, other)]
    olds, news = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return {name: other for name, other in pairs if olds.count(name) == 1 and news.count(other) == 1}


def _required(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    elsewhere = before.properties.keys() ^ after.properties.keys()
    for name in sorted((before.required.keys() ^ after.required.keys()) - elsewhere):
        is_required = name in after.required
        rule = "property-required" if is_required else "property-optional"
        if name in after.properties:
            rule = _rule_if_sent(after.properties[name], rule, walk)
        old = before.required.get(name)
        new = after.required.get(name) or next(iter(after.required.values()), None)
        words = f"property {name} becomes {'required' if is_required else 'optional'}"
        yield walk.change(rule, words, old, new)


_OPENNESS = {
    ("open", "typed"): "map-typed",
    ("typed", "open"): "map-untyped",
    ("open", "closed"): "object-closed",
    ("typed", "closed"): "object-closed",
    ("closed", "open"): "object-opened",
    ("closed", "typed"): "object-opened",
}


def _additional(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    name = "additionalProperties"
    had, has = before.openness, after.openness
    if had == has == "typed":
        yield from walk.compare(before.keywords[name], after.keywords[name])
    elif had != has:
        nodes = before.first(name), after.first(name)
        yield walk.change(_OPENNESS[had, has], describe(name, *nodes), *nodes)


def _by_pattern(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    yield from by_name("patternProperties", before, after, walk)


def by_name(keyword: str, before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    """Judge a keyword that holds schemas by name. A schema that is not there allows anything."""
    old, new = before.named(keyword), after.named(keyword)
    for name in sorted(old.keys() | new.keys()):
        yield from one_schema(f"{keyword} {name}", old.get(name, []), new.get(name, []), walk)


def one_schema(what: str, old: Sequence[Node], new: Sequence[Node], walk: Walk) -> Iterator[Change]:
    """Judge a schema that limits where it stands. One that is not there allows anything."""
    if old and new:
        yield from walk.compare(old, new)
        return
    for node in (*old, *new):
        walk.context.visit(node)
    if (old or new) and not Schema(old or new).allows_anything:
        nodes = old[0] if old else None, new[0] if new else None
        yield walk.change("limit-loosened" if old else "limit-tightened", describe(what, *nodes), *nodes)


def _names(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    name = "propertyNames"
    yield from one_schema(name, before.keywords.get(name, []), after.keywords.get(name, []), walk)


def _unevaluated(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    name = "unevaluatedProperties"
    yield from one_schema(name, before.keywords.get(name, []), after.keywords.get(name, []), walk)


def _dependent(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    yield from by_name("dependentSchemas", before, after, walk)
    old, new = (_needs(schema) for schema in (before, after))
    nodes = before.first("dependentRequired"), after.first("dependentRequired")
    for rule, more, fewer in (("limit-tightened", new, old), ("limit-loosened", old, new)):
        for name in sorted(more):
            if needed := sorted(more[name] - fewer.get(name, set())):
                verb = "needs" if more is new else "no longer needs"
                yield walk.change(rule, f"property {name} {verb} {', '.join(map(brief, needed))}", *nodes)


def _needs(schema: Schema) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for value in schema.values_of("dependentRequired"):
        for name, needed in value.items():
            found.setdefault(name, set()).update(needed)
    return found

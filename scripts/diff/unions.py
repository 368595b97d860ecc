"""Compare what a value may be: the members of unions, a schema without a union counting as one of one member.

Members are paired by what they refer to, by equality, by the constant that identifies them, by type, and last by the
properties that they share. What is left over was removed or added, unless another member covers it.
"""

from collections.abc import Callable, Iterator
from itertools import combinations

from scripts.diff.changes import Change, brief, change
from scripts.diff.effective import UNIONS, Schema
from scripts.diff.walk import Walk
from thread_runs_spec.document import Node, canonical

Pairs = list[tuple[Schema, Schema]]
_AROUND = {*UNIONS, "title", "description", "example", "examples", "default", "deprecated", "discriminator"}
"""Keywords next to a union that do not affect its members."""


def compare(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    """Yield how the alternatives of `after` differ from those of `before`."""
    all_old, all_new = _alternatives(before), _alternatives(after)
    old, new = ([one for one in found if not _is_null(one)] for found in (all_old, all_new))
    yield from _nulls(before, after, all_old, all_new, walk)
    pairs = _pair(old, new, walk)
    yield from _exclusive(before, after, old, new, walk)
    for one, other in pairs:
        if _is_reference(one) and _is_reference(other) and _same_reference(one, other, walk):
            # Judged once for all that refer to it.
            yield from walk.compare([one.member], [other.member])
        else:
            yield from walk.alternative(one, other, null_reported=True)
    removed = [one for one in old if all(one is not pair[0] for pair in pairs)]
    added = [other for other in new if all(other is not pair[1] for pair in pairs)]
    yield from _left_over(removed, added, old, new, walk)


def _alternatives(schema: Schema) -> list[Schema]:
    """Return the alternatives, one for each of several types that a schema without a union allows."""
    return [single for one in schema.alternatives() for single in _by_type(one)]


def _by_type(schema: Schema) -> list[Schema]:
    declared = schema.declared_types
    names = sorted((declared or frozenset()) - {"null"})
    if "number" in names:
        names.remove("integer")
    if declared is None or schema.values is not None or len(names) + ("null" in declared) < 2 or not names:
        return [schema]
    return [schema.restricted(name) for name in names] + ([schema.restricted("null")] if "null" in declared else [])


def _is_null(schema: Schema) -> bool:
    return schema.types == frozenset({"null"})


def _nulls(before: Schema, after: Schema, old: list[Schema], new: list[Schema], walk: Walk) -> Iterator[Change]:
    had, has = (_nullable(found) for found in (old, new))
    if had is None or has is None or had == has:
        return
    nodes = [_null_node(schema, found) for schema, found in ((before, old), (after, new))]
    if has:
        yield walk.change("null-added", '"null" is allowed now', *nodes)
    else:
        yield walk.change("null-removed", '"null" is not allowed any more', *nodes)


def _nullable(alternatives: list[Schema]) -> bool | None:
    found = [one.nullable for one in alternatives]
    return True if True in found else None if None in found else False


def _null_node(schema: Schema, alternatives: list[Schema]) -> Node:
    null = next((one.member for one in alternatives if _is_null(one) and one.member is not schema.member), None)
    return null or schema.member.get("type") or schema.member


def _is_reference(schema: Schema) -> bool:
    """Whether a member is a reference, and nothing around it limits what it refers to."""
    around = [node.value for node in schema.nodes[:-1]]
    return (
        schema.restriction is None
        and isinstance(schema.member.value, dict)
        and schema.member.value.keys() == {"$ref"}
        and all(isinstance(value, dict) and value.keys() <= _AROUND for value in around)
    )


def _same_reference(one: Schema, other: Schema, walk: Walk) -> bool:
    return walk.context.renames.same_target(one.target, other.target) and one.nullable == other.nullable


def _left_over(
    removed: list[Schema], added: list[Schema], old: list[Schema], new: list[Schema], walk: Walk
) -> Iterator[Change]:
    gone = [one for one in removed if one.target or not any(walk.covers(other, one) for other in new)]
    come = [other for other in added if other.target or not any(walk.covers(one, other) for one in old)]
    for one in removed:
        if all(one is not other for other in gone):
            yield change("same-meaning", f"union member {name_of(one)} is covered by another", one.member, None)
    for other in added:
        if all(other is not one for one in come):
            yield change("same-meaning", f"union member {name_of(other)} is covered by another", None, other.member)
    was_replaced = bool(gone) and bool(come)
    for one in gone:
        rule = "union-member-replaced" if was_replaced else "union-member-removed"
        # A member that allows any type makes the union one of any type.
        rule = "type-narrowed" if one.types is None else rule
        yield walk.change(rule, f"union member removed: {name_of(one)}", one.member, None)
    for other in come:
        rule = "union-member-replaced" if was_replaced else "union-member-added" if len(old) > 1 else "union-formed"
        rule = "type-widened" if other.types is None else rule
        yield walk.change(rule, f"union member added: {name_of(other)}", None, other.member)


def _exclusive(before: Schema, after: Schema, old: list[Schema], new: list[Schema], walk: Walk) -> Iterator[Change]:
    """Yield that a value may now match several members, or no longer may; nothing where none can match two."""
    had, has = (_is_exclusive(schema, found) for schema, found in ((before, old), (after, new)))
    if had == has:
        return
    one_side, exclusive = (old, new) if has else (new, old)
    if len(one_side) < 2:
        # All values of the only alternative match several members.
        overlap = any(sum(walk.covers(member, one) for member in exclusive) > 1 for one in one_side)
    else:
        overlap = not all(_exclude_each_other(one, other) for one, other in combinations(exclusive, 2))
    if not overlap:
        return
    nodes = [schema.first(*UNIONS) or schema.member for schema in (before, after)]
    if had:
        yield walk.change("one-of-loosened", "oneOf is now anyOf: a value may match several members", *nodes)
    else:
        yield walk.change("any-of-tightened", "anyOf is now oneOf: a value may match only one member", *nodes)


def _is_exclusive(schema: Schema, alternatives: list[Schema]) -> bool:
    return bool(schema.unions) and len(alternatives) > 1 and all(node.pointer[-1] == "oneOf" for node in schema.unions)


def _exclude_each_other(one: Schema, other: Schema) -> bool:
    if one.types is not None and other.types is not None and not one.types & other.types:
        return True
    if one.values is not None and other.values is not None and not one.values.keys() & other.values.keys():
        return True
    tags, others = _tags(one), _tags(other)
    shared = tags.keys() & others.keys()
    return any(tags[name] != others[name] for name in shared if name in one.required and name in other.required)


def name_of(schema: Schema) -> str:
    """Name a member for a message: what it refers to, or its text."""
    target = schema.target
    return target[-1] if target else brief(schema.member.value)


# Pairing


def _pair(old: list[Schema], new: list[Schema], walk: Walk) -> Pairs:
    renames = walk.context.renames

    def target(one: Schema, is_old: bool) -> object:
        found = one.target
        return renames.new(found) if is_old and found is not None else found

    def text(one: Schema, is_old: bool) -> object:
        value = one.member.value
        return canonical(renames.applied(value) if is_old else value), one.restriction

    def tag(one: Schema, is_old: bool) -> object:
        tags = _tags(one)
        return canonical(tags) if tags else None

    def kind(one: Schema, is_old: bool) -> object:
        types = (one.types or frozenset()) - {"null"}
        # Two objects, or two references to classes, are different members unless something above paired them.
        return sorted(types) if types and not one.is_class else None

    pairs: Pairs = []
    for sign in (target, text, tag, kind):
        pairs += _by_sign(sign, _free(old, pairs, 0), _free(new, pairs, 1))
    pairs += _by_likeness(_free(old, pairs, 0), _free(new, pairs, 1))
    return sorted(pairs, key=lambda pair: next(index for index, one in enumerate(old) if one is pair[0]))


def _free(alternatives: list[Schema], pairs: Pairs, side: int) -> list[Schema]:
    return [one for one in alternatives if all(one is not pair[side] for pair in pairs)]


def _by_sign(sign: Callable[[Schema, bool], object], old: list[Schema], new: list[Schema]) -> Pairs:
    """Pair those that have a sign in common which no other has."""
    pairs: Pairs = []
    for one in old:
        mark = sign(one, True)
        same = [other for other in new if mark is not None and sign(other, False) == mark]
        if len(same) == 1 and [sign(rival, True) for rival in old].count(mark) == 1:
            pairs.append((one, same[0]))
    return pairs


def _by_likeness(old: list[Schema], new: list[Schema]) -> Pairs:
    """Pair the objects that share most of their properties, and arrays and values of the same type by their order."""
    scored = sorted(
        ((_likeness(one, other), -old.index(one), -new.index(other)) for one in old for other in new), reverse=True
    )
    pairs: Pairs = []
    for score, one_index, other_index in scored:
        one, other = old[-one_index], new[-other_index]
        if score > 0 and all(one is not pair[0] and other is not pair[1] for pair in pairs):
            pairs.append((one, other))
    return pairs


def _likeness(one: Schema, other: Schema) -> float:
    tags, others = _tags(one), _tags(other)
    if any(tags[name] != others[name] for name in tags.keys() & others.keys()):
        return 0
    if one.properties or other.properties:
        shared, every = one.properties.keys() & other.properties.keys(), one.properties.keys() | other.properties.keys()
        return len(shared) / len(every)
    types = [(schema.types or frozenset()) - {"null"} for schema in (one, other)]
    return 0.5 if types[0] and types[0] == types[1] else 0


def _tags(schema: Schema) -> dict[str, list[str]]:
    """The properties that have only one value each."""
    return {
        name: sorted(values)
        for name, nodes in schema.properties.items()
        if (values := Schema(nodes).values) is not None and len(values) == 1
    }

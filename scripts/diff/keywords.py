"""Judge the keywords of two schemas: each judge yields changes, and none if both mean the same."""

from collections.abc import Callable, Iterator

from scripts.diff import arrays, conditions, objects
from scripts.diff.changes import Change, brief, change, describe, differ
from scripts.diff.effective import Bound, Schema, tighter
from scripts.diff.rules import Direction
from scripts.diff.walk import Walk
from thread_runs_spec.document import Node, Pointer, canonical

# Formats of which the generator makes a Python type of its own.
TYPED_FORMATS = {"date-time", "date", "uuid", "binary"}
IDENTITY = ("$id", "$schema", "$anchor", "$dynamicAnchor", "$dynamicRef", "$vocabulary")
JUDGED = frozenset(
    {
        *("$ref", "$defs", *IDENTITY, "allOf", "anyOf", "oneOf", "not", "if", "then", "else"),
        *(
            "type",
            "nullable",
            "enum",
            "const",
            "format",
            "pattern",
            "multipleOf",
            "uniqueItems",
            "xml",
            "discriminator",
        ),
        *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minLength", "maxLength"),
        *("minItems", "maxItems", "minProperties", "maxProperties", "contains", "minContains", "maxContains"),
        *("items", "prefixItems", "unevaluatedItems", "properties", "patternProperties", "additionalProperties"),
        *("unevaluatedProperties", "propertyNames", "required", "dependentRequired", "dependentSchemas"),
        *("contentEncoding", "contentMediaType", "contentSchema", "default", "deprecated", "title"),
        *("readOnly", "writeOnly"),
    }
)
"""The keywords that have a judge, here or where schemas are put together."""

Judge = Callable[[Schema, Schema, Walk], Iterator[Change]]


def of_the_whole(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    """Yield changes of keywords that concern a union as a whole."""
    for judge in (_title, _deprecated, _default, _discriminator, _xml, _identity):
        yield from judge(before, after, walk)


def of_an_alternative(before: Schema, after: Schema, walk: Walk, null_reported: bool) -> Iterator[Change]:
    """Yield changes of keywords that concern one alternative."""
    if not null_reported:
        yield from nulls(before, after, walk)
    judges: tuple[Judge, ...] = (
        *(_types, _values, _bounds, _sizes, _step, _pattern, _format, _content),
        *(objects.judge, arrays.judge, conditions.judge, _combined),
    )
    for judge in judges:
        yield from judge(before, after, walk)


def nulls(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    if before.nullable is None or after.nullable is None or before.nullable == after.nullable:
        return
    nodes = [schema.first("type", "enum", "const") or schema.member for schema in (before, after)]
    if after.nullable:
        yield walk.change("null-added", '"null" is allowed now', *nodes)
    else:
        yield walk.change("null-removed", '"null" is not allowed any more', *nodes)


def _types(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    had, has = (None if schema.types is None else schema.types - {"null"} for schema in (before, after))
    if had == has or (before.values is not None and after.values is not None):
        return
    wider = has is None or (had is not None and had < has)
    narrower = had is None or (has is not None and has < had)
    name = "type-widened" if wider else "type-narrowed" if narrower else "type-changed"
    nodes = [schema.first("type", "const", "enum") or schema.member for schema in (before, after)]
    yield walk.change(name, f"type changed from {_type_names(had)} to {_type_names(has)}", *nodes)


def _type_names(types: frozenset[str] | None) -> str:
    if types is None:
        return "any"
    shown = types - {"integer"} if "number" in types else types
    return " or ".join(sorted(shown)) or "none"


def _values(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = before.first("const", "enum"), after.first("const", "enum")
    if before.values is None or after.values is None:
        if before.values is not None:
            kind = "enum" if "enum" in before.keywords else "const"
            words = f"any value instead of {brief(list(before.values.values()))}"
            yield walk.change(f"{kind}-removed", words, old, new)
        elif after.values is not None:
            kind = "enum" if "enum" in after.keywords else "const"
            yield walk.change(f"{kind}-added", f"only {brief(list(after.values.values()))}", old, new)
        return
    removed = [before.values[key] for key in before.values if key not in after.values and key != "null"]
    added = [after.values[key] for key in after.values if key not in before.values and key != "null"]
    if removed and added:
        words = f"values {', '.join(map(brief, removed))} replaced by {', '.join(map(brief, added))}"
        yield walk.change("enum-value-replaced", words, old, new)
    elif removed:
        yield walk.change("enum-value-removed", f"values removed: {', '.join(map(brief, removed))}", old, new)
    elif added:
        yield walk.change("enum-value-added", f"values added: {', '.join(map(brief, added))}", old, new)
    if ("enum" in before.keywords) != ("enum" in after.keywords):
        forms = ("enum", "const") if "enum" in before.keywords else ("const", "enum")
        yield change("enum-form", f"{forms[0]} is now {forms[1]}", old, new)


def _bounds(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    if not (before.may_be("integer", "number") and after.may_be("integer", "number")):
        return
    for name in ("minimum", "maximum"):
        had, has = before.bound(name), after.bound(name)
        nodes = [None if bound is None else bound.node for bound in (had, has)]
        for rule, wins in (("limit-tightened", tighter(has, had, name)), ("limit-loosened", tighter(had, has, name))):
            if wins:
                yield walk.change(rule, _moved(name, had, has), *nodes)


def _moved(name: str, had: Bound | None, has: Bound | None) -> str:
    if had is None or has is None:
        return f"{name} {'removed' if has is None else 'added'}: {had if has is None else has}"
    verb = "changed" if had.value == has.value else "raised" if has.value > had.value else "lowered"
    return f"{name} {verb} from {had} to {has}"


_SIZES = {
    "minLength": "string",
    "maxLength": "string",
    "minItems": "array",
    "maxItems": "array",
    "minProperties": "object",
    "maxProperties": "object",
}


def _sizes(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    for name, kind in _SIZES.items():
        if before.may_be(kind) and after.may_be(kind):
            yield from size(name, before, after, walk, 0 if name.startswith("min") else None)
    had, has = (any(value is True for value in schema.values_of("uniqueItems")) for schema in (before, after))
    if had != has and before.may_be("array") and after.may_be("array"):
        nodes = before.first("uniqueItems"), after.first("uniqueItems")
        yield walk.change("limit-tightened" if has else "limit-loosened", describe("uniqueItems", *nodes), *nodes)


def size(name: str, before: Schema, after: Schema, walk: Walk, unstated: int | None) -> Iterator[Change]:
    """Judge a limit of a size. `unstated` is the value that its absence means, None for no limit."""
    (had, old), (has, new) = before.size(name), after.size(name)
    was, now = (unstated if value is None else value for value in (had, has))
    if was == now:
        return
    is_tighter = now is not None and (was is None or (now > was) == name.startswith("min"))
    if old is not None and new is not None:
        assert was is not None
        assert now is not None
        words = f"{name} {'raised' if now > was else 'lowered'} from {was} to {now}"
    else:
        words = describe(name, old, new)
    yield walk.change("limit-tightened" if is_tighter else "limit-loosened", words, old, new)


def _step(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    had, has = before.step, after.step
    if had != has and before.may_be("integer", "number") and after.may_be("integer", "number"):
        old, new = before.first("multipleOf"), after.first("multipleOf")
        looser = has is None or (had is not None and had % has == 0)
        yield walk.change("limit-loosened" if looser else "limit-tightened", describe("multipleOf", old, new), old, new)


def _pattern(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    had, has = before.patterns, after.patterns
    if had != has and before.may_be("string") and after.may_be("string"):
        old, new = before.first("pattern"), after.first("pattern")
        rule = "limit-tightened" if had < has else "limit-loosened" if has < had else "pattern-changed"
        yield walk.change(rule, describe("pattern", old, new), old, new)


def _format(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = before.first("format"), after.first("format")
    if differ(old, new):
        if {node.value for node in (old, new) if node is not None} & TYPED_FORMATS:
            yield walk.change("typed-format", describe("format", old, new), old, new)
        else:
            yield change("format", describe("format", old, new), old, new)


def _content(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    for name in ("contentEncoding", "contentMediaType"):
        old, new = before.first(name), after.first(name)
        if differ(old, new) and before.may_be("string") and after.may_be("string"):
            yield walk.change("content-encoding", describe(name, old, new), old, new)


def _combined(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = ([canonical(node.value) for node in schema.combined] for schema in (before, after))
    if old != new:
        nodes = [schema.combined[0] if schema.combined else schema.member for schema in (before, after)]
        words = "unions in several parts of allOf changed, which are too many to combine"
        yield walk.change("union-combined", words, *nodes)


# Of a union as a whole


def _title(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = (schema.titles[0] if schema.titles else None for schema in (before, after))
    if differ(old, new):
        names_a_class = before.is_class or after.is_class
        yield change("title" if names_a_class else "text", describe("title", old, new), old, new)


def _deprecated(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = before.first("deprecated"), after.first("deprecated")
    had, has = (bool(node and node.value) for node in (old, new))
    if had != has:
        rule = "deprecated" if has else "deprecation-withdrawn"
        yield walk.change(rule, describe("deprecated", old, new), old, new)


def _default(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = before.first("default"), after.first("default")
    if differ(old, new):
        request = "default-added" if old is None else "default-removed" if new is None else "default-changed"
        rule = request if walk.direction is Direction.REQUEST else "default"
        yield walk.change(rule, describe("default", old, new), old, new)


def _discriminator(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = before.first("discriminator"), after.first("discriminator")
    if old is None and new is None:
        return
    if old is None or new is None:
        yield change("discriminator", describe("discriminator", old, new), old, new)
        return
    had, has = old.value, new.value
    was, now = (
        {value: _component(target) for value, target in (one.get("mapping") or {}).items()} for one in (had, has)
    )
    was = {value: walk.context.renames.new(target) for value, target in was.items()}
    if was == now and had["propertyName"] == has["propertyName"]:
        return
    retold = any(was[value] != now[value] for value in was.keys() & now.keys())
    rule = "discriminator-changed" if retold or had["propertyName"] != has["propertyName"] else "discriminator"
    yield change(rule, describe("discriminator", old, new), old, new)


def _component(target: str) -> Pointer:
    """Return the component that a mapping of a discriminator names, by its name or by a reference."""
    return ("components", "schemas", target.rpartition("/")[2])


def _xml(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    old, new = before.first("xml"), after.first("xml")
    if differ(old, new):
        if walk.is_xml:
            yield walk.change("serialisation", describe("xml", old, new), old, new)
        else:
            yield change("xml", describe("xml", old, new), old, new)


def _identity(before: Schema, after: Schema, walk: Walk) -> Iterator[Change]:
    for name in IDENTITY:
        old, new = _own(before, name), _own(after, name)
        if differ(old, new):
            yield change("schema-identity", describe(name, old, new), old, new)


def _own(schema: Schema, name: str) -> Node | None:
    return next((node for node in schema.keywords.get(name, [])), None)

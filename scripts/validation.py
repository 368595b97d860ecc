"""Find what is wrong with an OpenAPI document beyond its structure: names, references by name, and values."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import jsonschema_rs

from scripts.structure import read_spec
from thread_runs_spec.document import Node, Pointer, Spec, SpecError, canonical
from thread_runs_spec.operations import operations, path_names
from thread_runs_spec.schemas import json_schema_document
from thread_runs_spec.security import requirements
from thread_runs_spec.structure import METHODS, Kind

_DOCUMENT = "urn:document"
_TYPE = jsonschema_rs.ValidationErrorKind.Type
_CONSTANT = (jsonschema_rs.ValidationErrorKind.Constant, jsonschema_rs.ValidationErrorKind.Enum)


def read_valid(name: str, path: Path) -> Spec:
    """Read a file. Raises SpecError if it is not text, not YAML, or not an OpenAPI document in its structure."""
    try:
        return read_spec(name, path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SpecError(name, error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise SpecError(name, "not UTF-8 text") from None
    except RecursionError:
        raise SpecError(name, "nested too deeply") from None


def faults(spec: Spec) -> list[SpecError]:
    """Return every fault of a document of which the structure is right, in the order of the lines."""
    found = [*_identifiers(spec), *_paths(spec), *_circles(spec), *_mappings(spec)]
    found += [*_servers(spec), *_values(spec)]
    if not found:
        try:
            for operation in operations(spec):
                requirements(operation.node)
        except SpecError as error:
            found.append(error)
    return sorted(found, key=lambda error: error.line)


def _identifiers(spec: Spec) -> Iterator[SpecError]:
    seen: dict[str, Node] = {}
    for node, kind in spec.walk():
        if kind is Kind.OPERATION and (identifier := node.get("operationId")):
            first = seen.setdefault(identifier.value, identifier)
            if first is not identifier:
                yield identifier.error(f"another operation, in line {first.line}, is called {identifier.value!r}, too")


def _paths(spec: Spec) -> Iterator[SpecError]:
    """Yield paths that mean the same, and path parameters that the path does not have, or of which it has two."""
    seen: dict[str, Node] = {}
    paths = spec.at(()).get("paths")
    for entry in paths.children() if paths else []:
        if entry.key.startswith("x-"):
            continue
        names = path_names(entry.key)
        shape = entry.key
        for name in names:
            shape = shape.replace(f"{{{name}}}", "{}")
        first = seen.setdefault(shape, entry)
        if first is not entry:
            yield entry.error(f"the path in line {first.line} means the same")
        item = entry.resolve()
        shared, own = _parameters(item), [_parameters(node) for node in item.children() if node.key in METHODS]
        for listed in (shared, *own):
            yield from _parameter_list(listed, names)
        for node in (node for node in item.children() if node.key in METHODS):
            declared = {one.value["name"] for _, one in (*shared, *_parameters(node)) if one.value["in"] == "path"}
            for name in names:
                if name not in declared:
                    yield node.error(f"the path parameter {name!r} is not declared")


def _parameters(owner: Node) -> list[tuple[Node, Node]]:
    """Return the parameters that are listed: each use, and what it leads to."""
    listed = owner.get("parameters")
    return [(use, use.resolve()) for use in (listed.children() if listed else [])]


def _parameter_list(listed: list[tuple[Node, Node]], names: list[str]) -> Iterator[SpecError]:
    seen: set[tuple[str, str]] = set()
    for use, parameter in listed:
        name, place = parameter.value["name"], parameter.value["in"]
        if (name, place) in seen:
            yield use.error(f"the {place} parameter {name!r} is listed twice")
        seen.add((name, place))
        if place == "path" and name not in names:
            yield use.error(f"the path has no {{{name}}}")


def _circles(spec: Spec) -> Iterator[SpecError]:
    """Yield the schemas that no value can be checked against, because they consist of themselves."""
    done: set[Pointer] = set()
    for node, kind in spec.walk():
        stack: list[tuple[Node, tuple[Pointer, ...]]] = [(node, (node.pointer,))] if kind is Kind.SCHEMA else []
        while stack:
            schema, above = stack.pop()
            if schema.pointer in done:
                continue
            members = schema.get("allOf")
            below = members.children() if members else []
            if schema.reference is not None:
                below.append(spec.at(schema.reference))
            for one in below:
                if one.pointer == node.pointer:
                    yield node.error("allOf leads back to this schema")
                    stack = []
                    break
                if one.pointer not in above:
                    stack.append((one, (*above, one.pointer)))
        done.add(node.pointer)


def _servers(spec: Spec) -> Iterator[SpecError]:
    """Yield the variables in the URL of a server that it does not describe."""
    for node, kind in spec.walk():
        listed = node.get("servers") if kind in (Kind.DOCUMENT, Kind.PATH_ITEM, Kind.OPERATION) else None
        for server in listed.children() if listed else []:
            for name in path_names(server.value["url"]):
                if name not in server.value.get("variables", {}):
                    yield server.error(f"the URL has {{{name}}}, which is not among the variables")


def _mappings(spec: Spec) -> Iterator[SpecError]:
    for node, kind in spec.walk():
        mapping = node.get("discriminator") if kind is Kind.SCHEMA else None
        mapping = mapping.get("mapping") if mapping else None
        for entry in mapping.children() if mapping else []:
            named = entry.value if "/" in str(entry.value) else f"#/components/schemas/{entry.value}"
            try:
                Node(spec, entry.pointer, {"$ref": named}).resolve()
            except SpecError as error:
                yield entry.error(error.message.replace("$ref", "the mapping"))


# Values


def _values(spec: Spec) -> Iterator[SpecError]:
    """Yield examples, defaults and listed values that are not valid for their schemas, and schemas that are not."""
    registry = jsonschema_rs.Registry([(_DOCUMENT, json_schema_document(spec))], draft=jsonschema_rs.Draft202012)
    for node, kind in spec.walk():
        if kind is Kind.SCHEMA and isinstance(node.value, dict):
            yield from (*_listed(node), *_pattern(node))
            found = [*_named(node, "default"), *_named(node, "example"), *_named(node, "examples", listed=True)]
            yield from _checked(node, found, registry)
        elif kind in (Kind.PARAMETER, Kind.HEADER, Kind.MEDIA_TYPE) and (schema := node.get("schema")):
            named = node.get("examples")
            examples = [one.resolve() for one in (named.children() if named else [])]
            values = [(value, f"example {one.key}") for one in examples if (value := one.get("value"))]
            yield from _checked(schema, [*_named(node, "example"), *values], registry)


def _named(node: Node, key: str, listed: bool = False) -> list[tuple[Node, str]]:
    """Return the values of a keyword with what messages call them."""
    found = node.get(key)
    if found is None or (listed and not isinstance(found.value, list)):
        return []
    return [(one, key) for one in found.children()] if listed else [(found, key)]


def _listed(node: Node) -> Iterator[SpecError]:
    """Yield what is wrong with an `enum`."""
    listed = node.get("enum")
    values = listed.children() if listed and isinstance(listed.value, list) else []
    if listed and not values:
        yield listed.error("an empty enum allows no value")
    texts = [canonical(value.value) for value in values]
    types = _json_types(node)
    for index, value in enumerate(values):
        if texts[index] in texts[:index]:
            yield value.error(f"the value {texts[index]} is listed twice")
        # OpenAPI 3.0 documents list null in addition to `nullable`.
        elif types and value.value is not None and not jsonschema_rs.is_valid({"type": types}, value.value):
            yield value.error(f"{texts[index]} is not of the type {' or '.join(types)}")


def _json_types(node: Node) -> list[str]:
    named = node.value.get("type", [])
    return [named] if isinstance(named, str) else named


def _pattern(node: Node) -> Iterator[SpecError]:
    pattern = node.get("pattern")
    try:
        jsonschema_rs.Draft202012Validator({"pattern": "" if pattern is None else pattern.value})
    except jsonschema_rs.ValidationError:
        assert pattern is not None
        yield pattern.error(f"{pattern.value!r} is not a regular expression")


def _checked(schema: Node, values: list[tuple[Node, str]], registry: jsonschema_rs.Registry) -> Iterator[SpecError]:
    if not values:
        return
    try:
        validator = jsonschema_rs.Draft202012Validator({"$ref": f"{_DOCUMENT}{schema.fragment}"}, registry=registry)
    except (jsonschema_rs.ValidationError, ValueError):
        # An error in the schema itself is reported at its place.
        return
    for value, name in values:
        for error in map(_most_specific, validator.iter_errors(value.value)):
            yield _place(value, error.instance_path).error(f"{name}: {' '.join(error.message.split())}")


def _place(value: Node, path: list[str | int]) -> Node:
    """Return the part of a value that `path` leads to, or the last on the way that has a line of its own."""
    for key in path:
        inside = value.get(str(key))
        if inside is None or not inside.line:
            break
        value = inside
    return value


def _most_specific(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Return the error to report: in a union, one of the member that the value was most likely written for."""
    members = [branch for branch in getattr(error.kind, "context", []) if branch]
    if not members:
        return error
    likely = min(([_most_specific(one) for one in branch] for branch in members), key=partial(_unlikeness, error))
    return max(likely, key=lambda one: len(one.instance_path))


def _unlikeness(union: jsonschema_rs.ValidationError, errors: list[jsonschema_rs.ValidationError]) -> tuple[int, int]:
    """How little a value resembles a member of a union, given the member's errors.

    What tells members apart counts first: the type of the value, and constants that are the value or in it. Between
    two members that fit by these, the one with the deeper error matched further.
    """
    depth = len(union.instance_path)
    depths = [len(one.instance_path) for one in errors]
    apart = [
        (isinstance(one.kind, _CONSTANT) and at <= depth + 1) or (isinstance(one.kind, _TYPE) and at == depth)
        for one, at in zip(errors, depths, strict=True)
    ]
    return sum(apart), -max(depths)

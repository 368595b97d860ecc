"""Lint the spec: the rules of OpenAPI 3.1, the rules that keep the generated client clean, and every example.

CONTRIBUTING.md lists the rules. The generator does not report most violations.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.generator.methods import GROUP, METHOD
from scripts.generator.package import plan
from scripts.names import is_reserved
from scripts.repository import ROOT, SPEC
from scripts.validation import faults, read_valid
from thread_runs_spec.document import Node, Spec, SpecError, pointer_text
from thread_runs_spec.schemas import keywords
from thread_runs_spec.standard_output import tolerate_closed_stdout
from thread_runs_spec.structure import Kind

Finding = tuple[int, str]
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
BELOW = ("items", "additionalProperties", "propertyNames", "not")
BESIDE = ("anyOf", "oneOf", "allOf", "prefixItems")


def schemas(node: Node) -> Iterator[Node]:
    """Yield a schema and every schema written inside it."""
    yield node
    inside = [child for key in BELOW if (child := node.get(key)) is not None and isinstance(child.value, dict)]
    for key in (*BESIDE, "properties"):
        if (child := node.get(key)) is not None:
            inside += child.children()
    for child in inside:
        yield from schemas(child)


def section(spec: Spec, *pointer: str) -> list[Node]:
    """Return the children of a section of the document; none if there is no such section."""
    node: Node | None = Node(spec, (), spec.root)
    for key in pointer:
        node = node and node.get(key)
    return node.children() if node else []


def operations(spec: Spec) -> list[Node]:
    return [node for path in section(spec, "paths") for node in path.children() if node.pointer[-1] in METHODS]


def is_nullable(schema: dict[str, Any]) -> bool:
    types = schema.get("type")
    members = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    return types == "null" or (isinstance(types, list) and "null" in types) or any(map(is_nullable, members))


def components(spec: Spec) -> Iterator[Finding]:
    """Rules for a component schema as a whole."""
    names: dict[str, str] = {}
    for node in section(spec, "components", "schemas"):
        name = node.pointer[-1]
        if names.setdefault(name.lower(), name) != name:
            yield node.line, f"{name} and {names[name.lower()]} would become one module"
        if "title" in node.value:
            yield node.line, f"{name} has a title, which the generator ignores: its name is that of the component"
        if is_nullable(node.value):
            yield node.line, f"{name} is nullable: write null where it is used, as a member of an anyOf"
        if not node.value.get("description"):
            yield node.line, f"{name} has no description"
    for kind in section(spec, "components"):
        for node in kind.children():
            if kind.pointer[-1] != "securitySchemes" and node.pointer not in spec.reachable:
                yield node.line, f"{kind.pointer[-1]}/{node.pointer[-1]} is not used"


def written_schemas(spec: Spec) -> Iterator[Finding]:
    """Rules for every schema."""
    for root in section(spec, "components", "schemas"):
        for node in schemas(root):
            schema, inside = node.value, node.pointer != root.pointer
            where = "/".join(node.pointer[2:])
            if "nullable" in schema:
                yield node.line, f"{where}: OpenAPI 3.1 has no `nullable`: use the type null"
            if inside and (schema.get("type") == "object" or "enum" in schema):
                yield node.line, f"{where}: an object or enum without a name: make it a component"
            if "const" in schema and node.pointer[-2:] != ("properties", "type"):
                yield node.line, f"{where}: `const` outside the property `type`: use an enum with one value"
            if "const" in schema and next(iter(spec.at(node.pointer[:-1]).value)) != node.pointer[-1]:
                yield node.line, f"{where}: a property with `const` must come first"
            limits = schema.get("propertyNames", {})
            if limits and limits.get("type") != "string":
                yield node.line, f"{where}: `propertyNames` without `type: string`"
            for name, value in schema.get("properties", {}).items():
                line = spec.at((*node.pointer, "properties", name)).line
                if not value.get("description"):
                    yield line, f"{where}/{name} has no description"
                if is_reserved(name):
                    yield line, f"{where}/{name}: Python reserves this name, so the attribute would be `{name}_`"


def operation_rules(spec: Spec) -> Iterator[Finding]:
    """Rules for operations."""
    if "security" in spec.root:
        yield spec.lines[("security",)], "security of the whole document is ignored: set it on each operation"
    for operation in operations(spec):
        name = operation.value.get("operationId", " ".join(operation.pointer[-2:]))
        for key in ("operationId", "tags", "security", "summary"):
            if key not in operation.value:
                yield operation.line, f"{name} has no {key}"
        parameters = operation.get("parameters")
        for node in map(Node.resolve, parameters.children() if parameters else []):
            schema = node.get("schema")
            if schema is None or not keywords(schema).get("description"):
                yield node.line, f"{name}: the parameter {node.value['name']} has no description inside its schema"
            if is_reserved(node.value["name"]):
                reserved = node.value["name"]
                yield (
                    node.line,
                    f"{name}: Python reserves the name `{reserved}`, so the argument would be `{reserved}_`",
                )
        body = operation.get("requestBody")
        for media_type in section(spec, *body.resolve().pointer, "content") if body else []:
            schema = media_type.get("schema")
            target = schema.resolve() if schema else None
            if target and target.value.get("type") == "object" and "additionalProperties" not in target.value:
                yield target.line, f"{name}: the request allows unknown properties: add `additionalProperties: false`"


def examples(spec: Spec) -> Iterator[Finding]:
    """Every body must have an example."""
    for node, kind in spec.walk():
        if kind is Kind.MEDIA_TYPE and node.get("schema") and not (node.get("example") or node.get("examples")):
            yield node.line, f"{'/'.join(node.pointer)} has no example"


def validity(spec: Spec) -> Iterator[Finding]:
    """Errors for any tool: names, references, and values that their schemas do not allow."""
    yield from ((error.line, f"{pointer_text(error.pointer or ())}: {error.message}") for error in faults(spec))


def client_rules(spec: Spec) -> Iterator[Finding]:
    """Rules for what callers see: names that clash or are unclear, and what the generator cannot do."""
    planned = plan(spec, ROOT / "generator-config.yml", ROOT)
    yield from ((note.line, note.message) for note in planned.notes)
    for method in planned.methods:
        called = ".".join((*method.group, method.name))
        node = method.operation.node
        words, group = method.name.strip("_").split("_"), method.group[-1].split("_")
        if METHOD not in node.value and {word.rstrip("s") for word in words} >= {word.rstrip("s") for word in group}:
            yield node.line, f"{method.id}: `client.{called}` repeats the name of its group: set {METHOD}"
        if METHOD in node.value and method.name.rstrip("_") != node.value[METHOD]:
            yield node.line, f"{method.id}: {METHOD} {node.value[METHOD]!r} is not a name in Python: `{method.name}`"
        if len(called) > 60:
            yield node.line, f"{method.id}: `client.{called}` is long: set {GROUP} and {METHOD}"
        for name in (*method.group, method.name):
            if name.endswith("_"):
                yield node.line, f"{method.id}: the name in `client.{called}` is taken or reserved: set another"


def lint(spec: Spec) -> list[Finding]:
    """Return each finding once, as line and message, in the order of the lines."""
    rules = (components, written_schemas, operation_rules, client_rules, examples, validity)
    return sorted({finding for rule in rules for finding in rule(spec)})


def lint_file(path: Path) -> list[str]:
    """Return the findings for a spec, one line each."""
    path = path.resolve()
    name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
    try:
        findings = lint(read_valid(name, path))
    except SpecError as error:
        return [f"lint: {error}"]
    return [f"{name}:{line}: {sentence}" for line, sentence in findings]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", type=Path, default=SPEC, help="the spec (default: openapi.yaml)")
    findings = lint_file(parser.parse_args().spec)
    print(*findings, sep="\n", end="\n" if findings else "")
    sys.exit(bool(findings))


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()

"""cells.yaml names the rule for every keyword of JSON Schema 2020-12 and every field of OpenAPI 3.1."""

import copy
import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_specifications  # type: ignore[import-untyped]
import pytest

from scripts.diff.compare import compare
from scripts.diff.rules import RULES
from thread_runs_spec.document import SpecError

from .diff_documents import document_around, read_pairs, spec

CELLS = read_pairs("cells.yaml")
COMPONENTS = {
    name: {"type": "object", "required": ["kind"], "properties": {"kind": {"const": name.lower()}}}
    for name in ("Cat", "Dog")
}
EXCLUDED = {
    "schema": ["content"],
    "content": ["schema"],
    "example": ["examples"],
    "externalValue": ["value"],
    "operationRef": ["operationId"],
}
# A schema that is not there and a schema that is: what became of the component is judged at its use.
ABOUT_COMPONENTS = {"component-added", "component-removed", "component-unused"}


def rules(old: Any, new: Any) -> str:
    """Return the names of the rules that judge a change, or why there is no change to judge."""
    try:
        found = compare(spec("old", old), spec("new", new))
    except SpecError:
        return "invalid"
    names = {change.rule.name for change in found}
    return "+".join(sorted(names - ABOUT_COMPONENTS or names)) or "none"


def keyword_documents(keyword: str, row: dict[str, Any], direction: str) -> Iterator[tuple[Any, Any]]:
    without, old, new = (
        document_around(
            {"type": "object", "properties": {"value": {**row.get("with", {}), **given}}}, direction, COMPONENTS
        )
        for given in ({}, {keyword: row["old"]}, {keyword: row["new"]})
    )
    yield from ((without, old), (old, without), (old, new))


def field_documents(field: str, row: dict[str, Any], place: str) -> Iterator[tuple[Any, Any]]:
    base = {**CELLS["document"]}
    without, old, new = (with_field(base, place, field, given) for given in ([], [row["old"]], [row["new"]]))
    yield from ((without, old), (old, without), (old, new))


def with_field(document: Any, place: str, field: str, given: list[Any]) -> Any:
    """Return a copy of `document` in which the object at `place` has the field, or has it not."""
    document = copy.deepcopy(document)
    holder = document
    for part in place.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        holder = holder[int(key)] if isinstance(holder, list) else holder.setdefault(key, {})
    # Of a few fields only one may be there.
    for other in EXCLUDED.get(field, []):
        holder.pop(other, None)
    # A map keeps its other members.
    kept = holder.get(field) if "components" in (field, place.lstrip("/")) else None
    holder.pop(field, None)
    if given or kept:
        value = copy.deepcopy(given[0]) if given else {}
        holder[field] = {**(kept or {}), **value} if kept else value
    return document


def cells() -> Iterator[Any]:
    for keyword, row in CELLS["schema"].items():
        for direction in ("request", "response"):
            yield pytest.param(
                list(keyword_documents(keyword, row, direction)), row[direction], id=f"{keyword}, {direction}"
            )
    for name, group in CELLS["objects"].items():
        for direction, place in group["at"].items():
            for field, row in group["fields"].items():
                documents = list(field_documents(field, row, place))
                yield pytest.param(documents, row[direction], id=f"{name}.{field}, {direction}")


@pytest.mark.parametrize(("documents", "expected"), list(cells()))
def test_the_rules_of_a_row(documents: list[tuple[Any, Any]], expected: list[str]) -> None:
    assert [rules(old, new) for old, new in documents] == expected


def test_no_cell_is_empty_or_unclassified() -> None:
    rows = [
        *CELLS["schema"].values(),
        *(row for group in CELLS["objects"].values() for row in group["fields"].values()),
    ]
    named = [name for row in rows for direction in ("any", "request", "response") for name in row.get(direction, [])]
    assert all(named)
    assert not any("unclassified" in name for name in named)
    known = {name for name, _ in RULES} | {"invalid", "none"}
    assert {part for name in named for part in name.split("+")} <= known


def test_every_keyword_of_json_schema_has_a_row() -> None:
    base = "https://json-schema.org/draft/2020-12/meta/"
    vocabularies = ("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content")
    published = {
        keyword
        for name in vocabularies
        for keyword in jsonschema_specifications.REGISTRY.contents(f"{base}{name}")["properties"]
    }
    # What OpenAPI adds to schemas.
    published |= {"discriminator", "xml", "externalDocs", "example"}
    assert published - CELLS["schema"].keys() == set()


def test_every_field_of_openapi_has_a_row() -> None:
    package = find_spec("openapi_spec_validator")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "resources" / "schemas" / "v3.1" / "schema.json"
    schema = json.loads(path.read_text("utf-8"))
    published = {("document", field) for field in schema["properties"]}
    for name, definition in schema["$defs"].items():
        published |= {(name.removesuffix("-or-reference"), field) for field in fields(definition)}
    rows = {
        (CELLS["same"].get(name, name), field) for name, group in CELLS["objects"].items() for field in group["fields"]
    }
    named = {(CELLS["same"].get(name, name), field) for name, field in published}
    # The published schema calls the field `server` of a link `body`.
    assert named - rows == {("link", "body")}


def fields(definition: Any) -> set[str]:
    """Return the fields that a definition names, wherever in it."""
    if isinstance(definition, list):
        return {name for item in definition for name in fields(item)}
    if not isinstance(definition, dict):
        return set()
    own = definition.get("properties")
    found = set(own) if isinstance(own, dict) else set()
    inside = [value for key, value in definition.items() if key not in ("$ref", "properties", "if", "not", "contains")]
    return found | {name for item in inside for name in fields(item)}

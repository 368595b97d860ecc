"""Questions about schemas are answered through references, `allOf` and unions."""

from typing import Any

import pytest

from thread_runs_spec import schemas
from thread_runs_spec.document import Node, Spec, SpecError

SCHEMAS = """
    Text: {type: string}
    Described: {$ref: '#/components/schemas/Text', description: mine, maxLength: 3}
    Nullable: {type: [object, 'null']}
    Old: {type: string, nullable: true}
    Any: {}
    Yes: true
    Wrong: {type: 7}
    Odd: {type: [1]}
    Union:
      anyOf: [{$ref: '#/components/schemas/Text'}, {oneOf: [{$ref: '#/components/schemas/Union'}, {type: 'null'}]}]
    Const: {const: null}
    Enum: {enum: [a, null]}
    Base: {required: [a], properties: {a: {type: string}, b: {type: string}}}
    Child:
      allOf: [{$ref: '#/components/schemas/Base'}, {$ref: '#/components/schemas/Child'}, {properties: {c: true}}]
      required: [c]
      properties: {b: {type: integer}}
"""


def document(version: str = "3.1.0", text: str = SCHEMAS) -> Spec:
    return Spec.parse("a.yaml", f"openapi: {version}\ninfo: {{}}\npaths: {{}}\ncomponents:\n  schemas:{text}")


def schema(name: str, version: str = "3.1.0") -> Node:
    return document(version).at(("components", "schemas", name))


def test_keywords_beside_a_reference_count_in_3_1_and_not_in_3_0() -> None:
    assert schemas.keywords(schema("Described")) == {"type": "string", "description": "mine", "maxLength": 3}
    assert schemas.keywords(schema("Described", "3.0.3")) == {"type": "string"}
    assert schemas.keywords(schema("Yes")) == {}


def test_types_are_read_from_one_name_a_list_or_nullable() -> None:
    assert schemas.types(schema("Described")) == {"string"}
    assert schemas.types(schema("Nullable")) == {"object", "null"}
    assert schemas.types(schema("Old", "3.0.3")) == {"string", "null"}
    assert schemas.types(schema("Old")) == {"string"}
    assert schemas.types(schema("Any")) == schemas.types(schema("Yes")) == frozenset()
    for name in ("Wrong", "Odd"):
        with pytest.raises(SpecError, match=f"/components/schemas/{name}: `type` is neither a string nor an array"):
            schemas.types(schema(name))


def test_null_is_found_wherever_it_is_allowed() -> None:
    nullable = {"Nullable", "Union", "Const", "Enum"}
    names = ("Text", "Described", "Nullable", "Old", "Any", "Yes", "Union", "Const", "Enum")
    assert {name for name in names if schemas.is_nullable(schema(name))} == nullable
    assert schemas.is_nullable(schema("Old", "3.0.3"))


def test_members_of_unions_are_found_at_any_depth_and_once() -> None:
    found = [node.pointer[2:] for node in schemas.alternatives(schema("Union"))]
    assert found == [("Union",), ("Text",), ("Union", "anyOf", "1"), ("Union", "anyOf", "1", "oneOf", "1")]


def test_properties_are_collected_through_all_of() -> None:
    found = {name: node.value for name, node in schemas.properties(schema("Child")).items()}
    assert found == {"b": {"type": "integer"}, "a": {"type": "string"}, "c": True}
    assert schemas.required(schema("Child")) == {"a", "c"}
    assert schemas.properties(schema("Yes")) == {}


def test_schemas_of_3_0_become_json_schema() -> None:
    old: Any = {
        "type": "object",
        "nullable": True,
        "properties": {
            "nullable": {"type": "string", "nullable": True, "enum": ["a"]},
            "low": {"minimum": 1, "exclusiveMinimum": True, "maximum": 5, "exclusiveMaximum": False},
            "enum": {"$ref": "#/x", "nullable": True},
            "known": {"type": "string", "nullable": True, "enum": ["a", None]},
            "free": {"nullable": True},
        },
        "allOf": [{"exclusiveMaximum": True}],
        "example": {"nullable": True},
    }
    assert schemas.json_schema(document("3.0.3"), old) == {
        "type": ["object", "null"],
        "properties": {
            "nullable": {"type": ["string", "null"], "enum": ["a", None]},
            "low": {"exclusiveMinimum": 1, "maximum": 5},
            "enum": {"$ref": "#/x"},
            "known": {"type": ["string", "null"], "enum": ["a", None]},
            "free": {},
        },
        "allOf": [{}],
        "example": {"nullable": True},
    }
    assert schemas.json_schema(document(), old) is old


def test_a_whole_document_of_3_0_keeps_its_pointers() -> None:
    text = """
openapi: 3.0.3
info: {}
paths:
  /a:
    get:
      parameters: [{name: q, in: query, schema: {type: string, nullable: true}}]
      responses:
        default:
          description: ''
          content: {application/json: {schema: {items: {$ref: '#/components/schemas/A'}}, example: {nullable: true}}}
components: {schemas: {A: {type: object, nullable: true, properties: {b: {type: integer, nullable: true}}}}}
"""
    spec = Spec.parse("a.yaml", text)
    found = schemas.json_schema_document(spec)
    operation = found["paths"]["/a"]["get"]
    assert operation["parameters"][0]["schema"] == {"type": ["string", "null"]}
    media = operation["responses"]["default"]["content"]["application/json"]
    assert media == {"schema": {"items": {"$ref": "#/components/schemas/A"}}, "example": {"nullable": True}}
    assert found["components"]["schemas"]["A"] == {
        "type": ["object", "null"],
        "properties": {"b": {"type": ["integer", "null"]}},
    }
    # The document itself is not changed.
    assert spec.root["components"]["schemas"]["A"]["nullable"] is True
    assert schemas.json_schema_document(document()) == document().root

"""`make generate` on documents with one fault each: one line with file, line and pointer, and exit status 2."""

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import generate
from scripts.structure import read_spec
from scripts.validation import faults
from thread_runs_spec.document import Spec, SpecError, load

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "tests" / "specs"
THINGS = """\
openapi: 3.1.0
info: {title: Things, version: 1.0.0}
servers: [{url: https://api.example.com}]
paths:
  /things/{id}:
    get:
      operationId: getThing
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        "200":
          description: A thing.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Thing"}
              example: {name: a}
components:
  schemas:
    Thing:
      type: object
      properties:
        name: {type: string}
        size: {type: integer, maximum: 3}
"""
NAME = "        name: {type: string}\n"
PARAMETER = "        - {name: id, in: path, required: true, schema: {type: string}}\n"

# The text to replace, its replacement, and the expected line, pointer and error.
FAULTS = {
    "example of the wrong type": (
        "example: {name: a}",
        "example: {name: 1}",
        16,
        "/paths/~1things~1{id}/get/responses/200/content/application~1json/example/name: "
        'example: 1 is not of type "string"',
    ),
    "example inside a schema": (
        "maximum: 3",
        "maximum: 3, example: 4",
        23,
        "/components/schemas/Thing/properties/size/example: example: 4 is greater than the maximum of 3",
    ),
    "one of several examples": (
        "maximum: 3",
        "maximum: 3, examples: [1, x]",
        23,
        '/components/schemas/Thing/properties/size/examples/1: examples: "x" is not of type "integer"',
    ),
    "default": (
        "maximum: 3",
        "maximum: 3, default: x",
        23,
        '/components/schemas/Thing/properties/size/default: default: "x" is not of type "integer"',
    ),
    "enum value of another type": (
        NAME,
        "        name: {type: string, enum: [a, 1]}\n",
        22,
        "/components/schemas/Thing/properties/name/enum/1: 1 is not of the type string",
    ),
    "enum value listed twice": (
        NAME,
        "        name: {type: string, enum: [a, a]}\n",
        22,
        '/components/schemas/Thing/properties/name/enum/1: the value "a" is listed twice',
    ),
    "empty enum": (
        "maximum: 3",
        "maximum: 3, enum: []",
        23,
        "/components/schemas/Thing/properties/size/enum: an empty enum allows no value",
    ),
    "pattern": (
        NAME,
        "        name: {type: string, pattern: '['}\n",
        22,
        "/components/schemas/Thing/properties/name/pattern: '[' is not a regular expression",
    ),
    "type": (
        NAME,
        "        name: {type: text}\n",
        22,
        '/components/schemas/Thing/properties/name/type: "text" is not one of',
    ),
    "keyword of the wrong type": (
        "maximum: 3",
        "maximum: '3'",
        23,
        '/components/schemas/Thing/properties/size/maximum: "3" is not of type "number"',
    ),
    "key given twice": (
        "      type: object\n",
        "      type: object\n      type: object\n",
        21,
        "key 'type' is given twice",
    ),
    "YAML": ("  schemas:\n", "  schemas: [\n", 20, "not YAML: "),
    "reference": (
        'schemas/Thing"',
        'schemas/Gone"',
        15,
        "/paths/~1things~1{id}/get/responses/200/content/application~1json/schema: "
        "$ref leads to /components/schemas/Gone, which does not exist",
    ),
    "allOf of itself": (
        "      type: object\n",
        '      allOf: [{$ref: "#/components/schemas/Thing"}]\n',
        19,
        "/components/schemas/Thing: allOf leads back to this schema",
    ),
    "mapping": (
        "      type: object\n",
        "      type: object\n      discriminator: {propertyName: name, mapping: {a: Gone}}\n",
        21,
        "/components/schemas/Thing/discriminator/mapping/a: the mapping leads to /components/schemas/Gone, "
        "which does not exist",
    ),
    "path parameter that is not declared": (
        PARAMETER,
        "        - {name: q, in: query, schema: {type: string}}\n",
        6,
        "/paths/~1things~1{id}/get: the path parameter 'id' is not declared",
    ),
    "path parameter that the path lacks": (
        PARAMETER,
        PARAMETER + PARAMETER.replace("name: id", "name: no"),
        10,
        "/paths/~1things~1{id}/get/parameters/1: the path has no {no}",
    ),
    "parameter listed twice": (
        PARAMETER,
        PARAMETER * 2,
        10,
        "/paths/~1things~1{id}/get/parameters/1: the path parameter 'id' is listed twice",
    ),
    "operationId": (
        "components:\n",
        "  /others:\n    get: {operationId: getThing, responses: {default: {description: x}}}\ncomponents:\n",
        18,
        "/paths/~1others/get/operationId: another operation, in line 7, is called 'getThing', too",
    ),
    "path that means the same": (
        "components:\n",
        "  /things/{name}: {}\ncomponents:\n",
        17,
        "/paths/~1things~1{name}: the path in line 5 means the same",
    ),
    "security scheme": (
        "      operationId: getThing\n",
        "      operationId: getThing\n      security: [{key: []}]\n",
        8,
        "/paths/~1things~1{id}/get/security/0/key: there is no security scheme 'key'",
    ),
    "variable of a server": (
        "https://api.example.com",
        "'https://{host}/'",
        3,
        "/servers/0: the URL has {host}, which is not among the variables",
    ),
    "misspelt key": (
        "      operationId: getThing\n",
        "      operationID: getThing\n",
        7,
        "/paths/~1things~1{id}/get/operationID: OpenAPI has no such field here",
    ),
    "missing key": ("          description: A thing.\n", "", 11, '"description" is a required property'),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_gets_one_line_with_its_place(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, line, said = FAULTS[name]
    assert THINGS.count(old) == 1
    file, output = tmp_path / "openapi.yaml", tmp_path / "thread_runs_client"
    file.write_text(THINGS.replace(old, new), "utf-8")
    monkeypatch.setattr(sys, "argv", ["generate", "--spec", str(file), "--output", str(output)])
    with pytest.raises(SystemExit) as ended:
        generate.main()
    printed = capsys.readouterr().err
    assert ended.value.code == 2
    assert printed.startswith(f"generate: {file}:{line}: ")
    assert said in printed
    assert printed.count("\n") == 1
    assert not output.exists()


def test_every_fault_is_named_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = THINGS.replace("maximum: 3", "maximum: 3, default: x").replace("{name: a}", "{name: 1}")
    assert [error.line for error in faults(Spec.parse("openapi.yaml", text))] == [16, 23]


PARTS = """\
        parts: {type: array, items: {$ref: "#/components/schemas/Part"}}
    Part:
      anyOf:
        - {$ref: "#/components/schemas/Wheel"}
        - {$ref: "#/components/schemas/Door"}
        - type: "null"
    Wheel: {required: [kind, size], properties: {kind: {const: wheel}, size: {type: integer}, of: {type: string}}}
    Door:
      required: [kind]
      properties: {kind: {const: door}, of: {type: array, items: {$ref: "#/components/schemas/Part"}}}
"""


@pytest.mark.parametrize(
    ("item", "line", "said"),
    [
        ("{kind: wheel}", 19, 'parts/1: example: "size" is a required property'),
        ("{kind: wheel, size: x}", 19, 'parts/1/size: example: "x" is not of type "integer"'),
        ("{kind: door, of: a}", 19, 'parts/1/of: example: "a" is not of type "array"'),
        ("{kind: door, of: [{kind: wheel}]}", 19, 'parts/1/of/0: example: "size" is a required property'),
        ("\n                    kind: wheel\n                    size: x", 21, 'parts/1/size: example: "x" is not'),
    ],
)
def test_an_error_in_an_example_is_reported_at_its_line_for_the_intended_union_member(
    item: str, line: int, said: str
) -> None:
    example = f"example:\n                parts:\n                  - null\n                  - {item}"
    text = THINGS.replace("example: {name: a}", example) + PARTS
    [fault] = faults(Spec.parse("openapi.yaml", text))
    assert fault.line == line
    assert said in str(fault)


def test_a_file_that_is_not_text_gets_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "openapi.yaml"
    file.write_bytes(b"openapi: \xff")
    monkeypatch.setattr(sys, "argv", ["generate", "--spec", str(file)])
    with pytest.raises(SystemExit) as ended:
        generate.main()
    assert (ended.value.code, capsys.readouterr().err) == (2, f"generate: {file}: not UTF-8 text\n")


def test_an_error_in_an_object_of_openapi_3_0_does_not_mention_references() -> None:
    document: dict[str, Any] = yaml.safe_load(THINGS)
    document["openapi"] = "3.0.3"
    document["components"]["securitySchemes"] = {"key": {"type": "apiKey", "in": "header"}}
    with pytest.raises(SpecError, match=r"/components/securitySchemes/key: ") as fault:
        read_spec("openapi.yaml", yaml.safe_dump(document))
    assert "$ref" not in str(fault.value)


def test_null_in_an_enum_of_openapi_3_0_is_not_an_error() -> None:
    document: dict[str, Any] = yaml.safe_load(THINGS)
    document["openapi"] = "3.0.3"
    size = document["components"]["schemas"]["Thing"]["properties"]["size"]
    size.update(nullable=True, enum=[1, 2, None], example=None, default=None)
    assert faults(Spec.parse("openapi.yaml", yaml.safe_dump(document))) == []


def test_the_specs_of_the_tests_are_valid() -> None:
    for file in (ROOT / "openapi.yaml", *SPECS.glob("*.yaml")):
        assert faults(load(file)) == []

"""A document knows the place of each value, and where references lead."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from thread_runs_spec import PACKAGED
from thread_runs_spec.document import Node, Spec, SpecError, canonical, load, pointer_text
from thread_runs_spec.structure import Kind

HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
REFERENCES = """
paths:
  /a/{b}:
    $ref: '#/paths/~1c~1%7Bb%7D'
  /c/{b}:
    parameters: [{$ref: '#/components/parameters/B'}]
    get:
      x-note: {$ref: other.yaml}
      callbacks:
        done: {'{$request.body#/url}': {post: {responses: {}}}, x-a: 1}
      responses:
        x-note: {$ref: other.yaml}
        200:
          $ref: '#/components/responses/Ok'
components:
  parameters:
    B: {name: b, in: path, schema: {type: string, default: {$ref: other.yaml}, enum: [{$ref: other.yaml}]}}
    Unused: {name: u, in: path}
  responses:
    Ok:
      description: ok
      headers: {x-a: {schema: {$ref: '#/components/schemas/Tree'}}}
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Tree'}
          examples:
            one: {value: {$ref: other.yaml}}
            two: {$ref: '#/components/examples/Two'}
  examples: {Two: {value: 2}}
  schemas:
    x-a: {type: string}
    Tree:
      examples: [{$ref: other.yaml}]
      properties:
        default: {$ref: '#/components/schemas/Leaf'}
        properties: {type: object, properties: {example: {$ref: '#/x-shared/Twig'}}}
        $ref: {type: string}
        children: {items: {$ref: '#/components/schemas/Tree'}}
    Leaf: true
x-shared: {Twig: {anyOf: [{$ref: '#/components/schemas/Tree'}, {type: 'null'}], default: {$ref: other.yaml}}}
"""


@pytest.fixture
def spec() -> Spec:
    return Spec.parse("a.yaml", HEAD + REFERENCES)


def test_data_has_no_references_and_names_are_not_keywords(spec: Spec) -> None:
    tree = ("components", "schemas", "Tree")
    assert set(spec.references(())) == {
        ("paths", "/c/{b}"),
        ("components", "parameters", "B"),
        ("components", "responses", "Ok"),
        ("components", "examples", "Two"),
        ("components", "schemas", "Leaf"),
        ("x-shared", "Twig"),
        tree,
    }
    assert list(spec.references((*tree, "properties", "default"))) == [("components", "schemas", "Leaf")]
    assert list(spec.references(("x-shared", "Twig"))) == [tree]
    assert list(spec.references(("info",))) == []


def test_reachable_is_what_operations_lead_to(spec: Spec) -> None:
    assert ("components", "schemas", "Leaf") in spec.reachable
    assert ("x-shared", "Twig") in spec.reachable
    assert ("components", "parameters", "Unused") not in spec.reachable


def test_every_part_is_walked_with_its_kind_in_order(spec: Spec) -> None:
    walked = [(pointer_text(node.pointer), kind) for node, kind in spec.walk(("paths", "/c/{b}"))]
    assert walked == [
        ("/paths/~1c~1{b}", Kind.PATH_ITEM),
        ("/paths/~1c~1{b}/parameters/0", Kind.PARAMETER),
        ("/paths/~1c~1{b}/get", Kind.OPERATION),
        ("/paths/~1c~1{b}/get/callbacks/done", Kind.CALLBACK),
        ("/paths/~1c~1{b}/get/callbacks/done/{$request.body#~1url}", Kind.PATH_ITEM),
        ("/paths/~1c~1{b}/get/callbacks/done/{$request.body#~1url}/post", Kind.OPERATION),
        ("/paths/~1c~1{b}/get/responses/200", Kind.RESPONSE),
    ]


def test_nodes_know_their_place(spec: Spec) -> None:
    node = spec.at(("paths", "/a/{b}"))
    assert (node.line, node.key, node.fragment) == (5, "/a/{b}", "#/paths/~1a~1%7Bb%7D")
    assert node.resolve().pointer == ("paths", "/c/{b}")
    parameters = spec.at(("paths", "/c/{b}", "parameters"))
    assert parameters.get("0") == parameters.children()[0]
    assert (parameters.get("1"), parameters.get("x"), spec.find(("paths", "x", "y"))) == (None, None, None)
    root = spec.at(())
    assert (root.key, root.fragment, root.line) == ("", "#", 1)
    assert spec.at(("openapi",)).children() == []
    assert str(node.error("is wrong")) == "a.yaml:5: /paths/~1a~1{b}: is wrong"
    with pytest.raises(SpecError, match=r"a.yaml: there is no /paths/x"):
        spec.at(("paths", "x"))


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("other.yaml#/A", "a.yaml:5: /components/schemas/A: $ref 'other.yaml#/A' leaves the document"),
        ("#name", "a.yaml:5: /components/schemas/A: $ref '#name' names an anchor; use a JSON pointer"),
        ("#/components/schemas/B", "a.yaml:5: /components/schemas/A: $ref leads to /components/schemas/B, which does"),
        ("#/components/schemas/A", "a.yaml:5: /components/schemas/A: $ref leads in a circle"),
    ],
)
def test_a_reference_that_cannot_be_followed(reference: str, message: str) -> None:
    text = f"{HEAD}paths: {{}}\ncomponents: {{schemas: {{\n  A: {{$ref: '{reference}'}}}}}}\n"
    with pytest.raises(SpecError) as caught:
        Spec.parse("a.yaml", text)
    assert str(caught.value).startswith(message)


def test_a_reference_may_lead_to_the_whole_document() -> None:
    spec = Spec.parse("a.yaml", f"{HEAD}components: {{schemas: {{A: {{properties: {{b: {{$ref: '#'}}}}}}}}}}\n")
    assert spec.at(("components", "schemas", "A", "properties", "b")).resolve().pointer == ()


def test_equal_values_have_equal_texts() -> None:
    assert canonical({"b": [1.0, None], "a": "é"}) == canonical({"a": "é", "b": [1, None]}) == '{"a":"é","b":[1,null]}'
    assert canonical(True) != canonical(1)


def test_files_are_read_with_their_path_as_name(tmp_path: Path) -> None:
    assert load().root["info"]["title"] == load(PACKAGED, "openapi.yaml").root["info"]["title"]
    assert load(PACKAGED, "openapi.yaml").name == "openapi.yaml"
    file = tmp_path / "a.yaml"
    errors: list[tuple[Any, str]] = [(None, "No such file or directory"), (b"\xff\xff", "not UTF-8 text")]
    for content, message in errors:
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(SpecError) as caught:
            load(file)
        assert str(caught.value) == f"{file}: {message}"
    file.write_bytes("\ufeff".encode() + HEAD.encode())
    assert load(str(file)).is_31


def test_a_node_that_was_not_written_has_no_line(spec: Spec) -> None:
    assert Node(spec, ("nowhere",), 1).line == 0


def test_the_path_of_the_packaged_document_is_known_without_pyyaml() -> None:
    code = "import sys; sys.modules['yaml'] = None; import thread_runs_spec; print(thread_runs_spec.PACKAGED.name)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "openapi.yaml\n"

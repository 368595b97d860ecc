"""Models generated from a spec that has types that ours has not: dates, maps of models, and more."""

import builtins
import datetime
import importlib
import keyword
import pathlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from scripts import generate, names
from scripts.repository import ROOT

SCHEMAS = """
Thing:
  type: object
  description: One of everything.
  required: [id, at, "class", size]
  properties:
    id: {type: string, format: uuid}
    at: {type: string, format: date-time}
    day: {type: string, format: date}
    class: {type: string}
    str: {type: string}
    keys: {type: array, items: {type: string}}
    type: {type: string}
    format: {type: string}
    filter: {type: string}
    maxItems: {type: integer}
    "x-rate": {type: number}
    size: {$ref: "#/components/schemas/Size"}
    nested: {type: array, items: {type: array, items: {$ref: "#/components/schemas/Part"}}}
    parts: {$ref: "#/components/schemas/Parts"}
    free: {}
    pick: {anyOf: [{$ref: "#/components/schemas/Point"}, {$ref: "#/components/schemas/Circle"}]}
    when: {anyOf: [{type: string, format: date-time}, {type: string}, {type: 'null'}]}
    either: {anyOf: [{type: array, items: {type: integer}}, {type: array, items: {type: string}}, {type: integer}]}
    parent: {$ref: "#/components/schemas/Thing"}
    flag: {type: boolean}
    kind: {const: thing}
Size:
  type: integer
  description: A size.
  enum: [1, 2]
Part:
  type: object
  description: A part.
  required: [name]
  properties: {name: {type: string}}
Parts:
  type: object
  description: Parts by name.
  additionalProperties: {$ref: "#/components/schemas/Part"}
Point:
  type: object
  description: A point.
  required: [x, y]
  properties: {x: {type: number}, y: {type: number}}
Circle:
  type: object
  description: A circle.
  required: [x, y, radius]
  properties: {x: {type: number}, y: {type: number}, radius: {type: number}}
Closed:
  type: object
  description: An object that declares no other fields.
  additionalProperties: false
  properties: {a: {type: integer}, thing: {$ref: "#/components/schemas/Thing"}}
"""

THING: dict[str, Any] = {
    "id": "0a0a0a0a-0000-4000-8000-000000000000",
    "at": "2026-01-02T03:04:05+00:00",
    "day": "2026-01-02",
    "class": "c",
    "str": "s",
    "keys": ["k"],
    "type": "t",
    "format": "f",
    "filter": "i",
    "maxItems": 3,
    "x-rate": 1,
    "size": 2,
    "nested": [[{"name": "a"}], []],
    "parts": {"one": {"name": "b", "more": 1}},
    "free": {"anything": [None]},
    "pick": {"x": 1, "y": 2.5, "radius": 3},
    "when": "2026-01-02T03:04:05+00:00",
    "either": ["a"],
    "flag": True,
    "kind": "thing",
}


NAMES = sorted(name for name in {*dir(builtins), *keyword.kwlist, *names.RESERVED} if name.islower() and name[0] != "_")
"""Every name that Python or generated code uses itself."""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The generated package of the other spec."""
    folder = tmp_path_factory.mktemp("other")
    schemas = yaml.safe_load(SCHEMAS)
    schemas["Names"] = {
        "type": "object",
        "description": "Names.",
        "properties": {key: {"type": "string"} for key in NAMES},
    }
    schemas["Closed"]["properties"]["names"] = {"$ref": "#/components/schemas/Names"}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Closed"}}}
    operation = {
        "operationId": "getThing",
        "tags": ["things"],
        "summary": "Get a thing",
        "responses": {"200": {"description": "A thing.", "content": content}},
    }
    spec = {
        "openapi": "3.1.0",
        "info": {"title": "Other", "version": "1.0.0"},
        "servers": [{"url": "https://example.com"}],
        "paths": {"/thing": {"get": operation}},
        "components": {"schemas": schemas},
    }
    path = folder / "other.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False), "utf-8")
    generate.generate(path, folder / "other_client")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("other_client.models")
    sys.path.remove(str(folder))


def test_every_kind_of_value_is_read_and_written(other: Any) -> None:
    thing = other.Thing.from_dict(THING)
    assert thing.to_dict() == THING
    assert thing.id == uuid.UUID(THING["id"])
    assert thing.at == datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC) == thing.when
    assert thing.day == datetime.date(2026, 1, 2)
    assert thing.size is other.Size.VALUE_2
    assert type(thing.nested[0][0]) is type(thing.parts["one"]) is other.Part
    assert type(thing.pick) is other.Circle
    assert (thing.type, thing.format, thing.filter) == ("t", "f", "i")
    assert other.Thing.from_dict({"parent": THING}).parent == thing


def test_names_that_python_reserves_have_an_underscore_and_keep_their_json_name(other: Any) -> None:
    thing = other.Thing.from_dict(THING)
    assert (thing.class_, thing.str_, thing.keys_, thing.max_items, thing.x_rate) == ("c", "s", ["k"], 3, 1)
    assert thing["class"] == "c"
    thing["maxItems"] = 4
    assert thing.max_items == thing.to_dict()["maxItems"] == 4
    assert set(thing.keys()) == set(THING)


def test_any_name_can_be_a_property(other: Any) -> None:
    document = {name: f"the {name}" for name in NAMES}
    model = other.Names.from_dict(document)
    assert model.to_dict() == dict(model) == document
    assert other.Names(**{name + "_" * names.is_reserved(name): f"the {name}" for name in NAMES}) == model
    assert (model.object, model.type, model.id, model.filter, model.class_) == (
        *("the object", "the type", "the id", "the filter", "the class"),
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "none"}, "id should be a UUID, but is another string"),
        ({"at": "soon"}, "at should be a date and time, but is another string"),
        ({"day": 5}, "day should be a string, but is an integer"),
        ({"size": 3}, None),
        ({"size": "large"}, "size should be an integer, but is a string"),
        ({"maxItems": 3.0}, None),
        ({"maxItems": 3.5}, "maxItems should be an integer, but is a number"),
        ({"maxItems": True}, "maxItems should be an integer, but is a boolean"),
        ({"nested": [[{"name": 1}]]}, "nested[][].name should be a string, but is an integer"),
        ({"nested": [{}]}, "nested[] should be an array, but is an object"),
        ({"parts": {"one": {}}}, "parts.*.name is missing"),
        ({"parts": {"one": 1}}, "parts.* should be an object, but is an integer"),
        ({"pick": {"x": 1, "y": 2}}, None),
        ({"pick": {"y": 2}}, "pick.x is missing"),
        ({"pick": {"unknown": 2}}, "pick should be Circle or Point, but does not say which"),
        ({"when": "soon"}, None),
        ({"when": None}, None),
        ({"when": 5}, "when should be a string or null, but is an integer"),
        ({"either": [1, "a"]}, "either[] should be an integer, but is a string"),
        ({"either": 1}, None),
        ({"flag": 1}, "flag should be a boolean, but is an integer"),
        ({"kind": "other"}, "kind should be 'thing', but is another value"),
        ({"parent": {**THING, "at": None}}, "parent.at should be a string, but is null"),
        ({"free": 1}, None),
    ],
)
def test_what_is_of_another_type_is_kept_and_reported(other: Any, change: dict[str, Any], problem: str | None) -> None:
    reading = importlib.import_module("other_client.reading")
    problems: list[Any] = []
    document = {**THING, **change}
    thing = reading.read(other.Thing, document, problems)
    assert thing.to_dict() == document
    assert [str(one) for one in problems] == ([] if problem is None else [problem])


def test_an_object_that_declares_no_other_fields_keeps_them(other: Any) -> None:
    assert other.Closed.from_dict({"a": 1, "b": 2}).to_dict() == {"a": 1, "b": 2}


def test_values_of_the_callers_are_written_as_json(other: Any) -> None:
    thing = other.Thing.from_dict(THING)
    nested = other.Thing.from_dict({**THING, "free": thing, "parent": thing, "more": [thing, other.Size.VALUE_1]})
    assert nested.parent == thing
    assert nested.to_dict() == {**THING, "free": THING, "parent": THING, "more": [THING, 1]}


@pytest.mark.unmeasured
def test_the_models_are_clean_under_mypy(other: Any, tmp_path: pathlib.Path) -> None:
    folder = pathlib.Path(other.__file__).parent
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--cache-dir", str(tmp_path), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout

"""Parameters in every style: the examples of OpenAPI 3.1.1 ("style examples") and of its deepObject."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

SCALAR = {"type": "string"}
ARRAY = {"type": "array", "items": {"type": "string"}}
NUMBERS = {"type": "array", "items": {"type": "integer"}}
OBJECT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["R", "G", "B"],
    "properties": {name: {"type": "integer"} for name in "RGB"},
}
NESTED = {
    "type": "object",
    "properties": {
        "made": {"type": "object", "properties": {"gte": {"type": "integer"}, "lt": {"type": "integer"}}},
        "tags": ARRAY,
    },
}
ONE, MANY, MADE = "blue", ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}

# The value is the `const` of the schema: the request is valid only if it was read as it is meant.
PATHS = [
    ("simple", False, SCALAR, ONE, "blue"),
    ("simple", False, ARRAY, MANY, "blue,black,brown"),
    ("simple", True, ARRAY, MANY, "blue,black,brown"),
    ("simple", False, OBJECT, MADE, "R,100,G,200,B,150"),
    ("simple", True, OBJECT, MADE, "R=100,G=200,B=150"),
    ("label", False, SCALAR, ONE, ".blue"),
    ("label", False, ARRAY, MANY, ".blue,black,brown"),
    ("label", True, ARRAY, MANY, ".blue.black.brown"),
    ("label", False, OBJECT, MADE, ".R,100,G,200,B,150"),
    ("label", True, OBJECT, MADE, ".R=100.G=200.B=150"),
    ("matrix", False, SCALAR, ONE, ";color=blue"),
    ("matrix", False, ARRAY, MANY, ";color=blue,black,brown"),
    ("matrix", True, ARRAY, MANY, ";color=blue;color=black;color=brown"),
    ("matrix", False, OBJECT, MADE, ";color=R,100,G,200,B,150"),
    ("matrix", True, OBJECT, MADE, ";R=100;G=200;B=150"),
    # What is between the parts may stand in a part, if it is encoded.
    ("simple", False, ARRAY, ["a,b", "c"], "a%2Cb,c"),
    ("simple", False, ARRAY, ["a", "b"], "a%2Cb"),
]
QUERIES = [
    ("form", True, SCALAR, ONE, "color=blue"),
    ("form", False, ARRAY, MANY, "color=blue,black,brown"),
    ("form", True, ARRAY, MANY, "color=blue&color=black&color=brown"),
    ("form", True, ARRAY, MANY, "color[]=blue&color[]=black&color[]=brown"),
    ("form", False, OBJECT, MADE, "color=R,100,G,200,B,150"),
    ("form", True, OBJECT, MADE, "R=100&G=200&B=150"),
    ("spaceDelimited", False, ARRAY, MANY, "color=blue%20black%20brown"),
    ("spaceDelimited", False, OBJECT, MADE, "color=R%20100%20G%20200%20B%20150"),
    ("pipeDelimited", False, ARRAY, MANY, "color=blue%7Cblack%7Cbrown"),
    ("pipeDelimited", False, NUMBERS, [1, 2], "color=1|2"),
    ("deepObject", True, OBJECT, MADE, "color[R]=100&color[G]=200&color[B]=150"),
    ("deepObject", True, OBJECT, MADE, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    (
        "deepObject",
        True,
        NESTED,
        {"made": {"gte": 1, "lt": 5}, "tags": ["a b", "c"]},
        "color[made][gte]=1&color[made][lt]=5&color[tags]=a+b&color[tags]=c",
    ),
    ("deepObject", True, NESTED, {"tags": ["a"]}, "color[tags][]=a"),
]
HEADERS = [
    (False, ARRAY, MANY, "blue, black,brown"),
    (False, OBJECT, MADE, "R,100,G,200,B,150"),
    (True, OBJECT, MADE, "R=100,G=200,B=150"),
]
Start = Callable[..., httpx.Client]


def serve(start: Start, tmp_path: Path, parameter: dict[str, Any], path: str = "/colors") -> httpx.Client:
    operation = {"parameters": [{"name": "color", **parameter}], "responses": {"204": {"description": "Read."}}}
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {path: {"get": operation}}}
    spec = tmp_path / "openapi.yaml"
    spec.write_text(yaml.safe_dump(document), "utf-8")
    return start(spec=spec)


def check(client: httpx.Client, url: str, wrong: str, headers: Any = None, wrong_headers: Any = None) -> None:
    assert client.get(url, headers=headers).status_code == 204
    refused = client.get(wrong, headers=wrong_headers)
    assert refused.status_code == 400, refused.text


@pytest.mark.parametrize(("style", "explode", "schema", "value", "written"), PATHS)
def test_a_path_parameter_is_parsed_by_its_style(
    start: Start, tmp_path: Path, style: str, explode: bool, schema: Any, value: Any, written: str
) -> None:
    parameter = {"in": "path", "required": True, "style": style, "explode": explode}
    client = serve(start, tmp_path, {**parameter, "schema": {**schema, "const": value}}, "/colors/{color}")
    check(client, f"/colors/{written}", f"/colors/{written}1")


@pytest.mark.parametrize(("style", "explode", "schema", "value", "written"), QUERIES)
def test_a_query_parameter_is_parsed_by_its_style(
    start: Start, tmp_path: Path, style: str, explode: bool, schema: Any, value: Any, written: str
) -> None:
    parameter = {"in": "query", "required": True, "style": style, "explode": explode}
    client = serve(start, tmp_path, {**parameter, "schema": {**schema, "const": value}})
    check(client, f"/colors?{written}", f"/colors?{written}1")
    assert "color" in client.get("/colors").text


@pytest.mark.parametrize(("explode", "schema", "value", "written"), HEADERS)
def test_a_header_is_parsed_by_its_style(
    start: Start, tmp_path: Path, explode: bool, schema: Any, value: Any, written: str
) -> None:
    parameter = {"in": "header", "required": True, "explode": explode, "schema": {**schema, "const": value}}
    client = serve(start, tmp_path, parameter)
    check(client, "/colors", "/colors", {"color": written}, {"color": f"{written}1"})


def test_an_optional_header_is_checked_if_it_is_sent(start: Start, tmp_path: Path) -> None:
    client = serve(start, tmp_path, {"in": "header", "schema": {"type": "integer"}})
    check(client, "/colors", "/colors", {}, {"color": "blue"})
    check(client, "/colors", "/colors", {"color": "1"}, {"color": "1.5"})


def test_a_parameter_with_a_media_type_is_json(start: Start, tmp_path: Path) -> None:
    content = {"application/json": {"schema": {**OBJECT, "const": MADE}}}
    client = serve(start, tmp_path, {"in": "query", "required": True, "content": content})
    check(client, '/colors?color={"R":100,"G":200,"B":150}', "/colors?color={")


def test_properties_of_other_names_are_those_of_no_other_parameter(start: Start, tmp_path: Path) -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}, "const": {"a": 1}}
    operation = {
        "parameters": [
            {"name": "color", "in": "query", "required": True, "schema": schema},
            {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        ],
        "responses": {"204": {"description": "Read."}},
    }
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/c": {"get": operation}}}
    spec = tmp_path / "openapi.yaml"
    spec.write_text(yaml.safe_dump(document), "utf-8")
    check(start(spec=spec), "/c?a=1&limit=3", "/c?a=1&b=3")


def test_an_array_in_an_object_is_sent_by_repeating_its_name(start: Start, tmp_path: Path) -> None:
    schema = {**NESTED, "properties": {"tags": ARRAY}, "const": {"tags": ["a", "b"]}}
    client = serve(start, tmp_path, {"in": "query", "required": True, "schema": schema})
    check(client, "/colors?tags=a&&tags=b", "/colors?tags=a")


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_an_object_whose_last_value_is_missing_is_rejected(start: Start, tmp_path: Path, style: str) -> None:
    parameter = {"in": "path", "required": True, "style": style, "schema": OBJECT}
    client = serve(start, tmp_path, parameter, "/colors/{color}")
    prefix = {"simple": "", "label": ".", "matrix": ";color="}[style]
    check(client, f"/colors/{prefix}R,1,G,2,B,3", f"/colors/{prefix}R,1,G,2,B")


def test_an_object_in_a_multipart_body_is_a_part_in_json(start: Start, tmp_path: Path) -> None:
    schema = {"type": "object", "required": ["color"], "properties": {"color": OBJECT}}
    body = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    operation = {"requestBody": body, "responses": {"204": {"description": "Read."}}}
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/c": {"post": operation}}}
    spec = tmp_path / "openapi.yaml"
    spec.write_text(yaml.safe_dump(document), "utf-8")
    client = start(spec=spec)
    for text, status in (('{"R": 1, "G": 2, "B": 3}', 204), ('{"R": 1}', 400), ("{", 400)):
        part = {"color": (None, text, "application/json")}
        assert client.post("/c", files=part).status_code == status

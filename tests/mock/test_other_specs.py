"""Documents that are written otherwise: OpenAPI 3.0, no examples, other identifiers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jsonschema_rs
import pytest
import yaml

import thread_runs_mock
from thread_runs_mock.samples import samples
from thread_runs_spec.document import Spec, SpecError

Client = Callable[..., httpx.Client]

INVENTORY = """
openapi: 3.0.3
info: {title: Inventory, version: '1'}
paths:
  /shops/{shopId}/items:
    parameters: [{name: shopId, in: path, required: true, schema: {type: integer}, example: 7}]
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/NewItem'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
    get:
      parameters:
        - {name: ids, in: query, explode: false, schema: {type: array, items: {type: integer}, maxItems: 2}}
        - {name: tags, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}}
      responses:
        '200':
          description: all
          content:
            application/json:
              schema: {type: object, properties: {items: {type: array, items: {$ref: '#/components/schemas/Item'}}}}
              example: {items: [{id: 11111111-2222-4333-8444-555555555555, name: shown, price: 1, note: null}]}
  /shops/{shopId}/items/{id}:
    parameters:
      - {name: shopId, in: path, required: true, schema: {type: integer}, example: 7}
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
    get:
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/NewItem'}}}}
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}}
components:
  schemas:
    NewItem:
      type: object
      required: [name]
      properties:
        name: {type: string, nullable: true}
        price: {type: number, minimum: 0, exclusiveMinimum: true}
    Item:
      allOf:
        - {$ref: '#/components/schemas/NewItem'}
        - type: object
          required: [id]
          properties:
            id: {type: string, format: uuid}
            note: {type: string, nullable: true, enum: [good]}
"""


@pytest.fixture
def inventory(tmp_path: Path, start: Client) -> httpx.Client:
    path = tmp_path / "inventory.yaml"
    path.write_text(INVENTORY, "utf-8")
    return start(spec=path)


def test_a_document_of_openapi_3_0(inventory: httpx.Client) -> None:
    shown = inventory.get("/shops/7/items").json()["items"]
    # The resource does not carry the identifier of its shop: that is the parameter's example.
    assert {"id": "11111111-2222-4333-8444-555555555555", "name": "shown", "price": 1, "note": None} in shown
    made = inventory.post("/shops/7/items", json={"name": None, "price": 0.5}).json()
    assert (UUID(made["id"]).version, made["name"], made["price"]) == (4, None, 0.5)
    assert inventory.get(f"/shops/7/items/{made['id']}").json() == made
    assert inventory.get(f"/shops/8/items/{made['id']}").status_code == 404
    refused = inventory.post("/shops/7/items", json={"name": "x", "price": 0})
    assert refused.json()["error"]["message"].startswith(
        "Invalid 'price': integer below minimum value. Expected a value > 0"
    )
    replaced = inventory.put(f"/shops/7/items/{made['id']}", json={"name": "new"}).json()
    assert (replaced["name"], "price" in replaced) == ("new", False)


def test_arrays_in_a_query_are_read_as_their_style_says(inventory: httpx.Client) -> None:
    assert inventory.get("/shops/7/items", params={"ids": "1,2", "tags": "a|b"}).status_code == 200
    refused = inventory.get("/shops/7/items?ids=1,2,3").json()["error"]["message"]
    assert refused.startswith("Invalid 'ids': array too long.")
    assert "expected an integer" in inventory.get("/shops/7/items?ids=a").json()["error"]["message"]


def test_many_paths_and_headers_are_checked_each_time(tmp_path: Path, start: Client) -> None:
    def operation(**others: Any) -> Any:
        parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
        parameters.append({"name": "X-Number", "in": "header", "schema": {"type": "integer"}})
        return {"parameters": parameters, "responses": {"204": {"description": ""}}, **others}

    document = {
        "openapi": "3.1.0",
        "info": {},
        "paths": {"/a/{id}": {"get": operation(security=[{"key": []}])}},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }
    path = tmp_path / "many.yaml"
    path.write_text(yaml.safe_dump(document), "utf-8")
    client = start(spec=path)
    for n in range(300):
        headers = {"X-Number": str(n), "Authorization": f"Bearer {n}"}
        assert client.get(f"/a/{n}", headers=headers).status_code == 204
    assert client.get("/a/1", headers={"X-Number": "x"}).status_code == 400
    assert client.get("/a/1", headers={"Authorization": "1"}).status_code == 401


def schema(value: Any) -> Any:
    document = {
        "openapi": "3.1.0",
        "info": {},
        "components": {
            "schemas": {"S": value, "Leaf": {"type": "object", "required": ["a"], "properties": {"a": {"const": 1}}}}
        },
    }
    return Spec.parse("a.yaml", yaml.safe_dump(document)).at(("components", "schemas", "S"))


LEAF = {"$ref": "#/components/schemas/Leaf"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "string", "example": "e", "default": "d"}, "e"),
        ({"default": 1}, 1),
        ({"examples": [2, 3]}, 2),
        ({"enum": ["a", "b"]}, "a"),
        ({"type": "string", "format": "date"}, "2024-01-01"),
        ({"type": "string", "minLength": 8}, "stringxx"),
        ({"type": "string", "maxLength": 2}, "st"),
        ({"type": "integer"}, 0),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "number", "exclusiveMinimum": 3}, 4),
        ({"type": "integer", "minimum": -3}, 0),
        ({"type": "integer", "maximum": -2}, -2),
        ({"type": "integer", "exclusiveMaximum": 0}, -1),
        ({"type": "boolean"}, False),
        ({"type": "null"}, None),
        ({"type": ["null", "boolean"]}, False),
        ({}, {}),
        (True, {}),
        ({"type": "array"}, []),
        ({"type": "array", "items": LEAF, "minItems": 2}, [{"a": 1}, {"a": 1}]),
        (LEAF, {"a": 1}),
        ({"properties": {"b": {"type": "boolean"}}}, {"b": False}),
        ({"anyOf": [LEAF, {"type": "null"}]}, {"a": 1}),
        ({"oneOf": [LEAF], "properties": {"b": {"const": 2}}}, {"a": 1, "b": 2}),
        ({"oneOf": [{"const": 5}], "properties": {"b": {"const": 2}}}, 5),
        ({"allOf": [LEAF, {"oneOf": [{"properties": {"c": {"const": 3}}}]}]}, {"a": 1, "c": 3}),
        ({"allOf": [LEAF, {"oneOf": [True, {}]}]}, {"a": 1}),
        ({"allOf": [LEAF, {"oneOf": [{"const": 1}]}]}, {"a": 1}),
        ({"type": "object", "required": ["z"]}, {"z": None}),
    ],
)
def test_a_value_is_made_from_a_schema(value: Any, expected: Any) -> None:
    assert next(samples(schema(value))) == expected


def test_values_become_plainer_until_one_conforms() -> None:
    value = {
        "type": "object",
        "required": ["n"],
        "properties": {
            "n": {"type": "integer", "example": "one"},
            "o": {"type": "string", "pattern": "^a+$"},
            "self": {"$ref": "#/components/schemas/S"},
        },
    }
    node = schema(value)
    valid = jsonschema_rs.Draft202012Validator({**value, "components": {"schemas": {"S": value}}}).is_valid
    made = list(samples(node))
    assert [valid(each) for each in made] == [False, False, True]
    assert made[2] == {"n": 0}
    endless = schema(
        {"type": "object", "required": ["self"], "properties": {"self": {"$ref": "#/components/schemas/S"}}}
    )
    assert isinstance(next(samples(endless)), dict)


def test_a_schema_that_has_no_value_is_named(tmp_path: Path) -> None:
    document = yaml.safe_load(INVENTORY)
    document["components"]["schemas"]["Item"]["allOf"].append({"required": ["self"], "properties": {"self": LEAF}})
    document["components"]["schemas"]["Leaf"] = {"type": "object", "required": ["leaf"], "properties": {"leaf": LEAF}}
    path = tmp_path / "endless.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    with pytest.raises(SpecError, match=r":\d+: /paths/~1shops.*: there is no example, and none could be made"):
        thread_runs_mock.create_app(path)


USERS = """
openapi: 3.1.0
info: {title: Users, version: '1'}
paths:
  /users:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
        '409': {description: taken, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
  /users/{user-id}:
    parameters: [{name: user-id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}
    patch: &change
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}
    put: *change
components:
  schemas:
    User:
      type: object
      properties:
        id: {type: string, example: abc}
        name: {type: string}
        level: {type: integer, readOnly: true, example: 1}
    Error: {type: object, properties: {detail: {type: string}}}
"""


@pytest.fixture
def users(tmp_path: Path, start: Client) -> Callable[[str], httpx.Client]:
    def served(text: str) -> httpx.Client:
        path = tmp_path / "users.yaml"
        path.write_text(text, "utf-8")
        return start(spec=path)

    return served


def test_a_create_keeps_the_identifier_of_the_request(users: Callable[[str], httpx.Client]) -> None:
    client = users(USERS)
    assert client.post("/users", json={"id": "ada", "name": "Ada"}).json() == {"id": "ada", "name": "Ada", "level": 1}
    assert client.get("/users/ada").json()["name"] == "Ada"
    taken = client.post("/users", json={"id": "ada", "name": "Another"})
    assert (taken.status_code, taken.json()) == (409, {"detail": "A user with the id 'ada' already exists."})
    assert client.get("/users/ada").json()["name"] == "Ada"
    # No path could hold these.
    for unfit in ("", "a" * 201):
        assert client.post("/users", json={"id": unfit}).json()["id"] not in ("ada", unfit)
    assert client.post("/users", content=b"").json()["id"] != "ada"


def test_a_taken_identifier_is_replaced_where_409_is_not_documented(users: Callable[[str], httpx.Client]) -> None:
    client = users(USERS.replace("'409'", "'404'"))
    client.post("/users", json={"id": "ada", "name": "Ada"})
    made = client.post("/users", json={"id": "ada", "name": "Another"}).json()
    assert made["id"] != "ada"
    assert client.get("/users/ada").json()["name"] == "Ada"


def test_an_identifier_that_the_request_does_not_declare_is_not_taken(inventory: httpx.Client) -> None:
    made = inventory.post("/shops/7/items", json={"name": "a", "id": "11111111-2222-4333-8444-000000000000"}).json()
    assert made["id"] != "11111111-2222-4333-8444-000000000000"


def test_read_only_properties_are_not_taken_from_requests(users: Callable[[str], httpx.Client]) -> None:
    client = users(USERS.replace("{type: string, example: abc}", "{type: string, example: abc, readOnly: true}"))
    made = client.post("/users", json={"id": "ada", "level": 7}).json()
    assert (made["level"], made["id"] != "ada") == (1, True)
    changed = client.patch(f"/users/{made['id']}", json={"level": 7, "name": "b"}).json()
    assert changed == {**made, "name": "b"}
    assert client.put(f"/users/{made['id']}", json={"level": 7}).json() == {"id": made["id"], "level": 1}

"""Operations are read the same however the document writes them.

Each document here was read differently by one of the four readers that this module replaced.
"""

from typing import Any

import pytest
import yaml

from thread_runs_spec import media_types
from thread_runs_spec.document import Spec, SpecError, load
from thread_runs_spec.operations import Operation, operations, path_names
from thread_runs_spec.security import SchemeKind


def document(paths: Any, **others: Any) -> Spec:
    root = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, **others}
    return Spec.parse("a.yaml", yaml.safe_dump(root, sort_keys=False))


def one(operation: Any, path: str = "/a", item: Any = None, **others: Any) -> Operation:
    (found,) = operations(document({path: {**(item or {}), "get": operation}}, **others))
    return found


def test_the_packaged_document() -> None:
    (operation,) = operations(load())
    assert (operation.name, operation.method, operation.success_code) == ("modifyRun", "POST", 200)
    assert [parameter.name for parameter in operation.parameters] == ["thread_id", "run_id", "OpenAI-Beta"]
    assert operation.needs_bearer_token
    assert operation.servers[0].base_path == "/v1"
    assert operation.body
    assert operation.body.required


def test_parameters_of_path_item_and_operation_are_merged_through_references() -> None:
    shared = {
        "B": {"name": "b", "in": "path", "required": True, "schema": {"type": "string"}},
        "Limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}},
    }
    operation = one(
        {
            "parameters": [
                {"name": "c", "in": "path", "schema": {}},
                {"name": "limit", "in": "query", "required": True, "example": 5},
                {"name": "limit", "in": "header", "schema": {}},
                {"name": "Authorization", "in": "header"},
                {"name": "other", "in": "path"},
                {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
                {"name": "ids", "in": "query", "style": "pipeDelimited", "explode": False},
                {"name": "theme", "in": "cookie"},
            ],
            "responses": {},
        },
        "/a/{c}/{b}",
        {"parameters": [{"$ref": "#/components/parameters/B"}, {"$ref": "#/components/parameters/Limit"}]},
        components={"parameters": shared},
    )
    found = [(parameter.name, parameter.location, parameter.required) for parameter in operation.parameters]
    assert found == [
        ("c", "path", True),
        ("b", "path", True),
        ("limit", "query", True),
        ("limit", "header", False),
        ("filter", "query", False),
        ("ids", "query", False),
        ("theme", "cookie", False),
    ]
    c, b, limit, header, filter_, ids, theme = operation.parameters
    assert b.node.pointer == ("components", "parameters", "B")
    assert limit.schema is None
    assert [example.value for example in limit.examples] == [5]
    assert filter_.schema
    assert filter_.schema.value == {"type": "object"}
    assert [parameter.style for parameter in (c, header, limit, ids, theme)] == [
        "simple",
        "simple",
        "form",
        "pipeDelimited",
        "form",
    ]
    assert (c.explode, limit.explode, ids.explode) == (False, True, False)
    assert operation.parameters_in("cookie") == (theme,)


def test_a_path_item_and_a_request_body_may_be_references() -> None:
    body = {"required": True, "content": {"application/merge-patch+json": {"schema": {"type": "object"}}}}
    spec = document(
        {"/a": {"$ref": "#/components/pathItems/A"}, "x-note": 1},
        components={
            "pathItems": {
                "A": {"put": {"requestBody": {"$ref": "#/components/requestBodies/B"}}, "summary": "s", "x-note": 1}
            },
            "requestBodies": {"B": body},
        },
    )
    (operation,) = operations(spec)
    assert (operation.method, operation.path, operation.name) == ("PUT", "/a", "PUT /a")
    assert operation.body
    assert operation.body.required
    assert operation.body.content.json
    assert operation.body.content.json.schema
    assert operation.body.node.pointer == ("components", "requestBodies", "B")
    assert (operation.responses, operation.success, operation.success_code) == ((), None, 200)


def test_statuses_are_read_quoted_or_not_and_as_ranges() -> None:
    text = """
openapi: 3.1.0
info: {}
paths:
  /a:
    get:
      responses:
        x-note: 1
        default: {description: else}
        4xx: {description: bad}
        404: {description: none}
        2XX: {description: ok}
"""
    (operation,) = operations(Spec.parse("a.yaml", text))
    assert [response.status for response in operation.responses] == ["default", "4XX", "404", "2XX"]
    assert operation.success
    assert (operation.success.status, operation.success_code) == ("2XX", 200)

    def covering(code: int) -> str:
        found = operation.response(code)
        assert found
        assert found.covers(code)
        return found.status

    assert [covering(code) for code in (404, 400, 204, 500)] == ["404", "4XX", "2XX", "default"]
    assert [response.code for response in operation.responses] == [500, 400, 404, 200]
    assert not operation.responses[2].covers(400)
    only = one({"responses": {"default": {"description": ""}}})
    assert only.success
    assert (only.success.status, only.success_code, only.response(503)) == ("default", 200, only.success)
    assert one({"responses": {"404": {}}}).response(200) is None


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("application/json; v=2", "application/json;V=2"),
        ("text/csv", "text/*"),
        ("image/png", "*/*"),
        ("nonsense", None),
        ("", None),
    ],
)
def test_the_most_specific_media_type_covers_a_message(sent: str, found: str | None) -> None:
    content: Any = {name: {} for name in ("*/*", "text/*", "application/json", "application/json;V=2")}
    operation = one({"requestBody": {"content": content}})
    assert operation.body
    media = operation.body.content.find(sent)
    assert (media and media.name) == found
    assert len(operation.body.content) == 4
    assert [each.name for each in operation.body.content] == list(content)


def test_json_is_known_by_its_media_type() -> None:
    names = (
        "application/json",
        "APPLICATION/JSON;a=b",
        "text/json",
        "application/problem+json",
        "*/*",
        "application/*",
    )
    assert all(map(media_types.is_json, names))
    assert not any(map(media_types.is_json, ("text/plain", "application/xml", "application/jsonlines", "text/*")))
    assert media_types.best_match("text/plain", ["application/json"]) is None


def test_examples_and_headers_are_read_through_references() -> None:
    operation = one(
        {
            "responses": {
                "200": {
                    "headers": {"x-a": {"$ref": "#/components/headers/A"}, "x-b": {"example": 1}},
                    "content": {
                        "text/plain": {"example": None},
                        "application/json": {
                            "example": 3,
                            "examples": {
                                "one": {"$ref": "#/components/examples/One"},
                                "x-two": {"value": 2026},
                                "far": {"externalValue": "https://example.com"},
                            },
                        },
                    },
                }
            }
        },
        components={
            "headers": {"A": {"required": True, "schema": {"type": "integer"}, "examples": {"e": {"value": 7}}}},
            "examples": {"One": {"value": {"a": 1}}},
        },
    )
    assert operation.success
    a, b = operation.success.headers
    assert (a.name, a.required, b.name, b.required) == ("x-a", True, "x-b", False)
    assert a.schema
    assert b.schema is None
    assert [example.value for example in (*a.examples, *b.examples)] == [7, 1]
    plain, json = operation.success.content
    assert [example.value for example in plain.examples] == [None]
    assert [(example.name, example.value) for example in json.examples] == [("one", {"a": 1}), ("x-two", 2026), ("", 3)]
    assert (plain.is_json, json.is_json, operation.success.content.json) == (False, True, json)


SCHEMES = {
    "bearer": {"type": "http", "scheme": "Bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "digest": {"type": "http", "scheme": "digest"},
    "key": {"type": "apiKey", "in": "query", "name": "api_key"},
    "oauth": {"type": "oauth2", "flows": {}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://example.com"},
    "tls": {"type": "mutualTLS"},
    "alias": {"$ref": "#/components/securitySchemes/bearer"},
}


@pytest.mark.parametrize(
    ("security", "anonymous", "bearer"),
    [
        ([{"bearer": []}], False, True),
        ([{"oauth": ["read"]}], False, True),
        ([{"openid": []}, {"alias": []}], False, True),
        ([{"bearer": [], "key": []}], False, True),
        ([{"bearer": []}, {"key": []}], False, False),
        ([{"basic": []}, {"digest": []}], False, False),
        ([{"tls": []}], False, False),
        ([{"bearer": []}, {}], True, False),
        ([], True, False),
        (None, False, True),
    ],
)
def test_security_says_what_a_request_needs(security: Any, anonymous: bool, bearer: bool) -> None:
    operation = one(
        {} if security is None else {"security": security},
        components={"securitySchemes": SCHEMES},
        security=[{"bearer": []}],
    )
    assert (operation.is_anonymous, operation.needs_bearer_token) == (anonymous, bearer)


def test_security_schemes_say_where_the_credential_is_sent() -> None:
    operation = one({"security": [{name: [] for name in SCHEMES}]}, components={"securitySchemes": SCHEMES})
    (requirement,) = operation.security
    assert [(scheme.name, scheme.kind, scheme.location, scheme.parameter) for scheme in requirement.schemes] == [
        ("bearer", SchemeKind.BEARER, "header", "Authorization"),
        ("basic", SchemeKind.BASIC, "header", "Authorization"),
        ("digest", SchemeKind.HTTP, "header", "Authorization"),
        ("key", SchemeKind.API_KEY, "query", "api_key"),
        ("oauth", SchemeKind.OAUTH2, "header", "Authorization"),
        ("openid", SchemeKind.OPEN_ID_CONNECT, "header", "Authorization"),
        ("tls", SchemeKind.MUTUAL_TLS, "", ""),
        ("alias", SchemeKind.BEARER, "header", "Authorization"),
    ]
    assert one({}).is_anonymous


def test_the_closest_servers_count_and_variables_have_their_defaults() -> None:
    variable = {"url": "http://{host}:{port}/{v}/", "variables": {"host": {"default": "h"}, "port": {"default": 80}}}
    variable["variables"]["v"] = {"default": "v2"}  # type: ignore[index]
    item = {"servers": [{"url": "/item"}]}
    own = {"servers": [{"url": "https://example.com/own/"}]}
    found = [
        one({}),
        one({}, servers=[variable]),
        one({}, item=item, servers=[variable]),
        one(own, item=item),
        one({"servers": []}, servers=[{"url": "https://example.com"}]),
    ]
    assert [operation.servers[0].url for operation in found] == [
        "/",
        "http://h:80/v2/",
        "/item",
        "https://example.com/own/",
        "https://example.com",
    ]
    assert [operation.servers[0].base_path for operation in found] == ["", "/v2", "/item", "/own", ""]
    assert found[1].servers[0].variables == {"host": "h", "port": "80", "v": "v2"}


def test_path_names() -> None:
    assert path_names("/a/{b}/c-{d}.{e}") == ["b", "d", "e"]
    assert [
        parameter.name for parameter in one({}, "/{b}/{b}", {"parameters": [{"name": "b", "in": "path"}]}).parameters
    ] == ["b"]


@pytest.mark.parametrize(
    ("operation", "others", "message"),
    [
        (1, {}, "/paths/~1a/get: an operation is not an object"),
        ({"requestBody": 1}, {}, "/paths/~1a/get/requestBody: a request body is not an object"),
        ({"responses": []}, {}, "/paths/~1a/get/responses: `responses` is not an object"),
        ({"responses": {"4xy": {}}}, {}, "/paths/~1a/get/responses/4xy: '4xy' is not the status of a response"),
        ({"responses": {"DEFAULT": {}}}, {}, "/paths/~1a/get/responses/DEFAULT: 'DEFAULT' is not the status"),
        ({"responses": {"200": []}}, {}, "/paths/~1a/get/responses/200: a response is not an object"),
        ({"responses": {"200": {"headers": {"a": 1}}}}, {}, "/headers/a: a header is not an object"),
        ({"responses": {"200": {"content": {"a/b": 1}}}}, {}, "/content/a~1b: a media type is not an object"),
        ({"parameters": [1]}, {}, "/paths/~1a/get/parameters/0: a parameter is not an object"),
        ({"parameters": [{"in": "query"}]}, {}, "/parameters/0: a parameter needs a `name`, and `in`: path, query"),
        ({"parameters": [{"name": "a", "in": "body"}]}, {}, "/parameters/0: a parameter needs a `name`"),
        ({"security": [1]}, {}, "/security/0: a security requirement is not an object"),
        ({"security": [{"a": []}]}, {}, "/security/0/a: there is no security scheme 'a'"),
        (
            {"security": [{"a": []}]},
            {"components": {"securitySchemes": {"a": {"type": "apiKey", "in": "body", "name": "b"}}}},
            "/components/securitySchemes/a: an API key needs a `name`, and `in`",
        ),
        (
            {"security": [{"a": []}]},
            {"components": {"securitySchemes": {"a": {"type": "http"}}}},
            "/components/securitySchemes/a: `type` is not apiKey",
        ),
        ({"security": [{"a": []}]}, {"components": {"securitySchemes": {"a": 1}}}, "/a: `type` is not apiKey"),
        ({}, {"servers": [{}]}, "/servers/0: a server needs a `url`"),
        ({}, {"servers": [1]}, "/servers/0: a server is not an object"),
        (
            {},
            {"servers": [{"url": "/{a}", "variables": {"a": {}}}]},
            "/servers/0/variables/a: a server variable needs a `default`",
        ),
        ({}, {"paths": {"/b": 1}}, "/paths/~1b: a path item is not an object"),
        ({}, {"paths": {"/b/{c}": {"get": {}}}}, "/get: the path parameter 'c' is not declared"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(operation: Any, others: Any, message: str) -> None:
    paths = others.get("paths", {"/a": {"get": operation}})
    with pytest.raises(SpecError) as caught:
        operations(document(paths, **{name: value for name, value in others.items() if name != "paths"}))
    assert message in str(caught.value)
    assert str(caught.value).startswith("a.yaml:")
    assert caught.value.line

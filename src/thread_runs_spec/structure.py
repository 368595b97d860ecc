"""The kinds of the parts of an OpenAPI document: where references, schemas and data can be.

The field tables of OpenAPI 3.0.4, 3.1.1 and JSON Schema 2020-12, reduced to fields that lead to other parts. Whatever a
table does not name (examples, defaults, extensions) is data: a `$ref` in it is not a reference.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The fields of a path item that hold operations."""


class Kind(Enum):
    """A kind of object in an OpenAPI document."""

    DOCUMENT = "document"
    COMPONENTS = "components"
    PATH_ITEM = "path item"
    OPERATION = "operation"
    PARAMETER = "parameter"
    REQUEST_BODY = "request body"
    RESPONSE = "response"
    HEADER = "header"
    MEDIA_TYPE = "media type"
    ENCODING = "encoding"
    SCHEMA = "schema"
    EXAMPLE = "example"
    LINK = "link"
    CALLBACK = "callback"
    SECURITY_SCHEME = "security scheme"


# Fields that hold one object of a kind, an object of several by name, or an array of several.
_ONE: dict[Kind, dict[str, Kind]] = {
    Kind.DOCUMENT: {"components": Kind.COMPONENTS},
    Kind.PATH_ITEM: dict.fromkeys(METHODS, Kind.OPERATION),
    Kind.OPERATION: {"requestBody": Kind.REQUEST_BODY},
    Kind.PARAMETER: {"schema": Kind.SCHEMA},
    Kind.HEADER: {"schema": Kind.SCHEMA},
    Kind.MEDIA_TYPE: {"schema": Kind.SCHEMA},
    Kind.SCHEMA: dict.fromkeys(
        (
            *("items", "additionalItems", "unevaluatedItems", "contains"),
            *("additionalProperties", "unevaluatedProperties", "propertyNames"),
            *("not", "if", "then", "else", "contentSchema"),
        ),
        Kind.SCHEMA,
    ),
}
_BY_NAME: dict[Kind, dict[str, Kind]] = {
    Kind.DOCUMENT: {"paths": Kind.PATH_ITEM, "webhooks": Kind.PATH_ITEM},
    Kind.COMPONENTS: {
        "schemas": Kind.SCHEMA,
        "responses": Kind.RESPONSE,
        "parameters": Kind.PARAMETER,
        "examples": Kind.EXAMPLE,
        "requestBodies": Kind.REQUEST_BODY,
        "headers": Kind.HEADER,
        "securitySchemes": Kind.SECURITY_SCHEME,
        "links": Kind.LINK,
        "callbacks": Kind.CALLBACK,
        "pathItems": Kind.PATH_ITEM,
    },
    Kind.OPERATION: {"responses": Kind.RESPONSE, "callbacks": Kind.CALLBACK},
    Kind.PARAMETER: {"content": Kind.MEDIA_TYPE, "examples": Kind.EXAMPLE},
    Kind.HEADER: {"content": Kind.MEDIA_TYPE, "examples": Kind.EXAMPLE},
    Kind.REQUEST_BODY: {"content": Kind.MEDIA_TYPE},
    Kind.RESPONSE: {"headers": Kind.HEADER, "content": Kind.MEDIA_TYPE, "links": Kind.LINK},
    Kind.MEDIA_TYPE: {"examples": Kind.EXAMPLE, "encoding": Kind.ENCODING},
    Kind.ENCODING: {"headers": Kind.HEADER},
    Kind.SCHEMA: dict.fromkeys(
        ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"), Kind.SCHEMA
    ),
}
_LISTED: dict[Kind, dict[str, Kind]] = {
    Kind.PATH_ITEM: {"parameters": Kind.PARAMETER},
    Kind.OPERATION: {"parameters": Kind.PARAMETER},
    Kind.SCHEMA: dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), Kind.SCHEMA),
}
# These objects may have extensions in addition to their fields. Elsewhere `x-` is a name like any other.
_EXTENDED = {(Kind.DOCUMENT, "paths"), (Kind.OPERATION, "responses")}
_FIELDS = {
    kind: {field: (table, below) for table in (_ONE, _BY_NAME, _LISTED) for field, below in table.get(kind, {}).items()}
    for kind in Kind
}


def parts(kind: Kind, value: Any) -> Iterator[tuple[tuple[str, ...], Kind, Any]]:
    """Yield each part directly inside `value`: its place below `value`, its kind and its value."""
    if not isinstance(value, dict):
        return
    if kind is Kind.CALLBACK:
        for name, item in value.items():
            if not name.startswith("x-"):
                yield (name,), Kind.PATH_ITEM, item
        return
    fields = _FIELDS.get(kind, {})
    for field, item in value.items():
        if field not in fields:
            continue
        holds, below = fields[field]
        if holds is _ONE:
            if isinstance(item, dict | bool):
                yield (field,), below, item
        elif holds is _BY_NAME:
            for name, member in item.items() if isinstance(item, dict) else ():
                if not ((kind, field) in _EXTENDED and name.startswith("x-")):
                    yield (field, name), below, member
        else:
            for index, member in enumerate(item) if isinstance(item, list) else ():
                yield (field, str(index)), below, member

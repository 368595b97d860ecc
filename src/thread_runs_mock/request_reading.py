"""Read the parameters and the bodies that requests for an operation may have."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from thread_runs_mock.operation_parts import Body, FormField, Parameter
from thread_runs_mock.parameters import Style, shape_of
from thread_runs_mock.roles import EXTENSION
from thread_runs_mock.validation import Schemas
from thread_runs_spec import media_types, schemas
from thread_runs_spec import operations as written
from thread_runs_spec.document import Node

_ERROR_TEXTS = frozenset({"missing", "malformed", "form", "code"})


def read_parameters(operation: written.Operation, schemas_: Schemas) -> Iterator[Parameter]:
    """Yield the parameters that the mock checks, path parameters first.

    Raises:
        SpecError: A path parameter is not a whole segment, or an `x-mock` is invalid.
    """
    for segment in operation.path.split("/"):
        if "{" in segment and not (segment.startswith("{") and segment.endswith("}") and segment.count("{") == 1):
            raise operation.node.error(f"a path parameter must be a whole segment of the path, unlike '{segment}'")
    for parameter in operation.parameters:
        if parameter.location == "cookie":
            continue
        schema = parameter.schema
        found = {} if schema is None else schemas.keywords(schema)
        examples = [example.value for example in parameter.examples]
        yield Parameter(
            name=parameter.name,
            location=parameter.location,
            required=parameter.required,
            validator=schemas_.validator(schema),
            style=Style(parameter.style, parameter.explode, any(media.is_json for media in parameter.content)),
            shape=shape_of(schema),
            default=found.get("default"),
            example=next(iter(examples), found.get("example", found.get("default"))),
            errors=_errors_of(parameter),
        )


def read_bodies(operation: written.Operation, schemas_: Schemas) -> dict[str, Body]:
    """Return the bodies that a request may have, by media type."""
    found = {}
    for media in operation.body.content if operation.body is not None else ():
        name = media_types.essence(media.name)
        kind = (
            "json"
            if media.is_json
            else {
                "multipart/form-data": "multipart",
                "application/x-www-form-urlencoded": "form",
            }.get(name, "other")
        )
        is_form = kind in ("multipart", "form")
        validator = None if kind == "other" else schemas_.validator(media.schema)
        fields = _fields(media.schema) if is_form and media.schema is not None else {}
        found[media.name.lower()] = Body(kind, validator, fields)
    return found


def _errors_of(parameter: written.Parameter) -> Mapping[str, str]:
    """The texts of a parameter's errors, from its `x-mock`."""
    node = parameter.node.get(EXTENSION)
    if node is None:
        return {}
    value = node.value
    if not isinstance(value, dict) or not value.keys() <= _ERROR_TEXTS or not all(map(_is_text, value.values())):
        raise node.error(f"`{EXTENSION}` of a parameter is an object with the texts {', '.join(sorted(_ERROR_TEXTS))}")
    try:
        re.compile(value.get("form", ""))
    except re.error as error:
        raise node.error(f"`form` is not a regular expression: {error}") from None
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _fields(schema: Node) -> dict[str, FormField]:
    return {
        name: FormField(
            name,
            shape_of(node),
            any(
                found.get("format") in ("binary", "byte") or "contentMediaType" in found or "contentEncoding" in found
                for found in map(schemas.keywords, schemas.alternatives(node))
            ),
        )
        for name, node in schemas.properties(schema).items()
    }

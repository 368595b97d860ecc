"""The command line of an operation: path parameters are arguments, everything else is an option."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from thread_runs_client.bodies import Property
from thread_runs_client.operations import SCHEMAS
from thread_runs_client.parameters import Parameter
from thread_runs_client.requests import Operation

OWN = frozenset({"json", "base_url", "timeout", "deadline", "max_retries", "body", "help", "version"})
"""Options that every command has."""


def command_names(operations: Sequence[Operation]) -> dict[str, Operation]:
    """Return the operations by their commands: the name of the method, with that of its group if it is taken.

    The first operation in the spec gets the short name, so a new operation does not change an older command.
    """
    found: dict[str, Operation] = {}
    for operation in operations:
        name = operation.name.rstrip("_").replace("_", "-")
        for group in reversed(operation.group):
            if name not in found:
                break
            name = f"{group.replace('_', '-')}.{name}"
        found[name] = operation
    return found


def add_arguments(parser: argparse.ArgumentParser, operation: Operation) -> None:
    """Add the arguments and options of an operation to its parser."""
    for parameter in operation.parameters:
        if parameter.argument is not None and parameter.location == "path":
            parser.add_argument(
                parameter.argument,
                metavar=parameter.argument.upper(),
                type=_scalar(_flat(parameter.schema)),
                help=_escaped(parameter.description),
            )
    for one, schema in _optional(operation):
        _add_option(parser, one, schema)
    if operation.body is not None:
        parser.add_argument(
            "--body",
            metavar="FILE|-",
            help=f"the whole body, {operation.body.media_type}, from a file or the standard input",
        )


def call_arguments(
    parser: argparse.ArgumentParser, operation: Operation, options: argparse.Namespace
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the arguments and the options of the method. Exits with status 2 if an argument is missing."""
    found = {
        parameter.argument: getattr(options, parameter.argument)
        for parameter in operation.parameters
        if parameter.argument is not None and parameter.location == "path"
    }
    missing = []
    for one, schema in _optional(operation):
        argument = str(one.argument)
        value = getattr(options, f"option_{argument}")
        if getattr(options, f"null_{argument}", False):
            found[argument] = None
        elif value is not None:
            found[argument] = dict(value) if _is_map(_flat(schema)) else value
        elif one.required and not (isinstance(one, Property) and options.body is not None):
            missing.append(_flag(one.argument))
    found |= _body(parser, operation, getattr(options, "body", None), found)
    if missing:
        parser.error(f"the following arguments are required: {', '.join(missing)}")
    chosen = {name: getattr(options, name) for name in ("timeout", "deadline", "max_retries")}
    return found, {name: value for name, value in chosen.items() if value is not None}


def _body(
    parser: argparse.ArgumentParser, operation: Operation, source: str | None, found: Mapping[str, Any]
) -> dict[str, Any]:
    body = operation.body
    if body is None or source is None:
        if body is not None and body.required and not body.properties:
            parser.error("the following arguments are required: --body")
        return {}
    if any(one.argument in found for one in body.properties):
        parser.error("--body is the whole body: it cannot be combined with options for its parts")
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        if body.kind in ("text", "binary"):
            return {"body": data.decode() if body.kind == "text" else data}
        value = json.loads(data)
    except (OSError, ValueError) as error:
        parser.error(f"--body: {error}")
    if not body.properties:
        return {"body": value}
    names = {one.name: one.argument for one in body.properties}
    if not isinstance(value, dict) or not set(value) <= set(names):
        expected = f"a JSON object with {', '.join(names)}"
        parser.error(f"--body: expected {expected}")
    return {names[name]: item for name, item in value.items()}


def _optional(operation: Operation) -> list[tuple[Parameter | Property, Mapping[str, Any]]]:
    """The arguments that are options, with the schemas of their values."""
    found: list[tuple[Any, Mapping[str, Any]]] = [
        (one, one.schema) for one in operation.parameters if one.argument is not None and one.location != "path"
    ]
    if operation.body is not None:
        properties = _properties(operation.body.schema)
        found += [(one, properties.get(one.name, {})) for one in operation.body.properties]
    return found


def _add_option(parser: argparse.ArgumentParser, one: Parameter | Property, schema: Mapping[str, Any]) -> None:
    argument = str(one.argument)
    flat = _flat(schema)
    flag = _flag(argument)
    shared: dict[str, Any] = {"dest": f"option_{argument}", "help": _escaped(one.description)}
    group: Any = parser
    if _is_nullable(schema):
        group = parser.add_mutually_exclusive_group()
        group.add_argument(f"{flag}-null", dest=f"null_{argument}", action="store_true", help="send null")
    if _is_map(flat):
        group.add_argument(flag, metavar="KEY=VALUE", nargs="+", action="extend", type=_pair, **shared)
    elif flat.get("type") == "array" and _is_scalar(_flat(flat.get("items", {}))):
        kind = _scalar(_flat(flat["items"]))
        group.add_argument(
            flag, metavar=_metavar(_flat(flat["items"])), nargs="+", action="extend", type=kind, **shared
        )
    elif _is_scalar(flat):
        group.add_argument(flag, metavar=_metavar(flat), type=_scalar(flat), **shared)
    else:
        group.add_argument(flag, metavar="JSON", type=_json, **shared)


def _flag(argument: str | None) -> str:
    name = str(argument)
    return f"--{name.strip('_').replace('_', '-')}" + ("-value" if name.strip("_") in OWN else "")


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE, but got '{text}'")
    return key, value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected JSON, but got '{text}': {error}") from None


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"expected true or false, but got '{text}'")
    return text == "true"


def _scalar(schema: Mapping[str, Any]) -> Any:
    if schema.get("format") == "binary":
        return Path
    return {"integer": int, "number": float, "boolean": _boolean}.get(str(schema.get("type")), str)


def _metavar(schema: Mapping[str, Any]) -> str:
    values = schema.get("enum")
    if values and len(values) <= 8:
        return "{" + ",".join(map(str, values)) + "}"
    if schema.get("format") == "binary":
        return "FILE"
    return {"integer": "N", "number": "NUMBER", "boolean": "true|false"}.get(str(schema.get("type")), "TEXT")


def _is_scalar(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") in ("string", "integer", "number", "boolean")


def _is_map(schema: Mapping[str, Any]) -> bool:
    """Whether the value is an object of strings whose names are the caller's."""
    values = schema.get("additionalProperties")
    return (
        schema.get("type") == "object"
        and not schema.get("properties")
        and isinstance(values, Mapping)
        and _flat(values).get("type") == "string"
    )


def _alternatives(schema: Any) -> list[Mapping[str, Any]]:
    """The schema, with references followed, or the members of its union."""
    if not isinstance(schema, Mapping):
        return []
    if "$ref" in schema:
        return _alternatives(SCHEMAS[schema["$ref"]])
    members = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    if members:
        return [found for member in members for found in _alternatives(member)]
    kinds = schema.get("type")
    return [{**schema, "type": kind} for kind in kinds] if isinstance(kinds, list) else [schema]


def _flat(schema: Any) -> Mapping[str, Any]:
    """Return the schema of a value that is not null; nothing if there are several."""
    others = [one for one in _alternatives(schema) if one.get("type") != "null"]
    return others[0] if len(others) == 1 else {}


def _is_nullable(schema: Any) -> bool:
    return any(one.get("type") == "null" for one in _alternatives(schema))


def _properties(schema: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in _alternatives(schema):
        for part in one.get("allOf", []):
            found |= _properties(part)
        found |= one.get("properties", {})
    return found

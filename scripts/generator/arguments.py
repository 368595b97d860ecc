"""The arguments for the parameters of a method, and the naming that arguments for its body share with them."""

import json
import re
from typing import Any

from scripts.generator.limits import in_words, limits
from scripts.generator.methods import Argument, Parameter
from scripts.generator.models import Models
from scripts.generator.naming import identifier_of, options
from scripts.generator.notes import Notes
from thread_runs_spec import operations as spec_operations
from thread_runs_spec import schemas as spec_schemas
from thread_runs_spec.document import Spec


class Arguments:
    """Reads the parameters of operations."""

    def __init__(self, spec: Spec, models: Models, notes: Notes) -> None:
        self._spec = spec
        self._models = models
        self._notes = notes
        # The signature itself has two names.
        self._options = options() | {"self", "options"}

    def read(self, operation: spec_operations.Operation, function: str) -> tuple[list[Argument], list[Parameter]]:
        arguments: list[Argument] = []
        parameters: list[Parameter] = []
        for source in operation.parameters:
            schema = source.schema
            value = spec_schemas.json_schema(self._spec, schema.value) if schema is not None else {}
            flat = spec_schemas.keywords(schema) if schema is not None else {}
            known = limits(value)
            fixed, only = only_value(flat)
            if fixed and source.location != "path" and (source.required or source.location == "header"):
                # No argument: the caller has no choice. Another value can be sent by `extra_headers`.
                parameters.append(Parameter(None, source, known, only, has_default=True))
                continue
            taken = {argument.name for argument in arguments}
            name = self.name(operation, source.name, source.location, taken)
            type_ = self._models.type_of(schema, source.name, function) if schema is not None else None
            has_default = "default" in flat and flat["default"] is not None
            optional = not source.required or has_default
            annotation = type_.accepted if type_ else "Any"
            arguments.append(
                Argument(
                    name,
                    f"{annotation} | Unset" if optional else annotation,
                    "UNSET" if optional else None,
                    described(
                        flat.get("description") or source.node.value.get("description", ""),
                        in_words(self._spec, value),
                        flat["default"] if has_default else None,
                    ),
                    type_.models if type_ else frozenset(),
                )
            )
            default = flat["default"] if has_default and source.required else None
            parameters.append(Parameter(name, source, known, default, has_default and source.required))
        return arguments, parameters

    def name(self, operation: spec_operations.Operation, name: str, location: str, taken: set[str]) -> str:
        """Return the name of the argument for a parameter or property; another name if its own is taken."""
        argument = identifier_of(name)
        if argument in taken:
            argument = f"{location}_{argument}"
            self._notes.add(
                operation, f"two arguments would be called `{identifier_of(name)}`: one is called `{argument}`"
            )
        if argument in self._options:
            self._notes.add(
                operation, f"`{argument}` has a meaning in every call: the argument is called `{argument}_`"
            )
            argument += "_"
        while argument in taken:
            argument += "_"
        return argument


def only_value(schema: dict[str, Any]) -> tuple[bool, Any]:
    """Return whether a schema allows only one value, and that value."""
    if "const" in schema:
        return True, schema["const"]
    if len(schema.get("enum", [])) == 1:
        return True, schema["enum"][0]
    default = schema.get("default")
    if isinstance(default, str) and schema.get("pattern") in (f"^{default}$", f"^{re.escape(default)}$"):
        return True, default
    return False, None


def with_unset(annotation: str) -> str:
    """Return the annotation of an optional argument."""
    parts = annotation.split(" | ")
    return " | ".join([*(part for part in parts if part != "None"), "Unset", *(["None"] if "None" in parts else [])])


def described(text: str, limits_in_words: list[str], default: Any = None) -> str:
    """Return the description of an argument: that of the spec, its limits, and its default."""
    text = " ".join(text.split())
    if text and text[-1] not in ".!?":
        text += "."
    words = ", ".join(limits_in_words)
    if words:
        text += f" {words[0].upper()}{words[1:]}."
    if default is not None:
        text += f" By default `{json.dumps(default, ensure_ascii=False)}`."
    return text.strip()

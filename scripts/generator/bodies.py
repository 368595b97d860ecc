"""The body of a method: how it is sent, and its arguments."""

from dataclasses import replace
from typing import Any

from scripts.generator.arguments import Arguments, described, with_unset
from scripts.generator.limits import in_words, limits
from scripts.generator.methods import Argument, Body, Property
from scripts.generator.models import Models, Type
from scripts.generator.notes import Notes
from thread_runs_spec import operations as spec_operations
from thread_runs_spec import schemas as spec_schemas
from thread_runs_spec.content import MediaType
from thread_runs_spec.document import Spec
from thread_runs_spec.media_types import essence


class Bodies:
    """Reads the request bodies of operations."""

    def __init__(self, spec: Spec, models: Models, arguments: Arguments, notes: Notes) -> None:
        self._spec = spec
        self._models = models
        self._arguments = arguments
        self._notes = notes

    def read(
        self, operation: spec_operations.Operation, function: str, taken: set[str]
    ) -> tuple[Body | None, list[Argument]]:
        """Return the body of an operation and its arguments.

        Args:
            taken: The names of the existing arguments; those of the body are added.
        """
        source = operation.body
        if source is None or not source.content:
            return None, []
        media, kind = self._media_type(operation, [*source.content])
        schema = media.schema
        value = spec_schemas.json_schema(self._spec, schema.value) if schema is not None else {}
        # The limits of a string do not apply to bytes.
        found = Body(media.name, kind, {} if kind == "binary" else limits(value), source.required)
        if kind == "binary" or schema is None:
            return found, [self._whole(source, kind, None, value)]
        if kind == "text":
            # A number or a boolean is written as text.
            scalar = spec_schemas.types(schema) <= {"integer", "number", "boolean"} and spec_schemas.types(schema)
            type_ = self._models.type_of(schema, "request", function) if scalar else None
            return found, [self._whole(source, kind, type_, value)]
        type_ = self._models.type_of(schema, "request", function)
        properties = self._models.properties_of(type_)
        if properties is None:
            return found, [self._whole(source, kind, type_, value)]
        arguments = []
        written = []
        raw = spec_schemas.properties(schema)
        required = spec_schemas.required(schema)
        encoding = media.node.value.get("encoding", {})
        for name, property_type in properties.items():
            flat = spec_schemas.keywords(raw[name]) if name in raw else {}
            if flat.get("readOnly") is True or (name in raw and raw[name].value.get("readOnly") is True):
                continue
            argument = self._arguments.name(operation, name, "body", taken)
            taken.add(argument)
            is_required = name in required and source.required
            own = raw[name].value if name in raw else {}
            description = described(
                own.get("description") or flat.get("description", ""),
                in_words(self._spec, own),
                own.get("default") if isinstance(own, dict) else None,
            )
            annotation = property_type.accepted
            arguments.append(
                Argument(
                    argument,
                    annotation if is_required else with_unset(annotation),
                    None if is_required else "UNSET",
                    description,
                    property_type.models,
                )
            )
            deep = encoding.get(name, {}).get("style") == "deepObject"
            written.append(Property(argument, name, is_required, deep, description))
        return replace(found, properties=tuple(written)), arguments

    def _whole(self, source: spec_operations.RequestBody, kind: str, type_: Type | None, value: Any) -> Argument:
        annotation = type_.accepted if type_ else {"text": "str", "binary": "Upload"}.get(kind, "Any")
        text = source.node.value.get("description") or (value.get("description") if isinstance(value, dict) else "")
        return Argument(
            "body",
            annotation if source.required else with_unset(annotation),
            None if source.required else "UNSET",
            described(text or "The body.", in_words(self._spec, value)),
            type_.models if type_ else frozenset(),
        )

    def _media_type(self, operation: spec_operations.Operation, offered: list[MediaType]) -> tuple[MediaType, str]:
        """Return the media type in which the body is sent, and its kind."""
        order = ("json", "multipart", "form", "text", "binary")
        chosen = min(offered, key=lambda media: order.index(kind_of(media.name)))
        if len(offered) > 1:
            others = ", ".join(media.name for media in offered if media is not chosen)
            self._notes.add(operation, f"the body is sent as {chosen.name}, never as {others}")
        return chosen, kind_of(chosen.name)


def kind_of(media_type: str) -> str:
    """Return the kind of a body of a media type: `json`, `multipart`, `form`, `text` or `binary`."""
    name = essence(media_type)
    if name == "application/json" or name.endswith("+json") or name == "*/*":
        return "json"
    if name.startswith("multipart/"):
        return "multipart"
    if name == "application/x-www-form-urlencoded":
        return "form"
    return "text" if name.startswith("text/") else "binary"

"""The classes of the schemas, made by openapi-python-client.

This module and `unions.py` are the only ones that use the parser of openapi-python-client, which has no stable
interface: its version is pinned, and the tests compare the generated package with the one in the repository.
"""

import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from attrs import evolve
from openapi_python_client import strings
from openapi_python_client.config import Config
from openapi_python_client.parser.errors import PropertyError
from openapi_python_client.parser.properties import (
    AnyProperty,
    EnumProperty,
    LiteralEnumProperty,
    ModelProperty,
    Schemas,
    build_schemas,
    property_from_data,
)
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.property import Property
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty
from openapi_python_client.schema import Reference, UntrustedString
from openapi_python_client.schema.openapi_schema_pydantic import Schema
from pydantic import TypeAdapter, ValidationError

from scripts import names
from scripts.generator.hoisting import Hoister
from scripts.generator.normalise import PREFIX, Normaliser
from scripts.generator.notes import Note, note
from scripts.generator.unions import add_unknown_objects
from thread_runs_spec.document import Node, Spec

# Which words get an underscore. The generator has no option for this; its module reads the set at each use.
strings.RESERVED_WORDS = set(names.RESERVED.union(name for name in dir(builtins) if not name.islower()))
add_unknown_objects()

_SCHEMA: TypeAdapter[Any] = TypeAdapter(Reference | Schema)


@dataclass(frozen=True)
class Type:
    """A type of the spec in Python.

    Attributes:
        annotation: what a caller receives, as code.
        accepted: what a caller may pass, as code: models also as mappings, enums also as literals.
        imports: the statements that the annotation needs, relative to the package.
        models: the names of the models in `accepted`.
        source: what openapi-python-client knows about it.
    """

    annotation: str
    accepted: str
    imports: frozenset[str]
    models: frozenset[str]
    source: Any = field(repr=False)

    @property
    def item(self) -> str | None:
        """The annotation of the items, if the type is a list."""
        if isinstance(self.source, ListProperty):
            return _code(self.source.inner_property)
        return None


class Models:
    """The classes of a document. Adds to `notes` what openapi-python-client cannot make a class of."""

    def __init__(self, spec: Spec, config: Config) -> None:
        self.notes: list[Note] = []
        self._spec = spec
        self._config = config
        self._normaliser = Normaliser(spec)
        components = self._unambiguous(self._normaliser.components())
        self._hoister = Hoister(set(components))
        self._schemas = self._build(self._hoisted(components))

    @property
    def models(self) -> list[ModelProperty]:
        return [one for one in self._schemas.classes_by_name.values() if isinstance(one, ModelProperty)]

    @property
    def enums(self) -> list[EnumProperty | LiteralEnumProperty]:
        kinds = (EnumProperty, LiteralEnumProperty)
        return [one for one in self._schemas.classes_by_name.values() if isinstance(one, kinds)]

    def type_of(self, schema: Node, name: str, parent: str) -> Type:
        """Return the type of a schema. A class that it needs is named after `parent` and `name`."""
        plain = self._normaliser.schema(schema.value)
        moved, components = self._hoister.hoist_all(plain, strings.pascal_case(f"{parent}_{name}"))
        if components:
            self._schemas = self._build(components, self._schemas)
        prop = self._property(moved, name, parent)
        if isinstance(prop, PropertyError):
            detail = _told(prop)
            self.notes.append(note(schema, f"there is no class for this schema, so it is typed as Any: {detail}"))
            prop = self._any(name)
        return self._as_type(prop)

    def properties_of(self, type_: Type) -> dict[str, Type] | None:
        """Return the properties of a model by their names in JSON; None if the type is not a model with properties."""
        model = self._model(type_.source)
        if model is None:
            return None
        listed = [*(model.required_properties or []), *(model.optional_properties or [])]
        return {one.name.get_untrusted_value(): self._as_type(one) for one in listed} or None

    def attribute(self, type_: Type, name: str) -> tuple[str, Type] | None:
        """Return the attribute for a property of a model and its type; None if there is none."""
        model = self._model(type_.source)
        listed = [] if model is None else [*(model.required_properties or []), *(model.optional_properties or [])]
        found = next((one for one in listed if one.name == name), None)
        return None if found is None else (str(found.python_name), self._as_type(found))

    def _model(self, prop: Any) -> ModelProperty | None:
        if not isinstance(prop, ModelProperty):
            return None
        # Copies of a component that were made before it was processed have no properties.
        found = self._schemas.classes_by_name.get(prop.class_info.name)
        return found if isinstance(found, ModelProperty) else prop

    def _property(self, schema: Any, name: str, parent: str) -> Property | PropertyError:
        prop, self._schemas = property_from_data(
            name=UntrustedString(name),
            required=True,
            data=_SCHEMA.validate_python(schema),
            schemas=self._schemas,
            parent_name=parent,
            config=self._config,
        )
        return prop

    def _any(self, name: str) -> AnyProperty:
        return AnyProperty.build(
            name=UntrustedString(name), required=True, default=None, python_name=strings.PythonIdentifier(name, ""),
            description=None, example=None,
        )  # fmt: skip

    def _unambiguous(self, components: dict[str, Any]) -> dict[str, Any]:
        """Leave out components that would be the same class, or the same module, as another."""
        seen: dict[str, str] = {}
        for name in list(components):
            module = strings.PythonIdentifier(strings.ClassName(name, self._config.field_prefix), "")
            if seen.setdefault(module, name) != name:
                self._give_up(components, name, f"its class would be that of {seen[module]}")
        return components

    def _hoisted(self, components: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, schema in components.items():
            found[name], new = self._hoister.hoist(schema, strings.pascal_case(name))
            found |= new
        return found

    def _give_up(self, components: dict[str, Any], name: str, detail: str) -> None:
        node = self._spec.find(("components", "schemas", name)) or self._spec.at(())
        self.notes.append(note(node, f"there is no class for {name}, so it is typed as Any: {detail}"))
        described = {"description": components[name]["description"]} if "description" in components[name] else {}
        components[name] = described

    def _build(self, components: dict[str, Any], known: Schemas | None = None) -> Schemas:
        """Make the classes. A component that fails is tried again without defaults, and then given up."""
        simplified: set[str] = set()
        while True:
            schemas, failed = self._try(components, known or Schemas())
            if not failed:
                return schemas
            for name, detail in failed.items():
                if name in simplified:
                    self._give_up(components, name, detail)
                else:
                    simplified.add(name)
                    components[name] = _without_defaults(components[name])

    def _try(self, components: dict[str, Any], known: Schemas) -> tuple[Schemas, dict[str, str]]:
        parsed: dict[UntrustedString, Any] = {}
        failed: dict[str, str] = {}
        for name, schema in components.items():
            try:
                parsed[UntrustedString(name)] = _SCHEMA.validate_python(schema)
            except ValidationError as error:
                failed[name] = error.errors()[0]["msg"]
        if failed:
            return known, failed
        # The records are changed in place.
        start = evolve(
            known,
            classes_by_reference=dict(known.classes_by_reference),
            dependencies={path: set(roots) for path, roots in known.dependencies.items()},
            classes_by_name=dict(known.classes_by_name),
            models_to_process=[],
            errors=[],
        )
        schemas = build_schemas(components=parsed, schemas=start, config=self._config)
        built = {str(path.get_untrusted_value()).rpartition("/")[2] for path in schemas.classes_by_reference}
        detail = " ".join(dict.fromkeys(_told(error) for error in schemas.errors))
        lost = [name for name in components if name not in built]
        # An error takes everything down that refers to the component: give up the cause before its victims.
        causes = [name for name in lost if not _references(components[name]) & set(lost) - {name}] or lost[:1]
        return schemas, dict.fromkeys(causes, detail)

    def _as_type(self, prop: Any) -> Type:
        imports = {*prop.get_imports(prefix="."), *prop.get_lazy_imports(prefix=".")}
        accepted = " | ".join(dict.fromkeys(self._accepted(prop)))
        return Type(_code(prop), accepted, frozenset(imports), frozenset(self._models_in(prop)), prop)

    def _models_in(self, prop: Any) -> Iterator[str]:
        """The names of the models that a caller may pass."""
        if isinstance(prop, UnionProperty):
            for inner in prop.inner_properties:
                yield from self._models_in(inner)
        elif isinstance(prop, ListProperty):
            yield from self._models_in(prop.inner_property)
        elif isinstance(prop, ModelProperty | EnumProperty | LiteralEnumProperty):
            yield str(prop.class_info.name)
            if (values := self._values_of(prop)) is not None:
                yield from self._models_in(values)

    def _values_of(self, prop: Any) -> Any:
        """Return the type of the values of a map; None for anything else."""
        model = self._model(prop)
        if model is None or model.required_properties or model.optional_properties:
            return None
        return model.additional_properties or None

    def _accepted(self, prop: Any) -> Iterator[str]:
        if isinstance(prop, UnionProperty):
            for inner in sorted(prop.inner_properties, key=lambda one: isinstance(one, NoneProperty)):
                yield from self._accepted(inner)
        elif isinstance(prop, ListProperty):
            yield f"Sequence[{' | '.join(dict.fromkeys(self._accepted(prop.inner_property)))}]"
        elif isinstance(prop, ModelProperty):
            if (values := self._values_of(prop)) is not None:
                yield f"Mapping[str, {' | '.join(dict.fromkeys(self._accepted(values)))}]"
            else:
                yield prop.class_info.name
                yield "Mapping[str, Any]"
        elif isinstance(prop, EnumProperty):
            yield prop.class_info.name
            yield f"Literal[{', '.join(repr(value) for value in prop.values.values())}]"
        elif isinstance(prop, FileProperty):
            yield "Upload"
        elif isinstance(prop, DateTimeProperty | DateProperty | UuidProperty):
            yield _code(prop)
            yield "str"
        else:
            yield _code(prop)


def _told(error: Any) -> str:
    """Return what openapi-python-client says about a failure, in one line."""
    line = str(error.detail or error.header).strip().partition("\n")[0]
    # It shows some references as objects at an address.
    return re.sub(r"<[\w.]+ object at 0x\w+>", "to a component", line)


def _code(prop: Any) -> str:
    return str(prop.get_type_string(no_optional=True).as_unembedded_code())


def _references(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_references, schema))
    if not isinstance(schema, dict):
        return set()
    reference = schema.get("$ref")
    own = {reference.removeprefix(PREFIX)} if isinstance(reference, str) else set()
    return own.union(*map(_references, schema.values()))


def _without_defaults(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_defaults(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_defaults(value) for key, value in schema.items() if key != "default" or isinstance(value, dict)
    }

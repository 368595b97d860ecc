"""Write the client package: models by openapi-python-client, everything else through our own templates."""

import re
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.schema import UntrustedString

from scripts.generator.limits import referred
from scripts.generator.methods import Method, Paging, Parameter, Property
from scripts.generator.models import Models
from scripts.generator.naming import class_name, options
from scripts.generator.notes import Note
from scripts.generator.operations import Operations
from thread_runs_spec.document import Spec
from thread_runs_spec.servers import servers

_WIDTH = 108


@dataclass(frozen=True)
class Plan:
    """What the package for a document will hold, and what cannot be done as the document asks."""

    spec: Spec
    config: Config
    models: Models
    methods: list[Method]
    notes: list[Note]


def plan(spec: Spec, config_file: Path, package: Path) -> Plan:
    """Read `spec`. Raises SpecError if it cannot be read."""
    config = Config.from_sources(
        ConfigFile.load_from_path(config_file),
        MetaType.NONE,
        document_source=package,
        file_encoding="utf-8",
        overwrite=False,
        output_path=package,
    )
    models = Models(spec, config)
    operations = Operations(spec, models)
    methods = operations.methods()
    return Plan(spec, config, models, methods, sorted({*models.notes, *operations.notes}))


@dataclass(frozen=True)
class Group:
    """The methods of one place: `("beta", "threads", "runs")`."""

    path: tuple[str, ...]
    methods: list[Method]
    children: list["Group"]
    description: str

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def class_name(self) -> str:
        return class_name(self.path)

    @property
    def module(self) -> str:
        return "_".join(name.rstrip("_") for name in self.path)

    @property
    def models(self) -> list[tuple[str, str]]:
        """The models in the signatures: the name of each class, and what it is called in the module."""
        own = {f"{prefix}{self.class_name}{suffix}" for prefix in ("", "Async") for suffix in ("", "WithRawResponse")}
        own |= {f"{prefix}{child.class_name}" for prefix in ("", "Async") for child in self.children}
        names = sorted(set().union(*(method.models for method in self.methods)))
        return [(name, f"{name}Model" if name in own | _IMPORTED else name) for name in names]


_IMPORTED = frozenset(
    {"Any", "AsyncPager", "AsyncSender", "CallOptions", "Literal", "Mapping", "Page", "RawResponse", "Request"}
    | {"Sender", "Sequence", "UUID", "UnknownObject", "Unpack", "Unset", "Upload"}
)


def groups(methods: Sequence[Method], tags: dict[str, str]) -> list[Group]:
    """Return the top groups, in the order of the document."""

    def below(path: tuple[str, ...]) -> list[Group]:
        names = dict.fromkeys(one.group[len(path)] for one in methods if one.group[: len(path)] == path != one.group)
        found = []
        for name in names:
            inner = (*path, name)
            own = [method for method in methods if method.group == inner]
            children = below(inner)
            used = [tag for one in own for tag in one.operation.node.value.get("tags", [])[:1]]
            listed = ", ".join(f"`{child.name}`" for child in children)
            otherwise = f"Groups of methods: {listed}." if listed else f"Methods for {name}."
            found.append(Group(inner, own, children, next(filter(None, map(tags.get, used)), otherwise)))
        return found

    return below(())


class _Package(Project):
    """openapi-python-client's project with its models and, instead of its endpoints, our methods."""

    def __init__(self, planned: Plan, templates: Path) -> None:
        info = planned.spec.root["info"]
        data = GeneratorData(
            title=UntrustedString(str(info.get("title", ""))),
            description=None,
            version=UntrustedString(str(info.get("version", ""))),
            models=planned.models.models,
            errors=[],
            endpoint_collections_by_tag={},
            enums=planned.models.enums,
        )
        super().__init__(openapi=data, config=planned.config, custom_template_path=templates)
        self._plan = planned
        self._templates = templates
        self.env.filters.update(code=code, docstring=docstring, wrapped=wrapped, aliased=_aliased, constant=str.upper)
        self.env.globals["options"] = sorted(options())

    def _build_api(self) -> None:
        planned = self._plan
        spec = planned.spec
        tags = {tag["name"]: _one_line(tag.get("description", "")) for tag in spec.root.get("tags", [])}
        top = groups(planned.methods, tags)
        schemas = referred(
            spec,
            [
                [one.limits for one in method.parameters] + [method.body and method.body.limits]
                for method in planned.methods
            ],
        )
        server = servers(spec.at(()))[0]
        self._render(
            "facts.py", version=spec.root["info"]["version"], server_url=server.url if "://" in server.url else ""
        )
        self._render("operations.py", methods=planned.methods, schemas=schemas)
        self._render("responses.py", methods=planned.methods)
        (self.package_dir / "methods").mkdir()
        self._render("methods/__init__.py", template="methods_init.py", groups=top)
        for group in _all(top):
            self._render(f"methods/{group.module}.py", template="methods.py", group=group)
        for module in self._templates.glob("*.py"):
            shutil.copyfile(module, self.package_dir / module.name)

    def _render(self, path: str, *, template: str | None = None, **values: Any) -> None:
        rendered = self.env.get_template(f"{template or path}.jinja").render(**values)
        (self.package_dir / path).write_text(rendered, "utf-8")


def write(planned: Plan, templates: Path) -> list[str]:
    """Write the package to the output path of its plan, and return the messages of openapi-python-client."""
    with redirect_stdout(StringIO()):
        errors = _Package(planned, templates).build()
    return [error.detail or error.header for error in errors]


def _all(top: Iterable[Group]) -> Iterable[Group]:
    for group in top:
        yield group
        yield from _all(group.children)


def code(value: Any) -> str:
    """Return a value, or one of our records, as Python source."""
    if isinstance(value, Parameter):
        source = value.source
        named = {
            "argument": value.argument,
            "name": source.name,
            "location": source.location,
            "schema": value.limits,
            **({"required": True} if source.required else {}),
            **({"default": value.default} if value.has_default else {}),
            **({"style": source.style} if source.style not in ("simple", "form") else {}),
            **({"explode": True} if source.explode else {}),
            **({"json": True} if source.content else {}),
            **({"description": _one_line(_description(value))} if value.argument and _description(value) else {}),
        }
        return _call("Parameter", named)
    if isinstance(value, Property):
        named = {"argument": value.argument, "name": value.name}
        named |= {key: True for key in ("required", "deep") if getattr(value, key)}
        return _call("Property", named | ({"description": value.description} if value.description else {}))
    if isinstance(value, Paging):
        named = {key: getattr(value, key) for key in ("argument", "next_cursor", "results", "has_next_page")}
        return _call("Paging", named)
    if isinstance(value, tuple):
        # Without a comma at the end the formatter keeps a short tuple on one line.
        return f"({', '.join(map(code, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(code, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{code(key)}: {code(item)}' for key, item in value.items())}}}"
    return repr(value)


def _call(name: str, arguments: dict[str, Any]) -> str:
    return f"{name}({', '.join(f'{key}={code(value)}' for key, value in arguments.items())})"


def _description(parameter: Parameter) -> str:
    schema = parameter.source.schema
    own = schema.value.get("description", "") if schema is not None and isinstance(schema.value, dict) else ""
    return str(own or parameter.source.node.value.get("description", ""))


def _one_line(text: str) -> str:
    return " ".join(str(text).split())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def wrapped(text: str, indent: int = 8, hanging: int = 0) -> str:
    """Return one paragraph in lines that fit, the first one without indentation."""
    lines = textwrap.wrap(
        _escaped(_one_line(text)), width=_WIDTH - indent, break_long_words=False, break_on_hyphens=False
    )
    return ("\n" + " " * (indent + hanging)).join(lines)


def docstring(text: str, indent: int = 8) -> str:
    """Return Markdown as it is written in a docstring: its paragraphs wrapped, its lists and code as they are."""
    paragraphs = []
    for paragraph in textwrap.dedent(text).strip().split("\n\n"):
        lines = paragraph.splitlines()
        if any(line.startswith((" ", "-", "*", "|", "#", "`" * 3, "1.")) for line in lines):
            paragraphs.append(("\n" + " " * indent).join(_escaped(line.rstrip()) for line in lines))
        else:
            paragraphs.append(wrapped(paragraph, indent))
    return ("\n\n" + " " * indent).join(paragraphs)


def _aliased(annotation: str, models: Sequence[tuple[str, str]]) -> str:
    """Return an annotation with the names that the models have in this module."""
    names = {name: alias for name, alias in models if name != alias}
    pattern = r"(?<![\w.'\"])(" + "|".join(map(re.escape, names)) + r")(?![\w'\"])"
    return re.sub(pattern, lambda found: names[found[0]], annotation) if names else annotation

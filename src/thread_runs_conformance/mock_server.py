"""The mock as the server under test, to try out the suite."""

import contextlib
import importlib
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from thread_runs_conformance.credentials import Credentials
from thread_runs_conformance.operations import Operation, operations_of
from thread_runs_conformance.options import Options, OptionsError
from thread_runs_conformance.spec import Spec
from thread_runs_conformance.targets import Target

MOCK_KEY = "sk-conformance-Test-1234"


@contextlib.contextmanager
def mock(options: Options) -> Iterator[Options]:
    """Serve the mock on loopback, and yield the options to judge it with.

    Raises:
        OptionsError: It is not installed.
    """
    try:
        # By name: the suite does not depend on the mock.
        thread_runs_mock: Any = importlib.import_module("thread_runs_mock")
        importlib.import_module("thread_runs_mock.server")
    except ImportError as error:
        raise OptionsError(f"--base-url is needed: thread-runs[mock] is not installed ({error})") from None
    spec = Spec(options.spec)
    resources = example_resources(spec)
    served = [resource for _, _, resource in resources]
    with thread_runs_mock.serve(options.spec, served, metadata=options.metadata, api_key=MOCK_KEY) as server:
        yield replace(
            options,
            base_url=server.base_url,
            targets=_targets(spec, resources),
            credentials=replace(options.credentials, bearer=MOCK_KEY) if options.credentials else Credentials(MOCK_KEY),
            disposable=True,
        )


_ODD = " and/or?#%25+é%2F;x=1&😀"
_SUFFIXES = (
    ("Conformance_1", "Conformance_1"),
    ("Conformance_1", "Conformance_2"),
    # The same identifier in another parent is another resource.
    ("Conformance_2", "Conformance_1"),
    (_ODD, _ODD),
)
"""The ends of the identifiers of a resource: of its parents, and its own. The last pair is difficult to send."""
Named = tuple[Operation, Target, dict[str, Any]]
"""An operation on a resource, its target, and the resource."""


def example_resources(spec: Spec) -> list[Named]:
    """Resources for the mock: one for each kind in the spec's examples, with its own identifiers.

    A resource that could be of several paths is left out: the mock might store it at another one.
    """
    homes = _homes(spec)
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Named] = {}
    for operation in homes:
        kinds = [example for example in _shown(operation) if _only_home(homes, example) is operation]
        suffixes = [*_SUFFIXES, *((_SUFFIXES[0][0], f"Kind_{index}") for index in range(len(kinds) - len(_SUFFIXES)))]
        formats = _formats(operation)
        for index, (outer, own) in enumerate(suffixes if kinds else ()):
            kind = kinds[index % len(kinds)]
            fields = _fields(operation, kind)
            names = operation.path_names
            values = {
                name: _identifier(kind[field], own if name == names[-1] else outer, formats.get(field))
                for name, field in fields.items()
            }
            resource = {**kind, **{fields[name]: value for name, value in values.items()}}
            parameters = {each.name: each for each in operation.parameters_in("path")}
            if _only_home(homes, resource) is operation and all(
                not parameters[name].has_schema or spec.is_valid(parameters[name].schema, value)
                for name, value in values.items()
            ):
                target = Target({name: str(value) for name, value in values.items()})
                found.setdefault((operation.path, target.key), (operation, target, resource))
    return list(found.values())


def _targets(spec: Spec, resources: list[Named]) -> tuple[Target, ...]:
    """The targets in the mock: these resources, and for other paths the example that their path parameters name."""
    found = {target.key: target for _, target, _ in resources}
    paths = {operation.path for operation, _, _ in resources}
    for operation in _homes(spec):
        values = {each.name: each.example for each in operation.parameters_in("path")}
        if operation.path in paths or None in values.values():
            continue
        for example in _shown(operation):
            fields = _fields(operation, example)
            # If a resource has no property for an identifier, the mock takes it from the example of the parameter.
            if operation.path_names[-1] in fields and all(
                values[name] == example[field] for name, field in fields.items()
            ):
                target = Target({name: str(value) for name, value in values.items()})
                found.setdefault(target.key, target)
    return tuple(found.values())


def _homes(spec: Spec) -> list[Operation]:
    """An operation on each path that names a resource."""
    on_items = [
        each for each in operations_of(spec) if each.path.endswith("}") and not each.is_delete and each.resource
    ]
    return list({each.path: each for each in reversed(on_items)}.values())[::-1]


def _shown(operation: Operation) -> list[dict[str, Any]]:
    """The examples of a success."""
    content = operation.success.content if operation.success is not None else ()
    return [example.value for media in content for example in media.examples if isinstance(example.value, dict)]


def _fields(operation: Operation, resource: dict[str, Any]) -> dict[str, str]:
    """The property of a resource that holds each identifier, by the name of the path parameter."""
    names = operation.path_names
    found = {name: "id" if name == names[-1] and name not in resource else name for name in names}
    return {name: field for name, field in found.items() if _is_identifier(resource.get(field))}


def _is_identifier(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _only_home(homes: list[Operation], resource: dict[str, Any]) -> Operation | None:
    """The only operation whose path a resource fits best; None if there is none, or more than one."""
    fitting = [
        each
        for each in homes
        if _fields(each, resource).keys() == set(each.path_names) and each.spec.is_valid(each.resource or "", resource)
    ]
    longest = max((len(each.path_names) for each in fitting), default=0)
    best = [each for each in fitting if len(each.path_names) == longest]
    return best[0] if len(best) == 1 else None


def _formats(operation: Operation) -> dict[str, str]:
    """The formats of the properties of a resource that have one."""
    found = {}
    for name, pointer in operation.resource_properties.items():
        if isinstance(format_ := operation.spec.schema(pointer)[1].get("format"), str):
            found[name] = format_
    return found


def _identifier(example: str | int, suffix: str, format_: str | None) -> str | int:
    """An identifier like the example: with the same prefix (`run_` of `run_abc123`), or another number or UUID."""
    if isinstance(example, int):
        return example + 1 + zlib.crc32(suffix.encode()) % 1_000_000
    if format_ == "uuid":
        return str(uuid5(NAMESPACE_URL, example + suffix))
    return "".join(example.partition("_")[:2]) + suffix

"""What servers will send one day: single changes of a rich Run, none of which may crash the client."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from thread_runs_client import models
from thread_runs_client.models import Run
from thread_runs_client.types import UnknownObject

Path = tuple[str | int, ...]

OTHER_TYPES: list[Any] = [None, True, 7, 1.5, "other", [], [1], {}, {"type": "other", "x": 1}]


def rich_run(examples: dict[str, Any]) -> dict[str, Any]:
    """A Run with every field and every kind of tool."""
    return {
        **examples["RunFunctionAndFileSearch"],
        "tools": [*examples["RunFunctionAndFileSearch"]["tools"], *examples["RunDocumented"]["tools"]],
        "tool_resources": {
            **examples["RunDocumented"]["tool_resources"],
            **examples["RunFunctionAndFileSearch"]["tool_resources"],
        },
        "required_action": examples["RunRequiresAction"]["required_action"],
        "last_error": examples["RunFailed"]["last_error"],
        "incomplete_details": examples["RunIncomplete"]["incomplete_details"],
        "response_format": examples["RunJsonSchema"]["response_format"],
    }


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place in a document, with what stands there."""
    yield path, value
    children: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    for key, child in children:
        yield from places(child, (*path, key))


def changed(document: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    result = copy.deepcopy(document)
    parent: Any = result
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return result


def without(document: dict[str, Any], path: Path) -> dict[str, Any]:
    result = copy.deepcopy(document)
    parent: Any = result
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    return result


def parse(document: dict[str, Any]) -> tuple[Run | None, str]:
    """The Run, or None and what is missing."""
    try:
        return Run.from_dict(document), ""
    except KeyError as error:
        return None, error.args[0]


def raw_objects_in_place_of_models(value: Any, annotation: str = "") -> Iterator[str]:
    """Attributes that hold a bare dict; every object of a Run is declared as a model."""
    if isinstance(value, dict):
        yield annotation
    elif isinstance(value, list):
        for item in value:
            yield from raw_objects_in_place_of_models(item, annotation)
    elif attrs.has(type(value)) and not isinstance(value, UnknownObject):
        for field in attrs.fields(type(value)):
            if field.name != "additional_properties" and declares_model(str(field.type)):
                yield from raw_objects_in_place_of_models(getattr(value, field.name), f"{field.name}: {field.type}")


def declares_model(annotation: str) -> bool:
    names = set(re.findall(r"\w+", annotation))
    return any(attrs.has(getattr(models, name)) for name in names & set(models.__all__))


def test_one_value_of_another_type_or_an_unknown_value(examples: dict[str, Any]) -> None:
    document = rich_run(examples)
    tried = 0
    for path, value in places(document):
        if not path:
            continue
        for other in OTHER_TYPES:
            if type(other) is type(value) and other != "other" and not isinstance(other, dict):
                continue
            mutated = changed(document, path, other)
            tried += 1
            run, missing = parse(mutated)
            if run is None:
                # An object in place of another lacks what that one requires.
                assert isinstance(other, dict), (path, other)
                assert "required property" in missing
                continue
            assert run.to_dict() == mutated, (path, other)
            assert [*raw_objects_in_place_of_models(run)] == [], (path, other)
            assert str(run)
            assert repr(run)
    assert tried > 600


def test_one_field_more(examples: dict[str, Any]) -> None:
    document = rich_run(examples)
    objects = [path for path, value in places(document) if isinstance(value, dict)]
    for path in objects:
        for value in (1, {"deep": [{"deeper": None}]}):
            mutated = changed(document, (*path, "new_field"), value)
            assert Run.from_dict(mutated).to_dict() == mutated, path


def test_one_optional_field_less_or_one_required_field_named(examples: dict[str, Any], spec: dict[str, Any]) -> None:
    document = rich_run(examples)
    required_names = {name for schema in spec["components"]["schemas"].values() for name in schema.get("required", [])}
    survived = refused = 0
    for path, _ in places(document):
        if not path:
            continue
        mutated = without(document, path)
        run, missing = parse(mutated)
        if run is None:
            assert f"required property '{path[-1]}' is missing" in missing
            assert path[-1] in required_names
            refused += 1
        else:
            assert run.to_dict() == mutated, path
            survived += 1
    assert survived > 20
    assert refused > 40


@pytest.mark.parametrize("document", [[], "run", 7, None, [["id", "run_1"]]])
def test_something_else_than_an_object_is_refused_with_words(document: Any) -> None:
    with pytest.raises(TypeError, match="Run: expected an object, got"):
        Run.from_dict(document)

"""What servers will send one day: single changes of a rich Run, all of which become a Run and keep their JSON."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import attrs
import hypothesis
import jsonschema_rs
import pytest
from hypothesis import strategies as st

from tests.deep import examples as example_count
from tests.deep import seed
from thread_runs_client import models
from thread_runs_client.models import Run
from thread_runs_client.reading import Nonconformity, read, read_response
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
    """Every place in a document, with its value."""
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


def dotted(path: Path) -> str:
    """The path as a Nonconformity has it."""
    return "".join("[]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def parse(document: dict[str, Any]) -> tuple[Run, list[Nonconformity]]:
    """The Run, and what is reported of the document."""
    problems: list[Nonconformity] = []
    run: Run = read(Run, document, problems)
    return run, problems


def raw_objects_in_place_of_models(value: Any, annotation: str = "") -> Iterator[str]:
    """Attributes that hold a bare dict; every object of a Run is declared as a model."""
    if type(value) is dict:
        yield annotation
    elif isinstance(value, list):
        for item in value:
            yield from raw_objects_in_place_of_models(item, annotation)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            if field.name != "additional_properties" and declares_model(str(field.type)):
                yield from raw_objects_in_place_of_models(getattr(value, field.name), f"{field.name}: {field.type}")


def declares_model(annotation: str) -> bool:
    names = set(re.findall(r"\w+", annotation))
    return any(hasattr(getattr(models, name), "from_dict") for name in names & set(models.__all__))


LIMITS = {"minimum", "maximum", "maxItems", "maxProperties", "maxLength", "minLength", "propertyNames", "enum"}


def without_limits(schema: Any) -> Any:
    """The schema without what limits a value but not its type. Enums are open."""
    if not isinstance(schema, dict):
        return [*map(without_limits, schema)] if isinstance(schema, list) else schema
    return {
        key: {name: without_limits(one) for name, one in value.items()}
        if key == "properties"
        else without_limits(value)
        for key, value in schema.items()
        if key not in LIMITS
    }


@pytest.fixture(scope="module")
def is_valid(spec: dict[str, Any]) -> Any:
    """Whether another library finds the fields and types of a Run right."""
    components = {"schemas": without_limits(spec["components"]["schemas"])}
    schema = {"$ref": "#/components/schemas/Run", "components": components}
    return jsonschema_rs.Draft202012Validator(schema).is_valid


@pytest.mark.unmeasured
def test_one_value_of_another_type_or_an_unknown_value(examples: dict[str, Any], is_valid: Any) -> None:
    document = rich_run(examples)
    tried = reported = 0
    for path, value in places(document):
        if not path:
            continue
        for other in OTHER_TYPES:
            if type(other) is type(value) and other != "other" and not isinstance(other, dict):
                continue
            mutated = changed(document, path, other)
            tried += 1
            run, problems = parse(mutated)
            assert run.to_dict() == mutated, (path, other)
            assert [*raw_objects_in_place_of_models(run)] == [], (path, other)
            assert str(run)
            assert repr(run)
            if is_valid(mutated):
                assert problems == [], (path, other)
            elif problems:
                reported += 1
                assert all(problem.path.startswith(dotted(path[:1])) for problem in problems), (path, other)
            else:
                # An object of an unknown kind, or the name of one.
                assert path[0] in ("tools", "response_format"), (path, other)
                assert isinstance(other, (str, dict)), (path, other)
    assert tried > 600
    assert reported > 400


def test_an_unknown_value_or_kind_is_not_reported(examples: dict[str, Any]) -> None:
    document = rich_run(examples)
    for path, value in (
        (("status",), "paused"),
        (("tools", 0), {"type": "web_search", "depth": 2}),
        (("tools", 0, "type"), "web_search"),
        (("tool_choice", "type"), "web_search"),
        (("response_format",), "grammar"),
        (("response_format",), {"type": "grammar", "grammar": {}}),
        (("last_error", "code"), "overloaded"),
    ):
        assert parse(changed(document, path, value))[1] == [], path


def test_one_additional_field(examples: dict[str, Any]) -> None:
    document = rich_run(examples)
    objects = [path for path, value in places(document) if isinstance(value, dict)]
    for path in objects:
        for value in (1, {"deep": [{"deeper": None}]}):
            mutated = changed(document, (*path, "new_field"), value)
            assert Run.from_dict(mutated).to_dict() == mutated, path


def test_one_missing_field(examples: dict[str, Any], is_valid: Any) -> None:
    document = rich_run(examples)
    silent = reported = 0
    for path, _ in places(document):
        if not path:
            continue
        mutated = without(document, path)
        run, problems = parse(mutated)
        assert run.to_dict() == mutated, path
        if is_valid(mutated):
            assert problems == [], path
            silent += 1
        else:
            assert [str(problem) for problem in problems] == [f"{dotted(path)} is missing"]
            reported += 1
    assert silent > 20
    assert reported > 40


@pytest.mark.unmeasured
def test_many_missing_fields(examples: dict[str, Any]) -> None:
    document = rich_run(examples)
    everywhere = [path for path, _ in places(document) if path]

    @hypothesis.seed(seed())
    @hypothesis.settings(max_examples=example_count(300), database=None, deadline=None)
    @hypothesis.given(st.lists(st.tuples(st.sampled_from(everywhere), st.sampled_from(["drop", *OTHER_TYPES]))))
    def survives(changes: list[tuple[Path, Any]]) -> None:
        mutated = document
        for path, other in changes:
            try:
                mutated = without(mutated, path) if other == "drop" else changed(mutated, path, other)
            except (KeyError, IndexError, TypeError, AttributeError):
                continue  # an earlier change has taken the place away
        run, _ = parse(mutated)
        assert run.to_dict() == mutated
        assert Run.from_dict(run.to_dict()) == run

    survives()


@pytest.mark.parametrize("document", [[], "run", 7, None, [["id", "run_1"]]])
def test_a_value_that_is_not_an_object_is_rejected_with_a_message(document: Any) -> None:
    with pytest.raises(TypeError, match="Run: expected an object, got"):
        Run.from_dict(document)


def test_a_tool_is_read_by_its_type_or_its_properties(examples: dict[str, Any]) -> None:
    tools = [{"type": "function"}, {"function": {"name": "f"}}, {}, {"type": "other", "function": {"name": "f"}}]
    run, problems = parse({**examples["RunDocumented"], "tools": tools})
    kinds = [models.FunctionTool, models.FunctionTool, UnknownObject, UnknownObject]
    assert [type(tool) for tool in run.tools] == kinds
    assert [str(problem) for problem in problems] == [
        "tools[].function is missing",
        "tools[].type is missing",
        "tools[].type is missing",
    ]
    assert [getattr(tool, "type", None) or None for tool in run.tools] == ["function", None, None, "other"]


RUNS: list[dict[str, Any]] = [
    {"id": "run_1", "object": "thread.run"},
    {"id": "run_1", "object": "thread.run", "error": {"message": "of the run itself"}},
    {"id": "run_1", "status": "queued"},
    {"id": "run_1", "thread_id": "thread_1", "metadata": {}},
]
OTHER_OBJECTS: list[dict[str, Any]] = [
    {},
    {"id": "run_1"},
    {"error": {"message": "No.", "type": "server_error", "param": None, "code": None}},
    {"error": "No."},
    {"id": "req_1", "model": "m", "error": {"message": "No."}},
    {"object": "error", "message": "No.", "type": "NotFoundError", "param": None, "code": 404},
    {"type": "error", "error": {"type": "overloaded", "message": "No."}, "request_id": "req_1"},
    {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No."},
    {"status": "error", "message": "No."},
    {"detail": "Not Found"},
    {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False},
    {"id": "thread_1", "object": "thread", "created_at": 1, "metadata": {}, "tool_resources": {}},
    {"id": "run_1", "object": "thread.run.deleted", "deleted": True},
]


@pytest.mark.parametrize("document", RUNS)
def test_a_run_with_few_fields_is_recognised(document: dict[str, Any]) -> None:
    assert read_response(Run, document, []).to_dict() == document


@pytest.mark.parametrize("document", OTHER_OBJECTS)
def test_another_object_is_not_a_run(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the object is not recognisably a Run"):
        read_response(Run, document, [])


def test_a_run_that_names_another_kind_but_has_its_fields_is_recognised(examples: dict[str, Any]) -> None:
    document = {**examples["RunDocumented"], "object": "assistant.run"}
    assert read_response(Run, document, []).to_dict() == document

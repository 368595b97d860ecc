"""What models do for their callers: dicts, copies, JSON, unknown fields."""

import copy
import json
import pickle
import sys
from typing import Any

import attrs
import pytest

from thread_runs_client.base import Model
from thread_runs_client.models import FunctionTool, Metadata, Run
from thread_runs_client.types import UNSET, UnknownObject


@pytest.fixture
def run(examples: dict[str, Any]) -> Run:
    """The documented run with a field that the spec does not describe."""
    return Run.from_dict({**examples["RunDocumented"], "region": {"name": "eu"}})


def test_an_unknown_field_is_an_attribute_and_an_item(run: Run) -> None:
    unknown: Any = run
    assert unknown.region == run["region"] == {"name": "eu"}
    assert run["status"] is run.status
    assert "region" in run
    assert "status" in run
    assert "required_action" not in run
    assert run.additional_keys == ["region"]
    with pytest.raises(AttributeError, match="'Run' object has no attribute 'regoin'"):
        _ = unknown.regoin
    for absent in ("required_action", "regoin"):
        with pytest.raises(KeyError, match=absent):
            _ = run[absent]
    with pytest.raises(AttributeError):
        _ = object.__getattribute__(Run.__new__(Run), "__deepcopy__")


def test_items_can_be_set_and_deleted(run: Run) -> None:
    run["status"] = "failed"
    run["zone"] = "a"
    assert run.status == "failed"
    assert run.to_dict()["zone"] == "a"
    del run["status"], run["zone"], run["region"]
    assert run.to_dict().keys() & {"status", "zone"} == set()
    assert run.additional_properties == {}
    with pytest.raises(KeyError, match="zone"):
        del run["zone"]


def test_dict_has_every_field(run: Run) -> None:
    as_dict = dict(run)
    assert as_dict["region"] == {"name": "eu"}
    assert as_dict["metadata"] == run.metadata
    assert set(as_dict) == set(run.to_dict()) == set(run)


def test_an_unknown_field_that_is_named_like_an_attribute_is_an_item(examples: dict[str, Any]) -> None:
    reserved = {name: f"the {name}" for name in dir(Model)}
    document = {**examples["RunDocumented"], **reserved}
    run = Run.from_dict(document)
    assert {name: run[name] for name in reserved} == reserved
    assert run.additional_properties == reserved
    assert [name for name in reserved if name not in run] == []
    assert run.to_dict() == document
    assert dict(run).keys() == document.keys()
    assert json.loads(run.to_json()) == document
    assert attrs.evolve(run) == copy.deepcopy(run) == pickle.loads(pickle.dumps(run)) == run
    run["keys"] = "changed"
    del run["to_dict"]
    del document["to_dict"]
    assert run.to_dict() == {**document, "keys": "changed"}


def test_evolve_keeps_unknown_fields(run: Run) -> None:
    other = attrs.evolve(run, model="gpt-4.1")
    assert other.to_dict() == {**run.to_dict(), "model": "gpt-4.1"}
    other["zone"] = "a"
    assert "zone" not in run


def test_a_run_is_json(run: Run, examples: dict[str, Any]) -> None:
    expected = {**examples["RunDocumented"], "region": {"name": "eu"}}
    assert json.loads(run.to_json()) == expected
    assert json.loads(run.to_json(indent=None)) == expected
    assert "\n" not in run.to_json(indent=None)
    assert str(run) == run.to_json() == json.dumps(run.to_dict(), indent=2)
    assert Run(**{**vars_of(run), "instructions": "grüß"}).to_json().count("grüß") == 1


def vars_of(run: Run) -> dict[str, Any]:
    return {field.name: getattr(run, field.name) for field in attrs.fields(Run)}


def test_what_to_dict_returns_is_the_callers(run: Run) -> None:
    data = run.to_dict()
    data["region"]["name"] = "us"
    data["metadata"]["new"] = "1"
    data["tools"].clear()
    assert run["region"] == {"name": "eu"}
    assert "new" not in (run.metadata or {})
    assert run.tools


def test_a_copy_is_equal_and_a_changed_copy_is_not(run: Run) -> None:
    for same in (copy.copy(run), copy.deepcopy(run), pickle.loads(pickle.dumps(run)), Run.from_dict(run.to_dict())):
        assert same == run
        assert repr(same) == repr(run)
        same["region"] = 1
        assert same != run
    assert run != run.to_dict()
    with pytest.raises(TypeError, match="unhashable"):
        hash(run)


def test_the_repr_shows_what_is_set(run: Run) -> None:
    assert repr(run).startswith("Run(id='run_abc123', created_at=")
    assert repr(run).endswith("additional_properties={'region': {'name': 'eu'}})")
    assert "required_action" not in repr(run)
    tool = FunctionTool.from_dict({"type": "function"})
    assert repr(tool) == "FunctionTool(type='function')"


def test_metadata_is_a_dict(run: Run) -> None:
    metadata = run.metadata
    assert isinstance(metadata, Metadata)
    assert json.dumps(metadata) == json.dumps(run.to_dict()["metadata"])
    assert metadata | {"b": "2"} == {**metadata, "b": "2"}
    assert metadata.get("absent", "none") == "none"
    assert metadata == dict(metadata)
    assert Metadata({"a": "1"}, b="2").to_dict() == {"a": "1", "b": "2"}
    assert Metadata.from_dict({"a": "1"}).to_json(indent=None) == '{"a": "1"}'
    assert repr(Metadata(a="1")) == "Metadata({'a': '1'})"
    for same in (copy.deepcopy(metadata), pickle.loads(pickle.dumps(metadata))):
        assert same == metadata
        assert type(same) is Metadata
    with pytest.raises(TypeError, match="Metadata: expected an object, got list"):
        Metadata.from_dict([])  # type: ignore[arg-type]


def test_an_unknown_object_is_a_dict_with_attributes() -> None:
    unknown = UnknownObject({"type": "new", "items": [1]})
    assert (unknown.type, unknown["items"]) == ("new", [1])
    assert json.dumps(unknown) == '{"type": "new", "items": [1]}'
    assert repr(unknown) == "UnknownObject({'type': 'new', 'items': [1]})"
    assert type(unknown.to_dict()) is dict


def nested(depth: int, kind: str) -> Any:
    value: Any = "the end"
    for _ in range(depth):
        value = [value] if kind == "arrays" else {"a": value, "b": 1}
    return value


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("kind", ["arrays", "objects"])
@pytest.mark.parametrize("depth", [600, 5000])
def test_deep_json_is_written_as_it_was_read(examples: dict[str, Any], depth: int, kind: str) -> None:
    deep = nested(depth, kind)
    for change in ({"deep": deep}, {"tools": [{"type": "new", "deep": deep}]}, {"tools": [deep]}, {"status": deep}):
        run = Run.from_dict({**examples["RunDocumented"], **change})
        for text in (str(run), run.to_json(indent=None)):
            opened, closed = ("[", "]") if kind == "arrays" else ("{", "}")
            assert text.count("the end") == 1
            assert text.count(opened) == text.count(closed) >= depth


def test_what_the_parser_reads_is_written(examples: dict[str, Any]) -> None:
    """At the depth where Python's own parser gives up, less a few levels."""
    text = json.dumps(examples["RunDocumented"])[:-1]
    depth = sys.getrecursionlimit()
    while True:
        try:
            data = json.loads(f'{text}, "deep": {"[" * depth}{"]" * depth}}}')
        except RecursionError:
            depth -= 20
            continue
        break
    written = Run.from_dict(data).to_json(indent=None)
    assert depth > 600
    assert written.count("[" * depth + "]" * depth) == 1


def test_deep_json_is_formatted_like_other_json(examples: dict[str, Any]) -> None:
    data = {**examples["RunFunctionAndFileSearch"], "empty": [{}, [], {"a": [[1, 2], []]}], "é": "\ud83d"}
    deep = Run.from_dict({**data, "zz": nested(3000, "arrays")})
    for indent in (None, 0, 2, 3):
        shallow_text = Run.from_dict(data).to_json(indent=indent)[:-1].rstrip("\n")
        assert (deep.to_json(indent=indent)[: len(shallow_text)] == shallow_text) is True


def test_unset_is_one_object_that_is_false() -> None:
    for same in (copy.copy(UNSET), copy.deepcopy(UNSET), pickle.loads(pickle.dumps(UNSET))):
        assert same is UNSET
    assert not UNSET
    assert repr(UNSET) == "UNSET"

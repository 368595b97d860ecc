"""The generated package: its names, its round trips, and what the template patches mend."""

import copy
import pickle
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

import thread_runs_client
from tests import deep
from thread_runs_client import models
from thread_runs_client.models import Run, RunStatus
from thread_runs_client.reading import Nonconformity, read
from thread_runs_client.types import UNSET, UnknownObject

PACKAGE = Path(thread_runs_client.__file__).parent
SPEC = Path(__file__).parents[2] / "openapi.yaml"


def test_the_class_names_are_those_of_the_components(spec: dict[str, Any]) -> None:
    assert sorted(models.__all__) == sorted(spec["components"]["schemas"])


def test_attributes_have_the_names_of_the_spec(examples: dict[str, Any]) -> None:
    run = Run.from_dict({**examples["RunRequiresAction"], "tools": [{"type": "code_interpreter"}, {"type": "new"}]})
    assert run.object == "thread.run"
    assert [tool.type for tool in run.tools] == ["code_interpreter", "new"]
    assert run.required_action
    assert run.required_action.type == "submit_tool_outputs"


def test_a_property_with_one_possible_value_has_it_as_its_default() -> None:
    assert models.CodeInterpreterTool().to_dict() == {"type": "code_interpreter"}
    call = models.ToolCall(id="call_1", function=models.FunctionCall(name="f", arguments="{}"))
    assert call.to_dict() == {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def test_every_module_says_that_it_is_generated() -> None:
    for module in PACKAGE.rglob("*.py"):
        assert module.read_text("utf-8").startswith("# Generated from openapi.yaml by `make generate`. Do not edit.\n")


def test_the_documented_run_survives(examples: dict[str, Any]) -> None:
    documented = examples["RunDocumented"]
    assert Run.from_dict(documented).to_dict() == documented


def runs() -> hypothesis.strategies.SearchStrategy[Any]:
    """Run documents of all kinds that the schema allows."""
    document = schemathesis.openapi.from_path(SPEC).raw_schema
    reading = {
        "openapi": "3.1.0",
        "info": document["info"],
        "paths": {
            "/": {
                "post": {
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Run"}}},
                    },
                    "responses": {"200": {"description": "none"}},
                }
            }
        },
        "components": document["components"],
    }
    return schemathesis.openapi.from_dict(reading)["/"]["POST"].as_strategy().map(lambda case: case.body)


@pytest.mark.deep
@hypothesis.seed(deep.seed())
@settings(max_examples=deep.examples(200), database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=runs())
def test_every_run_survives(document: dict[str, Any]) -> None:
    problems: list[Nonconformity] = []
    assert read(Run, document, problems).to_dict() == document
    assert problems == []


def test_an_unset_field_stays_unset_in_every_copy(examples: dict[str, Any]) -> None:
    run = Run.from_dict(examples["RunDocumented"])
    for same in (copy.copy(run), copy.deepcopy(run), pickle.loads(pickle.dumps(run))):
        assert same == run
        assert same.required_action is UNSET
        assert same.to_dict() == examples["RunDocumented"]
    assert repr(UNSET) == "UNSET"


def test_an_unknown_status_is_kept(examples: dict[str, Any]) -> None:
    run = Run.from_dict({**examples["RunDocumented"], "status": "status_of_tomorrow"})
    assert run.status == "status_of_tomorrow"
    assert isinstance(run.status, RunStatus)
    assert pickle.loads(pickle.dumps(run)) == copy.deepcopy(run) == run


def test_an_unknown_tool_is_an_object_with_its_properties(examples: dict[str, Any]) -> None:
    tool = {"type": "tool_of_tomorrow", "depth": 2, "items": [1]}
    run = Run.from_dict({**examples["RunDocumented"], "tools": [tool]})
    unknown = run.tools[0]
    assert isinstance(unknown, UnknownObject)
    assert (unknown.type, unknown.depth, unknown["items"], len(unknown)) == ("tool_of_tomorrow", 2, [1], 3)
    assert dict(unknown) == unknown.to_dict() == tool
    with pytest.raises(AttributeError, match="colour"):
        _ = unknown.colour
    assert pickle.loads(pickle.dumps(unknown)) == copy.deepcopy(unknown) == unknown

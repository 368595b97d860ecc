"""Runs that the vendor's SDK describes, which is not how our spec describes them: both clients read the same."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, strategies
from openai import BaseModel
from openai.types.beta.threads import Run as VendorRun

from tests import deep
from thread_runs.types import Run, UnknownObject
from thread_runs_client.base import Model
from thread_runs_client.reading import Nonconformity, read, recognised


def vendor_runs() -> hypothesis.strategies.SearchStrategy[Any]:
    """Run documents of all kinds that the vendor's models allow."""
    schema = VendorRun.model_json_schema(ref_template="#/components/schemas/{model}")
    components = schema.pop("$defs")
    media = {"application/json": {"schema": {"$ref": "#/components/schemas/Run"}}}
    body = {"required": True, "content": media}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Vendor", "version": "1"},
        "paths": {"/": {"post": {"requestBody": body, "responses": {"200": {"description": "none"}}}}},
        "components": {"schemas": {**components, "Run": schema}},
    }
    return schemathesis.openapi.from_dict(document)["/"]["POST"].as_strategy().map(lambda case: case.body)


def field(thing: Any, name: str) -> Any:
    """A field of an object of either client: its attribute, or its item if a method or property has the same name."""
    if isinstance(thing, BaseModel):
        hidden = name not in type(thing).model_fields and hasattr(type(thing), name)
        return (thing.model_extra or {})[name] if hidden else getattr(thing, name)
    hidden = name.startswith("__") or hasattr(Model if isinstance(thing, Model) else UnknownObject, name)
    return thing[name] if hidden else getattr(thing, name)


def differences(ours: Any, vendors: Any, where: str = "run") -> list[str]:
    """Where an attribute of the vendor's object is something else in ours."""
    if isinstance(vendors, list):
        pairs = enumerate(zip(ours, vendors, strict=True))
        return [one for index, (own, other) in pairs for one in differences(own, other, f"{where}[{index}]")]
    if isinstance(vendors, BaseModel):
        return [
            one
            for name in vendors.model_fields_set
            # The SDK calls a field `schema_` that would hide a method of pydantic.
            if name not in type(vendors).model_fields or not name.endswith("_")
            for one in differences(field(ours, name), field(vendors, name), f"{where}.{name}")
        ]
    return [] if ours == vendors else [f"{where}: {ours!r}, but the SDK has {vendors!r}"]


def assert_both_read_alike(document: dict[str, Any]) -> None:
    problems: list[Nonconformity] = []
    run = read(Run, document, problems)
    assert run.to_dict() == document
    assert recognised(Run, document)
    assert differences(run, VendorRun.construct(**document)) == []
    # The vendor's models allow fields to be absent or null that are required here. Other types are the same.
    assert [one for one in problems if one.message != "is missing" and not one.message.endswith("but is null")] == []


@pytest.mark.deep
@hypothesis.seed(deep.seed())
@hypothesis.settings(
    max_examples=deep.examples(200), database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
@hypothesis.given(document=vendor_runs())
def test_a_run_of_the_vendors_models_has_the_same_values(document: dict[str, Any]) -> None:
    assert_both_read_alike(document)


RESERVED = sorted({name for kind in (Model, UnknownObject, BaseModel) for name in dir(kind)})
"""What both clients, and Python itself, call their own attributes."""


@pytest.mark.deep
@hypothesis.seed(deep.seed())
@hypothesis.settings(
    max_examples=deep.examples(200), database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
@hypothesis.given(document=vendor_runs(), data=strategies.data())
def test_unknown_fields_with_the_names_of_attributes_have_the_same_values(
    document: dict[str, Any], data: strategies.DataObject
) -> None:
    document = copy.deepcopy(document)
    for described in list(objects(document)):
        described.setdefault(data.draw(strategies.sampled_from(RESERVED)), data.draw(VALUES))
    assert_both_read_alike(document)


VALUES = strategies.sampled_from(["null", "1", '"x"', "[1]", "[]", '{"a": 1}', "{}"]).map(json.loads)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects in a document but for its metadata, whose values are strings."""
    if isinstance(value, dict):
        yield value
        children = [item for name, item in value.items() if name != "metadata"]
    else:
        children = value if isinstance(value, list) else []
    for child in children:
        yield from objects(child)


def test_an_unknown_kind_has_the_same_attributes(examples: dict[str, Any]) -> None:
    document = {**examples["RunDocumented"], "tools": [{"type": "web_search", "depth": {"levels": [1]}}], "zone": "a"}
    ours: Any = Run.from_dict(document)
    vendors: Any = VendorRun.construct(**document)
    assert isinstance(ours.tools[0], UnknownObject)
    assert ours.tools[0].type == vendors.tools[0].type
    assert ours.zone == vendors.zone
    assert ours.tools[0].depth == {"levels": [1]}

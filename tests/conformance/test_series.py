"""The systematic series of bodies: what they promise holds for each of their members."""

import json
from pathlib import Path
from typing import Any

import pytest

from thread_runs_conformance.operations import Operation, operations_of
from thread_runs_conformance.spec import Spec
from thread_runs_conformance.values.series import faults_in_every_position, of_every_length
from thread_runs_spec import PACKAGED


@pytest.fixture(scope="module")
def modify() -> Operation:
    (operation,) = operations_of(Spec(PACKAGED))
    return operation


def test_a_body_has_the_length_that_its_name_says(modify: Operation) -> None:
    found = of_every_length(modify)
    lengths = [len(json.dumps(each.body, ensure_ascii=False).encode()) for each in found]
    assert [f"metadata: a body of {length} bytes" for length in lengths] == [each.name for each in found]
    assert {127, 128, 129, 1023, 1024, 1025, 3072, 8192} <= set(lengths)
    assert all(modify.accepts(each.body) for each in found)


def test_there_is_a_fault_of_each_kind_in_every_position(modify: Operation) -> None:
    found = faults_in_every_position(modify)
    assert len(found) == 16 * 4
    for each in found:
        pairs = each.body["metadata"]
        violations = modify.spec.violations(modify.body or "", each.body)
        assert len(pairs) == 16
        assert {violation.pointer for violation in violations} == {each.rule}
        (faulty,) = each.bare["metadata"]
        assert f"as pair {[*pairs].index(faulty) + 1} of 16" in each.name
    assert {each.rule.rpartition("/")[2] for each in found} == {"type", "maxLength"}


def test_a_map_without_limits_has_series_too(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    labels = {"type": "object", "additionalProperties": {"type": "string"}}
    resource = {"type": "object", "properties": {"labels": labels}}
    content = {"content": {"application/json": {"schema": resource}}}
    item: dict[str, Any] = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    }
    item["patch"] = {"requestBody": content, "responses": {"200": {"description": "Changed.", **content}}}
    document = {"openapi": "3.1.0", "info": {"title": "Labels", "version": "1"}, "paths": {"/things/{id}": item}}
    path.write_text(json.dumps(document), "utf-8")
    (operation,) = operations_of(Spec(path))
    assert "labels: a body of 16384 bytes" in [each.name for each in of_every_length(operation)]
    assert len(faults_in_every_position(operation)) == 16 * 2

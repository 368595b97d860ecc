"""Clients of other specs: every operation is a method, typed, and returns what it declares."""

import re
from pathlib import Path

from scripts.generate import generate
from scripts.try_spec import try_spec

SPECS = Path(__file__).parents[1] / "specs"


def test_every_operation_of_the_assistants_spec_is_a_method_that_works() -> None:
    outcome = try_spec(SPECS / "assistants.yaml")
    assert outcome.failures == []
    assert outcome.notes == []
    assert outcome.operations == outcome.methods == outcome.called == 29


def test_every_operation_of_shapes_seen_in_public_specs_is_a_method_that_works() -> None:
    outcome = try_spec(SPECS / "shapes.yaml")
    assert outcome.failures == []
    assert outcome.operations == outcome.methods == outcome.called == 8
    # The notes say where the client differs from the spec.
    said = ("`options` has a meaning", "no fragment of a path: the request goes to `/links`", "returns None")
    assert [text in note for text, note in zip(said, outcome.notes, strict=True)] == [True, True, True]


def test_an_all_of_that_only_describes_or_limits_a_type_is_that_type(tmp_path: Path) -> None:
    generate(SPECS / "shapes.yaml", tmp_path / "thread_runs_client")
    link = (tmp_path / "thread_runs_client/models/link.py").read_text("utf-8")
    declared = dict(line.strip().split(": ", 1) for line in link.splitlines() if re.match(r"    \w+: ", line))
    assert declared == {
        "sequence": "None | str",
        "color": "Color",
        "level": "LinkLevel",
        "mixed": "LinkMixed | Unset = UNSET",
        "annotated": "Any | Unset = UNSET",
    }

"""Clients of other specs: every operation is a method, typed, and returns what it declares."""

from pathlib import Path

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
    assert outcome.operations == outcome.methods == outcome.called == 6
    # What the client does otherwise than the spec asks is said.
    assert ["`options` has a meaning" in note or "returns None" in note for note in outcome.notes] == [True, True]

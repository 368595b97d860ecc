"""Real changes of the spec, each in a clone: a change that needs a decision must say which."""

from pathlib import Path

import pytest

from scripts.drill.__main__ import rehearse
from scripts.drill.edits import EDITS, Edit
from tests import deep

# A change that follows automatically and one that needs a decision. `make test-deep` and `make drill` make all.
SAMPLE = ["an operation added: retrieve", "a required field added"]
FIRST = sorted(EDITS, key=lambda edit: edit.name not in SAMPLE)


@pytest.mark.deep
@pytest.mark.parametrize("edit", FIRST[: deep.examples(len(SAMPLE))], ids=lambda edit: edit.name)
def test_a_change_follows_automatically_or_names_the_decision(
    edit: Edit, monkeypatch: pytest.MonkeyPatch, mypy_cache: Path
) -> None:
    monkeypatch.setenv("MYPY_CACHE_DIR", str(mypy_cache))
    outcome = rehearse(edit)
    assert outcome.as_expected, "\n".join(f"{step}: {printed}" for step, printed in outcome.failures.items())


def test_the_sample_names_changes_of_the_drill() -> None:
    assert set(SAMPLE) <= {edit.name for edit in EDITS}

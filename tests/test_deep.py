import string
from importlib import import_module
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies

from tests import deep


def examples() -> list[str]:
    """What the strategy for text generates from a fixed seed."""
    drawn: list[str] = []

    @hypothesis.seed(deep.seed())
    @hypothesis.settings(max_examples=300, database=None, deadline=None)
    @hypothesis.given(text=strategies.text())
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    return drawn


def test_the_examples_of_a_seed_do_not_depend_on_what_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = examples()
    constants = [f"local constant {letter}" for letter in string.ascii_letters]
    (tmp_path / "module_with_constants.py").write_text(f"CONSTANTS = {constants}\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    import_module("module_with_constants")
    assert examples() == before

"""What is generated depends on the seed alone."""

import subprocess
import sys
from pathlib import Path

import pytest

GENERATE = """
import sys
from hypothesis import strategies
from thread_runs_conformance.generation import PROFILES, Explorer
from thread_runs_spec import PACKAGED

if "import" in sys.argv:
    import constants
made = []
Explorer(PROFILES["ci"], int(sys.argv[1]), PACKAGED).each(strategies.text(), 60, made.append)
print(ascii(made))
"""


def generated(folder: Path, *arguments: str) -> str:
    (folder / "generate.py").write_text(GENERATE, "utf-8")
    done = subprocess.run(
        [sys.executable, "generate.py", *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_seed_gives_the_same_result_whatever_is_imported(tmp_path: Path) -> None:
    """Hypothesis draws constants from the modules that are imported and not installed."""
    values = "".join(f'"constant {index}",\n' for index in range(500))
    (tmp_path / "constants.py").write_text(f"VALUES = [\n{values}]\n", "utf-8")
    alone = generated(tmp_path, "1")
    assert generated(tmp_path, "1", "import") == alone
    assert generated(tmp_path, "2") != alone

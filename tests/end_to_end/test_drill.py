"""Real changes of the contract, each in a clone: what does not follow by itself says what a person has to decide."""

import os
import subprocess
import sys
from pathlib import Path

from scripts.drill import EDITS

ROOT = Path(__file__).parents[2]


def test_every_change_follows_by_itself_or_says_what_to_decide() -> None:
    # What runs in the clones is no part of the coverage of this tree, and measuring it takes most of the time.
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.drill"], cwd=ROOT, env=unmeasured, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == len(EDITS) + 2

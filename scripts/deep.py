"""Run the property tests with more examples, in rounds with new seeds, until the time is over.

Each round runs the tests marked `deep` with ten times the examples of `make test`. A failure ends the run and names the
seed to repeat it with.
"""

import argparse
import os
import subprocess
import sys
import time

from scripts.repository import ROOT
from scripts.test import PARALLEL
from thread_runs_spec.standard_output import tolerate_closed_stdout

FACTOR = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="start no new round after this time (default: 600)")
    parser.add_argument("--seed", type=int, default=2, help="the seed of the first round (default: 2)")
    parser.add_argument("tests", nargs="*", help="files or names of tests, as for pytest (default: all)")
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "pytest", "-m", "deep", *PARALLEL]
    end, seed = time.monotonic() + arguments.seconds, arguments.seed
    while seed == arguments.seed or time.monotonic() < end:
        print(f"seed {seed}", flush=True)
        environment = {**os.environ, "DEEP_FACTOR": str(FACTOR), "DEEP_SEED": str(seed)}
        if subprocess.run([*command, *arguments.tests], cwd=ROOT, env=environment).returncode != 0:
            print(f"failed with seed {seed}; to repeat it: make test-deep SECONDS=0 SEED={seed}")
            return 1
        seed += 1
    print(f"passed with the seeds {arguments.seed} to {seed - 1}")
    return 0


if __name__ == "__main__":
    tolerate_closed_stdout()
    sys.exit(main())

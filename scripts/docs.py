"""Write the reference page of the contract: one HTML file, readable without a network."""

import argparse
from pathlib import Path

import yaml

from scripts.repository import ROOT, SPEC
from thread_runs_mock.reference import page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", type=Path, default=SPEC, help="the contract (default: openapi.yaml)")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "reference.html", help="the file to write")
    arguments = parser.parse_args()
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(page(yaml.safe_load(arguments.spec.read_text("utf-8"))), "utf-8")
    print(arguments.output)


if __name__ == "__main__":
    main()

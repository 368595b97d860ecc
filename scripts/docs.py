"""Build the site: the guides in docs/, the API reference from docstrings, and the REST reference from the spec.

The site is a folder of static files that needs no network. `--reference` writes only the REST reference, one HTML file.
"""

import argparse
import shutil
import sys
from pathlib import Path

import yaml
from sphinx.cmd.build import build_main

from scripts.repository import ROOT, SPEC
from thread_runs_mock.reference import page
from thread_runs_spec.standard_output import tolerate_closed_stdout

REFERENCE = "reference.html"


def write_reference(spec: Path, output: Path) -> None:
    """Write the REST reference of a spec."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(page(yaml.safe_load(spec.read_text("utf-8"))), "utf-8")


def build(spec: Path, output: Path) -> int:
    """Build the site from scratch; return the exit status of Sphinx. Warnings, such as a broken link, are errors."""
    shutil.rmtree(output, ignore_errors=True)
    # The doctrees are of no use to readers.
    doctrees = output.with_name(f"{output.name}.doctrees")
    shutil.rmtree(doctrees, ignore_errors=True)
    options = ["--quiet", "--fail-on-warning", "--keep-going", "--builder", "html", "--doctree-dir", str(doctrees)]
    status = build_main([*options, str(ROOT / "docs"), str(output)])
    write_reference(spec, output / REFERENCE)
    return status


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", type=Path, default=SPEC, help="the spec (default: openapi.yaml)")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "site", help="the folder to write")
    parser.add_argument("--reference", type=Path, metavar="FILE", help="write only the REST reference, to this file")
    arguments = parser.parse_args()
    if arguments.reference:
        write_reference(arguments.spec, arguments.reference)
        print(arguments.reference)
        return 0
    status = build(arguments.spec, arguments.output)
    if status == 0:
        print(arguments.output / "index.html")
    return status


if __name__ == "__main__":
    tolerate_closed_stdout()
    sys.exit(main())

"""Judge a change of openapi.yaml: every difference, its verdict, the version that follows, the Python names."""

import argparse
import datetime
import json
import os
import sys
import tempfile
from pathlib import Path

from scripts.diff.compare import compare
from scripts.diff.judgement import Judgement
from scripts.diff.policies import accept, apply_sunset, read_accepted
from scripts.diff.python_api import ApiChange, PackageError, compare_packages
from scripts.diff.render import FORMATS
from scripts.diff.rules import TABLE
from scripts.diff.sources import InputError, Side, find_side, last_release, working_tree
from scripts.diff.version import next_version
from scripts.repository import ACCEPTED, GitError, sentence
from thread_runs_spec.document import SpecError
from thread_runs_spec.standard_output import tolerate_closed_stdout

EPILOG = """\
A side is a file (openapi.yaml or a wheel), a git revision, or a released package (thread-runs==1.2.3). The base is the
last release tag unless it is named; the head is the working tree.

exit status:
  0  nothing that --fail-on names
  1  "breaking" (the default): callers break and info.version does not say so; "any": there is a difference
  2  bad input, or nothing to compare with although there was a release
"""


def judge(base: Side, head: Side, accepted: Path, folder: Path, spec_only: bool = False) -> Judgement:
    """Compare two sides. Raises InputError or SpecError for bad input. `folder` holds what is unpacked or generated."""
    try:
        changes = apply_sunset(compare(base.spec, head.spec), _today())
    except RecursionError:
        raise InputError(f"{head.spec.name}: schemas are nested too deeply to compare") from None
    api, not_compared = ([], "left out") if spec_only else _python_changes(base, head, folder)
    entries = read_accepted(accepted.name, accepted.read_text("utf-8")) if accepted.is_file() else []
    changes, api = accept(changes, api, entries, str(head.spec.root["info"].get("version")), accepted.name)
    return Judgement(base.spec, head.spec, changes, api, not_compared, next_version(base.spec, head.spec, changes, api))


def _today() -> datetime.date:
    """Return the date in UTC, or that of SOURCE_DATE_EPOCH."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.datetime.now(datetime.UTC).date()
    return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()


def _python_changes(base: Side, head: Side, folder: Path) -> tuple[list[ApiChange], str | None]:
    """Return how the generated package changes, or why it was not compared."""
    try:
        old = base.package(folder / "old")
    except InputError as error:
        if base.revision is None:
            raise
        return [], str(error)
    try:
        return compare_packages(old, head.package(folder / "new")), None
    except PackageError as error:
        raise InputError(f"the generated package cannot be read: {error}") from None


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="diff", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", default="", help="what to compare with; default: the last release")
    parser.add_argument("--head", default="", help="what is judged; default: the working tree")
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    parser.add_argument("--fail-on", choices=("breaking", "any", "none"), default="breaking", help="default: breaking")
    parser.add_argument("--spec-only", action="store_true", help="leave the generated package out")
    parser.add_argument("--accepted", type=Path, default=ACCEPTED, help="default: accepted-changes.yaml")
    parser.add_argument("--rules", action="store_true", help="print the table of rules and exit")
    options = parser.parse_args(arguments)
    if options.rules:
        print(TABLE.read_text("utf-8"), end="")
        return 0
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            base = options.base or last_release()
            head = find_side(options.head, folder) if options.head else working_tree()
            if base is None:
                return _never_released(options.format)
            judgement = judge(find_side(base, folder), head, options.accepted, folder, options.spec_only)
    except (InputError, SpecError, GitError, OSError) as error:
        print(f"diff: {sentence(error)}", file=sys.stderr)
        return 2
    print(FORMATS[options.format](judgement))
    return int(judgement.fails(options.fail_on))


def _never_released(form: str) -> int:
    message = "Nothing was ever released from this repository, so there is nothing to compare with."
    if form == "json":
        print(json.dumps({"base": None, "message": message}))
    else:
        print(f"::notice title=version::{message}" if form == "github" else message)
    return 0


if __name__ == "__main__":
    tolerate_closed_stdout()
    sys.exit(main())

"""Judge a server by the conformance suite: the mock, or the one that BASE_URL= names.

`thread-runs-conformance --help` lists the environment variables. For another spec (SPEC=) the client is generated.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from scripts.repository import ROOT, SPEC
from thread_runs_conformance.__main__ import judge_by
from thread_runs_conformance.command_line import read_options
from thread_runs_conformance.options import OUR_CLIENT, Options, OptionsError
from thread_runs_spec.standard_output import tolerate_closed_stdout


@contextlib.contextmanager
def with_client(options: Options) -> Iterator[Options]:
    """The options with the generated client for their spec."""
    if options.spec.read_bytes() == SPEC.read_bytes():
        yield replace(options, client=OUR_CLIENT)
        return
    from scripts.generate import generate

    with tempfile.TemporaryDirectory() as folder:
        generate(options.spec, Path(folder) / OUR_CLIENT)
        sys.path.insert(0, folder)
        try:
            yield replace(options, client=OUR_CLIENT)
        finally:
            sys.path.remove(folder)


def main() -> int:
    try:
        options = read_options(sys.argv[1:], {"SPEC": str(SPEC), **os.environ})
        options = replace(options, output=options.output or ROOT / "build" / "conformance")
        with with_client(options) as options:
            return judge_by(options, sys.stdout)
    except OptionsError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    tolerate_closed_stdout()
    sys.exit(main())

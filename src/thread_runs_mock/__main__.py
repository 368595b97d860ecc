"""The command `thread-runs-mock`."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from thread_runs_mock import app, server
from thread_runs_mock import spec as specs
from thread_runs_mock.faults import FAULTS, Faults, FaultsError, read_rates
from thread_runs_mock.runs import RunsError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thread-runs-mock",
        description="Serve an OpenAPI contract from memory, and keep what is changed.",
        epilog="faults:\n" + "\n".join(f"  {fault.name:22}{fault.summary}" for fault in FAULTS.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, help="port to listen on; 0 picks a free one (default: the spec's)")
    parser.add_argument("--spec", metavar="FILE", type=Path, help="OpenAPI 3.1 document (default: the package's)")
    parser.add_argument("--runs", metavar="FILE", type=Path, help="more runs: a JSON array, or JSON lines")
    parser.add_argument("--create-missing", action="store_true", help="make any run exist on first use")
    parser.add_argument(
        "--metadata",
        choices=("merge", "replace"),
        default="merge",
        help="what new pairs do to the stored ones (default: %(default)s)",
    )
    parser.add_argument(
        "--api-key", metavar="KEY", help="the only key let in; also $THREAD_RUNS_MOCK_API_KEY (default: any)"
    )
    parser.add_argument(
        "--faults",
        metavar="FAULTS",
        nargs="?",
        const="",
        help="let requests choose a fault by the header 'Prefer: fault=NAME', and let faults come by chance: "
        "NAME=SHARE[:VALUE], separated by commas, or a file with one on each line",
    )
    parser.add_argument(
        "--fault-seed", metavar="N", type=int, default=0, help="chance begins here (default: %(default)s)"
    )
    parser.add_argument("--quiet", action="store_true", help="no line for each request")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 65535, but got '{text}'")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Returns:
        The exit status: 0 after a clean stop, 1 if the address cannot be had, 2 for bad input.
    """
    options = _parser().parse_args(arguments)
    try:
        spec = specs.load(options.spec)
        application = app.build(
            spec,
            options.runs or (),
            create_missing=options.create_missing,
            merge=options.metadata == "merge",
            api_key=options.api_key or os.environ.get("THREAD_RUNS_MOCK_API_KEY") or None,
        )
        served = (
            application
            if options.faults is None
            else Faults(application, read_rates(options.faults), options.fault_seed)
        )
    except (specs.SpecError, RunsError, FaultsError) as error:
        print(f"thread-runs-mock: {error}", file=sys.stderr)
        return 2
    port = spec.default_port if options.port is None else options.port
    try:
        sock = server.listen(options.host, port)
    except OSError as error:
        reason = error.strerror or error
        print(f"thread-runs-mock: cannot listen on {options.host}:{port}: {reason}", file=sys.stderr)
        return 1
    if not options.quiet:
        logging.basicConfig(format="%(message)s", stream=sys.stderr)
        app.log.setLevel(logging.INFO)
    url = server.base_url(sock, spec.base_path)
    server.Server(served, lambda: print(f"thread-runs-mock: listening on {url}", flush=True)).run([sock])
    return 0


if __name__ == "__main__":
    sys.exit(main())

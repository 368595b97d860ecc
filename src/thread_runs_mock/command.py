"""The command line of `thread-runs-mock`."""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from thread_runs_mock import building, processes, server, serving
from thread_runs_mock.app import Application
from thread_runs_mock.exchanges import ExchangesError
from thread_runs_mock.faults import FAULTS, FaultsError, read_rates
from thread_runs_mock.loading import RunsError
from thread_runs_mock.script import ScriptError
from thread_runs_mock.service import Service, load
from thread_runs_mock.state import log
from thread_runs_mock.stores import StoreError
from thread_runs_spec.document import SpecError
from thread_runs_spec.standard_output import tolerate_closed_stdout


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thread-runs-mock",
        description="Serve the operations of an OpenAPI spec, and store changes.",
        epilog="faults:\n" + "\n".join(f"  {fault.name:22}{fault.summary}" for fault in FAULTS.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, help="port to listen on; 0 picks a free one (default: the spec's)")
    parser.add_argument("--spec", metavar="FILE", type=Path, help="OpenAPI 3 document (default: the package's)")
    parser.add_argument("--runs", metavar="FILE", type=Path, help="more runs: a JSON array, or JSON lines")
    parser.add_argument(
        "--store", metavar="STORE", help="keep runs in an SQLite file, or at a postgresql:// URL (default: in memory)"
    )
    parser.add_argument(
        "--export", metavar="FILE", help="write all runs as JSON lines, for --runs, and exit; - is standard output"
    )
    parser.add_argument(
        "--script", metavar="FILE", type=Path, help="documented responses to give first: a YAML or JSON array"
    )
    parser.add_argument("--create-missing", action="store_true", help="make any run exist on first use")
    parser.add_argument(
        "--metadata",
        choices=("merge", "replace"),
        default="merge",
        help="merge new pairs into the stored ones, or replace them (default: %(default)s)",
    )
    parser.add_argument(
        "--api-key", metavar="KEY", help="the only key that is accepted; also $THREAD_RUNS_MOCK_API_KEY (default: any)"
    )
    parser.add_argument(
        "--workers", metavar="N", type=_count, default=1, help="number of processes; more than one need --store"
    )
    parser.add_argument(
        "--request-timeout",
        metavar="SECONDS",
        type=_seconds,
        default=server.REQUEST_TIMEOUT,
        help="how long a request may take to arrive (default: %(default)g)",
    )
    parser.add_argument(
        "--grace",
        metavar="SECONDS",
        type=_seconds,
        default=server.GRACE,
        help="time for requests in progress when the server stops; then they are rejected (default: %(default)g)",
    )
    parser.add_argument(
        "--record", metavar="FILE", type=Path, help="append requests and responses to a file of JSON lines"
    )
    parser.add_argument(
        "--replay", metavar="FILE", type=Path, help="give the responses of a recording, and nothing else"
    )
    parser.add_argument(
        "--faults",
        metavar="FAULTS",
        nargs="?",
        const="",
        help="let requests choose a fault by the header 'Prefer: fault=NAME', and make faults occur by chance: "
        "NAME=SHARE[:VALUE], separated by commas, or a file with one on each line",
    )
    parser.add_argument(
        "--fault-seed", metavar="N", type=int, default=0, help="seed for faults by chance (default: %(default)s)"
    )
    parser.add_argument(
        "--migrate", action="store_true", help="add the fields that a newer spec requires, from the spec's example"
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=int,
        help="make identifiers and times the same each time; the clock stops",
    )
    parser.add_argument("--quiet", action="store_true", help="do not log requests")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 65535, but got '{text}'")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1, but got '{text}'")
    return int(text)


def _seconds(text: str) -> float:
    # Excludes signs, "nan" and "inf".
    if not re.fullmatch(r"\d{1,6}(\.\d*)?|\.\d+", text):
        raise argparse.ArgumentTypeError(f"expected seconds from 0 to 999999, but got '{text}'")
    return float(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Returns:
        The exit status: 0 after a clean stop, 1 if the address is not available, 2 for bad input.
    """
    tolerate_closed_stdout()
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.workers > 1 and options.store is None:
        parser.error("--workers needs --store: processes cannot share what is in memory")
    for name in ("script", "replay", "seed"):
        if options.workers > 1 and getattr(options, name) is not None:
            parser.error(f"--workers cannot be used with --{name}: the system decides which process gets a request")
    server.raise_file_limit()
    try:
        if options.faults is not None:
            options.faults = read_rates(options.faults)
        service = load(options.spec)
        build = partial(
            building.build,
            service,
            location=options.store,
            create_missing=options.create_missing,
            merge=options.metadata == "merge",
            api_key=options.api_key or os.environ.get("THREAD_RUNS_MOCK_API_KEY") or None,
            migrate=options.migrate,
            seed=options.seed,
        )
        with contextlib.closing(build(options.runs or (), script=options.script or (), progress=_Progress())) as built:
            if options.export:
                return _export(built, options.export)
            if options.workers == 1:
                with contextlib.closing(server.listen(options.host, _port_of(options, service))) as sock:
                    return _run(built, sock, options, partial(_announce, service, sock))
        socks = processes.sockets(options.host, _port_of(options, service), options.workers)
        return processes.run(socks, partial(_run_worker, build, options), partial(_announce, service, socks[0]))
    except (SpecError, RunsError, ScriptError, StoreError, FaultsError, ExchangesError) as error:
        print(f"thread-runs-mock: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        address = f"{options.host}:{_port_of(options, service)}"
        print(f"thread-runs-mock: cannot listen on {address}: {error.strerror or error}", file=sys.stderr)
        return 1


def _port_of(options: argparse.Namespace, service: Service) -> int:
    port: int | None = options.port
    return service.default_port if port is None else port


def _announce(service: Service, sock: socket.socket) -> None:
    print(f"thread-runs-mock: listening on {server.base_url(sock, service.base_path)}", flush=True)


def _run(
    application: Application, sock: socket.socket, options: argparse.Namespace, on_ready: Callable[[], None]
) -> int:
    if not options.quiet:
        logging.basicConfig(format="%(message)s", stream=sys.stderr)
        log.setLevel(logging.INFO)
    # The loaded objects stay alive, so the garbage collector need not examine them again.
    gc.collect()
    gc.freeze()
    with serving.application(
        application,
        rates=options.faults,
        fault_seed=options.fault_seed,
        record=options.record,
        replay=options.replay,
    ) as served:
        server.Server(served, on_ready, options.request_timeout, options.grace, application.error_response).run([sock])
    return 0


def _run_worker(
    build: Callable[[], Application], options: argparse.Namespace, sock: socket.socket, lifeline: int
) -> int:
    def end_with_parent() -> None:
        asyncio.get_running_loop().add_reader(lifeline, signal.raise_signal, signal.SIGTERM)

    # Built here, because a connection to a store must not be shared with the parent process.
    with contextlib.closing(build()) as application:
        return _run(application, sock, options, end_with_parent)


def _export(application: Application, path: str) -> int:
    try:
        with contextlib.ExitStack() as stack:
            output = sys.stdout.buffer if path == "-" else stack.enter_context(Path(path).open("wb"))
            for body in application.state.store.bodies():
                output.write(body + b"\n")
            output.flush()
    except OSError as error:
        print(f"thread-runs-mock: {path}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


class _Progress:
    """Reports the progress of reading a large file, once a second and at the end."""

    def __init__(self) -> None:
        self._next = time.monotonic() + 1

    def __call__(self, count: int, part: float) -> None:
        if part == 1 or time.monotonic() >= self._next:
            self._next = time.monotonic() + 1
            print(f"thread-runs-mock: {count:,} runs read, {part:.0%}", file=sys.stderr, flush=True)

"""Measure the mock: compared with other mocks in one interleaved run, and with up to a million runs.

Needs `wrk` (Debian's package), and for the other mocks npm. What matters are the ratios: the figures of one machine
say nothing about another.
"""

import argparse
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from thread_runs_mock import server
from thread_runs_mock.messages import Message, Receive, Send
from thread_runs_spec import PACKAGED as DEFAULT_SPEC
from thread_runs_spec.standard_output import tolerate_closed_stdout

NODE_PACKAGES = ("@stoplight/prism-cli@5.14.2", "@stdy/cli@0.22.2", "json-server@0.17.4")
CONNECTIONS = 16
DOCUMENTED = "/threads/thread_abc123/runs/run_abc123"
MOCK = [sys.executable, "-m", "thread_runs_mock", "--quiet", "--port", "{port}"]
HEADERS = {
    "Authorization": "Bearer sk-test-1234",
    "OpenAI-Beta": "assistants=v2",
    "Content-Type": "application/json",
}


@dataclass(frozen=True)
class Candidate:
    """A server: its command (`{port}` is replaced by the port), and its request that changes the run."""

    name: str
    command: list[str]
    path: str
    method: str = "POST"


@dataclass(frozen=True)
class Figures:
    """What a server did under load: requests per second, p99 in milliseconds, and responses that were no success."""

    requests: float
    p99: float
    bad: int


class Bare:
    """An ASGI application that reads the body and always sends the same Run."""

    def __init__(self) -> None:
        self._body = json.dumps(documented_run(), separators=(",", ":")).encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body", False):
            pass
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(self._body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._body})


def documented_run() -> object:
    """The Run of the documentation page, from the spec."""
    document = yaml.safe_load(DEFAULT_SPEC.read_text("utf-8"))
    run: object = document["components"]["examples"]["RunDocumented"]["value"]
    return run


@contextmanager
def started(candidate: Candidate) -> Iterator[tuple[int, int]]:
    """Run a server; give its port and its process."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [part.format(port=port) for part in candidate.command]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(f"{candidate.name} does not start: {' '.join(command)}") from None
                time.sleep(0.01)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def load(candidate: Candidate, port: int, seconds: float, folder: Path, runs: int = 0) -> Figures:
    """Let `wrk` send the documented request for some seconds; with `runs`, to random ones of that many runs."""
    lines = [f'wrk.method = "{candidate.method}"', """wrk.body = '{"metadata":{"user_id":"user_abc123"}}'"""]
    lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in HEADERS.items()]
    if runs:
        lines += [
            "request = function()",
            f'  return wrk.format(nil, "/v1/threads/thread_1/runs/run_" .. math.random(0, {runs - 1}))',
            "end",
        ]
    script = folder / "request.lua"
    script.write_text("\n".join(lines), "utf-8")
    url = f"http://127.0.0.1:{port}{candidate.path}"
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds:g}s",
        "--latency",
        "--timeout",
        "30s",
        "-s",
        str(script),
        url,
    ]
    report = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    rate, p99 = re.search(r"Requests/sec: +([\d.]+)", report), re.search(r"99% +([\d.]+)(us|ms|s)", report)
    assert rate
    assert p99, report
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", report)
    return Figures(float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]], int(bad[1]) if bad else 0)


def candidates(folder: Path, node: Path | None) -> list[Candidate]:
    """All servers that can run here."""
    path = f"/v1{DOCUMENTED}"
    store = ["--store", str(folder / "runs.db")]
    mocks = [
        Candidate("bare ASGI application", [sys.executable, __file__, "--bare", "{port}"], path),
        Candidate("Thread Runs", MOCK, path),
        Candidate("Thread Runs, SQLite", [*MOCK, *store], path),
        Candidate("Thread Runs, SQLite, 2 workers", [*MOCK, *store, "--workers", "2"], path),
    ]
    if node is None:
        return mocks
    spec = str(DEFAULT_SPEC)
    # Steady does not accept a variable as the port.
    document = yaml.safe_load(DEFAULT_SPEC.read_text("utf-8"))
    plain = folder / "plain.json"
    plain.write_text(json.dumps({**document, "servers": [{"url": "http://127.0.0.1"}]}), "utf-8")
    database = folder / "db.json"
    database.write_text(json.dumps({"runs": [documented_run()]}), "utf-8")
    return [
        *mocks,
        Candidate("Prism", [f"{node}/prism", "mock", spec, "-p", "{port}", "-h", "127.0.0.1"], DOCUMENTED),
        Candidate(
            "Steady", [f"{node}/steady", "--quiet", "--host", "127.0.0.1", "--port", "{port}", str(plain)], DOCUMENTED
        ),
        Candidate(
            "json-server",
            [f"{node}/json-server", "--quiet", "--host", "127.0.0.1", "--port", "{port}", str(database)],
            "/runs/run_abc123",
            "PATCH",
        ),
    ]


def compare(folder: Path, node: Path | None, rounds: int, seconds: float) -> None:
    """Print requests per second, p99 and ratios of all servers, the medians of rounds in which each has its turn."""
    chosen = candidates(folder, node)
    figures: dict[str, list[Figures]] = {candidate.name: [] for candidate in chosen}
    for _ in range(rounds):
        for candidate in chosen:
            # By chance one process is faster than the next: each round has new ones.
            with started(candidate) as (port, _):
                load(candidate, port, 1, folder)
                figures[candidate.name].append(load(candidate, port, seconds, folder))
    print(
        "| server | requests/s | p99 | of the bare application | lowest round | of Prism |\n|---|---|---|---|---|---|"
    )
    for name, own in figures.items():
        shares = ratios(own, figures["bare ASGI application"])
        prism = f"{statistics.median(ratios(own, figures['Prism'])):.1f} x" if "Prism" in figures else ""
        rate, p99, refused = summary(own)
        print(f"| {name} | {rate} | {p99} | {statistics.median(shares):.0%} | {min(shares):.0%} | {prism} |{refused}")


def summary(own: list[Figures]) -> tuple[str, str, str]:
    """Return the medians of requests per second and of p99, and how many responses were no success, for a table."""
    bad = sum(each.bad for each in own)
    rate = statistics.median(each.requests for each in own)
    p99 = statistics.median(each.p99 for each in own)
    return f"{rate:,.0f}", f"{p99:.2f} ms", f" {bad} refused" if bad else ""


def ratios(own: list[Figures], others: list[Figures]) -> list[float]:
    """Return how many times the requests of another in each round, as two of one round met the same machine."""
    return [each.requests / other.requests for each, other in zip(own, others, strict=True)]


def scale(folder: Path, counts: list[int], rounds: int, seconds: float) -> None:
    """Print start-up, memory and latency with each number of runs: medians of rounds in which each has its turn."""
    run = json.dumps(documented_run(), separators=(",", ":")).replace("thread_abc123", "thread_1")
    servers: list[tuple[str, int, int, int]] = []
    with ExitStack() as stack:

        def start(kept: ExitStack, *options: str) -> tuple[float, int, int]:
            begun = time.monotonic()
            port, process = kept.enter_context(started(Candidate("Thread Runs", [*MOCK, *options], "")))
            return time.monotonic() - begun, port, process

        for count in counts:
            path = folder / "runs.jsonl"
            with path.open("w") as file:
                file.writelines(run.replace("run_abc123", f"run_{n}") + "\n" for n in range(count))
            runs, store = ("--runs", str(path)), ("--store", str(folder / f"{count}.db"))
            first, port, process = start(stack, *runs)
            servers.append((f"| memory | {count:,} | {first:.1f} s | ", count, port, process))
            with ExitStack() as once:
                first, _, _ = start(once, *store, *runs)
            again, port, process = start(stack, *store)
            servers.append((f"| SQLite | {count:,} | {first:.1f} s | {again:.1f} s", count, port, process))
        figures = [
            [load(Candidate("", [], f"/v1{DOCUMENTED}"), port, seconds, folder, count) for _, count, port, _ in servers]
            for _ in range(rounds)
        ]
        print("| store | runs | start | start again | memory | requests/s | p99 |\n|---|---|---|---|---|---|---|")
        for (row, _, _, process), *own in zip(servers, *figures, strict=True):
            memory = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="utf-8"))
            assert memory
            rate, p99, refused = summary(own)
            print(f"{row} | {int(memory[1]) // 1024:,} MiB | {rate} | {p99} |{refused}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2, help="of each round (default: %(default)g)")
    parser.add_argument("--runs", type=int, nargs="*", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--node-modules", type=Path, help="where the other mocks are installed already")
    parser.add_argument("--bare", type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        server.Server(Bare(), lambda: None).run([server.listen("127.0.0.1", options.bare)])
        return 0
    if not shutil.which("wrk"):
        print("wrk is not installed: apt-get install wrk", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        node = options.node_modules
        if node is None and shutil.which("npm"):
            subprocess.run(
                ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", directory, *NODE_PACKAGES],
                check=True,
            )
            node = folder / "node_modules"
        machine = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        print(f"{machine}, {CONNECTIONS} connections\n")
        compare(folder, node and node / ".bin", options.rounds, options.seconds)
        if options.runs:
            print()
            scale(folder, options.runs, options.rounds, options.seconds)
    return 0


if __name__ == "__main__":
    tolerate_closed_stdout()
    sys.exit(main())

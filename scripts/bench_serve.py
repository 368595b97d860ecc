"""Measure the mock as tests use it: how long `serve` takes to start and stop, and many tasks on one client.

`serve` runs the mock in a thread, which shares the interpreter lock with the test. The same tasks against a process of
its own show what that costs. Each round has new processes; the figures are medians.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Awaitable, Callable

import httpx

import thread_runs_mock
from thread_runs import AsyncClient
from thread_runs_spec.standard_output import tolerate_closed_stdout

TASKS = 1000
CLIENT, HTTPX = f"{TASKS:,} tasks on `AsyncClient`", f"{TASKS:,} tasks on `httpx.AsyncClient`"
PLACES = ("thread", "process")


async def by_client(url: str) -> float:
    """Return the seconds that all tasks take which share a client of this package."""
    async with AsyncClient("sk-test-1234", base_url=url, timeout=60) as client:

        async def call(number: int) -> None:
            pairs = {"n": str(number)}
            await client.beta.threads.runs.update("run_abc123", thread_id="thread_abc123", metadata=pairs)

        return await _timed(call)


async def by_httpx(url: str) -> float:
    """Return the seconds that all tasks take which share a client of httpx."""
    from scripts.bench_mock import DOCUMENTED, HEADERS

    async with httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=60) as client:

        async def call(number: int) -> None:
            response = await client.post(DOCUMENTED, json={"metadata": {"n": str(number)}})
            response.raise_for_status()

        return await _timed(call)


async def _timed(call: Callable[[int], Awaitable[None]]) -> float:
    await call(0)
    begun = time.perf_counter()
    await asyncio.gather(*(call(number) for number in range(TASKS)))
    return time.perf_counter() - begun


def measure() -> dict[str, float]:
    """Return all figures of one round, in seconds."""
    warnings.simplefilter("ignore", DeprecationWarning)
    figures = {}
    begun = time.perf_counter()
    with thread_runs_mock.serve():
        figures["first start"] = time.perf_counter() - begun
    # Not above: it imports the server, and the first start would not have to.
    from scripts.bench_mock import MOCK, Candidate, started

    begun = time.perf_counter()
    with thread_runs_mock.serve() as server:
        figures["next start"] = time.perf_counter() - begun
        figures[f"{CLIENT}, thread"] = asyncio.run(by_client(server.base_url))
        figures[f"{HTTPX}, thread"] = asyncio.run(by_httpx(server.base_url))
        begun = time.perf_counter()
    figures["stop"] = time.perf_counter() - begun
    with started(Candidate("Thread Runs", MOCK, "")) as (port, _):
        url = f"http://127.0.0.1:{port}/v1"
        figures[f"{CLIENT}, process"] = asyncio.run(by_client(url))
        figures[f"{HTTPX}, process"] = asyncio.run(by_httpx(url))
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(json.dumps(measure()))
        return 0
    command = [sys.executable, "-m", "scripts.bench_serve", "--once"]
    outputs = [subprocess.run(command, capture_output=True, check=True).stdout for _ in range(options.rounds)]
    rounds: list[dict[str, float]] = [json.loads(output) for output in outputs]
    print("| | seconds |\n|---|---|")
    order = ("first start", "next start", "stop", *(f"{own}, {where}" for own in (CLIENT, HTTPX) for where in PLACES))
    for name in order:
        print(f"| {name} | {statistics.median(figures[name] for figures in rounds):.3f} |")
    for name in (CLIENT, HTTPX):
        ratio = statistics.median(each[f"{name}, thread"] / each[f"{name}, process"] for each in rounds)
        print(f"| {name}, thread / process | {ratio:.2f} |")
    return 0


if __name__ == "__main__":
    tolerate_closed_stdout()
    sys.exit(main())

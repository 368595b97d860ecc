"""Measure what a call costs: raw httpx, the stock generated client, ours and the vendor's SDK, on the same mock.

Everything is measured in one run, interleaved, and compared as the median of the ratios of neighbours, so that a noisy
machine disturbs all alike. Absolute numbers are this machine's; ratios are what to compare.
"""

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import httpx
import httpx2
import openai
import yaml

from scripts.repository import ROOT, SPEC
from thread_runs import AsyncClient, Client, DefaultHttpx2Client
from thread_runs._request_limits import check_request
from thread_runs._request_template import RequestTemplate
from thread_runs_client import operations, responses
from thread_runs_client.models import Run
from thread_runs_spec.standard_output import tolerate_closed_stdout

Call = Callable[[], Any]
AsyncCall = Callable[[], Awaitable[Any]]
RAW = "httpx + json.loads"
RAW2 = "httpx2 + json.loads"
HEADERS = {"Authorization": "Bearer sk-bench", "OpenAI-Beta": "assistants=v2"}
# What httpx finds here only because the development tools bring it. Users do not have it.
NOT_THERE = "import sys; sys.modules['click'] = sys.modules['rich'] = None; "
IMPORTS = {
    "httpx": "import httpx",
    "thread_runs": "import thread_runs",
    "thread_runs, Client": "from thread_runs import Client",
    "thread_runs, Client(...)": "from thread_runs import Client; Client('k')",
    "httpx, Client()": "import httpx; httpx.Client()",
    "stock generated client": "import stock_client",
    "openai": "import openai",
}


@contextmanager
def mock() -> Iterator[str]:
    """Serve the mock as a process of its own; yield its base URL."""
    command = [str(Path(sys.executable).parent / "thread-runs-mock"), "--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


def generate_stock(folder: Path) -> None:
    """Generate the client as anyone gets it, without templates of ours, as `stock_client` in `folder`."""
    config = folder / "config.yml"
    config.write_text("package_name_override: stock_client\npost_hooks: []\n", "utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    options = ["--path", str(SPEC), "--config", str(config), "--output-path", str(folder / "stock_client")]
    subprocess.run([*command, *options], cwd=folder, check=True, capture_output=True)
    sys.path.insert(0, str(folder))


def medians_of_pairs(samples: dict[str, list[float]], base: str) -> dict[str, tuple[float, float]]:
    """Return for each name the median, and the median of its ratios to the neighbouring measurements of `base`."""
    return {
        name: (
            statistics.median(values),
            statistics.median(value / other for value, other in zip(values, samples[base], strict=True)),
        )
        for name, values in samples.items()
    }


def interleaved(measures: Mapping[str, Call], rounds: int) -> dict[str, list[float]]:
    """Take every measure once a round, in an order that changes."""
    samples: dict[str, list[float]] = {name: [] for name in measures}
    order = list(measures)
    chance = random.Random(0)
    for _ in range(rounds):
        chance.shuffle(order)
        for name in order:
            samples[name].append(measures[name]())
    return samples


def cpu_seconds(call: Call, number: int) -> float:
    """Return the CPU seconds, of this process alone, that one of `number` calls took."""
    began = time.process_time()
    for _ in range(number):
        call()
    return (time.process_time() - began) / number


def peak_bytes(call: Call) -> float:
    """Return how far the memory of Python's objects rose during a call."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def calls(url: str, run: dict[str, Any], body: dict[str, Any]) -> dict[str, Call]:
    """Return the same call on every client."""
    stock = import_module("stock_client")
    stock_modify_run = import_module("stock_client.api.runs.modify_run")
    stock_body = import_module("stock_client.models").ModifyRunRequest.from_dict(body)
    raw = httpx.Client(base_url=url, headers=HEADERS)
    stock_client = stock.AuthenticatedClient(base_url=url, token="sk-bench")
    raw2 = httpx2.Client(base_url=url, headers=HEADERS)
    ours = Client("sk-bench", base_url=url)
    ours2 = Client("sk-bench", base_url=url, transport=httpx2.HTTPTransport())
    borrowing = Client("sk-bench", base_url=url, http_client=DefaultHttpx2Client())
    sdk = openai.OpenAI(api_key="sk-bench", base_url=url)
    path = f"/threads/{run['thread_id']}/runs/{run['id']}"
    arguments = {"thread_id": run["thread_id"], "run_id": run["id"], **body}
    return {
        RAW: lambda: json.loads(raw.post(path, json=body).content),
        RAW2: lambda: json.loads(raw2.post(path, json=body).content),
        "stock generated client": lambda: stock_modify_run.sync(
            run["thread_id"], run["id"], client=stock_client, body=stock_body
        ),
        "thread_runs on httpx": lambda: ours.beta.threads.runs.update(**arguments),
        "thread_runs on httpx2": lambda: ours2.beta.threads.runs.update(**arguments),
        "thread_runs, http_client of httpx2": lambda: borrowing.beta.threads.runs.update(**arguments),
        "openai (on httpx2)": lambda: sdk.beta.threads.runs.update(**arguments),
    }


def async_calls(url: str, run: dict[str, Any], body: dict[str, Any]) -> dict[str, AsyncCall]:
    """Return the same call on the asynchronous clients."""
    raw = httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=60)
    ours = AsyncClient("sk-bench", base_url=url)
    ours2 = AsyncClient("sk-bench", base_url=url, transport=httpx2.AsyncHTTPTransport())
    sdk = openai.AsyncOpenAI(api_key="sk-bench", base_url=url)
    path = f"/threads/{run['thread_id']}/runs/{run['id']}"
    arguments = {"thread_id": run["thread_id"], "run_id": run["id"], **body}

    async def raw_call() -> Any:
        return json.loads((await raw.post(path, json=body)).content)

    return {
        RAW: raw_call,
        "thread_runs on httpx": lambda: ours.beta.threads.runs.update(**arguments),
        "thread_runs on httpx2": lambda: ours2.beta.threads.runs.update(**arguments),
        "openai (on httpx2)": lambda: sdk.beta.threads.runs.update(**arguments),
    }


async def in_flight(url: str, run: dict[str, Any], body: dict[str, Any], rounds: int, number: int) -> Any:
    """Return the seconds that `number` calls at once take, for each client."""
    measures = async_calls(url, run, body)
    samples: dict[str, list[float]] = {name: [] for name in measures}
    for round_ in range(rounds + 1):
        for name, call in measures.items():
            began = time.perf_counter()
            await asyncio.gather(*(call() for _ in range(number)))
            # The first round opens the connections.
            if round_:
                samples[name].append(time.perf_counter() - began)
    return samples


def import_seconds(statement: str, folder: Path) -> float:
    """Return the CPU seconds that `statement` takes in a new process, with what users do not have kept away."""
    program = f"{NOT_THERE}sys.path.insert(0, {str(folder)!r}); import time; began = time.process_time(); "
    program += f"{statement}; print(time.process_time() - began)"
    # Compiled, as an installed package is, and for all alike.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
    return float(done.stdout)


def distributions(name: str) -> set[str]:
    """Return the names of a distribution and of everything it requires."""
    found: set[str] = set()
    wanted = [name]
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in found:
            continue
        try:
            requirements = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another system or version of Python
        found.add(name)
        wanted += [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in requirements if "extra ==" not in line]
    return found


def installed_bytes(names: set[str]) -> int:
    """Return the size of their files, but for what Python caches."""
    paths = [
        Path(str(file.locate()))
        for name in names
        for file in metadata.files(name) or []
        if "__pycache__" not in file.parts
    ]
    if "thread-runs" in names:
        # Installed for editing: its files are here.
        folders = [ROOT / "src" / "thread_runs", ROOT / "src" / "thread_runs_mock", ROOT / "generated"]
        paths += [path for folder in folders for path in folder.rglob("*") if "__pycache__" not in path.parts]
    return sum(path.stat().st_size for path in paths if path.is_file())


def parts(url: str, run: dict[str, Any], body: dict[str, Any]) -> dict[str, Call]:
    """Return the parts of a call on httpx2 other than sending and receiving."""
    arguments = {"thread_id": run["thread_id"], "run_id": run["id"], **body}
    client = Client("sk-bench", base_url=url, transport=httpx2.HTTPTransport())
    config, connections = client._config, client._connections
    http = connections.get()
    request = operations.MODIFY_RUN.request(arguments, responses.modify_run)
    template = RequestTemplate(config, connections, request, {})
    raw = client.beta.threads.runs.with_raw_response.update(**arguments)
    address = config.prefix + request.path
    return {
        "the arguments as a request of the spec": lambda: operations.MODIFY_RUN.request(
            arguments, responses.modify_run
        ),
        "the limits of the spec": lambda: check_request(request),
        "the address, the headers and the body": lambda: RequestTemplate(config, connections, request, {}),
        "of that, the URL of httpx2": lambda: httpx2.URL(address),
        "the request of httpx2": lambda: template.request(http, "sk-bench", {}),
        "the JSON and the Run": raw.parse,
    }


def table(title: str, unit: str, scale: float, rows: dict[str, tuple[float, float]]) -> None:
    print(f"\n| {title} | {unit} | ratio |\n|---|---:|---:|")
    for name, (value, ratio) in rows.items():
        print(f"| {name} | {value * scale:.1f} | {ratio:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=40, help="how often everything is measured (default: %(default)s)"
    )
    rounds = parser.parse_args().rounds
    warnings.simplefilter("ignore", DeprecationWarning)
    examples = yaml.safe_load(SPEC.read_text("utf-8"))["components"]["examples"]
    run, body = examples["RunDocumented"]["value"], examples["ModifyRunDocumented"]["value"]
    with tempfile.TemporaryDirectory() as name, mock() as url:
        folder = Path(name)
        generate_stock(folder)
        by_name = calls(url, run, body)
        for call in by_name.values():
            call()
        cpu = interleaved({name: partial(cpu_seconds, call, 25) for name, call in by_name.items()}, rounds)
        rows = medians_of_pairs(cpu, RAW)
        table("one call, CPU", "µs", 1e6, rows)
        to_sdk = medians_of_pairs(cpu, "openai (on httpx2)")
        for name in (name for name in by_name if name.startswith("thread_runs")):
            print(f"\n{name} costs {to_sdk[name][1]:.2f} times the SDK.")
        by_part = {name: partial(cpu_seconds, part, 100) for name, part in parts(url, run, body).items()}
        shares = interleaved({**by_part, RAW: partial(cpu_seconds, by_name[RAW], 25)}, rounds)
        table("parts of a call on httpx2, CPU", "µs", 1e6, medians_of_pairs(shares, RAW))
        peaks = interleaved({name: partial(peak_bytes, call) for name, call in by_name.items()}, 10)
        table("one call, memory at its peak", "KiB", 1 / 1024, medians_of_pairs(peaks, RAW))
        stock_run = import_module("stock_client.models").Run
        text = json.dumps(run)
        parse: dict[str, Call] = {
            "json.loads": lambda: json.loads(text),
            "json.loads, thread_runs Run": lambda: Run.from_dict(json.loads(text)),
            "json.loads, stock Run": lambda: stock_run.from_dict(json.loads(text)),
            "json.loads, openai Run": lambda: openai.types.beta.threads.Run.construct(**json.loads(text)),
        }
        parsed = interleaved({name: partial(cpu_seconds, call, 200) for name, call in parse.items()}, rounds)
        table("parsing a Run, CPU", "µs", 1e6, medians_of_pairs(parsed, "json.loads"))
        to_sdk = medians_of_pairs(parsed, "json.loads, openai Run")
        print(f"\nthread_runs costs {to_sdk['json.loads, thread_runs Run'][1]:.2f} times the SDK.")
        flights = asyncio.run(in_flight(url, run, body, max(rounds // 4, 2), 100))
        table("100 calls in flight, wall", "ms", 1e3, medians_of_pairs(flights, RAW))
        starts = {name: partial(import_seconds, statement, folder) for name, statement in IMPORTS.items()}
        for start in starts.values():
            start()
        table("import, CPU", "ms", 1e3, medians_of_pairs(interleaved(starts, max(rounds // 2, 2)), "httpx"))
    print("\n| installed | MiB | distributions |\n|---|---:|---:|")
    for name in ("httpx", "thread-runs", "openai"):
        names = distributions(name)
        print(f"| {name} | {installed_bytes(names) / 2**20:.1f} | {len(names)} |")


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()

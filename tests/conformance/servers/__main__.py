"""Serves the FastAPI server until it is stopped: `python -m tests.conformance.servers [merge|replace] [nginx]`."""

import contextlib
import sys
import time

import yaml

from scripts.repository import SPEC
from tests.conformance.servers.serving import behind_nginx, serve
from tests.conformance.servers.thread_runs import create_app

KEY = "sk-servers-Key-1234"


def example_runs() -> list[dict[str, object]]:
    """Runs of openapi.yaml's examples, on two threads."""
    examples = yaml.safe_load(SPEC.read_text("utf-8"))["components"]["examples"]
    runs = [entry["value"] for entry in examples.values() if entry.get("value", {}).get("object") == "thread.run"]
    return [{**run, "id": f"run_{i}", "thread_id": f"thread_{i % 2}"} for i, run in enumerate(runs)]


if __name__ == "__main__":
    mode = "replace" if "replace" in sys.argv else "merge"
    with contextlib.ExitStack() as stack:
        origin = stack.enter_context(serve(create_app(example_runs(), mode, KEY)))
        if "nginx" in sys.argv:
            origin = stack.enter_context(behind_nginx(origin))
        print(f"{origin}/v1", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(1)

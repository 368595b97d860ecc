"""The runs that wrong servers hold, and the key that they accept."""

import copy
from functools import cache
from typing import Any

import yaml

from scripts.repository import SPEC

KEY = "sk-Wrong-Servers-1234"


def runs() -> list[dict[str, Any]]:
    """One run of each kind in the examples of openapi.yaml, some with identifiers that are hard to send."""
    kinds = copy.deepcopy(_kinds())
    names = [
        ("thread_Wrong_a", "run_Wrong_1"),
        ("thread_Wrong_a", "run_Wrong_2"),
        # The same identifier on another thread is another run.
        ("thread_Wrong_b", "run_Wrong_1"),
        ("thread with spaces/and?#%25", "run+é%2F;x=1&😀"),
        *(("thread_Wrong_a", f"run_Kind_{index}") for index in range(len(kinds) - 4)),
    ]
    return [{**kinds[index % len(kinds)], "thread_id": thread, "id": run} for index, (thread, run) in enumerate(names)]


@cache
def _kinds() -> list[dict[str, Any]]:
    """The runs in the examples of openapi.yaml."""
    examples = yaml.safe_load(SPEC.read_text("utf-8"))["components"]["examples"].values()
    return [entry["value"] for entry in examples if entry.get("value", {}).get("object") == "thread.run"]

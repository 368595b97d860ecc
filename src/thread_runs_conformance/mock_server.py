"""The mock as the server under test, for trying the suite out."""

import contextlib
import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from thread_runs_conformance.credentials import Credentials
from thread_runs_conformance.options import Options, OptionsError
from thread_runs_conformance.spec import Spec
from thread_runs_conformance.targets import Target

MOCK_KEY = "sk-conformance-Test-1234"


@contextlib.contextmanager
def mock(options: Options) -> Iterator[Options]:
    """Serve the mock on loopback; gives the options to judge it with.

    Raises:
        OptionsError: It is not installed.
    """
    try:
        # By name: the suite does not depend on the mock.
        thread_runs_mock: Any = importlib.import_module("thread_runs_mock")
        importlib.import_module("thread_runs_mock.server")
    except ImportError as error:
        raise OptionsError(f"--base-url is needed: thread-runs[mock] is not installed ({error})") from None
    runs = mock_runs(Spec(options.spec).document)
    with thread_runs_mock.serve(options.spec, runs, metadata=options.metadata, api_key=MOCK_KEY) as server:
        yield replace(
            options,
            base_url=server.base_url,
            targets=tuple(targets_of(runs)),
            credentials=replace(options.credentials, bearer=MOCK_KEY) if options.credentials else Credentials(MOCK_KEY),
            disposable=True,
        )


def mock_runs(document: Any) -> list[dict[str, Any]]:
    """Runs for the mock: one of each kind in the spec's examples, some with identifiers that are hard to send."""
    found = document.get("components", {}).get("examples", {}).values()
    examples = [entry["value"] for entry in found if "value" in entry]
    kinds = [value for value in examples if isinstance(value, dict) and {"id", "thread_id"} <= value.keys()]
    if not kinds:
        return []
    names = [
        ("thread_Conformance_a", "run_Conformance_1"),
        ("thread_Conformance_a", "run_Conformance_2"),
        # The same identifier on another thread is another run.
        ("thread_Conformance_b", "run_Conformance_1"),
        ("thread with spaces/and?#%25", "run+é%2F;x=1&😀"),
        *(("thread_Conformance_a", f"run_Kind_{index}") for index in range(max(len(kinds) - 4, 0))),
    ]
    return [{**kinds[index % len(kinds)], "thread_id": thread, "id": run} for index, (thread, run) in enumerate(names)]


def targets_of(runs: list[dict[str, Any]]) -> list[Target]:
    """The runs as targets."""
    return [Target({"thread_id": run["thread_id"], "run_id": run["id"]}) for run in runs]

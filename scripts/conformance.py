"""Tell whether a server keeps the contract, and in what it fails. `make contract` says how it is told what to do."""

import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest
import yaml

from scripts.repository import ROOT, SPEC
from thread_runs_conformance import report
from thread_runs_conformance.calls import Target
from thread_runs_conformance.session import Session
from thread_runs_conformance.settings import Settings, SettingsError, from_environment

MOCK_KEY = "sk-contract-Test-1234"
CONFORMS, FINDINGS, NOT_JUDGED = 0, 1, 2


def mock_runs(spec: Path) -> list[dict[str, Any]]:
    """Runs for the mock: one of each kind in the contract's examples, some with identifiers that are hard to send."""
    document = yaml.safe_load(spec.read_text("utf-8"))
    examples = [entry["value"] for entry in document["components"]["examples"].values() if "value" in entry]
    kinds = [value for value in examples if isinstance(value, dict) and {"id", "thread_id"} <= value.keys()]
    names = [
        ("thread_Contract_a", "run_Contract_1"),
        ("thread_Contract_a", "run_Contract_2"),
        # The same identifier on another thread is another run.
        ("thread_Contract_b", "run_Contract_1"),
        ("thread with spaces/and?#%25", "run+é%2F;x=1&😀"),
        *(("thread_Contract_a", f"run_Kind_{index}") for index in range(max(len(kinds) - 4, 0))),
    ]
    return (
        [{**kinds[index % len(kinds)], "thread_id": thread, "id": run} for index, (thread, run) in enumerate(names)]
        if kinds
        else []
    )


@contextlib.contextmanager
def mock(settings: Settings) -> Iterator[tuple[str, list[Target]]]:
    """The mock, served for this session; its address and runs."""
    import thread_runs_mock

    runs = mock_runs(settings.spec)
    mode: Any = settings.mode
    with thread_runs_mock.serve(settings.spec, runs, metadata=mode, api_key=MOCK_KEY) as server:
        yield server.base_url, targets_of(runs)


def targets_of(runs: list[dict[str, Any]]) -> list[Target]:
    return [Target({"thread_id": run["thread_id"], "run_id": run["id"]}) for run in runs]


@contextlib.contextmanager
def client_of(spec: Path) -> Iterator[None]:
    """The client that belongs to the contract: for another one than ours it is generated."""
    if spec.samefile(SPEC):
        yield
        return
    from scripts.generate import generate

    with tempfile.TemporaryDirectory() as folder:
        generate(spec, Path(folder) / "thread_runs_client")
        sys.path.insert(0, folder)
        try:
            yield
        finally:
            sys.path.remove(folder)


def run(session: Session) -> int:
    """Run the tests and write the reports; returns the exit status."""
    settings = session.settings
    settings.output.mkdir(parents=True, exist_ok=True)
    options = [
        str(ROOT / "src" / "thread_runs_conformance"),
        f"--rootdir={ROOT}",
        "--config-file=" + str(ROOT / "pyproject.toml"),
        *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:faulthandler"),
        *("-p", "no:unraisableexception", "-p", "no:threadexception"),
        f"--junitxml={settings.output / 'junit.xml'}",
        *("-o", "junit_suite_name=contract", "-o", "addopts=", "-o", "filterwarnings=default"),
        *(["--maxfail=1"] if settings.stop_at_first else []),
    ]
    pytest.main(options, plugins=[session])
    return status_of(session)


def status_of(session: Session) -> int:
    result = session.result
    if len(result.findings):
        return FINDINGS
    complete = not (result.crashed or result.interrupted or session.meter.spent)
    judged = any(case.outcome == "passed" for case in result.cases)
    return CONFORMS if complete and judged and not result.not_restored else NOT_JUDGED


def _terminated(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def main(out: TextIO = sys.stdout) -> int:
    try:
        settings = from_environment()
    except SettingsError as error:
        print(f"contract: {error}", file=sys.stderr)
        return NOT_JUDGED
    # Also a stop by the system restores the runs.
    signal.signal(signal.SIGTERM, _terminated)
    with contextlib.ExitStack() as stack:
        stack.enter_context(client_of(settings.spec))
        if settings.base_url is None:
            base_url, targets = stack.enter_context(mock(settings))
            key, strict = MOCK_KEY, True
        else:
            base_url, targets = settings.base_url, list(settings.targets)
            key, strict = settings.key, settings.disposable
        server = base_url if settings.base_url else f"{base_url} (the mock)"
        print(f"{settings.spec.name} against {server}, profile {settings.profile}, SEED={settings.seed}", flush=True)
        session = Session(settings, base_url, key, targets, strict, sys.stderr)
        status = run(session)
        print(report.text(session), file=out)
        page = settings.output / "report.html"
        page.write_text(report.html(session), "utf-8")
        print(f"reports: {page}, {settings.output / 'junit.xml'}", file=out)
    return status


if __name__ == "__main__":
    sys.exit(main())

"""Rehearse changes of the spec: make each in a clone of the repository, and check what follows automatically.

For each change: `make generate`, `make check`, `make diff`, the tests that compare the hand-written client with the
spec, the conformance suite against the mock, and a call. A change that needs a decision must fail with a message that
says which.
"""

import argparse
import copy
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scripts.repository import ROOT, SPEC

Document = dict[str, Any]
RUN_PATH = "/threads/{thread_id}/runs/{run_id}"
TESTS = [
    *("tests/scripts/test_lint.py", "tests/client/test_generated.py", "tests/client/test_client.py"),
    *("--deselect", "tests/client/test_generated.py::test_every_run_survives"),
]
CALL = """
import sys, warnings, thread_runs, thread_runs_mock
warnings.simplefilter("ignore")
with thread_runs_mock.serve() as server, thread_runs.Client("sk-test", base_url=server.base_url) as client:
    run = client.beta.threads.runs.update("run_abc123", thread_id="thread_abc123", metadata={"drill": "1"})
    assert run.metadata["drill"] == "1"
"""


def schemas(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def runs(document: Document) -> list[dict[str, Any]]:
    """The example Runs, which a change of the Run's shape has to take along."""
    return [one["value"] for name, one in document["components"]["examples"].items() if name.startswith("Run")]


def add_field(document: Document) -> None:
    schemas(document)["Run"]["properties"]["service_tier"] = {"description": "The tier used.", "type": "string"}


def add_enum_value(document: Document) -> None:
    schemas(document)["RunStatus"]["enum"].append("paused")
    paused = copy.deepcopy(document["components"]["examples"]["RunQueued"])
    paused["value"].update(id="run_paused", status="paused")
    document["components"]["examples"]["RunPaused"] = paused
    success = document["paths"][RUN_PATH]["post"]["responses"]["200"]["content"]["application/json"]
    success["examples"]["paused"] = {"$ref": "#/components/examples/RunPaused"}


def add_tool_type(document: Document) -> None:
    schemas(document)["BrowserTool"] = {
        "description": "Lets the model read web pages.",
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"description": "Always `browser`.", "const": "browser"}},
    }
    schemas(document)["Run"]["properties"]["tools"]["items"]["anyOf"].append(
        {"$ref": "#/components/schemas/BrowserTool"}
    )


def change_limit(document: Document) -> None:
    schemas(document)["Metadata"]["maxProperties"] = 32


def remove_field(document: Document) -> None:
    del schemas(document)["Run"]["properties"]["top_p"]
    for run in runs(document):
        del run["top_p"]


def add_required_field(document: Document) -> None:
    schemas(document)["Run"]["properties"]["project_id"] = {"description": "The project.", "type": "string"}
    schemas(document)["Run"]["required"].append("project_id")


def change_type(document: Document) -> None:
    schemas(document)["Run"]["properties"]["created_at"]["type"] = "string"
    for run in runs(document):
        run["created_at"] = str(run["created_at"])


def add_operations(document: Document) -> None:
    retrieve = copy.deepcopy(document["paths"][RUN_PATH]["post"])
    retrieve.update(operationId="retrieveRun", summary="Retrieve run", description="Reads one run.")
    del retrieve["requestBody"]
    cancel = {**copy.deepcopy(retrieve), "operationId": "cancelRun", "summary": "Cancel run"}
    document["paths"][RUN_PATH]["get"] = retrieve
    document["paths"][f"{RUN_PATH}/cancel"] = {"post": cancel}


def add_response(document: Document) -> None:
    document["paths"][RUN_PATH]["post"]["responses"]["410"] = {"$ref": "#/components/responses/NotFound"}


def rename_field(document: Document) -> None:
    run = schemas(document)["Run"]
    run["properties"]["prompt_token_limit"] = run["properties"].pop("max_prompt_tokens")
    run["required"][run["required"].index("max_prompt_tokens")] = "prompt_token_limit"
    for example in runs(document):
        example["prompt_token_limit"] = example.pop("max_prompt_tokens")


def add_request_field(document: Document) -> None:
    schemas(document)["ModifyRunRequest"]["properties"]["priority"] = {"description": "How urgent.", "type": "integer"}


@dataclass(frozen=True)
class Edit:
    """A change of the spec, and the decisions it needs: text that the failure must contain, if any."""

    name: str
    make: Callable[[Document], None]
    decide: tuple[str, ...] = ()


EDITS = [
    Edit("a field more", add_field),
    Edit("an enum value more", add_enum_value),
    Edit("a tool type more", add_tool_type),
    Edit("a limit changed", change_limit),
    Edit("a field removed", remove_field, ("raise info.version",)),
    Edit("a required field more", add_required_field, ('example RunDocumented: "project_id" is a required property',)),
    Edit("a type changed", change_type, ("raise info.version",)),
    Edit("two operations more", add_operations),
    Edit("a response more", add_response),
    Edit("a field renamed", rename_field, ("raise info.version",)),
    Edit("a field more in the request", add_request_field, ("runs.update lacks the parameters ['priority']",)),
]


@dataclass
class Outcome:
    """What each step did; a step that failed keeps what it printed."""

    edit: Edit
    failures: dict[str, str] = field(default_factory=dict)
    verdict: str = ""
    seconds: float = 0

    @property
    def as_expected(self) -> bool:
        printed = "\n".join(self.failures.values())
        return bool(self.failures) == bool(self.edit.decide) and all(text in printed for text in self.edit.decide)


def rehearse(edit: Edit) -> Outcome:
    """Make the change in a clone of the repository, and run there what a maintainer would."""
    outcome = Outcome(edit)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
        if (ROOT / ".mypy_cache").exists():
            shutil.copytree(ROOT / ".mypy_cache", clone / ".mypy_cache")
        document = yaml.safe_load((clone / SPEC.name).read_text("utf-8"))
        edit.make(document)
        (clone / SPEC.name).write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
        packages = os.pathsep.join([str(clone / "src"), str(clone / "generated")])
        env = {**os.environ, "PYTHONPATH": packages, "PROFILE": "quick"}
        steps = {
            "generate": ["-m", "scripts.generate"],
            "check": ["-m", "scripts.check"],
            "diff": ["-m", "scripts.diff", "--base", "HEAD"],
            "tests": ["-m", "pytest", "--quiet", "-p", "no:cacheprovider", *TESTS],
            "conformance suite": ["-m", "scripts.conformance"],
            "call": ["-W", "ignore", "-c", CALL],
        }
        for name, arguments in steps.items():
            done = subprocess.run([sys.executable, *arguments], cwd=clone, env=env, capture_output=True, text=True)
            if done.returncode != 0:
                outcome.failures[name] = done.stdout + done.stderr
            if name == "diff":
                found = re.search(r"^Version: (.*)$", done.stdout, re.MULTILINE)
                outcome.verdict = found[1].partition(";")[0] if found else "none"
    outcome.seconds = time.monotonic() - started
    return outcome


def table(outcomes: list[Outcome]) -> str:
    lines = ["| change | follows by itself | left to a person | verdict |", "|---|---|---|---|"]
    for outcome in outcomes:
        said = "; ".join(outcome.edit.decide) or "nothing"
        failed = ", ".join(outcome.failures) or "everything"
        follows = f"all but {failed}" if outcome.failures else failed
        lines.append(f"| {outcome.edit.name} | {follows} | {said} | {outcome.verdict} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="the change to rehearse; all by default")
    arguments = parser.parse_args()
    edits = [edit for edit in EDITS if arguments.only in (None, edit.name)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(rehearse, edits))
    print(table(outcomes))
    wrong = [outcome for outcome in outcomes if not outcome.as_expected]
    for outcome in wrong:
        print(f"\n{outcome.edit.name}: not as expected", *outcome.failures.values(), sep="\n", file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

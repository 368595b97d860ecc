"""Judges applications in process, by the few cases that a test is about."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from scripts.repository import SPEC
from tests.conformance.wrong_servers import Mutant, MutantApp
from tests.conformance.wrong_servers.runs import KEY, runs
from thread_runs_conformance import judge
from thread_runs_conformance.result import Report

TARGETS = tuple({"thread_id": run["thread_id"], "run_id": run["id"]} for run in runs())


def wrong_server(mutant: Mutant, folder: Path) -> MutantApp:
    """The application of a wrong server.

    Args:
        folder: Where the document is written that the server serves, if that is what is wrong.
    """
    spec = None
    if mutant.edit is not None:
        document = yaml.safe_load(SPEC.read_text("utf-8"))
        mutant.edit(document)
        spec = folder / "openapi.yaml"
        spec.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
    return MutantApp(mutant, spec, runs(), KEY)


def judged(app: Any, only: str, *, targets: Sequence[Any] = TARGETS, **options: Any) -> Report:
    """The report on an application that serves openapi.yaml.

    Args:
        only: Text that the ids of the cases contain.
    """
    given = {"disposable": True, "profile": "quick", "pause": 0, **options}
    return judge("http://server.test/v1", targets, app=app, bearer=KEY, only=only, **given)

"""Other specs than openapi.yaml: the suite judges their servers, with and without a generated client."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.servers.others import OTHERS, OtherServer
from thread_runs_conformance import judge
from thread_runs_conformance.report import WRITERS

BY_NAME = {other.name: other for other in OTHERS}


def judged(other: OtherServer, fault: str = "", **options: Any) -> Any:
    name, value = other.header
    given: dict[str, Any] = {"disposable": True, "profile": "quick", "pause": 0, **options}
    return judge(
        base_url=f"http://other.test{other.base_path}",
        app=other.create_app(fault),
        targets=other.targets,
        spec=other.spec,
        headers={name: value},
        **given,
    )


@pytest.mark.slow
@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.name)
def test_a_right_server_has_no_finding_and_every_operation_is_judged(other: OtherServer) -> None:
    report = judged(other)
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)
    assert report.not_judged == {}


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.name)
def test_on_a_live_server_nothing_is_created_or_deleted(other: OtherServer) -> None:
    report = judged(other, disposable=False, only="resources")
    assert (report.findings, report.errors, report.not_restored) == ([], [], [])
    assert all("live server" in reason for reason in report.not_judged.values() if "case" not in reason)


@pytest.mark.parametrize(
    ("name", "fault", "only", "code"),
    [
        ("inventory", "explicit false", "limits", "change-not-shown"),
        ("inventory", "list omits", "resources", "create-not-listed"),
        ("bookings", "one day off", "limits", "wrong-resource"),
        ("tickets", "deleted is shown", "resources", "deleted-still-there"),
        ("tickets", "created differs", "resources", "create-not-readable"),
        ("tickets", "password by its beginning", "authentication", "invalid-request-accepted"),
    ],
)
def test_a_wrong_server_has_a_finding_of_its_kind(name: str, fault: str, only: str, code: str) -> None:
    report = judged(BY_NAME[name], fault, only=only)
    assert code in [finding.code for finding in report.findings], WRITERS["text"](report)


def test_a_client_of_the_stock_generator_sends_the_valid_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = BY_NAME["inventory"]
    command = ["-m", "openapi_python_client", "generate", "--path", str(other.spec), "--meta", "none"]
    target = tmp_path / "inventory_client"
    done = subprocess.run(
        [sys.executable, *command, "--output-path", str(target)], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.syspath_prepend(str(tmp_path))
    report = judged(other, client="inventory_client", only="examples")
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)

"""Right servers that share no code with the mock: the suite has nothing to say about them."""

import pytest

from scripts.mutants.subjects import RIGHT, Subject
from tests import deep
from thread_runs_conformance import judge

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]
# `make test-deep` and `make mutants` judge all.
SAMPLE = ["fastapi, merge", "nginx, replace", "bookings"]
INDEPENDENT = sorted(
    (subject for subject in RIGHT if not subject.name.startswith("mock")),
    key=lambda subject: subject.name not in SAMPLE,
)


@pytest.mark.deep
@pytest.mark.parametrize("subject", INDEPENDENT[: deep.examples(len(SAMPLE))], ids=lambda subject: subject.name)
def test_a_right_server_conforms(subject: Subject) -> None:
    with subject.serve() as served:
        report = judge(
            served.base_url,
            served.targets,
            headers=served.headers,
            spec=served.spec,
            disposable=True,
            profile="quick",
            pause=0,
        )
    assert report.exit_status == 0, [*report.findings, *report.errors, *report.cut_off]
    assert report.not_judged == {}


def test_a_live_server_conforms_and_gets_its_runs_back() -> None:
    (subject,) = (subject for subject in RIGHT if subject.name == "fastapi, merge")
    with subject.serve() as served:
        report = judge(served.base_url, served.targets[:1], headers=served.headers, profile="quick", pause=0)
    assert (report.exit_status, report.not_restored) == (0, []), report.findings

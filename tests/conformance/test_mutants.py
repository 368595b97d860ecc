"""The servers that the suite is measured with, and mutants of source; `make mutants` judges them all."""

import ast
from typing import Any

import pytest

from scripts.mutants import report, source
from scripts.mutants.judging import Job, Outcome, Settings, judge_all
from scripts.mutants.subjects import RIGHT, WRONG, OtherSpecServer
from thread_runs_conformance import judge


def test_each_server_has_its_own_name() -> None:
    names = [(subject.group, subject.name) for subject in [*WRONG, *RIGHT]]
    assert len(set(names)) == len(names) >= 550


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_seed_draws_the_same_mutants_again() -> None:
    drawn = source.sample(3, 7)
    assert drawn == source.sample(3, 7)
    assert drawn != source.sample(3, 8)
    assert all(mutant.before != mutant.after for mutant in drawn)


def names_in(text: str) -> set[str]:
    """The qualified names of all functions and classes."""

    def within(body: list[ast.stmt], prefix: str) -> set[str]:
        found = set()
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found |= {prefix + node.name, *within(node.body, f"{prefix}{node.name}.")}
        return found

    return within(ast.parse(text).body, "")


@pytest.mark.unmeasured
@pytest.mark.parametrize("review", source.reviews(), ids=lambda review: f"{review.function or review.before}")
def test_each_review_is_about_existing_code(review: source.Review) -> None:
    assert review.verdict in ("equivalent", "unreachable", "outside the spec")
    assert review.reason.endswith(".")
    assert review.module in source.modules()
    text = source.source(review.module)
    if review.function:
        assert review.function in names_in(text)
    else:
        lines = [" ".join(line.split()) for line in text.splitlines()]
        assert review.before in lines or review.before in " ".join(lines)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_mutants_of_source_are_caught() -> None:
    more = source.mutant(source.FASTAPI, "core/NumberReplacer", 2)
    assert more is not None
    assert more.after == "MAX_PAIRS = 17"
    (outcome,) = judge_all([Job(more, Settings(profile="quick"))], 1)
    assert outcome.state == "caught"


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_wrong_server_of_another_spec_is_caught_and_a_right_one_is_not() -> None:
    servers = [subject for subject in [*WRONG, *RIGHT] if isinstance(subject, OtherSpecServer)]
    chosen = [server for server in servers if server.other.name == "inventory" and server.fault in ("", "list merged")]
    outcomes = judge_all([Job(server, Settings(profile="quick")) for server in chosen], 2)
    assert {outcome.subject.group: outcome.state for outcome in outcomes} == {
        "right": "escaped",
        "spec inventory": "caught",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "only", "code"),
    [
        ("a caller that speaks HTTP/1.0 is answered in chunks", "connection: HTTP/1.0", "bad-framing"),
        ("of two requests in one packet the second is dropped", "pipelining", "connection-out-of-step"),
        (
            "after a 413 the body is read as the beginning of the next request",
            "does not wait for a very large body",
            "connection-out-of-step",
        ),
        ("without Accept, errors are HTML", "spelled rejections: modifyRun: no Accept", "content-type"),
        (
            "after three wrong keys in a row the right one is refused once",
            "a read after several wrong credentials",
            "read-after-rejection",
        ),
        (
            "with Accept-Language: de, numbers have a decimal comma",
            "modifyRun: coding: German is preferred",
            "spelling-changes-meaning",
        ),
        ("after five rejections in a row the next request is answered 503", "several wrong values", "server-error"),
        (
            "the first request after three idle seconds on a connection is answered 503",
            "at the end",
            "server-error",
        ),
    ],
)
def test_a_wrong_server_on_a_socket_is_caught(name: str, only: str, code: str) -> None:
    wrong = next(subject for subject in WRONG if subject.name == name)
    options: dict[str, Any] = {"profile": "quick", "pause": 3.3, "timeout": 2, "exitfirst": True}
    with wrong.serve() as served:
        report = judge(served.base_url, served.targets, headers=served.headers, disposable=True, only=only, **options)
    assert [finding.code for finding in report.findings] == [code], report.findings


def test_figures_by_class() -> None:
    found = [(WRONG[0], ("schema",)), (WRONG[1], ()), (WRONG[-1], ("schema", "allow", "no-response"))]
    outcomes = [Outcome(subject, "caught" if codes else "escaped", codes) for subject, codes in found]
    text = report.table(outcomes, {})
    assert f"| {WRONG[0].group} | 2 | 1 |" in text
    assert "| **all** | **3** | **2** |" in text
    assert report.findings_per_defect(outcomes) == (
        "findings for each defect: median 2, 95th percentile 3, most 3; 100% have at most 3"
    )

"""What holds for every response, whatever was asked: framing, content codings, secrets."""

import gzip
from collections.abc import Callable

import pytest

import thread_runs_mock
from tests.conformance.judging import Answer, editing, judged
from tests.conformance.wrong_servers.runs import KEY, runs
from thread_runs_conformance.report import WRITERS
from thread_runs_conformance.result import Report


def report_on(edit: Callable[[Answer], None]) -> Report:
    """The report on the mock with its responses edited."""
    application = thread_runs_mock.create_app(runs=runs(), api_key=KEY)
    return judged(editing(application, lambda method, path, body, answer: edit(answer)), "targets")


def adding(*pairs: tuple[str, str]) -> Callable[[Answer], None]:
    return lambda answer: answer.headers.extend(pairs)


def not_compressed(answer: Answer) -> None:
    answer.headers.append(("Content-Encoding", "gzip"))


def encoded_twice(answer: Answer) -> None:
    answer.body = gzip.compress(answer.body)
    answer.headers += [("Content-Encoding", "compress"), ("Content-Encoding", "gzip")]


def no_content(answer: Answer) -> None:
    answer.status = 204


@pytest.mark.parametrize(
    ("edit", "code", "words"),
    [
        (adding(("Content-Length", "7"), ("Content-Length", "8")), "bad-framing", "several values of `Content-Length`"),
        (
            adding(("Content-Length", "7"), ("Transfer-Encoding", "chunked")),
            "bad-framing",
            "both `Content-Length` and `Transfer-Encoding`",
        ),
        (adding(("Content-Type", "application/json")), "bad-framing", "several `Content-Type` headers"),
        (no_content, "bad-framing", "a body with the status 204"),
        (not_compressed, "bad-content-encoding", "cannot be decoded as its `Content-Encoding` says"),
        (encoded_twice, "bad-content-encoding", "encoded with compress, which the request did not offer"),
        (adding(("X-Debug", f"key={KEY}")), "secret-in-response", "repeats the credential"),
        (adding(("X-Debug", KEY[:-4])), "secret-in-response", "or most of it"),
    ],
)
def test_a_message_that_violates_http_is_detected(edit: Callable[[Answer], None], code: str, words: str) -> None:
    report = report_on(edit)
    found = [finding for finding in report.findings if finding.code == code]
    assert [words in finding.sentence for finding in found] == [True], WRITERS["text"](report)
    assert found[0].place.file.startswith("RFC ")
    assert f"spec      {found[0].place.file}, section" in WRITERS["text"](report)
    assert report.errors == []


def without_half_of_its_properties(answer: Answer) -> None:
    given = answer.json()
    answer.set_json({name: value for index, (name, value) in enumerate(given.items()) if index % 2})


def test_a_defect_is_counted_once_for_each_response() -> None:
    report = report_on(without_half_of_its_properties)
    missing = next(finding for finding in report.findings if "is a required property" in finding.sentence)
    assert 1 < missing.seen <= report.requests

"""Schemathesis' own checks, in addition to ours: a second, independent interpretation of the spec."""

from datetime import timedelta
from typing import Any

import httpx
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import Failure, FailureGroup

from thread_runs_conformance.operations import Operation
from thread_runs_conformance.subject import Subject

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def validate(subject: Subject, operation: Operation, case: Any) -> None:
    """Let schemathesis check the last exchange. Failures that only it reports become findings, too."""
    exchange = subject.sender.wire.last
    if exchange.fault or exchange.coding_fault or len(subject.findings):
        return  # The suite's own findings say it better.
    request = httpx.Request(
        exchange.method, exchange.url, headers=list(exchange.request_headers), content=exchange.request_body
    )
    # The body is decoded already.
    headers = [pair for pair in exchange.headers if pair[0].lower() not in ("content-encoding", "content-length")]
    response = httpx.Response(exchange.status, headers=headers, content=exchange.body, request=request)
    response.elapsed = timedelta(seconds=exchange.seconds)
    try:
        case.validate_response(response, checks=CHECKS)
    except (Failure, FailureGroup) as failures:
        for failure in getattr(failures, "exceptions", [failures]):
            title = getattr(failure, "title", type(failure).__name__)
            subject.findings.add(
                "schemathesis",
                f"Schemathesis reports: {title}: {failure}",
                subject.spec.place(f"{operation.pointer}/responses"),
                exchange,
                key=type(failure).__name__,
            )

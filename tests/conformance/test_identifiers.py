"""Identifiers that name nothing, on servers that find something by them."""

import re
from dataclasses import replace
from urllib.parse import quote, unquote

from tests.conformance.judging import judged
from tests.conformance.wrong_servers.proxy import Handler, Mutant, MutantApp, Request, Response
from tests.conformance.wrong_servers.runs import KEY, runs

JOINED = {f"{run['thread_id']}_{run['id']}": run for run in runs()}


def keeps_runs_by_joined_identifiers(inner: Handler) -> Handler:
    """A server that keeps each run by `thread_id`, an underscore and `run_id`."""

    async def handle(request: Request) -> Response:
        found = re.fullmatch("/v1/threads/([^/]+)/runs/([^/]+)", request.path.decode())
        if found is not None:
            run = JOINED.get(f"{unquote(found[1])}_{unquote(found[2])}")
            if run is not None:
                path = f"/v1/threads/{quote(run['thread_id'], safe='')}/runs/{quote(run['id'], safe='')}"
                return await inner(replace(request, path=path.encode()))
        return await inner(request)

    return handle


def test_a_server_that_joins_identifiers_takes_one_resource_for_another() -> None:
    application = MutantApp(Mutant("joined", "identifiers", keeps_runs_by_joined_identifiers), None, runs(), KEY)
    report = judged(application, "identifiers")
    assert [(finding.code, finding.sentence) for finding in report.findings] == [
        (
            "invalid-request-accepted",
            "A request with the identifiers of a resource, joined by '_' and split at another place, is accepted; it "
            "must be rejected.",
        )
    ]

"""How the server is reached: proxies, TLS, connections that close, applications that do not answer."""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

import thread_runs_mock
from tests.conformance.judging import TARGETS, judged
from tests.conformance.wrong_servers import Mutant, MutantApp, wire
from tests.conformance.wrong_servers.proxy import Request, Response
from tests.conformance.wrong_servers.runs import KEY, runs
from thread_runs_conformance import judge
from thread_runs_conformance.__main__ import main
from thread_runs_conformance.report import WRITERS
from thread_runs_conformance.result import Report


@contextlib.contextmanager
def serving(connection: type[wire.Connection] = wire.Connection, **options: Any) -> Iterator[str]:
    """Serve the mock by the wire server; gives its base URL."""
    application = MutantApp(Mutant("right", "right"), None, runs(), KEY)
    with wire.serve(application.handler, connection, **options) as origin:
        yield f"{origin}/v1"


def judged_at(base_url: str, only: str, **options: Any) -> Report:
    given = {"disposable": True, "profile": "quick", "pause": 0, **options}
    return judge(base_url, TARGETS, bearer=KEY, only=only, **given)


def test_a_proxy_is_used() -> None:
    with serving() as base_url:
        proxy = base_url.removesuffix("/v1")
        report = judged_at("http://server.invalid/v1", "targets", proxy=proxy)
        assert (report.findings, report.exit_status) == ([], 0)
        # What needs a socket of its own to the server is not tried.
        report = judged_at("http://server.invalid/v1", "no space after the colon", proxy=proxy)
    assert report.not_tried == {"it needs a socket to the server, without a proxy": len(report.cases) - 1}


def test_the_proxy_of_the_environment_is_used_unless_it_is_bypassed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as base_url:
        monkeypatch.setenv("http_proxy", base_url.removeprefix("http://").removesuffix("/v1"))
        assert judged_at("http://server.invalid/v1", "targets").exit_status == 0
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert judged_at(base_url, "targets").exit_status == 0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Any:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path_factory.mktemp("tls") / "ca.pem"))
    return authority


def test_a_server_with_tls_asks_for_a_certificate_and_gets_it(
    tmp_path: Path, authority: trustme.CA, capsys: pytest.CaptureFixture[str]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    bundle, certificate, key = (tmp_path / name for name in ("ca.pem", "client.pem", "client.key"))
    authority.cert_pem.write_to_path(str(bundle))
    issued = authority.issue_cert("client@example.com")
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    with serving(tls=context) as base_url:
        arguments = ["--base-url", base_url, "--bearer", KEY, "--pause", "0", "--profile", "quick"]
        arguments += ["--target", "thread_id=thread_Wrong_a,run_id=run_Wrong_1", "--only", "headers: no space after"]
        assert main([*arguments, "--ca-bundle", str(bundle), "--client-cert", f"{certificate},{key}"]) == 0
        assert "The server conforms to the spec." in capsys.readouterr().out
        assert main([*arguments, "--client-cert", f"{certificate},{key}"]) == 2
        out = capsys.readouterr().out
        assert "Not judged to the end: the server does not respond" in out
        assert "CERTIFICATE_VERIFY_FAILED" in out
        assert main([*arguments, "--ca-bundle", "false", "--client-cert", f"{certificate},{key}"]) == 0


def test_a_connection_that_is_closed_while_it_is_idle_is_not_a_finding() -> None:
    """RFC 9112, 9.5: a client sends the request once more on a new connection."""

    class OneRequest(wire.Connection):
        async def respond(self, request: Request) -> Response | None:
            return await super().respond(request) if self.number == 1 else None

    with serving(OneRequest) as base_url:
        for only in ("targets", "header names in lower case"):
            report = judged_at(base_url, only)
            assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)


def test_a_connection_that_is_closed_at_once_is_a_finding() -> None:
    class Silent(wire.Connection):
        async def respond(self, request: Request) -> Response | None:
            return None

    with serving(Silent) as base_url:
        report = judged_at(base_url, "targets")
    assert [finding.code for finding in report.findings] == ["no-response"]
    assert "There is no HTTP response (RemoteProtocolError)." in report.findings[0].sentence
    assert report.exit_status == 2


def test_a_response_that_is_not_http_is_a_finding() -> None:
    class NotHttp(wire.Connection):
        async def respond(self, request: Request) -> Response | None:
            if any(name.isupper() for name, _ in request.pairs):
                self.writer.write(b"welcome\r\n\r\n")
                await self.writer.drain()
                return None
            return await super().respond(request)

    with serving(NotHttp) as base_url:
        report = judged_at(base_url, "headers: header names in upper case")
    assert [finding.code for finding in report.findings] == ["spelling-rejected"], WRITERS["text"](report)
    assert "not accepted (BadStatusLine)" in report.findings[0].sentence


def test_a_server_whose_connection_gets_out_of_step_is_detected() -> None:
    class Behind(wire.Connection):
        """Answers the request after one with a range with 503."""

        ranged = False

        async def respond(self, request: Request) -> Response | None:
            response = await super().respond(request)
            if self.ranged and response is not None:
                response.status = 503
            self.ranged = "range" in request.headers
            return response

    with serving(Behind) as base_url:
        report = judged_at(base_url, "conditions: a range")
    found = [finding for finding in report.findings if finding.code == "connection-out-of-step"]
    assert [finding.sentence for finding in found] == [
        "After a request (a range), the next one on the same connection is not answered as usual: 503."
    ]


def test_an_application_that_does_not_answer_in_time_is_a_finding() -> None:
    async def hanging(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        await asyncio.sleep(3600)

    report = judged(hanging, "targets", timeout=0.05)
    assert report.exit_status == 2
    assert [finding.code for finding in report.findings] == ["no-response"]
    assert "There is no HTTP response (ReadTimeout)." in report.findings[0].sentence
    assert "the server does not respond" in report.verdict


def test_the_lifespan_of_an_application_begins_and_ends() -> None:
    inner: Any = thread_runs_mock.create_app(runs=runs(), api_key=KEY)
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for state in ("startup", "shutdown"):
                events.append((await receive())["type"])
                await send({"type": f"lifespan.{state}.complete"})
            return
        assert events == ["lifespan.startup"]
        await inner(scope, receive, send)

    assert judged(app, "targets").exit_status == 0
    assert events == ["lifespan.startup", "lifespan.shutdown"]


@pytest.mark.parametrize(("seconds", "codes"), [(0, []), (60, ["connection-left-open"])])
def test_a_connection_is_closed_after_the_last_request(seconds: int, codes: list[str]) -> None:
    class Waiting(wire.Connection):
        async def serve(self) -> None:
            await super().serve()
            await asyncio.sleep(seconds)

    with serving(Waiting) as base_url:
        report = judged_at(base_url, "spellings: modifyRun: connection: the connection is closed", timeout=0.3)
    assert [finding.code for finding in report.findings] == codes

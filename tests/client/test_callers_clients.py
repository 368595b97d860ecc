"""Auth flows, hooks, cookies, mounts and timeouts of a caller's HTTP client work as its library documents them."""

import json
from typing import Any

import pytest

import thread_runs
from thread_runs import AsyncClient, Client

from .calling import IGNORE_DEPRECATION, KEY, both, close, http_client, update
from .scripted_server import ScriptedServer

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]


def hook_for(kind: type[Client | AsyncClient], function: Any) -> Any:
    async def asynchronous(argument: Any) -> None:
        function(argument)

    return function if kind is Client else asynchronous


@both
async def test_digest_auth_sees_its_401_and_the_key_is_not_sent(
    library: Any, server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    own = http_client(library, kind, auth=library.DigestAuth("user", "password"))
    server.then("401 Unauthorized", b"{}", 'www-authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=MD5')
    server.then("200 OK", run)
    assert (await update(kind, server.url, http_client=own)).to_dict() == run
    first, second = server.requests
    assert b"authorization" not in first.lower()
    assert b'Authorization: Digest username="user"' in second
    assert KEY.encode() not in first + second
    await close(own)


@both
async def test_basic_auth_and_an_authorization_header_take_the_place_of_the_key(
    library: Any, server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run)
    for options in ({"auth": ("user", "password")}, {"headers": {"authorization": "Basic eDp5"}}):
        own = http_client(library, kind, **options)
        await update(kind, server.url, http_client=own)
        assert server.requests[-1].lower().count(b"authorization: basic ") == 1
        assert KEY.encode() not in server.requests[-1]
        await close(own)


@both
async def test_hooks_see_every_request_and_every_response(
    library: Any, server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    requests: list[str] = []
    responses: list[int] = []

    def on_request(request: Any) -> None:
        requests.append(request.url.path)
        request.headers["x-hook"] = str(len(requests))

    hooks = {
        "request": [hook_for(kind, on_request)],
        "response": [hook_for(kind, lambda response: responses.append(response.status_code))],
    }
    own = http_client(library, kind, event_hooks=hooks)
    server.then("503 Busy")
    server.then("200 OK", run)
    await update(kind, server.url, http_client=own)
    server.then("404 Not Found")
    with pytest.raises(thread_runs.NotFoundError):
        await update(kind, server.url, http_client=own)
    assert responses == [503, 200, 404]
    assert requests == ["/v1/threads/thread_1/runs/run_1"] * 3
    assert [b"x-hook: %d" % number in sent.lower() for number, sent in enumerate(server.requests, 1)] == [True] * 3
    await close(own)


@both
@pytest.mark.parametrize("reads", [False, True], ids=["before it is read", "after it is read"])
async def test_a_hook_that_raises_for_a_status_gives_the_typed_error(
    library: Any, server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient], reads: bool
) -> None:
    def check(response: Any) -> None:
        if reads:
            response.read()
        response.raise_for_status()

    async def async_check(response: Any) -> None:
        if reads:
            await response.aread()
        response.raise_for_status()

    own = http_client(library, kind, event_hooks={"response": [check if kind is Client else async_check]})
    server.then("503 Busy", b"", "retry-after: 0.001")
    server.then("404 Not Found", {"error": {"message": "No run."}}, "content-type: application/json; charset=hex")
    with pytest.raises(thread_runs.NotFoundError, match="No run" if reads else "the body is empty") as caught:
        await update(kind, server.url, http_client=own)
    assert caught.value.tries == 2
    assert isinstance(caught.value.response, library.Response)
    server.then("200 OK", run)
    assert (await update(kind, server.url, http_client=own)).to_dict() == run
    await close(own)


@both
async def test_a_hook_that_fails_is_an_api_error(
    library: Any, server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    def fail(response: Any) -> None:
        raise LookupError("no such thing")

    own = http_client(library, kind, event_hooks={"response": [hook_for(kind, fail)]})
    server.then("200 OK", run)
    with pytest.raises(thread_runs.APIConnectionError, match="LookupError: no such thing") as caught:
        await update(kind, server.url, http_client=own)
    assert isinstance(caught.value.__cause__, LookupError)
    await close(own)


@both
async def test_a_body_that_a_hook_has_read_is_bounded_too(
    library: Any, server: ScriptedServer, kind: type[Client | AsyncClient]
) -> None:
    own = http_client(library, kind, event_hooks={"response": [_read if kind is Client else _aread]})
    server.then("200 OK", b" " * 5000)
    with pytest.raises(thread_runs.APIResponseValidationError, match="longer than 1000 bytes") as caught:
        await update(kind, server.url, http_client=own, max_response_bytes=1000)
    assert len(caught.value.response.content) == 1000
    await close(own)


def _read(response: Any) -> None:
    response.read()


async def _aread(response: Any) -> None:
    await response.aread()


@both
async def test_cookies_are_kept_in_the_jar_of_the_caller(
    library: Any, server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    own = http_client(library, kind, cookies={"mine": "1"})
    server.then("200 OK", run, "set-cookie: theirs=2")
    for _ in range(2):
        await update(kind, server.url, http_client=own)
    assert b"theirs" not in server.requests[0]
    assert b"mine=1" in server.requests[1]
    assert b"theirs=2" in server.requests[1]
    assert own.cookies["theirs"] == "2"
    await close(own)


@both
async def test_mounts_are_used(library: Any, run: dict[str, Any], kind: type[Client | AsyncClient]) -> None:
    mounted = library.MockTransport(lambda request: library.Response(200, json=run))
    own = http_client(library, kind, mounts={"all://mounted.invalid": mounted})
    assert (await update(kind, "http://mounted.invalid/v1", http_client=own)).to_dict() == run
    await close(own)


@both
async def test_one_rule_says_which_timeout_holds(
    library: Any, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append(request.extensions["timeout"])
        return library.Response(200, json=run)

    def own(**options: Any) -> Any:
        return http_client(library, kind, transport=library.MockTransport(answer), **options)

    def four(seconds: float) -> dict[str, float]:
        return dict.fromkeys(("connect", "read", "write", "pool"), seconds)

    default = {**four(600), "connect": 5}
    rules: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], Any]] = [
        ({}, {}, {}, default),
        ({"timeout": 5}, {}, {}, default),
        ({"timeout": 7}, {}, {}, four(7)),
        ({"timeout": 7}, {"timeout": 8}, {}, four(8)),
        ({"timeout": 7}, {"timeout": 8}, {"timeout": 9}, four(9)),
        ({"timeout": 7}, {"timeout": 8}, {"timeout": None}, dict.fromkeys(four(0))),
    ]
    for callers, clients, calls, expected in rules:
        await update(kind, "http://example.invalid", calls, http_client=own(**callers), **clients)
        assert seen[-1] == expected
    assert kind(KEY, http_client=own(timeout=7)).timeout == library.Timeout(7)
    assert kind(KEY, http_client=own(timeout=7), timeout=8).timeout == 8


def test_the_clients_with_our_defaults(server: ScriptedServer, run: dict[str, Any]) -> None:
    server.then("200 OK", run)
    with thread_runs.DefaultHttpx2Client(headers={"x-own": "1"}, cookies={"a": "1"}) as own:
        assert own.timeout.connect == 5
        own.cookies = {**own.cookies, "b": "2"}
        with Client(KEY, base_url=server.url, http_client=own, deadline=30) as client:
            assert client.timeout == own.timeout
            assert client.beta.threads.runs.update("run_1", thread_id="thread_1").to_dict() == run
    assert b"x-own: 1" in server.requests[0]
    assert b"a=1; b=2" in server.requests[0]


async def test_the_asynchronous_client_with_our_defaults(server: ScriptedServer, run: dict[str, Any]) -> None:
    server.then("200 OK", run)
    async with thread_runs.DefaultAsyncHttpx2Client(timeout=9) as own:
        assert own.timeout.connect == 9
        async with AsyncClient(KEY, base_url=server.url, http_client=own, deadline=30) as client:
            assert (await client.beta.threads.runs.update("run_1", thread_id="thread_1")).to_dict() == run


def test_errors_carry_the_response_of_the_library(library: Any, server: ScriptedServer) -> None:
    server.then("404 Not Found", json.dumps({"error": {"message": "No."}}).encode())
    with library.Client() as own, Client(KEY, base_url=server.url, http_client=own) as client:
        with pytest.raises(thread_runs.NotFoundError) as caught:
            client.beta.threads.runs.update("run_1", thread_id="thread_1")
        assert isinstance(caught.value.response, library.Response)
        assert isinstance(caught.value.request, library.Request)
        assert isinstance(caught.value.response.url, library.URL)

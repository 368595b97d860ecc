"""httpx clients, transports and options of one's own; forks and pickles; what is imported when."""

import copy
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import pytest

import thread_runs
import thread_runs_mock
from thread_runs import AsyncClient, Client

from .calling import IGNORE_DEPRECATION, KEY, both, close, http_client, update
from .scripted_server import ScriptedServer

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]


@both
async def test_a_callers_http_client_is_used_and_not_closed(
    library: Any, server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    own = http_client(
        library,
        kind,
        headers={"x-own": "1", "user-agent": "own"},
        cookies={"own": "2"},
        follow_redirects=True,
        timeout=1,
        base_url="http://example.invalid",
    )
    before = (dict(own.headers), own.timeout, own.base_url, own.auth)
    server.then("200 OK", run)
    assert (await update(kind, server.url, http_client=own, timeout=9)).to_dict() == run
    (request,) = server.requests
    assert b"x-own: 1\r\n" in request
    assert b"Cookie: own=2\r\n" in request
    assert f"Authorization: Bearer {KEY}\r\n".encode() in request
    assert b"user-agent: own" not in request.lower()
    assert before == (dict(own.headers), own.timeout, own.base_url, own.auth)
    assert not own.is_closed
    # Its owner can still use its connections, and redirects are not followed with the key.
    server.then("302 Found", b"", "location: http://other.invalid/")
    with pytest.raises(thread_runs.APIStatusError, match=r"leads to other\.invalid"):
        await update(kind, server.url, http_client=own)
    await close(own)


def test_a_callers_http_client_that_is_closed_is_a_connection_error(library: Any, server: ScriptedServer) -> None:
    own = library.Client()
    client = Client(KEY, base_url=server.url, http_client=own)
    assert not client.is_closed
    own.close()
    assert client.is_closed
    with pytest.raises(thread_runs.APIConnectionError, match="has been closed"):
        client.beta.threads.runs.update("run_1", thread_id="thread_1")


def test_a_server_without_tls_is_a_connection_error(server: ScriptedServer) -> None:
    url = server.url.replace("http:", "https:")
    with Client(KEY, base_url=url, max_retries=0, timeout=0.2) as client, pytest.raises(thread_runs.APIConnectionError):
        client.beta.threads.runs.update("run_1", thread_id="thread_1")


def test_hosts_that_the_environment_exempts_from_its_proxy_are_reached(
    server: ScriptedServer, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server.then("200 OK", run)
    with Client(KEY, base_url=server.url) as client:
        assert client.beta.threads.runs.update("run_1", thread_id="thread_1").to_dict() == run


def test_the_auth_of_an_own_client_replaces_the_key(library: Any, server: ScriptedServer, run: dict[str, Any]) -> None:
    server.then("200 OK", run)
    with library.Client(auth=("user", "password")) as own, Client(KEY, base_url=server.url, http_client=own) as client:
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
    assert b"Authorization: Basic " in server.requests[0]


@both
async def test_a_custom_transport_is_used_and_closed(
    library: Any, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    class Transport(library.MockTransport):  # type: ignore[misc]
        closed = False

        def close(self) -> None:
            self.closed = True

        async def aclose(self) -> None:
            self.closed = True

    transport = Transport(lambda request: library.Response(200, json=run, headers={"x-request-id": "req_2"}))
    assert (await update(kind, "http://example.invalid/v1", transport=transport)).to_dict() == run
    assert transport.closed


EXCLUSIVE: list[tuple[Any, Any, type[Exception], str]] = [
    (Client, lambda lib: {"http_client": lib.AsyncClient()}, TypeError, "http_client must be"),
    (AsyncClient, lambda lib: {"http_client": lib.Client()}, TypeError, "http_client must be"),
    (Client, lambda lib: {"transport": lib.AsyncHTTPTransport()}, TypeError, "transport must be"),
    (AsyncClient, lambda lib: {"transport": lib.HTTPTransport()}, TypeError, "transport must be"),
    (Client, lambda lib: {"http_client": object()}, TypeError, "http_client must be"),
    (Client, lambda lib: {"http_client": lib.Client(), "verify": False}, ValueError, "only one"),
    (Client, lambda lib: {"transport": lib.HTTPTransport(), "proxy": "http://127.0.0.1:9"}, ValueError, "only one"),
    (Client, lambda lib: {"http_client": lib.Client(), "transport": lib.HTTPTransport()}, ValueError, "only one"),
    (Client, lambda lib: {"base_url": "http://user:password@127.0.0.1/v1"}, ValueError, "user name"),
]


@pytest.mark.parametrize(("kind", "options", "error", "text"), EXCLUSIVE)
def test_options_that_exclude_each_other_are_rejected(
    library: Any, kind: Any, options: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text) as caught:
        kind(KEY, **options(library))
    assert "password@" not in str(caught.value)


def test_a_proxy_is_used(server: ScriptedServer, run: dict[str, Any]) -> None:
    server.then("200 OK", run)
    with Client(KEY, base_url="http://example.invalid/v1", proxy=server.url.removesuffix("/v1")) as client:
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
    assert server.requests[0].startswith(b"POST http://example.invalid/v1/threads/thread_1/runs/run_1 ")


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_limits_and_proxies_of_either_library_are_used(name: str, server: ScriptedServer, run: dict[str, Any]) -> None:
    other = import_module(name)
    server.then("200 OK", run)
    proxy = other.Proxy(server.url.removesuffix("/v1"), auth=("user", "password"), headers={"x-proxy": "1"})
    limits = other.Limits(max_connections=1)
    with Client(KEY, base_url="http://example.invalid/v1", proxy=proxy, limits=limits) as client:
        client.beta.threads.runs.update("run_1", thread_id="thread_1", timeout=other.Timeout(9))
    assert b"Proxy-Authorization: Basic" in server.requests[0]
    assert b"x-proxy: 1" in server.requests[0].lower()


@both
async def test_headers_of_a_call_win(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run)
    headers = {"openai-beta": "assistants=v9", "x-default": "call", "authorization": "Bearer sk-call"}
    await update(kind, server.url, {"extra_headers": headers}, default_headers={"X-Default": "client"})
    (request,) = [request.lower() for request in server.requests]
    for name, value in headers.items():
        assert request.count(name.encode() + b": ") == 1
        assert f"{name}: {value}\r\n".lower().encode() in request


@both
async def test_the_timeout_of_a_call_wins(
    library: Any, server: ScriptedServer, kind: type[Client | AsyncClient]
) -> None:
    server.reply = None
    with pytest.raises(thread_runs.APITimeoutError):
        await update(kind, server.url, {"timeout": library.Timeout(0.05)}, max_retries=0)


@both
async def test_cookies_of_the_server_are_sent_back(
    library: Any, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    def answer(request: Any) -> Any:
        sent.append(request.headers.get("cookie"))
        return library.Response(200, json=run, headers={"set-cookie": "a=1"})

    sent: list[Any] = []
    client = kind(KEY, base_url="http://example.invalid", transport=library.MockTransport(answer))
    for _ in range(2):
        call: Any = client.beta.threads.runs.update("run_1", thread_id="thread_1")
        if kind is AsyncClient:
            await call
    assert sent == [None, "a=1"]


def test_many_threads_share_one_client() -> None:
    with thread_runs_mock.serve(create_missing=True) as server, Client(KEY, base_url=server.base_url) as client:

        def modify(number: int) -> Any:
            return client.beta.threads.runs.update(f"run_{number}", thread_id="thread_1", metadata={"n": str(number)})

        with ThreadPoolExecutor(32) as pool:
            runs = list(pool.map(modify, range(200)))
    assert [(run.id, dict(run.metadata)) for run in runs] == [(f"run_{n}", {"n": str(n)}) for n in range(200)]


FORK = """
import os, sys, warnings
import httpx
from thread_runs import Client
from thread_runs import APIConnectionError
warnings.simplefilter("ignore")
client = Client("k", base_url=sys.argv[1])
borrower = Client("k", base_url=sys.argv[1], http_client=httpx.Client())
def call(client):
    return client.beta.threads.runs.update("run_1", thread_id="thread_1", metadata={"k": "v"}).metadata["k"]
unused = Client("k", base_url=sys.argv[1])
assert call(client) == call(borrower) == "v"
parent_lock = client._connections._lock
parent_lock.acquire()  # as if another thread were making the connections
if os.fork() == 0:
    assert call(client) == call(unused) == "v"
    try:
        call(borrower)
    except APIConnectionError as error:
        assert "forked" in str(error)
        print("child done", flush=True)
    os._exit(0)
parent_lock.release()
assert os.wait()[1] == 0
assert call(client) == call(borrower) == "v"
print("parent done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_opens_connections_of_its_own() -> None:
    with thread_runs_mock.serve(create_missing=True) as server:
        done = subprocess.run(
            [sys.executable, "-c", FORK, server.base_url], capture_output=True, encoding="utf-8", timeout=60
        )
    assert (done.stdout, done.stderr) == ("child done\nparent done\n", "")


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_cannot_be_pickled_and_says_so(kind: type[Client | AsyncClient]) -> None:
    with pytest.raises(TypeError, match="do not pickle it") as caught:
        pickle.dumps(kind(KEY))
    assert KEY not in str(caught.value)
    with pytest.raises(TypeError, match="Client"):
        copy.deepcopy(kind(KEY))


def test_errors_can_be_pickled_without_the_key(server: ScriptedServer) -> None:
    server.then("429 Too Many Requests", {"error": {"message": "Slow.", "code": "slow"}}, "retry-after: 500")
    with Client(KEY, base_url=server.url) as client, pytest.raises(thread_runs.RateLimitError) as caught:
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
    data = pickle.dumps(caught.value)
    assert KEY.encode() not in data
    error = pickle.loads(data)
    assert type(error) is thread_runs.RateLimitError
    assert str(error) == str(caught.value)
    assert (error.code, error.retry_after, error.request_id, error.tries) == ("slow", 500, "req_1", 1)
    assert error.response.json() == caught.value.response.json()
    assert error.response.request is error.request
    assert caught.value.request.headers["authorization"] == f"Bearer {KEY}"


def test_connection_and_limit_errors_can_be_pickled() -> None:
    with Client(KEY, base_url="http://127.0.0.1:9", max_retries=0) as client:
        with pytest.raises(thread_runs.APIConnectionError) as caught:
            client.beta.threads.runs.update("run_1", thread_id="thread_1")
        error = pickle.loads(pickle.dumps(caught.value))
        assert (str(error), error.request.url) == (str(caught.value), caught.value.request.url)
        with pytest.raises(thread_runs.InvalidRequestError) as refused:
            client.beta.threads.runs.update("run_1", thread_id="thread_1", metadata={"k": 1})  # type: ignore[dict-item]
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)


@both
@pytest.mark.parametrize(
    ("location", "host"),
    [("https://other.invalid/v1", "other.invalid"), ("/elsewhere", "127.0.0.1")],
)
async def test_redirects_are_not_followed(
    server: ScriptedServer, kind: type[Client | AsyncClient], location: str, host: str
) -> None:
    server.then("307 Temporary Redirect", b"", f"location: {location}")
    with pytest.raises(thread_runs.APIStatusError, match=f"not followed, and this one leads to {host}"):
        await update(kind, server.url)
    assert len(server.requests) == 1


INVALID_LOCATIONS = [
    "http://host:port/",
    "http://[::1",
    "http://\x7f/",
    "http://xn--é.invalid/",
    "http://" + "a" * 66_000,
]


@both
@pytest.mark.parametrize("location", [*INVALID_LOCATIONS, "mailto:someone@example.com"], ids=range(6))
async def test_a_redirect_to_an_invalid_address_is_the_error_of_its_status(
    library: Any, kind: type[Client | AsyncClient], location: str
) -> None:
    def redirect(request: Any) -> Any:
        requests.append(request)
        return library.Response(307, headers=[(b"Location", location.encode())], content=b"moved")

    requests: list[Any] = []
    with pytest.raises(thread_runs.APIStatusError, match=r"307 .*not followed, and this one leads to ") as caught:
        await update(kind, "http://example.com", transport=library.MockTransport(redirect))
    assert location not in INVALID_LOCATIONS or "leads to no valid address" in str(caught.value)
    assert caught.value.response.headers.raw[0] == (b"Location", location.encode())
    assert len(requests) == 1


@both
@pytest.mark.parametrize("location", INVALID_LOCATIONS, ids=range(5))
async def test_on_a_callers_client_a_redirect_to_an_invalid_address_is_an_error_without_retries(
    library: Any, kind: type[Client | AsyncClient], location: str
) -> None:
    def redirect(request: Any) -> Any:
        requests.append(request)
        return library.Response(307, headers=[(b"Location", location.encode())])

    requests: list[Any] = []
    own = getattr(library, kind.__name__)(transport=library.MockTransport(redirect))
    # httpx raises before anyone sees the response, so its status is not known.
    expected = thread_runs.APIConnectionError if library.__name__ == "httpx" else thread_runs.APIStatusError
    with pytest.raises(expected, match="redirects are not followed, and this one leads to no valid address"):
        await update(kind, "http://example.com", http_client=own)
    assert len(requests) == 1


def python(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True).stdout


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = "{'httpx', 'httpx2', 'attrs', 'dateutil.parser', 'thread_runs_client.models', 'anyio'}"
    assert python(f"import sys, thread_runs; print({heavy} & set(sys.modules))") == "set()\n"
    client = "import sys; from thread_runs import Client; Client('k'); "
    assert (
        python(client + "print({'dateutil.parser', 'thread_runs_client.models.run'} & set(sys.modules))") == "set()\n"
    )


def test_every_public_name_is_there() -> None:
    for name in thread_runs.__all__:
        assert getattr(thread_runs, name) is not None
    assert set(thread_runs.__all__) <= set(dir(thread_runs))
    with pytest.raises(AttributeError, match="'thread_runs' has no attribute 'nothing'"):
        _ = thread_runs.nothing  # type: ignore[attr-defined]
    assert python("from thread_runs import *; print(Client, Run, UNSET)").startswith("<class")


def test_a_transport_is_recognized_beside_the_vendors_sdk(library: Any) -> None:
    """The SDK overwrites `__module__` on the classes of httpx2 that it exports."""
    import openai

    assert openai.__version__

    class Transport(library.BaseTransport):  # type: ignore[misc]
        pass

    with Client("k", base_url="http://example.invalid", transport=Transport()) as client:
        assert not client.is_closed

"""Settings of a client: each can be read, setting one works or raises, and copies share the connections."""

import json
import os
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import thread_runs
import thread_runs_mock
from thread_runs import AsyncClient, Client

from .calling import IGNORE_DEPRECATION, KEY, both, call, close, update
from .scripted_server import ScriptedServer

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]
README = Path(__file__).parents[2] / "README.md"


def target(request: bytes) -> str:
    return request.split()[1].decode()


def headers(request: bytes) -> list[bytes]:
    return request.lower().split(b"\r\n")


@both
async def test_settings_are_read_as_they_were_given(library: Any, kind: type[Client | AsyncClient]) -> None:
    client = kind(
        KEY,
        base_url=library.URL("http://127.0.0.1:9/v1"),
        timeout=3,
        max_retries=4,
        deadline=5,
        default_headers={"X-A": "b"},
        default_query={"q": 1},
        organization="org",
        project="proj",
    )
    assert (client.api_key, client.base_url, client.timeout) == (KEY, "http://127.0.0.1:9/v1", 3)
    assert (client.max_retries, client.deadline, client.strict, client.responses) == (4, 5, True, "tolerant")
    assert (client.organization, client.project, client.max_response_bytes) == ("org", "proj", 10 * 1024 * 1024)
    assert (client.default_headers, client.default_query) == ({"X-A": "b"}, {"q": 1})
    assert client.is_closed is False
    assert kind(KEY).timeout == library.Timeout(600, connect=5)
    assert kind.deadline.__doc__
    with pytest.raises(TypeError, match="does not support item assignment"):
        client.default_headers["x-b"] = "c"  # type: ignore[index]


@both
async def test_setting_one_takes_effect_with_the_next_call(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("503 Busy")
    server.then("200 OK", run)
    client = kind(KEY, base_url="http://127.0.0.1:9")
    client.base_url = server.url + "?v=1"
    client.api_key = "sk-another"
    client.default_headers = {"user-agent": "mine"}
    client.default_query = {"v": 2}
    client.timeout = 9
    client.max_retries = 1
    await call(client)
    assert target(server.requests[1]) == "/v1/threads/thread_1/runs/run_1?v=2"
    assert b"authorization: bearer sk-another" in headers(server.requests[1])
    client.deadline = 1e-9
    with pytest.raises(thread_runs.APITimeoutError, match="deadline"):
        await call(client)
    client.strict, client.deadline = False, None
    await call(client, metadata={"k": "v" * 513})
    with pytest.raises(AttributeError, match="no setting 'max_retires'"):
        client.max_retires = 3
    with pytest.raises(ValueError, match="max_retries"):
        client.max_retries = -1
    with pytest.raises(AttributeError):
        client.is_closed = True  # type: ignore[misc]
    await close(client)


BAD: list[tuple[str, Any, type[Exception]]] = [
    *[("timeout", value, TypeError) for value in ("5", True, object(), (1, 2))],
    *[("timeout", value, ValueError) for value in (-1, 0, float("nan"), float("inf"), 1e10)],
    *[("deadline", value, TypeError) for value in ("5", True)],
    *[("deadline", value, ValueError) for value in (-1.5, 0, float("nan"), float("inf"))],
    *[("max_retries", value, TypeError) for value in (None, "2", 1.5, True)],
    ("max_retries", -1, ValueError),
    ("strict", "no", TypeError),
    ("extra_headers", {"x y": "1"}, ValueError),
    ("extra_headers", {"x": "é"}, ValueError),
    ("extra_headers", {"x": "a\nb"}, ValueError),
    ("extra_headers", {"x": 1}, TypeError),
    ("extra_headers", [("x", "1")], TypeError),
    ("extra_query", "a=b", TypeError),
    ("extra_body", "a=b", TypeError),
]


@both
@pytest.mark.parametrize(("option", "value", "error"), BAD)
async def test_an_invalid_option_of_a_call_is_named(
    server: ScriptedServer, kind: type[Client | AsyncClient], option: str, value: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=option) as caught:
        await update(kind, server.url, {option: value})
    assert type(caught.value) is error
    assert server.requests == []


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        *[(option.replace("extra_", "default_"), value, error) for option, value, error in BAD if "body" not in option],
        ("max_response_bytes", 0, ValueError),
        ("max_response_bytes", 1.5, TypeError),
        ("organization", "a\nb", ValueError),
        ("base_url", "http://127.0.0.1/v1#here", ValueError),
        ("base_url", "http://[::1", ValueError),
        ("verify", "/etc/ssl", TypeError),
        ("proxy", "gopher://127.0.0.1", ValueError),
        ("proxy", "http://[::1", ValueError),
        ("limits", 5, TypeError),
        ("api_key", 5, TypeError),
    ],
)
def test_an_invalid_option_of_a_client_is_named(kind: Any, option: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=option):
        kind(**{"api_key": KEY, option: value})


@both
async def test_an_unknown_option_is_rejected(server: ScriptedServer, kind: type[Client | AsyncClient]) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'timeouts'"):
        await update(kind, server.url, {"timeouts": 3})


@both
async def test_names_of_headers_are_one_whatever_their_case(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run)
    await update(
        kind,
        server.url,
        {"extra_headers": {"x-TWO": "call", "HOST": "virtual.example"}},
        default_headers={"user-agent": "mine", "ACCEPT": "x/y", "X-Two": "client", "x-two": "again"},
    )
    sent = [line.partition(b":")[0] for line in headers(server.requests[0])]
    assert sorted(sent) == sorted(set(sent))
    assert b"user-agent: mine" in headers(server.requests[0])
    assert b"x-two: call" in headers(server.requests[0])
    assert b"host: virtual.example" in headers(server.requests[0])


@both
async def test_queries_are_merged(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run)
    extra = {"c": [1, True], "d": {"e": None, "f": "ü &"}, "b": 3}
    await update(kind, server.url + "?api-version=1&a=&b=1", {"extra_query": extra}, default_query={"b": 2, "g": "h"})
    expected = "?api-version=1&a=&g=h&c%5B%5D=1&c%5B%5D=true&d%5Bf%5D=%C3%BC%20%26&b=3"
    assert target(server.requests[0]) == "/v1/threads/thread_1/runs/run_1" + expected


@both
async def test_extra_body_is_added_and_not_checked(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run)
    await update(kind, server.url, {"metadata": {"a": "b"}, "extra_body": {"other": [1], "none": None}})
    assert server.bodies == [{"metadata": {"a": "b"}, "other": [1], "none": None}]


@both
async def test_a_function_gives_the_key_of_each_attempt(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    keys: list[str] = []

    def key() -> str:
        keys.append(f"sk-{len(keys)}")
        return keys[-1]

    async def async_key() -> str:
        return key()

    functions = [key] if kind is Client else [key, async_key]
    for function in functions:
        server.then("503 Busy")
        server.then("200 OK", run)
        client: Any = kind(function, base_url=server.url)  # type: ignore[arg-type]
        assert client.api_key is function
        await call(client)
        await close(client)
    sent = [next(line for line in headers(request) if b"authorization" in line) for request in server.requests]
    assert sent == [f"authorization: bearer sk-{number}".encode() for number in range(2 * len(functions))]


@both
@pytest.mark.parametrize(
    ("returned", "text"), [("", "API key is empty"), ("a b", "visible ASCII"), (5, "api_key must be a string")]
)
async def test_a_function_that_gives_no_valid_key_is_an_api_error(
    server: ScriptedServer, kind: type[Client | AsyncClient], returned: Any, text: str
) -> None:
    client: Any = kind(lambda: returned, base_url=server.url)
    with pytest.raises(thread_runs.APIError, match=text):
        await call(client)
    assert server.requests == []
    await close(client)


def test_a_blocking_client_rejects_a_coroutine_function() -> None:
    async def key() -> str:
        return KEY

    with pytest.raises(TypeError, match=r"api_key.*AsyncClient"):
        Client(key)  # type: ignore[arg-type]
    client = Client(KEY)
    with pytest.raises(TypeError, match=r"api_key.*AsyncClient"):
        client.api_key = key


@both
async def test_no_key_is_sent_if_the_key_is_none(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.then("200 OK", run)
    client: Any = kind(None, base_url=server.url)
    await call(client)
    await call(client.with_options(api_key=lambda: None))
    assert [request.lower().count(b"authorization") for request in server.requests] == [0, 0]
    await close(client)


@both
async def test_organization_and_project_are_sent(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.then("200 OK", run)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-env")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-env")
    await update(kind, server.url)
    await update(kind, server.url, organization="org-1", project="proj-1")
    for request, organization, project in zip(
        server.requests, [b"org-env", b"org-1"], [b"proj-env", b"proj-1"], strict=True
    ):
        assert b"openai-organization: " + organization in headers(request)
        assert b"openai-project: " + project in headers(request)


@both
async def test_a_copy_has_other_settings_and_the_same_connections(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run)
    client: Any = kind(KEY, base_url=server.url, default_headers={"X-A": "1", "x-b": "1"}, default_query={"q": 1})
    copy = client.with_options(max_retries=0, default_headers={"x-a": "2"}, default_query={"r": 2})
    other = client.copy(set_default_headers={"x-c": "3"}, set_default_query={}, api_key="sk-other")
    assert type(copy) is kind
    assert (client.max_retries, copy.max_retries) == (2, 0)
    assert (copy.default_headers, copy.default_query) == ({"x-b": "1", "x-a": "2"}, {"q": 1, "r": 2})
    assert (other.default_headers, other.default_query) == ({"x-c": "3"}, {})
    assert client.default_headers == {"X-A": "1", "x-b": "1"}
    assert client._connections is copy._connections is other._connections
    with pytest.raises(ValueError, match="set_default_headers"):
        client.copy(default_headers={}, set_default_headers={})
    with pytest.raises(TypeError, match="default_query"):
        client.copy(default_query="a=b")
    await call(other)
    await close(copy)
    assert (copy.is_closed, client.is_closed, other.is_closed) == (True, False, False)
    with pytest.raises(thread_runs.APIConnectionError, match="closed"):
        await call(copy)
    await call(client)
    await close(client)
    assert other.is_closed
    with pytest.raises(thread_runs.APIConnectionError, match="closed"):
        await call(other)


@both
async def test_a_copy_takes_a_context_and_leaves_the_connections(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run)
    client: Any = kind(KEY, base_url=server.url)
    await call(client)
    if kind is Client:
        with client, client.with_options(timeout=9) as copy:
            await call(copy)
    else:
        async with client, client.with_options(timeout=9) as copy:
            await call(copy)
    assert copy.is_closed
    assert client.is_closed
    for closed in (client, copy):
        with pytest.raises(thread_runs.ThreadRunsError, match="closed"):
            _ = closed.__enter__() if kind is Client else await closed.__aenter__()


@both
async def test_a_client_that_never_sent_can_be_closed(kind: type[Client | AsyncClient]) -> None:
    client = kind(KEY)
    await close(client)
    assert client.is_closed


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_clients_are_hashable_and_of_one_kind_of_context(kind: type[Client | AsyncClient]) -> None:
    client = kind(KEY)
    assert len({client, client.with_options()}) == 2
    assert hasattr(client, "__enter__") is (kind is Client)
    assert hasattr(client, "__aenter__") is (kind is AsyncClient)


def test_the_repr_of_a_client_whose_constructor_raised() -> None:
    for kind in (Client, AsyncClient):
        assert repr(object.__new__(kind)) == f"{kind.__name__}()"


@both
async def test_keepalive_of_tcp_is_on(kind: type[Client | AsyncClient]) -> None:
    with thread_runs_mock.serve(create_missing=True) as server:
        client: Any = kind(KEY, base_url=server.base_url)
        answer = client.beta.threads.runs.with_raw_response.update("run_1", thread_id="thread_1")
        raw = answer if kind is Client else await answer
        connection = raw.http_response.extensions["network_stream"].get_extra_info("socket")
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 60
        await close(client)


def test_the_certificate_of_the_server_is_verified_by_default(library: Any) -> None:
    for verify, mode in ((True, ssl.CERT_REQUIRED), (False, ssl.CERT_NONE)):
        client = Client(KEY, verify=verify, limits=library.Limits(max_connections=3))
        pool = client._connections.get()._transport._pool
        assert pool._ssl_context.verify_mode is mode
        assert pool._max_connections == 3


def test_the_first_example_of_the_readme_leaves_no_warning() -> None:
    example = README.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    assert "update(" in example
    with thread_runs_mock.serve(create_missing=True) as server:
        environment = {**os.environ, "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY}
        program = example.replace("http://127.0.0.1:4010/v1", server.base_url)
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "ignore::DeprecationWarning", "-c", program],
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
    assert done.stderr == ""
    assert json.loads(done.stdout)["object"] == "thread.run"


def test_unused_imports_are_left_to_those_who_need_them() -> None:
    program = "import sys; import httpx2; from thread_runs import Client; Client('k', http_client=httpx2.Client()); "
    program += "print('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8").stdout == "False\n"

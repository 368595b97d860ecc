"""Bad input of every kind: never a 5xx, never a hang, and the server still works afterwards."""

import contextlib
import json
import random
import re
import resource
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from tests import deep

from .conftest import DOCUMENTED, HEADERS

PATIENCE = 20
"""Seconds after which a request counts as hanging."""
MEMORY = 250 * 1024
"""KiB that the server may take, whatever is sent to it."""
HEAD = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
Address = tuple[str, int]


@pytest.fixture
def server(launch: Callable[..., tuple[Any, str]], request: pytest.FixtureRequest) -> Iterator[tuple[Address, int]]:
    """Address and process of a server that waits a second for a request; it must still work at the end."""
    timeout = getattr(request, "param", "1")
    process, url = launch("--quiet", "--request-timeout", timeout, "--create-missing")
    address = (httpx.URL(url).host, httpx.URL(url).port or 0)
    yield address, process.pid
    assert httpx.post(url + DOCUMENTED, json={}, headers=HEADERS, timeout=PATIENCE).status_code == 200
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak
    assert int(peak[1]) < MEMORY, status
    process.terminate()
    # No input leads to a traceback.
    assert process.communicate(timeout=PATIENCE) == ("", "")
    assert process.returncode == 0


def exchange(address: Address, data: bytes, *, half_close: bool = True) -> bytes:
    """Return everything that is received until the server closes the connection."""
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        parts = []
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts)


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def request(body: bytes, head: str = HEAD, path: str = DOCUMENTED, kind: str = "application/json") -> bytes:
    length = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"POST /v1{path} HTTP/1.1\r\nHost: a\r\n{head}{length}\r\n".encode() + body


BODIES: list[Callable[[random.Random], bytes]] = [
    lambda chance: chance.randbytes(chance.randrange(300)),
    lambda chance: b"[" * chance.randrange(200_000),
    lambda chance: b'{"metadata":' * chance.randrange(5_000) + b"1" + b"}" * chance.randrange(5_000),
    lambda chance: json.dumps({"metadata": {str(n): n for n in range(chance.randrange(60_000))}}).encode(),
    lambda chance: json.dumps({f"{n:070}": {} for n in range(chance.randrange(9_000))}).encode(),
    lambda chance: json.dumps({"metadata": {f"{n:070}": "" for n in range(chance.randrange(9_000))}}).encode(),
    lambda chance: b'{"metadata":{' + b",".join(b'"k":"%d"' % n for n in range(chance.randrange(50_000))) + b"}}",
    lambda chance: b'{"metadata":{"k":' + b"9" * chance.randrange(100_000) + b"}}",
    lambda chance: b'{"metadata":{"k":1e' + b"9" * chance.randrange(1, 9) + b"}}",
    lambda chance: b'{"metadata":{"' + b"\\u%04x" % chance.randrange(0xD700, 0xE100) + b'":""}}',
    lambda chance: json.dumps({"metadata": {"\0\u202e" * 9: "\x7f" * chance.randrange(600)}}).encode("utf-16"),
    lambda chance: b"\xef\xbb\xbf{}",
    lambda chance: b" " * chance.randrange(1_048_000, 1_049_000) + b"{}",
    lambda chance: mutated(chance, b'{"metadata":{"user_id":"user_abc123"}}'),
]


def mutated(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        position = chance.randrange(len(changed))
        changed[position : position + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        changed = changed or bytearray(b"x")
    return bytes(changed)


def fuzzed(chance: random.Random) -> bytes:
    kind = chance.randrange(8)
    if kind == 0:
        return mutated(chance, request(b"{}"))
    if kind == 1:
        letters = chance.choice(["/%.{}?#;=&\\~ab012é \t", "/%.ab012"])
        path = "".join(chance.choice(letters) for _ in range(chance.randrange(2_500)))
        return request(b"{}", path="/" + path)
    if kind == 2:
        header = "".join(chance.choice('aZ0-_:;,=" \t\\/é€()\0') for _ in range(chance.randrange(3_000)))
        return request(b"{}", HEAD + f"{chance.choice(['Prefer', 'Authorization', 'OpenAI-Beta', 'X'])}: {header}\r\n")
    if kind == 3:
        return request(b"{}", HEAD + "".join(f"X-{n}: {n}\r\n" for n in range(chance.randrange(6_000))))
    body = chance.choice(BODIES)(chance)
    if kind == 4:
        cut = chance.randrange(len(body) + 1)
        return request(body)[: -cut or None]
    if kind == 5:
        chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        head = f"{HEAD}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        return f"POST /v1{DOCUMENTED} HTTP/1.1\r\nHost: a\r\n{head}\r\n".encode() + chunks
    types = ["application/json", "application/json;charset=utf-16", "text/plain", "*/*", "\xff", "a" * 3_000]
    return request(body, kind=chance.choice(types))


@pytest.mark.deep
def test_random_requests(server: tuple[Address, int]) -> None:
    address, _ = server
    seen: set[int] = set()
    for number in range(deep.examples(300)):
        source = f"{deep.seed()}-{number}"
        data = fuzzed(random.Random(source))
        try:
            answer = exchange(address, data)
        except TimeoutError:
            pytest.fail(f"hangs with seed {source}: {data[:300]!r}")
        for status in statuses(answer):
            assert status < 500, f"seed {source}: {data[:300]!r} {answer[:300]!r}"
        for body in re.findall(
            rb"content-type: application/json\r\n(?:[^\r]+\r\n)*\r\n(\{.*?\})(?=HTTP/1|\Z)", answer, re.S
        ):
            assert json.loads(body)
        seen.update(statuses(answer))
    assert seen >= {200, 400, 404, 413, 414, 415}


def test_endless_headers(server: tuple[Address, int]) -> None:
    for line in (b"X: " + b"a" * 100_000, b"X-Y: 1\r\n" * 20_000, b"X" * 100_000):
        [status] = statuses(exchange(server[0], b"POST /v1/x HTTP/1.1\r\n" + line, half_close=False))
        assert status == 431


def test_pipelining(server: tuple[Address, int]) -> None:
    count = 300
    data = b"".join(request(b'{"metadata":{"n":"%d"}}' % n) for n in range(count))
    last = request(b"{}", HEAD + "Connection: close\r\n")
    answer = exchange(server[0], data + last, half_close=False)
    assert statuses(answer) == [200] * (count + 1)
    assert [int(n) for n in re.findall(rb'"n":"(\d+)"', answer)] == [*range(count), count - 1]


@pytest.mark.parametrize("server", ["60"], indirect=True)
def test_a_client_that_reads_late_gets_every_response(server: tuple[Address, int]) -> None:
    # 14 MB of responses: more than the buffers of the system hold.
    count = 1_500
    pairs = {f"k{n}": "v" * 512 for n in range(15)}
    first = request(json.dumps({"metadata": pairs}).encode())
    with socket.socket() as connection:
        connection.settimeout(PATIENCE)
        # So small that the server has to wait for it to be read.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(server[0])
        last = request(b"{}", HEAD + "Connection: close\r\n")
        sender = threading.Thread(target=connection.sendall, args=(first + request(b"{}") * count + last,))
        sender.start()
        time.sleep(1)
        answer = b"".join(iter(lambda: connection.recv(1 << 20), b""))
        sender.join()
    assert statuses(answer) == [200] * (count + 2)
    assert len(answer) > 12_000_000


def test_slow_clients_are_disconnected(server: tuple[Address, int]) -> None:
    address, _ = server
    too_slow = [
        b"POST /v1/thr",
        request(b"{}")[:-1],
        request(b"{}").replace(b"Content-Length: 2", b"Content-Length: 9"),
    ]
    # The response to this one comes before its body: there is no second one.
    refused = request(b"{}" * 9, head="")[:-1]
    with ThreadPoolExecutor() as pool:
        sent = [b"", refused, *too_slow]
        nothing, early, *late = pool.map(lambda data: exchange(address, data, half_close=False), sent)
    # Nothing was requested, so there is no response.
    assert nothing == b""
    assert statuses(early) == [401]
    for answer in late:
        assert statuses(answer) == [408]
        assert b"Your request did not arrive within 1 seconds." in answer


def test_a_client_that_does_not_read(server: tuple[Address, int]) -> None:
    with socket.create_connection(server[0], timeout=PATIENCE) as connection:
        data = request(b'{"metadata":{"k":"v"}}') * 20_000
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while True:
                connection.sendall(data)


# Where the machine is busy a connection may wait long for its turn.
@pytest.mark.deep
@pytest.mark.parametrize("server", ["60"], indirect=True)
def test_thousands_of_connections(server: tuple[Address, int]) -> None:
    address, process = server
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(deep.examples(2_000), 10_000, hard - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    connections: list[socket.socket] = []
    try:
        assert resource.prlimit(process, resource.RLIMIT_NOFILE) == (hard, hard)
        data = request(b"{}")
        with selectors.DefaultSelector() as selector:
            for _ in range(count):
                connection = socket.create_connection(address, timeout=PATIENCE)
                connections.append(connection)
                # At once: a connection without a request is closed.
                connection.sendall(data)
                selector.register(connection, selectors.EVENT_READ)
            answered = 0
            while answered < count:
                events = selector.select(PATIENCE)
                assert events, f"{answered} of {count} were answered"
                for key, _ in events:
                    selector.unregister(key.fileobj)
                    assert cast("socket.socket", key.fileobj).recv(12) == b"HTTP/1.1 200"
                    answered += 1
    finally:
        for connection in connections:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

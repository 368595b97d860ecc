"""Each server of `FROM_OTHER_ANGLES` has a witness: an exchange that it answers otherwise than the right server."""

import contextlib
import json
import random
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conformance.wrong_servers import FROM_OTHER_ANGLES, Mutant, MutantApp, wire
from tests.conformance.wrong_servers.runs import KEY, runs
from tests.deep import examples, seed

BEARER = f"Authorization: Bearer {KEY}"
BETA = "OpenAI-Beta: assistants=v2"
TYPE = "Content-Type: application/json"
GOOD = (BEARER, BETA, TYPE)
PATHS = ("/v1/threads/thread_Wrong_a/runs/run_Wrong_1", "/v1/threads/thread_Wrong_a/runs/run_Wrong_2")
ODD = "/v1/threads/thread%20with%20spaces%2fand%3F%23%2525/runs/run%2B%C3%A9%252F%3Bx%3D1%26%F0%9F%98%80"


class Caller:
    """Sends bytes on one connection, and tells what came back."""

    def __init__(self, port: int, stack: contextlib.ExitStack) -> None:
        self._port, self._stack = port, stack
        self._unread = b""
        self.socket = stack.enter_context(socket.create_connection(("127.0.0.1", port), 2))

    def other(self) -> "Caller":
        return Caller(self._port, self._stack)

    def head(self, *headers: str, path: str = PATHS[0], method: str = "POST", version: str = "1.1") -> bytes:
        return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: localhost", *headers, "", ""]).encode()

    def send(self, *parts: bytes, pause: float = 0) -> "Caller":
        for index, part in enumerate(parts):
            if index:
                time.sleep(pause)
            self.socket.sendall(part)
        return self

    def receive(self) -> Any:
        """Status and body of a response, or the bytes that are none."""
        data, self._unread = self._unread, b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while b"\r\n\r\n" not in data and (chunk := self.socket.recv(65536)):
                data += chunk
            head, _, body = data.partition(b"\r\n\r\n")
            if (status_line := re.match(rb"HTTP/1.1 (\d+)", head)) is None:
                return data
            length = re.search(rb"(?i)content-length: (\d+)", head)
            while (length is None or len(body) < int(length[1])) and (chunk := self.socket.recv(65536)):
                body += chunk
            size = int(length[1]) if length else len(body)
            self._unread = body[size:]
            retry = re.search(rb"(?i)retry-after: (.*)", head)
            return int(status_line[1]), body[:size], retry and retry[1]
        return data

    def post(self, body: Any = None, *headers: str, **options: Any) -> Any:
        data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        given = headers or GOOD
        self.send(self.head(*given, f"Content-Length: {len(data)}", **options) + data)
        return self.receive()

    def chunked(self, chunks: bytes, *headers: str) -> Any:
        return self.send(self.head(*GOOD, "Transfer-Encoding: chunked", *headers) + chunks).receive()

    def metadata(self, pairs: Any, **options: Any) -> Any:
        """What is shown after a change, or the status."""
        status, body, _ = self.post({"metadata": pairs}, **options)
        return json.loads(body)["metadata"] if status == 200 else status

    def stored(self, **options: Any) -> Any:
        status, body, _ = self.post({}, **options)
        return json.loads(body)["metadata"] if status == 200 else status


def status(answer: Any) -> Any:
    return answer[0] if isinstance(answer, tuple) else answer


def with_header(header: str, *others: str) -> Callable[[Caller], Any]:
    return lambda caller: status(caller.post({}, *others or (BETA, TYPE, BEARER), header))


def keys(*names: str) -> Callable[[Caller], Any]:
    return lambda caller: caller.metadata({name: str(index) for index, name in enumerate(names)})


def value(text: str) -> Callable[[Caller], Any]:
    return lambda caller: caller.metadata({"k": text})


def after(*rejected: Callable[[Caller], Any], path: str = PATHS[0]) -> Callable[[Caller], Any]:
    """What a good request is answered after others."""

    def ask(caller: Caller) -> Any:
        for reject in rejected:
            reject(caller)
        return status(caller.post({}, path=path))

    return ask


def unauthorized(caller: Caller) -> Any:
    return caller.post({}, BETA, TYPE, "Authorization: Bearer wrong")


def malformed(caller: Caller) -> Any:
    return caller.post(b"{")


def together(*bodies: Any) -> Callable[[Caller], Any]:
    """What is answered to requests at the same time, and what is stored then."""

    def ask(caller: Caller) -> Any:
        callers = [caller.other() for _ in bodies]
        with ThreadPoolExecutor(len(bodies)) as pool:
            answers = list(pool.map(lambda caller, body: caller.post(body), callers, bodies))
        shown = [
            body["metadata"].items() <= (json.loads(a[1]).get("metadata") or {}).items() if a[0] == 200 else a[0]
            for a, body in zip(answers, bodies, strict=True)
        ]
        stored = caller.stored()
        return sorted(map(str, shown)), [body["metadata"].items() <= stored.items() for body in bodies]

    return ask


def changes(count: int) -> Callable[[Caller], Any]:
    def ask(caller: Caller) -> Any:
        answers = []
        for index in range(count):
            answer = caller.post({"metadata": {"n": str(index)}})
            answers.append((answer[0], answer[2]))
        return answers, caller.stored()

    return ask


def idle(caller: Caller) -> None:
    caller.post({})
    time.sleep(3.2)


def both(caller: Caller) -> Any:
    """Two requests in one packet."""
    request = caller.head(*GOOD, "Content-Length: 2") + b"{}"
    caller.send(request + request)
    return status(caller.receive()), status(caller.receive())


def expiring(caller: Caller) -> Any:
    caller.metadata({"k": "v"})
    time.sleep(4.2)
    return caller.stored()


def pages(caller: Caller) -> Any:
    caller.metadata(None)
    caller.metadata({str(number): "v" for number in range(12)})
    return caller.stored()


def read_while_changing(caller: Caller) -> Any:
    """How many of ten pairs that change together a reader sees changed."""
    seen = set()
    other = caller.other()
    for index in range(40):
        size = len(body := json.dumps({"metadata": {f"p{n}": str(index) for n in range(10)}}).encode())
        caller.send(caller.head(*GOOD, f"Content-Length: {size}") + body)
        time.sleep(0.0008 * (index % 5))
        stored = other.stored()
        seen.add(len({stored.get(f"p{n}") for n in range(10)}) == 1)
        caller.receive()
    return seen


def not_lost(caller: Caller) -> Any:
    """Three writers, many times: whether each pair is stored."""
    bodies = [{"metadata": {f"w{n}": "x"}} for n in range(3)]
    return all(all(together(*bodies)(caller)[1]) for _ in [caller.metadata(None)] for _ in range(3))


WITNESSES: dict[str, Callable[[Caller], Any]] = {
    "a media type in upper case is not known": with_header("Content-Type: Application/JSON", BEARER, BETA),
    "a charset in quotes is not known": with_header('Content-Type: application/json; charset="utf-8"', BEARER, BETA),
    "a charset in upper case is not known": with_header("Content-Type: application/json; charset=UTF-8", BEARER, BETA),
    "the beta header is found in one spelling of its name only": with_header(
        "openai-beta: assistants=v2", BEARER, TYPE
    ),
    "the key is not found if the header's name is in capitals": with_header(f"AUTHORIZATION: Bearer {KEY}", BETA, TYPE),
    "the scheme of the key is compared with case": with_header(f"Authorization: bearer {KEY}", BETA, TYPE),
    "an absolute request target is not found": lambda c: status(c.post({}, path=f"http://localhost{PATHS[0]}")),
    "percent-encoded letters in a path are not decoded": lambda c: status(
        c.post({}, path=PATHS[0].replace("run_", "%72un_"))
    ),
    "percent-encodings in lower case are not decoded": lambda c: status(c.post({}, path=ODD)),
    "a list header on two lines is an error of the server": with_header(
        "Accept: text/plain", BEARER, BETA, TYPE, "Accept: application/json"
    ),
    "a tab before a header's value belongs to it": with_header("OpenAI-Beta:\tassistants=v2", BEARER, TYPE),
    "a header without a space after the colon is ignored": with_header(f"Authorization:Bearer {KEY}", BETA, TYPE),
    "an escaped surrogate pair becomes two characters": lambda c: c.post(b'{"metadata":{"k":"\\ud83d\\ude00"}}'),
    "an escaped slash keeps its backslash": lambda c: c.post(b'{"metadata":{"k":"a\\/b"}}'),
    "escapes with digits in upper case become question marks": lambda c: c.post(b'{"metadata":{"k":"\\u00E9"}}'),
    "an escaped property name is not known": lambda c: status(c.post(b'{"\\u006detadata":{"k":"v"}}')),
    "a line break between tokens is refused": lambda c: status(c.post(b'{\n"metadata": {"k": "v"}}')),
    "a quality in Accept is not understood": with_header("Accept: application/json;q=0.9"),
    "If-None-Match on a change is answered as on a read": with_header("If-None-Match: *"),
    "without Accept, errors are HTML": lambda c: malformed(c)[1][:6],
    "Range on a change is obeyed": with_header("Range: bytes=0-9"),
    "with Accept-Language: de, numbers have a decimal comma": lambda c: (
        b"1,0" in c.post({}, *GOOD, "Accept-Language: de")[1]
    ),
    "a body in chunks is read as empty": lambda c: status(c.chunked(b"2\r\n{}\r\n0\r\n\r\n")),
    "only the first chunk of a body is read": lambda c: status(c.chunked(b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")),
    "only what has arrived with the first read of a body counts": lambda c: status(
        c.send(c.head(*GOOD, "Content-Length: 2"), b"{", b"}", pause=0.05).receive()
    ),
    "a chunk extension is an error": lambda c: status(c.chunked(b"2;a=b\r\n{}\r\n0\r\n\r\n")),
    "a chunk size in upper case is an error": lambda c: status(c.chunked(b"A\r\n{        }\r\n0\r\n\r\n")),
    "a trailer is an error": lambda c: status(c.chunked(b"2\r\n{}\r\n0\r\nx-sum: 1\r\n\r\n", "Trailer: x-sum")),
    "a caller that speaks HTTP/1.0 is answered in chunks": lambda c: c.post(b"{", version="1.0")[1][:1],
    "a body that was announced with Expect is taken for empty": lambda c: (
        c.send(c.head(*GOOD, "Expect: 100-continue", "Content-Length: 2")) and c.receive(),
        status(c.send(b"{}").receive()),
    ),
    "Content-Length counts characters": lambda c: c.post({"metadata": {"k": "é" * 9}})[1][-1:],
    "a success has both Content-Length and Transfer-Encoding": lambda c: c.post({})[1][:1],
    "two bytes too many follow each error": lambda c: (malformed(c)[0], status(c.post({}))),
    "a response to HEAD has a body": lambda c: (c.send(c.head(*GOOD, method="HEAD")), c.socket.recv(65536)[-4:])[1],
    "a body that takes 300 ms to arrive is refused": lambda c: status(
        c.send(c.head(*GOOD, "Content-Length: 2"), b"{", b"}", pause=0.4).receive()
    ),
    "after a 401 the body is read as the beginning of the next request": after(unauthorized),
    "after a 413 the body is read as the beginning of the next request": after(
        lambda c: c.post(b'{"metadata":{"k":"%b"}}' % (b"x" * 1_100_000))
    ),
    "of two requests in one packet the second is dropped": both,
    "after a 404 the next request on the connection is answered with it again": after(
        lambda c: c.post({}, path=PATHS[0] + "x")
    ),
    "the 40th request on a connection is answered 503": lambda c: [status(c.post({})) for _ in range(40)][-1],
    "a connection that has sent the key once needs it no more": lambda c: (
        status(c.post({})),
        status(c.post({}, BETA, TYPE)),
    ),
    "a request without a content type has that of the request before it on the connection": lambda c: (
        status(c.post({})),
        status(c.post({}, BETA, BEARER)),
    ),
    "the first request after three idle seconds on a connection is answered 503": after(idle),
    "after five rejections in a row the next request is answered 503": after(*[malformed] * 5),
    "after three wrong keys in a row the right one is refused once": after(*[unauthorized] * 3),
    "a run that was looked for on the wrong thread is not found at the next request": after(
        lambda c: c.post({}, path=PATHS[0].replace("_a", "_x"))
    ),
    "a wrong key is repeated in full in the message": lambda c: (
        b"Bearer sk-abcdefghijklmnop" in c.post({}, BETA, TYPE, "Authorization: Bearer sk-abcdefghijklmnop")[1]
    ),
    "a header of each success repeats the key": lambda c: (
        c.send(c.head(*GOOD, "Content-Length: 2") + b"{}"),
        KEY.encode() in c.socket.recv(65536),
    )[1],
    "the key is accepted in the query": lambda c: status(c.post({}, BETA, TYPE, path=f"{PATHS[0]}?api_key={KEY}")),
    "keys are equal apart from accents": keys("cote", "côté"),
    "hiragana and katakana are equal in keys": keys("か", "カ"),
    "keys are compared in lower case by Turkish rules": keys("I", "\u0131"),
    "variation selectors do not count in keys": keys("♥", "♥\ufe0f"),
    "keys are compared by their first 48 characters": keys("k" * 50 + "a", "k" * 50 + "b"),
    "keys are compared up to white space within them": keys("a b", "a  b"),
    "a value of 256 bytes is stored empty": value("x" * 256),
    "a value of 100 characters loses the last": value("x" * 100),
    "of exactly eight pairs the last is lost": keys(*"abcdefgh"),
    "a body of more than 32,767 bytes is refused": lambda c: len(
        str((c.metadata(None), c.metadata({f"{n:x}": "😀" * 512 for n in range(16)}))[1])
    ),
    "a body of whole kilobytes is taken for incomplete": lambda c: status(c.post(b"{}" + b" " * 1022)),
    "pairs behind the first 16,384 bytes are lost": lambda c: (
        c.metadata(None),
        c.metadata({f"{n:x}": "é" * 512 for n in range(16)}),
    )[1],
    "text is decoded in pieces of 4096 bytes": lambda c: (
        c.metadata(None),
        [
            status(
                c.post(
                    json.dumps(
                        {"metadata": {f"{n:x}{shift}": "漢" * 512 for n in range(4)}}, ensure_ascii=False
                    ).encode()
                )
            )
            and sorted(set("".join(c.stored().values())))
            for shift in ("", "x", "xx")
        ],
    )[1],
    "values behind the eighth are cut, not refused": lambda c: c.metadata(
        {str(n): "x" * (513 if n == 9 else 1) for n in range(10)}
    ),
    "numbers are refused in the first pair, and become text in others": lambda c: c.metadata({"a": "x", "b": 2}),
    "of the last pair a key that is too long is cut": lambda c: c.metadata({"a": "x", "b" * 65: "y"}),
    "the first pair is stored though a later one is refused": lambda c: (c.metadata({"a": "x", "b": 2}), c.stored()),
    "a read shows ten pairs at most": pages,
    "times with an offset are converted to UTC": value("2026-03-29T02:30:00+02:00"),
    "a decimal comma becomes a point": value("3,14"),
    "emoji newer than Unicode 6 become question marks": value("🤖🧠"),
    "plus and minus infinity become empty": value("Infinity"),
    "a key with a dot is lost beside a key that is its first part": keys("a", "a.b"),
    "a change that was made before is answered from a cache": lambda c: [
        c.metadata({"k": text}) and c.stored() for text in "aba"
    ],
    "reads within 50 ms of each other are answered alike": lambda c: (c.stored(), c.metadata({"k": "v"}), c.stored()),
    "pairs that are not touched for four seconds are gone": expiring,
    "the changes of the third run drop those of the first": lambda c: (
        c.stored(),
        c.metadata({"k": "v"}),
        [c.stored(path=path) for path in (PATHS[1], ODD, PATHS[0])][-1],
    ),
    "a rejected request takes back the change before it": lambda c: (
        c.metadata({"k": "v"}),
        status(malformed(c)),
        c.stored(),
    ),
    "of two requests at once each gets the response of the other": lambda c: [
        together({"metadata": {"a": str(n)}}, {"metadata": {"b": str(n)}})(c)[0] for n in range(20)
    ],
    "of two writers at once one is answered 409, and its change is stored": lambda c: [
        together({"metadata": {"a": str(n)}}, {"metadata": {"b": str(n)}})(c)[0] for n in range(20)
    ],
    "every 60th change is answered 429 and stored": changes(60),
    "every 60th change is answered 429 without Retry-After": changes(60),
    "every 60th change is answered 429 with a date that is none": changes(60),
    "a request that failed is tried again by the next one on the run": lambda c: (
        status(c.post({"metadata": {"ghost": "x", "bad": 1}})),
        c.metadata({"k": "v"}),
        c.stored(),
    ),
    "pairs from before the first change are lost with it": lambda c: (c.stored(), c.metadata({"k": "v"})),
    "reads come from an old column of 255 characters": lambda c: (c.metadata({"k": "x" * 300}), c.stored()),
    "on one run in two, keys of 64 characters are refused": lambda c: [
        c.metadata({"k" * 64: "v"}, path=path) for path in PATHS
    ],
    "on one run in two, null changes nothing": lambda c: [
        (c.metadata({"k": "v"}, path=path), c.metadata(None, path=path)) for path in PATHS
    ],
    "of three writers at once the third is lost": not_lost,
    "a read during a change shows a part of it": read_while_changing,
}


@contextlib.contextmanager
def served(mutant: Mutant) -> Iterator[int]:
    application: Any = MutantApp(mutant, None, runs(), KEY)
    with wire.serve(application.handler, mutant.connection or wire.Connection) as origin:
        yield int(origin.rpartition(":")[2])


def observed(mutant: Mutant, witness: Callable[[Caller], Any]) -> str:
    with served(mutant) as port, contextlib.ExitStack() as stack:
        # Identifiers of requests differ from call to call.
        return re.sub(r"req_\w+", "req", repr(witness(Caller(port, stack))))


def test_each_wrong_server_has_a_witness() -> None:
    assert {mutant.name for mutant in FROM_OTHER_ANGLES} == WITNESSES.keys()


SAMPLE = random.Random(seed()).sample(FROM_OTHER_ANGLES, min(examples(20), len(FROM_OTHER_ANGLES)))


@pytest.mark.deep
@pytest.mark.parametrize("mutant", SAMPLE, ids=[mutant.name for mutant in SAMPLE])
def test_a_wrong_server_answers_its_witness_differently_from_the_right_one(mutant: Mutant) -> None:
    witness = WITNESSES[mutant.name]
    assert observed(mutant, witness) != observed(Mutant("right", "right"), witness)

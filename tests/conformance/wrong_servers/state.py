"""What a server remembers wrongly: changes lost, mixed, delayed or reordered."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes

from tests.conformance.wrong_servers.proxy import Group, Handler, Request, Response, Wrapper

STATE = Group("state")
CONCURRENCY = Group("concurrency")

Pairs: TypeAlias = dict[str, Any]
ABSENT: Any = object()


class Memory:
    """The pairs that a wrong server believes in, by path. The mock below still conforms to the spec."""

    def __init__(self) -> None:
        self.pairs: dict[bytes, Pairs] = {}
        self.previous: dict[bytes, Pairs] = {}
        self.calls = 0


Logic: TypeAlias = Callable[[Memory, Request, Any, Pairs], Awaitable[Pairs]]


def remembering(logic: Logic) -> Wrapper:
    """`logic` is given the memory, the request, what was sent (ABSENT if nothing) and the pairs that are right; it
    returns the pairs to answer. What it does not keep in the memory is forgotten."""

    def wrap(inner: Handler) -> Handler:
        memory = Memory()

        async def handle(request: Request) -> Response:
            response = await inner(request)
            body = request.json()
            if response.status != 200 or not isinstance(body, dict):
                return response
            run = response.json()
            memory.calls += 1
            # Spellings of a path are one path: that is not what these servers get wrong.
            request = replace(request, path=unquote_to_bytes(request.path))
            right = dict(run["metadata"] or {})
            memory.pairs.setdefault(request.path, right if "metadata" not in body else {})
            run["metadata"] = await logic(memory, request, body.get("metadata", ABSENT), right)
            response.set_json(run)
            return response

        return handle

    return wrap


def _state(name: str, logic: Callable[[Memory, Request, Any, Pairs], Pairs], **options: Any) -> None:
    async def asynchronous(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
        return logic(memory, request, sent, right)

    STATE.add(name, remembering(asynchronous), **options)


def merged(stored: Pairs, sent: Any) -> Pairs:
    if sent is ABSENT:
        return stored
    return {} if sent is None else {**stored, **sent}


def _by(change: Callable[[Pairs, Any, int], Pairs]) -> Callable[[Memory, Request, Any, Pairs], Pairs]:
    """The stored pairs become what `change` makes of them, what was sent and the number of the call."""

    def logic(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
        stored = memory.pairs[request.path]
        memory.pairs[request.path] = change(stored, sent, memory.calls)
        return memory.pairs[request.path]

    return logic


def _is_pairs(sent: Any) -> bool:
    return isinstance(sent, dict)


def _no_pairs_clears(stored: Pairs, sent: Any, _: int) -> Pairs:
    return {} if sent == {} else merged(stored, sent)


_state("every 7th change is lost", _by(lambda s, m, n: s if n % 7 == 0 else merged(s, m)))
_state(
    "every 7th call replaces instead of merging",
    _by(lambda s, m, n: dict(m) if _is_pairs(m) and n % 7 == 0 else merged(s, m)),
)
_state(
    "every 20th call replaces instead of merging",
    _by(lambda s, m, n: dict(m) if _is_pairs(m) and n % 20 == 0 else merged(s, m)),
)
_state(
    "merges one pair, replaces by more", _by(lambda s, m, n: dict(m) if _is_pairs(m) and len(m) > 1 else merged(s, m))
)
_state(
    "replaces by one pair, merges more", _by(lambda s, m, n: dict(m) if _is_pairs(m) and len(m) == 1 else merged(s, m))
)
_state("an old key keeps its value", _by(lambda s, m, n: {**m, **s} if _is_pairs(m) else merged(s, m)))
_state(
    "a new value of an old key removes it",
    _by(
        lambda s, m, n: (
            {k: v for k, v in {**s, **m}.items() if k not in s or k not in m or s[k] == v}
            if _is_pairs(m)
            else merged(s, m)
        )
    ),
)
_state("keeps the last 8 pairs only", _by(lambda s, m, n: dict(list(merged(s, m).items())[-8:])))
_state("keeps the first 12 pairs only", _by(lambda s, m, n: dict(list(merged(s, m).items())[:12])))
_state("metadata {} removes all pairs of a server that merges", _by(_no_pairs_clears))
_state("a request without metadata removes all pairs", _by(lambda s, m, n: {} if m is ABSENT else merged(s, m)))
_state(
    "null removes all pairs but one",
    _by(lambda s, m, n: dict(list(s.items())[:1]) if m is None and len(s) > 2 else merged(s, m)),
)
_state("null removes in one call and not in the next", _by(lambda s, m, n: s if m is None and n % 2 else merged(s, m)))
_state("null removes up to 3 pairs", _by(lambda s, m, n: s if m is None and len(s) > 3 else merged(s, m)))
_state("null stores the text null", _by(lambda s, m, n: {"metadata": "null"} if m is None else merged(s, m)))
_state(
    "a pair that was removed comes back",
    _by(lambda s, m, n: {**merged(s, m), "ghost": "back"} if _is_pairs(m) and "step" in m and not s else merged(s, m)),
)
_state(
    "the first pair sent is lost when there are five or more",
    _by(lambda s, m, n: merged(s, dict(list(m.items())[1:])) if _is_pairs(m) and len(m) >= 5 else merged(s, m)),
)
_state(
    "the values of two pairs are exchanged",
    _by(
        lambda s, m, n: (
            merged(s, dict(zip(m, [*list(m.values())[1:], *list(m.values())[:1]], strict=True)))
            if _is_pairs(m) and len(m) == 2
            else merged(s, m)
        )
    ),
)
_state("an empty value removes its pair", _by(lambda s, m, n: {k: v for k, v in merged(s, m).items() if v != ""}))
_state(
    "a value sent again is doubled",
    _by(
        lambda s, m, n: (
            {**s, **{k: v + v if s.get(k) == v and len(v) < 200 else v for k, v in m.items()}}
            if _is_pairs(m)
            else merged(s, m)
        )
    ),
)
_state(
    "a marker of its own is stored",
    _by(lambda s, m, n: {**merged(s, m), "updated_by": "api"} if _is_pairs(m) and m and len(s) < 10 else merged(s, m)),
)
_state("forgets everything after 100 calls", _by(lambda s, m, n: {} if n == 100 else merged(s, m)))


def _stale(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
    shown = memory.pairs[request.path]
    memory.pairs[request.path] = right
    return shown


_state("answers what was stored before the change", _stale)


def _reads_are_late(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
    if sent is not ABSENT:
        memory.previous[request.path] = memory.pairs[request.path]
        memory.pairs[request.path] = right
        return right
    return memory.previous.pop(request.path, right)


_state("the first read after a change is late", _reads_are_late)


def _written_later(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
    """The answer is right; the change is seen from the third call on."""
    if sent is not ABSENT:
        memory.previous[request.path] = memory.pairs[request.path]
        memory.pairs[request.path] = right
        memory.calls = 1
        return right
    return right if memory.calls > 3 else memory.previous.get(request.path, right)


_state("a change is seen after three calls", _written_later)


def _never_stored(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
    return memory.pairs[request.path] if sent is ABSENT else right


_state("changes are answered and never stored", _never_stored)


def _seen_by(milliseconds: int) -> Wrapper:
    async def logic(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
        if sent is ABSENT:
            return memory.pairs[request.path]

        async def later() -> None:
            await asyncio.sleep(milliseconds / 1000)
            memory.pairs[request.path] = right

        task = asyncio.ensure_future(later())
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
        return right

    return remembering(logic)


_tasks: set[asyncio.Future[None]] = set()
STATE.add("a change is seen after 20 ms", _seen_by(20))
STATE.add("a change is seen after 200 ms", _seen_by(200))


@STATE.handler("two changes in a row are applied in the other order")
def _(inner: Handler) -> Handler:
    held: dict[bytes, Request] = {}

    async def handle(request: Request) -> Response:
        if request.sent() and request.path not in held:
            read = await inner(request.with_json({}))
            if read.status == 200 and len({**(read.json()["metadata"] or {}), **request.sent()}) <= 16:
                checked = await inner(request)
                if checked.status != 200:
                    return checked
                await inner(request.with_json({"metadata": None}))
                await inner(request.with_sent(read.json()["metadata"] or {}))
                held[request.path] = request
                return checked
        response = await inner(request)
        if request.path in held and response.status == 200:
            late = await inner(held.pop(request.path))
            if request.json() == {}:
                return late
        return response

    return handle


@STATE.handler("each connection has a state of its own")
def _(inner: Handler) -> Handler:
    seen: dict[Any, dict[bytes, Pairs]] = {}

    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status != 200:
            return response
        run, own = response.json(), seen.setdefault(request.connection, {})
        stored = own.get(request.path, dict(run["metadata"] or {}) if request.json() == {} else {})
        own[request.path] = merged(stored, request.json().get("metadata", ABSENT))
        run["metadata"] = own[request.path]
        response.set_json(run)
        return response

    return handle


@STATE.handler("reads go to a copy that is refreshed every tenth call")
def _(inner: Handler) -> Handler:
    copies: dict[bytes, Any] = {}
    calls = [0]

    async def handle(request: Request) -> Response:
        response = await inner(request)
        calls[0] += 1
        if response.status == 200 and request.json() == {}:
            if request.path not in copies or calls[0] % 10 == 0:
                copies[request.path] = response.json()["metadata"]
            response.set_json({**response.json(), "metadata": copies[request.path]})
        return response

    return handle


_state(
    "a server that replaces keeps one old pair",
    _by(lambda s, m, n: {**dict(list(s.items())[:1]), **m} if _is_pairs(m) and m else (s if m is ABSENT else {})),
    metadata="replace",
)
_state(
    "a server that replaces ignores {}", _by(lambda s, m, n: s if not m or m is ABSENT else dict(m)), metadata="replace"
)
_state(
    "a server that replaces merges every 9th call",
    _by(
        lambda s, m, n: (
            (dict(list({**s, **m}.items())[-16:]) if n % 9 == 0 else dict(m))
            if _is_pairs(m)
            else (s if m is ABSENT else {})
        )
    ),
    metadata="replace",
)


def _racing(name: str, change: Callable[[Memory, Request, Any], Awaitable[Pairs]], metadata: str) -> None:
    async def logic(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
        if sent is ABSENT:
            return memory.pairs[request.path]
        return await change(memory, request, sent)

    CONCURRENCY.add(name, remembering(logic), metadata=metadata)


async def _read_then_write(memory: Memory, request: Request, sent: Any) -> Pairs:
    stored = dict(memory.pairs[request.path])
    await asyncio.sleep(0.002)
    memory.pairs[request.path] = merged(stored, sent)
    return memory.pairs[request.path]


async def _read_then_write_at_once(memory: Memory, request: Request, sent: Any) -> Pairs:
    stored = dict(memory.pairs[request.path])
    await asyncio.sleep(0)
    memory.pairs[request.path] = merged(stored, sent)
    return memory.pairs[request.path]


async def _pair_by_pair(memory: Memory, request: Request, sent: Any) -> Pairs:
    memory.pairs[request.path] = {}
    for key, value in (sent or {}).items():
        await asyncio.sleep(0.001)
        memory.pairs[request.path] = {**memory.pairs[request.path], key: value}
    return dict(sent or {})


_racing("of two writers at once one is lost", _read_then_write, "merge")
_racing("of two writers at once one is lost, in a short window", _read_then_write_at_once, "merge")
_racing("two sets at once are mixed", _pair_by_pair, "replace")


@CONCURRENCY.handler("a writer is answered as if it had succeeded while another one is at work")
def _(inner: Handler) -> Handler:
    busy: set[bytes] = set()

    async def handle(request: Request) -> Response:
        if request.sent() and request.path in busy:
            read = await inner(request.with_json({}))
            if read.status == 200:
                run = read.json()
                run["metadata"] = {**(run["metadata"] or {}), **request.sent()}
                read.set_json(run)
            return read
        busy.add(request.path)
        try:
            if request.sent():
                await asyncio.sleep(0.002)
            return await inner(request)
        finally:
            busy.discard(request.path)

    return handle

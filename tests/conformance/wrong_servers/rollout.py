"""Caches, queues, retries, migrations and feature flags: faults between one request and another."""

import asyncio
import time
from typing import Any

from tests.conformance.wrong_servers.proxy import Group, Handler, Request, Response, error
from tests.conformance.wrong_servers.state import ABSENT, Memory, Pairs, merged, remembering

CACHES = Group("caches")
QUEUES = Group("queues and retries")
MIGRATIONS = Group("migrations and flags")
RACES = Group("races")


@CACHES.handler("a change that was made before is answered from a cache")
def _(inner: Handler) -> Handler:
    answers: dict[tuple[bytes, bytes, str], Response] = {}

    async def handle(request: Request) -> Response:
        key = (request.path, request.body, request.headers.get("authorization", ""))
        if request.sent() and key in answers:
            allowed = await inner(request.with_json({}))
            answer = answers[key].copy()
            answer.headers["x-request-id"] = allowed.headers["x-request-id"]
            return answer if allowed.status == 200 else allowed
        response = await inner(request)
        if response.status == 200 and request.sent():
            answers[key] = response.copy()
        return response

    return handle


@CACHES.handler("reads within 50 ms of each other are answered alike")
def _(inner: Handler) -> Handler:
    last: dict[bytes, tuple[float, Any]] = {}

    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200 and request.json() == {}:
            moment, run = last.get(request.path, (0.0, None))
            if time.monotonic() - moment < 0.05:
                response.set_json(run)
            else:
                last[request.path] = (time.monotonic(), response.json())
        return response

    return handle


async def _expiring(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
    """A resource that was not touched for four seconds is lost."""
    now = time.monotonic()
    if now - memory.previous.get(request.path, {"touched": now})["touched"] > 4:
        memory.pairs[request.path] = {}
    memory.previous[request.path] = {"touched": now}
    memory.pairs[request.path] = merged(memory.pairs[request.path], sent)
    return memory.pairs[request.path]


CACHES.add("pairs that are not touched for four seconds are gone", remembering(_expiring))


async def _evicting(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
    """Pairs of two runs are held; those of the one that was used least recently are dropped, unsaved."""
    pairs = memory.pairs.pop(request.path)
    memory.pairs[request.path] = merged(pairs, sent)
    for path in list(memory.pairs)[:-2]:
        memory.pairs[path] = {}
    return memory.pairs[request.path]


CACHES.add("the changes of the third run drop those of the first", remembering(_evicting))


@QUEUES.handler("a rejected request takes back the change before it")
def _(inner: Handler) -> Handler:
    before: dict[bytes, Any] = {}

    async def handle(request: Request) -> Response:
        read = await inner(request.with_json({}))
        response = await inner(request)
        if response.status == 200 and request.sent() and read.status == 200:
            before[request.path] = read.json()["metadata"]
        elif response.status in (400, 415) and request.path in before and read.status == 200:
            await inner(request.with_json({"metadata": None}))
            await inner(request.with_json({"metadata": before.pop(request.path)}))
        return response

    return handle


@QUEUES.handler("of two requests at once each gets the response of the other")
def _(inner: Handler) -> Handler:
    waiting: list[tuple[Response, asyncio.Future[Response]]] = []

    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status != 200 or not request.sent():
            return response
        if waiting:
            other, future = waiting.pop()
            if not future.done():
                future.set_result(response)
                return other
        future = asyncio.get_running_loop().create_future()
        entry = (response, future)
        waiting.append(entry)
        try:
            return await asyncio.wait_for(future, 0.01)
        except TimeoutError:
            if entry in waiting:
                waiting.remove(entry)
            return response

    return handle


@QUEUES.handler("of two writers at once one is answered 409, and its change is stored")
def _(inner: Handler) -> Handler:
    busy: set[bytes] = set()

    async def handle(request: Request) -> Response:
        if not request.sent():
            return await inner(request)
        is_second = request.path in busy
        busy.add(request.path)
        try:
            await asyncio.sleep(0.005)
            response = await inner(request)
        finally:
            busy.discard(request.path)
        return error(409) if is_second and response.status == 200 else response

    return handle


def _limited(name: str, headers: dict[str, str], *, is_stored: bool) -> None:
    def wrap(inner: Handler) -> Handler:
        changes = [0]

        async def handle(request: Request) -> Response:
            if not request.sent():
                return await inner(request)
            changes[0] += 1
            if changes[0] % 60:
                return await inner(request)
            if is_stored:
                await inner(request)
            limited = error(429)
            limited.headers.update(headers)
            return limited

        return handle

    QUEUES.add(name, wrap)


_limited("every 60th change is answered 429 and stored", {"retry-after": "0"}, is_stored=True)
_limited("every 60th change is answered 429 without Retry-After", {}, is_stored=False)
_limited("every 60th change is answered 429 with a date that is none", {"retry-after": "soon"}, is_stored=False)


@QUEUES.handler("a request that failed is tried again by the next one on the run")
def _(inner: Handler) -> Handler:
    """A rejected body whose pairs are valid by themselves is applied when the run is changed the next time."""
    failed: dict[bytes, Any] = {}

    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 400 and isinstance(request.sent(), dict):
            valid = {key: value for key, value in request.sent().items() if isinstance(value, str) and len(key) <= 64}
            if valid and len(valid) < 4:
                failed[request.path] = valid
        elif response.status == 200 and request.sent() and request.path in failed:
            again = await inner(request.with_json({"metadata": failed.pop(request.path)}))
            return again if again.status == 200 else response
        return response

    return handle


async def _migrating(memory: Memory, request: Request, sent: Any, right: Pairs) -> Pairs:
    stored = memory.pairs[request.path]
    if sent is not ABSENT and request.path not in memory.previous:
        memory.previous[request.path] = stored
        stored = {}
    memory.pairs[request.path] = merged(stored, sent)
    return memory.pairs[request.path]


MIGRATIONS.add("pairs from before the first change are lost with it", remembering(_migrating))


@MIGRATIONS.handler("reads come from an old column of 255 characters")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200 and request.json() == {}:
            run = response.json()
            run["metadata"] = {key: value[:255] for key, value in (run["metadata"] or {}).items()}
            response.set_json(run)
        return response

    return handle


@MIGRATIONS.handler("on one run in two, keys of 64 characters are refused")
def _(inner: Handler) -> Handler:
    seen: dict[bytes, int] = {}

    async def handle(request: Request) -> Response:
        index = seen.setdefault(request.path, len(seen))
        sent = request.sent()
        if index % 2 and isinstance(sent, dict) and any(len(key) == 64 for key in sent):
            return error(400)
        return await inner(request)

    return handle


@MIGRATIONS.handler("on one run in two, null changes nothing")
def _(inner: Handler) -> Handler:
    seen: dict[bytes, int] = {}

    async def handle(request: Request) -> Response:
        index = seen.setdefault(request.path, len(seen))
        body = request.json()
        if index % 2 and isinstance(body, dict) and body.get("metadata", ABSENT) is None:
            request = request.with_json({})
        return await inner(request)

    return handle


@RACES.handler("of three writers at once the third is lost")
def _(inner: Handler) -> Handler:
    busy: dict[bytes, int] = {}

    async def handle(request: Request) -> Response:
        if not request.sent():
            return await inner(request)
        busy[request.path] = busy.get(request.path, 0) + 1
        try:
            is_third = busy[request.path] >= 3
            await asyncio.sleep(0.005)
            if not is_third:
                return await inner(request)
            response = await inner(request.with_json({}))
            if response.status == 200:
                run = response.json()
                run["metadata"] = {**(run["metadata"] or {}), **request.sent()}
                response.set_json(run)
            return response
        finally:
            busy[request.path] -= 1

    return handle


@RACES.handler("a read during a change shows a part of it")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        sent = request.sent()
        if isinstance(sent, dict) and len(sent) > 1:
            first = await inner(request.with_sent(dict(list(sent.items())[: len(sent) // 2])))
            if first.status == 200:
                await asyncio.sleep(0.005)
        return await inner(request)

    return handle

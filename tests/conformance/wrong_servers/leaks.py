"""Changes that show where they do not belong: in another run, or in another field."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from tests.conformance.wrong_servers.proxy import Group, Handler, Request, Response, changing_runs
from tests.conformance.wrong_servers.state import ABSENT, Pairs, merged

LEAKS = Group("leaks")
OTHER_FIELDS = Group("other fields")


def _leak(name: str, same: Callable[[list[str]], Any]) -> None:
    """Runs for which `same` is the same share their pairs."""

    def wrap(inner: Handler) -> Handler:
        shared: dict[Any, Pairs] = {}

        async def handle(request: Request) -> Response:
            response = await inner(request)
            if response.status == 200:
                key = same(unquote(request.path.decode()).split("/"))
                run, sent = response.json(), request.json().get("metadata", ABSENT)
                shared.setdefault(key, dict(run["metadata"] or {}) if sent is ABSENT else {})
                if sent is not ABSENT:
                    shared[key] = dict(list(merged(shared[key], sent).items())[-16:])
                run["metadata"] = shared[key]
                response.set_json(run)
            return response

        return handle

    LEAKS.add(name, wrap)


_leak("all runs share their pairs", lambda parts: None)
_leak("the runs of a thread share their pairs", lambda parts: parts[3])
_leak("runs of the same id on two threads share their pairs", lambda parts: parts[-1])
_leak("runs whose ids begin alike share their pairs", lambda parts: (parts[3], parts[-1][:8]))


@LEAKS.handler("a change of one run removes the pairs of the one changed before")
def _(inner: Handler) -> Handler:
    last: list[Request] = []

    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200 and request.sent():
            if last and last[0].path != request.path:
                await inner(last[0].with_json({"metadata": None}))
            last[:] = [request]
        return response

    return handle


@LEAKS.handler("a change of one run shows in the one read before")
def _(inner: Handler) -> Handler:
    last: list[Request] = []

    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200 and request.json() == {}:
            last[:] = [request]
        elif response.status == 200 and request.sent() and last and last[0].path != request.path:
            await inner(last[0].with_json({"metadata": dict([next(iter(request.sent().items()))])}))
        return response

    return handle


@LEAKS.handler("every 15th answer is that of the call before")
def _(inner: Handler) -> Handler:
    calls, last = [0], [Response(0, {}, b"")]

    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200:
            calls[0] += 1
            if calls[0] % 15 == 0:
                body, response.body = response.body, last[0].body
                last[0] = Response(200, {}, body)
            else:
                last[0] = response.copy()
        return response

    return handle


def _on_change(name: str, change: Callable[[Any, int], None]) -> None:
    """A change of the pairs changes something else too, for good."""

    def wrap(inner: Handler) -> Handler:
        counts: dict[bytes, int] = {}

        async def handle(request: Request) -> Response:
            response = await inner(request)
            if response.status == 200:
                if request.sent():
                    counts[request.path] = counts.get(request.path, 0) + 1
                if request.path in counts:
                    run = response.json()
                    change(run, counts[request.path])
                    response.set_json(run)
            return response

        return handle

    OTHER_FIELDS.add(name, wrap)


_on_change("a change sets created_at anew", lambda run, n: run.update(created_at=run["created_at"] + n))
_on_change("a change sets status to queued", lambda run, n: run.update(status="queued"))
_on_change("a change removes the instructions", lambda run, n: run.update(instructions=None))
_on_change("a change removes the tools", lambda run, n: run.update(tools=[]))
_on_change("a change removes usage", lambda run, n: run.update(usage=None))
_on_change(
    "a change counts tokens",
    lambda run, n: run.update(usage={"prompt_tokens": n, "completion_tokens": 0, "total_tokens": n}),
)
_on_change("a change removes temperature", lambda run, n: run.pop("temperature", None))
_on_change("a change rounds temperature", lambda run, n: run.update(temperature=0))
_on_change("a change sets completed_at", lambda run, n: run.update(completed_at=1800000000 + n))
_on_change("a change adds a field", lambda run, n: run.update(changes=n))
_on_change("a change sets the model anew", lambda run, n: run.update(model=f"{run['model']}-latest"))
_on_change("a change forgets tool_resources", lambda run, n: run.pop("tool_resources", None))
_on_change(
    "a change turns parallel_tool_calls", lambda run, n: run.update(parallel_tool_calls=not run["parallel_tool_calls"])
)
_on_change("a change gives the run another id", lambda run, n: run.update(id=f"{run['id']}_{n}"))
_on_change("the 20th change sets expires_at", lambda run, n: run.update(expires_at=n) if n >= 20 else None)
OTHER_FIELDS.add("the answer has the id of another run", changing_runs(lambda run: run.update(id="run_abc123")))
OTHER_FIELDS.add(
    "the answer has the id of another thread", changing_runs(lambda run: run.update(thread_id="thread_abc123"))
)
OTHER_FIELDS.add("the answer has the id in lower case", changing_runs(lambda run: run.update(id=run["id"].lower())))

"""Answers of the wrong form: status, headers, content type, schema, errors."""

from collections.abc import Callable
from typing import Any

from tests.conformance.wrong_servers.proxy import (
    Group,
    Handler,
    Request,
    Response,
    changing_responses,
    changing_runs,
    encoded,
    error,
    every,
)

STATUS = Group("status")
HEADERS = Group("headers")
SCHEMA = Group("schema")
ERRORS = Group("errors")
RARE = Group("rare")


def _status(name: str, status: int, when: str = "2", body: bytes | None = None) -> None:
    def edit(response: Response) -> None:
        response.status = status
        if body is not None:
            response.body = body

    STATUS.add(name, changing_responses(edit, when))


for _code in (201, 202, 203, 206, 302, 404, 500):
    _status(f"{_code} instead of 200", _code)
_status("204 without a body", 204, body=b"")
_status("200 for errors", 200, when="4")
_status("418 instead of 400", 418, when="400")
_status("403 instead of 401", 403, when="401")
_status("404 instead of 401", 404, when="401")
_status("400 instead of 401", 400, when="401")
_status("400 instead of 404", 400, when="404")
_status("403 instead of 404", 403, when="404")
_status("410 instead of 404", 410, when="404")
_status("409 instead of 400", 409, when="400")
_status("404 instead of 400", 404, when="400")
_status("401 instead of 400", 401, when="400")
_status("429 instead of 400", 429, when="400")
_status("500 instead of 400", 500, when="400")
_status("500 instead of 404", 500, when="404")
_status("502 instead of 415", 502, when="415")
_status("404 instead of 415", 404, when="415")
_status("500 instead of 413", 500, when="413")
_status("200 instead of 405", 200, when="405")
_status("400 instead of 405", 400, when="405")


def _conditional(
    group: Group, name: str, is_hit: Callable[[Request], bool], answer: Callable[[Request], Response]
) -> None:
    def wrap(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            return answer(request) if is_hit(request) else await inner(request)

        return handle

    group.add(name, wrap)


def _sent(request: Request) -> Any:
    return request.sent()


def _is_pairs(value: Any, test: Callable[[dict[str, Any]], bool]) -> bool:
    return isinstance(value, dict) and test(value)


_conditional(
    STATUS, "500 for the key __proto__", lambda r: _is_pairs(_sent(r), lambda p: "__proto__" in p), lambda _: error(500)
)
_conditional(STATUS, "500 for an empty key", lambda r: _is_pairs(_sent(r), lambda p: "" in p), lambda _: error(500))
_conditional(
    STATUS,
    "500 for NUL",
    lambda r: _is_pairs(_sent(r), lambda p: "\x00" in str(p.values()) or any("\x00" in str(v) for v in p.values())),
    lambda _: error(500),
)
_conditional(
    STATUS,
    "500 for a nested value",
    lambda r: _is_pairs(_sent(r), lambda p: any(isinstance(v, dict) for v in p.values())),
    lambda _: error(500),
)
_conditional(STATUS, "500 for a body that is a list", lambda r: isinstance(r.json(), list), lambda _: error(500))
_conditional(STATUS, "500 for a body that is null", lambda r: r.body == b"null", lambda _: error(500))
_conditional(STATUS, "500 for bytes that are not UTF-8", lambda r: b"\xff" in r.body, lambda _: error(500))
_conditional(STATUS, "500 for deep nesting", lambda r: r.body.count(b"[") > 1000, lambda _: error(500))
_conditional(STATUS, "500 for an empty body", lambda r: not r.body, lambda _: error(500))
_conditional(
    STATUS,
    "500 for an unknown property that is null",
    lambda r: isinstance(r.json(), dict) and any(k != "metadata" and v is None for k, v in r.json().items()),
    lambda _: error(500),
)


def _header(name: str, header: str, value: str | None, when: str = "") -> None:
    def edit(response: Response) -> None:
        response.headers.pop(header, None)
        if value is not None:
            response.headers[header] = value

    HEADERS.add(name, changing_responses(edit, when))


_header("no x-request-id", "x-request-id", None)
for _when in ("2", "400", "401", "404", "405", "413", "415"):
    _header(f"no x-request-id on {_when.ljust(3, 'x')}", "x-request-id", None, _when)
_header("an empty x-request-id", "x-request-id", "", "2")
_header("the same x-request-id on every answer", "x-request-id", "req_1")
_header("the same x-request-id on every error", "x-request-id", "req_1", "4")
_header("no content type on 200", "content-type", None, "2")
_header("no content type on errors", "content-type", None, "4")
_header("text/html on 200", "content-type", "text/html", "2")
_header("text/plain on errors", "content-type", "text/plain; charset=utf-8", "4")
_header("application/problem+json on errors", "content-type", "application/problem+json", "400")
_header("text/html on 404", "content-type", "text/html", "404")
_header("text/html on 401", "content-type", "text/html", "401")
_header("charset latin-1", "content-type", "application/json; charset=iso-8859-1", "2")
_header("application/octet-stream on 200", "content-type", "application/octet-stream", "2")
_header("no Allow on 405", "allow", None, "405")
_header("an empty Allow on 405", "allow", "", "405")
_header("Allow names another method", "allow", "GET", "405")


GONE = object()


def _at(path: str, value: Any) -> Callable[[Any], None]:
    """Puts the value at a dotted path of the run, if its parent is there; GONE removes it."""
    steps: list[Any] = [int(step) if step.isdecimal() else step for step in path.split(".")]
    *parents, last = steps

    def edit(run: Any) -> None:
        node = run
        for step in parents:
            if (isinstance(node, list) and isinstance(step, int) and step < len(node)) or (
                isinstance(node, dict) and step in node
            ):
                node = node[step]
            else:
                return
        if isinstance(node, dict) and last in node and (node[last] is not None or value is not GONE):
            if value is GONE:
                del node[last]
            elif node[last] is not None or "." not in path:
                node[last] = value

    return edit


def _field(name: str, path: str, value: Any) -> None:
    SCHEMA.add(name, changing_runs(_at(path, value)))


for _name in (
    "id",
    "object",
    "created_at",
    "assistant_id",
    "thread_id",
    "status",
    "model",
    "tools",
    "metadata",
    "parallel_tool_calls",
):
    _field(f"{_name} is missing", _name, GONE)
for _name, _value in {
    "id": 17,
    "object": "run",
    "created_at": "1699063290",
    "assistant_id": None,
    "thread_id": 4,
    "status": "done",
    "started_at": "2023-11-04T00:00:00Z",
    "expires_at": 1699063290.5,
    "cancelled_at": False,
    "failed_at": "",
    "completed_at": [],
    "last_error": "none",
    "model": None,
    "instructions": 3,
    "incomplete_details": [],
    "tools": {},
    "metadata": [],
    "usage": 0,
    "temperature": "1.0",
    "top_p": True,
    "max_prompt_tokens": 255,
    "max_completion_tokens": "1000",
    "truncation_strategy": "auto",
    "response_format": "json",
    "tool_choice": "any",
    "parallel_tool_calls": None,
    "tool_resources": [],
    "required_action": "submit",
}.items():
    _field(f"{_name} is {_value!r}", _name, _value)


@SCHEMA.run("created_at is in milliseconds")
def _(run: Any) -> None:
    run["created_at"] *= 1000


@SCHEMA.run("a nullable field is left out")
def _(run: Any) -> None:
    for name in [name for name, value in run.items() if value is None and name.endswith("_at")]:
        del run[name]


for _name, _path, _bad in (
    ("an unknown code of last_error", "last_error.code", "timeout"),
    ("last_error without a message", "last_error.message", GONE),
    ("an unknown reason of incomplete_details", "incomplete_details.reason", "length"),
    ("usage without total_tokens", "usage.total_tokens", GONE),
    ("usage.prompt_tokens is a string", "usage.prompt_tokens", "123"),
    ("usage.completion_tokens is null", "usage.completion_tokens", None),
    ("an unknown type of truncation_strategy", "truncation_strategy.type", "none"),
    ("truncation_strategy.last_messages is 0", "truncation_strategy.last_messages", 0),
    ("response_format has an unknown type", "response_format.type", "yaml"),
    ("json_schema without a name", "response_format.json_schema.name", GONE),
    ("json_schema.strict is a string", "response_format.json_schema.strict", "yes"),
    ("tool_choice of an unknown type", "tool_choice.type", "tool"),
    ("tool_choice.function without a name", "tool_choice.function.name", GONE),
    ("a tool of an unknown type", "tools.0.type", "retrieval"),
    ("a tool without a type", "tools.0.type", GONE),
    ("a function tool without a name", "tools.0.function.name", GONE),
    ("a function's parameters are a string", "tools.0.function.parameters", "{}"),
    ("max_num_results is 51", "tools.1.file_search.max_num_results", 51),
    ("score_threshold is 1.5", "tools.1.file_search.ranking_options.score_threshold", 1.5),
    ("score_threshold is missing", "tools.1.file_search.ranking_options.score_threshold", GONE),
    ("an unknown ranker", "tools.1.file_search.ranking_options.ranker", "best"),
    ("file_ids is a string", "tool_resources.code_interpreter.file_ids", "file-abc123"),
    ("a vector store id is a number", "tool_resources.file_search.vector_store_ids", [1]),
    ("required_action of an unknown type", "required_action.type", "approve"),
    ("required_action without tool calls", "required_action.submit_tool_outputs.tool_calls", GONE),
    ("a tool call without an id", "required_action.submit_tool_outputs.tool_calls.0.id", GONE),
    (
        "a tool call's arguments are an object",
        "required_action.submit_tool_outputs.tool_calls.0.function.arguments",
        {},
    ),
    ("a tool call of an unknown type", "required_action.submit_tool_outputs.tool_calls.0.type", "custom"),
):
    _field(_name, _path, _bad)


@SCHEMA.run("21 tools")
def _(run: Any) -> None:
    run["tools"] = run["tools"] or [{"type": "code_interpreter"}]
    run["tools"] = (run["tools"] * 21)[:21]


@SCHEMA.run("the run inside an array")
def _(run: Any) -> Any:
    return [run]


@SCHEMA.run("the run inside an object")
def _(run: Any) -> Any:
    return {"data": run}


@SCHEMA.run("metadata with a number when it has 16 pairs")
def _(run: Any) -> None:
    if len(run["metadata"] or {}) == 16:
        run["metadata"][max(run["metadata"])] = 16


@SCHEMA.run("metadata is an empty array when it is empty")
def _(run: Any) -> None:
    run["metadata"] = run["metadata"] or []


@SCHEMA.run("metadata is left out when it is empty")
def _(run: Any) -> None:
    if not run["metadata"]:
        del run["metadata"]


@SCHEMA.run("metadata as an array of pairs")
def _(run: Any) -> None:
    run["metadata"] = [{"key": key, "value": value} for key, value in (run["metadata"] or {}).items()]


@SCHEMA.run("metadata as the text of JSON")
def _(run: Any) -> None:
    run["metadata"] = encoded(run["metadata"]).decode()


@SCHEMA.handler("status is wrong in the answer to a change only")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200 and request.sent():
            response.set_json({**response.json(), "status": "modified"})
        return response

    return handle


@SCHEMA.handler("expires_at is wrong in the answer to a no-op only")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200 and request.json() == {}:
            response.set_json({**response.json(), "expires_at": "never"})
        return response

    return handle


def _errors(name: str, change: Callable[[Any], Any], when: str = "4") -> None:
    def edit(response: Response) -> None:
        body = response.json()
        changed = change(body)
        response.set_json(body if changed is None else changed)

    ERRORS.add(name, changing_responses(edit, when))


_errors("the error without its envelope", lambda body: body["error"])
_errors("the error as `detail`", lambda body: {"detail": body["error"]["message"]})
_errors("the error as a string", lambda body: {"error": body["error"]["message"]})
_errors("the errors as an array", lambda body: {"errors": [body["error"]]})
_errors("the error without a message", lambda body: body["error"].pop("message") and None)
_errors("the error without a type", lambda body: body["error"].pop("type") and None)
_errors("the message is null", lambda body: body["error"].update(message=None))
_errors("the message is an array", lambda body: body["error"].update(message=["wrong"]))
_errors("the code is a number", lambda body: body["error"].update(code=400))
_errors("param is an array", lambda body: body["error"].update(param=["metadata"]))
_errors("the type is null", lambda body: body["error"].update(type=None))
_errors("the error is null", lambda body: {"error": None})
for _when in ("401", "404", "405", "413", "415"):
    _errors(f"{_when} without its envelope", lambda body: {"message": body["error"]["message"]}, _when)


@ERRORS.response("404 in HTML", "404")
def _(response: Response) -> None:
    response.headers["content-type"] = "text/html"
    response.body = b"<h1>Not Found</h1>"


@ERRORS.response("400 without a body", "400")
def _(response: Response) -> None:
    response.body = b""


@ERRORS.response("errors cut off", "4")
def _(response: Response) -> None:
    response.body = response.body[:-2]


@ERRORS.response("errors as plain text under application/json", "400")
def _(response: Response) -> None:
    response.body = b"Bad Request"


def _rare(name: str, change: Callable[[Response], None], count: int = 7, of: str = "2") -> None:
    RARE.add(f"{name}, every {count}th", every(count, changing_responses(change), of))


def _without_header(name: str) -> Callable[[Response], None]:
    def edit(response: Response) -> None:
        response.headers.pop(name)

    return edit


def _set(status: int) -> Callable[[Response], None]:
    def edit(response: Response) -> None:
        refused = error(status)
        response.status, response.headers, response.body = status, refused.headers, refused.body

    return edit


for _code in (400, 404, 409, 500, 503):
    _rare(f"{_code} for a valid request", _set(_code))
_rare("no x-request-id", _without_header("x-request-id"))
_rare("no content type", _without_header("content-type"))
_rare("an empty body", lambda response: setattr(response, "body", b""))
_rare("a body that is cut off", lambda response: setattr(response, "body", response.body[:-1]))
_rare("status is unknown", lambda response: response.set_json({**response.json(), "status": "unknown"}))
_rare(
    "model is missing", lambda response: response.set_json({k: v for k, v in response.json().items() if k != "model"})
)
_rare("an empty metadata", lambda response: response.set_json({**response.json(), "metadata": {}}))
_rare(
    "created_at is off by one",
    lambda response: response.set_json({**response.json(), "created_at": response.json()["created_at"] + 1}),
)
_rare("an error without its envelope", lambda response: response.set_json({"message": "x"}), of="4")
_rare("an error answered 500", lambda response: setattr(response, "status", 500), of="4")
_rare("no x-request-id", _without_header("x-request-id"), count=50)
_rare("usage is a string", lambda response: response.set_json({**response.json(), "usage": "none"}), count=50)

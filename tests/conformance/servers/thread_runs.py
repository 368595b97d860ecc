"""openapi.yaml's operation, served by FastAPI and pydantic from memory."""

import asyncio
import secrets
import uuid
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1_000_000
MAX_PAIRS = 16

Key = Annotated[str, StringConstraints(max_length=64)]
Value = Annotated[str, StringConstraints(max_length=512)]
Metadata = Annotated[dict[Key, Value], Field(max_length=MAX_PAIRS)]


class ModifyRunRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    metadata: Metadata | None = None


class FunctionCall(BaseModel):
    name: str
    arguments: str


class ToolCall(BaseModel):
    id: str
    type: Literal["function"]
    function: FunctionCall


class SubmitToolOutputs(BaseModel):
    tool_calls: list[ToolCall]


class RequiredAction(BaseModel):
    type: Literal["submit_tool_outputs"]
    submit_tool_outputs: SubmitToolOutputs


class RunError(BaseModel):
    code: Literal["server_error", "rate_limit_exceeded", "invalid_prompt"]
    message: str


class IncompleteDetails(BaseModel):
    reason: Literal["max_completion_tokens", "max_prompt_tokens"] = "max_completion_tokens"


class CodeInterpreterTool(BaseModel):
    type: Literal["code_interpreter"]


class RankingOptions(BaseModel):
    ranker: Literal["auto", "default_2024_08_21"] = "auto"
    score_threshold: float = Field(ge=0, le=1)


class FileSearchOptions(BaseModel):
    max_num_results: int = Field(default=20, ge=1, le=50)
    ranking_options: RankingOptions | None = None


class FileSearchTool(BaseModel):
    type: Literal["file_search"]
    file_search: FileSearchOptions | None = None


class FunctionDefinition(BaseModel):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionTool(BaseModel):
    type: Literal["function"]
    function: FunctionDefinition


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class TruncationStrategy(BaseModel):
    type: Literal["auto", "last_messages"]
    last_messages: int | None = Field(default=None, ge=1)


class NamedFunction(BaseModel):
    name: str


class ToolChoice(BaseModel):
    type: Literal["function", "code_interpreter", "file_search"]
    function: NamedFunction | None = None


Tool = Annotated[CodeInterpreterTool | FileSearchTool | FunctionTool, Field(discriminator="type")]
Status = Literal[
    "queued",
    "in_progress",
    "requires_action",
    "cancelling",
    "cancelled",
    "failed",
    "completed",
    "incomplete",
    "expired",
]


class Run(BaseModel):
    id: str
    object: Literal["thread.run"]
    created_at: int
    assistant_id: str
    thread_id: str
    status: Status
    started_at: int | None
    expires_at: int | None
    cancelled_at: int | None
    failed_at: int | None
    completed_at: int | None
    required_action: RequiredAction | None = None
    last_error: RunError | None
    model: str
    instructions: str | None
    incomplete_details: IncompleteDetails | None
    tools: list[Tool] = Field(max_length=20)
    tool_resources: dict[str, dict[str, list[str]]] | None = None
    metadata: Metadata | None
    usage: Usage | None
    temperature: float | None = None
    top_p: float | None = None
    max_prompt_tokens: int | None = Field(ge=256)
    max_completion_tokens: int | None = Field(ge=256)
    truncation_strategy: TruncationStrategy | None
    response_format: Literal["auto"] | dict[str, Any] | None
    tool_choice: Literal["none", "auto", "required"] | ToolChoice | None
    parallel_tool_calls: bool


class ApiError(HTTPException):
    """An error in the documented envelope."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(status, message)
        self.param, self.code = param, code


class UnauthorizedError(ApiError):
    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(401, message, code=code)
        self.headers = {"WWW-Authenticate": "Bearer"}


class Database:
    """Runs by thread and identifier. A lock around each change replaces a transaction."""

    def __init__(self, runs: Iterable[Any], mode: str) -> None:
        self._runs = {(run["thread_id"], run["id"]): Run.model_validate(run) for run in runs}
        self._lock = asyncio.Lock()
        self._merges = mode == "merge"

    async def update(self, thread_id: str, run_id: str, change: ModifyRunRequest) -> Run:
        async with self._lock:
            run = self._runs.get((thread_id, run_id))
            if run is None:
                raise ApiError(404, f"No run found with id '{run_id}' on thread '{thread_id}'.")
            if "metadata" not in change.model_fields_set:
                return run
            metadata = dict(change.metadata or {})
            if self._merges and change.metadata is not None:
                metadata = {**(run.metadata or {}), **metadata}
            if len(metadata) > MAX_PAIRS:
                raise ApiError(400, f"A run has at most {MAX_PAIRS} pairs.", "metadata", "object_above_max_properties")
            run = self._runs[thread_id, run_id] = run.model_copy(update={"metadata": metadata})
            return run


async def database(request: Request) -> Database:
    store: Database = request.app.state.database
    return store


async def authenticated(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> None:
    if credentials is None:
        raise UnauthorizedError("Missing bearer authentication in header.")
    if not secrets.compare_digest(credentials.credentials.encode(), request.app.state.key.encode()):
        raise UnauthorizedError("Incorrect API key provided.", code="invalid_api_key")


class JsonRoute(APIRoute):
    """Rejects a body that is not sent as JSON in UTF-8, or that is too large, before it is parsed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type != "application/json":
                raise ApiError(415, "Send the body as application/json.")
            body, size = b"", 0
            async for chunk in request.stream():
                size += len(chunk)
                # All of it is read: a proxy may fail if the connection is closed while it still sends.
                body = body + chunk if size <= MAX_BODY else b""
            if size > MAX_BODY:
                raise ApiError(413, f"The body has more than {MAX_BODY} bytes.")
            try:
                body.decode()
            except UnicodeDecodeError:
                raise ApiError(400, "The body is not UTF-8.") from None

            async def receive() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            return await handler(Request(request.scope, receive))

        return handle


router = APIRouter(prefix="/v1", dependencies=[Depends(authenticated)], route_class=JsonRoute)


@router.post("/threads/{thread_id}/runs/{run_id}", response_model_exclude_unset=True)
async def modify_run(
    thread_id: str,
    run_id: str,
    change: ModifyRunRequest,
    openai_beta: Annotated[str, Header(pattern="^assistants=v2$")],
    store: Annotated[Database, Depends(database)],
) -> Run:
    return await store.update(thread_id, run_id, change)


class RequestIds:
    """Gives each response an `x-request-id`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_identified(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = f"req_{uuid.uuid4().hex}"
            await send(message)

        await self.app(scope, receive, send_identified)


def envelope(
    status: int, message: str, param: str | None, code: str | None, headers: Mapping[str, str] | None
) -> Response:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    error = {"message": message, "type": kind, "param": param, "code": code}
    return JSONResponse({"error": error}, status, headers)


async def http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    param, code = (error.param, error.code) if isinstance(error, ApiError) else (None, None)
    return envelope(error.status_code, error.detail, param, code, error.headers)


async def invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    # A key may hold half of a surrogate pair, which no response can.
    param = ".".join(str(step) for step in first["loc"][1:]).encode(errors="replace").decode()
    return envelope(400, f"Invalid request: {first['msg']}.", param, first["type"], None)


async def server_error(request: Request, error: Exception) -> Response:
    return envelope(500, "The server had an error.", None, None, None)


def create_app(runs: Iterable[Any], mode: str, key: str) -> ASGIApp:
    """The application.

    Args:
        runs: The stored runs, as JSON objects.
        mode: `merge` or `replace`: what new pairs do with the stored ones.
        key: The API key that is accepted.
    """
    app = FastAPI(title="Thread Runs", redirect_slashes=False)
    app.include_router(router)
    app.add_exception_handler(StarletteHTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_exception_handler(Exception, server_error)
    app.state.database = Database(runs, mode)
    app.state.key = key
    return RequestIds(app)

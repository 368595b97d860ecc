"""What the servers of the other specs share: strict request bodies, and errors in the form that each spec documents."""

import json
import math
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, ConfigDict
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import Message


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Integer = Annotated[int, BeforeValidator(_whole)]
"""An integer as JSON Schema has it: 3.0 is one."""


class Body(BaseModel):
    """A request body: no unknown properties, no conversions."""

    model_config = ConfigDict(extra="forbid", strict=True)


def given(body: BaseModel) -> dict[str, Any]:
    """The properties that were sent, as JSON values."""
    return body.model_dump(mode="json", exclude_unset=True)


def json_route(invalid: int, unsupported: int) -> type[APIRoute]:
    """Routes that reject bodies that are not UTF-8 or not JSON, numbers included, with these statuses."""

    class JsonRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def handle(request: Request) -> Response:
                body = await request.body()
                if self.body_field is None:
                    return await handler(request)
                media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
                if media_type != "application/json":
                    raise HTTPException(unsupported, "send the body as application/json")
                try:
                    json.loads(body.decode(), parse_constant=_not_json, parse_float=_finite)
                except (ValueError, RecursionError):
                    raise HTTPException(invalid, "the body is not JSON") from None

                async def receive() -> Message:
                    return {"type": "http.request", "body": body, "more_body": False}

                return await handler(Request(request.scope, receive))

            return handle

    return JsonRoute


def _not_json(text: str) -> float:
    raise ValueError(text)


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number


def document_errors(app: FastAPI, router: APIRouter, invalid: int, content: Callable[[str, str], Any]) -> None:
    """Answer errors as the spec says.

    Args:
        router: The routes, for the methods that a 405 names.
        invalid: The status for requests that break the spec.
        content: Makes the body of an error of a message and a field's name.
    """

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, StarletteHTTPException)
        headers = {**(error.headers or {}), **({"Allow": allowed(request)} if error.status_code == 405 else {})}
        return JSONResponse(content(str(error.detail), ""), error.status_code, headers)

    def allowed(request: Request) -> str:
        """All methods of the path; Starlette names those of its first route only."""
        routes = [route for route in router.routes if isinstance(route, APIRoute)]
        found = [route for route in routes if route.path_regex.fullmatch(request.url.path)]
        return ", ".join(sorted({method for route in found for method in route.methods or ()}))

    async def invalid_request(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"][1:])).encode(errors="replace").decode()
        return JSONResponse(content(first["msg"], field), invalid)

    async def server_error(request: Request, error: Exception) -> Response:
        return JSONResponse(content("the server failed", ""), 500)

    app.add_exception_handler(StarletteHTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_exception_handler(Exception, server_error)

"""specs/tickets.yaml: OpenAPI 3.0, a list inside an object, a map that is merged, a login by HTTP Basic."""

import itertools
import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import Field, StringConstraints
from starlette.types import ASGIApp

from tests.conformance.servers.common import Body, document_errors, given, json_route

USER, PASSWORD = "agent", "tickets-Pass-9"

FAULTS = {
    "deleted is shown": "A ticket that was deleted can still be read.",
    "created differs": "A ticket that was opened with priority `high` is stored as `normal`.",
    "required ignored": "A change without `priority` is accepted.",
    "password by its beginning": "Of a password only the first eight characters are compared.",
    "labels shared": "A change of a ticket's labels shows in the ticket with the next number.",
}

Subject = Annotated[str, StringConstraints(min_length=3, max_length=100)]
Priority = Literal["low", "normal", "high"]
Labels = dict[str, Annotated[str, StringConstraints(max_length=64)]]
Number = Annotated[int, Path(ge=1)]


class NewTicket(Body):
    subject: Subject
    priority: Priority
    labels: Labels = Field(default_factory=dict, max_length=10)


class TicketChange(Body):
    subject: Subject = ""
    priority: Priority
    assignee: Annotated[str, StringConstraints(max_length=50)] | None = None
    labels: Labels = Field(default_factory=dict, max_length=10)


class LaxTicketChange(TicketChange):
    priority: Priority = "normal"


def create_app(fault: str = "") -> ASGIApp:
    """The application; wrong in one way if a fault of FAULTS is named."""
    numbers = itertools.count(1)
    tickets: dict[int, dict[str, Any]] = {}
    deleted: dict[int, dict[str, Any]] = {}

    def add(**values: Any) -> dict[str, Any]:
        ticket = {"number": next(numbers), "assignee": None, "labels": {}, **values}
        tickets[ticket["number"]] = ticket
        return ticket

    add(subject="Printer on fire", priority="high", labels={"floor": "2"})
    add(subject="Mouse missing", priority="low", assignee="kim")
    add(subject="No network", priority="normal")

    async def log_in(
        login: Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))],
    ) -> None:
        compared = 8 if fault == "password by its beginning" else None
        valid = login is not None and secrets.compare_digest(login.username.encode(), USER.encode())
        if not valid or login is None or login.password[:compared] != PASSWORD[:compared]:
            raise HTTPException(401, "log in", {"WWW-Authenticate": 'Basic realm="tickets"'})

    def found(number: int) -> dict[str, Any]:
        if number not in tickets:
            raise HTTPException(404, "there is no such ticket")
        return tickets[number]

    router = APIRouter(prefix="/tickets", dependencies=[Depends(log_in)], route_class=json_route(422, 422))

    @router.get("")
    async def list_tickets() -> dict[str, Any]:
        return {"tickets": list(tickets.values())}

    @router.post("", status_code=201)
    async def open_ticket(body: NewTicket) -> dict[str, Any]:
        ticket = add(**given(body))
        if fault == "created differs" and ticket["priority"] == "high":
            tickets[ticket["number"]] = {**ticket, "priority": "normal"}
        return ticket

    @router.get("/{number}")
    async def show_ticket(number: Number) -> dict[str, Any]:
        return deleted[number] if fault == "deleted is shown" and number in deleted else found(number)

    def modify(number: int, body: TicketChange) -> dict[str, Any]:
        before, change = found(number), given(body)
        if "labels" in change:
            change["labels"] = {**before["labels"], **change["labels"]}
            if len(change["labels"]) > 10:
                raise HTTPException(422, "a ticket has at most ten labels")
            if fault == "labels shared" and number + 1 in tickets:
                tickets[number + 1] = {**tickets[number + 1], "labels": change["labels"]}
        tickets[number] = {**before, **change}
        return tickets[number]

    if fault == "required ignored":

        @router.post("/{number}")
        async def modify_laxly(number: Number, body: LaxTicketChange) -> dict[str, Any]:
            return modify(number, body)
    else:

        @router.post("/{number}")
        async def modify_ticket(number: Number, body: TicketChange) -> dict[str, Any]:
            return modify(number, body)

    @router.delete("/{number}", status_code=204)
    async def delete_ticket(number: Number) -> None:
        deleted[number] = found(number)
        del tickets[number]

    app = FastAPI(redirect_slashes=False)
    app.include_router(router)
    document_errors(app, router, 422, lambda message, field: {"errors": [f"{field}: {message}" if field else message]})
    return app

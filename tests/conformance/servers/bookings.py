"""specs/bookings.yaml: a resource replaced by PUT, another changed by PATCH; OAuth2; dates in the path."""

import secrets
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path
from fastapi.security import OAuth2PasswordBearer
from pydantic import Field, StringConstraints, field_validator, model_validator
from starlette.types import ASGIApp

from tests.conformance.servers.common import Body, Integer, document_errors, given, json_route

TOKEN = "bookings-Token-5"
ROOM, OTHER_ROOM = "AB-101", "AB-202"
DAY, OTHER_DAY = "2026-03-29", "2026-12-31"

FAULTS = {
    "put merges": "PUT keeps `catering` when the new booking leaves it out.",
    "one day off": "A booking of a day that is left in March is stored for the day after.",
    "null ignored": "`closed_from: null` is taken for a property that was left out.",
    "order lost": "`attendees` come back in alphabetical order.",
    "unknown accepted": "Unknown properties of `catering` are accepted.",
}

Text = Annotated[str, StringConstraints(min_length=1, max_length=60)]
SignName = Annotated[str, StringConstraints(max_length=10)]
SignText = Annotated[str, StringConstraints(max_length=100)]
RoomId = Annotated[str, Path(pattern=r"^[A-Z]{2}-[0-9]{3}$")]


Day = Annotated[str, Path(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class RoomChange(Body):
    name: Annotated[str, StringConstraints(min_length=2, max_length=40)] = ""
    capacity: Annotated[Integer, Field(ge=1, le=500)] = 1
    closed_from: date | None = Field(default=None, strict=False)
    signs: dict[SignName, SignText] = Field(default_factory=dict, max_length=5)

    @field_validator("closed_from", mode="before")
    @classmethod
    def a_full_date(cls, value: Any) -> Any:
        """pydantic also reads numbers, and times at midnight."""
        if value is not None and not (isinstance(value, str) and len(value) == 10):
            raise ValueError("expected a date")
        return value

    @model_validator(mode="after")
    def something_is_changed(self) -> "RoomChange":
        if not self.model_fields_set:
            raise ValueError("expected at least one property")
        return self


class Catering(Body):
    menu: Literal["cold", "warm", "vegan"]
    meals: Annotated[Integer, Field(ge=1, le=200)]
    note: Annotated[str, StringConstraints(max_length=200)] = ""


class LaxCatering(Catering, extra="ignore"):
    pass


class BookingChange(Body):
    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    priority: Annotated[Integer, Field(ge=1, le=5)]
    attendees: Annotated[list[Text], Field(min_length=1, max_length=20)]
    catering: Catering | None = None

    @field_validator("attendees")
    @classmethod
    def each_once(cls, value: list[str]) -> list[str]:
        if len(set(value)) < len(value):
            raise ValueError("an attendee is named twice")
        return value

    @field_validator("catering")
    @classmethod
    def not_null(cls, value: Catering | None) -> Catering:
        if value is None:
            raise ValueError("expected an object")
        return value


class LaxBookingChange(BookingChange):
    catering: LaxCatering | None = None


def create_app(fault: str = "") -> ASGIApp:
    """The application; wrong in one way if a fault of FAULTS is named."""
    rooms: dict[str, dict[str, Any]] = {
        room: {"room_id": room, "name": f"Room {room}", "capacity": 12, "closed_from": None, "signs": {"door": room}}
        for room in (ROOM, OTHER_ROOM)
    }
    bookings: dict[tuple[str, str], dict[str, Any]] = {
        (room, day): {"room_id": room, "day": day, "title": "Review", "priority": 3, "attendees": ["ann", "bob"]}
        for room in rooms
        for day in (DAY, OTHER_DAY)
    }
    bookings[ROOM, DAY]["catering"] = {"menu": "warm", "meals": 9}
    token_in_header = OAuth2PasswordBearer(tokenUrl="/token", auto_error=False)

    async def check_token(token: Annotated[str | None, Depends(token_in_header)]) -> None:
        if token is None or not secrets.compare_digest(token.encode(), TOKEN.encode()):
            raise HTTPException(401, "the token is missing or wrong", {"WWW-Authenticate": "Bearer"})

    router = APIRouter(
        prefix="/v3/rooms/{room_id}", dependencies=[Depends(check_token)], route_class=json_route(400, 415)
    )

    def room_of(room_id: str) -> dict[str, Any]:
        if room_id not in rooms:
            raise HTTPException(404, "there is no such room")
        return rooms[room_id]

    def booking_of(room_id: str, day: str) -> dict[str, Any]:
        if (room_id, day) not in bookings:
            raise HTTPException(404, "there is no such booking")
        return bookings[room_id, day]

    @router.get("")
    async def read_room(room_id: RoomId) -> dict[str, Any]:
        return room_of(room_id)

    @router.patch("")
    async def change_room(room_id: RoomId, body: RoomChange) -> dict[str, Any]:
        change = given(body)
        if fault == "null ignored" and change.get("closed_from", "") is None:
            del change["closed_from"]
        rooms[room_id] = {**room_of(room_id), **change}
        return rooms[room_id]

    @router.get("/bookings/{day}")
    async def read_booking(room_id: RoomId, day: Day) -> dict[str, Any]:
        return booking_of(room_id, day)

    async def replace_booking(room_id: str, day: str, body: BookingChange) -> dict[str, Any]:
        before, after = booking_of(room_id, day), given(body)
        if fault == "put merges" and "catering" in before:
            after.setdefault("catering", before["catering"])
        if fault == "order lost":
            after["attendees"].sort()
        shown = "2026-03-30" if fault == "one day off" and day == "2026-03-29" else day
        bookings[room_id, day] = {"room_id": room_id, "day": shown, **after}
        return bookings[room_id, day]

    if fault == "unknown accepted":

        @router.put("/bookings/{day}")
        async def replace_laxly(room_id: RoomId, day: Day, body: LaxBookingChange) -> dict[str, Any]:
            return await replace_booking(room_id, day, body)
    else:

        @router.put("/bookings/{day}")
        async def replace(room_id: RoomId, day: Day, body: BookingChange) -> dict[str, Any]:
            return await replace_booking(room_id, day, body)

    app = FastAPI(redirect_slashes=False)
    app.include_router(router)
    document_errors(app, router, 400, lambda message, field: {"detail": f"{field}: {message}" if field else message})
    return app

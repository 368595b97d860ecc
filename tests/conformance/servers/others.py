"""The servers of other specs, and the options for the suite to judge them."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from tests.conformance.servers import bookings, inventory, tickets

_SPECS = Path(__file__).parents[1] / "specs"


@dataclass(frozen=True)
class OtherServer:
    """A server of another spec than openapi.yaml.

    Attributes:
        create_app: Makes the application, with the fault that is named, or right.
        base_path: What precedes the spec's paths.
        header: The credentials, as a header.
        targets: Values for the path parameters of resources that may be changed.
        faults: What each wrong variant does, by its name.
    """

    name: str
    create_app: Callable[[str], ASGIApp]
    base_path: str
    header: tuple[str, str]
    targets: tuple[dict[str, str], ...]
    faults: dict[str, str]

    @property
    def spec(self) -> Path:
        return _SPECS / f"{self.name}.yaml"


_LOGIN = base64.b64encode(f"{tickets.USER}:{tickets.PASSWORD}".encode()).decode()

OTHERS = (
    OtherServer(
        "inventory",
        inventory.create_app,
        "/api",
        ("X-API-Key", inventory.KEY),
        tuple({"warehouse_id": "3", "item_id": item_id} for item_id in (inventory.ITEM, inventory.OTHER_ITEM)),
        inventory.FAULTS,
    ),
    OtherServer(
        "bookings",
        bookings.create_app,
        "/v3",
        ("Authorization", f"Bearer {bookings.TOKEN}"),
        (
            {"room_id": bookings.ROOM, "day": bookings.DAY},
            {"room_id": bookings.OTHER_ROOM, "day": bookings.OTHER_DAY},
        ),
        bookings.FAULTS,
    ),
    OtherServer(
        "tickets",
        tickets.create_app,
        "",
        ("Authorization", f"Basic {_LOGIN}"),
        ({"number": "1"}, {"number": "2"}, {"number": "3"}),
        tickets.FAULTS,
    ),
)

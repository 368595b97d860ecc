"""specs/inventory.yaml: items are changed by PATCH; an API key in a header; identifiers are integers and UUIDs."""

import secrets
import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Security
from fastapi.security import APIKeyHeader
from pydantic import Field, StringConstraints, model_validator
from starlette.types import ASGIApp

from tests.conformance.servers.common import Body, Integer, document_errors, given, json_route

KEY = "inventory-Key-77"
ITEM = "0b5f4c1e-7a6d-4f0e-9d4b-2f9c9a1d7e10"
OTHER_ITEM = "5d1c2b3a-1111-4222-8333-944455556666"

FAULTS = {
    "boundary": "A quantity of 100,000 is refused, though it is the maximum.",
    "explicit false": "`listed: false` is taken for a property that was left out.",
    "list merged": "`labels` are appended to the stored ones instead of replacing them.",
    "list omits": "The list does not contain the item that was created last.",
    "nested merged": "`dimensions` keeps a `unit` that the new value leaves out.",
}

Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Label = Annotated[str, StringConstraints(max_length=30)]
Quantity = Annotated[Integer, Field(ge=0, le=100_000)]
Price = Annotated[float, Field(ge=0)]
Length = Annotated[float, Field(gt=0, le=1000)]
Warehouse = Annotated[int, Path(ge=1)]


class Dimensions(Body):
    width: Length
    height: Length
    unit: Literal["cm", "in"] = "cm"


class ItemChange(Body):
    name: Name = ""
    quantity: Quantity = 0
    price: Price = 0
    listed: bool = False
    state: Literal["draft", "listed", "sold_out"] = "draft"
    labels: list[Label] = Field(default_factory=list, max_length=8)
    dimensions: Dimensions | None = None

    @model_validator(mode="before")
    @classmethod
    def dimensions_are_not_null(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("dimensions", value) is None:
            raise ValueError("dimensions must not be null")
        return value


class NewItem(Body):
    name: Name
    quantity: Quantity
    price: Price = 0
    labels: list[Label] = Field(default_factory=list, max_length=8)


def item(warehouse_id: int, item_id: str, **values: Any) -> dict[str, Any]:
    defaults = {"price": 0, "listed": False, "state": "draft", "labels": []}
    return {"id": item_id, "warehouse_id": warehouse_id, **defaults, **values}


def create_app(fault: str = "") -> ASGIApp:
    """The application; wrong in one way if a fault of FAULTS is named."""
    stored: dict[int, dict[str, dict[str, Any]]] = {
        3: {
            ITEM: item(
                3, ITEM, name="Lamp", quantity=4, price=12.5, labels=["light"], dimensions={"width": 3, "height": 9}
            ),
            OTHER_ITEM: item(3, OTHER_ITEM, name="Desk", quantity=1, listed=True, state="listed"),
        },
        4: {},
    }

    async def check_key(key: Annotated[str | None, Security(APIKeyHeader(name="X-API-Key", auto_error=False))]) -> None:
        if key is None or not secrets.compare_digest(key.encode(), KEY.encode()):
            raise HTTPException(401, "the key is missing or wrong", {"WWW-Authenticate": "ApiKey"})

    def items(warehouse_id: int) -> dict[str, dict[str, Any]]:
        if warehouse_id not in stored:
            raise HTTPException(404, "there is no such warehouse")
        return stored[warehouse_id]

    def found(warehouse_id: int, item_id: uuid.UUID) -> dict[str, Any]:
        if str(item_id) not in items(warehouse_id):
            raise HTTPException(404, "there is no such item")
        return items(warehouse_id)[str(item_id)]

    router = APIRouter(
        prefix="/api/warehouses/{warehouse_id}/items",
        dependencies=[Depends(check_key)],
        route_class=json_route(400, 415),
    )

    @router.get("")
    async def list_items(warehouse_id: Warehouse) -> list[dict[str, Any]]:
        shown = list(items(warehouse_id).values())
        return shown[:-1] if fault == "list omits" and len(shown) > 2 else shown

    @router.post("", status_code=201)
    async def create_item(warehouse_id: Warehouse, body: NewItem) -> dict[str, Any]:
        item_id = str(uuid.uuid4())
        created = item(warehouse_id, item_id, **given(body))
        items(warehouse_id)[item_id] = created
        return created

    @router.get("/{item_id}")
    async def get_item(warehouse_id: Warehouse, item_id: uuid.UUID) -> dict[str, Any]:
        return found(warehouse_id, item_id)

    @router.patch("/{item_id}")
    async def update_item(warehouse_id: Warehouse, item_id: uuid.UUID, body: ItemChange) -> dict[str, Any]:
        before, change = found(warehouse_id, item_id), given(body)
        if fault == "boundary" and change.get("quantity") == 100_000:
            raise HTTPException(400, "quantity is too large")
        if fault == "explicit false" and change.get("listed") is False:
            del change["listed"]
        if fault == "list merged" and "labels" in change:
            change["labels"] = (before["labels"] + change["labels"])[-8:]
        if fault == "nested merged" and "dimensions" in change:
            change["dimensions"] = {**before.get("dimensions", {}), **change["dimensions"]}
        after = items(warehouse_id)[str(item_id)] = {**before, **change}
        return after

    @router.delete("/{item_id}", status_code=204)
    async def delete_item(warehouse_id: Warehouse, item_id: uuid.UUID) -> None:
        found(warehouse_id, item_id)
        del items(warehouse_id)[str(item_id)]

    app = FastAPI(redirect_slashes=False)
    app.include_router(router)
    document_errors(app, router, 400, lambda message, field: {"title": message, **({"field": field} if field else {})})
    return app

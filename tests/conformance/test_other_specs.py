"""Servers of other specs: right, and wrong in one way each."""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conformance.servers.others import OTHERS, OtherServer
from tests.conformance.servers.serving import serve

BY_NAME = {other.name: other for other in OTHERS}


@contextlib.contextmanager
def calling(other: OtherServer, fault: str = "") -> Iterator[httpx.Client]:
    name, value = other.header
    with (
        serve(other.create_app(fault)) as origin,
        httpx.Client(base_url=origin + other.base_path, headers={name: value}) as client,
    ):
        yield client


def inventory(client: httpx.Client, fault: str) -> Any:
    path = "/warehouses/3/items"
    created = client.post(path, json={"name": "Chair", "quantity": 2}).json()
    item = f"{path}/{created['id']}"
    changes = {
        "boundary": {"quantity": 100_000},
        "explicit false": {"listed": False},
        "list merged": {"labels": ["b"]},
        "nested merged": {"dimensions": {"width": 1, "height": 2}},
    }
    if fault not in changes:
        return [entry["name"] for entry in client.get(path).json()]
    client.patch(item, json={"listed": True, "labels": ["a"], "dimensions": {"width": 1, "height": 1, "unit": "in"}})
    answer = client.patch(item, json=changes[fault])
    return answer.status_code, {name: value for name, value in answer.json().items() if name != "id"}


def bookings(client: httpx.Client, fault: str) -> Any:
    booking = {"title": "T", "priority": 1, "attendees": ["zoe", "ann"]}
    if fault == "unknown accepted":
        booking["catering"] = {"menu": "cold", "meals": 1, "x": 1}
    if fault == "null ignored":
        client.patch("/rooms/AB-101", json={"closed_from": "2026-01-01"})
        return client.patch("/rooms/AB-101", json={"closed_from": None}).json()
    return client.put("/rooms/AB-101/bookings/2026-03-29", json=booking).json()


def tickets(client: httpx.Client, fault: str) -> Any:
    created = client.post("/tickets", json={"subject": "Leak", "priority": "high"}).json()
    ticket = f"/tickets/{created['number']}"
    if fault == "created differs":
        return client.get(ticket).json()
    if fault == "deleted is shown":
        return client.delete(ticket).status_code, client.get(ticket).status_code
    if fault == "required ignored":
        return client.post(ticket, json={"subject": "Leaks"}).status_code
    if fault == "password by its beginning":
        return client.get(ticket, auth=("agent", "tickets-other")).status_code
    client.post("/tickets/2", json={"priority": "low", "labels": {"k": "v"}})
    return client.get("/tickets/3").json()


CALLS = {"inventory": inventory, "bookings": bookings, "tickets": tickets}
VARIANTS = [(other.name, fault) for other in OTHERS for fault in other.faults]


@pytest.mark.unmeasured
@pytest.mark.parametrize(("name", "fault"), VARIANTS)
def test_a_variant_answers_differently_from_the_right_server(name: str, fault: str) -> None:
    with calling(BY_NAME[name]) as client:
        right = CALLS[name](client, fault)
    with calling(BY_NAME[name], fault) as client:
        assert CALLS[name](client, fault) != right


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.name)
def test_each_server_has_five_variants(other: OtherServer) -> None:
    assert len(other.faults) == 5

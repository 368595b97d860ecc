"""How faults are chosen: by a request, by chance, by a file. What each of them does, the tests of the client show."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import thread_runs_mock
from thread_runs_mock.faults import FAULTS, Faults, FaultsError, read_rates

from .conftest import DOCUMENTED, HEADERS

Start = Callable[..., httpx.Client]


def statuses(client: httpx.Client, number: int, prefer: str | None = None) -> list[int]:
    headers = {"Prefer": prefer} if prefer else {}
    return [client.post(DOCUMENTED, json={}, headers=headers).status_code for _ in range(number)]


def test_without_the_option_no_request_chooses_a_fault(start: Start) -> None:
    assert statuses(start(), 1, "fault=status") == [200]


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        ("fault=status", [520] * 4),
        ("fault=status; value=418", [418] * 4),
        ('FAULT="status" ;value="418"; times=2', [418, 418, 200, 418]),
        ("fault=503-burst", [503, 503, 503, 200]),
        ("fault=503-burst; value=1", [503, 200, 503, 200]),
        ("respond-async, fault=status; value=500", [500] * 4),
        ("wait=5; times=1, fault=status", [520] * 4),
        ("respond-async", [200] * 4),
        ("code=429, example=rateLimit", [429] * 4),
    ],
)
def test_a_request_chooses_by_prefer(start: Start, prefer: str, expected: list[int]) -> None:
    assert statuses(start(faults=""), 4, prefer) == expected


@pytest.mark.parametrize(
    ("prefer", "text"),
    [
        ("fault=nothing", "unknown fault 'nothing'. Known faults are: delay, "),
        ("fault=status; value=high", "status: expected a number, but got 'high'"),
        ("fault=html; value=-1", "html: expected a number, but got '-1'"),
        ("fault=garbage-json; value=1", "garbage-json: expected no value, but got '1'"),
        ("fault=status; times=x", "times: expected a number, but got 'x'"),
    ],
)
def test_a_choice_that_cannot_be_served_is_answered_400(start: Start, prefer: str, text: str) -> None:
    answer = start(faults="").post(DOCUMENTED, json={}, headers={"Prefer": prefer})
    assert answer.status_code == 400
    assert text in answer.json()["error"]["message"]
    assert answer.json()["error"]["param"] == "Prefer"
    assert answer.headers["x-request-id"].startswith("req_")


def test_a_damaged_response_was_executed_and_a_rejected_request_was_not(start: Start) -> None:
    client = start(faults="")
    for prefer, key in [("fault=status", "no"), ("fault=garbage-json", "yes")]:
        client.post(DOCUMENTED, json={"metadata": {key: "1"}}, headers={"Prefer": prefer})
    metadata = client.post(DOCUMENTED, json={}).json()["metadata"]
    assert "yes" in metadata
    assert "no" not in metadata


def test_chance_is_the_same_for_the_same_seed(start: Start) -> None:
    runs = [
        statuses(start(faults="status=0.3:418,503-burst=.1:2, html=0.1:502", fault_seed=seed), 60) for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {200, 418, 502, 503}
    text = "".join("B" if status == 503 else "." for status in runs[0])
    assert all(len(burst) % 2 == 0 for burst in text.split(".")), "a burst is two in a row"


def test_a_file_has_one_rate_on_each_line(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "faults"
    path.write_text("# what our gateway does\nstatus=1:418  # always\n\n", "utf-8")
    assert statuses(start(faults=path), 2) == [418, 418]
    assert statuses(start(faults=str(path)), 2) == [418, 418]


def test_values_are_read() -> None:
    rates = read_rates("delay=.5:0.25,redirect=0.1:https://other.invalid/a:b,gzip-bomb=0,reset-after-headers=0.")
    assert [(rate.fault.name, rate.share, rate.value) for rate in rates] == [
        ("delay", 0.5, 0.25),
        ("redirect", 0.1, "https://other.invalid/a:b"),
        ("gzip-bomb", 0, 64),
        ("reset-after-headers", 0, None),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing=0.1", "unknown fault 'nothing'"),
        ("delay", "delay: expected a share"),
        ("delay=2", "expected a share of the requests from 0 to 1, but got '2'"),
        ("delay=-1", "but got '-1'"),
        ("delay=0.1:x", "delay: expected a number, but got 'x'"),
        ("delay=0.6,html=0.6", "the shares add up to 1.2"),
    ],
)
def test_rates_that_cannot_be_read_are_rejected(text: str, message: str) -> None:
    with pytest.raises(FaultsError, match=message):
        read_rates(text)


def test_a_file_that_is_not_text_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "faults"
    path.write_bytes(b"\xff")
    with pytest.raises(FaultsError, match="cannot read"):
        read_rates(path)


@pytest.mark.parametrize("name", ["reset-before-headers", "endless-body"])
async def test_another_server_cannot_serve_faults_of_the_wire(name: str) -> None:
    application: Any = Faults(thread_runs_mock.create_app())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(application), base_url="http://mock/v1", headers=HEADERS
    ) as client:
        answer = await client.post(DOCUMENTED, json={}, headers={"Prefer": f"fault={name}"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (501, "unsupported_fault")
        assert (await client.post(DOCUMENTED, json={}, headers={"Prefer": "fault=status"})).status_code == 520
        assert (await client.post(DOCUMENTED, json={}, headers={"Other": "fault=status"})).status_code == 200


def test_a_client_that_reads_nothing_is_waited_for(start: Start) -> None:
    client = start(faults="")
    address = (client.base_url.host, client.base_url.port or 0)
    request = f"POST /v1{DOCUMENTED} HTTP/1.1\r\nhost: mock\r\nprefer: fault=endless-body\r\ncontent-length: 0\r\n\r\n"
    with socket.create_connection(address) as connection:
        connection.sendall(request.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        # Time for it to fill what the system holds back.
        time.sleep(0.5)
    assert statuses(client, 1) == [200]


async def test_what_is_not_http_reaches_the_application() -> None:
    application: Any = Faults(thread_runs_mock.create_app())
    received = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(received)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await application({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_every_fault_has_a_summary_that_says_what_its_value_is() -> None:
    assert [fault.name for fault in FAULTS.values() if ("value" in fault.summary) != (fault.value is not None)] == []

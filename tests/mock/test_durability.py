"""What was acknowledged survives `kill -9`, and an update is there as a whole or not at all."""

import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import thread_runs_mock
from tests import deep

from .conftest import HEADERS

CLIENTS = 8
DEADLINE = 60


class Client(threading.Thread):
    """Counts up in the metadata of its own run, in two pairs that must always be equal."""

    def __init__(self, number: int) -> None:
        super().__init__(daemon=True)
        self.path = f"/v1/threads/thread_{number}/runs/run_{number}"
        self.address = ("", 0)
        self.sent = self.acknowledged = 0
        self.faults: list[str] = []
        self.done = False

    def run(self) -> None:
        connection = None
        is_checked = False
        while not (self.done and is_checked):
            try:
                connection = connection or http.client.HTTPConnection(*self.address, timeout=DEADLINE)
                if not is_checked:
                    # A new connection: the server may have been killed before it could answer.
                    self.check(self.exchange(connection, {}))
                    is_checked = True
                    continue
                self.sent += 1
                pairs = {"n": str(self.sent), "twin": str(self.sent)}
                answer = self.exchange(connection, {"metadata": pairs})
                self.acknowledged = self.sent
                self.check(answer)
            except (OSError, http.client.HTTPException):
                if connection:
                    connection.close()
                connection, is_checked = None, False
                time.sleep(0.01)
        if connection:
            connection.close()

    def exchange(self, connection: http.client.HTTPConnection, body: object) -> dict[str, str]:
        headers = {**HEADERS, "Content-Type": "application/json"}
        connection.request("POST", self.path, json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        if response.status != 200:
            self.faults.append(f"{response.status} {answer}")
        metadata: dict[str, str] = answer.get("metadata", {})
        return metadata

    def check(self, metadata: dict[str, str]) -> None:
        stored, twin = int(metadata.get("n", 0)), int(metadata.get("twin", 0))
        if stored != twin:
            self.faults.append(f"half an update: {stored} and {twin}")
        if not self.acknowledged <= stored <= self.sent:
            self.faults.append(f"stored {stored}, acknowledged {self.acknowledged}, sent {self.sent}")


def workers(process: subprocess.Popen[str]) -> list[int]:
    return [
        int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split()
    ]


@pytest.mark.deep
def test_nothing_acknowledged_is_lost_when_processes_are_killed(
    tmp_path: Path, launch: Callable[..., tuple[subprocess.Popen[str], str]]
) -> None:
    path = tmp_path / "runs.db"
    arguments = ("--store", str(path), "--workers", "2", "--create-missing", "--quiet")
    chance = random.Random(deep.seed())
    clients = [Client(number) for number in range(CLIENTS)]
    process, url = launch(*arguments)
    for client in clients:
        client.address = (url.split("/")[2].split(":")[0], int(url.split(":")[2].split("/")[0]))
        client.start()
    for kill in range(1, deep.examples(40) + 1):
        # Only what is at work is worth killing.
        goal = sum(client.acknowledged for client in clients) + CLIENTS
        deadline = time.monotonic() + DEADLINE
        while sum(client.acknowledged for client in clients) < goal:
            assert time.monotonic() < deadline, "the server does not answer any more"
            time.sleep(0.005)
        time.sleep(chance.random() * 0.03)
        if kill % 20:
            os.kill(chance.choice(workers(process)), signal.SIGKILL)
        else:
            # Everything at once, as when the machine goes down.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process, url = launch(*arguments)
            for client in clients:
                client.address = (client.address[0], int(url.split(":")[2].split("/")[0]))
    for client in clients:
        client.done = True
    for client in clients:
        client.join(DEADLINE)
        assert not client.is_alive()
        assert client.faults == []
    process.terminate()
    assert process.wait(30) == 0
    application = thread_runs_mock.create_app(store=path)
    try:
        stored = [json.loads(body) for body in application.state.store.bodies()]
    finally:
        application.close()
    counts = {run["id"]: run["metadata"] for run in stored}
    for number, client in enumerate(clients):
        client.check(counts[f"run_{number}"])
        assert client.faults == []

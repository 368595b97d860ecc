"""Real package indexes on loopback, each with one user who can upload."""

import base64
import hashlib
import socket
import subprocess
import sys
import time
import uuid
from abc import ABC, abstractmethod
from pathlib import Path

import httpx

USER = "user"
PASSWORD = "pass-4711-word"
BIN = Path(sys.executable).parent


def free_port() -> int:
    """Return a free port: neither server can choose one and report it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Server:
    """A server process, from the time it listens on its port of 127.0.0.1 until it is closed."""

    def __init__(self, command: list[str], port: int) -> None:
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except ConnectionRefusedError:
                assert self._process.poll() is None, f"{command[0]} has ended"
                time.sleep(0.05)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


class PackageIndex(ABC):
    """An empty package index.

    Attributes:
        upload_url: Where to upload.
        simple_url: Where pip reads.
    """

    upload_url: str
    simple_url: str

    @abstractmethod
    def remove(self, file: str) -> None:
        """Remove a file of thread-runs, as if its upload had been interrupted."""


class PyPIServer(PackageIndex):
    """pypiserver, which keeps its files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.packages = folder / "packages"
        self.packages.mkdir()
        # The htpasswd format that needs no library; the password is used in these tests only.
        digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
        # Uploads with a token come from the user `__token__`.
        lines = [f"{user}:{{SHA}}{digest}\n" for user in (USER, "__token__")]
        (folder / "users").write_text("".join(lines), "utf-8")
        port = free_port()
        self.upload_url = f"http://127.0.0.1:{port}/"
        self.simple_url = f"http://127.0.0.1:{port}/simple/"
        command = [
            *(str(BIN / "pypi-server"), "run", "-i", "127.0.0.1", "-p", str(port), "-P", str(folder / "users")),
            *("-a", "update", "--disable-fallback", str(self.packages)),
        ]
        self._server = Server(command, port)

    def close(self) -> None:
        self._server.close()

    def remove(self, file: str) -> None:
        (self.packages / file).unlink()


class DevpiServer:
    """A running devpi-server. It takes seconds to start, so the tests of a module share it and use an index each."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.root = f"http://127.0.0.1:{port}"
        data = str(folder / "devpi")
        initialise = [str(BIN / "devpi-init"), "--serverdir", data, "--no-root-pypi", "--root-passwd", "root-password"]
        subprocess.run(initialise, check=True, capture_output=True)
        # The usual effort to derive keys from its secret would take four seconds on both cores.
        effort = ["--argon2-time-cost", "1", "--argon2-memory-cost", "1024"]
        command = [str(BIN / "devpi-server"), "--serverdir", data, "--host", "127.0.0.1", "--port", str(port), *effort]
        self._server = Server(command, port)
        httpx.put(f"{self.root}/{USER}", json={"password": PASSWORD}).raise_for_status()
        credentials = {"user": USER, "password": PASSWORD}
        answer = httpx.post(f"{self.root}/+login", json=credentials).raise_for_status().json()
        self.login = httpx.BasicAuth(USER, answer["result"]["password"])

    def close(self) -> None:
        self._server.close()


class DevpiIndex(PackageIndex):
    """A new index of a devpi-server."""

    def __init__(self, server: DevpiServer) -> None:
        url = f"{server.root}/{USER}/{uuid.uuid4().hex}"
        self._login = server.login
        self.upload_url = f"{url}/"
        self.simple_url = f"{url}/+simple/"
        httpx.put(url, json={"bases": [], "volatile": True}, auth=self._login).raise_for_status()

    def remove(self, file: str) -> None:
        links = httpx.get(f"{self.simple_url}thread-runs/").text
        path = next(link.partition('"')[0] for link in links.split('href="')[1:] if file in link)
        address = httpx.URL(f"{self.simple_url}thread-runs/").join(path).copy_with(fragment=None)
        httpx.delete(address, auth=self._login).raise_for_status()

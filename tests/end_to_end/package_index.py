"""Real package indexes on loopback, each with one user who may upload."""

import base64
import hashlib
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

import httpx

USER = "user"
PASSWORD = "pass-4711-word"
BIN = Path(sys.executable).parent


def free_port() -> int:
    """Neither server tells which port it got, so a free one is looked for first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class PackageIndex(ABC):
    """A running index, until it is closed.

    Attributes:
        upload_url, simple_url: where to upload, and where pip reads.
    """

    upload_url: str
    simple_url: str

    def start(self, command: list[str], probe: str) -> None:
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                httpx.get(probe)
                return
            except httpx.TransportError:
                assert self._process.poll() is None, f"{command[0]} has ended"
                time.sleep(0.05)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()

    @abstractmethod
    def remove(self, file: str) -> None:
        """Take a file of thread-runs away, as if its upload had broken off."""


class PyPIServer(PackageIndex):
    def __init__(self, folder: Path) -> None:
        self.packages = folder / "packages"
        self.packages.mkdir()
        # The htpasswd form that needs no library; the password is good for this test only.
        digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
        (folder / "users").write_text(f"{USER}:{{SHA}}{digest}\n")
        port = free_port()
        self.upload_url = f"http://127.0.0.1:{port}/"
        self.simple_url = f"http://127.0.0.1:{port}/simple/"
        self.start(
            [
                *(str(BIN / "pypi-server"), "run", "-i", "127.0.0.1", "-p", str(port), "-P", str(folder / "users")),
                *("-a", "update", "--disable-fallback", str(self.packages)),
            ],
            self.upload_url,
        )

    def remove(self, file: str) -> None:
        (self.packages / file).unlink()


class Devpi(PackageIndex):
    def __init__(self, folder: Path) -> None:
        port = free_port()
        root = f"http://127.0.0.1:{port}"
        data = str(folder / "devpi")
        initialise = [str(BIN / "devpi-init"), "--serverdir", data, "--no-root-pypi", "--root-passwd", "root-password"]
        subprocess.run(initialise, check=True, capture_output=True)
        command = [str(BIN / "devpi-server"), "--serverdir", data, "--host", "127.0.0.1", "--port", str(port)]
        self.start(command, f"{root}/+api")
        self.upload_url = f"{root}/{USER}/dev/"
        self.simple_url = f"{root}/{USER}/dev/+simple/"
        httpx.put(f"{root}/{USER}", json={"password": PASSWORD}).raise_for_status()
        login = httpx.post(f"{root}/+login", json={"user": USER, "password": PASSWORD}).raise_for_status().json()
        self._login = httpx.BasicAuth(USER, login["result"]["password"])
        httpx.put(f"{root}/{USER}/dev", json={"bases": [], "volatile": True}, auth=self._login).raise_for_status()

    def remove(self, file: str) -> None:
        links = httpx.get(f"{self.simple_url}thread-runs/").text
        path = next(link.partition('"')[0] for link in links.split('href="')[1:] if file in link)
        address = httpx.URL(f"{self.simple_url}thread-runs/").join(path).copy_with(fragment=None)
        httpx.delete(address, auth=self._login).raise_for_status()

"""Upload the built distribution to a package index, without ever replacing what is there, and verify it.

The user and password, or the token, come from the environment: UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD, or
UV_PUBLISH_TOKEN. They are never in arguments, and are removed from whatever is printed.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import httpx
import yaml

from scripts.repository import ROOT, SPEC

SECRETS = ("UV_PUBLISH_PASSWORD", "UV_PUBLISH_TOKEN")


class PublishError(Exception):
    """Nothing more can be done; the message says why and what is on the index."""


def redact(text: str) -> str:
    """Return `text` without the password or token."""
    for name in SECRETS:
        if secret := os.environ.get(name):
            text = text.replace(secret, "[redacted]")
    return text


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Index:
    """A package index: its upload address, and its simple API (PEP 503) to read from."""

    def __init__(self, upload_url: str, simple_url: str | None) -> None:
        self.upload_url = upload_url
        self.simple_url = (simple_url or f"{upload_url.rstrip('/')}/simple").rstrip("/")
        password = os.environ.get("UV_PUBLISH_TOKEN") or os.environ.get("UV_PUBLISH_PASSWORD", "")
        user = "__token__" if os.environ.get("UV_PUBLISH_TOKEN") else os.environ.get("UV_PUBLISH_USERNAME", "")
        self._client = httpx.Client(auth=(user, password) if user else None, follow_redirects=True, timeout=60)

    def get(self, url: str) -> httpx.Response:
        """Fetch `url`; raises PublishError if the index cannot be reached or refuses."""
        try:
            response = self._client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PublishError(f"the index cannot be reached at {url}: {error}") from None
        if response.status_code in (401, 403):
            raise PublishError(f"the index refuses the user and password: status {response.status_code} for {url}")
        if response.is_error and response.status_code != 404:
            raise PublishError(f"the index answers with status {response.status_code} for {url}")
        return response

    def files(self, project: str) -> dict[str, httpx.URL]:
        """Return the names and addresses of the files of `project`; none if the index does not have it."""
        response = self.get(f"{self.simple_url}/{project}/")
        if response.status_code == 404:
            return {}
        links = [response.url.join(unescape(link)) for link in re.findall(r'href="([^"]+)"', response.text)]
        return {unquote(link.path.rpartition("/")[2]): link for link in links}

    def hash_of(self, url: httpx.URL) -> str:
        """Download a file and return its SHA-256."""
        response = self.get(str(url.copy_with(fragment=None)))
        return sha256(response.content) if response.is_success else f"status {response.status_code}"

    def upload(self, file: Path) -> None:
        """Upload `file`; raises PublishError with what the index said."""
        command = [str(Path(sys.executable).parent / "uv"), "publish", "--trusted-publishing", "never"]
        done = subprocess.run(
            [*command, "--publish-url", self.upload_url, str(file)], capture_output=True, text=True, cwd=ROOT
        )
        if done.returncode != 0:
            raise PublishError(f"{file.name} was not accepted:\n{redact(done.stderr.strip())}")


def publish(index: Index, folder: Path, version: str) -> None:
    """Upload what the index lacks of this version, and verify all of it.

    Raises PublishError, before anything is uploaded, if the version is complete or has other contents there.
    """
    built = sorted(folder.glob(f"thread_runs-{version}[-.]*"))
    if {file.suffix for file in built} != {".whl", ".gz"}:
        raise PublishError(f"there is no wheel and sdist of {version} in {folder.name}/: run `make build`")
    present = index.files("thread-runs")
    for file in built:
        if file.name in present and index.hash_of(present[file.name]) != sha256(file.read_bytes()):
            raise PublishError(
                f"{file.name} is on the index with other contents. Nothing was uploaded. A published version never "
                "changes: raise info.version in openapi.yaml."
            )
    missing = [file for file in built if file.name not in present]
    if not missing:
        raise PublishError(f"version {version} is on the index already, with these contents. Nothing was uploaded.")
    for file in missing:
        index.upload(file)
        print(f"uploaded {file.name}")
    present = index.files("thread-runs")
    for file in built:
        wanted = sha256(file.read_bytes())
        found = index.hash_of(present[file.name]) if file.name in present else "nothing"
        if found != wanted:
            raise PublishError(f"the index gives {found} for {file.name}, not {wanted}")
        print(f"verified {file.name} sha256:{wanted}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index_url", help="where to upload")
    parser.add_argument("--simple-url", help="where to read; INDEX_URL/simple by default")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="the folder with the built files")
    arguments = parser.parse_args()
    if not arguments.index_url.startswith(("http://", "https://")):
        sys.exit("publish: say where to: make publish INDEX_URL=https://...")
    if not (os.environ.get("UV_PUBLISH_TOKEN") or os.environ.get("UV_PUBLISH_USERNAME")):
        sys.exit("publish: set UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD, or UV_PUBLISH_TOKEN, in the environment")
    version = yaml.safe_load(SPEC.read_text("utf-8"))["info"]["version"]
    try:
        publish(Index(arguments.index_url, arguments.simple_url), arguments.dist, version)
    except PublishError as error:
        sys.exit(f"publish: {redact(str(error))}")


if __name__ == "__main__":
    main()

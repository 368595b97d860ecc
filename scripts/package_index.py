"""Read a package index through its simple API (PEP 503)."""

import os
import re
from html import unescape
from urllib.parse import unquote

import httpx

from scripts.provenance import sha256


class PackageIndexError(Exception):
    """The index cannot be read. The message is one line."""


class Index:
    """A package index: its upload address, and its simple API to read from. Use it as a context manager."""

    def __init__(self, upload_url: str, simple_url: str | None) -> None:
        self.upload_url = upload_url
        self.simple_url = (simple_url or f"{upload_url.rstrip('/')}/simple").rstrip("/")
        token = os.environ.get("UV_PUBLISH_TOKEN")
        user = "__token__" if token else os.environ.get("UV_PUBLISH_USERNAME", "")
        password = token or os.environ.get("UV_PUBLISH_PASSWORD", "")
        self._client = httpx.Client(auth=(user, password) if user else None, follow_redirects=True, timeout=60)

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def _get(self, url: str) -> httpx.Response:
        try:
            response = self._client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PackageIndexError(f"the index cannot be reached at {url}: {error}") from None
        if response.status_code in (401, 403):
            raise PackageIndexError(f"the index rejects the user and password: status {response.status_code} for {url}")
        if response.is_error and response.status_code != 404:
            raise PackageIndexError(f"the index answers with status {response.status_code} for {url}")
        return response

    def files(self, project: str) -> dict[str, httpx.URL]:
        """Return the names and addresses of the files of `project`; none if the index does not have it.

        Raises PackageIndexError if there is no index at the address.
        """
        response = self._get(f"{self.simple_url}/{project}/")
        if response.status_code == 404:
            # A project that was never published, or no index at all.
            root = self._get(f"{self.simple_url}/")
            if root.status_code == 404:
                raise PackageIndexError(
                    f"there is no package index at {self.simple_url}/: set SIMPLE_URL to where pip reads"
                )
            return {}
        links = [response.url.join(unescape(link)) for link in re.findall(r'href="([^"]+)"', response.text)]
        return {unquote(link.path.rpartition("/")[2]): link for link in links}

    def content(self, url: httpx.URL) -> bytes:
        """Download a file. Raises PackageIndexError if it is not there."""
        response = self._get(str(url.copy_with(fragment=None)))
        if not response.is_success:
            raise PackageIndexError(f"the index answers with status {response.status_code} for {url}")
        return response.content

    def hash_of(self, url: httpx.URL) -> str:
        """Download a file and return its SHA-256."""
        return sha256(self.content(url))

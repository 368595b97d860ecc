"""Lists with pages, in the common forms: the suite reads further pages until it finds the resource."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from thread_runs_conformance import judge
from thread_runs_conformance.paging import MOST_PAGES
from thread_runs_conformance.result import Report

NAMES = ("a", "b", "c", "d", "e")
SIZE = 2

WAYS: dict[str, tuple[str, ...]] = {
    # The query parameters that the spec documents.
    "link header": (),
    "link in the body": (),
    "relative link in the body": (),
    "cursor": ("cursor", "limit"),
    "last identifier": ("limit", "after"),
    "last identifier in the body": ("starting_after",),
    "page": ("page", "per_page"),
    "page and nothing in the response": ("page",),
    "offset and a total": ("offset",),
}


class PagedServer:
    """A list of things in pages.

    Args:
        way: How the next page is found, one of WAYS or another for none.
        names: The things that are listed.
    """

    def __init__(self, way: str, names: tuple[str, ...] = NAMES) -> None:
        self.way = way
        self.names = names
        self.listed = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        headers = [(b"content-type", b"application/json")]
        body: Any = {"id": scope["path"].rpartition("/")[2]}
        if scope["path"] == "/things":
            self.listed += 1
            body, link = self._page(
                {key: values[0] for key, values in parse_qs(scope["query_string"].decode()).items()}
            )
            headers += [(b"link", link)] if link else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    def _page(self, query: dict[str, str]) -> tuple[Any, bytes]:
        start = int(query.get("cursor") or query.get("offset") or query.get("at") or 0)
        if "page" in query:
            start = (int(query["page"]) - 1) * SIZE
        for name in ("after", "starting_after"):
            start = self.names.index(query[name]) + 1 if name in query else start
        page = self.names[start : start + SIZE]
        data = [{"id": name} for name in page]
        end = start + SIZE
        more = end < len(self.names)
        ways: dict[str, dict[str, Any]] = {
            "link in the body": {"next": f"http://things.test/things?at={end}" if more else None},
            "relative link in the body": {"next_page": f"/things?at={end}" if more else ""},
            "cursor": {"next_cursor": str(end) if more else None},
            "last identifier": {"has_more": more},
            "last identifier in the body": {"has_more": more, "last_id": page[-1] if page else None},
            "page": {"total": len(self.names)},
            "offset and a total": {"total_count": len(self.names)},
            "not documented": {"has_more": True},
            "link to another server": {"next": "http://elsewhere.test/things?at=2"},
        }
        hints = ways.get(self.way, {})
        links = [b'</things?at=0>; rel="first"', *([b'</things?at=%d>; rel="next"' % end] if more else [])]
        return {"data": data, **hints}, b", ".join(links) if self.way == "link header" else b""


def judged(server: PagedServer, folder: Path, target: str = "e") -> Report:
    responses = {"200": {"description": "OK.", "content": {"application/json": {"schema": {"type": "object"}}}}}
    page = {"type": "object", "properties": {"data": {"type": "array", "items": {"type": "object"}}}}
    listed = {"200": {"description": "A page.", "content": {"application/json": {"schema": page}}}}
    parameters = [{"name": name, "in": "query", "schema": {}} for name in WAYS.get(server.way, ())]
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/things": {"get": {"operationId": "listThings", "parameters": parameters, "responses": listed}},
            "/things/{id}": {"parameters": [parameter], "get": {"operationId": "readThing", "responses": responses}},
        },
    }
    spec = folder / "things.json"
    spec.write_text(json.dumps(document), "utf-8")
    return judge(
        "http://things.test", [f"id={target}"], app=server, spec=spec, profile="quick", pause=0, only="resources"
    )


@pytest.mark.parametrize("way", WAYS)
def test_a_resource_on_the_last_page_is_found(way: str, tmp_path: Path) -> None:
    report = judged(PagedServer(way), tmp_path)
    assert (report.findings, report.errors, report.notes) == ([], [], [])


@pytest.mark.parametrize("way", WAYS)
def test_a_resource_on_no_page_is_a_finding(way: str, tmp_path: Path) -> None:
    report = judged(PagedServer(way, NAMES[:-1]), tmp_path)
    assert [finding.code for finding in report.findings] == ["create-not-listed"]


@pytest.mark.parametrize("way", ["not documented", "link to another server"])
def test_pages_that_cannot_be_followed_are_not_a_finding(way: str, tmp_path: Path) -> None:
    server = PagedServer(way)
    report = judged(server, tmp_path)
    assert (report.findings, server.listed) == ([], 1)
    assert report.notes == ["listThings: the list has more pages than could be read."]


def test_only_the_first_pages_of_an_endless_list_are_read(tmp_path: Path) -> None:
    server = PagedServer("page and nothing in the response", tuple(f"thing{number}" for number in range(1000)))
    report = judged(server, tmp_path)
    assert (report.findings, server.listed) == ([], MOST_PAGES)
    assert report.notes == ["listThings: the list has more pages than could be read."]

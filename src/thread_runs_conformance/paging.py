"""Finds the next page of a list in the common ways: a link, a cursor, the last identifier, a page number, an offset."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from thread_runs_conformance.exchange import Exchange
from thread_runs_conformance.operations import Operation

MOST_PAGES = 20
"""The most pages of one list that are read."""
_MORE = ("has_more", "hasMore")
_LINKS = ("next", "next_page", "next_url", "nextLink", "next_link")
_CURSORS = (
    "next_cursor",
    "nextCursor",
    "next_page_token",
    "nextPageToken",
    "next_token",
    "nextToken",
    "cursor",
    "next",
)
_CURSOR_PARAMETERS = ("cursor", "page_token", "pageToken", "next_token", "nextToken", "after", "starting_after")
_LAST_PARAMETERS = ("after", "starting_after")
_NUMBERS = ("page", "page_number", "pageNumber")
_OFFSETS = ("offset", "skip")
_SIZES = ("limit", "per_page", "perPage", "page_size", "pageSize", "count", "size")
_TOTALS = ("total", "total_count", "totalCount", "count_total")


@dataclass(frozen=True)
class Page:
    """One page of a list.

    Attributes:
        entries: Its entries.
        seen: The number of entries on the pages so far, including this one.
    """

    listing: Operation
    exchange: Exchange
    body: Any
    entries: list[Any]
    seen: int

    @property
    def is_last(self) -> bool:
        """Whether there are no more pages. If nothing in the responses says so, an empty page is the last."""
        if not self.entries:
            return True
        hints = {name: self._hints[name] for name in (*_MORE, *_LINKS, *_CURSORS) if name in self._hints}
        if _linked(self.exchange) or any(hints.values()):
            return False
        totals = [self._hints[name] for name in _TOTALS if isinstance(self._hints.get(name), int)]
        if totals:
            return bool(totals[0] <= self.seen)
        return bool(hints) or self._parameter(*_CURSOR_PARAMETERS, *_NUMBERS, *_OFFSETS, *_SIZES) is None

    @property
    def _hints(self) -> dict[str, Any]:
        return self.body if isinstance(self.body, dict) else {}

    def next_query(self, identifier_names: tuple[str, ...]) -> dict[str, str] | None:
        """The query parameters of the next page, in addition to those of every request; None if they are not known.

        Args:
            identifier_names: The properties that may identify an entry.
        """
        ways = (self._by_link(), self._by_cursor(), self._by_last_entry(identifier_names), self._by_number())
        return next((way for way in ways if way is not None), None)

    def _by_link(self) -> dict[str, str] | None:
        texts = [_linked(self.exchange), *(self._hints.get(name) for name in _LINKS)]
        for text in texts:
            if not isinstance(text, str) or not re.match(r"https?://|/|\?", text):
                continue
            here, there = urlsplit(self.exchange.url), urlsplit(urljoin(self.exchange.url, text))
            # Another server or another path is not this list, and must not get the credentials.
            if (here.netloc, here.path) == (there.netloc, there.path):
                return dict(httpx.QueryParams(there.query))
        return None

    def _by_cursor(self) -> dict[str, str] | None:
        cursors = [self._hints.get(name) for name in _CURSORS]
        cursor = next((each for each in cursors if isinstance(each, str | int) and each), None)
        parameter = self._parameter(*_CURSOR_PARAMETERS)
        return None if cursor is None or parameter is None else {parameter: str(cursor)}

    def _by_last_entry(self, identifier_names: tuple[str, ...]) -> dict[str, str] | None:
        parameter = self._parameter(*_LAST_PARAMETERS)
        if parameter is None or not self.entries:
            return None
        last = self.entries[-1] if isinstance(self.entries[-1], dict) else {}
        found = [self._hints.get("last_id"), *(last.get(name) for name in identifier_names)]
        identifier = next((each for each in found if isinstance(each, str | int)), None)
        return None if identifier is None else {parameter: str(identifier)}

    def _by_number(self) -> dict[str, str] | None:
        if (parameter := self._parameter(*_OFFSETS)) is not None:
            return {parameter: str(self.seen)}
        if (parameter := self._parameter(*_NUMBERS)) is not None:
            asked = httpx.QueryParams(urlsplit(self.exchange.url).query).get(parameter, "1")
            return {parameter: str(int(asked) + 1)} if asked.isdecimal() else None
        return None

    def _parameter(self, *names: str) -> str | None:
        documented = {each.name for each in self.listing.parameters_in("query")}
        return next((name for name in names if name in documented), None)


def _linked(exchange: Exchange) -> str:
    """The target of the link to the next page in the headers (RFC 8288); empty if there is none."""
    return next((target for target, relation in _links(exchange) if "next" in relation.lower().split()), "")


def _links(exchange: Exchange) -> Iterator[tuple[str, str]]:
    for target, parameters in re.findall(r"<([^>]*)>([^<]*)", exchange.header("link") or ""):
        relation = re.search(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))', parameters, re.IGNORECASE)
        if relation:
            yield target, relation[1] or relation[2]

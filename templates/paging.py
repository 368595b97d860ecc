"""Pages of a list, which load further pages while they are iterated over."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from .requests import Request
from .sending import AsyncSender, CallOptions, Sender
from .types import Unset

PageT = TypeVar("PageT")
ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class Paging:
    """How the spec pages a list (`x-fern-pagination`).

    Attributes:
        argument: the argument that takes the cursor.
        next_cursor, results: the attributes of the response that hold the next cursor and the items; a path if they
            are nested.
        has_next_page: the attribute that says whether there is a further page; None if there is no such attribute.
    """

    argument: str
    next_cursor: tuple[str, ...]
    results: tuple[str, ...]
    has_next_page: tuple[str, ...] | None = None

    def items(self, response: Any) -> Sequence[Any]:
        """Return the items of a page."""
        items = _at(response, self.results)
        return items if isinstance(items, list) else []

    def following(self, response: Any, cursor: Any) -> Any:
        """Return the cursor of the page after `response`, which `cursor` led to; None if it is the last.

        Raises RuntimeError if the server returns the same cursor again: the iteration would not end.
        """
        if not self.items(response):
            return None
        if self.has_next_page is not None and _at(response, self.has_next_page) is False:
            return None
        following = _at(response, self.next_cursor)
        if following is None or isinstance(following, Unset):
            return None
        if following == cursor:
            raise RuntimeError(f"the server returned the cursor {cursor!r} again: the list would not end")
        return following


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = getattr(value, name, None)
    return value


MakeRequest = Callable[[Mapping[str, Any]], Request[PageT]]


class Page(Generic[PageT, ItemT]):
    """One page of a list. Iterating over it yields its items, then those of all further pages.

    Attributes:
        response: the page as the server sent it.
        data: the items of this page.
    """

    def __init__(
        self,
        sender: Sender,
        make_request: MakeRequest[PageT],
        paging: Paging,
        arguments: Mapping[str, Any],
        options: CallOptions,
    ) -> None:
        """Load the page that `arguments` ask for."""
        self._context = sender, make_request, paging
        self._arguments = arguments
        self._options = options
        self.response: PageT = sender.send(make_request(arguments), options).parse()
        self.data = cast("Sequence[ItemT]", paging.items(self.response))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.data)} items>"

    def __iter__(self) -> Iterator[ItemT]:
        for page in self.iter_pages():
            yield from page.data

    def iter_pages(self) -> "Iterator[Page[PageT, ItemT]]":
        """Yield this page and all further pages."""
        page: Page[PageT, ItemT] | None = self
        while page is not None:
            yield page
            page = page.get_next_page()

    def has_next_page(self) -> bool:
        """Return whether the server has a further page."""
        return self._following() is not None

    def get_next_page(self) -> "Page[PageT, ItemT] | None":
        """Load the next page; None if this is the last."""
        following = self._following()
        if following is None:
            return None
        sender, make_request, paging = self._context
        arguments = {**self._arguments, paging.argument: following}
        return Page(sender, make_request, paging, arguments, self._options)

    def _following(self) -> Any:
        paging = self._context[2]
        return paging.following(self.response, self._arguments.get(paging.argument))


class AsyncPage(Generic[PageT, ItemT]):
    """`Page`, asynchronously: `async for`, and methods to await."""

    def __init__(
        self,
        context: "tuple[AsyncSender, MakeRequest[PageT], Paging]",
        arguments: Mapping[str, Any],
        options: CallOptions,
        response: PageT,
    ) -> None:
        self._context = context
        self._arguments = arguments
        self._options = options
        self.response = response
        self.data = cast("Sequence[ItemT]", context[2].items(response))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.data)} items>"

    async def __aiter__(self) -> AsyncIterator[ItemT]:
        async for page in self.iter_pages():
            for item in page.data:
                yield item

    async def iter_pages(self) -> "AsyncIterator[AsyncPage[PageT, ItemT]]":
        """Yield this page and all further pages."""
        page: AsyncPage[PageT, ItemT] | None = self
        while page is not None:
            yield page
            page = await page.get_next_page()

    def has_next_page(self) -> bool:
        """Return whether the server has a further page."""
        return self._following() is not None

    async def get_next_page(self) -> "AsyncPage[PageT, ItemT] | None":
        """Load the next page; None if this is the last."""
        following = self._following()
        if following is None:
            return None
        arguments = {**self._arguments, self._context[2].argument: following}
        return await AsyncPager(*self._context, arguments, self._options)

    def _following(self) -> Any:
        paging = self._context[2]
        return paging.following(self.response, self._arguments.get(paging.argument))


class AsyncPager(Awaitable[AsyncPage[PageT, ItemT]], Generic[PageT, ItemT]):
    """A list that is loaded when it is awaited, which returns its first page, or iterated over by `async for`."""

    def __init__(
        self,
        sender: AsyncSender,
        make_request: MakeRequest[PageT],
        paging: Paging,
        arguments: Mapping[str, Any],
        options: CallOptions,
    ) -> None:
        self._context = sender, make_request, paging
        self._arguments = arguments
        self._options = options

    def __await__(self) -> Generator[Any, Any, AsyncPage[PageT, ItemT]]:
        return self._load().__await__()

    async def __aiter__(self) -> AsyncIterator[ItemT]:
        async for item in await self:
            yield item

    async def _load(self) -> AsyncPage[PageT, ItemT]:
        sender, make_request, _ = self._context
        raw = await sender.send(make_request(self._arguments), self._options)
        return AsyncPage(self._context, self._arguments, self._options, raw.parse())

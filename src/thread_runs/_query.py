"""Query parameters in the format of the vendor's SDK: `{"a": [1, 2], "b": {"c": True}}` is `a[]=1&a[]=2&b[c]=true`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

Pairs = list[tuple[str, str]]


def pairs_of(values: Mapping[str, Any]) -> Pairs:
    """Return the parameters for `values`. Values of None are omitted."""
    return [pair for name, value in values.items() for pair in _pairs(str(name), value)]


def pairs_of_text(query: str) -> Pairs:
    """Return the parameters of the query of an address."""
    return parse_qsl(query, keep_blank_values=True)


def merged(*sources: Iterable[tuple[str, str]]) -> Pairs:
    """Return all parameters; those of a later source replace those of the same name in an earlier one."""
    result: Pairs = []
    for source in sources:
        pairs = list(source)
        names = {name for name, _ in pairs}
        result = [pair for pair in result if pair[0] not in names] + pairs
    return result


def as_text(pairs: Pairs) -> str:
    """Return the percent-encoded query."""
    return urlencode(pairs, quote_via=quote, safe="")


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _pairs(f"{name}[{key}]", item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _pairs(f"{name}[]", item)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    else:
        yield name, str(value)

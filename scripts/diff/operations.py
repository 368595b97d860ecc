"""The operations of a document, and which of two documents' operations are the same one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from thread_runs_spec.document import Node

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Operation:
    """An operation: its path (for a webhook or callback, its name), `use` where the path item stands, `item` what that
    is once `$ref` is followed, `node` the operation itself."""

    path: str
    method: str
    use: Node
    item: Node
    node: Node

    @property
    def template(self) -> str:
        return re.sub(r"\{[^}]*\}", "{}", self.path)

    @property
    def identifier(self) -> str | None:
        value = self.node.value.get("operationId")
        return str(value) if value is not None else None

    @property
    def title(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def servers(self) -> Node | None:
        """The servers of the operation or of its path."""
        return self.node.get("servers") or self.item.get("servers")


def operations(holder: Node | None, prefix: str = "") -> Iterator[Operation]:
    """Yield the operations of a map of path items. `prefix` goes before each path."""
    for use in holder.children() if holder is not None else []:
        if use.pointer[-1].startswith("x-"):
            continue
        item = use.resolve()
        for method in METHODS:
            node = item.get(method)
            if node is not None and isinstance(node.value, dict):
                yield Operation(f"{prefix}{use.pointer[-1]}", method, use, item, node)


def callbacks(holder: Node | None) -> Iterator[Operation]:
    """Yield the operations of a map of callbacks."""
    for use in holder.children() if holder is not None else []:
        if not use.pointer[-1].startswith("x-"):
            yield from operations(use.resolve(), f"{use.pointer[-1]} ")


def pair(
    before: list[Operation], after: list[Operation]
) -> tuple[list[tuple[Operation, Operation]], list[Operation], list[Operation]]:
    """Pair operations by path and method, else by the path without names, else by operationId.

    Returns the pairs, what was removed and what was added.
    """
    pairs: list[tuple[Operation, Operation]] = []
    removed, added = list(before), list(after)
    signs = (
        lambda one: (one.path, one.method),
        lambda one: (one.template, one.method),
        lambda one: one.identifier,
    )
    for sign in signs:
        places: dict[object, list[Operation]] = {}
        for other in added:
            places.setdefault(sign(other), []).append(other)
        for one in list(removed):
            twins = places.get(sign(one), []) if sign(one) is not None else []
            if len(twins) == 1 and twins[0] in added:
                removed.remove(one)
                added.remove(twins[0])
                pairs.append((one, twins[0]))
    return pairs, removed, added

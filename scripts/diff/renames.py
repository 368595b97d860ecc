"""Which components were renamed, and where two documents differ as plain text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from thread_runs_spec.document import Node, Pointer, Spec, canonical


@dataclass(frozen=True)
class Renames:
    """The new pointer of each component that was renamed, by its old one."""

    pointers: dict[Pointer, Pointer]

    def new(self, pointer: Pointer) -> Pointer:
        return self.pointers.get(pointer, pointer)

    def same_target(self, old: Pointer | None, new: Pointer | None) -> bool:
        """Whether two references name the same component."""
        return old == new or (old is not None and old in self.pointers and self.pointers[old] == new)

    def applied(self, value: Any) -> Any:
        """Return a copy of `value` in which references follow the renamed components."""
        return _with_references(value, self.pointers) if self.pointers else value


def _with_references(value: Any, renamed: dict[Pointer, Pointer]) -> Any:
    if isinstance(value, list):
        return [_with_references(item, renamed) for item in value]
    if isinstance(value, dict):
        copy = {key: _with_references(item, renamed) for key, item in value.items()}
        target = value.get("$ref")
        if isinstance(target, str) and target.startswith("#/"):
            pointer = tuple(target[2:].split("/"))
            copy["$ref"] = "#/" + "/".join(renamed.get(pointer, pointer))
        return copy
    return value


def find_renames(old: Spec, new: Spec) -> Renames:
    """Find the renamed components: one was removed, one was added, and only these two are equal."""
    renamed: dict[Pointer, Pointer] = {}
    before, after = _components(old), _components(new)
    while True:
        removed = [pointer for pointer in before if pointer not in after and pointer not in renamed]
        added = [pointer for pointer in after if pointer not in before and pointer not in renamed.values()]
        found: dict[Pointer, Pointer] = {}
        for pointer in removed:
            equal = [
                other
                for other in added
                if other[1] == pointer[1]
                and canonical(_with_references(before[pointer], {**renamed, pointer: other})) == canonical(after[other])
            ]
            if len(equal) == 1 and equal[0] not in found.values():
                found[pointer] = equal[0]
            elif equal:
                found = {key: value for key, value in found.items() if value not in equal}
        if not found:
            return Renames(renamed)
        renamed |= found


def _components(spec: Spec) -> dict[Pointer, Any]:
    return {
        ("components", section, name): value
        for section, named in spec.root.get("components", {}).items()
        if isinstance(named, dict)
        for name, value in named.items()
    }


class Unchanged:
    """Tells without a walk that two schemas are equal, and whatever they refer to is as well.

    Every value has a number; equal numbers mean equal values. Each object and array is looked at once.
    """

    def __init__(self, old: Spec, new: Spec) -> None:
        self.old = old
        self.new = new
        # By identity: the specs keep the values alive.
        self._known: dict[int, int] = {}
        self._numbers: dict[object, int] = {}
        self._leads: dict[int, bool] = {}

    def equal(self, old: Node, new: Node) -> bool:
        number = self._number(new.value)
        if self._number(old.value) != number:
            return False
        if number not in self._leads:
            self._leads[number] = any(
                target[:3] in self._changed or target[:1] != ("components",) for target in _targets(new.value)
            )
        return not self._leads[number]

    def _number(self, value: Any) -> int:
        if not isinstance(value, dict | list):
            return self._numbers.setdefault((type(value), value), len(self._numbers))
        known = self._known.get(id(value))
        if known is None:
            key: object
            if isinstance(value, dict):
                key = dict, tuple((name, self._number(item)) for name, item in value.items())
            else:
                key = list, tuple(map(self._number, value))
            known = self._known[id(value)] = self._numbers.setdefault(key, len(self._numbers))
        return known

    @cached_property
    def _changed(self) -> set[Pointer]:
        """The components of the new spec that differ from those of the old one, or lead to one that does."""
        before, after = _components(self.old), _components(self.new)
        users: dict[Pointer, set[Pointer]] = {}
        for pointer, value in after.items():
            for target in _targets(value):
                users.setdefault(target[:3], set()).add(pointer)
        stack = [
            pointer
            for pointer, value in after.items()
            if pointer not in before or self._number(before[pointer]) != self._number(value)
        ]
        found = set(stack)
        while stack:
            for user in users.get(stack.pop(), set()) - found:
                found.add(user)
                stack.append(user)
        return found


def text(value: Any) -> str:
    """Write a value so that equal texts mean equal values; the opposite need not hold."""
    return json.dumps(value, default=str)


def _targets(value: Any) -> Iterator[Pointer]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            target = item.get("$ref")
            if isinstance(target, str):
                yield tuple(part.replace("~1", "/").replace("~0", "~") for part in target.lstrip("#/").split("/"))
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def raw_differences(old: Node, new: Node) -> Iterator[Pointer]:
    """Yield where two values differ, as deep as both still have the same shape."""
    if text(old.value) == text(new.value):
        return
    if isinstance(old.value, dict) and isinstance(new.value, dict):
        for key in sorted(old.value.keys() | new.value.keys()):
            before, after = old.get(key), new.get(key)
            if before is not None and after is not None:
                yield from raw_differences(before, after)
            else:
                yield (*old.pointer, key)
    elif isinstance(old.value, list) and isinstance(new.value, list) and len(old.value) == len(new.value):
        for before, after in zip(old.children(), new.children(), strict=True):
            yield from raw_differences(before, after)
    elif canonical(old.value) != canonical(new.value):
        yield new.pointer


def find(spec: Spec, pointer: Pointer) -> Node | None:
    node: Node | None = spec.at(())
    for part in pointer:
        node = node.get(part) if node is not None else None
    return node

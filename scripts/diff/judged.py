"""The changes of each pair of schemas, and of all pairs below it, worked out once for all operations that use it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scripts.diff.changes import Change
from thread_runs_spec.document import Node

Nodes = tuple[Node, ...]


@dataclass(frozen=True)
class Pair:
    """Two schemas that are compared, each a conjunction of nodes.

    Attributes:
        number: Stands for the pair, its direction and whether it describes XML. Comparing the pointers instead takes
            most of the time in a document in which every schema leads to every other.
    """

    number: int
    old: Nodes
    new: Nodes


class Judged:
    """The pairs that were judged: the changes of each, and the pairs directly below it.

    Attributes:
        complete: The numbers of the pairs below which everything was judged.
    """

    def __init__(self) -> None:
        self.complete: set[int] = set()
        self._numbers: dict[object, int] = {}
        self._own: dict[int, list[Change]] = {}
        self._below: dict[int, list[Pair]] = {}
        # Sets of changes are integers in which each change has a bit.
        self._changes: list[Change] = []
        self._found: dict[int, int] = {}
        self._users: dict[int, list[int]] = {}
        self._fresh: list[int] = []
        self._lists: dict[int, list[Change]] = {}

    def pair(self, key: object, old: Sequence[Node], new: Sequence[Node]) -> Pair:
        """Return a pair. `key` is what it is compared for, such as a direction."""
        pointers = tuple(node.pointer for node in old), tuple(node.pointer for node in new)
        number = self._numbers.setdefault((key, *pointers), len(self._numbers))
        return Pair(number, tuple(old), tuple(new))

    def __contains__(self, pair: Pair) -> bool:
        return pair.number in self._own

    def add(self, pair: Pair, changes: list[Change], below: list[Pair]) -> None:
        """Note what was found of a pair itself."""
        self._own[pair.number] = changes
        self._below[pair.number] = below
        self._fresh.append(pair.number)
        first = len(self._changes)
        self._changes += changes
        self._found[pair.number] = (1 << len(self._changes)) - (1 << first)
        for one in below:
            self._users.setdefault(one.number, []).append(pair.number)

    def own(self, pair: Pair) -> list[Change]:
        return self._own.get(pair.number, [])

    def below(self, pair: Pair) -> list[Pair]:
        return self._below.get(pair.number, [])

    def all_changes(self, pairs: Iterable[Pair]) -> Iterator[Change]:
        """Yield the changes of pairs and of everything below them. All of these must have been judged."""
        self._pass_upwards()
        found = 0
        for pair in pairs:
            found |= self._found[pair.number]
        if found not in self._lists:
            self._lists[found] = [one for bit, one in enumerate(self._changes) if found >> bit & 1]
        yield from self._lists[found]

    def _pass_upwards(self) -> None:
        """Give the pairs that lead to newly judged ones the changes of these."""
        stack = [one.number for number in self._fresh for one in self._below[number] if one.number in self._own]
        stack += self._fresh
        self._fresh = []
        while stack:
            number = stack.pop()
            found = self._found[number]
            for user in self._users.get(number, []):
                if found | self._found[user] != self._found[user]:
                    self._found[user] |= found
                    stack.append(user)

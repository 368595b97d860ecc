"""Compare two schemas in one direction: what each demands in effect, alternative by alternative."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from scripts.diff import keywords, unions
from scripts.diff.changes import Change, both, change, differ, unjudged, unjudged_key
from scripts.diff.effective import UNIONS, Schema
from scripts.diff.judged import Pair
from scripts.diff.rules import Direction, Verdict
from scripts.diff.walk import Context
from thread_runs_spec.document import Node


@dataclass(frozen=True)
class SchemaWalk:
    """Compares schemas that are sent in `direction`. `is_xml`: they describe XML.

    Each pair of schemas is judged once for each direction. What stands below a pair is noted and followed afterwards,
    so that neither the depth of a document nor the number of operations that share a schema matters.
    """

    context: Context
    direction: Direction
    is_xml: bool = False
    _below: list[Pair] = field(default_factory=list)

    def changes(self, old: Sequence[Node], new: Sequence[Node]) -> Iterator[Change]:
        """Yield how the conjunction of `new` differs from that of `old`, and all schemas below them."""
        yield from self._follow([self._pair(old, new)])

    def _follow(self, pairs: list[Pair]) -> Iterator[Change]:
        judged, is_nested = self.context.judged, bool(self.context.open)
        seen: set[int] = set() if is_nested else judged.complete
        stack, reached = pairs[::-1], []
        while stack:
            pair = stack.pop()
            if pair.number not in seen:
                seen.add(pair.number)
                reached.append(pair)
                if pair not in judged and pair.number not in self.context.open:
                    self._judge_once(pair)
                stack.extend(judged.below(pair))
        if is_nested:
            # A pair that is being judged further up changes nothing by itself.
            yield from (one for pair in reached for one in judged.own(pair))
        else:
            yield from judged.all_changes(pairs)

    def _pair(self, old: Sequence[Node], new: Sequence[Node]) -> Pair:
        if len(old) == len(new) == 1:
            old, new = ([node] for node in self._referred(old[0], new[0]))
        return self.context.judged.pair((self.direction, self.is_xml), old, new)

    def _referred(self, old: Node, new: Node) -> tuple[Node, Node]:
        """Return what two schemas refer to if they do nothing else: it is judged once for all that refer to it."""
        while _only_refers(old) and _only_refers(new):
            before, after = old.reference, new.reference
            if before is None or after is None or not self.context.renames.same_target(before, after):
                break
            old, new = old.spec.at(before), new.spec.at(after)
            self.context.visit(old)
            self.context.visit(new)
        return old, new

    def _judge_once(self, pair: Pair) -> None:
        self.context.open.add(pair.number)
        walk = replace(self, _below=[])
        own = list(walk._judge(pair.old, pair.new))
        self.context.open.discard(pair.number)
        self.context.judged.add(pair, own, walk._below[::-1])

    def change(self, name: str, words: str, old: Node | None, new: Node | None) -> Change:
        return change(name, words, old, new, self.direction)

    def compare(self, old: Sequence[Node], new: Sequence[Node]) -> Iterator[Change]:
        for node in (*old, *new):
            self.context.visit(node)
        if not self._is_unchanged(old, new):
            self._below.append(self._pair(old, new))
        yield from ()

    def _is_unchanged(self, old: Sequence[Node], new: Sequence[Node]) -> bool:
        return len(old) == len(new) == 1 and self.context.unchanged.equal(old[0], new[0])

    def _judge(self, old: Sequence[Node], new: Sequence[Node]) -> Iterator[Change]:
        for node in (*old, *new):
            self.context.visit(node)
        if self._is_unchanged(old, new):
            return
        before, after = Schema(old), Schema(new)
        self._visit(before, after)
        yield from self._words(before, after)
        yield from keywords.of_the_whole(before, after, self)
        if before.unions or after.unions:
            yield from unions.compare(before, after, self)
        else:
            yield from self.alternative(before, after)

    def alternative(self, before: Schema, after: Schema, null_reported: bool = False) -> Iterator[Change]:
        self._visit(before, after)
        if before.allows_nothing or after.allows_nothing:
            if before.allows_nothing != after.allows_nothing:
                name = "limit-tightened" if after.allows_nothing else "limit-loosened"
                words = f"{'no value' if after.allows_nothing else 'any value'} is allowed now"
                yield self.change(name, words, before.member, after.member)
            return
        if not self.context.renames.same_target(before.target, after.target) and (before.is_class or after.is_class):
            words = f"{unions.name_of(before)} is now {unions.name_of(after)}"
            yield change("class-replaced", words, before.member, after.member)
        yield from keywords.of_an_alternative(before, after, self, null_reported)
        if before.member.pointer != before.nodes[0].pointer and after.member.pointer != after.nodes[0].pointer:
            members = Schema([before.member]), Schema([after.member])
            yield from self._words(*members)
            yield from keywords.of_the_whole(*members, self)

    def _visit(self, *schemas: Schema) -> None:
        for schema in schemas:
            for part in schema.parts:
                self.context.visit(part)
                for union in (found for name in UNIONS if (found := part.get(name))):
                    for member in union.children():
                        self.context.visit(member)

    def _words(self, before: Schema, after: Schema) -> Iterator[Change]:
        """Yield changes of descriptions, examples, extensions and unknown keywords of parts that both sides have."""
        pairs = list(zip(before.nodes, after.nodes, strict=False))
        own = {old.pointer for old, _ in pairs}
        pointers = {part.pointer: part for part in after.parts}
        twins = ((part, pointers.get(self.context.renames.new(part.pointer))) for part in before.parts)
        pairs += [(part, twin) for part, twin in twins if twin is not None and part.pointer not in own]
        names_a_class = {title.pointer for title in (*before.titles, *after.titles)}
        for part, twin in pairs:
            if isinstance(part.value, dict) and isinstance(twin.value, dict):
                yield from unjudged(part, twin, keywords.JUDGED)
                old, new = both(part, twin, "title")
                if differ(old, new) and not any(node and node.pointer in names_a_class for node in (old, new)):
                    yield unjudged_key("title", old, new)

    def relation(self, old: Sequence[Node], new: Sequence[Node]) -> str:
        return _relation(replace(self, direction=Direction.RESPONSE).changes(old, new))

    def covers(self, wide: Schema, narrow: Schema) -> bool:
        key = "covers", *(tuple(node.pointer for node in schema.nodes) for schema in (wide, narrow))
        if key in self.context.open:
            return True
        self.context.open.add(key)
        walk = replace(self, direction=Direction.RESPONSE, _below=[])
        changes = list(walk.alternative(narrow, wide, null_reported=True))
        changes += walk._follow(walk._below)
        self.context.open.discard(key)
        about_names = ("property-removed", "property-added", "property-renamed")
        return _relation(changes) in ("same", "more") and not any(
            one.rule.name.startswith(about_names) for one in changes
        )


def _only_refers(node: Node) -> bool:
    return isinstance(node.value, dict) and node.value.keys() == {"$ref"}


def _relation(changes: Iterable[Change]) -> str:
    """Read from the verdicts for servers in a response what has become of the allowed values."""
    more = fewer = False
    for one in changes:
        if one.rule.name.startswith("property-added"):
            fewer = True
        elif one.rule.servers is Verdict.BREAKING:
            fewer = True
            more = more or one.rule.callers is Verdict.BREAKING
        elif one.rule.servers is Verdict.NON_BREAKING:
            more = True
    return {(False, False): "same", (True, False): "more", (False, True): "fewer"}.get((more, fewer), "other")

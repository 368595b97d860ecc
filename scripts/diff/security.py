"""Compare how callers authenticate: the alternatives of each operation, and the schemes they name."""

from dataclasses import dataclass
from typing import Any

from scripts.diff.changes import Report, both, describe, differ, members, unjudged
from scripts.diff.renames import Renames
from scripts.diff.rules import Direction
from thread_runs_spec.document import Node, Spec, canonical

SCHEME_KEYS = {"type", "scheme", "in", "name", "flows", "openIdConnectUrl", "bearerFormat"}
_FLOW_ADDRESSES = {"authorizationUrl", "tokenUrl", "refreshUrl"}


@dataclass(frozen=True)
class Alternative:
    """One way to authenticate: the schemes it needs together, with the scopes of each."""

    scopes: dict[str, frozenset[str]]

    def accepts(self, other: "Alternative") -> bool:
        """Whether who sends the credentials of `other` also satisfies this."""
        return all(name in other.scopes and scopes <= other.scopes[name] for name, scopes in self.scopes.items())

    def __str__(self) -> str:
        return " with ".join(sorted(self.scopes)) or "nothing"


class SecurityDiff:
    """Compares the security of operations, and at last the schemes that they name."""

    def __init__(self, report: Report, renames: Renames, old: Spec, new: Spec) -> None:
        self.report = report
        self.renames = renames
        self.old = old
        self.new = new
        # The schemes that operations name, by the spec's id and the name in that spec.
        self.used: set[tuple[int, str]] = set()

    def operation(self, one: Node, other: Node) -> None:
        old = one.get("security") or self.old.at(()).get("security")
        new = other.get("security") or self.new.at(()).get("security")
        before, after = self._alternatives(old, self.old), self._alternatives(new, self.new)
        count, tell = self.report.count, self.report.add
        request = Direction.REQUEST
        open_before, open_after = (not ways or any(not way.scopes for way in ways) for ways in (before, after))
        if open_before and not open_after:
            tell("security-demanded", "credentials are asked for", old, new, request)
        elif open_after and not open_before:
            tell("security-dropped", "no credentials are asked for any more", old, new, request)
        else:
            self._ways(before, after, old, new)
        texts = [node and (node.pointer[0] == "security", canonical(node.value)) for node in (old, new)]
        if self.report.count == count and texts[0] != texts[1]:
            tell("same-meaning", "security is written differently", old, new)

    def _ways(self, before: list[Alternative], after: list[Alternative], old: Node | None, new: Node | None) -> None:
        refused = [way for way in before if not any(now.accepts(way) for now in after)]
        admitted = [way for way in after if not any(was.accepts(way) for was in before)]
        for way in list(refused):
            twin = next((now for now in after if now.scopes.keys() == way.scopes.keys()), None)
            if twin is not None:
                refused.remove(way)
                self._scopes("scope-added", "demanded", twin, way, old, new)
        for way in list(admitted):
            twin = next((was for was in before if was.scopes.keys() == way.scopes.keys()), None)
            if twin is not None:
                admitted.remove(way)
                self._scopes("scope-removed", "not demanded any more", twin, way, old, new)
        for way in refused:
            self.report.add("security-removed", f"authentication by {way} removed", old, new, Direction.REQUEST)
        for way in admitted:
            self.report.add("security-added", f"authentication by {way} added", old, new, Direction.REQUEST)

    def _scopes(
        self, rule: str, state: str, more: Alternative, fewer: Alternative, old: Node | None, new: Node | None
    ) -> None:
        for name, scopes in sorted(more.scopes.items()):
            for scope in sorted(scopes - fewer.scopes[name]):
                self.report.add(rule, f"scope {name}:{scope} {state}", old, new, Direction.REQUEST)

    def _alternatives(self, node: Node | None, spec: Spec) -> list[Alternative]:
        """Return the alternatives, with the schemes as the new spec names them."""
        found = []
        for way in node.value if node else []:
            self.used.update((id(spec), name) for name in way)
            found.append(Alternative({self._name(name, spec): frozenset(scopes) for name, scopes in way.items()}))
        return found

    def _name(self, name: str, spec: Spec) -> str:
        pointer = ("components", "securitySchemes", name)
        return self.renames.new(pointer)[-1] if spec is self.old else name

    def root(self) -> None:
        old, new = (spec.at(()).get("security") for spec in (self.old, self.new))
        if differ(old, new) and not any(
            node is not None and self.report.is_claimed(node.spec, node.pointer) for node in (old, new)
        ):
            self.report.add("same-meaning", "root security changed, which no operation takes up", old, new)

    # Schemes

    def schemes(self) -> None:
        sections = [
            (spec.root.get("components") or {}).get("securitySchemes", {}).keys() for spec in (self.old, self.new)
        ]
        for name in sorted(sections[0] & sections[1]):
            if (id(self.old), name) in self.used or (id(self.new), name) in self.used:
                pointer = ("components", "securitySchemes", name)
                self._scheme(self.old.at(pointer).resolve(), self.new.at(pointer).resolve())

    def _scheme(self, one: Node, other: Node) -> None:
        tell = self.report.add
        self.report.take(unjudged(one, other, SCHEME_KEYS))
        for key in sorted(SCHEME_KEYS):
            before, after = both(one, other, key)
            if not differ(before, after):
                continue
            texts = [None if node is None else str(node.value).lower() for node in (before, after)]
            if key == "bearerFormat":
                tell("text", describe(key, before, after), before, after)
            elif key in ("scheme", "name") and texts[0] == texts[1]:
                tell("same-meaning", describe(key, before, after), before, after)
            elif key == "flows" and before is not None and after is not None:
                self._flows(before, after)
            else:
                tell("security-scheme", describe(key, before, after), before, after, Direction.REQUEST)

    def _flows(self, old: Node, new: Node) -> None:
        before, after = members(old), members(new)
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name), after.get(name)
            if one is not None and other is not None:
                self._flow(name, one, other)
            elif not name.startswith("x-"):
                rule = "security-flow-removed" if one else "security-flow-added"
                words = f"flow {name} {'removed' if one else 'added'}"
                self.report.add(rule, words, one, other, Direction.REQUEST)

    def _flow(self, flow: str, one: Node, other: Node) -> None:
        self.report.take(unjudged(one, other, {*_FLOW_ADDRESSES, "scopes"}))
        for key in sorted(_FLOW_ADDRESSES):
            before, after = both(one, other, key)
            if differ(before, after):
                words = f"flow {flow}: {describe(key, before, after)}"
                self.report.add("security-address", words, before, after, Direction.REQUEST)
        had, has = (members(node) for node in both(one, other, "scopes"))
        for name in sorted(had.keys() | has.keys()):
            was, now = had.get(name), has.get(name)
            if was is None or now is None:
                rule = "scope-offered" if now else "scope-withdrawn"
                words = f"scope {name} is {'offered' if now else 'no longer offered'}"
                self.report.add(rule, words, was, now, Direction.REQUEST)
            elif differ(was, now):
                self.report.add("text", f"scope {name} reworded", was, now)


def named_schemes(spec: Spec, used: set[tuple[int, str]]) -> set[tuple[str, ...]]:
    """Return the pointers of the schemes of `spec` that its operations name."""
    section: dict[str, Any] = (spec.root.get("components") or {}).get("securitySchemes", {})
    return {("components", "securitySchemes", name) for name in section if (id(spec), name) in used}

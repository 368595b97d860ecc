"""Walk two OpenAPI documents by operation and direction and say what differs.

Whatever the walk has not told is looked for at the end in the plain documents: nothing passes in silence.
"""

import re
from collections.abc import Iterator
from typing import Any

from scripts.diff.messages import MessageDiff, Operation
from scripts.diff.report import Change, Report, both, raw_differences, renamed_components, said
from scripts.diff.rules import Direction
from scripts.diff.schema import Merged
from thread_runs_spec.document import Node, Pointer, Spec, canonical, pointer_text

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SCHEME_KEYS = {"type", "scheme", "in", "name", "flows", "openIdConnectUrl"}


def compare(old: Spec, new: Spec) -> list[Change]:
    """Return every difference between two specs, in the order of the new one. Raises SpecError for a bad `$ref`."""
    differ = _SpecDiff(old, new)
    differ.document()
    lines = {id(spec): rank for rank, spec in enumerate((new, old))}
    return sorted(
        differ.report.changes.values(),
        key=lambda change: (lines[id(change.place.spec)], change.place.line, change.words),
    )


class _SpecDiff:
    def __init__(self, old: Spec, new: Spec) -> None:
        self.old = old
        self.new = new
        self.report = Report(renamed_components(old, new))
        self.schemes: set[str] = set()

    def document(self) -> None:
        old, new = self.old.at(()), self.new.at(())
        judged = {"openapi", "info", "servers", "tags", "paths", "components", "security"}
        self.report.rest(old, new, judged)
        self.format_version(old.get("openapi"), new.get("openapi"))
        self.info(self.old.at(("info",)), self.new.at(("info",)))
        self.servers(old.get("servers"), new.get("servers"))
        self.tag_list(old.get("tags"), new.get("tags"))
        self.renamed()
        self.operations()
        self.security_schemes()
        self.root_security(old.get("security"), new.get("security"))
        self.remainder()

    def format_version(self, old: Node | None, new: Node | None) -> None:
        assert old is not None
        assert new is not None
        if old.value != new.value:
            same = str(old.value).split(".")[:2] == str(new.value).split(".")[:2]
            review = "" if same else "review by hand: "
            self.report.add("same-meaning" if same else "unclassified", review + said("openapi", old, new), old, new)

    def info(self, old: Node, new: Node) -> None:
        self.report.rest(old, new, {"version"})
        before, after = old.get("version"), new.get("version")
        if before and after and before.value != after.value:
            self.report.add("version", said("version", before, after), before, after)

    def servers(self, old: Node | None, new: Node | None) -> None:
        before = {str(server.value.get("url")): server for server in (old.children() if old else [])}
        after = {str(server.value.get("url")): server for server in (new.children() if new else [])}
        first, now_first = next(iter(before.values()), None), next(iter(after.values()), None)
        changed = _address(first) != _address(now_first)
        if changed:
            words = f"default base URL changed from {_address(first)} to {_address(now_first)}"
            self.report.add("default-server", words, first or old, now_first or new)
        for url in before.keys() | after.keys():
            one, other = before.get(url), after.get(url)
            if one is None or other is None:
                if not (changed and (one is first or other is now_first)):
                    self.report.add("server", f"server {url} {'added' if one is None else 'removed'}", one, other)
            else:
                self.report.rest(one, other, {"url", "variables"})
                variables, now = one.value.get("variables"), other.value.get("variables")
                if canonical(variables) != canonical(now) and not (changed and one is first and other is now_first):
                    self.report.add("server", f"variables of server {url} changed", one, other)
        if old and new and list(before) != list(after) and before.keys() == after.keys() and not changed:
            self.report.add("server", "servers in another order", old, new)

    def tag_list(self, old: Node | None, new: Node | None) -> None:
        before = {str(tag.value.get("name")): tag for tag in (old.children() if old else [])}
        after = {str(tag.value.get("name")): tag for tag in (new.children() if new else [])}
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name), after.get(name)
            if one is not None and other is not None:
                self.report.rest(one, other, {"name"})
            else:
                self.report.add("tag", f"tag {name} {'added to' if other else 'removed from'} the list", one, other)
        if old and new and before.keys() == after.keys() and list(before) != list(after):
            self.report.add("tag", "tags in another order", old, new)

    def renamed(self) -> None:
        for before, after in self.report.renamed.items():
            old, new = self.old.at(before), self.new.at(after)
            made = before[1] == "schemas" and Merged(old).is_class
            rule = "class-renamed" if made else "example" if before[1] == "examples" else "component-renamed"
            self.report.add(rule, f"component {before[-1]} renamed to {after[-1]}", old, new)

    # Operations

    def operations(self) -> None:
        before, after = list(_operations(self.old)), list(_operations(self.new))
        for same in (
            lambda one, other: (one.path, one.method) == (other.path, other.method),
            lambda one, other: (one.template, one.method) == (other.template, other.method),
            lambda one, other: one.identifier is not None and one.identifier == other.identifier,
        ):
            for one in list(before):
                twins = [other for other in after if same(one, other)]
                if len(twins) == 1:
                    before.remove(one)
                    after.remove(twins[0])
                    self.operation(one, twins[0])
        for one in before:
            self.report.where = one.title
            self.report.add("operation-removed", f"operation {one.identifier or one.title} removed", one.node, None)
            if one.path not in self.new.root["paths"]:
                self.report.claims.add(one.item.pointer)
        for other in after:
            self.report.where = other.title
            self.report.add("operation-added", f"operation {other.identifier or other.title} added", None, other.node)
            if other.path not in self.old.root["paths"]:
                self.report.claims.add(other.item.pointer)
        self.report.where = ""

    def operation(self, one: Operation, other: Operation) -> None:
        report, old, new = self.report, one.node, other.node
        report.where = other.title
        if one.template != other.template:
            report.add("path-changed", f"path changed from {one.path} to {other.path}", old, new)
        if one.method != other.method:
            report.add(
                "method-changed", f"method changed from {one.method.upper()} to {other.method.upper()}", old, new
            )
        if one.path != other.path:
            report.claims.update((one.item.pointer, other.item.pointer))
        report.rest(one.item, other.item, {*METHODS, "parameters"})
        report.rest(
            old, new, {"operationId", "tags", "deprecated", "security", "parameters", "requestBody", "responses"}
        )
        if one.identifier != other.identifier:
            report.add(
                "operation-id", said("operationId", *both(old, new, "operationId")), *both(old, new, "operationId")
            )
        self.tags(*both(old, new, "tags"))
        self.report.deprecated(old, new)
        self.security(one, other)
        MessageDiff(report).compare(one, other)
        report.where = ""

    def tags(self, old: Node | None, new: Node | None) -> None:
        before, after = old.value if old else [], new.value if new else []
        if [_module(tag) for tag in before[:1]] != [_module(tag) for tag in after[:1]]:
            self.report.add("module-tag", said("tags", old, new), old, new)
        elif before != after:
            self.report.add("tag", said("tags", old, new), old, new)

    # Security

    def security(self, one: Operation, other: Operation) -> None:
        old = one.node.get("security") or self.old.at(()).get("security")
        new = other.node.get("security") or self.new.at(()).get("security")
        before, after = self.alternatives(old, True), self.alternatives(new, False)
        open_before, open_after = (not ways or frozenset() in ways for ways in (before, after))
        told, tell = self.report.told, self.report.add
        if open_before != open_after:
            rule = "security-dropped" if open_after else "security-demanded"
            tell(
                rule,
                "no credentials are asked for any more" if open_after else "credentials are asked for",
                old,
                new,
                Direction.REQUEST,
            )
        else:
            for way in before.keys() - after.keys():
                tell("security-removed", f"authentication by {_way(way)} removed", old, new, Direction.REQUEST)
            for way in after.keys() - before.keys():
                tell("security-added", f"authentication by {_way(way)} added", old, new, Direction.REQUEST)
        for way in before.keys() & after.keys():
            for scope in sorted(after[way] - before[way]):
                tell("scope-added", f"scope {scope} demanded", old, new, Direction.REQUEST)
            for scope in sorted(before[way] - after[way]):
                tell("scope-removed", f"scope {scope} not demanded any more", old, new, Direction.REQUEST)
        texts = [node and (node.pointer[0] == "security", canonical(node.value)) for node in (old, new)]
        if self.report.told == told and texts[0] != texts[1]:
            tell("same-meaning", "security written otherwise", old, new)

    def alternatives(self, node: Node | None, is_old: bool) -> dict[frozenset[str], set[str]]:
        """Return each way to authenticate, by its schemes as the new spec names them, with the scopes it demands."""
        ways: dict[frozenset[str], set[str]] = {}
        for way in node.value if node else []:
            names = {name: self.scheme_name(name) if is_old else name for name in way}
            self.schemes.update(names.values())
            ways[frozenset(names.values())] = {f"{names[name]}:{scope}" for name in way for scope in way[name]}
        return ways

    def scheme_name(self, name: str) -> str:
        pointer = ("components", "securitySchemes", name)
        return self.report.renamed.get(pointer, pointer)[-1]

    def security_schemes(self) -> None:
        old, new = (spec.root.get("components", {}).get("securitySchemes", {}) for spec in (self.old, self.new))
        for name in sorted(self.schemes & old.keys() & new.keys()):
            pointer = ("components", "securitySchemes", name)
            one, other = self.old.at(pointer).resolve(), self.new.at(pointer).resolve()
            self.report.rest(one, other, {*SCHEME_KEYS, "bearerFormat"})
            for key in sorted({*SCHEME_KEYS, "bearerFormat"}):
                before, after = both(one, other, key)
                texts = [canonical(node.value) if node else None for node in (before, after)]
                if texts[0] == texts[1]:
                    continue
                if key == "bearerFormat":
                    self.report.add("text", said(key, before, after), before, after)
                elif key in ("scheme", "name") and texts[0] and texts[1] and texts[0].lower() == texts[1].lower():
                    self.report.add("same-meaning", said(key, before, after), before, after)
                else:
                    self.report.add("security-scheme", said(key, before, after), before, after, Direction.REQUEST)

    def root_security(self, old: Node | None, new: Node | None) -> None:
        texts = [canonical(node.value) if node else None for node in (old, new)]
        if texts[0] != texts[1] and not self.report.claimed(("security",)):
            self.report.add("same-meaning", "root security changed, which no operation takes up", old, new)

    # What no operation led to

    def remainder(self) -> None:
        """Tell what the plain documents differ in and nothing above has answered for."""
        for pointer in raw_differences(self.old.at(()), self.new.at(())):
            if self.report.claimed(pointer) or self.renamed_reference(pointer):
                continue
            old, new = _find(self.old, pointer), _find(self.new, pointer)
            if pointer[0] == "components":
                self.component(pointer, old, new)
            else:
                where = pointer_text(pointer)
                self.report.add("unclassified", f"review by hand: {said(where, old, new)}", old, new)

    def renamed_reference(self, pointer: Pointer) -> bool:
        old, new = _find(self.old, pointer[:-1]), _find(self.new, pointer[:-1])
        if pointer[-1] != "$ref" or old is None or new is None or old.reference is None:
            return False
        return old.reference in self.report.renamed and self.report.same_target(old.reference, new.reference)

    def component(self, pointer: Pointer, old: Node | None, new: Node | None) -> None:
        whole, tell = pointer[:3], self.report.add
        was, now = whole in self.reachable(self.old), whole in self.reachable(self.new)
        name = "/".join(whole[1:])
        if len(pointer) < 3:
            for child in (old or new or self.new.at(())).children():
                self.component(child.pointer, _find(self.old, child.pointer), _find(self.new, child.pointer))
        elif pointer[1] == "examples":
            tell("example", f"example {pointer[2]} {_state(old, new)}", _find(self.old, whole), _find(self.new, whole))
        elif pointer[1].startswith("x-"):
            tell("extension", said(f"extension {pointer[1]}", old, new), old, new)
        elif was and now:
            tell("unclassified", f"review by hand: {said(pointer_text(pointer), old, new)}", old, new)
        elif len(pointer) == 3 and (was or now):
            tell("component-removed" if was else "component-added", f"component {name} {_state(old, new)}", old, new)
        else:
            nodes = _find(self.old, whole), _find(self.new, whole)
            words = f"component {name}, which no operation of both specs uses, {_state(*nodes)}"
            tell("component-unused", words, *nodes)

    def reachable(self, spec: Spec) -> set[Pointer]:
        return spec.reachable | {("components", "securitySchemes", name) for name in self.schemes}


def _state(old: Node | None, new: Node | None) -> str:
    return "changed" if old and new else "added" if new else "removed"


def _find(spec: Spec, pointer: Pointer) -> Node | None:
    node: Node | None = spec.at(())
    for part in pointer:
        node = node.get(part) if node is not None else None
    return node


def _operations(spec: Spec) -> Iterator[Operation]:
    for item in spec.at(("paths",)).children():
        item_node = item.resolve()
        for method in METHODS:
            node = item_node.get(method)
            if node is not None and isinstance(node.value, dict):
                yield Operation(item.pointer[-1], method, item_node, node)


def _address(server: Node | None) -> str:
    """Return the URL of a server with its variables filled in; without servers OpenAPI means `/`."""
    if server is None:
        return "/"
    variables: dict[str, Any] = server.value.get("variables") or {}
    url = str(server.value.get("url"))
    for name, variable in variables.items():
        url = url.replace(f"{{{name}}}", str(variable.get("default")))
    return url


def _way(schemes: frozenset[str]) -> str:
    return " with ".join(sorted(schemes)) or "nothing"


def _module(tag: Any) -> str:
    return re.sub(r"\W+", "_", str(tag)).lower()

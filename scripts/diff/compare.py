"""Compare two OpenAPI documents operation by operation and direction by direction.

What these comparisons do not account for is looked for at the end in the plain documents: nothing passes in silence.
"""

import re
from typing import Any

from scripts.diff.changes import Change, Report, both, describe, differ, unjudged
from scripts.diff.effective import Schema
from scripts.diff.messages import MessageDiff
from scripts.diff.operations import METHODS, Operation, callbacks, operations, pair
from scripts.diff.remainder import Remainder
from scripts.diff.renames import Unchanged, find, find_renames
from scripts.diff.rules import Direction
from scripts.diff.security import SecurityDiff, named_schemes
from scripts.diff.walk import Context
from thread_runs_spec.document import Node, Spec

_ROOT = {"openapi", "info", "servers", "tags", "paths", "webhooks", "components", "security", "jsonSchemaDialect"}
_OPERATION = {
    *(
        "operationId",
        "tags",
        "deprecated",
        "security",
        "parameters",
        "requestBody",
        "responses",
        "callbacks",
        "servers",
    ),
}


def compare(old: Spec, new: Spec) -> list[Change]:
    """Return every difference between two specs, in the order of the new one. Raises SpecError for a bad `$ref`."""
    comparison = SpecDiff(old, new)
    comparison.document()
    ranks = {id(spec): rank for rank, spec in enumerate((new, old))}
    return sorted(
        comparison.report.changes(),
        key=lambda change: (ranks[id(change.place.spec)], change.place.line, change.words),
    )


class SpecDiff:
    """The comparison of two specs."""

    def __init__(self, old: Spec, new: Spec) -> None:
        self.old = old
        self.new = new
        self.report = Report()
        self.context = Context(find_renames(old, new), Unchanged(old, new))
        self.security = SecurityDiff(self.report, self.context.renames, old, new)

    def document(self) -> None:
        old, new = self.old.at(()), self.new.at(())
        self.report.take(unjudged(old, new, _ROOT))
        self._format_version(*both(old, new, "openapi"))
        dialects = both(old, new, "jsonSchemaDialect")
        if differ(*dialects):
            self.report.add("schema-identity", describe("jsonSchemaDialect", *dialects), *dialects)
        self._info(self.old.at(("info",)), self.new.at(("info",)))
        self._servers(*both(old, new, "servers"))
        self._tag_list(*both(old, new, "tags"))
        self._renamed()
        self._operations()
        self._webhooks(*both(old, new, "webhooks"))
        self.security.schemes()
        self.security.root()
        used = self.security.used
        reachable = {id(spec): spec.reachable | named_schemes(spec, used) for spec in (self.old, self.new)}
        Remainder(self.report, self.context, self.old, self.new, reachable).report_all()

    def _format_version(self, old: Node | None, new: Node | None) -> None:
        if differ(old, new):
            self.report.add("openapi-version", describe("openapi", old, new), old, new)

    def _info(self, old: Node, new: Node) -> None:
        self.report.take(unjudged(old, new, {"version"}))
        before, after = both(old, new, "version")
        if differ(before, after):
            self.report.add("version", describe("version", before, after), before, after)

    def _servers(self, old: Node | None, new: Node | None, what: str = "default base URL") -> None:
        before = {str(server.value.get("url")): server for server in (old.children() if old else [])}
        after = {str(server.value.get("url")): server for server in (new.children() if new else [])}
        first, now_first = next(iter(before.values()), None), next(iter(after.values()), None)
        changed = _address(first) != _address(now_first)
        if changed:
            words = f"{what} changed from {_address(first)} to {_address(now_first)}"
            self.report.add("default-server", words, first or old, now_first or new)
        for url in before.keys() | after.keys():
            one, other = before.get(url), after.get(url)
            if one is None or other is None:
                if not (changed and (one is first or other is now_first)):
                    self.report.add("server", f"server {url} {'added' if one is None else 'removed'}", one, other)
            else:
                self.report.take(unjudged(one, other, {"url", "variables"}))
                variables = both(one, other, "variables")
                if differ(*variables) and not (changed and one is first and other is now_first):
                    self.report.add("server", f"variables of server {url} changed", *variables)
        if old and new and list(before) != list(after) and before.keys() == after.keys() and not changed:
            self.report.add("server", "servers in another order", old, new)
        self.report.container("servers", old, new, self.report.count - changed)

    def _tag_list(self, old: Node | None, new: Node | None) -> None:
        before = {str(tag.value.get("name")): tag for tag in (old.children() if old else [])}
        after = {str(tag.value.get("name")): tag for tag in (new.children() if new else [])}
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name), after.get(name)
            if one is not None and other is not None:
                self.report.take(unjudged(one, other, {"name"}))
            else:
                self.report.add("tag", f"tag {name} {'added to' if other else 'removed from'} the list", one, other)
        if old and new and before.keys() == after.keys() and list(before) != list(after):
            self.report.add("tag", "tags in another order", old, new)

    def _renamed(self) -> None:
        for before, after in self.context.renames.pointers.items():
            old, new = self.old.at(before), self.new.at(after)
            makes_class = before[1] == "schemas" and Schema([old]).is_class
            rule = "class-renamed" if makes_class else "example" if before[1] == "examples" else "component-renamed"
            self.report.add(rule, f"component {before[-1]} renamed to {after[-1]}", old, new)

    # Operations

    def _operations(self) -> None:
        paths = both(self.old.at(()), self.new.at(()), "paths")
        pairs, removed, added = pair(*(list(operations(node)) for node in paths))
        for one, other in pairs:
            self._operation(one, other)
        for one in removed:
            self._alone("operation-removed", f"operation {one.identifier or one.title} removed", one, paths[1])
        for other in added:
            self._alone("operation-added", f"operation {other.identifier or other.title} added", other, paths[0])
        self._path_items(*paths)

    def _alone(self, rule: str, words: str, one: Operation, other_paths: Node | None) -> None:
        self.report.where = one.title
        nodes = (one.node, None) if rule == "operation-removed" else (None, one.node)
        self.report.add(rule, words, *nodes)
        if other_paths is None or other_paths.get(one.path) is None:
            self.report.claim(one.use)
        self.report.where = ""

    def _path_items(self, old: Node | None, new: Node | None) -> None:
        """Compare the fields other than operations of a path that both specs have."""
        for one in old.children() if old else []:
            other = new.get(one.pointer[-1]) if new else None
            if other is None or one.pointer[-1].startswith("x-"):
                continue
            item, twin = one.resolve(), other.resolve()
            self.report.take(unjudged(item, twin, {*METHODS, "parameters", "servers", "$ref"}))
            servers = both(item, twin, "servers")
            if one.pointer[0] == "webhooks" and differ(*servers):
                self.report.add("text", describe("servers", *servers), *servers)
            elif all(method.get("servers") for node in (item, twin) for method in _methods(node)):
                # Every operation has servers of its own.
                self.report.same_meaning(*servers, "servers")
            if one.reference is not None and other.reference is not None:
                self.report.take(unjudged(one, other, {"$ref"}))
            if one.reference != other.reference:
                self.report.add("same-meaning", f"path {one.pointer[-1]} is kept in another place", one, other)

    def _operation(self, one: Operation, other: Operation) -> None:
        report, old, new = self.report, one.node, other.node
        report.where = other.title
        if one.template != other.template:
            report.add("path-changed", f"path changed from {one.path} to {other.path}", old, new)
        if one.method != other.method:
            words = f"method changed from {one.method.upper()} to {other.method.upper()}"
            report.add("method-changed", words, old, new)
        if one.path != other.path:
            report.claim(one.use)
            report.claim(other.use)
        report.take(unjudged(old, new, _OPERATION))
        if one.identifier != other.identifier:
            nodes = both(old, new, "operationId")
            report.add("operation-id", describe("operationId", *nodes), *nodes)
        self._tags(*both(old, new, "tags"))
        report.deprecated(old, new)
        self._operation_servers(one, other)
        self.security.operation(old, new)
        MessageDiff(report, self.context).compare(one, other)
        report.where = other.title
        self._callbacks(*both(old, new, "callbacks"))
        report.where = ""

    def _operation_servers(self, one: Operation, other: Operation) -> None:
        nodes = one.servers, other.servers
        if any(nodes):
            roots = [spec.at(()).get("servers") for spec in (self.old, self.new)]
            self._servers(nodes[0] or roots[0], nodes[1] or roots[1], f"address of {other.title}")

    def _tags(self, old: Node | None, new: Node | None) -> None:
        before, after = old.value if old else [], new.value if new else []
        if [_module(tag) for tag in before[:1]] != [_module(tag) for tag in after[:1]]:
            self.report.add("module-tag", describe("tags", old, new), old, new)
        elif before != after:
            self.report.add("tag", describe("tags", old, new), old, new)
        else:
            self.report.same_meaning(old, new, "tags")

    # Requests of the server: webhooks and callbacks

    def _webhooks(self, old: Node | None, new: Node | None) -> None:
        self._received("webhook", Direction.RESPONSE, list(operations(old)), list(operations(new)), old, new)

    def _callbacks(self, old: Node | None, new: Node | None, sent: Direction = Direction.RESPONSE) -> None:
        self._received("callback", sent, list(callbacks(old)), list(callbacks(new)), old, new)

    def _received(
        self,
        kind: str,
        sent: Direction,
        before: list[Operation],
        after: list[Operation],
        old: Node | None,
        new: Node | None,
    ) -> None:
        """Compare operations of which the request goes in the direction `sent`."""
        count, where = self.report.count, self.report.where
        pairs, removed, added = pair(before, after)
        # Receivers distinguish them by name and method, not by operationId.
        moved = [(one, other) for one, other in pairs if not _is_received_as(kind, one, other)]
        removed, added = [*removed, *(one for one, _ in moved)], [*added, *(other for _, other in moved)]
        for one, other in pairs:
            if not _is_received_as(kind, one, other):
                continue
            if one.path != other.path:
                self.report.add("same-meaning", f"webhook {one.path} is called {other.path}", one.use, other.use)
            self.report.where = f"{where} {kind} {other.path}".strip()
            self.report.take(unjudged(one.node, other.node, _OPERATION))
            if one.identifier != other.identifier:
                nodes = both(one.node, other.node, "operationId")
                self.report.add("text", describe("operationId", *nodes), *nodes)
            self.report.deprecated(one.node, other.node)
            for key in ("tags", "servers", "security"):
                nodes = both(one.node, other.node, key)
                if differ(*nodes):
                    rule = "received-security" if key == "security" else "text"
                    self.report.add(rule, describe(key, *nodes), *nodes)
            MessageDiff(self.report, self.context, sent).compare(one, other)
            self._callbacks(*both(one.node, other.node, "callbacks"), sent.opposite)
        self.report.where = where
        for rule, found, others in ((f"{kind}-removed", removed, new), (f"{kind}-added", added, old)):
            for one in found:
                nodes = (one.node, None) if found is removed else (None, one.node)
                self.report.add(rule, f"{kind} {one.path} {rule.rpartition('-')[2]}", *nodes)
                if others is None or _missing(others, one.use):
                    self.report.claim(one.use)
        self.report.container(f"{kind}s", old, new, count)
        if kind == "webhook":
            self._path_items(old, new)


def _methods(item: Node) -> list[Node]:
    return [node for node in item.children() if node.key in METHODS]


def _is_received_as(kind: str, one: Operation, other: Operation) -> bool:
    """Whether two webhooks or callbacks are the same for their receiver. The name of a callback is its URL."""
    names = (one.path, other.path) if kind == "callback" else (one.template, other.template)
    return names[0] == names[1] and one.method == other.method


def _missing(others: Node, use: Node) -> bool:
    """Whether the same path item of the other spec has no operation."""
    return find(others.spec, (*others.pointer, *use.pointer[len(others.pointer) :])) is None


def _address(server: Node | None) -> str:
    """Return the URL of a server with its variables filled in; without servers OpenAPI means `/`."""
    if server is None:
        return "/"
    variables: dict[str, Any] = server.value.get("variables") or {}
    url = str(server.value.get("url"))
    for name, variable in variables.items():
        url = url.replace(f"{{{name}}}", str(variable.get("default")))
    return url


def _module(tag: Any) -> str:
    return re.sub(r"\W+", "_", str(tag)).lower()

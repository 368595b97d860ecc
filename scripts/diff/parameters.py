"""Compare the parameters of two operations: which of them are the same, and what has become of each."""

import re
from dataclasses import dataclass

from scripts.diff.changes import Report, both, describe, unjudged
from scripts.diff.described import SERIALISATION, DescribedValue, relocated
from scripts.diff.effective import Schema
from scripts.diff.operations import Operation
from scripts.diff.rules import Direction
from scripts.diff.walk import Context
from thread_runs_spec.document import Node, canonical

_JUDGED = {"name", "in", "required", "schema", "content", "deprecated", "allowEmptyValue", "$ref", *SERIALISATION}


@dataclass(frozen=True)
class Parameter:
    """A parameter: `use` where the operation lists it, `node` what it is once `$ref` is followed."""

    use: Node
    node: Node
    own: bool

    @property
    def name(self) -> str:
        return str(self.node.value.get("name"))

    @property
    def location(self) -> str:
        return str(self.node.value.get("in"))

    @property
    def key(self) -> tuple[str, str]:
        return self.name.lower() if self.location == "header" else self.name, self.location

    @property
    def required(self) -> bool:
        return self.location == "path" or bool(self.node.value.get("required"))

    @property
    def has_default(self) -> bool:
        """Whether the client sends a value by itself."""
        schema = self.node.get("schema")
        return schema is not None and "default" in Schema([schema]).keywords and self.location != "path"

    @property
    def nameless(self) -> tuple[str, str]:
        return self.location, canonical({key: value for key, value in self.node.value.items() if key != "name"})


class ParameterDiff:
    """Compares parameters that are sent in `direction`."""

    def __init__(self, report: Report, context: Context, direction: Direction) -> None:
        self.report = report
        self.context = context
        self.direction = direction
        self.values = DescribedValue(report, context, direction)

    def tell(self, rule: str, words: str, old: Node | None, new: Node | None) -> None:
        self.report.add(rule, words, old, new, self.direction)

    def compare(self, one: Operation, other: Operation) -> None:
        before, after = _parameters(one), _parameters(other)
        pairs = [(param, after[key]) for key, param in before.items() if key in after]
        removed = [param for key, param in before.items() if key not in after]
        added = [param for key, param in after.items() if key not in before]
        count = self.report.count
        names = dict(zip(_placeholders(one.path), _placeholders(other.path), strict=False))
        for param, twin in self._renamed(removed, added, names if one.template == other.template else {}):
            removed.remove(param)
            added.remove(twin)
            pairs.append((param, twin))
        for param in removed:
            rule = "parameter-removed-required" if param.required else "parameter-removed"
            self.tell(rule, f"{param.location} parameter {param.name} removed", param.use, None)
        for twin in added:
            filled = "parameter-added-with-default" if twin.has_default else "parameter-added-required"
            rule = filled if twin.required else "parameter-added"
            self.tell(rule, f"{twin.location} parameter {twin.name} added", None, twin.use)
        for param, twin in pairs:
            self._parameter(param, twin)
        listed, now_listed = list(before.values()), list(after.values())
        pairs.sort(key=lambda pair: listed.index(pair[0]))
        order = [now_listed.index(twin) for _, twin in pairs]
        moved = any(param.own != twin.own for param, twin in pairs)
        if moved or (order != sorted(order) and not removed and not added):
            self.report.add("same-meaning", "parameters listed differently", *both(one.node, other.node, "parameters"))
        holders = ((one.node, other.node), (one.item, other.item))
        for old, new in (both(*holder, "parameters") for holder in holders):
            self.report.container("parameters", old, new, count)
            for node in (old, new):
                if node is not None and moved:
                    self.report.claim(node)

    def _renamed(
        self, removed: list[Parameter], added: list[Parameter], path_names: dict[str, str]
    ) -> list[tuple[Parameter, Parameter]]:
        """Pair parameters of the same name in another place, of the same place in the path, or else alike but for the
        name, if only one is."""
        found: list[tuple[Parameter, Parameter]] = []
        for param in removed:
            free = [twin for twin in added if all(twin is not pair[1] for pair in found)]
            moved = [twin for twin in free if twin.name == param.name]
            placed = [
                twin
                for twin in free
                if param.location == twin.location == "path" and path_names.get(param.name) == twin.name
            ]
            alike = [twin for twin in free if param.nameless == twin.nameless and param.location != "path"]
            unique = [other for other in removed if other.nameless == param.nameless] == [param]
            if moved:
                twin, rule, state = moved[0], "parameter-moved", f"moved to {moved[0].location}"
            elif placed:
                twin, rule, state = placed[0], "path-parameter-renamed", f"renamed to {placed[0].name}"
            elif len(alike) == 1 and unique:
                twin, rule, state = alike[0], "parameter-renamed", f"renamed to {alike[0].name}"
            else:
                continue
            self.tell(rule, f"{param.location} parameter {param.name} {state}", param.node, twin.node)
            found.append((param, twin))
        return found

    def _parameter(self, param: Parameter, twin: Parameter) -> None:
        old, new, report = param.node, twin.node, self.report
        where, report.where = report.where, f"{report.where} parameter {twin.name}"
        relocated(report, param.use, twin.use, self.context, f"parameter {twin.name}")
        report.take(unjudged(old, new, _JUDGED))
        if param.key == twin.key and param.name != twin.name:
            self.tell("header-respelt", describe("name", *both(old, new, "name")), *both(old, new, "name"))
        before, after = both(old, new, "required")
        if param.required != twin.required:
            rule = "parameter-added-with-default" if twin.has_default else "parameter-required"
            rule = rule if twin.required else "parameter-optional"
            self.tell(rule, describe("required", before, after), before, after)
        else:
            report.same_meaning(before, after, "required")
        self._empty_value(old, new)
        self.values.value(old, new, param.location, twin.location)
        report.deprecated(old, new, self.direction)
        report.where = where

    def _empty_value(self, old: Node, new: Node) -> None:
        before, after = both(old, new, "allowEmptyValue")
        had, has = (bool(node and node.value) for node in (before, after))
        if had != has:
            rule = "limit-loosened" if has else "limit-tightened"
            self.tell(rule, describe("allowEmptyValue", before, after), before, after)
        else:
            self.report.same_meaning(before, after, "allowEmptyValue")


def _parameters(operation: Operation) -> dict[tuple[str, str], Parameter]:
    found = {}
    for own, holder in ((False, operation.item.get("parameters")), (True, operation.node.get("parameters"))):
        for use in holder.children() if holder else []:
            param = Parameter(use, use.resolve(), own)
            found[param.key] = param
    return found


def _placeholders(path: str) -> list[str]:
    return re.findall(r"\{([^}]*)\}", path)

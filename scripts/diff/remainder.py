"""Report what two documents differ in as plain text and no comparison has accounted for: nothing passes in silence."""

from functools import cached_property

from scripts.diff.changes import EXAMPLES, STANDARD, TEXT, Report, describe, unjudged_key
from scripts.diff.keywords import JUDGED
from scripts.diff.operations import METHODS
from scripts.diff.renames import find, raw_differences
from scripts.diff.walk import Context
from thread_runs_spec.document import Node, Pointer, Spec, pointer_text

Place = tuple[int, Pointer]
# Keywords that hold schemas: a difference below them is accounted for by the comparison of those schemas.
_ONE_SCHEMA = {
    *("items", "contains", "additionalProperties", "unevaluatedItems", "unevaluatedProperties", "propertyNames"),
    *("not", "if", "then", "else", "contentSchema"),
}
_SCHEMAS = {"properties", "patternProperties", "dependentSchemas", "allOf", "anyOf", "oneOf", "prefixItems", "$defs"}


class Remainder:
    """Reports the rest of the differences between two specs. `reachable`: the components that their operations use."""

    def __init__(self, report: Report, context: Context, old: Spec, new: Spec, reachable: dict[int, set[Pointer]]):
        self.report = report
        self.context = context
        self.old = old
        self.new = new
        self.reachable = reachable

    def report_all(self) -> None:
        for pointer in raw_differences(self.old.at(()), self.new.at(())):
            old, new = find(self.old, pointer), find(self.new, pointer)
            if not self._accounted_for(old, new) and not self._renamed_reference(pointer):
                self._report(pointer, old, new)

    def _accounted_for(self, old: Node | None, new: Node | None) -> bool:
        if old is not None and new is not None and self._is_reported(new):
            return True
        return all(node is None or self._is_reported(node) for node in (old, new))

    def _is_reported(self, node: Node) -> bool:
        """Whether a change was reported at or above `node`, or at everything in it."""
        if self.report.is_claimed(node.spec, node.pointer):
            return True
        inside = node.children()
        return bool(inside) and all(self.report.is_claimed(one.spec, one.pointer) for one in inside)

    def _report(self, pointer: Pointer, old: Node | None, new: Node | None) -> None:
        if pointer[0] == "components" and len(pointer) == 3 and (old is None or new is None):
            self._component(pointer, old, new)
            return
        schemas = [None if node is None else self._compared_schema(node) for node in (old, new)]
        if all(node is None or found is not None for node, found in zip((old, new), schemas, strict=True)):
            if self._is_keyword(old or new) and (pointer[-1] not in STANDARD or pointer[-1] in TEXT | EXAMPLES):
                self.report.take([unjudged_key(pointer[-1], old, new)])
            elif not any(found in self._holders for found in schemas if found is not None):
                # Where a change was reported in the same schema, the rest of the text belongs to it.
                self.report.add("same-meaning", f"{pointer_text(pointer)} is written differently", old, new)
        elif pointer[0] == "components":
            self._component(pointer, old, new)
        elif pointer[0] in ("paths", "webhooks") and not self._has_operations(pointer):
            words = f"path {pointer[1]}, which has no operations, {_state(old, new)}"
            self.report.add("component-unused", words, old, new)
        elif "$defs" in pointer:
            self.report.add("component-unused", f"definition {pointer[-1]} {_state(old, new)}", old, new)
        else:
            where = pointer_text(pointer)
            self.report.add("unclassified", f"review by hand: {describe(where, old, new)}", old, new)

    def _is_keyword(self, node: Node | None) -> bool:
        """Whether a value is in a schema itself and not in a map of schemas by name."""
        return node is not None and (id(node.spec), node.pointer[:-1]) in self.context.visited

    def _compared_schema(self, node: Node) -> Place | None:
        """Return the closest schema at or above `node` that was compared, if `node` was compared with it."""
        pointer = node.pointer
        for length in range(len(pointer), 0, -1):
            place = (id(node.spec), pointer[:length])
            if place in self.context.skipped:
                return place
            if place not in self.context.visited:
                continue
            rest = pointer[length:]
            if rest and rest[0] == "$defs":
                return None
            if rest and rest[0] in _ONE_SCHEMA | _SCHEMAS and isinstance(node.value, dict | list):
                # A map or list of schemas that came or went, or a schema in it that was not compared.
                whole = len(rest) == 1 and rest[0] in _SCHEMAS
                return place if whole and all(map(self._compared_schema, node.children())) else None
            return place if not rest or rest[0] in JUDGED or rest[0] not in STANDARD else None
        return None

    def _has_operations(self, pointer: Pointer) -> bool:
        """Whether the path at or above `pointer` has operations in one of the specs."""
        items = [found.resolve() for spec in (self.old, self.new) if (found := find(spec, pointer[:2])) is not None]
        return any(item.get(method) for item in items for method in METHODS)

    @cached_property
    def _holders(self) -> set[Place]:
        """The places at or above which a change was reported."""
        claims = set(self.report.claims)
        return {(spec, pointer[:length]) for spec, pointer in claims for length in range(1, len(pointer))}

    def _renamed_reference(self, pointer: Pointer) -> bool:
        old, new = find(self.old, pointer[:-1]), find(self.new, pointer[:-1])
        if pointer[-1] != "$ref" or old is None or new is None or old.reference is None:
            return False
        renames = self.context.renames
        return old.reference in renames.pointers and renames.same_target(old.reference, new.reference)

    def _component(self, pointer: Pointer, old: Node | None, new: Node | None) -> None:
        whole, tell = pointer[:3], self.report.add
        was, now = whole in self.reachable[id(self.old)], whole in self.reachable[id(self.new)]
        name = "/".join(whole[1:])
        nodes = find(self.old, whole), find(self.new, whole)
        if len(pointer) < 3:
            for child in (old or new or self.new.at(())).children():
                pair = find(self.old, child.pointer), find(self.new, child.pointer)
                if not self._accounted_for(*pair):
                    self._component(child.pointer, *pair)
        elif pointer[1] == "examples":
            tell("example", f"example {pointer[2]} {_state(*nodes)}", *nodes)
        elif pointer[1].startswith("x-"):
            tell("extension", describe(f"extension {pointer[1]}", old, new), old, new)
        elif len(pointer) == 3 and (old is None or new is None) and (was or now):
            # In use where it is: what that means stands at the use.
            tell(
                "component-added" if old is None else "component-removed",
                f"component {name} {_state(old, new)}",
                old,
                new,
            )
        elif was and now:
            tell("unclassified", f"review by hand: {describe(pointer_text(pointer), old, new)}", old, new)
        else:
            words = f"component {name}, which no operation of both specs uses, {_state(*nodes)}"
            tell("component-unused", words, *nodes)


def _state(old: Node | None, new: Node | None) -> str:
    return "changed" if old and new else "added" if new else "removed"

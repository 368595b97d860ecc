"""Walk what an operation takes and what it answers: parameters, bodies, responses and their headers."""

import re
from dataclasses import dataclass

from scripts.diff.report import Report, both, named, said
from scripts.diff.rules import Direction
from scripts.diff.schema import Merged, SchemaDiff
from thread_runs_spec.document import Node, canonical

STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


@dataclass(frozen=True)
class Operation:
    path: str
    method: str
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


class MessageDiff:
    """Compares two operations that are the same one."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def compare(self, one: Operation, other: Operation) -> None:
        self.parameters(one, other)
        self.body(other.title, *both(one.node, other.node, "requestBody"))
        self.responses(other.title, one.node, other.node)

    def parameters(self, one: Operation, other: Operation) -> None:
        before, after = _parameters(one), _parameters(other)
        pairs = [(param, after[key]) for key, param in before.items() if key in after]
        gone = [param for key, param in before.items() if key not in after]
        come = [param for key, param in after.items() if key not in before]
        names = dict(zip(_placeholders(one.path), _placeholders(other.path), strict=False))
        for param, twin in self.renamed_parameters(gone, come, names if one.template == other.template else {}):
            gone.remove(param)
            come.remove(twin)
            pairs.append((param, twin))
        for param in gone:
            rule = "parameter-removed-required" if param.required else "parameter-removed"
            self.tell(rule, f"{param.location} parameter {param.name} removed", param.use, None)
        for twin in come:
            schema = twin.node.get("schema")
            filled = schema is not None and "default" in Merged(schema).keywords and twin.location != "path"
            rule = (
                ("parameter-added-with-default" if filled else "parameter-added-required")
                if twin.required
                else "parameter-added"
            )
            self.tell(rule, f"{twin.location} parameter {twin.name} added", None, twin.use)
        for param, twin in pairs:
            self.parameter(other.title, param, twin)
        owners = [(param.own, twin.own) for param, twin in pairs]
        listed = list(before.values())
        pairs.sort(key=lambda pair: listed.index(pair[0]))
        order = [list(after.values()).index(twin) for _, twin in pairs]
        if any(was != now for was, now in owners) or (order != sorted(order) and len(gone) == len(come) == 0):
            nodes = both(one.node, other.node, "parameters")
            self.report.add("same-meaning", "parameters listed otherwise", *nodes)
            self.report.claims.update(((*one.item.pointer, "parameters"), (*other.item.pointer, "parameters")))

    def tell(self, rule: str, words: str, old: Node | None, new: Node | None) -> None:
        self.report.add(rule, words, old, new, Direction.REQUEST)

    def renamed_parameters(
        self, gone: list[Parameter], come: list[Parameter], path_names: dict[str, str]
    ) -> list[tuple[Parameter, Parameter]]:
        """Pair parameters of the same name in another place, of the same place in the path, or else alike but for the
        name, if only one is."""
        found: list[tuple[Parameter, Parameter]] = []
        for param in gone:
            free = [twin for twin in come if all(twin is not pair[1] for pair in found)]
            moved = [twin for twin in free if twin.name == param.name]
            placed = [
                twin
                for twin in free
                if param.location == twin.location == "path" and path_names.get(param.name) == twin.name
            ]
            alike = [twin for twin in free if _nameless(param) == _nameless(twin) and param.location != "path"]
            unique = [other for other in gone if _nameless(other) == _nameless(param)] == [param]
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

    def parameter(self, title: str, param: Parameter, twin: Parameter) -> None:
        old, new, report = param.node, twin.node, self.report
        report.where = f"{title} parameter {twin.name}"
        report.relocated(param.use, twin.use, f"parameter {twin.name}")
        report.rest(old, new, {"name", "in", "required", "schema", "style", "explode", "deprecated", "$ref"})
        if param.use is not old and twin.use is not new:
            report.rest(param.use, twin.use, {"$ref"})
        if param.key == twin.key and param.name != twin.name:
            self.tell("header-respelt", said("name", *both(old, new, "name")), *both(old, new, "name"))
        before, after = both(old, new, "required")
        if param.required != twin.required:
            filled = (schema := new.get("schema")) is not None and "default" in Merged(schema).keywords
            rule = "parameter-required" if not filled else "parameter-added-with-default"
            self.tell(rule if twin.required else "parameter-optional", said("required", before, after), before, after)
        else:
            self.report.same_meaning(before, after, "required")
        self.serialisation(old, new, Direction.REQUEST, param.location, twin.location)
        self.report.deprecated(old, new, Direction.REQUEST)
        self.schema(old, new, Direction.REQUEST)
        report.where = title

    def serialisation(self, old: Node, new: Node, direction: Direction, was_in: str, is_in: str) -> None:
        styles = [node.value.get("style", STYLES.get(place)) for node, place in ((old, was_in), (new, is_in))]
        explodes = [node.value.get("explode", style == "form") for node, style in ((old, styles[0]), (new, styles[1]))]
        for key, (had, has) in (("style", styles), ("explode", explodes)):
            before, after = both(old, new, key)
            if had != has and (before or after):
                self.report.add("serialisation", said(key, before, after), before, after, direction)
            else:
                self.report.same_meaning(before, after, key)

    def schema(self, old: Node, new: Node, direction: Direction) -> None:
        """Compare the schemas of two parameters, headers or media types."""
        before, after = both(old, new, "schema")
        if before is not None and after is not None:
            SchemaDiff(self.report, direction).compare(before, after)
        elif before or after:
            rule = "schema-added" if after else "schema-removed"
            self.report.add(rule, said("schema", before, after), before, after, direction)

    def body(self, title: str, old: Node | None, new: Node | None) -> None:
        if old is None or new is None:
            if new is not None:
                need = bool(new.resolve().value.get("required"))
                self.tell("body-added-required" if need else "body-added", "request body added", None, new)
            elif old is not None:
                self.tell("body-removed", "request body removed", old, None)
            return
        self.report.where = f"{title} request body"
        self.report.relocated(old, new, "request body")
        one, other = old.resolve(), new.resolve()
        self.report.rest(one, other, {"required", "content"})
        before, after = both(one, other, "required")
        had, has = (bool(node and node.value) for node in (before, after))
        if had != has:
            self.tell("body-required" if has else "body-optional", said("required", before, after), before, after)
        else:
            self.report.same_meaning(before, after, "required")
        self.content(*both(one, other, "content"), Direction.REQUEST)
        self.report.where = title

    def content(self, old: Node | None, new: Node | None, direction: Direction) -> None:
        before, after, told = named(old), named(new), self.report.told
        if direction is Direction.RESPONSE and bool(before) != bool(after):
            words = "body added" if after else "body removed"
            self.report.add(words.replace(" ", "-"), words, old, new, direction)
            return
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name), after.get(name)
            if one is not None and other is not None:
                self.report.rest(one, other, {"schema"})
                self.schema(one, other, direction)
            else:
                state = "added" if other else "removed"
                self.report.add(f"media-type-{state}", f"media type {name} {state}", one, other, direction)
        self.report.container("content", old, new, told)

    def responses(self, title: str, old: Node, new: Node) -> None:
        before, after, told = *map(named, both(old, new, "responses")), self.report.told
        for status in sorted(before.keys() | after.keys()):
            one, other = before.get(status), after.get(status)
            if status.startswith("x-"):
                if one is None or other is None or canonical(one.value) != canonical(other.value):
                    self.report.unjudged(status, one, other)
                continue
            if one is not None and other is not None:
                self.response(title, status, one, other)
                continue
            kind = "success" if status[0] in "123" else "error"
            stand_in = _covering(before if one is None else after, status)
            if one is None and other is not None:
                rule = "response-specified" if stand_in else f"{kind}-added"
                self.report.add(rule, f"response {status} added", None, other, Direction.RESPONSE)
            else:
                rule = "response-generalised" if stand_in else f"{kind}-removed"
                self.report.add(rule, f"response {status} removed", one, None, Direction.RESPONSE)
            if stand_in is not None:
                self.response(title, status, one or stand_in, other or stand_in, same_status=False)
        self.report.container("responses", *both(old, new, "responses"), told)

    def response(self, title: str, status: str, old: Node, new: Node, same_status: bool = True) -> None:
        report = self.report
        report.where = f"{title} response {status}"
        one, other = old.resolve(), new.resolve()
        if same_status:
            report.relocated(old, new, f"response {status}")
            report.rest(one, other, {"headers", "content"})
        self.headers(title, status, *both(one, other, "headers"))
        self.content(*both(one, other, "content"), Direction.RESPONSE)
        report.where = title

    def headers(self, title: str, status: str, old: Node | None, new: Node | None) -> None:
        before = {name.lower(): node for name, node in named(old).items()}
        after = {name.lower(): node for name, node in named(new).items()}
        tell, told, response = self.report.add, self.report.told, Direction.RESPONSE
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name), after.get(name)
            if one is None or other is None:
                use = one or other
                assert use is not None
                state = "added" if one is None else "removed"
                need = "-required" if use.resolve().value.get("required") else ""
                tell(f"header-{state}{need}", f"response header {name} {state}", one, other, response)
                continue
            self.report.where = f"{title} response {status} header {other.pointer[-1]}"
            if one.pointer[-1] != other.pointer[-1]:
                tell("header-respelt", f"header {one.pointer[-1]} respelt {other.pointer[-1]}", one, other, response)
            self.report.relocated(one, other, f"header {name}")
            header, twin = one.resolve(), other.resolve()
            self.report.rest(header, twin, {"required", "schema", "style", "explode", "deprecated"})
            required, now = both(header, twin, "required")
            if bool(required and required.value) != bool(now and now.value):
                rule = "header-required" if now and now.value else "header-optional"
                tell(rule, said(f"header {name}: required", required, now), required, now, response)
            else:
                self.report.same_meaning(required, now, "required")
            self.serialisation(header, twin, response, "header", "header")
            self.report.deprecated(header, twin, response)
            self.schema(header, twin, response)
        self.report.container("headers", old, new, told)
        self.report.where = f"{title} response {status}"


def _parameters(operation: Operation) -> dict[tuple[str, str], Parameter]:
    found = {}
    for own, holder in ((False, operation.item.get("parameters")), (True, operation.node.get("parameters"))):
        for use in holder.children() if holder else []:
            param = Parameter(use, use.resolve(), own)
            found[param.key] = param
    return found


def _nameless(param: Parameter) -> tuple[str, str]:
    return param.location, canonical({key: value for key, value in param.node.value.items() if key != "name"})


def _placeholders(path: str) -> list[str]:
    return re.findall(r"\{([^}]*)\}", path)


def _covering(responses: dict[str, Node], status: str) -> Node | None:
    """Return the response of the range or the default that stands for `status`."""
    wider = [f"{status[0]}XX", "default"] if status.isdecimal() else ["default"]
    return next((responses[key] for key in wider if key in responses and key != status), None)

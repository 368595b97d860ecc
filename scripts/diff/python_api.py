"""Compare the public names and signatures of two generated packages, from their source alone.

griffe compares names and signatures. Types and enum values, which griffe does not compare, are compared here. The
arguments of a class that callers only receive may change without harm, those of a class that they send may not. The
signatures of the operations tell which is which.
"""

import ast
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import griffe

from scripts.diff.python_source import copy_different, load, share
from scripts.diff.rules import Verdict, milder

SAID = {
    griffe.BreakageKind.OBJECT_CHANGED_KIND: "is a different kind of object now",
    griffe.BreakageKind.CLASS_REMOVED_BASE: "lost a base class",
    griffe.BreakageKind.RETURN_CHANGED_TYPE: "no longer declares what it returns",
}
SAID_OF_PARAMETER = {
    griffe.BreakageKind.PARAMETER_REMOVED: "removed",
    griffe.BreakageKind.PARAMETER_MOVED: "moved",
    griffe.BreakageKind.PARAMETER_CHANGED_KIND: "changed between positional and keyword",
    griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT: "has a different default",
    griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED: "is required now",
    griffe.BreakageKind.PARAMETER_ADDED_REQUIRED: "added, and required",
}


TABLES = ("operations", "responses")
"""The modules of the generated package that the methods use and no caller does."""


class PackageError(Exception):
    """A package cannot be read. The message is one line."""


Judge = Callable[[set[str], set[str]], Verdict]


@dataclass(frozen=True)
class ApiChange:
    """A change of one public name.

    Attributes:
        verdict: What it means for a Python caller.
        file, line: Where the name stands, below the folder that holds the package.
        accepted: Why the change was accepted, although it may break callers.
    """

    verdict: Verdict
    name: str
    words: str
    file: str
    line: int
    accepted: str | None = None

    @property
    def effective(self) -> Verdict:
        """The verdict; an accepted break counts as an addition does."""
        return milder(self.verdict, Verdict.NON_BREAKING) if self.accepted else self.verdict


class Api:
    """The public names of a generated package, by their dotted path."""

    def __init__(self, package: Path, root: griffe.Module) -> None:
        """`root`: the module that was loaded from the folder `package`."""
        self.folder = package
        self.names: dict[str, griffe.Object] = dict(self._public(root))
        functions = [
            thing for path, thing in self.names.items() if isinstance(thing, griffe.Function) and ".methods." in path
        ]
        self.sent = self._reached(str(one.annotation) for thing in functions for one in thing.parameters)
        self.received = self._reached(str(thing.returns) for thing in functions)

    def _public(self, holder: griffe.Object) -> Iterator[tuple[str, griffe.Object]]:
        for name, member in holder.members.items():
            private = (name.startswith("_") and name != "__init__") or name in TABLES
            variable = isinstance(member, griffe.Attribute) and str(member.value).startswith("TypeVar(")
            if isinstance(member, griffe.Object) and not private and not variable:
                yield member.path, member
                yield from self._public(member)

    def _reached(self, annotations: Iterator[str]) -> set[str]:
        """Return the names of the classes in `annotations` and in the attributes of those classes."""
        classes = {thing.name: thing for thing in self.names.values() if isinstance(thing, griffe.Class)}
        found: set[str] = set()
        open_names = {name for text in annotations for name in re.findall(r"\w+", text)}
        while open_names:
            name = open_names.pop()
            if name in classes and name not in found:
                found.add(name)
                for attribute in classes[name].attributes.values():
                    open_names.update(re.findall(r"\w+", str(attribute.annotation)))
        return found

    def line(self, thing: griffe.Object) -> tuple[str, int]:
        """Return the file of a name, below the folder that contains the package, and its line."""
        path = thing.filepath
        file = path.relative_to(self.folder.parent).as_posix() if isinstance(path, Path) else ""
        return file, thing.lineno or (thing.parent.lineno if thing.parent else 0) or 0


def compare_packages(old_package: Path, new_package: Path) -> list[ApiChange]:
    """Return how the public names and signatures differ between two folders that hold the same package.

    Raises PackageError if one of them cannot be read.
    """
    try:
        with tempfile.TemporaryDirectory() as name:
            different = Path(name) / old_package.name
            same = copy_different(old_package, new_package, different)
            old_root, new_root = load(different), load(new_package)
    except griffe.GriffeError as error:
        raise PackageError(" ".join(str(error).split())) from None
    breakages = list(griffe.find_breaking_changes(old_root, new_root))
    for path in same:
        share(path, old_root, new_root)
    old, new = Api(different, old_root), Api(new_package, new_root)
    changes = {
        *_names(old, new, Verdict.BREAKING, "removed"),
        *_names(new, old, Verdict.NON_BREAKING, "added"),
        *_breakages(breakages, old, new),
        *_parameters(old, new),
        *_types(old, new),
    }
    return sorted(set(changes), key=lambda change: (-list(Verdict).index(change.verdict), change.name, change.words))


def _breakages(breakages: list[griffe.Breakage], old: Api, new: Api) -> Iterator[ApiChange]:
    for breakage in breakages:
        thing = breakage.obj
        if breakage.kind is griffe.BreakageKind.OBJECT_REMOVED or thing.path not in new.names:
            continue  # _names reports what was removed; a name from another package is not ours to judge
        words = SAID.get(breakage.kind)
        if words is None:
            parameter = breakage.old_value or breakage.new_value
            words = f"parameter {parameter.name} {SAID_OF_PARAMETER[breakage.kind]}"
        verdict = Verdict.BREAKING
        if _not_built(new.names[thing.path], old, new):
            verdict, words = Verdict.NOTE, "other parameters; callers receive this class and do not build it"
        yield ApiChange(verdict, thing.path, words, *new.line(new.names[thing.path]))


def _not_built(thing: griffe.Object, old: Api, new: Api) -> bool:
    """Whether this is the `__init__` of a class that no operation takes but some operation answers."""
    if thing.name != "__init__" or thing.parent is None:
        return False
    return thing.parent.name in old.received | new.received and thing.parent.name not in old.sent | new.sent


def _names(here: Api, there: Api, verdict: Verdict, word: str) -> Iterator[ApiChange]:
    """Yield each class, function and constant of `here` that `there` lacks, and members only of classes in both."""
    for path, thing in here.names.items():
        inside = isinstance(thing.parent, griffe.Class)
        known = path in there.names or (inside and path.rpartition(".")[0] not in there.names)
        if not known and not isinstance(thing, griffe.Module):
            yield ApiChange(verdict, path, word, *here.line(thing))


def _parameters(old: Api, new: Api) -> Iterator[ApiChange]:
    for path, after in new.names.items():
        before = old.names.get(path)
        if before is after or not isinstance(before, griffe.Function) or not isinstance(after, griffe.Function):
            continue
        known = {parameter.name for parameter in before.parameters}
        for parameter in after.parameters:
            if parameter.name not in known and not parameter.required and not _not_built(after, old, new):
                words = f"optional parameter {parameter.name} added"
                yield ApiChange(Verdict.NON_BREAKING, path, words, *new.line(after))


def _types(old: Api, new: Api) -> Iterator[ApiChange]:
    for path, after in new.names.items():
        before = old.names.get(path)
        if before is after:
            continue
        if isinstance(before, griffe.Function) and isinstance(after, griffe.Function):
            sending = not _not_built(after, old, new)
            known = {parameter.name: parameter for parameter in before.parameters}
            for parameter in after.parameters:
                if parameter.name in known and sending:
                    was, now = str(known[parameter.name].annotation), str(parameter.annotation)
                    yield from _type_change(new, after, f"parameter {parameter.name}", was, now, _if_sent)
            yield from _type_change(new, after, "result", str(before.returns), str(after.returns), _if_received)
        elif isinstance(before, griffe.Attribute) and isinstance(after, griffe.Attribute):
            holder = after.parent.name if after.parent is not None else ""
            if before.annotation is not None and holder in old.received | new.received:
                yield from _type_change(new, after, "type", str(before.annotation), str(after.annotation), _if_received)
            if before.annotation is None and str(before.value) != str(after.value):
                words = f"value changed from {before.value} to {after.value}"
                verdict = Verdict.BREAKING if _is_enum(after.parent) else Verdict.NOTE
                yield ApiChange(verdict, path, words, *new.line(after))


def _type_change(api: Api, thing: griffe.Object, what: str, old: str, new: str, judge: Judge) -> Iterator[ApiChange]:
    was, now = _members(old), _members(new)
    if was != now:
        yield ApiChange(
            judge(was, now), thing.path, f"{what} changed from {_flat(old)} to {_flat(new)}", *api.line(thing)
        )


def _if_sent(was: set[str], now: set[str]) -> Verdict:
    """More types may be given: nothing breaks. A type less: the callers who give it break."""
    return Verdict.NON_BREAKING if was <= now else Verdict.BREAKING


def _if_received(was: set[str], now: set[str]) -> Verdict:
    """Fewer types come: nothing breaks. None or UNSET may come: code that uses the value breaks. Another member of a
    union is what the tolerant client keeps anyway."""
    if now <= was:
        return Verdict.NON_BREAKING
    new = now - was
    grown = was <= now and not any(member in ("None", "Unset") for member in new) and len(was) > 1
    return Verdict.NOTE if grown else Verdict.BREAKING


def _members(annotation: str) -> set[str]:
    """Return the members of a union; `list[A | B]` counts as list[A] and list[B]."""

    def split(node: ast.expr) -> list[str]:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return [*split(node.left), *split(node.right)]
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Tuple):
            return [f"{ast.unparse(node.value)}[{inner}]" for inner in split(node.slice)]
        return [ast.unparse(node)]

    return set(split(ast.parse(_flat(annotation), mode="eval").body))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _is_enum(thing: object) -> bool:
    return isinstance(thing, griffe.Class) and any("Enum" in str(base) for base in thing.bases)

"""Read generated packages from their source with griffe, without importing them, and add the `__init__` of attrs."""

import ast
import filecmp
import logging
import re
import shutil
from pathlib import Path

import griffe

# Its messages about annotations that it cannot resolve are irrelevant here.
logging.getLogger("griffe").setLevel(logging.CRITICAL)
KINDS = griffe.ParameterKind


def load(package: Path) -> griffe.Module:
    """Read a folder without importing it, and add the methods that attrs generates. Raises griffe.GriffeError."""
    root = griffe.load(package.name, search_paths=[package.parent], allow_inspection=False)
    assert isinstance(root, griffe.Module)
    holders: list[griffe.Object] = [root]
    while holders:
        holder = holders.pop()
        holders += [member for member in holder.members.values() if isinstance(member, griffe.Module | griffe.Class)]
        if isinstance(holder, griffe.Class) and _is_attrs(holder):
            holder.set_member("__init__", _attrs_init(holder))
    return root


def copy_different(old: Path, new: Path, folder: Path) -> list[Path]:
    """Copy the modules of `old` that differ from `new` into `folder`; return the paths of the others.

    Most modules are the same in two releases, so that it is enough to read them once.
    """
    same = []
    for file in old.rglob("*.py"):
        path, twin = file.relative_to(old), new / file.relative_to(old)
        in_package = file.name != "__init__.py" and file.with_name("__init__.py").is_file()
        if in_package and twin.is_file() and filecmp.cmp(file, twin, shallow=False):
            same.append(path)
        else:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, folder / path)
    return same


def share(path: Path, old: griffe.Module, new: griffe.Module) -> None:
    """Use the module of the new package in the old one, because both are the same."""
    *packages, name = path.with_suffix("").parts
    for package in packages:
        old, new = old.modules[package], new.modules[package]
    old.members[name] = new.members[name]


def _is_attrs(thing: griffe.Class) -> bool:
    return any(re.match(r"(_?attrs?[._])?define\b", str(decorator.value)) for decorator in thing.decorators)


def _attrs_init(thing: griffe.Class) -> griffe.Function:
    """Return the `__init__` that attrs generates: the annotated fields in order, with defaults and aliases."""
    parameters = [griffe.Parameter("self", kind=KINDS.positional_or_keyword)]
    for name, field in thing.members.items():
        if not isinstance(field, griffe.Attribute) or field.annotation is None or "ClassVar" in str(field.annotation):
            continue
        options: dict[str, str] = {}
        default = None if field.value is None else str(field.value)
        if default is not None and re.match(r"(_?attrs?[._])?field\(", default):
            call = ast.parse(" ".join(default.split()), mode="eval").body
            assert isinstance(call, ast.Call)
            options = {str(word.arg): ast.unparse(word.value) for word in call.keywords}
            default = options.get("default", f"{options['factory']}()" if "factory" in options else None)
        if options.get("init") == "False":
            continue
        kind = KINDS.keyword_only if options.get("kw_only") == "True" else KINDS.positional_or_keyword
        alias = options.get("alias", "").strip("'\"") or name.lstrip("_")
        parameters.append(griffe.Parameter(alias, annotation=str(field.annotation), kind=kind, default=default))
    init = griffe.Function("__init__", parameters=griffe.Parameters(*parameters), lineno=thing.lineno)
    init.parent = thing
    return init

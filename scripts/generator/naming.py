"""Names in Python: those of arguments, methods and groups, and those that are taken."""

import ast
from pathlib import Path

from openapi_python_client.strings import PythonIdentifier, pascal_case

from scripts.repository import ROOT


def options() -> set[str]:
    """Return the names of the options that every method has."""
    return names_in(ROOT / "templates" / "sending.py", "CallOptions")


def names_in(path: Path, only: str | None = None) -> set[str]:
    """Return the names that the classes of a module define, without importing it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef) and only in (None, node.name):
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and inner in node.body:
                    found.add(inner.name)
                elif isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                    found.add(inner.target.id)
                elif isinstance(inner, ast.Attribute) and getattr(inner.value, "id", None) == "self":
                    found.add(inner.attr)
    return found


def identifier_of(name: str) -> str:
    """Return the argument or variable for a name of the spec."""
    return str(PythonIdentifier(name, prefix="field_"))


def attribute_of(name: str) -> str:
    """Return the name of a method or group. In a class it hides the type of the same name: only `list` may do that."""
    identifier = identifier_of(name)
    return "list" if identifier == "list_" else identifier


def class_name(group: tuple[str, ...]) -> str:
    """Return the name of the class for a group of methods."""
    return pascal_case(group[-1]) or "Default"

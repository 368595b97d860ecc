"""The import rules: the layers in pyproject.toml, and no cycle between files.

Imports under `TYPE_CHECKING` do not count, because nothing imports them when the program runs.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PACKAGES = [
    "scripts",
    "thread_runs",
    "thread_runs_client",
    "thread_runs_conformance",
    "thread_runs_mock",
    "thread_runs_spec",
]


def test_packages_import_downwards_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_two_files_import_each_other() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=True)
    cycles = [
        f"{importer} imports {imported}"
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
        if graph.chain_exists(importer=imported, imported=importer)
    ]
    assert graph.modules
    assert cycles == []


def private_names(node: ast.AST) -> Iterator[str]:
    """The names with an underscore that the classes and modules of a file define."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield inner.name
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
            yield inner.attr


def test_the_client_touches_private_attributes_of_libraries_in_one_module() -> None:
    trees = {path.name: ast.parse(path.read_text("utf-8")) for path in (ROOT / "src" / "thread_runs").glob("*.py")}
    generated = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "generated").rglob("*.py")]
    own = {name for tree in [*trees.values(), *generated] for name in private_names(tree)}
    own -= {"_network_backend"}  # of a pool of the libraries, set in that one module
    own |= {"_getframe"}  # public in spite of its name: the documentation of `sys` describes it
    touching = {
        (name, node.attr)
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr) and node.attr not in own
    }
    assert {name for name, _ in touching} == {"_deadlines.py"}
    assert {attribute for _, attribute in touching} == {"_transport", "_mounts", "_pool", "_network_backend"}

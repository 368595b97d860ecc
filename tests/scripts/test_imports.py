"""The import rules: the layers in pyproject.toml, and no cycle between files.

Imports under `TYPE_CHECKING` do not count, because nothing imports them when the program runs.
"""

import subprocess
import sys
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
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
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

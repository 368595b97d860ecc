"""mypy and pyright, at their strictest, on an application that uses the client."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = APPLICATION, MISTAKES = HERE / "application.py", HERE / "mistakes.py"


Errors = dict[Path, dict[int, str]]
"""The messages of the errors, by file and line."""


def mypy(folder: Path) -> Errors:
    config = folder / "mypy.ini"
    config.write_text(f"[mypy]\nstrict = True\nwarn_unreachable = True\ncache_dir = {folder}\n", "utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--no-error-summary"]
    done = subprocess.run([*command, *map(str, FILES)], cwd=folder, capture_output=True, encoding="utf-8")
    assert done.stderr == ""
    found = re.findall(r"^(.*):(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    assert len(found) == len(re.findall(": error: ", done.stdout)), done.stdout
    errors: Errors = {file: {} for file in FILES}
    for path, line, message in found:
        errors[(folder / path).resolve()][int(line)] = message
    return errors


def pyright(folder: Path) -> Errors:
    """Run pyright with what PyPI installs, without another Node or a network."""
    project = folder / "pyrightconfig.json"
    settings = {
        "typeCheckingMode": "strict",
        "reportDeprecated": False,
        # The marked file imports a name that does not exist; what follows from that is not a mistake of its own.
        "reportUnknownVariableType": False,
        "reportUnknownArgumentType": False,
        "reportUnknownMemberType": False,
        "reportUnusedCoroutine": False,
    }
    project.write_text(json.dumps(settings), "utf-8")
    scripts = Path(sys.executable).parent
    copies = {shutil.copy(file, folder / file.name): file for file in FILES}
    command = [str(scripts / "pyright"), "--outputjson", "--pythonpath", sys.executable, "--project", str(project)]
    environment = {"PATH": str(scripts), "HOME": str(folder), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8")
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len(FILES)
    errors: Errors = {file: {} for file in FILES}
    for one in report["generalDiagnostics"]:
        errors[copies[Path(one["file"])]][one["range"]["start"]["line"] + 1] = one["message"]
    return errors


@pytest.fixture(scope="module", params=[mypy, pyright])
def errors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Errors:
    """What a type checker reports about both files."""
    found: Errors = request.param(tmp_path_factory.mktemp("checked").resolve())
    return found


def test_the_application_is_clean(errors: Errors) -> None:
    assert errors[APPLICATION] == {}


def test_each_mistake_is_reported(errors: Errors) -> None:
    lines = MISTAKES.read_text("utf-8").splitlines()
    marked = [number for number, line in enumerate(lines, 1) if "  # mistake: " in line]
    assert len(marked) >= 10
    assert sorted(errors[MISTAKES]) == marked

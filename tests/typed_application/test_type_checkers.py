"""mypy and pyright, at their strictest, on an application that uses the client."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
APPLICATION, MISTAKES = HERE / "application.py", HERE / "mistakes.py"


def mypy(file: Path, folder: Path) -> dict[int, str]:
    """The errors that mypy reports, by line."""
    config = folder / "mypy.ini"
    config.write_text(f"[mypy]\nstrict = True\nwarn_unreachable = True\ncache_dir = {folder}\n", "utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--no-error-summary", str(file)]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    assert done.stderr == ""
    found = re.findall(rf"^.*{file.name}:(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    assert len(found) == len(re.findall(": error: ", done.stdout)), done.stdout
    return {int(line): message for line, message in found}


def pyright(file: Path, folder: Path) -> dict[int, str]:
    """The errors that pyright reports, by line. It runs with what PyPI installs, without another Node or a network."""
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
    shutil.copy(file, folder)
    command = [str(scripts / "pyright"), "--outputjson", "--pythonpath", sys.executable, "--project", str(project)]
    environment = {"PATH": str(scripts), "HOME": str(folder), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8")
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 1
    return {one["range"]["start"]["line"] + 1: one["message"] for one in report["generalDiagnostics"]}


CHECKERS = pytest.mark.parametrize("checker", [mypy, pyright])


@CHECKERS
def test_the_application_is_clean(checker: type, tmp_path: Path) -> None:
    assert checker(APPLICATION, tmp_path) == {}


@CHECKERS
def test_each_mistake_is_reported(checker: type, tmp_path: Path) -> None:
    lines = MISTAKES.read_text("utf-8").splitlines()
    marked = [number for number, line in enumerate(lines, 1) if "  # mistake: " in line]
    assert len(marked) >= 10
    assert sorted(checker(MISTAKES, tmp_path)) == marked

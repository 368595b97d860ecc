"""docs/your-own-spec.md, followed to the letter in a clone."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "your-own-spec.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page_leads_from_an_empty_spec_to_an_installed_client(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-local", str(ROOT), str(clone)], check=True)
    # The environment is that of this tree; what it runs is in the clone.
    (clone / ".venv").symlink_to(ROOT / ".venv")
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    env["PYTHONPATH"] = os.pathsep.join([str(clone / "src"), str(clone / "generated")])
    (spec,) = blocks("yaml")
    (program,) = blocks("python")
    (clone / "openapi.yaml").write_text(spec, "utf-8")
    (clone / "try_notes.py").write_text(program, "utf-8")
    printed = ""
    for line in "".join(blocks("console")).splitlines():
        if not line.startswith("$ "):
            assert line in printed
            continue
        words = shlex.split(line.removeprefix("$ "))
        if words[0] == "make":
            # The environment is there already.
            words[1:1] = ["--old-file", ".venv/installed"]
        done = subprocess.run(words, cwd=clone, env=env, capture_output=True, encoding="utf-8")
        printed = done.stdout
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    installed = [sys.executable, "-c", "import thread_runs; print(thread_runs.Client('k').notes.create.__name__)"]
    done = subprocess.run(
        installed,
        cwd=tmp_path,
        env={**env, "PYTHONPATH": str(clone / "installed")},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.stdout == "create\n", done.stderr

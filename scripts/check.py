"""Check the repository without changing it: the spec, the verdict on its changes, drift, format, lint and types."""

import filecmp
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.generate import GenerationError, generate
from scripts.repository import GENERATED, ROOT, SPEC

TOOLS = {
    "spec": [sys.executable, "-m", "scripts.lint"],
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "lint": [sys.executable, "-m", "ruff", "check", "."],
    "types": [sys.executable, "-m", "mypy"],
    "places": [sys.executable, "-m", "scripts.places"],
    "diff": [sys.executable, "-m", "scripts.diff"],
}


def files(folder: Path) -> set[str]:
    """Return the paths of all files below `folder`, relative to it, but for what Python caches."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def drift(spec: Path, generated: Path) -> list[str]:
    """Return, one line each, how `generated` differs from what the generator makes of `spec` now."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / generated.name
        generate(spec, fresh)
        want, have = files(fresh), files(generated)
        return [
            *(f"missing: {name}" for name in sorted(want - have)),
            *(f"not made by the generator: {name}" for name in sorted(have - want)),
            *(
                f"differs: {name}"
                for name in sorted(want & have)
                if not filecmp.cmp(fresh / name, generated / name, shallow=False)
            ),
        ]


def main() -> None:
    failed = []
    for name, command in TOOLS.items():
        print(f"check {name}", flush=True)
        if subprocess.run(command, cwd=ROOT).returncode != 0:
            failed.append(name)
    if "spec" not in failed:
        # Nothing can be generated from a spec with errors.
        print("check drift", flush=True)
        try:
            differences = drift(SPEC, GENERATED)
        except GenerationError as error:
            failed.append("drift")
            print(error)
        else:
            if differences:
                failed.append("drift")
                print(*differences, sep="\n")
                print(f"{GENERATED.relative_to(ROOT)} is out of date: run `make generate` and commit the result.")
    if failed:
        sys.exit(f"check: failed: {', '.join(failed)}")
    print("check: passed")


if __name__ == "__main__":
    main()

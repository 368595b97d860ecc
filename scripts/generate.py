"""Generate the client package from the spec.

The package is made in an empty folder and then swapped in, so that no file of an earlier spec survives.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from scripts.repository import GENERATED, ROOT, SPEC, sentence
from scripts.validation import faults, read_valid
from thread_runs_spec.document import SpecError, load
from thread_runs_spec.standard_output import tolerate_closed_stdout

HEADER = "# Generated from openapi.yaml by `make generate`. Do not edit.\n"


class GenerationError(Exception):
    """The spec, a template patch or the generator itself is at fault; the message says which."""


def run(command: list[str], cwd: Path, env: dict[str, str]) -> None:
    """Run `command`; raise GenerationError with what it printed if it fails."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        raise GenerationError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}".rstrip())


def patched_templates(folder: Path, env: dict[str, str]) -> Path:
    """Write the generator's own templates, changed by the patches in `templates/`, and ours into `folder`.

    Raises GenerationError if the text that a patch changes is no longer there.
    """
    package = find_spec("openapi_python_client")
    if package is None or package.origin is None:
        raise GenerationError("openapi-python-client is not installed: run `make setup`")
    templates = folder / "templates"
    shutil.copytree(Path(package.origin).parent / "templates", templates)
    for own in sorted((ROOT / "templates").rglob("*")):
        if own.suffix == ".patch":
            run(["git", "apply", "--whitespace=nowarn", str(own)], templates, env)
        elif own.is_file():
            shutil.copyfile(own, templates / own.relative_to(ROOT / "templates"))
    return templates


def generate(spec_path: Path, output: Path) -> list[str]:
    """Generate the package for the spec at `spec_path` and put it at `output`, replacing what is there.

    Returns what the package does otherwise than the spec asks, one line each. Raises GenerationError, and leaves
    `output` as it was, if the spec cannot be read, a template no longer fits or there is no space.
    """
    try:
        return _generate(spec_path, output.resolve())
    except (OSError, SpecError) as error:
        raise GenerationError(sentence(error)) from None


def _generate(spec_path: Path, output: Path) -> list[str]:
    from scripts.generator.package import plan, write

    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".generate-") as name:
        folder = Path(name)
        # git must not take the folder for a part of this repository.
        env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder)}
        # The formatter is found on PATH.
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        package = folder / "package"
        try:
            spec = load(spec_path, _shown(spec_path))
            planned = plan(spec, ROOT / "generator-config.yml", package)
            failures = write(planned, patched_templates(folder, env))
        except (KeyError, TypeError, ValueError) as error:
            # openapi-python-client raises these for what it does not expect.
            raise GenerationError(f"{_shown(spec_path)}: the generator cannot read it: {error!r}") from None
        if failures:
            raise GenerationError("\n".join(failures))
        (package / "py.typed").touch()
        for module in package.rglob("*.py"):
            module.write_text(HEADER + module.read_text("utf-8"), "utf-8")
        if output.exists():
            output.rename(folder / "replaced")
        package.rename(output)
        return [f"{_shown(spec_path)}:{note.line}: {note.message}" for note in planned.notes]


def _shown(path: Path) -> str:
    """Return how messages name a file: relative to the repository if it is in it."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", type=Path, default=SPEC, help="the spec (default: openapi.yaml)")
    parser.add_argument("--output", type=Path, default=GENERATED, help="the package's folder")
    arguments = parser.parse_args()
    try:
        found = faults(read_valid(_shown(arguments.spec), arguments.spec))
        if found:
            raise GenerationError("\n".join(map(str, found)))
        notes = generate(arguments.spec, arguments.output)
    except (GenerationError, SpecError) as error:
        print(*(f"generate: {line}" for line in str(error).splitlines()), sep="\n", file=sys.stderr)
        sys.exit(2)
    print(*notes, sep="\n", end="\n" if notes else "")


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()

"""List the hand-written places that no longer agree with the spec, with file and line.

Type checking finds most of them: a renamed class, a new required argument. This finds the others: code in the
documents, names of classes in prose and strings, and places that expect a deprecation that the spec does not have.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.repository import ROOT, SPEC
from thread_runs_spec.document import Spec
from thread_runs_spec.operations import operations
from thread_runs_spec.standard_output import tolerate_closed_stdout

OTHER_SPEC = "docs/your-own-spec.md"
"""Its examples are about another spec, and have a test of their own."""
DOCUMENTS = [
    "README.md",
    *sorted(name for path in (ROOT / "docs").glob("*.md") if (name := path.relative_to(ROOT).as_posix()) != OTHER_SPEC),
]
_DEPRECATION = re.compile(r"[Oo]peration (\w+ )?is deprecated|(?<!Server)DeprecationWarning")
_PARSE = """
import sys
from thread_runs import _cli, _cli_arguments
commands = _cli_arguments.command_names(_cli.OPERATIONS)
parser, parsers = _cli._parser(commands)
options = parser.parse_args(sys.argv[1:])
if options.command in commands:
    _cli_arguments.call_arguments(parsers[options.command], commands[options.command], options)
"""
_IGNORED = re.compile(r"filterwarnings|simplefilter|ignored? ")


def blocks(name: str, language: str) -> Iterator[tuple[int, str]]:
    """Yield the fenced blocks of a language in a document, each with the line before its first."""
    for found in re.finditer(rf"^```{language}\n(.*?)^```", (ROOT / name).read_text("utf-8"), re.MULTILINE | re.DOTALL):
        yield found.string.count("\n", 0, found.start(1)), found[1]


def typed_blocks() -> Iterator[str]:
    """Check the types in the Python blocks of the documents."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "document_blocks"
        package.mkdir()
        names: dict[str, str] = {}
        for document in DOCUMENTS:
            for line, text in blocks(document, "python"):
                module = f"block_{len(names)}"
                names[module] = document
                # The lines of the module are those of the document.
                (package / f"{module}.py").write_text("\n" * line + text, "utf-8")
        # The options of the project: with others, mypy would check everything again, here and in its next run.
        command = [sys.executable, "-m", "mypy", "--no-error-summary", str(package)]
        env = {**os.environ, "MYPYPATH": folder}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8")
        for found in re.finditer(r"(block_\d+)\.py:(\d+): error: (.*)", done.stdout):
            yield f"{names[found[1]]}:{found[2]}: {found[3]}"


def command_lines() -> Iterator[str]:
    """Read the commands `thread-runs ...` of the documents as the command does."""
    for document in DOCUMENTS:
        for line, text in blocks(document, "console"):
            # In a block with prompts, other lines are what a command printed.
            prompt = "$ " if re.search(r"^\$ ", text, re.MULTILINE) else ""
            for number, written in enumerate(text.splitlines(), line + 1):
                command = written.removeprefix(prompt)
                if not written.startswith(f"{prompt}thread-runs ") or "--help" in command or command.endswith("\\"):
                    continue
                words = shlex.split(command.partition(" > ")[0], comments=True)
                if len(words) > 1:
                    line_of_it = [sys.executable, "-c", _PARSE, *words[1:]]
                    done = subprocess.run(line_of_it, cwd=ROOT, capture_output=True, encoding="utf-8")
                    if done.returncode == 2:
                        yield f"{document}:{number}: {done.stderr.strip().rpartition(chr(10))[2]}"


def files() -> Iterator[tuple[str, list[str]]]:
    """Yield the hand-written files with their lines."""
    listed = subprocess.run(
        ["git", "ls-files", "README.md", "docs/*.md", "src/*.py", "tests/*.py", "scripts/*.py"],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    for name in listed.stdout.split():
        if name != "scripts/places.py" and (ROOT / name).is_file():
            yield name, (ROOT / name).read_text("utf-8").splitlines()


def deprecation(spec: Spec) -> Iterator[str]:
    """The places that expect a deprecation, if no operation is deprecated."""
    if any(operation.node.value.get("deprecated") is True for operation in operations(spec)):
        return
    for name, lines in files():
        for number, line in enumerate(lines, 1):
            # Code that reads the spec or a server's header applies to any operation.
            if name.startswith(("tests/client", "tests/end_to_end", "docs/client", "README")) and (
                _DEPRECATION.search(line) and not _IGNORED.search(line)
            ):
                yield f"{name}:{number}: expects a deprecation, but no operation of the spec is deprecated"


def removed_names(spec: Spec) -> Iterator[str]:
    """The places that name a component that the last commit had and the spec no longer has."""
    before = subprocess.run(["git", "show", f"HEAD:{SPEC.name}"], cwd=ROOT, capture_output=True, encoding="utf-8")
    if before.returncode != 0:
        return
    old = Spec.parse(SPEC.name, before.stdout).root.get("components", {}).get("schemas", {})
    gone = [name for name in old if name not in spec.root.get("components", {}).get("schemas", {})]
    if not gone:
        return
    either = "|".join(map(re.escape, gone))
    pattern = re.compile(rf"""(?<=[`"'.\[(])({either})\b|\b({either})(?=[`"'.\](,:])|import .*\b({either})\b""")
    for name, lines in files():
        for number, line in enumerate(lines, 1):
            if found := pattern.search(line):
                yield f"{name}:{number}: names {next(filter(None, found.groups()))}, which the spec no longer has"


def main() -> None:
    spec = Spec.parse(SPEC.name, SPEC.read_text("utf-8"))
    found = [*typed_blocks(), *command_lines(), *deprecation(spec), *removed_names(spec)]
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(bool(found))


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()

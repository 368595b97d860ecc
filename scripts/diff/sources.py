"""Find the two sides of a comparison: a git revision, a file, a released package, or the working tree."""

import io
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from scripts.repository import CHANGELOG, GENERATED, ROOT, SPEC, GitError, git
from scripts.structure import read_spec
from thread_runs_spec.document import Spec, SpecError

PACKAGE = GENERATED.name
_GENERATED = GENERATED.relative_to(ROOT).as_posix()
_DEEPEN = "run `git fetch --unshallow --tags` (GitHub Actions: `fetch-depth: 0`; GitLab CI: `GIT_DEPTH: 0`)"


class InputError(Exception):
    """What was asked for cannot be compared. The message says why in one line."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison: its spec, and where its generated package comes from.

    Attributes:
        revision: The git revision that it was read from.
        wheel: The released package that it was read from.
        file: The spec's file, if it is neither of these nor the working tree.
    """

    spec: Spec
    revision: str | None = None
    wheel: Path | None = None
    file: Path | None = None

    def package(self, folder: Path) -> Path:
        """Return the folder of the generated package, made below `folder` unless it is in the working tree.

        Raises InputError if it cannot be had.
        """
        if self.wheel is not None:
            return _unpacked(zipfile.ZipFile(self.wheel), folder, PACKAGE)
        if self.revision is not None:
            archive = git("archive", "--format=zip", self.revision, "--", _GENERATED, check=False)
            if archive.returncode != 0:
                raise InputError(f"{self.revision} contains no {_GENERATED}")
            return _unpacked(zipfile.ZipFile(io.BytesIO(archive.stdout)), folder, _GENERATED)
        if self.file is not None:
            return _generated(self.file, folder / PACKAGE)
        if not GENERATED.is_dir():
            raise InputError(f"{_GENERATED} is not there: run `make generate` first")
        return GENERATED


def _unpacked(archive: zipfile.ZipFile, folder: Path, inside: str) -> Path:
    with archive:
        names = [name for name in archive.namelist() if name.startswith(f"{inside}/")]
        archive.extractall(folder, names)
    return folder / inside


def _generated(spec: Path, output: Path) -> Path:
    from scripts.generate import GenerationError, generate

    try:
        generate(spec, output)
    except GenerationError as error:
        raise InputError(f"{spec}: cannot be generated: {' '.join(str(error).split())}") from None
    return output


def find_side(name: str, folder: Path) -> Side:
    """Read a side by its name: a file, a wheel, `thread-runs==1.2.3`, or a git revision.

    A released package is downloaded into `folder`. Raises InputError or SpecError if there is no such thing.
    """
    if re.match(r"thread-runs\s*==", name):
        return _wheel(_downloaded(name, folder), name)
    path = Path(name)
    if path.is_file():
        path = path.resolve()
        return _wheel(path, name) if path.suffix == ".whl" else Side(read_file(path), file=_unless_own(path))
    if git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", check=False).returncode != 0:
        raise InputError(f"{name}: neither a file, nor a released package (thread-runs==1.2.3), nor a git revision")
    found = git("show", f"{name}:./{SPEC.name}", check=False)
    if found.returncode != 0:
        raise InputError(f"{name}: that revision has no {SPEC.name}")
    return Side(_parsed(f"{name}:{SPEC.name}", found.stdout), revision=name)


def _unless_own(path: Path) -> Path | None:
    return None if path == SPEC else path


def working_tree() -> Side:
    """Return the working tree as a side."""
    return Side(read_file(SPEC))


def read_file(path: Path) -> Spec:
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
    try:
        return _parsed(name, path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _parsed(name: str, content: bytes) -> Spec:
    try:
        return read_spec(name, content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError(f"{name}: not UTF-8 text") from None
    except RecursionError:
        raise SpecError(name, "nested too deeply") from None


def _wheel(path: Path, name: str) -> Side:
    try:
        with zipfile.ZipFile(path) as archive:
            found = [inside for inside in archive.namelist() if inside.endswith(f"/{SPEC.name}")]
            if not found:
                raise InputError(f"{name}: that package contains no {SPEC.name}")
            return Side(_parsed(f"{name}:{SPEC.name}", archive.read(found[0])), wheel=path)
    except zipfile.BadZipFile:
        raise InputError(f"{name}: not a wheel") from None


def _downloaded(requirement: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run(
        [*command, "--dest", str(folder), requirement], capture_output=True, encoding="utf-8", check=False, cwd=folder
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "ERROR" in line]
        raise InputError(f"{requirement}: cannot be downloaded: {lines[-1] if lines else done.stderr.strip()}")
    return next(folder.glob("*.whl"))


def last_release() -> str | None:
    """Return the newest tag v1.2.3 that the checked-out commit comes after; None if nothing was ever released.

    Raises InputError where there is no telling, and says what to fetch.
    """
    try:
        if git("rev-parse", "--git-dir", check=False).returncode != 0:
            raise InputError("not a git repository: name what to compare with by BASE=")
    except GitError:
        raise InputError("git is not installed: name a file by BASE=") from None
    found = git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", check=False)
    if found.returncode == 0:
        return found.stdout.decode().strip()
    if git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
        raise InputError(f"this clone is shallow and shows no release to compare with: {_DEEPEN}")
    tags = git("tag", "--list", "v[0-9]*", "--sort=-version:refname").stdout.decode().split()
    if tags:
        raise InputError(f"no release comes before the checked-out commit (the newest is {tags[0]}): name one by BASE=")
    noted = re.search(r"^## \[(\d+\.\d+\.\d+)\]", CHANGELOG.read_text("utf-8") if CHANGELOG.exists() else "", re.M)
    if noted:
        raise InputError(
            f"{CHANGELOG.name} records the release {noted[1]}, but there is no tag for it: run `git fetch --tags`"
        )
    return None

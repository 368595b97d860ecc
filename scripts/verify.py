"""Compare the files of a version on an index with those that its tag builds.

The files come from an index (SIMPLE_URL), or from a folder into which `pip download --no-deps` put them.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from scripts.package_index import Index, PackageIndexError
from scripts.provenance import ProvenanceError, build, export, sha256, tag_of
from scripts.repository import GitError, sentence
from thread_runs_spec.standard_output import tolerate_closed_stdout


def compare(built: list[Path], found: dict[str, bytes]) -> list[str]:
    """Print a line for each file that is the same, and return one for each that is not."""
    differences = []
    for file in built:
        wanted = sha256(file.read_bytes())
        if file.name not in found:
            continue
        has = sha256(found[file.name])
        if has == wanted:
            print(f"same: {file.name} sha256:{wanted}")
        else:
            differences.append(f"differs: {file.name}: sha256:{has}, but the tag builds sha256:{wanted}")
    unknown = found.keys() - {file.name for file in built}
    return [*differences, *(f"not built by the tag: {name}" for name in sorted(unknown))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", help="the version to verify")
    parser.add_argument("--simple-url", help="where pip reads")
    parser.add_argument("--files", type=Path, help="a folder with downloaded files")
    arguments = parser.parse_args()
    version = arguments.version.removeprefix("v")
    if not version or not (arguments.simple_url or arguments.files):
        sys.exit("verify: name the version and where to read it: make verify VERSION=1.2.3 SIMPLE_URL=... or FILES=...")
    try:
        tag = tag_of(version)
        if arguments.files:
            found = {file.name: file.read_bytes() for file in arguments.files.glob(f"thread_runs-{version}[-.]*")}
        else:
            with Index("", arguments.simple_url) as index:
                links = index.files("thread-runs")
                names = [
                    name for name in links if name.startswith((f"thread_runs-{version}-", f"thread_runs-{version}.tar"))
                ]
                found = {name: index.content(links[name]) for name in names}
        if not found:
            sys.exit(f"verify: there is no file of version {version} in {arguments.files or arguments.simple_url}")
        with tempfile.TemporaryDirectory() as name:
            export(tag, Path(name) / "export")
            differences = compare(build(Path(name) / "export", Path(name) / "dist"), found)
    except (ProvenanceError, PackageIndexError, GitError, OSError) as error:
        sys.exit(f"verify: {sentence(error)}")
    if differences:
        sys.exit("verify: " + "\n".join(differences))
    print(f"verify: the files of {version} are those that {tag} builds")


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()

"""Upload a release to a package index: exactly the tagged commit, built from a clean export, once it passes the checks.

What the index has is never replaced. Publishing the same contents again is a success, because CI jobs are rerun.
The user and password, or the token, come from the environment: UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD, or
UV_PUBLISH_TOKEN. They are never in arguments, and are removed from whatever is printed.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from scripts.package_index import Index, PackageIndexError
from scripts.provenance import ProvenanceError, build, check, export, sha256, tag_of
from scripts.repository import ROOT, SPEC, GitError, changed_paths, git_text, sentence
from thread_runs_spec.document import Spec, SpecError
from thread_runs_spec.standard_output import tolerate_closed_stdout

SECRETS = ("UV_PUBLISH_PASSWORD", "UV_PUBLISH_TOKEN")


class PublishError(Exception):
    """The release cannot be published. The message gives the reason and says what is on the index."""


def redact(text: str) -> str:
    """Return `text` without the password or token."""
    for name in SECRETS:
        if secret := os.environ.get(name):
            text = text.replace(secret, "[redacted]")
    return text


def require_tagged_tree(version: str) -> str:
    """Return the tag of `version`. Raises PublishError if the checked-out tree differs from it."""
    tag = tag_of(version)
    head, tagged = (git_text("rev-parse", f"{name}^{{commit}}") for name in ("HEAD", f"refs/tags/{tag}"))
    if head != tagged:
        raise PublishError(
            f"the checked-out commit {head[:12]} is not {tag} ({tagged[:12]}): run `git checkout {tag}`, or release a "
            f"new version"
        )
    if changed := changed_paths():
        raise PublishError(f"the tree differs from {tag}: {', '.join(changed[:3])}")
    return tag


def upload(file: Path, upload_url: str) -> None:
    """Upload `file`. Raises PublishError with the response of the index, in one line."""
    command = [str(Path(sys.executable).parent / "uv"), "publish", "--trusted-publishing", "never"]
    done = subprocess.run(
        [*command, "--publish-url", upload_url, str(file)], capture_output=True, encoding="utf-8", cwd=ROOT
    )
    if done.returncode != 0:
        text = re.sub(r"(?s)<(style|script)\b.*?</\1>", " ", redact(done.stderr))
        said = " ".join(re.sub(r"<[^>]*>", " ", text).split())
        raise PublishError(f"{file.name} was not accepted: {said.rpartition('cause: ')[2][:300]}")


def publish(index: Index, built: list[Path], version: str, before_upload: Callable[[], None] = lambda: None) -> None:
    """Upload the files of this version that the index does not have, and verify all of them.

    Raises PublishError, before anything is uploaded, if the version has other contents there. `before_upload` is called
    if anything is to be uploaded, and may raise to prevent it.
    """
    present = index.files("thread-runs")
    for file in built:
        if file.name in present and index.hash_of(present[file.name]) != sha256(file.read_bytes()):
            raise PublishError(
                f"{file.name} is on the index with other contents. Nothing was uploaded. A published version never "
                f"changes: raise info.version in {SPEC.name}."
            )
    missing = [file for file in built if file.name not in present]
    if not missing:
        print(f"already there: version {version}, with these contents")
    else:
        before_upload()
    for file in missing:
        upload(file, index.upload_url)
        print(f"uploaded {file.name}")
    verify(index, built)


def verify(index: Index, built: list[Path]) -> None:
    """Compare the files on the index with the built ones. Raises PublishError if they differ."""
    present = index.files("thread-runs")
    for file in built:
        wanted = sha256(file.read_bytes())
        found = index.hash_of(present[file.name]) if file.name in present else "nothing"
        if found != wanted:
            raise PublishError(f"the index gives {found} for {file.name}, not {wanted}")
        print(f"verified {file.name} sha256:{wanted}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index_url", help="where to upload")
    parser.add_argument("--simple-url", help="where to read; INDEX_URL/simple by default")
    arguments = parser.parse_args()
    url = arguments.index_url
    if not url.startswith(("http://", "https://")):
        sys.exit("publish: name the address to upload to: make publish INDEX_URL=https://...")
    if re.search(r"/\+?simple/?$", url):
        sys.exit(f"publish: {url} is where pip reads; INDEX_URL is where to upload, SIMPLE_URL where to read")
    if not (os.environ.get("UV_PUBLISH_TOKEN") or os.environ.get("UV_PUBLISH_USERNAME")):
        sys.exit("publish: set UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD, or UV_PUBLISH_TOKEN, in the environment")
    try:
        version = Spec.parse(SPEC.name, SPEC.read_text("utf-8")).root["info"]["version"]
        tag = require_tagged_tree(version)
        with Index(url, arguments.simple_url) as index, tempfile.TemporaryDirectory() as name:
            index.files("thread-runs")
            source = Path(name) / "export"
            export(tag, source)
            publish(index, build(source, Path(name) / "dist"), version, lambda: check(source))
    except (PublishError, ProvenanceError, PackageIndexError, GitError, SpecError, OSError) as error:
        sys.exit(f"publish: {redact(sentence(error))}")


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()

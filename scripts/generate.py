"""Generate the client package from the contract.

The package is made in an empty folder and then swapped in, so that no file of an earlier contract survives.
"""

import argparse
import json
import os
import pprint
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from openapi_python_client.strings import PythonIdentifier

from scripts.repository import GENERATED, ROOT, SPEC

FORMAT = ["--isolated", "--no-cache", "--quiet", "--line-length", "120", "--target-version", "py311"]
HEADER = "# Generated from openapi.yaml by `make generate`. Do not edit.\n"


class GenerationError(Exception):
    """The contract, a template patch or the generator itself is at fault; the message says which."""


def run(command: list[str], cwd: Path, env: dict[str, str]) -> None:
    """Run `command`; raise GenerationError with what it printed if it fails."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise GenerationError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}".rstrip())


def patched_templates(folder: Path, env: dict[str, str]) -> Path:
    """Write the generator's own templates, changed by the patches in `templates/`, into `folder`.

    Raises GenerationError if the text that a patch changes is no longer there.
    """
    package = find_spec("openapi_python_client")
    if package is None or package.origin is None:
        raise GenerationError("openapi-python-client is not installed: run `make setup`")
    templates = folder / "templates"
    shutil.copytree(Path(package.origin).parent / "templates", templates)
    for patch in sorted((ROOT / "templates").rglob("*.patch")):
        run(["git", "apply", "--whitespace=nowarn", str(patch)], templates, env)
    return templates


def contract_facts(spec: dict[str, Any]) -> str:
    """Return the module with what the generator leaves out of the package and the hand-written client needs."""
    server = spec["servers"][0]
    url = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace("{" + name + "}", variable["default"])
    bodies = {
        PythonIdentifier(operation["operationId"], prefix="field_"): limits(media["schema"])
        for item in spec["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
        for media in operation.get("requestBody", {}).get("content", {}).values()
    }
    components = spec.get("components", {}).get("schemas", {})
    schemas: dict[str, Any] = {}
    wanted = list(references(bodies))
    while wanted:
        name = wanted.pop().rpartition("/")[2]
        if name not in schemas:
            schemas[name] = limits(components[name])
            wanted += references(schemas[name])
    return f'''"""Facts of the contract that stand in no endpoint or model"""

from typing import Any

VERSION = {json.dumps(spec["info"]["version"])}
SERVER_URL = {json.dumps(url)}

REQUEST_BODIES: dict[str, Any] = {literal(bodies)}
"""The schema of the body that an operation takes"""

SCHEMAS: dict[str, Any] = {literal(dict(sorted(schemas.items())))}
"""The components that these schemas refer to, without what does not limit a value"""
'''


# What a schema says of a value without limiting it.
ANNOTATIONS = frozenset(
    {"title", "description", "example", "examples", "default", "deprecated", "readOnly", "writeOnly"}
)


def limits(schema: Any) -> Any:
    """Return `schema` without annotations. The names of properties are no keywords, whatever they are."""
    if not isinstance(schema, dict):
        return [limits(item) for item in schema] if isinstance(schema, list) else schema
    return {
        keyword: {name: limits(item) for name, item in value.items()} if keyword == "properties" else limits(value)
        for keyword, value in schema.items()
        if keyword not in ANNOTATIONS and not keyword.startswith("x-")
    }


def references(schema: Any) -> Iterator[str]:
    """Yield every `$ref` in `schema`."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for item in schema:
            yield from references(item)


def literal(value: Any) -> str:
    """Return `value` as Python source."""
    return pprint.pformat(value, width=110, sort_dicts=False)


def generate(spec_path: Path, output: Path) -> None:
    """Generate the package for the contract at `spec_path` and put it at `output`, replacing what is there.

    Raises GenerationError, and leaves `output` as it was, if the generator warns of anything.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".generate-") as name:
        folder = Path(name)
        # The generator finds the formatter on PATH, and git must not take the folder for a part of this repository.
        env = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
            "GIT_CEILING_DIRECTORIES": str(folder),
            "PYTHONPATH": str(ROOT),
        }
        package = folder / "package"
        run(
            [
                *(
                    sys.executable,
                    "-m",
                    "scripts.generator",
                    "generate",
                    "--fail-on-warning",
                    "--meta",
                    "none",
                ),
                *("--path", str(spec_path.resolve()), "--config", str(ROOT / "generator-config.yml")),
                *(
                    "--custom-template-path",
                    str(patched_templates(folder, env)),
                    "--output-path",
                    str(package),
                ),
            ],
            folder,
            env,
        )
        (package / "py.typed").touch()
        contract = package / "contract.py"
        contract.write_text(contract_facts(yaml.safe_load(spec_path.read_text("utf-8"))), "utf-8")
        run([sys.executable, "-m", "ruff", "format", *FORMAT, str(contract)], folder, env)
        for module in package.rglob("*.py"):
            module.write_text(HEADER + module.read_text("utf-8"), "utf-8")
        if output.exists():
            output.rename(folder / "replaced")
        package.rename(output)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", type=Path, default=SPEC, help="the contract (default: openapi.yaml)")
    parser.add_argument("--output", type=Path, default=GENERATED, help="the package's folder")
    arguments = parser.parse_args()
    try:
        generate(arguments.spec, arguments.output)
    except GenerationError as error:
        sys.exit(f"generate: {error}")


if __name__ == "__main__":
    main()

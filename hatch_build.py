"""Write the software bill of materials that PEP 770 puts into the wheel, at .dist-info/sboms/.

It is a CycloneDX document. It names the package, its declared requirements, and the digest of the spec that the package
was generated from. It holds neither a time nor a random number, so that building again gives the same bytes.
"""

import datetime
import hashlib
import os
import re
import tempfile
import uuid
from pathlib import Path
from typing import Any

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packageurl import PackageURL

SPEC = "openapi.yaml"
_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


class SbomHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the document to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel" and version == "standard":
            self._folder = tempfile.TemporaryDirectory()
            path = Path(self._folder.name) / "thread-runs.cdx.json"
            path.write_text(sbom(Path(self.root), self.metadata), "utf-8")
            build_data["sbom_files"].append(os.path.relpath(path, self.root))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "_folder"):
            self._folder.cleanup()


def sbom(root: Path, metadata: Any) -> str:
    """Return the bill of materials of the project in `root` as JSON."""
    name, version, core = metadata.core.raw_name, metadata.version, metadata.core
    digest = hashlib.sha256((root / SPEC).read_bytes()).hexdigest()
    package = Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=name,
        purl=PackageURL("pypi", None, name, version),
    )
    spec = Component(
        name=SPEC,
        version=version,
        type=ComponentType.DATA,
        bom_ref=SPEC,
        description="The OpenAPI document that the package is generated from.",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )
    groups = {"": core.dependencies, **core.optional_dependencies}
    required = [_required(text, extra) for extra, texts in groups.items() for text in texts]
    # A time and a serial number are part of the form: here they follow from what is described.
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    bom = Bom(
        components=[spec, *required],
        serial_number=uuid.uuid5(_NAMESPACE, f"{name}=={version}#{digest}"),
        metadata=BomMetaData(component=package, timestamp=datetime.datetime.fromtimestamp(epoch, datetime.UTC)),
    )
    bom.register_dependency(package, [spec, *required])
    text: str = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    return text + "\n"


def _required(requirement: str, extra: str) -> Component:
    """Return a requirement as a component. Its version is open: the requirement states a range."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    name = found[0]
    properties = [Property(name="thread-runs:requirement", value=requirement)]
    if extra:
        properties.append(Property(name="thread-runs:extra", value=extra))
    return Component(
        name=name,
        type=ComponentType.LIBRARY,
        bom_ref=f"{name}[{extra}]" if extra else name,
        purl=PackageURL("pypi", None, name.lower()),
        properties=properties,
    )

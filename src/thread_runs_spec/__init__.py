"""Reads OpenAPI documents, and contains the one that this distribution is built from.

`document` reads YAML or JSON into values that know their JSON pointer and line, `operations` reads the operations out
of a document. Both need PyYAML; this module needs nothing, so that the path of the packaged document is always known.
"""

from pathlib import Path

PACKAGED = Path(__file__).with_name("openapi.yaml")
"""The OpenAPI document of this distribution."""

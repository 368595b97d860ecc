"""The reference page: the spec as one self-contained HTML file."""

import copy
import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Swagger UI greys a deprecated operation and strikes it out; the warning that it also shows says the same, legibly.
_STYLE = """
body { margin: 0 }
.swagger-ui .opblock.opblock-deprecated { opacity: 1 }
.swagger-ui .opblock.opblock-deprecated .opblock-summary-method { background: #49714f }
.swagger-ui .opblock .opblock-summary-path__deprecated { text-decoration: none }
.swagger-ui .info hgroup.main a { display: none }
@media (max-width: 44rem) {
  .swagger-ui .wrapper, .swagger-ui .opblock-body .responses-inner { padding: 0 .6rem }
  .swagger-ui .opblock-description-wrapper, .swagger-ui .opblock .opblock-section-header { padding: .6rem }
  .swagger-ui .parameters-container .table-container { padding: .6rem }
  .swagger-ui table.parameters thead, .swagger-ui table.responses-table > thead { display: none }
  .swagger-ui table.parameters td, .swagger-ui table.responses-table > tbody > tr > td {
    display: block; min-width: 0; width: auto; max-width: 100%; padding: .3rem 0 }
  .swagger-ui .response-control-media-type--accept-controller select { min-width: 0 }
  .swagger-ui .servers > label { margin-right: 0 }
}
@media (prefers-color-scheme: dark) {
  html { background: #121212 }
  #reference { filter: invert(.93) hue-rotate(180deg) }
  .swagger-ui pre.microlight { filter: invert(1) hue-rotate(180deg) }
}
"""
# Most specs have no links, and the column takes a tenth of the page.
_NO_LINKS = ".swagger-ui .response-col_links { display: none !important }"
_OPTIONS = {
    "dom_id": "#reference",
    "deepLinking": True,
    "defaultModelsExpandDepth": 2,
    "displayRequestDuration": True,
    "docExpansion": "full",
    # By default Swagger UI asks a public service whether the spec is valid.
    "validatorUrl": None,
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{css}{style}</style>
</head>
<body>
<div id="reference"></div>
<script>{script}</script>
<script>
const page = SwaggerUIBundle({{...{options}, spec: {document}}});
// It resolves references against the address of the page, and cannot where that is a file.
if (location.protocol === "file:") page.specActions.updateUrl("https://spec.invalid/");
</script>
</body>
</html>
"""


def page(document: dict[str, Any], server_url: str | None = None) -> str:
    """Return the page for an OpenAPI document.

    Args:
        document: The document, as it was parsed.
        server_url: The server that "try it out" talks to; by default those of the document.
    """
    document = copy.deepcopy(document)
    if server_url is not None:
        document["servers"] = [{"url": server_url}]
    for path_item in document.get("paths", {}).values():
        for operation in path_item.values():
            for parameter in operation.get("parameters", []) if isinstance(operation, dict) else []:
                # Swagger UI does not show the description of a schema, which is where the generator wants it.
                parameter.setdefault("description", parameter.get("schema", {}).get("description", ""))
    title = f"{document['info'].get('title', '')} {document['info'].get('version', '')}"
    assets = _assets()
    return _PAGE.format(
        title=title.translate({ord("&"): "&amp;", ord("<"): "&lt;"}),
        css=_without_source_map(assets / "swagger-ui.css"),
        style=_STYLE if _has_links(document) else _STYLE + _NO_LINKS,
        script=_without_source_map(assets / "swagger-ui-bundle.js"),
        # In a script element the text `</` could end it.
        document=json.dumps(document, ensure_ascii=False).replace("</", "<\\/"),
        options=json.dumps(_OPTIONS),
    )


def _has_links(node: Any) -> bool:
    """Whether a response anywhere in the document names links."""
    if isinstance(node, dict):
        return ("links" in node and "description" in node) or any(map(_has_links, node.values()))
    return isinstance(node, list) and any(map(_has_links, node))


def _assets() -> Path:
    """The folder with Swagger UI. Its package is found but not imported: that would import web frameworks."""
    package = find_spec("swagger_ui")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "static"


def _without_source_map(asset: Path) -> str:
    return re.sub(r"/\*# sourceMappingURL=.*?\*/", "", asset.read_text("utf-8"))

"""How Sphinx builds the site: `make docs`."""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from thread_runs import __version__

project = "Thread Runs"
author = "Thread Runs maintainers"
copyright = author  # noqa: A001
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3

autoclass_content = "both"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"Thread Runs {version}"
html_copy_source = False
html_show_sphinx = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = ["../openapi.yaml"]

# Files of the site that are not pages of Sphinx.
FILES = ("openapi.yaml", "reference.html")


def _link_files(_app: Sphinx, document: nodes.document) -> None:
    """Resolve links to these files, which the Markdown parser takes for missing pages."""
    for link in list(document.findall(addnodes.pending_xref)):
        if link["reftarget"] in FILES:
            link.replace_self(nodes.reference("", "", *link.children, refuri=link["reftarget"]))


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", _link_files)

"""The servers of an OpenAPI document, as written."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from thread_runs_spec.document import Node


@dataclass(frozen=True)
class Server:
    """An entry of `servers`. In `url`, variables are replaced by their defaults."""

    node: Node
    url: str
    variables: dict[str, str]

    @property
    def base_path(self) -> str:
        """The path of the URL without a slash at its end: `/v1`, or empty."""
        return urlsplit(self.url).path.rstrip("/")


def servers(owner: Node) -> tuple[Server, ...]:
    """Return the entries of `servers` of a document, path item or operation; `/` for a document without any."""
    listed = owner.get("servers")
    entries = listed.children() if listed else []
    if not entries and not owner.pointer:
        return (Server(owner, "/", {}),)
    return tuple(map(_server, entries))


def _server(node: Node) -> Server:
    url = node.must_be_object("a server").value.get("url")
    if not isinstance(url, str):
        raise node.error("a server needs a `url`")
    variables = {}
    for variable in node.members("variables"):
        default = variable.must_be_object("a server variable").value.get("default")
        if default is None:
            raise variable.error("a server variable needs a `default`")
        variables[variable.key] = str(default)
    for name, default in variables.items():
        url = url.replace(f"{{{name}}}", default)
    return Server(node, url, variables)

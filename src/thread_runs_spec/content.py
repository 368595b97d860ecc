"""The media types of bodies, with their schemas and examples."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from thread_runs_spec import media_types
from thread_runs_spec.document import Node


@dataclass(frozen=True)
class Example:
    """One example value. `name` is empty for the value of `example`."""

    name: str
    node: Node
    value: Any


@dataclass(frozen=True)
class MediaType:
    """One entry of `content`. `name` is the type or range as the document writes it."""

    name: str
    node: Node

    @property
    def schema(self) -> Node | None:
        """The schema as it is written; see `Node.resolve` and `thread_runs_spec.schemas`."""
        return self.node.get("schema")

    @cached_property
    def is_json(self) -> bool:
        return media_types.is_json(self.name)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The examples in the document's order, references followed. Examples at another URL are left out."""
        return examples_of(self.node)


@dataclass(frozen=True)
class Content:
    """The media types of a body, in the document's order."""

    media_types: tuple[MediaType, ...] = ()

    def __iter__(self) -> Iterator[MediaType]:
        return iter(self.media_types)

    def __len__(self) -> int:
        return len(self.media_types)

    @property
    def json(self) -> MediaType | None:
        """The first JSON media type."""
        return next((media for media in self.media_types if media.is_json), None)

    def find(self, content_type: str) -> MediaType | None:
        """Return the media type that covers the content type of a message, or None."""
        name = media_types.best_match(content_type, [media.name for media in self.media_types])
        return next((media for media in self.media_types if media.name == name), None)


def content(owner: Node) -> Content:
    """Return the `content` of a parameter, header, body or response. Raises SpecError if it is not an object."""
    return Content(
        tuple(MediaType(node.key, node.resolve().must_be_object("a media type")) for node in owner.members("content"))
    )


def examples_of(owner: Node) -> tuple[Example, ...]:
    """Return the examples of a media type, parameter or header. Examples at another URL are left out."""
    found = []
    for use in owner.members("examples"):
        node = use.resolve()
        value = node.get("value")
        if value is not None:
            found.append(Example(use.key, value, value.value))
    single = owner.get("example")
    return (*found, *([Example("", single, single.value)] if single is not None else []))

"""The error for documents that cannot be read, and the notation of places in a document."""

Pointer = tuple[str, ...]
"""A JSON pointer (RFC 6901), split and unescaped: `("paths", "/threads/{thread_id}", "get")`."""


class SpecError(ValueError):
    """A document cannot be read.

    The message is one line: the document's name, the line and the JSON pointer where they are known, and the fault.
    """

    def __init__(self, name: str, message: str, pointer: Pointer | None = None, line: int = 0) -> None:
        self.name = name
        self.message = " ".join(message.split())
        self.pointer = pointer
        self.line = line
        place = f"{name}:{line}" if line else name
        where = "" if pointer is None else f"{pointer_text(pointer)}: "
        super().__init__(f"{place}: {where}{self.message}")


def escape(part: str) -> str:
    """Escape one part of a JSON pointer."""
    return part.replace("~", "~0").replace("/", "~1")


def pointer_text(pointer: Pointer) -> str:
    """Write a pointer as RFC 6901 does. The root is `/` here, because the text is used in sentences."""
    return "/" + "/".join(map(escape, pointer))

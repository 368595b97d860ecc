"""Types that models, methods and their callers share."""

from collections.abc import Mapping
from enum import Enum
from typing import IO, Any, BinaryIO, Final, Literal


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    __str__ = __repr__


UNSET: Final = Unset.UNSET
"""The value of a property that is not there. It is false, and type checkers narrow on `is UNSET`."""


class UnknownObject(dict[str, Any]):
    """A JSON object of a kind that the spec does not describe: a dict whose items are attributes, too.

    A property named like a method of dict, such as `items`, is found by its key alone.
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({super().__repr__()})"

    def to_dict(self) -> dict[str, Any]:
        """Return the object as a plain dict."""
        return dict(self)


# What httpx takes for a file.
FileContent = IO[bytes] | bytes | str
FileTypes = (
    # file name, content, media type, headers
    tuple[str | None, FileContent, str | None] | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]


class File:
    """A file to upload, or one that was received.

    Attributes:
        payload: its content.
        file_name: its name; None for no name.
        mime_type: its media type; None if it is not known.
    """

    def __init__(self, payload: BinaryIO, file_name: str | None = None, mime_type: str | None = None) -> None:
        self.payload = payload
        self.file_name = file_name
        self.mime_type = mime_type

    def to_tuple(self) -> FileTypes:
        """Return the tuple that httpx takes in `files=`."""
        return self.file_name, self.payload, self.mime_type


__all__ = ["UNSET", "File", "FileTypes", "RequestFiles", "UnknownObject", "Unset"]

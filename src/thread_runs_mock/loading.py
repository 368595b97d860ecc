"""Resources from a file: a JSON array, one object, or one object after another as in JSON lines."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from thread_runs_mock import errors, strict_json
from thread_runs_mock.operations import Operation
from thread_runs_mock.service import Service
from thread_runs_mock.stores import Item, Key

_SPACE = " \t\r\n"
_CHUNK = 1 << 20
_PROGRESS = 10_000
"""Resources between two reports of progress."""

Progress: TypeAlias = Callable[[int, float], None]


class RunsError(ValueError):
    """A resource cannot be loaded. The message names it and the reason, in one line."""


def read(path: str | Path, service: Service, progress: Progress | None = None) -> Iterator[Item]:
    """Yield the resources of a file, checked against the spec and ready for a store. The file is read incrementally.

    Args:
        progress: Called from time to time with the number of resources read, and what part of the file that is.

    Raises:
        RunsError: Names the file, the line and the fault.
    """
    seen: set[Key] = set()
    line = 1
    try:
        with Path(path).open("rb") as file:
            size = max(1, Path(path).stat().st_size)
            for start, resource, is_strict in _values(file):
                line = start
                item = check(resource, service, is_strict)
                if item.key in seen:
                    raise RunsError(f"{item.key} occurs twice")
                seen.add(item.key)
                yield item
                if progress and len(seen) % _PROGRESS == 0:
                    progress(len(seen), min(1, file.tell() / size))
    except OSError as error:
        raise RunsError(f"{path}: {error.strerror}") from None
    except RunsError as error:
        raise RunsError(f"{path}: line {line}: {error}") from None
    except _TextError as error:
        raise RunsError(f"{path}: line {error.line}: {error}") from None
    if progress and len(seen) > _PROGRESS and len(seen) % _PROGRESS:
        progress(len(seen), 1)


def check_all(resources: Iterable[Any], service: Service) -> Iterator[Item]:
    """Yield resources from Python, checked against the spec and ready for a store.

    Raises:
        RunsError: Names the index and the fault.
    """
    for index, resource in enumerate(resources):
        try:
            yield check(resource, service)
        except RunsError as error:
            raise RunsError(f"runs[{index}]: {error}") from None


def check(
    resource: Any, service: Service, is_strict: bool = False, home: tuple[Operation, list[str]] | None = None
) -> Item:
    """Return a resource that conforms to the spec, ready for a store.

    Args:
        is_strict: It comes from `strict_json.decode`.
        home: Where it lives, if that is known.

    Raises:
        RunsError: Says in which way it does not conform.
    """
    home = home or service.home(resource)
    if home is None:
        raise RunsError("expected an object with the identifiers that its path needs")
    operation, values = home
    if not is_strict:
        try:
            resource = strict_json.copy(resource)
        except strict_json.NotJsonError as error:
            raise RunsError(f"not JSON: {error}") from None
    if operation.response and (violation := operation.response.first_violation(resource)):
        raise RunsError(str(errors.invalid_value(violation)))
    for parameter, value in zip(operation.path_parameters, values, strict=True):
        if "string" in parameter.shape.types and (violation := parameter.validator.first_violation(value)):
            raise RunsError(str(errors.invalid_value(violation, parameter.name)))
    return operation.item(values, resource)


class _TextError(Exception):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _values(file: BinaryIO) -> Iterator[tuple[int, Any, bool]]:
    """The values of the file, the line where each starts, and whether it is known to be strict JSON."""
    if file.read(_CHUNK).lstrip().startswith(b"["):
        file.seek(0)
        yield from _general(_Text(file, b"", 1))
        return
    file.seek(0)
    # The fast parser reads JSON lines; the general one continues from the first line that is not a value.
    for number, line in enumerate(file, 1):
        try:
            yield number, strict_json.decode(line), True
        except strict_json.NotJsonError:
            if line.strip():
                yield from _general(_Text(file, line, number))
                return


class _Text:
    """A file that is read on demand, from a line on."""

    def __init__(self, file: BinaryIO, start: bytes, line: int) -> None:
        self._file = file
        self._undecoded = b""
        self.at_end = False
        self.text = ""
        self.position = 0
        self._line, self._counted = line, 0
        self._append(start)

    def _append(self, data: bytes) -> None:
        data = self._undecoded + data
        try:
            text, self._undecoded = data.decode(), b""
        except UnicodeDecodeError as error:
            if self.at_end or error.reason != "unexpected end of data":
                raise _TextError("not UTF-8", self.line(len(self.text)) + data.count(b"\n", 0, error.start)) from None
            text, self._undecoded = data[: error.start].decode(), data[error.start :]
        self.text += text

    def line(self, position: int) -> int:
        """The line of a position that is not before the last one asked for."""
        self._line += self.text.count("\n", self._counted, position)
        self._counted = position
        return self._line

    def more(self) -> bool:
        """Read more, as much as the buffer holds; return whether there was more."""
        if self.at_end:
            return False
        self.line(self.position)
        self.text, self.position, self._counted = self.text[self.position :], 0, 0
        data = self._file.read(max(_CHUNK, len(self.text)))
        self.at_end = not data
        self._append(data)
        return bool(data)

    def skip(self) -> str:
        """Go to the next character that is not white space, and return it; empty at the end."""
        while True:
            while self.position < len(self.text):
                if self.text[self.position] not in _SPACE:
                    return self.text[self.position]
                self.position += 1
            if not self.more():
                return ""

    def value(self) -> Any:
        """The value that starts here."""
        while True:
            try:
                value, end = strict_json.DECODER.raw_decode(self.text, self.position)
            except strict_json.NotJsonError as error:
                raise self.error(f"not JSON: {error}") from None
            except RecursionError as error:
                raise self.error(f"not JSON: {error}") from None
            except ValueError as error:
                if not self.more():
                    position = getattr(error, "pos", self.position)
                    raise self.error(f"not JSON: {getattr(error, 'msg', error)}", position) from None
                continue
            # A number may continue in the part that was not read yet.
            if end < len(self.text) or not self.more():
                self.position = end
                return value

    def error(self, message: str, position: int | None = None) -> _TextError:
        return _TextError(message, self.line(self.position if position is None else position))


def _general(text: _Text) -> Iterator[tuple[int, Any, bool]]:
    in_array = text.skip() == "["
    if in_array:
        text.position += 1
    while (character := text.skip()) and not (in_array and character == "]"):
        line = text.line(text.position)
        yield line, text.value(), False
        if in_array and (character := text.skip()) != "]":
            if character != ",":
                raise text.error("not JSON: expected ',' or ']' in the array")
            text.position += 1
            if text.skip() == "]":
                raise text.error("not JSON: the array ends with a comma")
    if in_array:
        if not text.skip():
            raise text.error("not JSON: the array does not end")
        text.position += 1
        if text.skip():
            raise text.error("not JSON: something follows the array")

"""Resources from a file: a JSON array, one object, or one object after another as in JSON lines."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from thread_runs_mock import errors, strict_json
from thread_runs_mock.spec import Spec
from thread_runs_mock.store import Key, Resource

_SPACE = " \t\r\n"


class RunsError(ValueError):
    """A resource that cannot be loaded; the message is one line that says which and why."""


def read(path: str | Path, spec: Spec) -> Iterator[tuple[Key, Resource]]:
    """The resources of a file, each with its key and checked against the spec.

    Raises:
        RunsError: Names the file, the line and the fault.
    """
    try:
        text = Path(path).read_bytes().decode()
    except OSError as error:
        raise RunsError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise RunsError(f"{path}: line {line}: not UTF-8") from None
    seen = set()
    line, counted = 1, 0
    try:
        for position, resource in _values(text):
            line, counted = line + text.count("\n", counted, position), position
            key, resource = check(resource, spec)
            if key in seen:
                raise RunsError(f"{''.join(key)} is here twice")
            seen.add(key)
            yield key, resource
    except RunsError as error:
        raise RunsError(f"{path}: line {line}: {error}") from None
    except _FaultError as fault:
        line = text.count("\n", 0, fault.position) + 1
        raise RunsError(f"{path}: line {line}: {fault}") from None


def check_all(resources: Iterable[Any], spec: Spec) -> Iterator[tuple[Key, Resource]]:
    """Resources from Python, each with its key and checked against the spec.

    Raises:
        RunsError: Names the index and the fault.
    """
    for index, resource in enumerate(resources):
        try:
            yield check(resource, spec)
        except RunsError as error:
            raise RunsError(f"runs[{index}]: {error}") from None


def check(resource: Any, spec: Spec) -> tuple[Key, Resource]:
    """The key of a resource that keeps the spec, and a copy of it.

    Raises:
        RunsError: Says in which way it does not.
    """
    home = spec.home(resource)
    if home is None:
        raise RunsError("expected an object with the identifiers that its path needs (such as id and thread_id)")
    operation, key = home
    try:
        resource = strict_json.decode(strict_json.encode(resource))
    except (TypeError, ValueError, RecursionError) as error:
        raise RunsError(f"not JSON: {error}") from None
    if operation.response and (violation := operation.response.first_violation(resource)):
        raise RunsError(str(errors.invalid_value(violation)))
    for parameter, value in zip(operation.path_parameters, key[1::2], strict=True):
        if "string" in parameter.types and (violation := parameter.validator.first_violation(value)):
            raise RunsError(str(errors.invalid_value(violation, parameter.name)))
    return key, resource


class _FaultError(Exception):
    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """The values of the text and where each starts."""
    position = _skip(text, 0)
    in_array = text.startswith("[", position)
    if in_array:
        position = _skip(text, position + 1)
    while position < len(text) and not (in_array and text[position] == "]"):
        try:
            value, end = strict_json.DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            message = getattr(error, "msg", str(error))
            raise _FaultError(f"not JSON: {message}", getattr(error, "pos", position)) from None
        yield position, value
        position = _skip(text, end)
        if in_array and not text.startswith("]", position):
            if not text.startswith(",", position):
                raise _FaultError("not JSON: expected ',' or ']' in the array", position)
            position = _skip(text, position + 1)
            if text.startswith("]", position):
                raise _FaultError("not JSON: the array ends with a comma", position)
    if in_array:
        if position == len(text):
            raise _FaultError("not JSON: the array does not end", position)
        if (position := _skip(text, position + 1)) < len(text):
            raise _FaultError("not JSON: something follows the array", position)


def _skip(text: str, position: int) -> int:
    """The next position that is not white space."""
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position

"""A script: documented responses to give one after another, before the usual ones."""

from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from thread_runs_mock.documented import Choice, Documented, listing
from thread_runs_mock.operations import Operation

_TYPES = {"code": int, "example": str, "times": int}


class ScriptError(ValueError):
    """A script is invalid. The message names the step and the reason, in one line."""


class Script:
    """Responses to give one after another, each to the next valid request of an operation that documents it."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._responses = [operation.documented for operation in operations]
        self._steps: deque[tuple[Choice | None, list[int]]] = deque()

    def add(self, code: int | None = None, example: str | None = None, times: int = 1) -> None:
        """Add a response to give `times` times; without `code` and `example`, the usual one.

        Raises:
            ScriptError: No operation documents such a response.
        """
        if times < 1:
            raise ScriptError(f"expected times to be 1 or more, but got {times}")
        choice = None if code is None and example is None else Choice(code, example)
        if choice and not any(choice.find(responses) for responses in self._responses):
            known = listing(response for responses in self._responses for response in responses)
            raise ScriptError(f"{choice} is not documented. The documented responses are: {known}")
        self._steps.append((choice, [times]))

    def add_step(self, step: Any) -> None:
        """Add an object with `code`, `example` and `times`. Raises ScriptError."""
        if not isinstance(step, Mapping):
            raise ScriptError("expected an object with code, example or times")
        for name, value in step.items():
            if name not in _TYPES:
                raise ScriptError(f"unknown property '{name}'; a step has code, example and times")
            if not isinstance(value, _TYPES[name]) or isinstance(value, bool):
                kind = "an integer" if _TYPES[name] is int else "a string"
                raise ScriptError(f"expected {name} to be {kind}, but got {value!r}")
        self.add(**step)

    def steps(self) -> list[tuple[str, int]]:
        """Return the remaining steps, in words, and how many times each is given."""
        return [("as usual" if choice is None else str(choice), left[0]) for choice, left in self._steps]

    def next(self, operation: Operation) -> tuple[int, Documented] | None:
        """Return the response to give now, or None for the usual one."""
        choice, left = self._steps[0]
        found = choice.find(operation.documented) if choice else None
        if choice is None or found:
            left[0] -= 1
            if not left[0]:
                self._steps.popleft()
        return found

    def clear(self) -> None:
        """Remove the remaining steps."""
        self._steps.clear()

    def __bool__(self) -> bool:
        return bool(self._steps)


def load_script(steps: str | Path | Iterable[Mapping[str, Any]], operations: Iterable[Operation]) -> Script:
    """Return a script from a file (a YAML or JSON array) or from objects, each with `code`, `example` and `times`.

    Raises:
        ScriptError: Names the file, the step and the error.
    """
    made = Script(operations)
    if not isinstance(steps, str | Path):
        _fill(made, steps)
        return made
    try:
        loaded = yaml.safe_load(Path(steps).read_bytes())
        _fill(made, [] if loaded is None else loaded)
    except OSError as error:
        raise ScriptError(f"{steps}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        reason = str(getattr(error, "problem", None) or error).partition("\n")[0]
        raise ScriptError(f"{steps}: {line}not YAML: {reason}") from None
    except ScriptError as error:
        raise ScriptError(f"{steps}: {error}") from None
    return made


def _fill(made: Script, steps: Any) -> None:
    if isinstance(steps, Mapping) or not isinstance(steps, Iterable):
        raise ScriptError("expected an array of steps")
    for index, step in enumerate(steps):
        try:
            made.add_step(step)
        except ScriptError as error:
            raise ScriptError(f"step {index + 1}: {error}") from None

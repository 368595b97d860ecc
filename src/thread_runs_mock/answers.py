"""Documented answers that a request, or a script, asks for instead of the usual one."""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from thread_runs_mock import errors
from thread_runs_mock.spec import Answer, Operation, Spec

# RFC 7240, section 2: a token, a value that may be quoted, and parameters, which none of ours has.
_PREFERENCE = re.compile(r'\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?\s*(?:;[^,]*)?(?:,|$)')
_LONGEST = 1000
"""Characters of a header that are looked at: the time that the pattern takes must not be the client's choice."""


class ScriptError(ValueError):
    """A script that cannot be followed; the message is one line that says which step and why."""


@dataclass(frozen=True)
class Choice:
    """Which documented answer is wanted: by status, by the name of its example, or by both."""

    code: int | None = None
    example: str | None = None

    def __str__(self) -> str:
        parts = [f"code={self.code}"] if self.code is not None else []
        return ", ".join([*parts, f"example={self.example}"] if self.example is not None else parts)

    def find(self, operation: Operation) -> tuple[int, Answer] | None:
        """The status and the first documented answer that fits, or None."""
        for answer in operation.answers:
            if self.code is not None and not answer.stands_for(self.code):
                continue
            if self.example in (None, answer.example):
                return self.code or answer.status, answer
        return None


def preferred(prefer: str, operation: Operation) -> tuple[int, Answer] | None:
    """What a `Prefer` header asks for: `code=429, example=rateLimit`. Other preferences are not ours.

    Raises:
        ApiError: 400; the operation documents no such answer.
    """
    values: dict[str, str] = {}
    for name, quoted, plain in _PREFERENCE.findall(prefer[:_LONGEST]):
        # RFC 7240: of a preference given twice the first one counts.
        values.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted else plain)
    if not values.keys() & {"code", "example"}:
        return None
    code = values.get("code")
    if code is not None and not re.fullmatch(r"[1-5][0-9][0-9]", code):
        raise errors.unknown_preference(f"code={code}", _documented([operation]))
    choice = Choice(None if code is None else int(code), values.get("example"))
    found = choice.find(operation)
    if found is None:
        raise errors.unknown_preference(str(choice), _documented([operation]))
    return found


class Script:
    """Answers to be given one after another, each to the next good request of an operation that documents it."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._steps: deque[tuple[Choice | None, list[int]]] = deque()

    def add(self, code: int | None = None, example: str | None = None, times: int = 1) -> None:
        """Answer so as often as `times` says; with neither `code` nor `example`, as usual.

        Raises:
            ScriptError: No operation documents such an answer.
        """
        if times < 1:
            raise ScriptError(f"expected times to be 1 or more, but got {times}")
        choice = None if code is None and example is None else Choice(code, example)
        if choice and not any(choice.find(operation) for operation in self._spec.operations):
            documented = _documented(self._spec.operations)
            raise ScriptError(f"{choice} is not documented. The documented answers are: {documented}")
        self._steps.append((choice, [times]))

    def next(self, operation: Operation) -> tuple[int, Answer] | None:
        """The answer to give now, or None for the usual one."""
        choice, left = self._steps[0]
        found = choice.find(operation) if choice else None
        if choice is None or found:
            left[0] -= 1
            if not left[0]:
                self._steps.popleft()
        return found

    def clear(self) -> None:
        """Forget the steps that are left."""
        self._steps.clear()

    def __bool__(self) -> bool:
        return bool(self._steps)

    def __len__(self) -> int:
        return sum(left[0] for _, left in self._steps)


def script(steps: str | Path | Iterable[Mapping[str, Any]], spec: Spec) -> Script:
    """A script from a file (a YAML or JSON array) or from objects, each with `code`, `example` and `times`.

    Raises:
        ScriptError: Names the file, the step and the fault.
    """
    made = Script(spec)
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


_TYPES = {"code": int, "example": str, "times": int}


def _fill(made: Script, steps: Any) -> None:
    if isinstance(steps, Mapping) or not isinstance(steps, Iterable):
        raise ScriptError("expected an array of steps")
    for index, step in enumerate(steps):
        try:
            if not isinstance(step, Mapping):
                raise ScriptError("expected an object with code, example or times")
            for name, value in step.items():
                if name not in _TYPES:
                    raise ScriptError(f"unknown property '{name}'; a step has code, example and times")
                if not isinstance(value, _TYPES[name]) or isinstance(value, bool):
                    kind = "an integer" if _TYPES[name] is int else "a string"
                    raise ScriptError(f"expected {name} to be {kind}, but got {value!r}")
            made.add(**step)
        except ScriptError as error:
            raise ScriptError(f"step {index + 1}: {error}") from None


def _documented(operations: Iterable[Operation]) -> str:
    """`200 (documented, queued), 429 (rateLimit)`"""
    names: dict[str, list[str]] = {}
    for operation in operations:
        for answer in operation.answers:
            known = names.setdefault(answer.documented, [])
            if answer.example and answer.example not in known:
                known.append(answer.example)
    return ", ".join(f"{status} ({', '.join(known)})" if known else status for status, known in names.items())

"""Mutants of the servers' own source, made by cosmic-ray: nobody chose them."""

import ast
import contextlib
import difflib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import random
import sys
import tomllib
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast  # type: ignore[import-untyped]
from cosmic_ray.mutating import mutate_code  # type: ignore[import-untyped]
from cosmic_ray.plugins import get_operator, operator_names  # type: ignore[import-untyped]

from scripts.mutants.subjects import HEADERS, Served, targets
from scripts.repository import ROOT

from tests.conformance.servers.serving import serve  # isort: skip
from tests.conformance.wrong_servers.runs import KEY, runs

FASTAPI = "tests.conformance.servers.thread_runs"
MOCK = "thread_runs_mock"
NOT_RESPONSES = frozenset(
    {
        *(
            "__init__",
            "__main__",
            "command",
            "pytest_plugin",
            "server",
            "serving",
            "batching",
            "processes",
            "building",
            "messages",
        ),
        *("documented", "prefer", "script", "faults", "samples", "clock", "forms"),
        *("pages", "recording", "exchanges", "reference", "loading", "migration", "sql", "sqlite", "postgresql"),
    }
)
"""Modules of the mock that take no part in its responses as the suite sees them: how it is started and run, responses
that are asked for by name or that openapi.yaml has no use for, records, pages for people, and where runs come from."""

REVIEWED = ROOT / "tests" / "conformance" / "source_mutants.toml"


@dataclass(frozen=True)
class SourceMutant:
    """A server whose source differs in one place.

    Attributes:
        before: The lines as they are, with single spaces.
        after: The same lines, mutated.
        number: The line that the difference begins with.
        function: The function or class that it is in; empty outside of any.
    """

    module: str
    function: str
    operator: str
    occurrence: int
    number: int
    before: str
    after: str

    @property
    def group(self) -> str:
        return "source of the FastAPI server" if self.module == FASTAPI else "source of the mock"

    @property
    def name(self) -> str:
        return f"{self.module}:{self.number}: {self.before} -> {self.after}"

    @contextlib.contextmanager
    def serve(self) -> Iterator[Served]:
        """Serve the mutant. It replaces the module for the rest of the process."""
        _replace(self.module, _mutated(source(self.module), self.operator, self.occurrence))
        application: Any
        if self.module == FASTAPI:
            application = importlib.import_module(FASTAPI).create_app(runs(), "merge", KEY)
            known = tuple(target for target in targets() if "/" not in target["thread_id"])
            with serve(application) as origin:
                yield Served(f"{origin}/v1", known, HEADERS)
            return
        application = importlib.import_module(MOCK).create_app(None, runs(), metadata="merge", api_key=KEY)
        # With the mock's own server, because its handling of connections is part of the mock.
        server = importlib.import_module(f"{MOCK}.server")
        sock = server.listen("127.0.0.1", 0)
        with server.in_thread(application, sock):
            yield Served(server.base_url(sock, "/v1"), targets(), HEADERS)


def modules() -> list[str]:
    """The modules that are mutated."""
    folder = ROOT / "src" / MOCK
    names = [path.relative_to(folder).with_suffix("") for path in sorted(folder.rglob("*.py"))]
    kept = [name for name in names if NOT_RESPONSES.isdisjoint(name.parts)]
    return [FASTAPI, *(".".join((MOCK, *name.parts)) for name in kept)]


def sample(size: int, seed: int, wanted: Sequence[str] = ("",)) -> list[SourceMutant]:
    """Mutants of all modules, drawn by a seed; a `size` of 0 draws all."""
    every = [
        (module, operator, occurrence)
        for module in modules()
        for operator, count in _places(module)
        for occurrence in range(count)
    ]
    random.Random(seed).shuffle(every)
    drawn: dict[tuple[str, int, str], SourceMutant] = {}
    for module, operator, occurrence in every:
        if size and len(drawn) >= size:
            break
        made = mutant(module, operator, occurrence)
        if made and any(part in made.name for part in wanted):
            drawn.setdefault((made.module, made.number, made.after), made)
    return list(drawn.values())


@dataclass(frozen=True)
class Review:
    """What a person said of mutants that the suite cannot or need not catch.

    Attributes:
        function: All mutants of a function are meant.
        before, after: One mutant is meant; `after` alone may be left out for all mutants of a line.
    """

    module: str
    verdict: str
    reason: str
    function: str = ""
    before: str = ""
    after: str = ""

    def covers(self, mutant: SourceMutant) -> bool:
        """Whether it is about a mutant."""
        if self.module != mutant.module:
            return False
        if self.function:
            return mutant.function == self.function or mutant.function.startswith(f"{self.function}.")
        return self.before == mutant.before and self.after in ("", mutant.after)


def reviews() -> list[Review]:
    """All reviews of the reviewed file."""
    return [Review(**entry) for entry in tomllib.loads(REVIEWED.read_text("utf-8"))["mutants"]]


@cache
def source(module: str) -> str:
    """The source of a module."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text("utf-8")


@cache
def _places(module: str) -> list[tuple[str, int]]:
    """Each operator, and in how many places it can be applied."""
    nodes = list(ast_nodes(get_ast(source(module))))
    operators = [(name, get_operator(name)) for name in operator_names()]
    plain = [(name, operator()) for name, operator in operators if not operator.arguments()]
    return [(name, sum(len(list(each.mutation_positions(node))) for node in nodes)) for name, each in plain]


def _mutated(source: str, operator: str, occurrence: int) -> str:
    mutated: str | None = mutate_code(source, get_operator(operator)(), occurrence)
    assert mutated is not None
    return mutated


def mutant(module: str, operator: str, occurrence: int) -> SourceMutant | None:
    """The mutant, or None if it cannot be compiled, or differs in an annotation or a docstring only."""
    text = source(module)
    mutated = _mutated(text, operator, occurrence)
    try:
        if _without_annotations(mutated) == _without_annotations(text):
            return None
    except SyntaxError:
        return None
    lines, others = text.splitlines(), mutated.splitlines()
    for tag, first, last, other_first, other_last in difflib.SequenceMatcher(None, lines, others, False).get_opcodes():
        if tag != "equal":
            before = " ".join(" ".join(lines[first:last]).split())
            after = " ".join(" ".join(others[other_first:other_last]).split())
            function = _function(text, first + 1)
            return SourceMutant(module, function, operator, occurrence, first + 1, before, after)
    return None


def _without_annotations(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
    return ast.dump(tree)


def _function(source: str, number: int) -> str:
    """The qualified name of what holds a line."""

    def within(body: Sequence[ast.stmt]) -> list[str]:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                if first <= number <= (node.end_lineno or first):
                    return [node.name, *within(node.body)]
        return []

    return ".".join(within(ast.parse(source).body))


class _Loader(importlib.abc.SourceLoader):
    """Gives other source for one module."""

    def __init__(self, path: str, source: str) -> None:
        self._path, self._source = path, source

    def get_filename(self, fullname: str) -> str:
        return self._path

    def get_data(self, path: str) -> bytes:
        return self._source.encode()


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, spec: importlib.machinery.ModuleSpec) -> None:
        self._spec = spec

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return self._spec if fullname == self._spec.name else None


def _replace(module: str, source: str) -> None:
    """Let the module be imported from other source, and the rest of its package be imported again."""
    found = importlib.util.find_spec(module)
    assert found is not None
    assert found.origin is not None
    loader = _Loader(found.origin, source)
    spec = importlib.util.spec_from_file_location(module, found.origin, loader=loader)
    assert spec is not None
    sys.meta_path.insert(0, _Finder(spec))
    top = FASTAPI if module == FASTAPI else MOCK
    for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
        del sys.modules[name]

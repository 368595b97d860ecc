"""The servers that the suite is measured with: wrong in one way each, or right."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from scripts.repository import SPEC

from tests.conformance.servers.others import OTHERS, OtherServer  # isort: skip
from tests.conformance.servers.serving import behind_nginx, serve
from tests.conformance.servers.thread_runs import create_app
from tests.conformance.wrong_servers import FROM_OTHER_ANGLES, MUTANTS, Mutant, MutantApp, wire
from tests.conformance.wrong_servers.runs import KEY, runs


@dataclass(frozen=True)
class Served:
    """A running server, and the options for the suite to judge it."""

    base_url: str
    targets: tuple[Mapping[str, str], ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    spec: Path | None = None


class Subject(Protocol):
    """A server that can be served and judged."""

    @property
    def group(self) -> str:
        """The class of defects."""

    @property
    def name(self) -> str:
        """What it does wrong."""

    def serve(self) -> contextlib.AbstractContextManager[Served]:
        """Serve it for as long as the context lasts."""


HEADERS = {"Authorization": f"Bearer {KEY}"}


def targets() -> tuple[Mapping[str, str], ...]:
    """The runs that every server of openapi.yaml holds, as targets."""
    return tuple({"thread_id": run["thread_id"], "run_id": run["id"]} for run in runs())


@dataclass(frozen=True)
class WrongServer:
    """A mock that is wrapped, or serves another spec, or both."""

    mutant: Mutant

    @property
    def group(self) -> str:
        return self.mutant.group

    @property
    def name(self) -> str:
        return self.mutant.name

    @contextlib.contextmanager
    def serve(self) -> Iterator[Served]:
        from thread_runs_mock import server

        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            spec: Path | None = None
            if self.mutant.edit:
                document = yaml.safe_load(SPEC.read_text("utf-8"))
                self.mutant.edit(document)
                spec = Path(folder) / "openapi.yaml"
                spec.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
            application: Any = MutantApp(self.mutant, spec, runs(), KEY)
            if self.mutant.connection:
                origin = stack.enter_context(wire.serve(application.handler, self.mutant.connection))
            else:
                sock = server.listen("127.0.0.1", 0)
                stack.enter_context(server.in_thread(application, sock))
                origin = server.base_url(sock, "")
            yield Served(f"{origin}/v1", targets(), HEADERS)


@dataclass(frozen=True)
class RightServer:
    """A server that conforms to openapi.yaml.

    Attributes:
        kind: `mock`, `fastapi`, or `nginx` for the latter behind a proxy.
        mode: Whether it merges or replaces.
    """

    kind: str
    mode: str
    group: str = "right"

    @property
    def name(self) -> str:
        return f"{self.kind}, {self.mode}"

    @contextlib.contextmanager
    def serve(self) -> Iterator[Served]:
        if self.kind == "mock":
            with WrongServer(Mutant(self.name, self.group, metadata=self.mode)).serve() as served:
                yield served
            return
        with contextlib.ExitStack() as stack:
            # Its router takes an encoded slash in an identifier for one between identifiers, as most do.
            plain = [run for run in runs() if "/" not in run["thread_id"]]
            origin = stack.enter_context(serve(create_app(plain, self.mode, KEY)))
            if self.kind == "nginx":
                origin = stack.enter_context(behind_nginx(origin))
            known = tuple(target for target in targets() if "/" not in target["thread_id"])
            yield Served(f"{origin}/v1", known, HEADERS)


@dataclass(frozen=True)
class OtherSpecServer:
    """A server of another spec; right if it has no fault."""

    other: OtherServer
    fault: str = ""

    @property
    def group(self) -> str:
        return f"spec {self.other.name}" if self.fault else "right"

    @property
    def name(self) -> str:
        return self.other.faults[self.fault] if self.fault else self.other.name

    @contextlib.contextmanager
    def serve(self) -> Iterator[Served]:
        with serve(self.other.create_app(self.fault)) as origin:
            headers = dict([self.other.header])
            yield Served(origin + self.other.base_path, self.other.targets, headers, self.other.spec)


MODES = ("merge", "replace")
WRONG: list[Subject] = [
    *map(WrongServer, MUTANTS),
    *map(WrongServer, FROM_OTHER_ANGLES),
    *(OtherSpecServer(other, fault) for other in OTHERS for fault in other.faults),
]
RIGHT: list[Subject] = [
    *(RightServer(kind, mode) for kind in ("mock", "fastapi", "nginx") for mode in MODES),
    *map(OtherSpecServer, OTHERS),
]

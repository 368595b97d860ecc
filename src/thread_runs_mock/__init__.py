"""A mock server for an OpenAPI spec that keeps state.

`serve` runs it beside a test, `create_app` gives the ASGI application, and the command `thread-runs-mock`
runs it by itself. It needs the extra: `pip install thread-runs[mock]`.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any, Literal

    from thread_runs_mock.app import Application
    from thread_runs_mock.clock import Clock
    from thread_runs_mock.recording import RecordedRequest

__all__ = ["RunningServer", "create_app", "serve"]


@contextlib.contextmanager
def needs_extra() -> Iterator[None]:
    """Say what to install if a module cannot be imported that the extra brings. Raises ImportError."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in ("httptools", "jsonschema_rs", "orjson", "swagger_ui", "uvicorn", "yaml"):
            raise
        message = f"thread_runs_mock needs its extra: pip install 'thread-runs[mock]' (no module named {error.name})"
        raise ImportError(message, name=error.name) from None


class RunningServer:
    """A mock that is being served.

    Attributes:
        base_url: What clients take as their base URL, `http://127.0.0.1:40123/v1`.
    """

    def __init__(self, base_url: str, application: Application) -> None:
        self.base_url = base_url
        self._application = application

    @property
    def clock(self) -> Clock:
        """The time by which resources are created and requests recorded. Tests can move it."""
        return self._application.state.clock

    @property
    def requests(self) -> list[RecordedRequest]:
        """The last 1,000 requests that were answered, oldest first."""
        return self._application.state.recorder.requests()

    def answer_next(self, code: int | None = None, example: str | None = None, times: int = 1) -> None:
        """Give a documented response to the next valid requests, in place of the usual one.

        Args:
            code: The status, `429`.
            example: The name of one of its examples in the spec, `rateLimit`.
            times: How many requests get it.

        Raises:
            ValueError: The spec documents no such response.
        """
        self._application.state.script.add(code, example, times)

    def clear(self) -> None:
        """Forget the requests, and the responses that `answer_next` still has to give."""
        self._application.state.recorder.clear()
        self._application.state.script.clear()


def create_app(
    spec: str | Path | None = None,
    runs: str | Path | Iterable[Mapping[str, Any]] = (),
    *,
    store: str | Path | None = None,
    script: str | Path | Iterable[Mapping[str, Any]] = (),
    create_missing: bool = False,
    metadata: Literal["merge", "replace"] = "merge",
    api_key: str | None = None,
    migrate: bool = False,
    seed: int | None = None,
) -> Application:
    """The mock as an ASGI application.

    Args:
        spec: An OpenAPI 3 document (YAML or JSON); by default this package's own.
        runs: More runs beside those of the spec's examples: a file (JSON or JSON lines) or objects. One
            with the identifiers of an example takes its place; what is in the store already stays.
        store: Where runs are kept: an SQLite file, or the URL of a PostgreSQL database (`postgresql://`); by
            default in memory. Close the application to close it.
        script: Documented responses to give before the usual ones: a file (a YAML or JSON array) or objects, each
            with `code`, `example` and `times`.
        create_missing: Make any run exist on first use, from the spec's example.
        metadata: Whether new pairs are merged into the stored ones key by key, or replace them. Null removes
            all pairs either way.
        api_key: The only bearer key that is accepted. By default any key is.
        migrate: Change what the store holds so that it conforms to a newer spec: missing fields are taken from the
            example.
        seed: Makes identifiers and times the same each time: the clock stands still until `server.clock` moves it.

    Raises:
        SpecError: The spec cannot be served.
        RunsError: A run cannot be read or does not conform to the spec.
        ScriptError: A step of the script is not documented.
        StoreError: The store cannot be opened, or what it holds does not conform to the spec.
    """
    # Here and not above: an application that only imports this package pays nothing for it.
    with needs_extra():
        from thread_runs_mock import building, service

    return building.build(
        service.load(spec),
        runs,
        location=None if store is None else str(store),
        script=script,
        create_missing=create_missing,
        merge=metadata == "merge",
        api_key=api_key,
        migrate=migrate,
        seed=seed,
    )


@contextlib.contextmanager
def serve(
    spec: str | Path | None = None,
    runs: str | Path | Iterable[Mapping[str, Any]] = (),
    *,
    store: str | Path | None = None,
    script: str | Path | Iterable[Mapping[str, Any]] = (),
    create_missing: bool = False,
    metadata: Literal["merge", "replace"] = "merge",
    api_key: str | None = None,
    migrate: bool = False,
    seed: int | None = None,
    faults: str | Path | None = None,
    fault_seed: int = 0,
    record: str | Path | None = None,
    replay: str | Path | None = None,
    port: int = 0,
) -> Iterator[RunningServer]:
    """Serve the mock on loopback in a thread, until the block ends. Takes what `create_app` takes.

    Args:
        faults: Lets requests choose a fault by the header `Prefer: fault=NAME[; value=V][; times=N]`; the names
            are those of `thread-runs-mock --help`. A text, or the path of a file with a line for each,
            `NAME=SHARE[:VALUE],…` lets faults come by chance too. None for no faults.
        fault_seed: Where chance begins: the same requests in the same order meet the same faults.
        record: A file that requests and responses are appended to, as JSON lines. Keys and cookies are masked.
        replay: A recording whose responses are given instead of the usual ones.
        port: The port; 0 picks a free one.

    Raises:
        ImportError: The extra is not installed.
        ExchangesError: A recording cannot be read or written.
        FaultsError: A fault is not known, or its share or value is no number.
        OSError: The port is in use.
    """
    with needs_extra():
        from thread_runs_mock import server, serving
        from thread_runs_mock.faults import read_rates

    application = create_app(
        spec,
        runs,
        store=store,
        script=script,
        create_missing=create_missing,
        metadata=metadata,
        api_key=api_key,
        migrate=migrate,
        seed=seed,
    )
    with (
        contextlib.closing(application),
        serving.application(
            application,
            rates=None if faults is None else read_rates(faults),
            fault_seed=fault_seed,
            record=record,
            replay=replay,
        ) as served,
    ):
        sock = server.listen("127.0.0.1", port)
        with server.in_thread(served, sock, application.refusal):
            yield RunningServer(server.base_url(sock, application.spec.base_path), application)

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
    """Name the extra to install if one of its modules cannot be imported. Raises ImportError."""
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
        base_url: The base URL for clients, such as `http://127.0.0.1:40123/v1`.
    """

    def __init__(self, base_url: str, application: Application) -> None:
        self.base_url = base_url
        self._application = application

    @property
    def clock(self) -> Clock:
        """The clock that gives resources and recorded requests their times. Tests can move it."""
        return self._application.state.clock

    @property
    def requests(self) -> list[RecordedRequest]:
        """The last 1,000 requests that were answered, oldest first."""
        return self._application.state.recorder.requests()

    def answer_next(self, code: int | None = None, example: str | None = None, times: int = 1) -> None:
        """Give a documented response to the next valid requests, in place of the usual one.

        Args:
            code: The status, such as `429`.
            example: The name of one of its examples in the spec, such as `rateLimit`.
            times: How many requests get it.

        Raises:
            ValueError: The spec documents no such response.
        """
        self._application.state.script.add(code, example, times)

    def clear(self) -> None:
        """Remove the recorded requests, and the remaining responses of `answer_next`."""
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
    """Return the mock as an ASGI application.

    Args:
        spec: An OpenAPI 3 document (YAML or JSON); by default this package's own.
        runs: Runs in addition to those of the spec's examples: a file (JSON or JSON lines) or objects. A run
            with the identifiers of an example replaces it; runs that the store already holds are kept.
        store: Where runs are stored: an SQLite file, or the URL of a PostgreSQL database (`postgresql://`); by
            default in memory. Close the application to close the store.
        script: Documented responses to give before the usual ones: a file (a YAML or JSON array) or objects, each
            with `code`, `example` and `times`.
        create_missing: Make any run exist on first use, from the spec's example.
        metadata: Whether new pairs are merged into the stored ones key by key, or replace them. Null removes
            all pairs either way.
        api_key: The only bearer key that is accepted. By default any key is.
        migrate: Change stored resources so that they conform to a newer spec: missing fields are taken from the
            example.
        seed: Makes identifiers and times the same each time: the clock stops until `server.clock` moves it.

    Raises:
        SpecError: The spec cannot be served.
        RunsError: A run cannot be read or does not conform to the spec.
        ScriptError: A step of the script is not documented.
        StoreError: The store cannot be opened, or its resources do not conform to the spec.
    """
    # Imported here and not above, so that importing this package costs an application nothing.
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
    """Serve the mock on loopback in a thread, until the block ends. Takes all arguments of `create_app`.

    Args:
        faults: Lets requests choose a fault by the header `Prefer: fault=NAME[; value=V][; times=N]`;
            `thread-runs-mock --help` lists the names. A text of the form `NAME=SHARE[:VALUE],…`, or the path of a
            file with one such entry per line, makes faults occur by chance, too. None disables faults.
        fault_seed: Seed for faults by chance: the same requests in the same order get the same faults.
        record: A file that requests and responses are appended to, as JSON lines. Keys and cookies are masked.
        replay: A recording whose responses are given instead of the usual ones.
        port: The port; 0 picks a free one.

    Raises:
        ImportError: The extra is not installed.
        ExchangesError: A recording cannot be read or written.
        FaultsError: A fault is not known, or its share or value is not a number.
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
        with server.in_thread(served, sock, application.error_response):
            yield RunningServer(server.base_url(sock, application.spec.base_path), application)

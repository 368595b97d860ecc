"""Build a mock: its store, the resources in it, and the application."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from thread_runs_mock import loading
from thread_runs_mock.app import Application
from thread_runs_mock.clock import Clock
from thread_runs_mock.migration import fit_to_spec
from thread_runs_mock.resources import Resources
from thread_runs_mock.script import load_script
from thread_runs_mock.service import Service
from thread_runs_mock.state import State
from thread_runs_mock.stores import Store, open_store
from thread_runs_mock.stores.sql import SqlStore

SEEDED_TIME = 1_700_000_000
"""The Unix time at which the clock stops if there is a seed."""


def build(
    service: Service,
    resources: str | Path | Iterable[Mapping[str, Any]] = (),
    *,
    location: str | None = None,
    script: str | Path | Iterable[Mapping[str, Any]] = (),
    create_missing: bool = False,
    merge: bool = True,
    api_key: str | None = None,
    migrate: bool = False,
    seed: int | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Application:
    """Return the application with its store: what it holds, then these resources, then the examples not among them.

    Args:
        location: Where the store is: a path or a URL, or None for memory.
        migrate: Change what the store holds so that it conforms to the spec, where that can be done.
        seed: Makes identifiers and times the same each time; None for the system's time and chance.
        progress: Called from time to time with the number of resources read, and what part of the file that is.
    """
    steps = load_script(script, service.operations)
    store = open_store(location)
    try:
        if isinstance(store, SqlStore):
            fit_to_spec(store, service, migrate)
        fill(store, service, resources, progress)
        clock, random = (Clock(), Random()) if seed is None else (Clock(SEEDED_TIME), Random(seed))
        settings = {
            "Metadata": "merged" if merge else "replaced",
            "Unknown identifiers": "created on first use" if create_missing else "404",
            "API key": "any" if api_key is None else "one",
            "Clock": "system time" if seed is None else f"stopped (seed {seed})",
        }
        state = State(service, store, steps, clock, random, settings=settings)
        served = Resources(service, store, clock, random, create_missing=create_missing, merge=merge)
        return Application(state, served, api_key=api_key)
    except BaseException:
        store.close()
        raise


def fill(
    store: Store,
    service: Service,
    resources: str | Path | Iterable[Mapping[str, Any]],
    progress: Callable[[int, float], None] | None = None,
) -> None:
    """Add the resources and, to an empty store, the examples. Resources that the store already holds are kept."""
    if isinstance(resources, str | Path):
        loaded = loading.read(resources, service, progress)
    else:
        loaded = loading.check_all(resources, service)
    with store.transaction():
        is_new = not len(store)
        store.add(loaded)
        if is_new:
            store.add(service.seeds())

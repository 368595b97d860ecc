"""Put a mock together: its store, what it holds, and the application."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from thread_runs_mock import loading, strict_json
from thread_runs_mock.app import Application
from thread_runs_mock.clock import Clock
from thread_runs_mock.resources import Resources
from thread_runs_mock.script import load_script
from thread_runs_mock.service import Service
from thread_runs_mock.state import State, log
from thread_runs_mock.stores import Store, StoreError, open_store

_MOST_ADDED = 100
"""Fields that a resource can lack."""
SEEDED_TIME = 1_700_000_000
"""Unix seconds at which the clock stands still if there is a seed."""


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
        fit_to_spec(store, service, migrate)
        fill(store, service, resources, progress)
        clock, random = (Clock(), Random()) if seed is None else (Clock(SEEDED_TIME), Random(seed))
        state = State(service, store, steps, clock, random)
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
    """Add the resources and, to a store that was empty, the examples. What is in the store stays as it is."""
    if isinstance(resources, str | Path):
        loaded = loading.read(resources, service, progress)
    else:
        loaded = loading.check_all(resources, service)
    with store.transaction():
        is_new = not len(store)
        store.add(loaded)
        if is_new:
            store.add(service.seeds())


def fit_to_spec(store: Store, service: Service, migrate: bool) -> None:
    """See that what a store holds conforms to the spec; a store that knows this spec is not read.

    Raises:
        StoreError: It does not, and is not to be migrated or cannot be. The message gives the number of resources.
    """
    fingerprint = hashlib.sha256(service.source).hexdigest()
    with store.transaction():
        if store.remembered_spec() == fingerprint:
            return
        faults: Counter[str] = Counter()
        migrated = 0
        for key, body in store.entries():
            resource = strict_json.decode(body)
            try:
                item = loading.check(resource, service, is_strict=True)
                if item.key == key:
                    continue
            except loading.RunsError as error:
                item, fault = None, str(error)
            else:
                fault = "its path has changed"
            if migrate and item is None:
                item, fault = _migrated(resource, service, fault)
            if not migrate or item is None:
                faults[fault] += 1
            else:
                store.replace(key, item)
                migrated += 1
        if faults:
            raise StoreError(_report(faults, migrate))
        if migrated:
            log.warning("migrated %d resources to the spec", migrated)
        store.remember_spec(fingerprint)


def _migrated(resource: Any, service: Service, fault: str) -> tuple[Any, str]:
    """The resource with what it lacks from the example of its kind, or None and what is still wrong."""
    home = service.home(resource)
    if home is None or not home[0].examples:
        return None, fault
    operation, _ = home
    for _ in range(_MOST_ADDED):
        violation = operation.response.first_violation(resource) if operation.response else None
        if violation is None or violation.keyword != "required":
            break
        try:
            target, example = resource, operation.examples[0]
            for step in violation.path:
                target, example = target[step], example[step]
            target[violation.limit] = example[violation.limit]
        except (LookupError, TypeError):
            # The example does not have it either.
            break
    try:
        return loading.check(resource, service, is_strict=True), ""
    except loading.RunsError as error:
        return None, str(error)


def _report(faults: Counter[str], migrate: bool) -> str:
    shown = "; ".join(f"{count:,}: {fault}" for fault, count in faults.most_common(3))
    more = f"; and {len(faults) - 3} other reasons" if len(faults) > 3 else ""
    advice = "cannot be migrated" if migrate else "do not conform to the spec. Use --migrate to add what is missing"
    return f"{sum(faults.values()):,} of the stored resources {advice} ({shown}{more})"

"""Check that the resources in a store conform to the current spec, and migrate them."""

import hashlib
from collections import Counter
from typing import Any

from thread_runs_mock import loading, strict_json
from thread_runs_mock.operations import Operation
from thread_runs_mock.service import Service
from thread_runs_mock.state import log
from thread_runs_mock.stores import Item, StoreError
from thread_runs_mock.stores.sql import SqlStore


def fit_to_spec(store: SqlStore, service: Service, migrate: bool) -> None:
    """Check that the resources in a store conform to the spec. A store that remembers this spec is not read.

    Raises:
        StoreError: It does not, and is not to be migrated or cannot be. The message gives the number of resources.
    """
    fingerprint = hashlib.sha256(service.source).hexdigest()
    with store.transaction():
        if store.remembered_spec() == fingerprint:
            return
        reasons: Counter[str] = Counter()
        migrated = 0
        for key, body in store.entries():
            resource = strict_json.decode(body)
            try:
                item = loading.check(resource, service, is_strict=True, home=service.home_at(key))
                if item.key == key:
                    continue
            except loading.RunsError as error:
                item, reason = None, str(error)
            else:
                reason = "its path has changed"
            if migrate and item is None:
                item, reason = _migrated(resource, service, service.home_at(key), reason)
            if not migrate or item is None:
                reasons[reason] += 1
            else:
                store.replace(key, item)
                migrated += 1
        if reasons:
            raise StoreError(_report(reasons, migrate))
        if migrated:
            log.warning("migrated %d resources to the spec", migrated)
        store.remember_spec(fingerprint)


def _migrated(
    resource: Any, service: Service, home: tuple[Operation, list[str]] | None, reason: str
) -> tuple[Item | None, str]:
    """The resource with its missing fields from the example, or None and the remaining violation."""
    # A resource whose path changed is moved only if it conforms unchanged: it might be of another kind.
    if home is None or not home[0].examples:
        return None, reason
    operation = home[0]
    while True:
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
        return loading.check(resource, service, is_strict=True, home=home), ""
    except loading.RunsError as error:
        return None, str(error)


def _report(reasons: Counter[str], migrate: bool) -> str:
    shown = "; ".join(f"{count:,}: {reason}" for reason, count in reasons.most_common(3))
    more = f"; and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    advice = "cannot be migrated" if migrate else "do not conform to the spec. Use --migrate to add what is missing"
    return f"{sum(reasons.values()):,} of the stored resources {advice} ({shown}{more})"

"""The cases for a spec, and the choice of those that a run tries."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from random import Random

from thread_runs_conformance.cases import Case, collect
from thread_runs_conformance.operations import Operation, operations_of
from thread_runs_conformance.options import Options
from thread_runs_conformance.spec import Spec


def cases_of(options: Options) -> list[Case]:
    """The cases of a run: those that are always run, and those of the systematic series that the seed chooses."""
    return choose(everything_in(options.spec)[2], options.sizes.series, options.seed, options.only)


def everything_in(path: Path) -> tuple[Spec, list[Operation], list[Case]]:
    """The spec in a file, its operations and all of its cases.

    They do not change while a server is judged, and a test suite judges many servers by one spec. So they are cached
    as long as the content of the file stays the same.

    Raises:
        SpecError: The file cannot be read, or is not an OpenAPI document.
    """
    try:
        content = path.read_bytes()
    except OSError:
        content = b""  # `Spec` raises the error.
    return _everything_in(path, content)


@lru_cache(maxsize=4)
def _everything_in(path: Path, content: bytes) -> tuple[Spec, list[Operation], list[Case]]:
    spec = Spec(path)
    operations = operations_of(spec)
    return spec, operations, collect(operations)


def choose(cases: Sequence[Case], most: int, seed: int, only: str = "") -> list[Case]:
    """Leave out cases of the systematic series, so that at most `most` of each remain (0: all). Keeps the order.

    Args:
        only: Text that the ids must contain.
    """
    random = Random(seed)
    matching = [case for case in cases if only in case.id]
    chosen = set()
    for pool in dict.fromkeys(case.pool for case in matching if case.pool):
        members = [case.id for case in matching if case.pool == pool]
        chosen.update(random.sample(members, min(most, len(members))) if most else members)
    return [case for case in matching if not case.pool or case.id in chosen]

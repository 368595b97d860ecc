"""`thread_runs.types`, where applications import models from."""

from typing import Any

import thread_runs
import thread_runs.types
from thread_runs_client.types import Unset


def test_every_schema_is_a_model_here(spec: dict[str, Any]) -> None:
    assert set(spec["components"]["schemas"]) < set(thread_runs.types.__all__)
    for name in thread_runs.types.__all__:
        assert hasattr(thread_runs.types, name)


def test_a_type_is_one_object_wherever_it_is_imported_from() -> None:
    assert thread_runs.types.Run is thread_runs.Run
    assert thread_runs.types.UNSET is thread_runs.UNSET is Unset.UNSET
    assert thread_runs.types.UnknownObject is thread_runs.UnknownObject

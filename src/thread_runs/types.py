"""The models of the spec, and the types of the values in them.

Every component schema of the spec is a class here: `from thread_runs.types import Run, FunctionTool`.
"""

from thread_runs_client import models
from thread_runs_client.models import *  # noqa: F403
from thread_runs_client.types import UNSET, File, UnknownObject, Unset

__all__ = ["UNSET", "File", "UnknownObject", "Unset"]
__all__ += models.__all__

"""Warnings at the line of the application that made the call."""

import sys
import warnings
from types import FrameType

_OURS = ("thread_runs", "thread_runs_client", "asyncio")


def warn_caller(message: str, category: type[Warning]) -> None:
    """Issue a warning at the line that called this package."""
    frame = _callers_frame()
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _callers_frame() -> FrameType:
    """Return the innermost frame outside this package, the generated one and asyncio."""
    frame = sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
        frame = frame.f_back
    return frame

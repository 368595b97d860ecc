"""Judges whether a server conforms to an OpenAPI spec.

Call `judge` from Python, run the command `thread-runs-conformance` in a shell, or use the pytest plugin. The package
needs its extra: `pip install thread-runs[conformance]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from typing import Any

    from thread_runs_conformance.result import Report

__all__ = ["judge"]


def judge(
    base_url: str | None = None,
    targets: Iterable[str | Mapping[str, str]] = (),
    *,
    app: Callable[..., Any] | None = None,
    spec: str | Path | None = None,
    bearer: str = "",
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    client: str | None = None,
    **options: Any,
) -> Report:
    """Judge a server.

    Args:
        base_url: The URL of the server. For `app`, only its path is used, by default that of the spec's first server.
        targets: The resources that may be changed: `"thread_id=t,run_id=r"`, or a mapping of path parameters.
        app: An ASGI application, which is called in process, without a socket.
        spec: The OpenAPI document; by default this package's own.
        bearer: The bearer token.
        headers: Headers for every request.
        query: Query parameters for every request.
        client: A generated client to send valid requests with; by default this package's own for its own spec.
        options: Other fields of `thread_runs_conformance.options.Options`: `disposable`, `profile`, `seed`, `budget`.

    Raises:
        OptionsError: An option is missing or invalid.
        SpecError: The document cannot be read.
    """
    # Imported here and not above, so that importing this package is fast.
    from thread_runs_conformance.judging import judge_server

    return judge_server(
        base_url,
        targets,
        app=app,
        spec=spec,
        bearer=bearer,
        headers=headers or {},
        query=query or {},
        client=client,
        **options,
    )

"""From options to a report: the steps that the command, `judge` and the pytest plugin share."""

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from thread_runs_conformance.connection import Connection
from thread_runs_conformance.credentials import Credentials
from thread_runs_conformance.engine import Engine, Progress
from thread_runs_conformance.options import OUR_CLIENT, Options, OptionsError
from thread_runs_conformance.result import Report
from thread_runs_conformance.targets import Target, TargetError
from thread_runs_spec import PACKAGED
from thread_runs_spec.document import load
from thread_runs_spec.servers import servers

PREPARE_SECONDS = 300
"""How long the command of `--prepare` may take."""


def engine_for(options: Options, app: Any = None, progress: Progress | None = None) -> Engine:
    """An engine for a server at a URL, or for an ASGI application.

    Raises:
        OptionsError: An option is missing or invalid.
    """
    if options.base_url is None:
        raise OptionsError("--base-url is needed")
    base_url = options.base_url
    if options.prepare:
        made = replace(prepared(options.prepare), is_prepared=True)
        options = replace(options, targets=(*options.targets, made))
    if not options.targets:
        raise OptionsError("--target or --prepare is needed: a resource that may be changed")
    connection = Connection(
        base_url, options.timeout, verify=options.verify, cert=options.cert, proxy=options.proxy, app=app
    )
    if options.cert is not None:
        try:
            connection.ssl_context()
        except OSError as error:
            raise OptionsError(f"--client-cert cannot be used: {error}") from None
    return Engine(options, connection, progress)


def prepared(command: str) -> Target:
    """Run the command that creates a resource, and read the identifiers that it prints.

    Raises:
        OptionsError: The command fails, or prints something else.
    """
    try:
        done = subprocess.run(
            command, shell=True, capture_output=True, encoding="utf-8", errors="replace", timeout=PREPARE_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise OptionsError(f"--prepare: the command took longer than {PREPARE_SECONDS} seconds") from None
    printed = done.stdout.strip()
    if done.returncode != 0:
        raise OptionsError(f"--prepare: the command failed with exit status {done.returncode}: {done.stderr.strip()}")
    try:
        if printed.startswith("{"):
            return Target({name: str(value) for name, value in json.loads(printed).items()})
        return Target.parse(",".join(printed.split()))
    except (ValueError, TargetError) as error:
        raise OptionsError(f"--prepare: {error}") from None


def judge_server(
    base_url: str | None,
    targets: Iterable[str | Mapping[str, str]],
    *,
    app: Callable[..., Any] | None,
    spec: str | Path | None,
    bearer: str,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    client: str | None,
    **options: Any,
) -> Report:
    """Judge a server; see `thread_runs_conformance.judge`."""
    path = Path(spec) if spec is not None else PACKAGED
    if app is not None and base_url is None:
        base_url = f"http://conformance.invalid{_base_path(path)}"
    try:
        chosen = [Target.parse(each) if isinstance(each, str) else Target(dict(each)) for each in targets]
    except TargetError as error:
        raise OptionsError(str(error)) from None
    return engine_for(
        Options(
            spec=path,
            base_url=base_url,
            targets=tuple(chosen),
            credentials=Credentials(bearer, headers, query),
            client=client if client is not None else OUR_CLIENT if spec is None else None,
            **options,
        ),
        app,
    ).run()


def _base_path(spec: Path) -> str:
    return servers(load(spec).at(()))[0].base_path

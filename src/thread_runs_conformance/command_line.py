"""The command line, and the environment variables that set the same options."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thread_runs_conformance.credentials import Credentials
from thread_runs_conformance.generation import PROFILES
from thread_runs_conformance.options import FORMATS, OUR_CLIENT, Options, OptionsError
from thread_runs_conformance.targets import Target, TargetError
from thread_runs_spec import PACKAGED
from thread_runs_spec.document import load
from thread_runs_spec.operations import operations, path_names

_NO = ("0", "no", "false", "off")


def parser() -> argparse.ArgumentParser:
    """The command line. Options that an environment variable can set have the default None."""
    command = argparse.ArgumentParser(
        prog="thread-runs-conformance",
        description="Judge whether a server conforms to an OpenAPI spec. A live server only gets reads, and changes of "
        "the targets, which are restored.",
        epilog="Exit status: 0 the server conforms, 1 there are findings, 2 it was not judged, or not to the end. "
        "Brackets contain the environment variable that sets the same option.",
    )
    server = command.add_argument_group("the server")
    server.add_argument(
        "--base-url",
        metavar="URL",
        help="for example https://api.example.com/v1; without it the mock is judged, if "
        "thread-runs[mock] is installed [BASE_URL]",
    )
    server.add_argument(
        "--target",
        metavar="NAME=VALUE,...",
        action="append",
        help="a resource that may be changed, by its path parameters; give one that does not change by itself. Repeat "
        "it for more [variables named after the path parameters, in upper case; MORE_RUNS='parent/resource ...']",
    )
    server.add_argument(
        "--prepare",
        metavar="COMMAND",
        help="a shell command that creates a resource and prints its identifiers: NAME=VALUE,... or a JSON object "
        "[PREPARE]",
    )
    server.add_argument(
        "--disposable",
        action="store_true",
        default=None,
        help="the server exists for this run only: everything may be sent, nothing is restored [DISPOSABLE]",
    )
    server.add_argument("--bearer", metavar="TOKEN", help="the bearer token [OPENAI_API_KEY]")
    server.add_argument(
        "--header", metavar="'NAME: VALUE'", action="append", help="a header for every request; repeatable"
    )
    server.add_argument(
        "--query",
        metavar="NAME=VALUE",
        action="append",
        help="a query parameter for every request, such as an API key; repeatable",
    )
    server.add_argument(
        "--any-key", action="store_true", default=None, help="the server is meant to accept any credential [ANY_KEY]"
    )
    server.add_argument(
        "--proxy",
        metavar="URL",
        help="as for httpx: http://user:password@host:port; the default is "
        "taken from HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY",
    )
    server.add_argument(
        "--ca-bundle",
        metavar="PATH",
        help="certificates to verify the server with, a file or a "
        "folder; 'false' turns verification off [SSL_CERT_FILE, SSL_CERT_DIR]",
    )
    server.add_argument("--client-cert", metavar="CERT[,KEY[,PASSWORD]]", help="the client's certificate")
    what = command.add_argument_group("what is judged")
    what.add_argument(
        "--spec", type=Path, metavar="FILE", help="judge by another OpenAPI document, over raw HTTP [SPEC]"
    )
    what.add_argument(
        "--client",
        metavar="PACKAGE",
        help="a generated client to send valid requests with: a package "
        f"that can be imported; 'none' sends them over raw HTTP (default: {OUR_CLIENT}; with --spec: none)",
    )
    what.add_argument("--only", metavar="TEXT", help="run only the cases whose id contains this text [ONLY]")
    what.add_argument("--profile", choices=PROFILES, help="how much is tried (default: ci) [PROFILE]")
    what.add_argument("--seed", metavar="N", help="the same seed runs the same cases (default: 1) [SEED]")
    what.add_argument("--seconds", metavar="N", help="duration of the generated cases [SECONDS]")
    what.add_argument(
        "--pause",
        metavar="SECONDS",
        help="how long to wait before everything is read back at the end (default: 5) [PAUSE]",
    )
    what.add_argument("--metadata", choices=("merge", "replace"), help="how the mock treats new pairs [METADATA]")
    limits = command.add_argument_group("limits")
    limits.add_argument("--rate", metavar="N", help="requests per second (default: no limit) [RATE]")
    limits.add_argument(
        "--budget", metavar="N", help="requests in total, without restoring (default: no limit) [BUDGET]"
    )
    limits.add_argument("--timeout", metavar="SECONDS", help="for each request (default: 10) [TIMEOUT]")
    reports = command.add_argument_group("reports")
    reports.add_argument("--format", choices=FORMATS, help="what is printed (default: text) [FORMAT]")
    reports.add_argument(
        "--output", type=Path, metavar="FOLDER", help="also write report.html, report.json and junit.xml there [OUTPUT]"
    )
    what.add_argument(
        "-x",
        "--exitfirst",
        action="store_true",
        default=None,
        help="stop at the first finding; the report says what was not judged, and the targets are restored [EXITFIRST]",
    )
    reports.add_argument("--rules", action="store_true", help="list the codes of findings, and exit")
    return command


def read_options(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the command line and the environment.

    Raises:
        OptionsError: Names the option or the variable.
        SystemExit: For options that do not exist, and for --help.
    """
    return options_of(parser().parse_args(arguments), environment)


def options_of(given: argparse.Namespace, environment: Mapping[str, str]) -> Options:
    """The options of a parsed command line, completed by the environment.

    Raises:
        OptionsError: Names the option or the variable.
    """
    read = _Reader(vars(given), {name: value for name, value in environment.items() if value != ""})
    base_url = read.text("base_url", "BASE_URL")
    if base_url and not base_url.startswith(("http://", "https://")):
        raise OptionsError(f"{read.name('base_url', 'BASE_URL')} must be a URL, but is '{base_url}'")
    spec = Path(read.text("spec", "SPEC") or PACKAGED)
    if not spec.is_file():
        raise OptionsError(f"{read.name('spec', 'SPEC')} names no file: {spec}")
    profile = read.choice("profile", "PROFILE", tuple(PROFILES), "ci")
    prepare = read.text("prepare", "PREPARE") or ""
    targets = _targets(given.target or [], read.environment, spec, is_needed=not prepare) if base_url else ()
    output = read.text("output", "OUTPUT")
    return Options(
        spec=spec,
        base_url=base_url,
        only=read.text("only", "ONLY") or "",
        targets=targets,
        credentials=Credentials(
            (read.text("bearer", "OPENAI_API_KEY") or "") if base_url else "",
            dict(_pair(text, ":", "--header") for text in given.header or []),
            dict(_pair(text, "=", "--query") for text in given.query or []),
        ),
        any_key=read.flag("any_key", "ANY_KEY"),
        disposable=read.flag("disposable", "DISPOSABLE"),
        client=_client(given.client, spec),
        rate=read.number("rate", "RATE", 0),
        budget=read.whole_number("budget", "BUDGET", 0),
        timeout=read.number("timeout", "TIMEOUT", 10),
        seed=read.whole_number("seed", "SEED", 1),
        profile=profile,
        seconds=read.number("seconds", "SECONDS", 0),
        pause=read.number("pause", "PAUSE", 5),
        prepare=prepare,
        proxy=given.proxy,
        verify=_verify(given.ca_bundle),
        cert=tuple(given.client_cert.split(",")) if given.client_cert else None,
        metadata=read.choice("metadata", "METADATA", ("merge", "replace"), "merge"),
        output=Path(output) if output else None,
        format=read.choice("format", "FORMAT", FORMATS, "text"),
        exitfirst=read.flag("exitfirst", "EXITFIRST"),
    )


@dataclass(frozen=True)
class _Reader:
    given: Mapping[str, Any]
    environment: Mapping[str, str]

    def name(self, option: str, variable: str) -> str:
        """The option or the variable, whichever the user has set."""
        return f"--{option.replace('_', '-')}" if self.given.get(option) is not None else variable

    def text(self, option: str, variable: str) -> str | None:
        value = self.given.get(option)
        return str(value) if value is not None else self.environment.get(variable)

    def choice(self, option: str, variable: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(option, variable) or default
        if value not in choices:
            raise OptionsError(f"{self.name(option, variable)} must be one of {', '.join(choices)}, but is '{value}'")
        return value

    def flag(self, option: str, variable: str) -> bool:
        return bool(self.given.get(option)) or self.environment.get(variable, "0").lower() not in _NO

    def number(self, option: str, variable: str, default: float) -> float:
        text = self.text(option, variable)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = -1
        if not 0 <= value < float("inf"):
            name = self.name(option, variable)
            raise OptionsError(f"{name} must be a number that is not negative, but is '{text}'")
        return value

    def whole_number(self, option: str, variable: str, default: int) -> int:
        text = self.text(option, variable)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal()):
            name = self.name(option, variable)
            raise OptionsError(f"{name} must be a whole number that is not negative, but is '{text}'")
        return int(text)


def _targets(
    given: Sequence[str], environment: Mapping[str, str], spec: Path, *, is_needed: bool
) -> tuple[Target, ...]:
    """The targets of the command line, or else of the variables that are named after the spec's path parameters."""
    try:
        found = [Target.parse(text) for text in given]
    except TargetError as error:
        raise OptionsError(f"--target: {error}") from None
    more = environment.get("MORE_RUNS", "").split()
    if found and not more:
        return tuple(found)
    names = _path_parameters(spec)
    variables = [name.upper() for name in names]
    missing = [variable for variable in variables if variable not in environment]
    if not found and names and not missing:
        found.append(Target({name: environment[name.upper()] for name in names}))
    elif not found and not more and is_needed and len(missing) < len(names):
        known = ", ".join(variable for variable in variables if variable in environment)
        raise OptionsError(f"{missing[0]} is needed in addition to {known}")
    for text in more:
        values = text.split("/")
        if len(values) != len(names):
            form = "/".join(name.removesuffix("_id") for name in names)
            raise OptionsError(f"MORE_RUNS must be '{form}' pairs, but has '{text}'")
        found.append(Target(dict(zip(names, values, strict=True))))
    return tuple(found)


def _path_parameters(spec: Path) -> list[str]:
    """The path parameters of the spec's longest path."""
    paths = [operation.path for operation in operations(load(spec, spec.name))]
    return max((path_names(path) for path in paths), key=len, default=[])


def _pair(text: str, separator: str, option: str) -> tuple[str, str]:
    name, found, value = text.partition(separator)
    if not found or not name.strip():
        raise OptionsError(f"{option} must be 'NAME{separator}VALUE', but is '{text}'")
    return name.strip(), value.strip()


def _client(given: str | None, spec: Path) -> str | None:
    if given is not None:
        return None if given == "none" else given
    ours = spec == PACKAGED or spec.read_bytes() == PACKAGED.read_bytes()
    return OUR_CLIENT if ours else None


def _verify(given: str | None) -> Any:
    import ssl

    if given is None:
        return True
    if given.lower() in _NO:
        return False
    path = Path(given)
    if not path.exists():
        raise OptionsError(f"--ca-bundle names no file: {given}")
    try:
        return ssl.create_default_context(cafile=given) if path.is_file() else ssl.create_default_context(capath=given)
    except OSError as error:
        raise OptionsError(f"--ca-bundle {given} cannot be read: {error}") from None
